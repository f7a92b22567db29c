--- tflite.activation: RELU and RELU6.
--
-- Source: TFLite Micro's activations_common.cc.

local fixed = require "aotlua.import.fixed_point"

local INTEGERS = { i8 = true, u8 = true, i16 = true }

local function check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if b:dtype(x) ~= "f32" and not INTEGERS[x.dtype] or x.dtype ~= b:dtype(y) then
    b:unsupported("%s to %s", x.dtype, y.dtype)
  end
end

local function same_quant(x, y)
  return x.scale == y.scale and x.zero == y.zero
end

local function relu(b, op)
  check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  local value = b:value(x)
  if x.dtype ~= "f32" and not same_quant(x:scalar_quant(), y:scalar_quant()) then
    local factor = fixed.f32(x:scalar_quant().scale / y:scalar_quant().scale)
    value = b:requantize(value, { factor }, y)
  end
  b:set(y, b:activate(value, "RELU", y))
end

local function relu6(b, op)
  check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if x.dtype ~= "f32" and not same_quant(x:scalar_quant(), y:scalar_quant()) then
    b:unsupported("input and result of different quantization")
  end
  b:set(y, b:activate(b:value(x), "RELU6", y))
end

return {
  RELU = { versions = 3, inputs = { 1, 1 }, convert = relu },
  RELU6 = { versions = 3, inputs = { 1, 1 }, convert = relu6 },
}
