--- tflite.sums: what operators that add up products have in common: types, weights, bias, scales.
--
-- `op` has the input, the weights, and the bias or nothing as its operands.
-- Multipliers as in TFLite Micro's CalculateOpDataConv and CalculateOpDataFullyConnected.

local fixed = require "aotlua.import.fixed_point"
local hybrid = require "aotlua.import.tflite.hybrid"
local ir = require "aot.ir"
local schema = require "aotlua.import.tflite.schema"
local words = require "aotlua.import.words"

local M = {}

-- What may meet: activation type -> weight type -> true.
local COMBINATIONS = {
  f32 = { f32 = true, i8 = true },
  i8 = { i8 = true, i4 = true },
  u8 = { u8 = true },
  i16 = { i8 = true, i4 = true },
}

--- Refuses element types that cannot meet.
function M.check_types(b, op)
  local x, w, y = op.inputs[1], op.inputs[2], op.outputs[1]
  local activations = COMBINATIONS[b:dtype(x)]
  if not activations or not activations[b:dtype(w)] or b:dtype(y) ~= x.dtype then
    b:unsupported("%s activations with %s weights and %s results", x.dtype, w.dtype, y.dtype)
  end
  if x.dtype == "i16" and (x:scalar_quant().zero ~= 0 or y:scalar_quant().zero ~= 0) then
    b:fail("16-bit activations have the zero points %d and %d; only 0 is legal",
      x:scalar_quant().zero, y:scalar_quant().zero)
  end
end

-- Whether float activations are to be quantized at run time. Of TFLite's kernels for that, the
-- ones with a zero point or with weights quantized per channel are not supported.
local function is_hybrid(b, op)
  local x, w = op.inputs[1], op.inputs[2]
  if x.dtype ~= "f32" or w.dtype == "f32" then return false end
  local quant = w:quant()
  if not quant then b:fail("the weights, %s, have no quantization", w:show()) end
  local asymmetric = op.code == "DEPTHWISE_CONV_2D"
    or op.code == "FULLY_CONNECTED" and op.options.asymmetric_quantize_inputs
  if asymmetric or quant.scales or quant.zero ~= 0 then
    b:unsupported("float activations that are quantized at run time with a zero point")
  end
  return true
end

-- The weights as a constant `perm`uted to [channels, ...], their quantization along axis 0.
local function weights(b, op, perm)
  local w = op.inputs[2]
  local tensor = b:data(w)
  if not tensor then b:unsupported("the weights, %s, are not constant", w:show()) end
  return b:once("weights " .. w.index .. words.list(perm or {}), function()
    if w.dtype == "i4" then -- C has no arithmetic on 4 bits
      tensor = ir.apply("cast", { tensor }, {}, { dtype = "i8", shape = w.shape })
    end
    if perm then tensor = tensor:transpose(perm) end
    local type = tensor.type
    type.quant = b:quant(w, 0)
    return b.module:const { name = w.name, data = tensor, type = type }
  end)
end

local BIAS_TYPES = {
  f32 = { f32 = true }, i8 = { i32 = true }, u8 = { i32 = true }, i16 = { i32 = true, i64 = true },
}

local function bias(b, op, channels)
  local tensor = op.inputs[3]
  if not tensor then return false end
  if not BIAS_TYPES[op.inputs[1].dtype][b:dtype(tensor)] then
    b:unsupported("%s activations with a bias of %s", op.inputs[1].dtype, tensor.dtype)
  end
  if tensor.count ~= channels then
    b:fail("the bias, %s, has %d elements for %s", tensor:show(), tensor.count,
      words.count(channels, "channel"))
  end
  if not tensor.bytes then return b:value(tensor) end
  return b:once("bias " .. tensor.index, function()
    return b:const(tensor.name, { dtype = tensor.dtype, shape = { channels } }, tensor.bytes)
  end)
end

-- The real factor of each channel from accumulator to result.
local function factors(b, op, fields)
  local x, w, y = op.inputs[1], op.inputs[2], op.outputs[1]
  local input, output = x:scalar_quant().scale, y:scalar_quant().scale
  local quant = w:quant()
  if not quant then b:fail("the weights, %s, have no quantization", w:show()) end
  if quant.scales then
    if quant.axis ~= fields.channel_axis then
      b:fail("the weights, %s, are quantized along dimension %d; only %d is legal", w:show(),
        quant.axis, fields.channel_axis)
    end
    local list = {}
    for i, scale in ipairs(quant.scales) do list[i] = input * scale / output end
    return list
  end
  -- The reference multiplies these two in f32, but for convolutions of 8 and 16 signed bits.
  local product = input * quant.scale
  if fields.single or x.dtype == "u8" then product = fixed.f32(product) end
  return { product / output }
end

-- The bits of the reference's accumulator: 64 for 16-bit activations, unless the bias says 32.
local function narrow(b, op, value)
  if op.inputs[1].dtype ~= "i16" then return value end
  local bias_type = op.inputs[3] and op.inputs[3].dtype
  if not bias_type and op.code ~= "DEPTHWISE_CONV_2D" then
    bias_type = schema.types[op.options.quantized_bias_type]
  end
  if bias_type ~= "i32" then return value end
  return b:append("cast", { value }, nil, { dtype = "i32" })
end

--- Applies the core op `core` with attributes `attrs` to the input `x`; then what follows the
-- accumulator. Further fields: `perm` of the weights, their `channel_axis` in the file, and
-- `single` where the reference multiplies scales in f32.
function M.contract(b, op, fields)
  local y, w, x, attrs = op.outputs[1], weights(b, op, fields.perm), fields.x, fields.attrs
  local offset = bias(b, op, w.type.shape[1])
  local value
  if is_hybrid(b, op) then
    local stored, factor = hybrid.quantize(b, x)
    value = b:append(fields.core, { stored, w, false }, attrs)
    value = hybrid.real(b, value,
      { factor = factor, scale = op.inputs[2]:scalar_quant().scale, bias = offset })
  else
    value = b:append(fields.core, { x, w, offset }, attrs)
    if y.dtype ~= "f32" then
      value = b:requantize(narrow(b, op, value), factors(b, op, fields), y)
    end
  end
  return b:activate(value, b:activation(op.options.activation), y)
end

return M
