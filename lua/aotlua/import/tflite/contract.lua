--- tflite.contract: convolutions and fully connected layers.
--
-- Float, int8 (per tensor and per channel), uint8, int16 activations with int8 weights, 4-bit
-- weights, and float activations with int8 weights quantized as a whole (see hybrid.lua).

local sums = require "aotlua.import.tflite.sums"
local window = require "aotlua.import.tflite.window"
local words = require "aotlua.import.words"

-- Checks of weights [_, kh, kw, _] for an input [n, h, w, c].
local function check_ranks(b, op)
  for i, what in ipairs { "the input", "the weights" } do
    local tensor = op.inputs[i]
    if #tensor.shape ~= 4 then
      b:fail("%s, %s, have the shape %s; 4 dimensions are legal", what, tensor:show(),
        words.list(tensor.shape))
    end
  end
end

local function convolve(b, op, fields)
  local x, shape = b:value(op.inputs[1]), op.inputs[2].shape
  fields.core, fields.x = "conv2d", x
  fields.attrs = window.attributes(b, op.options, x.type.shape, {
    kernel = { shape[2], shape[3] },
    dilation = { op.options.dilation_h_factor, op.options.dilation_w_factor },
  })
  fields.attrs.groups = fields.groups
  b:set(op.outputs[1], sums.contract(b, op, fields))
end

local function conv_2d(b, op)
  sums.check_types(b, op)
  check_ranks(b, op)
  local channels, depth = b:value(op.inputs[1]).type.shape[4], op.inputs[2].shape[4]
  local outputs = op.inputs[2].shape[1]
  if depth == 0 or channels % depth ~= 0 then
    b:fail("weights have %s, the input has %d", words.count(depth, "input channel"), channels)
  end
  local groups = channels // depth
  if groups == 0 or outputs % groups ~= 0 then
    b:fail("%d groups of input channels do not divide %s", groups,
      words.count(outputs, "output channel"))
  end
  convolve(b, op, { groups = groups, channel_axis = 0 })
end

local function depthwise_conv_2d(b, op)
  sums.check_types(b, op)
  check_ranks(b, op)
  local channels, shape = b:value(op.inputs[1]).type.shape[4], op.inputs[2].shape
  local multiplier = op.options.depth_multiplier
  if shape[1] ~= 1 or channels < 1 or shape[4] ~= channels * multiplier then
    b:fail("weights are %s, but %s times the depth multiplier %d make [1, h, w, %d]",
      words.list(shape), words.count(channels, "channel"), multiplier, channels * multiplier)
  end
  convolve(b, op, { perm = { 3, 1, 2, 0 }, groups = channels, channel_axis = 3 })
end

-- The reference tolerates a bias whose scale is a little off the accumulator's.
local function check_bias_scale(b, op)
  local x, w, tensor, y = op.inputs[1], op.inputs[2], op.inputs[3], op.outputs[1]
  local fields = tensor and tensor.table.quantization
  local scale = fields and fields.scale and fields.scale[1]
  if y.dtype == "f32" or not scale or not w:quant() or w:quant().scales then return end
  local product = x:scalar_quant().scale * w:quant().scale
  if math.abs(product - scale) / y:scalar_quant().scale > 0.02 then
    b:fail("the bias has the scale %.9g, input and weights together %.9g", scale, product)
  end
end

local function fully_connected(b, op)
  sums.check_types(b, op)
  if op.options.weights_format ~= 0 then b:unsupported("shuffled weights") end
  check_bias_scale(b, op)
  local x, shape = b:value(op.inputs[1]), op.inputs[2].shape
  if #shape ~= 2 then
    b:fail("the weights, %s, have the shape %s; 2 dimensions are legal", op.inputs[2]:show(),
      words.list(shape))
  end
  local channels, depth, count = shape[1], shape[2], 1
  for _, extent in ipairs(x.type.shape) do count = count * extent end
  local keep, dims = op.options.keep_num_dims, x.type.shape
  if depth == 0 or count % depth ~= 0 or keep and dims[#dims] ~= depth then
    b:fail("weights have %s, the input is %s", words.count(depth, "input channel"),
      words.list(dims))
  end
  if #dims ~= 2 or dims[2] ~= depth then
    x = b:append("reshape", { x }, { shape = { count // depth, depth } })
  end
  local value = sums.contract(b, op, { core = "matmul", x = x, attrs = { transpose_b = true },
    channel_axis = 0, single = true })
  if keep and #dims ~= 2 then
    dims[#dims] = channels
    value = b:append("reshape", { value }, { shape = dims })
  end
  b:set(op.outputs[1], value)
end

-- The operator as sums.lua has it, its operands in their order. It has no dilation. A shape that
-- is given at run time can only be the one the file says.
local function transpose_conv_2d(b, op)
  local size, w, x, bias = op.inputs[1], op.inputs[2], op.inputs[3], op.inputs[4]
  op.inputs = { x, w, bias }
  sums.check_types(b, op)
  check_ranks(b, op)
  local extents, shape = op.outputs[1].shape, w.shape
  if b:data(size) then extents = b:numbers(size, "the result's shape") end
  local image = b:value(x).type.shape
  if #extents ~= 4 or extents[1] ~= image[1] or extents[4] ~= shape[1] or shape[4] ~= image[4]
      or extents[2] < 0 or extents[3] < 0 then
    b:fail("weights %s turn %s into %s", words.list(shape), words.list(image),
      words.list(extents))
  end
  -- The padding is that of the convolution from the result to the input.
  local attrs = window.attributes(b, op.options, extents, { kernel = { shape[2], shape[3] } })
  attrs.pad = { attrs.pad[1], attrs.pad[2] }
  attrs.size = { extents[2], extents[3] }
  b:set(op.outputs[1], sums.contract(b, op, { core = "conv_transpose2d", x = b:value(x),
    attrs = attrs, channel_axis = 0 }))
end

return {
  CONV_2D = { versions = 8, inputs = { 2, 3 }, options = "Conv2DOptions", convert = conv_2d },
  DEPTHWISE_CONV_2D = { versions = 7, inputs = { 2, 3 }, options = "DepthwiseConv2DOptions",
    convert = depthwise_conv_2d },
  TRANSPOSE_CONV = { versions = 5, inputs = { 3, 4 }, options = "TransposeConvOptions",
    convert = transpose_conv_2d },
  FULLY_CONNECTED = { versions = 13, inputs = { 2, 3 }, options = "FullyConnectedOptions",
    convert = fully_connected },
}
