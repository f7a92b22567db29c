--- tflite.unary: functions of one operand, element by element.
--
-- On f32; those that have a form for integers on i8 too (as tables), some on i16 and plain i32.
-- Sources: TFLite Micro's elementwise.cc, activations, elu.cc, leaky_relu_common.cc,
-- hard_swish_common.cc, prelu_common.cc, neg.cc, exp.cc and cast.cc.

local fixed = require "aotlua.import.fixed_point"
local tables = require "aotlua.import.tflite.tables"
local types = require "aotlua.types"

local function check_types(b, op, legal)
  local x, y = op.inputs[1], op.outputs[1]
  if not legal[b:dtype(x)] or x.dtype ~= b:dtype(y) then
    b:unsupported("%s to %s", x.dtype, y.dtype)
  end
  if legal[x.dtype] == "plain" and x:quant() then b:unsupported("quantized %s", x.dtype) end
  return x.dtype
end

local EIGHT_BITS = { i8 = true, u8 = true }

-- An operator that is `float(b, x)` on floats, and on the other types of `legal` a table of
-- `stored(b, op)`, or, where these are plain, `float` too.
local function unary(legal, float, stored)
  return function(b, op)
    local dtype = check_types(b, op, legal)
    local value
    if EIGHT_BITS[dtype] and stored then
      value = tables.lookup(b, op, stored(b, op))
    else
      value = float(b, b:value(op.inputs[1]), op)
    end
    b:set(op.outputs[1], value)
  end
end

local function core(name)
  return function(b, x) return b:append(name, { x }) end
end

local FLOAT = { f32 = true }

-- A table of a real function of f32.
local function real(transform)
  return function(_, op) return tables.real(op, transform) end
end

local function square(b, x)
  return b:append("mul", { x, x })
end

local function number(b, x)
  return b:scalar("f32", x)
end

-- abs -----------------------------------------------------------------------------------------

local function stored_abs(b, op)
  local from, to = op.inputs[1]:scalar_quant(), op.outputs[1]:scalar_quant()
  local same = from.scale == to.scale
  local scaled = tables.scaled(b, fixed.f32(from.scale / to.scale))
  return function(x)
    local magnitude = math.abs(x - from.zero)
    return (same and magnitude or scaled(magnitude)) + to.zero
  end
end

-- Exponential linear units, hard swish ----------------------------------------------------------

local function elu(b, x)
  local below = b:append("clamp", { x }, { hi = 0.0 })
  below = b:append("sub", { b:append("exp", { below }), number(b, 1.0) })
  return b:append("add", { b:append("clamp", { x }, { lo = 0.0 }), below })
end

local function real_elu(x)
  return x < 0 and fixed.f32(math.exp(x)) - 1 or x
end

local function hard_swish(b, x)
  local gate = b:append("clamp", { b:append("add", { x, number(b, 3.0) }) }, { lo = 0.0, hi = 6.0 })
  return b:append("div", { b:append("mul", { x, gate }), number(b, 6.0) })
end

-- Leaky ones ------------------------------------------------------------------------------------

-- The parts of x above and below zero, scaled each by its own factor, together. `factors` are
-- real; a Value `slope` (stored integers) multiplies the part below before it is scaled.
local function two_slopes(b, op, factors, slope)
  local x, y = op.inputs[1], op.outputs[1]
  local quant, value = x:scalar_quant(), b:value(x)
  local above = b:append("clamp", { value }, { lo = quant.zero })
  local below = b:append("clamp", { value }, { hi = quant.zero })
  local function scaled(part, real_factor, zero)
    local multiplier, shift = fixed.quantize_multiplier(math.abs(real_factor), b.rounding)
    return b:requantize_by(part, { multiplier }, { shift },
      { type = { dtype = "i32", quant = { scale = 1.0, zero = zero } } })
  end
  if slope then
    below = b:append("cast", { below }, nil, { dtype = "i32" })
    below = b:append("sub", { below, b:scalar("i32", quant.zero) })
    below = b:append("mul", { below, slope })
  end
  below = scaled(below, factors.below, 0)
  local join = factors.below < 0 and "sub" or "add"
  local sum = b:append(join, { scaled(above, factors.above, y:scalar_quant().zero), below }, nil,
    { dtype = "i32" })
  return b:append("cast", { sum }, nil, b:declared(y))
