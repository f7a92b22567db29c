--- extreme: running maxima and minima, as max_pool2d, reduce_max and softmax keep them.

local ir = require "aot.ir"

local M = {}

--- The value that every element of the type is at least as great as.
function M.lowest(k, dtype)
  local info = ir.dtype(dtype)
  return k:number(dtype, info.class == "float" and -math.huge or info.min)
end

--- The value that every element of the type is at most as great as.
function M.highest(k, dtype)
  local info = ir.dtype(dtype)
  return k:number(dtype, info.class == "float" and math.huge or info.max)
end

-- Sets `best` to `value` if that comes first, or is a NaN.
local function keep(k, best, value, compare)
  value = k:let("value", value)
  k:set(best, k.select(k.either(k.ne(value, value), k[compare](value, best)), value, best))
end

--- Sets `most` to `value` if it is greater, or a NaN: a NaN spreads.
function M.keep_max(k, most, value)
  if most.dtype == "bool" then return k:set(most, k.either(most, value)) end
  if ir.dtype(most.dtype).class ~= "float" then return k:set(most, k.max(most, value)) end
  keep(k, most, value, "gt")
end

--- Sets `least` to `value` if it is less, or a NaN.
function M.keep_min(k, least, value)
  if least.dtype == "bool" then return k:set(least, k.both(least, value)) end
  if ir.dtype(least.dtype).class ~= "float" then return k:set(least, k.min(least, value)) end
  keep(k, least, value, "lt")
end

return M
