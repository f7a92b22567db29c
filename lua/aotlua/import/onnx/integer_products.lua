--- onnx.integer_products: MatMulInteger, ConvInteger, DynamicQuantizeLinear.
local compose = require "aotlua.import.onnx.compose"
local products = require "aotlua.import.onnx.products"
local words = require "aotlua.import.words"

local by, op = compose.by, compose.op

-- A zero point as i32, its list along axis `axis` (from the end) of a matrix; nil where it is 0.
local function zero_of(n, i, columns)
  local given = n:operand(i)
  if not given then
    return nil
  end
  local data = given:tensor()
  if data and #data == 1 and data:get(1) == 0 then
    return nil
  end
  local value = compose.cast(n, n:value(i), "i32")
  local shape = value.type.shape
  if #shape == 1 and shape[1] > 1 and not columns then
    return n:reshape(value, { shape[1], 1 })
  end
  return #shape == 1 and shape[1] == 1 and n:reshape(value, {}) or value
end

-- Input `i` without a zero point that it may have had elsewhere: products would subtract it.
local function stored(n, i)
  local value = n:value(i)
  local type = value.type
  if not type.quant then
    return value
  end
  return n:emit {
    op = "reshape",
    inputs = { value },
    attrs = { shape = type.shape },
    type = { dtype = type.dtype },
  }
end

-- sum (a - za)(b - zb) = sum a b - zb sum a - za sum b + k za zb, all exact in i32.
local function lower_matmul(n)
  local a, b = stored(n, 1), stored(n, 2)
  local za, zb = zero_of(n, 3, false), zero_of(n, 4, true)
  local a_shape, b_shape = a.type.shape, b.type.shape
  if #a_shape < 2 or #b_shape < 2 then
    n:unsupported("operands of shapes %s and %s; supported are matrices", words.list(a_shape),
      words.list(b_shape))
  end
  local result = n:emit { op = "matmul", inputs = { a, b, false } }
  local function sums(value, axis)
    return n:emit {
      op = "reduce_sum",
      inputs = { value },
      attrs = { axes = { axis }, keep = true },
      type = { dtype = "i32" },
      folds = true,
    }
  end
  if zb then
    result = op(n, "sub", { result, op(n, "mul", { sums(a, #a_shape - 1), zb }) })
  end
  if za then
    result = op(n, "sub", { result, op(n, "mul", { za, sums(b, #b_shape - 2) }) })
  end
  if za and zb then
    result = op(n, "add", { result, by(n, "mul", op(n, "mul", { za, zb }), a_shape[#a_shape]) })
  end
  n:result(1, result)
end

-- Integers less their zero point, a constant that stands in their type.
local function centered(n, i, zero)
  local value = n:value(i)
  local point = 0
  if n:operand(zero) then
    local data = n:tensor(zero, "the zero point")
    if #data ~= 1 then
      n:unsupported("%d zero points; supported is one", #data)
    end
    point = data:get(1)
  end
  return n:emit {
    op = "reshape",
    inputs = { value },
    attrs = { shape = value.type.shape },
    type = { dtype = value.type.dtype, quant = { scale = 1.0, zero = point } },
  }
end

local function lower_conv(n)
  local parts = products.conv(n, n:operand(1), n:operand(2))
  n:result(1, parts.emit(centered(n, 1, 3), centered(n, 2, 4), nil,
    { node = n, name = n:output_name(1) }))
end

-- The range of x, with 0, in 255 steps.
local function lower_dynamic(n)
  local x = n:value(1)
  local axes, zero = {}, compose.number(n, "f32", 0)
  for i = 1, #x.type.shape do
    axes[i] = i - 1
  end
  local most = op(n, "max", { compose.reduce(n, "reduce_max", x, axes, false), zero })
  local least = op(n, "min", { compose.reduce(n, "reduce_min", x, axes, false), zero })
  local scale = by(n, "div", op(n, "sub", { most, least }), 255)
  local point = op(n, "div", { op(n, "neg", { least }), scale })
  point = op(n, "round", { op(n, "clamp", { point }, { lo = 0.0, hi = 255.0 }) })
  local steps = op(n, "add", { op(n, "round", { op(n, "div", { x, scale }) }), point })
  n:result(1, compose.cast(n, op(n, "clamp", { steps }, { lo = 0.0, hi = 255.0 }), "u8"))
  n:result(2, scale)
  n:result(3, compose.cast(n, point, "u8"))
end

local CONV_ATTRIBUTES = {
  auto_pad = "string",
  dilations = "ints",
  group = "int",
  kernel_shape = "ints",
  pads = "ints",
  strides = "ints",
}

return {
  MatMulInteger = { inputs = { 2, 4 }, attributes = {}, lower = lower_matmul },
  ConvInteger = { inputs = { 2, 4 }, attributes = CONV_ATTRIBUTES, lower = lower_conv },
  DynamicQuantizeLinear = {
    inputs = { 1, 1 },
    outputs = 3,
    attributes = {},
    lower = lower_dynamic,
  },
}
