--- cum_sum: y[.., j, ..] = sum of x[.., i, ..] over i <= j, or i < j, or from the end.

local mean = require "aotlua.kernels.mean"
local running = require "aotlua.kernels.running"

return running {
  start = function(op, count) return mean.sum_type(op.types[1].dtype, count), 0 end,
  add = mean.add,
  finish = function(k, dtype, total) return k.sat_cast(dtype, total) end,
}
