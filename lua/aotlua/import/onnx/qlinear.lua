--- onnx.qlinear: operators on quantized operands, each with its scale and zero point.
local integer = require "aotlua.import.onnx.integer"
local operand = require "aotlua.import.onnx.operand"
local products = require "aotlua.import.onnx.products"
local quant = require "aotlua.import.onnx.quant"

-- Inputs i to i + 2 (integers, scale, zero point) as an Operand; a list of scales goes along
-- `axis`, counted from the front or the back.
local function read(n, i, axis)
  local kind = n:operand(i):type()
  local meaning = quant.read(n, i + 1, { dtype = kind.dtype, shape = kind.shape, axis = axis })
  local integers = quant.typed(n, i, meaning)
  return operand.quantized(integers, function()
    return n:emit { op = "dequantize", inputs = { integers } }
  end)
end

-- The type of the result, whose scale is input i; the zero point behind it says the element type.
local function result_type(n, i)
  local dtype = n:operand(i + 1) and n:operand(i + 1):type().dtype or "u8"
  if #n:tensor(i, "the scale") ~= 1 then
    n:unsupported("the result has more than one scale")
  end
  return { dtype = dtype, quant = quant.read(n, i, { dtype = dtype, shape = {}, axis = 0 }) }
end

local function quantize(n, value, kind)
  return n:emit {
    op = "quantize",
    inputs = { value },
    attrs = { rounding = "even" },
    type = kind,
    name = n:output_name(1),
  }
end

-- Binds output 1 to a product, on integers or, where they cannot express it, on floats.
local function bind(n, parts, kind)
  local name = n:output_name(1)
  local result = integer.suits(parts.x, parts.w, parts.axis, parts.bias)
    and integer.emit(n, parts, { node = n, type = kind, name = name, clips = {} })
  if not result then
    local bias = parts.bias and parts.bias:value()
    local sum = parts.emit(parts.x:value(), parts.w:value(), bias, {
      node = n,
      name = name .. "_float",
    })
    result = quantize(n, sum, kind)
  end
  n:result(1, result)
end

-- The bias, input i: its scale is the product of the others'.
local function read_bias(n, i, x, w)
  if not n:operand(i) then
    return nil
  end
  local x_quant, w_quant = x.integer.type.quant, w.integer.type.quant
  if x_quant.axis then
    n:unsupported("the input has more than one scale")
  end
  local meaning = { zero = 0 }
  if w_quant.axis then
    local scales = w_quant.scales.data:list()
    for k, scale in ipairs(scales) do
      scales[k] = scale * x_quant.scale
    end
    meaning.axis = 0
    meaning.scales = n:constant({ dtype = "f32", shape = { #scales } }, scales)
  else
    meaning.scale = x_quant.scale * w_quant.scale
  end
  local integers = quant.typed(n, i, meaning)
  return operand.quantized(integers, function()
    return n:emit { op = "dequantize", inputs = { integers } }
  end)
end

local function lower_conv(n)
  local x, w = read(n, 1, 1), read(n, 4, 0)
  bind(n, products.conv(n, x, w, read_bias(n, 9, x, w)), result_type(n, 7))
end

local function lower_matmul(n)
  bind(n, products.matmul(n, read(n, 1, -2), read(n, 4, -1)), result_type(n, 7))
end

local function lower_add(n)
  local sum = n:emit { op = "add", inputs = { read(n, 1, 0):value(), read(n, 4, 0):value() } }
  n:result(1, quantize(n, sum, result_type(n, 7)))
end

return {
  QLinearConv = {
    since = 10,
    inputs = { 8, 9 },
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
  QLinearMatMul = { since = 10, inputs = { 8, 8 }, attributes = {}, lower = lower_matmul },
  ["com.microsoft.QLinearAdd"] = { inputs = { 7, 8 }, attributes = {}, lower = lower_add },
}
