--- onnx.contract: Conv, Gemm and MatMul as conv2d and matmul, on floats or on integers.
local integer = require "aotlua.import.onnx.integer"
local operand = require "aotlua.import.onnx.operand"
local spatial = require "aotlua.import.onnx.spatial"
local words = require "aotlua.import.words"

-- Binds output 1 to a sum of products. `parts` is { x, w, bias (Operands), axis = of w's output
-- channels, emit = function(x, w, bias, tail) }, where tail is { node, name, finish }: if there is
-- a `finish`, it turns the sum, channels last, into the result.
local function bind(n, parts)
  local function floats()
    return parts.emit(parts.x:value(), parts.w:value(), parts.bias and parts.bias:value(), {
      node = n,
      name = n:output_name(1),
    })
  end
  if n:uses(1) == 1 and integer.suits(parts.x, parts.w, parts.axis, parts.bias) then
    n:result(1, operand.waiting(floats, function(request)
      return integer.emit(n, parts, request)
    end))
  else
    n:result(1, floats())
  end
end

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

local function lower_conv(n)
  local x, w, bias = n:operand(1), n:operand(2), n:operand(3)
  local x_shape, w_shape = x:type().shape, w:type().shape
  local group = n:attribute("group", 1)
  local axes, kernel = check_conv(n, x_shape, w_shape, group)
  if bias and words.list(bias:type().shape) ~= words.list { w_shape[1] } then
    n:fail("the bias has shape %s, there are %d output channels", words.list(bias:type().shape),
      w_shape[1])
  end
  local window = spatial.window(n, { shape = x_shape, kernel = kernel })
  bind(n, {
    x = x,
    w = w,
    bias = bias,
    axis = 0,
    emit = function(x_value, w_value, bias_value, tail)
      local sum = n:emit {
        op = "conv2d",
        inputs = { spatial.inward(n, x_value), spatial.inward(n, w_value), bias_value or false },
        attrs = {
          stride = window.stride,
          dilation = window.dilation,
          pad = spatial.pad(window),
          groups = group,
        },
      }
      local result = tail.finish and tail.finish(sum) or sum
      return spatial.outward(tail.node, result, axes, tail.name)
    end,
  })
end

-- The shape [n] of a Gemm's C that can be a matmul's bias: [n] and [1, n].
local function is_bias(shape, columns)
  return shape[#shape] == columns and (#shape == 1 or (#shape == 2 and shape[1] == 1))
end

-- The two extents of a matrix, turned if asked.
local function matrix(n, shape, turned, what)
  if #shape ~= 2 then
    n:fail("%s has shape %s; it has to be a matrix", what, words.list(shape))
  end
  return shape[turned and 2 or 1], shape[turned and 1 or 2]
end

local function scaled(n, value, factor)
  if factor == 1.0 then
    return value
  end
  local dtype = value.type.dtype
  if dtype:find("^[iu]") then
    n:unsupported("alpha and beta other than 1 on type %s", dtype)
  end
  local by = n:constant({ dtype = dtype, shape = {} }, { factor })
  return n:emit { op = "mul", inputs = { value, by }, folds = true }
end

-- alpha * product + beta * C, for what a matmul's bias cannot express.
local function affine(n, product, c, shape)
  local result = scaled(n, product, n:attribute("alpha", 1.0))
  if c then
    local addend = scaled(n, c:value(), n:attribute("beta", 1.0))
    result = n:emit { op = "add", inputs = { result, addend }, name = n:output_name(1) }
    if words.list(result.type.shape) ~= words.list(shape) then
      n:fail("C has shape %s, which does not broadcast to %s", words.list(c:type().shape),
        words.list(shape))
    end
  end
  return result
end

local function lower_gemm(n)
  local a, b, c = n:operand(1), n:operand(2), n:operand(3)
  local turn_a, turn_b = n:flag("transA", false), n:flag("transB", false)
  local rows, inner = matrix(n, a:type().shape, turn_a, "A")
  local depth, columns = matrix(n, b:type().shape, turn_b, "B")
  if inner ~= depth then
    n:fail("A is %s and B is %s%s%s; the inner extents are %d and %d", words.list(a:type().shape),
      words.list(b:type().shape), turn_a and ", transA" or "", turn_b and ", transB" or "", inner,
      depth)
  end
  local function product(a_value, b_value, bias_value, tail)
    if turn_a then
      a_value = n:move { op = "transpose", inputs = { a_value }, attrs = { perm = { 1, 0 } } }
    end
    local bias = bias_value and n:reshape(bias_value, { columns })
    local sum = n:emit {
      op = "matmul",
      inputs = { a_value, b_value, bias or false },
      attrs = { transpose_b = turn_b or nil },
      name = not tail.finish and tail.name or nil,
    }
    return tail.finish and tail.finish(sum, tail.name) or sum
  end
  local plain = n:attribute("alpha", 1.0) == 1.0 and n:attribute("beta", 1.0) == 1.0
  if plain and (not c or is_bias(c:type().shape, columns)) then
    bind(n, { x = a, w = b, bias = c, axis = turn_b and 0 or 1, emit = product })
  else
    local sum = product(a:value(), b:value(), nil, { node = n })
    n:result(1, affine(n, sum, c, { rows, columns }))
  end
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

local function lower_matmul(n)
  local a, b = n:operand(1), n:operand(2)
  local left, right = #a:type().shape == 1, #b:type().shape == 1
  bind(n, {
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
        name = not vector and not tail.finish and tail.name or nil,
      }
      local result = tail.finish and tail.finish(sum, not vector and tail.name or nil) or sum
      if vector then
        result = tail.node:reshape(result, without_added(result.type.shape, left, right), tail.name)
      end
      return result
    end,
  })
end

return {
  Conv = {
    inputs = { 2, 3 },
    attributes = {
      auto_pad = "string",
      dilations = "ints",
      group = "int",
      kernel_shape = "ints",
      pads = "ints",
      strides = "ints",
    },
    lower = lower_conv,
  },
  Gemm = {
    inputs = { 2, 3 },
    attributes = { alpha = "float", beta = "float", transA = "int", transB = "int" },
    lower = lower_gemm,
  },
  MatMul = { inputs = { 2, 2 }, attributes = {}, lower = lower_matmul },
}
