--- logic: formulas of functions, comparisons, bits and choices; see formula.lua for their form.

local ir = require "aot.ir"

local M = {}

local function info_of(dtype) return ir.dtype(dtype) end

local function is_float(dtype) return info_of(dtype).class == "float" end

local function libm(k, dtype, name, ...)
  return k.call { dtype == "f32" and name .. "f" or name, type = dtype, header = "math.h", ... }
end

for _, name in ipairs {
  "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erf",
  "ceil",
} do
  M[name] = function(k, node) return libm(k, node.type.dtype, name, node.args[1]) end
end

--- The nearest whole number, halves to even.
function M.round(k, node)
  local dtype = node.type.dtype
  return k.call { "aotrt_round_even_" .. dtype, node.args[1], type = dtype,
    header = "aotrt_math.h" }
end

--- 1, -1, or x itself where it is neither greater nor less than 0.
function M.sign(k, node)
  local dtype = node.type.dtype
  local x = k:let("x", node.args[1])
  if dtype == "bool" then return x end
  local zero, one = k:number(dtype, 0), k:number(dtype, 1)
  local positive = k.select(k.gt(x, zero), one, x)
  if info_of(dtype).class == "unsigned" then return positive end
  return k.select(k.lt(x, zero), k:number(dtype, -1), positive)
end

function M.is_nan(k, node)
  local x = k:let("x", node.args[1])
  return k.ne(x, x)
end

function M.is_inf(k, node)
  local dtype, attrs = node.types[1].dtype, node.attrs
  local x = k:let("x", node.args[1])
  local above = k.eq(x, k:number(dtype, math.huge))
  local below = k.eq(x, k:number(dtype, -math.huge))
  if attrs.positive == false then above = k:number("bool", 0) end
  if attrs.negative == false then below = k:number("bool", 0) end
  return k.either(above, below)
end

-- Whether `compare` holds of a number and itself: compilers warn where C asks.
local function of_itself(k, compare) return k:number("bool", k[compare](0, 0) and 1 or 0) end

-- C orders no bools; they are the numbers 0 and 1.
local function comparison(compare)
  return function(k, node)
    local a, b, dtype = node.args[1], node.args[2], node.types[1].dtype
    if a == b and not is_float(dtype) then return of_itself(k, compare) end
    if dtype == "bool" then a, b = k.cast("i32", a), k.cast("i32", b) end
    return k[compare](a, b)
  end
end
M.equal, M.less, M.less_equal = comparison "eq", comparison "lt", comparison "le"

function M.select(k, node) return k.select(node.args[1], node.args[2], node.args[3]) end

-- Bits --------------------------------------------------------------------------

-- The type of at least 32 bits, of the same sign, in which bits are combined.
local function wide(dtype)
  local info = info_of(dtype)
  return info.bits == 64 and dtype or info.class == "signed" and "i32" or "u32"
end

local function bitwise(on_bool, on_bits)
  return function(k, node)
    local a, b, dtype = node.args[1], node.args[2], node.type.dtype
    if dtype == "bool" then return on_bool(k, a, b) end
    return k.cast(dtype, on_bits(k.cast(wide(dtype), a), k.cast(wide(dtype), b)))
  end
end
M.bit_and = bitwise(function(k, a, b) return k.both(a, b) end, function(a, b) return a & b end)
M.bit_or = bitwise(function(k, a, b) return k.either(a, b) end, function(a, b) return a | b end)
M.bit_xor = bitwise(function(k, a, b) return a == b and of_itself(k, "ne") or k.ne(a, b) end,
  function(a, b) return a ~ b end)

function M.bit_not(k, node)
  local x, dtype = node.args[1], node.type.dtype
  local info = info_of(dtype)
  if dtype == "bool" then return ~x end
  if info.bits >= 32 then return ~x end
  local ones = info.class == "signed" and -1 or info.max
  return k.cast(dtype, k.cast(wide(dtype), x) ~ k:number(wide(dtype), ones))
end

-- Counts of all bits or more leave nothing.
local function shift(move)
  return function(k, node)
    local dtype = node.type.dtype
    local info, at = info_of(dtype), wide(dtype)
    local a, count = k.cast(at, node.args[1]), k:let("count", k.cast(at, node.args[2]))
    local moved = move(a, count)
    if info.bits < 32 then moved = moved & k:number(at, info.max) end
    return k.cast(dtype, k.select(k.lt(count, info.bits), moved, k:number(at, 0)))
  end
end
M.shift_left = shift(function(a, count) return a << count end)
M.shift_right = shift(function(a, count) return a >> count end)

-- Remainders --------------------------------------------------------------------

-- fmod's result has the sign of a; one of the other sign is moved by b.
local function float_mod(k, node, dtype)
  local b = k:let("b", node.args[2])
  local rest = k:let("rest", libm(k, dtype, "fmod", node.args[1], b))
  if node.attrs.truncated then return rest end
  local low = k.both(k.lt(rest, 0), k.gt(b, 0))
  local high = k.both(k.gt(rest, 0), k.lt(b, 0))
  return k.select(k.either(low, high), rest + b, rest)
end

function M.mod(k, node)
  local dtype = node.type.dtype
  if is_float(dtype) then return float_mod(k, node, dtype) end
  local at = info_of(dtype).class == "signed" and "i64" or "u64"
  local name = node.attrs.truncated and at == "i64" and "rem" or "mod"
  local rest = k.call { ("aotrt_%s_%s"):format(name, at), k.cast(at, node.args[1]),
    k.cast(at, node.args[2]), type = at, header = "aotrt_math.h" }
  if dtype == "bool" then return k.gt(rest, 0) end
  return k.cast(dtype, rest)
end

return M
