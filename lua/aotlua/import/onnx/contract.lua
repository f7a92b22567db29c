--- onnx.contract: Conv, Gemm and MatMul as conv2d and matmul, on floats or on integers.
local integer = require "aotlua.import.onnx.integer"
local operand = require "aotlua.import.onnx.operand"
local products = require "aotlua.import.onnx.products"
local words = require "aotlua.import.words"

-- Binds output 1 to a product (see onnx.products).
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

local function lower_conv(n)
  bind(n, products.conv(n, n:operand(1), n:operand(2), n:operand(3)))
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
      name = tail.finish and n:output_name(1) .. "_sum" or tail.name,
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

local function lower_matmul(n)
  bind(n, products.matmul(n, n:operand(1), n:operand(2)))
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
