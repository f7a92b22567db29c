--- tflite.binary: operators of two operands besides ADD, SUB and MUL, and choices by a condition.
--
-- MINIMUM and MAXIMUM on any numbers of one quantization; DIV, FLOOR_DIV and FLOOR_MOD on f32 and
-- plain integers; POW on f32 and i32; SQUARED_DIFFERENCE on f32, i32, i8 and i16; comparisons and
-- logic. Sources: TFLite Micro's maximum_minimum.cc, div.cc, floor_div.cc, floor_mod.cc,
-- squared_difference.cc, comparisons.cc, logical_common.cc and select.cc.

local fixed = require "aotlua.import.fixed_point"

local function check_one_type(b, op, legal)
  local x, y = op.inputs[1], op.inputs[2]
  if b:dtype(x) ~= b:dtype(y) then b:fail("operands of types %s and %s", x.dtype, y.dtype) end
  if not legal[x.dtype] then b:unsupported("elements of type %s", x.dtype) end
end

local function operands(b, op)
  return { b:value(op.inputs[1]), b:value(op.inputs[2]) }
end

local NUMBERS = { f32 = true, i8 = true, u8 = true, i16 = true, i32 = true, i64 = true }

local function extreme(name)
  return function(b, op)
    check_one_type(b, op, NUMBERS)
    for i = 1, 2 do b:check_same_quant(op.inputs[i], op.outputs[1]) end
    b:set(op.outputs[1], b:append(name, operands(b, op)))
  end
end

local PLAIN = { f32 = true, i32 = true, i64 = true }

local function check_plain(b, op, legal)
  check_one_type(b, op, legal)
  if op.inputs[1]:quant() or op.inputs[2]:quant() or op.outputs[1]:quant() then
    b:unsupported "quantized operands"
  end
end

local function div(b, op)
  check_plain(b, op, PLAIN)
  local activation = b:activation(op.options.activation)
  if activation ~= "NONE" and op.inputs[1].dtype ~= "f32" then
    b:unsupported "a fused activation on integers"
  end
  local value = b:append("div", operands(b, op))
  b:set(op.outputs[1], b:activate(value, activation, op.outputs[1]))
end

-- The whole number below the quotient: of integers, which divide toward zero, by way of the
-- remainder, which has the sign of the divisor.
local function floor_div(b, op)
  check_plain(b, op, PLAIN)
  local both = operands(b, op)
  if op.inputs[1].dtype == "f32" then
    b:set(op.outputs[1], b:append("floor", { b:append("div", both) }))
    return
  end
  local whole = b:append("sub", { both[1], b:append("mod", both) })
  b:set(op.outputs[1], b:append("div", { whole, both[2] }))
end

local function plain(name, legal)
  return function(b, op)
    check_plain(b, op, legal)
    b:set(op.outputs[1], b:append(name, operands(b, op)))
  end
end

-- Squared difference --------------------------------------------------------------------------

local SPARE_BITS = { i8 = 7, i16 = 0 } -- of the common scale

-- The stored number, less its zero point, on twice the larger scale, with spare bits.
local function raised(b, tensor, twice, bits)
  local multiplier, shift = fixed.quantize_multiplier(tensor:scalar_quant().scale / twice,
    b.rounding)
  return b:requantize_by(b:value(tensor), { multiplier }, { shift },
    { type = { dtype = "i32" }, left_shift = bits })
end

local function squared_difference(b, op)
  check_one_type(b, op, { f32 = true, i32 = true, i8 = true, i16 = true })
  local x, y, z = op.inputs[1], op.inputs[2], op.outputs[1]
  local bits = SPARE_BITS[x.dtype]
  if not bits then
    local difference = b:append("sub", operands(b, op))
    b:set(z, b:append("mul", { difference, difference }))
    return
  end
  local twice = 2 * math.max(x:scalar_quant().scale, y:scalar_quant().scale)
  local difference = b:append("sub", { raised(b, x, twice, bits), raised(b, y, twice, bits) })
  local square = b:append("mul", { difference, difference })
  local scale = fixed.f32((1 << 2 * bits) * z:scalar_quant().scale)
  b:set(z, b:requantize(square, { twice * twice / scale }, z))
