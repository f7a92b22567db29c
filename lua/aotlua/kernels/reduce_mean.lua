--- reduce_mean: the mean along a set of axes; integers divide as C does.

local mean = require "aotlua.kernels.mean"
local reduce = require "aotlua.kernels.reduce"

return reduce {
  start = function(_, op, count) return mean.sum_type(op.types[1].dtype, count), 0 end,
  add = mean.add,
  finish = function(k, op, folded, count)
    return k.sat_cast(op.type.dtype, folded / k:number(folded.dtype, count))
  end,
}
