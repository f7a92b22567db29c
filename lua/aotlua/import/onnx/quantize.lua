--- onnx.quantize: QuantizeLinear and DequantizeLinear; scales and zero points become types.
local tensor = require "aotlua.import.onnx.tensor"
local words = require "aotlua.import.words"

local SMALLEST = 2.0 ^ -126 -- the least normal f32
local INTEGERS = { i8 = true, u8 = true, i16 = true, u16 = true, i32 = true, i4 = true, u4 = true }

-- Integers whose f32 image divided by the scale gives them back when rounded.
local RETURNS = { i8 = true, u8 = true, i16 = true, u16 = true, i4 = true, u4 = true }

local function check_scales(n, scales)
  for _, scale in ipairs(scales) do
    if not (scale >= SMALLEST and scale < math.huge) then
      n:fail("a scale is %.9g; it has to be a positive, normal number", scale)
    end
  end
end

-- The zero points as one number or, where they differ, as a constant.
local function read_zeros(n, dtype, count)
  if not n:operand(3) then
    return 0
  end
  local data = n:tensor(3, "the zero point")
  if data.type.dtype ~= dtype then
    n:fail("the zero point has type %s, the integers have %s", data.type.dtype, dtype)
  elseif #data ~= count then
    n:fail("there are %d scales and %d zero points", count, #data)
  end
  local zeros = data:list()
  for _, zero in ipairs(zeros) do
    if zero ~= zeros[1] then
      local type = { dtype = "i64", shape = { count } }
      return 0, n:constant(type, zeros, n:output_name(1) .. "_zeros")
    end
  end
  return zeros[1]
end

-- Inputs 2 and 3 as the quantization of integers `dtype` with this shape.
local function read_quant(n, dtype, shape)
  local data = n:tensor(2, "the scale")
  local kind = data.type
  if kind.dtype ~= "f32" then
    n:unsupported("the scale has type %s; supported is f32", kind.dtype)
  elseif not INTEGERS[dtype] then
    n:unsupported("quantization to type %s", dtype)
  elseif n:attribute("block_size", 0) ~= 0 or #kind.shape > 1 then
    n:unsupported("scales of shape %s for blocks; supported are one scale, or one along an axis",
      words.list(kind.shape))
  end
  local count = #data
  check_scales(n, data:list())
  if count == 1 then
    return { scale = data:get(1), zero = (read_zeros(n, dtype, 1)) }
  end
  local axis = n:axis(n:attribute("axis", 1), #shape)
  if shape[axis + 1] ~= count then
    n:fail("there are %d scales; axis %d of %s has %d", count, axis, words.list(shape),
      shape[axis + 1])
  end
  local zero, zeros = read_zeros(n, dtype, count)
  return { axis = axis, scales = n:value(2), zero = not zeros and zero or nil, zeros = zeros }
end

local function same_constant(a, b)
  return a == b or (a and b and a.data:equal(b.data)) or false
end

local function same_quant(a, b)
  return a and b and a.axis == b.axis and a.scale == b.scale and a.zero == b.zero
    and same_constant(a.scales, b.scales) and same_constant(a.zeros, b.zeros)
end

-- The integers of `x` as a Value whose type says what they mean.
local function with_quant(n, x, quant)
  local data = x:tensor()
  local kind = data and data.type or x:type()
  local typed = { dtype = kind.dtype, shape = kind.shape, quant = quant }
  if data then
    return n:typed_constant(data, typed, n.proto.input[1])
  end
  local value = x:value()
  if same_quant(kind.quant, quant) then
    return value
  elseif value.kind == "param" and not kind.quant and value.uses == 0 then
    value:set_type(typed)
    return value
  end
  return n:emit { op = "reshape", inputs = { value }, attrs = { shape = kind.shape }, type = typed }
end

local function lower_dequantize(n)
  local x = n:operand(1)
  local kind = x:type()
  if n:attribute("output_dtype", 0) > 1 then
    n:unsupported("attribute 'output_dtype' is other than 1, float")
  end
  local integers = with_quant(n, x, read_quant(n, kind.dtype, kind.shape))
  n:dequantized(1, integers)
end

-- The element type of QuantizeLinear's result.
local function target_dtype(n)
  local zero = n:operand(3)
  local given = n:attribute("output_dtype", 0)
  local wanted = given ~= 0 and tensor.dtype(given) or nil
  if zero then
    local dtype = zero:type().dtype
    if wanted and wanted ~= dtype then
      n:fail("attribute 'output_dtype' is %s, the zero point is %s", wanted, dtype)
    end
    return dtype
  end
  return wanted or "u8"
end

local function floats(n, x)
  local value = x:value()
  if value.type.dtype == "f32" then
    return value
  elseif value.type.dtype ~= "i32" then
    n:unsupported("the input has type %s; supported are f32 and i32", value.type.dtype)
  end
  return n:emit { op = "cast", inputs = { value }, type = { dtype = "f32" } }
end

local function lower_quantize(n)
  local x, dtype, name = n:operand(1), target_dtype(n), n:output_name(1)
  local waiting = x.requantized
  local shape = waiting and {} or x:type().shape
  if waiting and #n:tensor(2, "the scale") > 1 then
    waiting, shape = nil, x:type().shape
  end
  local kind = { dtype = dtype, quant = read_quant(n, dtype, shape) }
  local result = waiting and waiting { node = n, type = kind, name = name, clips = {} }
  local known = x.integer and x.integer.type
  if known and known.dtype == dtype and RETURNS[dtype] and same_quant(known.quant, kind.quant) then
    result = x.integer
  end
  n:result(1, result or n:emit {
    op = "quantize",
    inputs = { floats(n, x) },
    attrs = { rounding = "even" },
    type = kind,
    name = name,
  })
end

local ATTRIBUTES = {
  axis = "int",
  block_size = "int",
  output_dtype = "int",
  precision = "int",
  saturate = "int",
}

return {
  QuantizeLinear = {
    since = 10,
    inputs = { 2, 3 },
    attributes = ATTRIBUTES,
    lower = lower_quantize,
  },
  DequantizeLinear = {
    since = 10,
    inputs = { 2, 3 },
    attributes = ATTRIBUTES,
    lower = lower_dequantize,
  },
}
