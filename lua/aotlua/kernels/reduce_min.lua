--- reduce_min: the least element along a set of axes; a NaN spreads.

local extreme = require "aotlua.kernels.extreme"
local reduce = require "aotlua.kernels.reduce"

return reduce {
  start = function(k, op) return op.type.dtype, extreme.highest(k, op.type.dtype) end,
  add = extreme.keep_min,
  finish = function(_, _, folded) return folded end,
}
