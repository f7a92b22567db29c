--- reduce_max: the greatest element along a set of axes; a NaN spreads.

local extreme = require "aotlua.kernels.extreme"
local reduce = require "aotlua.kernels.reduce"

return reduce {
  start = function(k, op) return op.type.dtype, extreme.lowest(k, op.type.dtype) end,
  add = extreme.keep_max,
  finish = function(_, _, folded) return folded end,
}