end

-- Comparisons and logic -----------------------------------------------------------------------

local SHIFTS = { i8 = 8, i16 = 8, u8 = 8 } -- spare bits of the scaled operands

-- What is compared: stored numbers, or, of integers, their real values brought to a common form.
local function compared(b, tensor)
  local bits = SHIFTS[tensor.dtype]
  if not bits or not tensor:quant() then return b:value(tensor) end
  local multiplier, shift = fixed.quantize_multiplier(tensor:scalar_quant().scale, b.rounding)
  return b:requantize_by(b:value(tensor), { multiplier }, { shift },
    { type = { dtype = "i32" }, left_shift = bits })
end

local ANY = { f32 = true, i8 = true, u8 = true, i16 = true, i32 = true, i64 = true, bool = true }

-- `name` of the operands, or of these exchanged; `negated` where the core has the opposite.
local function comparison(name, fields)
  fields = fields or {}
  return function(b, op)
    check_one_type(b, op, ANY)
    local x, y = compared(b, op.inputs[1]), compared(b, op.inputs[2])
    if fields.exchanged then x, y = y, x end
    local value = b:append(name, { x, y }, nil)
    if fields.negated then value = b:append("bit_not", { value }) end
    b:set(op.outputs[1], value)
  end
end

local BOOL = { bool = true }

local function logical(name)
  return function(b, op)
    check_one_type(b, op, BOOL)
    b:set(op.outputs[1], b:append(name, operands(b, op)))
  end
end

local function logical_not(b, op)
  if b:dtype(op.inputs[1]) ~= "bool" then b:fail("the operand is %s", op.inputs[1].dtype) end
  b:set(op.outputs[1], b:append("bit_not", { b:value(op.inputs[1]) }))
end

local function select(b, op)
  local condition, x, y = op.inputs[1], op.inputs[2], op.inputs[3]
  if b:dtype(condition) ~= "bool" or b:dtype(x) ~= b:dtype(y) then
    b:fail("%s chooses between %s and %s", condition.dtype, x.dtype, y.dtype)
  end
  for i = 2, 3 do b:check_same_quant(op.inputs[i], op.outputs[1]) end
  b:set(op.outputs[1], b:append("select", { b:value(condition), b:value(x), b:value(y) }))
end

local function binary(versions, convert, options)
  return { versions = versions, inputs = { 2, 2 }, options = options, convert = convert }
end

return {
  MINIMUM = binary(4, extreme "min"),
  MAXIMUM = binary(4, extreme "max"),
  DIV = binary(2, div, "DivOptions"),
  FLOOR_DIV = binary(3, floor_div),
  FLOOR_MOD = binary(2, plain("mod", PLAIN)),
  POW = binary(1, plain("pow", { f32 = true, i32 = true })),
  SQUARED_DIFFERENCE = binary(2, squared_difference),
  EQUAL = binary(4, comparison "equal"),
  NOT_EQUAL = binary(4, comparison("equal", { negated = true })),
  LESS = binary(3, comparison "less"),
  LESS_EQUAL = binary(2, comparison "less_equal"),
  GREATER = binary(2, comparison("less", { exchanged = true })),
  GREATER_EQUAL = binary(3, comparison("less_equal", { exchanged = true })),
  LOGICAL_AND = binary(1, logical "bit_and"),
  LOGICAL_OR = binary(1, logical "bit_or"),
  LOGICAL_NOT = { versions = 1, inputs = { 1, 1 }, convert = logical_not },
  SELECT = { versions = 3, inputs = { 3, 3 }, convert = select },
  SELECT_V2 = { versions = 2, inputs = { 3, 3 }, convert = select },
}