end

local QUANTIZED = { f32 = true, i8 = true, i16 = true, u8 = true }

local function leaky_relu(b, op)
  local dtype, alpha = check_types(b, op, QUANTIZED), op.options.alpha
  local x, y = op.inputs[1], op.outputs[1]
  local value = b:value(x)
  if dtype == "f32" then
    local below = b:append("clamp", { value }, { hi = 0.0 })
    below = b:append("mul", { below, number(b, alpha) })
    value = b:append("add", { b:append("clamp", { value }, { lo = 0.0 }), below })
  else
    local from, to = x:scalar_quant(), y:scalar_quant()
    local factors = { above = fixed.f32(from.scale / to.scale),
      below = fixed.f32(fixed.f32(from.scale * alpha) / to.scale) }
    if EIGHT_BITS[dtype] then
      local above, below = tables.scaled(b, factors.above), tables.scaled(b, factors.below)
      value = tables.lookup(b, op, function(stored)
        local centered = stored - from.zero
        return (centered >= 0 and above or below)(centered) + to.zero
      end)
    else
      value = two_slopes(b, op, factors)
    end
  end
  b:set(y, value)
end

local function prelu(b, op)
  local x, slope, y = op.inputs[1], op.inputs[2], op.outputs[1]
  local dtype = check_types(b, op, QUANTIZED)
  if b:dtype(slope) ~= dtype and not (dtype == "i16" and slope.dtype == "i8") then
    b:unsupported("%s with slopes of %s", dtype, slope.dtype)
  end
  local value
  if dtype == "f32" then
    value = b:value(x)
    local below = b:append("mul", { b:append("clamp", { value }, { hi = 0.0 }), b:value(slope) })
    value = b:append("add", { b:append("clamp", { value }, { lo = 0.0 }), below })
  else
    local from, to, quant = x:scalar_quant().scale, y:scalar_quant().scale, slope:scalar_quant()
    local centered = b:append("cast", { b:value(slope) }, nil, { dtype = "i32" })
    centered = b:append("sub", { centered, b:scalar("i32", quant.zero) })
    value = two_slopes(b, op, { above = from / to, below = from * quant.scale / to }, centered)
  end
  b:set(y, value)
end

-- cast ----------------------------------------------------------------------------------------

local function cast(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  local value = b:value(x)
  if x:quant() then value = b:as(value, { dtype = x.dtype, shape = value.type.shape }) end
  local attrs = types.narrows(b:dtype(x), b:dtype(y)) and { wrap = true } or nil
  b:set(y, b:append("cast", { value }, attrs, b:declared(y)))
end

local function operator(versions, convert, options)
  return { versions = versions, inputs = { 1, 1 }, convert = convert, options = options }
end

local WITH_I8 = { f32 = true, i8 = true }

return {
  ABS = operator(5, unary({ f32 = true, i8 = true, i32 = "plain" }, core "abs", stored_abs)),
  NEG = operator(1, unary({ f32 = true, i32 = "plain", i64 = "plain" }, core "neg")),
  EXP = operator(2, unary(WITH_I8, core "exp", real(math.exp))),
  LOG = operator(2, unary(FLOAT, core "log")),
  SQRT = operator(1, unary(FLOAT, core "sqrt")),
  RSQRT = operator(3, unary(FLOAT, core "rsqrt")),
  SQUARE = operator(1, unary({ f32 = true, i32 = "plain", i64 = "plain" }, square)),
  SIN = operator(1, unary(FLOAT, core "sin")),
  COS = operator(1, unary(FLOAT, core "cos")),
  FLOOR = operator(1, unary(FLOAT, core "floor")),
  CEIL = operator(1, unary(FLOAT, core "ceil")),
  ROUND = operator(1, unary(FLOAT, core "round")),
  ELU = operator(1, unary(WITH_I8, elu, real(real_elu))),
  HARD_SWISH = operator(1, unary(WITH_I8, hard_swish, tables.hard_swish)),
  LEAKY_RELU = operator(2, leaky_relu, "LeakyReluOptions"),
  PRELU = { versions = 1, inputs = { 2, 2 }, convert = prelu },
  CAST = operator(8, cast),
}
