--- mean: sums and their division by a count, as avg_pool2d and reduce_mean do it.

local ir = require "aot.ir"

local M = {}

--- The type in which `count` elements of `dtype` add up without overflow.
function M.sum_type(dtype, count)
  local info = ir.dtype(dtype)
  if info.class == "float" then return dtype end
  return info.bits <= 16 and count < 1 << 14 and "i32" or info.class == "unsigned"
    and info.bits == 64 and "u64" or "i64"
end

--- sum / count as `dtype`; integers round halves away from zero. `count` is a number or an
-- index expression.
function M.divide(k, dtype, sum, count)
  if type(count) == "table" then
    count = k:let("count", k.cast(sum.dtype, count))
  else
    count = k:number(sum.dtype, count)
  end
  if ir.dtype(dtype).class == "float" then return sum / count end
  local half = count / 2
  local away = k.select(k.gt(sum, 0), sum + half, sum - half)
  if sum.dtype == "u64" then away = sum + half end
  return k.sat_cast(dtype, away / count)
end

return M
