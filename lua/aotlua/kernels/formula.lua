--- formula: elementwise ops as expressions, the one text for lone kernels and for epilogues.
--
-- A formula is called as f(k, node): k is the kernel, node what is applied,
--   args     expressions of the operands at this place (operands that are constants too)
--   attrs    the node's attributes
--   types    of the operands; type: of the result
--   zero(t), scale(t)  zero point and scale of a type at this place: numbers, or expressions
--            where they differ along an axis (zeros are i64 then)
-- and gives the element of the result. It agrees with core/op: integers exactly, + - * / sqrt
-- floor min max on floats exactly, other functions as exactly as libm.

local ir = require "aot.ir"

local M = {}

local function is_float(dtype) return ir.dtype(dtype).class == "float" end

-- Integers are computed where nothing can overflow: `bits` is what the result may need.
local function wide(dtype, bits)
  if dtype == "i64" or dtype == "u64" then return dtype end
  return bits <= 31 and "i32" or "i64"
end

-- Saturates an integer to the result's type; bool is 0 or 1.
local function saturated(k, dtype, value)
  if dtype == "bool" then return k.gt(value, 0) end
  return k.sat_cast(dtype, value)
end

local function runtime(k, dtype, name, ...)
  return k.call { ("aotrt_%s_%s"):format(name, dtype), type = dtype, header = "aotrt_math.h", ... }
end

local function libm(k, dtype, name, ...)
  return k.call { dtype == "f32" and name .. "f" or name, type = dtype, header = "math.h", ... }
end

-- Arithmetic ------------------------------------------------------------------

-- a op b on integers: in 32 or 64 bits, then saturated; 64-bit operands by the runtime.
local function integer_binary(name, bits_of, compute)
  return function(k, dtype, a, b)
    local bits = dtype == "bool" and 1 or ir.dtype(dtype).bits
    local at = wide(dtype, bits_of(bits))
    if at == "u64" or (at == "i64" and bits == 64) then return runtime(k, dtype, name, a, b) end
    return saturated(k, dtype, compute(k.cast(at, a), k.cast(at, b)))
  end
end

local function arithmetic(name, bits_of, compute)
  local integers = integer_binary(name, bits_of, compute)
  return function(k, node)
    local a, b = node.args[1], node.args[2]
    if is_float(node.type.dtype) then return compute(a, b) end
    return integers(k, node.type.dtype, a, b)
  end
end

M.add = arithmetic("add", function(bits) return bits + 1 end, function(a, b) return a + b end)
M.sub = arithmetic("sub", function(bits) return bits + 1 end, function(a, b) return a - b end)
M.mul = arithmetic("mul", function(bits) return 2 * bits end, function(a, b) return a * b end)

function M.div(k, node)
  local a, b, dtype = node.args[1], node.args[2], node.type.dtype
  if is_float(dtype) then return a / b end
  if dtype == "u64" or dtype == "i64" then return runtime(k, dtype, "div", a, b) end
  return saturated(k, dtype, runtime(k, "i64", "div", k.cast("i64", a), k.cast("i64", b)))
end

function M.pow(k, node)
  local a, b, dtype = node.args[1], node.args[2], node.type.dtype
  if is_float(dtype) then return libm(k, dtype, "pow", a, b) end
  local at = ir.dtype(dtype).class == "signed" and "i64" or "u64"
  return saturated(k, dtype, runtime(k, at, "pow", k.cast(at, a), k.cast(at, b)))
end

-- An operand that is NaN makes the result NaN.
local function extreme(pick, compare)
  return function(k, node)
    local a, b = node.args[1], node.args[2]
    if not is_float(node.type.dtype) then
      if node.type.dtype ~= "bool" then return k[pick](a, b) end
      return pick == "max" and k.either(a, b) or k.both(a, b)
    end
    a, b = k:let("a", a), k:let("b", b)
    return k.select(k.either(k.ne(a, a), k[compare](a, b)), a, b)
  end
end
M.max = extreme("max", "gt")
M.min = extreme("min", "lt")

