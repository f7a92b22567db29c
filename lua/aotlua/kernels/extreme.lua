--- extreme: running maxima, as max_pool2d, reduce_max and softmax keep them.

local ir = require "aot.ir"

local M = {}

--- The value that every element of the type is at least as great as.
function M.lowest(k, dtype)
  local info = ir.dtype(dtype)
  return k:number(dtype, info.class == "float" and -math.huge or info.min)
end

--- Sets `most` to `value` if it is greater, or a NaN: a NaN spreads.
function M.keep_max(k, most, value)
  if most.dtype == "bool" then return k:set(most, k.either(most, value)) end
  if ir.dtype(most.dtype).class ~= "float" then return k:set(most, k.max(most, value)) end
  value = k:let("value", value)
  k:set(most, k.select(k.either(k.ne(value, value), k.gt(value, most)), value, most))
end

return M
