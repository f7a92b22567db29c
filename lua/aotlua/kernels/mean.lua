--- mean: sums and their division by a count, as avg_pool2d, reduce_mean and reduce_sum do it.

local ir = require "aot.ir"

local M = {}

--- The type in which `count` elements of `dtype` add up; only 64 bits of them can overflow it.
function M.sum_type(dtype, count)
  local info = ir.dtype(dtype)
  if info.class == "float" then return dtype end
  if info.bits <= 16 and count < 1 << 14 then return "i32" end
  return dtype == "u64" and "u64" or "i64"
end

local function saturating(k, name, a, b)
  return k.call { ("aotrt_%s_%s"):format(name, a.dtype), a, b, type = a.dtype,
    header = "aotrt_math.h" }
end

--- sum += value, an element of `dtype`; saturates where the sum can overflow.
function M.add(k, sum, value, dtype)
  if dtype ~= "i64" and dtype ~= "u64" then return k:add(sum, k.cast(sum.dtype, value)) end
  k:set(sum, saturating(k, "add", sum, value))
end

-- sum / count of unsigned 64-bit integers, halves up: the sum has no room for half a count.
local function divide_u64(k, sum, count)
  local half = k.select(k.ge(sum % count, count - count / 2), k:number("u64", 1), 0)
  return sum / count + half
end

--- sum / count as `dtype`, both of the type of sums; integers round halves away from zero.
function M.divide(k, dtype, sum, count)
  if ir.dtype(dtype).class == "float" then return sum / count end
  if dtype == "u64" then return divide_u64(k, sum, count) end
  local half = count / 2
  local away
  if dtype == "i64" then
    half = k:let("half", half)
    away = k.select(k.gt(sum, 0), saturating(k, "add", sum, half), saturating(k, "sub", sum, half))
  else
    away = k.select(k.gt(sum, 0), sum + half, sum - half)
  end
  return k.sat_cast(dtype, away / count)
end

return M
