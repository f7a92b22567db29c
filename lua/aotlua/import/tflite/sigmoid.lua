--- tflite.sigmoid: LOGISTIC and TANH.
--
-- f32, i8 and u8 (as tables), and i16 (a table of half the function, interpolated). Sources: TFLite
-- Micro's logistic_common.cc and tanh.cc, TFLite's integer_ops/logistic.h and tanh.h; of u8
-- TFLite's activations.cc.

local fixed = require "aotlua.import.fixed_point"
local tables = require "aotlua.import.tflite.tables"

local M = {}

-- What the functions differ in, by operator.
--   core    the core op
--   bits    of the 16-bit form's operand below an entry of the table
--   full    the table's result from its end on
--   powers  exponents of the 16-bit operand's scale that need no multiplier
--   table8  the int8 form, and its result's quantization
local FUNCTIONS = {
  LOGISTIC = { core = "logistic", bits = 9, full = 0x7fff << 10, powers = { [0] = true },
    table8 = fixed.logistic_table, result8 = { scale = 1 / 256, zero = -128 } },
  TANH = { core = "tanh", bits = 8, full = 0xffff << 8, powers = { [0] = true, [1] = true },
    table8 = fixed.tanh_table, result8 = { scale = 1 / 128, zero = 0 } },
}

-- 16 bits -------------------------------------------------------------------------------------

-- The operand in units of 10.7 / 2^17: a multiplier, and the bits to shift right by.
local function scaling(b, scale, powers)
  local fraction, exponent = fixed.frexp(scale)
  local left = exponent - 1 + 12
  if fraction == 0.5 and powers[left] then return 3 << left, 0 end
  local multiplier, bits = scale * 4096.0 * 3.0, 0
  while multiplier <= 32767.0 / 2.0 and bits <= 30 do
    multiplier, bits = multiplier * 2.0, bits + 1
  end
  if multiplier > 32767 then b:unsupported("an operand of the scale %.9g", scale) end
  return math.floor(multiplier), bits
end

-- (x + rounding) / divisor of i32 that are not negative.
local function divided(b, x, divisor, rounding)
  x = b:append("add", { x, b:scalar("i32", rounding) })
  return b:append("div", { x, b:scalar("i32", divisor) })
end

--- Returns the i16 result of `code`, LOGISTIC or TANH, of the i16 Value `x`, which times
-- `multiplier` / 2^`bits` is in units of 10.7 / 2^17. Further fields: `type` of the result.
function M.words(b, code, x, fields)
  local how, multiplier, bits = FUNCTIONS[code], fields.multiplier, fields.bits
  if bits == 0 then multiplier, bits = 2 * multiplier, 1 end
  -- single rounding is (x * multiplier + 2^(bits - 1)) >> bits
  local place = b:append("requantize", { x, b:scalar("i32", multiplier),
    b:scalar("i32", 31 - bits) }, { rounding = "single" }, { dtype = "i32" })
  local size = b:append("abs", { place })
  local entries = b:once("sigmoid table", function()
    return b:const("sigmoid.table", { dtype = "u16", shape = { #tables.SIGMOID } },
      tables.SIGMOID)
  end)
  local inside = b:append("less", { size, b:scalar("i32", 255 << how.bits) })
  local found = b:append("lookup", { size, entries }, { bits = how.bits })
  found = b:append("select", { inside, found, b:scalar("i32", how.full) })
  local below = b:append("less", { place, b:scalar("i32", 0) })
  local above, mirrored
  if code == "LOGISTIC" then
    above = divided(b, found, 1024, 512)
    mirrored = divided(b, b:append("sub", { b:scalar("i32", 1 << 25), found }), 1024, 511)
  else -- 2 * sigmoid(2 * x) - 1
    above = divided(b, b:append("sub", { found, b:scalar("i32", 1 << 23) }), 256, 128)
    mirrored = b:append("neg", { above })
  end
  return b:append("cast", { b:append("select", { below, mirrored, above }) }, nil, fields.type)
end

-- All types -------------------------------------------------------------------------------------

local function check_result(b, y, result)
  local found = y:scalar_quant()
  if found.scale ~= result.scale or found.zero ~= result.zero then
    b:unsupported("a result of quantization (%.9g, %d); (%.9g, %d) is supported", found.scale,
      found.zero, result.scale, result.zero)
  end
end

local FORMS = {}

function FORMS.f32(b, op)
  return b:append(FUNCTIONS[op.code].core, { b:value(op.inputs[1]) })
end

function FORMS.i8(b, op)
  local how, from = FUNCTIONS[op.code], op.inputs[1]:scalar_quant()
  check_result(b, op.outputs[1], how.result8)
  local list = how.table8(from.scale, from.zero)
  return tables.lookup(b, op, function(stored) return list[stored + 129] end)
end

function FORMS.u8(b, op)
  if op.code ~= "LOGISTIC" then b:unsupported "elements of type u8" end
  return tables.lookup(b, op, tables.real(op, function(x) return 1 / (1 + math.exp(-x)) end))
end

function FORMS.i16(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  check_result(b, y, { scale = 1 / 32768, zero = 0 })
  if x:scalar_quant().zero ~= 0 then
    b:fail("16-bit activations have the zero point %d; only 0 is legal", x:scalar_quant().zero)
  end
  local multiplier, bits = scaling(b, x:scalar_quant().scale, FUNCTIONS[op.code].powers)
  return M.words(b, op.code, b:value(x),
    { multiplier = multiplier, bits = bits, type = b:declared(y) })
end

local function convert(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  local form = FORMS[b:dtype(x)]
  if not form or b:dtype(y) ~= x.dtype then b:unsupported("%s to %s", x.dtype, y.dtype) end
  b:set(y, form(b, op))
end

M.operators = {
  LOGISTIC = { versions = 3, inputs = { 1, 1 }, convert = convert },
  TANH = { versions = 3, inputs = { 1, 1 }, convert = convert },
}

return M
