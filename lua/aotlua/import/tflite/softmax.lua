--- tflite.softmax: SOFTMAX along the last axis.
--
-- f32, i8 to i8 and i16, u8, i16. Sources: TFLite Micro's softmax_common.cc, TFLite's
-- reference/softmax.h.

local fixed = require "aotlua.import.fixed_point"
local tables = require "aotlua.import.tflite.tables"

local M = {}

-- 8 bits --------------------------------------------------------------------------------------

-- The result's quantization by the element types of operand and result: the arithmetic leaves no
-- choice.
local RESULTS = {
  i8 = { i8 = { scale = 1 / 256, zero = -128 }, i16 = { scale = 1 / 65536, zero = -32768 } },
  u8 = { u8 = { scale = 1 / 256, zero = 0 } },
}

--- Returns multiplier and shift of the differences to the largest input as multiples of 2^-26, and
-- the least difference that counts, as the attributes of the core's softmax.
function M.scaling(b, scale, beta)
  local largest = b.rounding == "single" and (1 << 30) - 1.0 or (1 << 31) - 1.0
  local real = math.min(beta * scale * (1 << 26), largest)
  if real <= 1 then
    b:unsupported("beta times the input's scale is %.9g, too small", beta * scale)
  end
  local multiplier, shift = fixed.quantize_multiplier(real, b.rounding)
  return { multiplier = multiplier, shift = shift, diff_min = -fixed.input_radius(5, shift) }
end

local function check_result(b, y, result)
  local found = y:scalar_quant()
  if math.abs(found.scale / result.scale - 1) > 0.001 or found.zero ~= result.zero then
    b:unsupported("a result of quantization (%.9g, %d); (%.9g, %d) is supported", found.scale,
      found.zero, result.scale, result.zero)
  end
end

local function bytes(b, op, value)
  local x, y = op.inputs[1], op.outputs[1]
  local result = (RESULTS[x.dtype] or {})[y.dtype]
  if not result then b:unsupported("%s to %s", x.dtype, y.dtype) end
  check_result(b, y, result)
  local attrs = M.scaling(b, x:scalar_quant().scale, op.options.beta)
  return b:append("softmax", { value }, attrs, b:declared(y))
end

-- 16 bits -------------------------------------------------------------------------------------

-- What an interpolated table says at `place`, held to 0 to 65535.
local function look_up(b, place, list)
  local entries = b:const(b.name .. ".table", { dtype = "i16", shape = { #list } }, list)
  place = b:append("clamp", { place }, { lo = 0, hi = 65535 })
  local value = b:append("lookup", { place, entries }, { bits = 7 })
  value = b:append("add", { value, b:scalar("i32", 64) })
  return b:append("div", { value, b:scalar("i32", 128) })
end

-- The power of two that brings a sum of at most 31 bits to 32, found bit by bit.
local function normalizing_power(b, sum)
  local power = b:scalar("i64", 1)
  for _, bits in ipairs { 16, 8, 4, 2, 1 } do
    local small = b:append("less", { b:append("mul", { sum, power }),
      b:scalar("i64", 1 << (32 - bits)) })
    local factor = b:append("select", { small, b:scalar("i64", 1 << bits), b:scalar("i64", 1) })
    power = b:append("mul", { power, factor })
  end
  return power
end

-- exp and 1 / (1 + x) are tables, and exp(-10) counts as 0; powers and their sum are in units of
-- 2^-15.
local function words(b, op, value)
  local x, y = op.inputs[1], op.outputs[1]
  if y.dtype ~= "i16" then b:unsupported("%s to %s", x.dtype, y.dtype) end
  check_result(b, y, { scale = 1 / 32768, zero = 0 })
  if x:scalar_quant().zero ~= 0 then
    b:fail("16-bit activations have the zero point %d; only 0 is legal", x:scalar_quant().zero)
  end
  local powers = tables.interpolated(math.exp, fixed.f32(10 / 65535), 32767)
  local inverses = tables.interpolated(function(share) return 1 / fixed.f32(1 + share) end,
    fixed.f32(1 / 65535), -32768)
  local last = { axes = { #value.type.shape - 1 }, keep = true }
  local function as(dtype, operand) return b:append("cast", { operand }, nil, { dtype = dtype }) end

  local largest = b:append("reduce_max", { value }, last)
  local place = b:append("sub", { as("i32", value), as("i32", largest) })
  local multiplier, shift = fixed.quantize_multiplier(
    x:scalar_quant().scale * op.options.beta / (10.0 / 65535.0), b.rounding)
  place = b:requantize_by(place, { multiplier }, { shift }, { type = { dtype = "i32" } })
  local power = look_up(b, b:append("add", { place, b:scalar("i32", 65535) }), powers)
  local sum = as("i64", b:append("reduce_sum", { power }, last))
  local factor = normalizing_power(b, sum)
  -- the sum as 1 + x in units of 2^-16, then its inverse
  place = b:append("div", { b:append("mul", { sum, factor }), b:scalar("i64", 2) })
  place = b:append("div", { b:append("add", { place, b:scalar("i64", 1 << 13) }),
    b:scalar("i64", 1 << 14) })
  place = as("i32", b:append("sub", { place, b:scalar("i64", 1 << 16) }))
  local inverse = b:append("mul", { as("i64", look_up(b, place, inverses)), factor })
  local share = b:append("mul", { as("i64", power), inverse })
  share = b:append("div", { b:append("add", { share, b:scalar("i64", 1 << 30) }),
    b:scalar("i64", 1 << 31) })
  return b:append("cast", { share }, nil, b:declared(y))
end

-- All types -----------------------------------------------------------------------------------

local function operand(b, op)
  local value = b:value(op.inputs[1])
  b:dtype(op.outputs[1])
  if #value.type.shape == 0 then b:fail("a scalar has no axis to normalize") end
  return value
end

local function softmax(b, op)
  local x, y, beta = op.inputs[1], op.outputs[1], op.options.beta
  if beta ~= beta or beta <= 0 or beta == math.huge then
    b:fail("beta is %s; it must be positive and finite", beta)
  end
  local value = operand(b, op)
  if x.dtype == "f32" and y.dtype == "f32" then
    b:set(y, b:append("softmax", { value }, { beta = beta }))
  else
    b:set(y, (x.dtype == "i16" and words or bytes)(b, op, value))
  end
end

M.operators = {
  SOFTMAX = { versions = 3, inputs = { 1, 1 }, options = "SoftmaxOptions", convert = softmax },
}

return M
