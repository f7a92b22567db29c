--- tflite.svdf: SVDF and L2_NORMALIZATION.
--
-- SVDF, a convolution over what it has seen: f32; i8 with an i8 or i16 memory. The memory is a
-- variable. L2_NORMALIZATION: f32. Sources: TFLite Micro's svdf_common.cc, TFLite's
-- reference/l2normalization.h.

local fixed = require "aotlua.import.fixed_point"
local ir = require "aot.ir"
local state = require "aotlua.import.tflite.state"
local words = require "aotlua.import.words"

local f32 = fixed.f32

-- Legal element types of weights in time and memory, by that of the input.
local TYPES = { f32 = { f32 = true }, i8 = { i8 = true, i16 = true } }

local function check(b, op)
  for _, i in ipairs { 1, 2, 3, 5 } do
    if not op.inputs[i] then b:fail("operand %d is missing", i - 1) end
  end
  local x, feature, time, bias, memory = table.unpack(op.inputs, 1, 5)
  local legal = TYPES[b:dtype(x)]
  if not legal or b:dtype(feature) ~= x.dtype or not legal[b:dtype(time)]
      or b:dtype(memory) ~= time.dtype or b:dtype(op.outputs[1]) ~= x.dtype then
    b:unsupported("%s with weights of %s and %s and a memory of %s", x.dtype, feature.dtype,
      time.dtype, memory.dtype)
  end
  if bias and b:dtype(bias) ~= (x.dtype == "f32" and "f32" or "i32") then
    b:unsupported("a bias of %s", bias.dtype)
  end
  if x.dtype ~= "f32" then
    for _, i in ipairs { 1, 2, 3, 5 } do op.inputs[i]:scalar_quant() end
  end
  local rank, filters, batch = op.options.rank, feature.shape[1], b:value(x).type.shape[1]
  local steps = time.shape[2]
  if rank < 1 or #feature.shape ~= 2 or #time.shape ~= 2 or filters % rank ~= 0
      or time.shape[1] ~= filters or steps < 1 or #memory.shape ~= 2 or memory.shape[1] ~= batch
      or memory.shape[2] ~= filters * steps or bias and bias.count ~= filters // rank then
    b:fail("weights %s and %s of rank %d with a memory %s", words.list(feature.shape),
      words.list(time.shape), rank, words.list(memory.shape))
  end
end

-- What the filters say of the input now, in the memory's type.
local function seen(b, op)
  local x, feature, memory = op.inputs[1], op.inputs[2], op.inputs[5]
  local value = b:append("matmul", { b:value(x), b:value(feature), false }, { transpose_b = true })
  if x.dtype == "f32" then return value end
  local scale = f32(x:scalar_quant().scale * feature:scalar_quant().scale)
  local zero, info = memory:scalar_quant().zero, ir.dtype(memory.dtype)
  if zero == 0 then
    return b:requantize(value, { f32(scale / memory:scalar_quant().scale) }, memory)
  end
  -- TFLite saturates before it adds the zero point, and that sum wraps around.
  local multiplier, shift = fixed.quantize_multiplier(f32(scale / memory:scalar_quant().scale),
    b.rounding)
  value = b:requantize_by(value, { multiplier }, { shift }, { type = { dtype = memory.dtype } })
  value = b:append("cast", { value }, nil, { dtype = "i32" })
  value = b:append("add", { value, b:scalar("i32", zero - info.min) })
  value = b:append("mod", { value, b:scalar("i32", 1 << info.bits) })
  value = b:append("add", { value, b:scalar("i32", info.min) })
  return b:append("cast", { value }, nil, b:declared(memory))
end

-- The memory [batch, filters, steps] without its oldest step, and with `value`.
local function remembered(b, memory, value)
  local shape = memory.type.shape
  local newer = b:append("slice", { memory }, { start = { 0, 0, 1 }, stop = shape })
  value = b:append("reshape", { value }, { shape = { shape[1], shape[2], 1 } })
  return b:append("concat", { newer, value }, { axis = 2 })
end

-- Integers less their zero point as i32; floats as they are.
local function centered(b, value)
  if value.type.dtype == "f32" then return value end
  local zero = value.type.quant.zero
  value = b:append("cast", { value }, nil, { dtype = "i32" })
  return zero == 0 and value or b:append("sub", { value, b:scalar("i32", zero) })
end

local function svdf(b, op)
  check(b, op)
  local x, time, bias, tensor, y = op.inputs[1], op.inputs[3], op.inputs[4], op.inputs[5],
    op.outputs[1]
  local is_float, rank = x.dtype == "f32", op.options.rank
  local activation = b:activation(op.options.activation)
  if not is_float and activation ~= "NONE" and activation ~= "RELU" then
    b:unsupported("activation %s", activation)
  end
  local flat, filters = state.current(b, tensor), time.shape[1]
  local batch = flat.type.shape[1]
  local memory = b:append("reshape", { flat }, { shape = { batch, filters, time.shape[2] } })
  memory = remembered(b, memory, seen(b, op))
  state.leave(b, tensor, b:append("reshape", { memory }, { shape = flat.type.shape }))

  local sum = b:append("mul", { centered(b, memory), centered(b, b:value(time)) })
  sum = b:append("reduce_sum", { sum }, { axes = { 2 }, keep = false })
  sum = b:append("reshape", { sum }, { shape = { batch, filters // rank, rank } })
  sum = b:append("reduce_sum", { sum }, { axes = { 2 }, keep = false })
  if bias then sum = b:append("add", { sum, b:value(bias) }) end
  if not is_float then
    local scale = f32(tensor:scalar_quant().scale * time:scalar_quant().scale)
    sum = b:requantize(sum, { f32(scale / y:scalar_quant().scale) }, y)
  end
  b:set(y, is_float and b:activate(sum, activation, y) or sum)
end

local function l2_normalization(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if b:dtype(x) ~= "f32" or b:dtype(y) ~= "f32" then b:unsupported("%s to %s", x.dtype, y.dtype) end
  local value = b:value(x)
  if #value.type.shape == 0 then b:fail("a scalar has no axis to normalize") end
  local square = b:append("mul", { value, value })
  local sum = b:append("reduce_sum", { square }, { axes = { #value.type.shape - 1 }, keep = true })
  local length = b:append("clamp", { b:append("sqrt", { sum }) }, { lo = f32(1e-6) })
  local activation = b:activation(op.options.activation)
  b:set(y, b:activate(b:append("div", { value, length }), activation, y))
end

return {
  SVDF = { versions = 4, inputs = { 5, 5 }, options = "SVDFOptions", optional = true,
    convert = svdf },
  L2_NORMALIZATION = { versions = 2, inputs = { 1, 1 }, options = "L2NormOptions",
    convert = l2_normalization },
}