function M.neg(k, node)
  local x, dtype = node.args[1], node.type.dtype
  if is_float(dtype) then return -x end
  if dtype == "i64" or dtype == "u64" then
    return runtime(k, dtype, "sub", k:number(dtype, 0), x)
  end
  return saturated(k, dtype, -k.cast(wide(dtype, ir.dtype(dtype).bits + 1), x))
end

function M.abs(k, node)
  local x, dtype = node.args[1], node.type.dtype
  local info = ir.dtype(dtype)
  if info.class == "float" then return libm(k, dtype, "fabs", x) end
  if info.class == "unsigned" then return x end
  if dtype == "i64" then return k.max(x, runtime(k, dtype, "sub", k:number(dtype, 0), x)) end
  local v = k:let("v", k.cast(wide(dtype, info.bits + 1), x))
  return saturated(k, dtype, k.max(v, -v))
end

local function function_of(name)
  return function(k, node) return libm(k, node.type.dtype, name, node.args[1]) end
end
M.exp, M.log, M.sqrt = function_of "exp", function_of "log", function_of "sqrt"
M.tanh, M.floor = function_of "tanh", function_of "floor"

local function reciprocal(k, dtype, x) return k:number(dtype, 1) / x end

function M.rsqrt(k, node)
  return reciprocal(k, node.type.dtype, libm(k, node.type.dtype, "sqrt", node.args[1]))
end

function M.logistic(k, node)
  local dtype = node.type.dtype
  return reciprocal(k, dtype, libm(k, dtype, "exp", -node.args[1]) + 1)
end

-- A bound that the type cannot hold is its nearest end; nil where it changes nothing.
local function bound(dtype, value, is_low)
  if value == nil or is_float(dtype) then return value end
  local info = ir.dtype(dtype)
  value = math.tointeger(value)
  if dtype == "u64" then return value > 0 and value or not is_low and 0 or nil end
  value = math.max(info.min, math.min(info.max, value))
  if value == (is_low and info.min or info.max) then return nil end
  return value
end

function M.clamp(k, node)
  local dtype, x = node.type.dtype, node.args[1]
  local low, high = bound(dtype, node.attrs.lo, true), bound(dtype, node.attrs.hi, false)
  if dtype == "bool" then -- a bound that does something is the only value within
    if low then x = k.either(x, k:number(dtype, low)) end
    return high and k.both(x, k:number(dtype, high)) or x
  end
  if low then x = k.max(x, low) end
  if high then x = k.min(x, high) end
  return x
end

-- Number formats ----------------------------------------------------------------

-- The low bits of an integer as one of `dtype`, in two's complement. C says what is unsigned then;
-- of signed types only what fits is converted, as compilers may do what they like with the rest.
local function low_bits(k, dtype, x)
  local info = ir.dtype(dtype)
  if info.class == "unsigned" then return k.cast(dtype, x) end
  if info.bits == 64 then
    if x.dtype ~= "u64" then return k.cast(dtype, x) end
    local v = k:let("v", x)
    return k.cast(dtype, v & info.max) + k.cast(dtype, v >> 63) * info.min
  end
  local span = 1 << info.bits
  local bits = math.max(info.bits, ir.dtype(x.dtype).bits)
  local at = wide(x.dtype, bits + 1)
  local low = k.cast(at, x) & (span - 1)
  low = k:let("low", at == "u64" and k.cast("i64", low) or low)
  return k.cast(dtype, low - (low & (span >> 1)) * 2)
end

function M.cast(k, node)
  local x, dtype = node.args[1], node.type.dtype
  if dtype == "bool" then return k.cast(dtype, x) end -- whether it is not 0
  if node.attrs.wrap then return low_bits(k, dtype, x) end
  return k.sat_cast(dtype, x)
end

-- A zero point, which is a number or an i64, as an i64.
local function as_i64(k, zero) return math.type(zero) and k:number("i64", zero) or zero end

-- zero + value as the result's type. `value` is an i32 or i64 of any size.
local function with_zero(k, node, value)
  local dtype, zero = node.type.dtype, node.zero(node.type)
  local info = ir.dtype(dtype)
  if zero == 0 then return k.sat_cast(dtype, value) end
  if info.bits <= 16 and math.type(zero) == "integer" then
    -- clamped first, the sum fits
    if value.dtype ~= "i32" then value = k.sat_cast("i32", value) end
    return k.cast(dtype, k.min(k.max(value, info.min - zero), info.max - zero) + zero)
  end
  return k.sat_cast(dtype, runtime(k, "i64", "add", k.sat_cast("i64", value), as_i64(k, zero)))
