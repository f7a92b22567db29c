--- onnx.products: convolutions and matrix products, on floats or on integers.
-- A product is { x, w, bias (Operands), axis = of w's output channels, emit = function(x, w, bias,
-- tail) }. `emit` takes Values; tail is { node, name, finish }, where `finish(sum, name)`, if
-- there, turns the sum, channels last, into the result.
local spatial = require "aotlua.import.onnx.spatial"
local words = require "aotlua.import.words"

local products = {}

local function check_conv(n, x, w, group)
  local axes = spatial.axes(n, x)
  if #w ~= #x then
    n:fail("the input %s and the weights %s differ in rank", words.list(x), words.list(w))
  elseif group < 1 or group > x[2] or x[2] % group ~= 0 or w[1] % group ~= 0 then
    n:fail("attribute 'group' is %d; it has to divide %d input and %d output channels", group, x[2],
      w[1])
  elseif w[2] ~= x[2] // group then
    n:fail("the weights %s have %d input channels per group; the input %s has %d in %d groups",
      words.list(w), w[2], words.list(x), x[2], group)
  end
  local kernel = table.move(w, 3, #w, 1, {})
  local given = n:attribute("kernel_shape", kernel)
  if words.list(given) ~= words.list(kernel) then
    n:fail("attribute 'kernel_shape' is %s, the weights are %s", words.list(given), words.list(w))
  end
  return axes, kernel
end

--- The convolution of the Operands x and w, [n, c, ...] and [o, c / group, ...], and bias [o] or
-- nil, by the attributes of Conv.
function products.conv(n, x, w, bias)
  local x_shape, w_shape = x:type().shape, w:type().shape
  local group = n:attribute("group", 1)
  local axes, kernel = check_conv(n, x_shape, w_shape, group)
  if bias and words.list(bias:type().shape) ~= words.list { w_shape[1] } then
    n:fail("the bias has shape %s, there are %d output channels", words.list(bias:type().shape),
      w_shape[1])
  end
  local window = spatial.window(n, { shape = x_shape, kernel = kernel })
  return {
    x = x,
    w = w,
    bias = bias,
    axis = 0,
    emit = function(x_value, w_value, bias_value, tail)
      local named = tail.name .. "_nhwc"
      local sum = n:emit {
        op = "conv2d",
        inputs = { spatial.inward(n, x_value), spatial.inward(n, w_value), bias_value or false },
        attrs = {
          stride = window.stride,
          dilation = window.dilation,
          pad = spatial.pad(window),
          groups = group,
        },
        name = tail.finish and n:output_name(1) .. "_sum" or named,
      }
      local result = tail.finish and tail.finish(sum, named) or sum
      return spatial.outward(tail.node, result, axes, tail.name)
    end,
  }
end

-- MatMul's rule for vectors: [k] is a row on the left and a column on the right, and the axis
-- added for it is taken out of the result.
local function without_added(shape, left, right)
  local result = table.move(shape, 1, #shape, 1, {})
  if right then
    table.remove(result)
  end
  if left then
    table.remove(result, #result - (right and 0 or 1))
  end
  return result
end

--- The product of the Operands a and b by NumPy's rule.
function products.matmul(n, a, b)
  local left, right = #a:type().shape == 1, #b:type().shape == 1
  return {
    x = a,
    w = b,
    axis = #b:type().shape - 1,
    emit = function(a_value, b_value, _, tail)
      local a_shape, b_shape = a_value.type.shape, b_value.type.shape
      if left then
        a_value = n:reshape(a_value, { 1, a_shape[1] })
      end
      if right then
        b_value = n:reshape(b_value, { b_shape[1], 1 })
      end
      local vector = left or right
      local sum = n:emit {
        op = "matmul",
        inputs = { a_value, b_value, false },
        name = tail.finish and n:output_name(1) .. "_sum" or not vector and tail.name or nil,
      }
      local result = tail.finish and tail.finish(sum, not vector and tail.name or nil) or sum
      if vector then
        result = tail.node:reshape(result, without_added(result.type.shape, left, right), tail.name)
      end
      return result
    end,
  }
end

return products
