--- tflite.pool: AVERAGE_POOL_2D, MAX_POOL_2D and MEAN.
--
-- f32, i8, u8 and i16. Pools keep the quantization of their input. Sources: TFLite Micro's
-- pooling_common.cc and reduce_common.cc with QuantizedMeanOrSum.

local fixed = require "aotlua.import.fixed_point"
local window = require "aotlua.import.tflite.window"
local words = require "aotlua.import.words"

local TYPES = { f32 = true, i8 = true, u8 = true, i16 = true }

local function check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if not TYPES[b:dtype(x)] or x.dtype ~= b:dtype(y) then
    b:unsupported("%s to %s", x.dtype, y.dtype)
  end
end

local function check_same_scale(b, op)
  if op.inputs[1].dtype == "f32" then return end
  local x, y = op.inputs[1]:scalar_quant(), op.outputs[1]:scalar_quant()
  if math.abs(x.scale - y.scale) > 1e-6 or x.zero ~= y.zero then
    b:fail("a pool keeps its quantization, but goes from (%.9g, %d) to (%.9g, %d)", x.scale,
      x.zero, y.scale, y.zero)
  end
end

local function pool(name)
  return function(b, op)
    check_types(b, op)
    check_same_scale(b, op)
    local x, options = b:value(op.inputs[1]), op.options
    if #x.type.shape ~= 4 then
      b:fail("the input is %s; 4 dimensions are legal", words.list(x.type.shape))
    end
    local kernel = { options.filter_height, options.filter_width }
    local attrs = window.attributes(b, options, x.type.shape, { kernel = kernel })
    attrs.window = kernel
    local value = b:append(name, { x }, attrs)
    b:set(op.outputs[1], b:activate(value, b:activation(options.activation), op.outputs[1]))
  end
end

-- The axes of an axes operand, from the front, sorted, each once.
local function reduced_axes(b, op, rank)
  local seen, axes = {}, {}
  for _, axis in ipairs(b:numbers(op.inputs[2], "the axes")) do
    if axis < -rank or axis >= rank then
      b:fail("axis %d of a tensor of %s", axis, words.count(rank, "dimension"))
    end
    axis = axis % rank
    if not seen[axis] then axes[#axes + 1] = axis end
    seen[axis] = true
  end
  table.sort(axes)
  return axes
end

-- The mean of integers is their sum times 1/count, which joins the multiplier.
local function integer_mean(b, op, attrs)
  local x, y = op.inputs[1], op.outputs[1]
  local value, count = b:value(x), 1
  for _, axis in ipairs(attrs.axes) do count = count * value.type.shape[axis + 1] end
  if count == 0 then b:unsupported("the mean of no elements") end
  local quant = x:scalar_quant()
  local factor = quant.scale / y:scalar_quant().scale
  local multiplier, shift = fixed.quantize_multiplier(factor, b.rounding)
  local bits = select(2, fixed.frexp(count)) - 1
  bits = math.min(bits, 32, 31 + shift)
  multiplier, shift = (multiplier << bits) // count, shift - bits
  value = b:append("cast", { value }, nil, { dtype = "i32" })
  value = b:append("reduce_sum", { value }, attrs,
    { dtype = "i32", quant = { scale = quant.scale, zero = quant.zero * count } })
  return b:requantize_by(value, { multiplier }, { shift }, { type = b:declared(y) })
end

local function mean(b, op)
  check_types(b, op)
  local x = b:value(op.inputs[1])
  local attrs = { axes = reduced_axes(b, op, #x.type.shape), keep = op.options.keep_dims }
  local value
  if x.type.dtype == "f32" then
    value = b:append("reduce_mean", { x }, attrs)
  else
    value = integer_mean(b, op, attrs)
  end
  b:set(op.outputs[1], value)
end

return {
  AVERAGE_POOL_2D = { versions = 3, inputs = { 1, 1 }, options = "Pool2DOptions",
    convert = pool "avg_pool2d" },
  MAX_POOL_2D = { versions = 3, inputs = { 1, 1 }, options = "Pool2DOptions",
    convert = pool "max_pool2d" },
  MEAN = { versions = 3, inputs = { 2, 2 }, options = "ReducerOptions", convert = mean },
}
