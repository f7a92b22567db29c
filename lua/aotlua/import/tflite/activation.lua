--- tflite.activation: RELU, RELU6, LOGISTIC and SOFTMAX.
--
-- Sources: TFLite Micro's activations_common.cc, logistic_common.cc and softmax_common.cc.

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

local function logistic(b, op)
  check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if x.dtype == "f32" then
    b:set(y, b:append("logistic", { b:value(x) }))
    return
  end
  if x.dtype ~= "i8" then b:unsupported("elements of type %s", x.dtype) end
  if not same_quant(y:scalar_quant(), { scale = 1 / 256, zero = -128 }) then
    b:unsupported("a result of quantization (%.9g, %d); (1/256, -128) is supported",
      y:scalar_quant().scale, y:scalar_quant().zero)
  end
  local input = x:scalar_quant()
  local list = fixed.logistic_table(input.scale, input.zero)
  local results = b:const(b.name .. ".table", { dtype = "i8", shape = { 256 } }, list)
  b:set(y, b:append("lookup", { b:value(x), results }, nil, b:declared(y)))
end

-- The result's quantization by element type: the arithmetic leaves no choice.
local SOFTMAX_RESULTS = {
  i8 = { scale = 1 / 256, zero = -128 },
  u8 = { scale = 1 / 256, zero = 0 },
}

-- The difference to the largest input as a multiple of 2^-26.
local function softmax_scaling(b, scale, beta)
  local largest = b.rounding == "single" and (1 << 30) - 1.0 or (1 << 31) - 1.0
  local real = math.min(beta * scale * (1 << 26), largest)
  if real <= 1 then
    b:unsupported("beta times the input's scale is %.9g, too small", beta * scale)
  end
  local multiplier, shift = fixed.quantize_multiplier(real, b.rounding)
  return { multiplier = multiplier, shift = shift, diff_min = -fixed.input_radius(5, shift) }
end

local function softmax(b, op)
  local x, y, beta = op.inputs[1], op.outputs[1], op.options.beta
  if beta ~= beta or beta <= 0 or beta == math.huge then
    b:fail("beta is %s; it must be positive and finite", beta)
  end
  local value = b:value(x)
  if #value.type.shape == 0 then b:fail("a scalar has no axis to normalize") end
  if b:dtype(x) == "f32" and b:dtype(y) == "f32" then
    b:set(y, b:append("softmax", { value }, { beta = beta }))
    return
  end
  local result = SOFTMAX_RESULTS[x.dtype]
  if not result or b:dtype(y) ~= x.dtype then b:unsupported("%s to %s", x.dtype, y.dtype) end
  if not same_quant(y:scalar_quant(), result) then
    b:unsupported("a result of quantization (%.9g, %d); (%.9g, %d) is supported",
      y:scalar_quant().scale, y:scalar_quant().zero, result.scale, result.zero)
  end
  local attrs = softmax_scaling(b, x:scalar_quant().scale, beta)
  b:set(y, b:append("softmax", { value }, attrs, b:declared(y)))
end

return {
  RELU = { versions = 3, inputs = { 1, 1 }, convert = relu },
  RELU6 = { versions = 3, inputs = { 1, 1 }, convert = relu6 },
  LOGISTIC = { versions = 3, inputs = { 1, 1 }, convert = logistic },
  SOFTMAX = { versions = 3, inputs = { 1, 1 }, options = "SoftmaxOptions", convert = softmax },
}