end

--- round(x / scale) + zero. The sum is exact where it does not saturate, in float for 16 bits
-- and in double for 32; NaN becomes 0.
function M.quantize(k, node)
  local name = "aotrt_round_" .. node.attrs.rounding .. "_f32"
  local quotient = node.args[1] / node.scale(node.type)
  local whole = k.call { name, quotient, type = "f32", header = "aotrt_math.h" }
  local dtype, zero = node.type.dtype, node.zero(node.type)
  local at = ir.dtype(dtype).bits <= 16 and "f32" or "f64"
  if zero == 0 then return k.sat_cast(dtype, whole) end
  if math.type(zero) then zero = k:number(at, zero) else zero = k.cast(at, zero) end
  return k.sat_cast(dtype, k.cast(at, whole) + zero)
end

-- x - zero, exact: in 32 bits where that is enough.
local function without_zero(k, node)
  local type = node.types[1]
  local x, zero, bits = node.args[1], node.zero(type), ir.dtype(type.dtype).bits
  if bits <= 16 and math.type(zero) then return k.cast("i32", x) - zero end
  if zero == 0 and (type.dtype == "i32" or bits == 64) then return x end
  if bits == 64 then return runtime(k, "i64", "sub", x, as_i64(k, zero)) end
  return k.cast("i64", x) - zero
end

function M.dequantize(k, node)
  return k.cast("f32", without_zero(k, node)) * node.scale(node.types[1])
end

local function fixed_point(k, name, dtype, ...)
  return k.call { "aotrt_requantize_" .. name, type = dtype, header = "aotrt_requantize.h", ... }
end

-- v * 2^shift; x has `bits`.
local function shifted(k, v, bits, shift)
  if shift == 0 then return v end
  if v.dtype == "i32" and bits + 1 + shift <= 31 then return v * (1 << shift) end
  v = k.cast("i64", v)
  return k.call { "aotrt_shift_left_i64", v, shift, type = "i64", header = "aotrt_math.h" }
end

function M.requantize(k, node)
  local rounding, x = node.attrs.rounding, ir.dtype(node.types[1].dtype)
  local multiplier, shift = node.args[2], node.args[3]
  local v = shifted(k, without_zero(k, node), x.bits, node.attrs.left_shift or 0)
  local name, dtype = rounding, "i32"
  if rounding == "even" then
    v = k.cast("f32", v)
    if ir.dtype(node.type.dtype).bits > 16 then name, dtype = "even_i64", "i64" end
  elseif x.bits == 64 then
    name, dtype = "wide", "i64"
  else
    v, dtype = k.sat_cast("i32", v), rounding == "single" and "i64" or "i32"
  end
  -- `even` has no shift, and then nothing is passed
  return with_zero(k, node, fixed_point(k, name, dtype, v, multiplier, shift or nil))
end

-- table[i] * 2^bits + rest * (table[i + 1] - table[i]), i and rest from x / 2^bits.
local function interpolated(k, node)
  local list, last, unit = node.args[2], node.types[2].shape[1] - 2, 1 << node.attrs.bits
  local x = k:let("x", k.min(k.max(node.args[1], 0), (last + 1) * unit))
  local entry = k:let("entry", k.min(x / unit, last))
  local at = k:index(entry, last + 1)
  local from = k:let("from", k.cast("i32", list(at)))
  return from * unit + (x - entry * unit) * (k.cast("i32", list(at + 1)) - from)
end

--- table[x - lowest x], or interpolated; the operand of the table is the table itself.
function M.lookup(k, node)
  if node.types[1].dtype == "i32" then return interpolated(k, node) end
  return node.args[2](k.cast("index", node.args[1]) - ir.dtype(node.types[1].dtype).min)
end

-- Functions, comparisons, bits and choices have a file of their own.
for name, formula in pairs(require "aotlua.kernels.logic") do -- order: irrelevant, into a table
  M[name] = formula
end

return M
