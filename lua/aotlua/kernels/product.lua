--- product: running products, integers in 64 bits, saturated.

local ir = require "aot.ir"

local M = {}

--- The type in which elements of `dtype` are multiplied.
function M.type(dtype)
  local class = ir.dtype(dtype).class
  if class == "float" then return dtype end
  return class == "signed" and "i64" or "u64"
end

--- product *= value
function M.multiply(k, product, value)
  local dtype = product.dtype
  if ir.dtype(dtype).class == "float" then return k:set(product, product * value) end
  k:set(product, k.call { "aotrt_mul_" .. dtype, product, k.cast(dtype, value), type = dtype,
    header = "aotrt_math.h" })
end

--- The product as an element of `dtype`, saturated.
function M.finish(k, dtype, product)
  if dtype == "bool" then return k.gt(product, 0) end
  return k.sat_cast(dtype, product)
end

return M
