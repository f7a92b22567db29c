--- onnx.quantize: QuantizeLinear and DequantizeLinear; scales and zero points become types.
local quant = require "aotlua.import.onnx.quant"
local tensor = require "aotlua.import.onnx.tensor"

-- Integers whose f32 image divided by the scale gives them back when rounded.
local RETURNS = { i8 = true, u8 = true, i16 = true, u16 = true, i4 = true, u4 = true }

local function check_blocks(n)
  if n:attribute("block_size", 0) ~= 0 then
    n:unsupported("attribute 'block_size' is %d; supported is one scale, or one along an axis",
      n:attribute("block_size"))
  end
end

local function lower_dequantize(n)
  local kind = n:operand(1):type()
  check_blocks(n)
  if n:attribute("output_dtype", 0) > 1 then
    n:unsupported("attribute 'output_dtype' is other than 1, float")
  end
  local integers = quant.typed(n, 1, quant.read(n, 2, {
    dtype = kind.dtype,
    shape = kind.shape,
    axis = n:attribute("axis", 1),
  }))
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
  check_blocks(n)
  local kind = {
    dtype = dtype,
    quant = quant.read(n, 2, { dtype = dtype, shape = shape, axis = n:attribute("axis", 1) }),
  }
  local result = waiting and waiting { node = n, type = kind, name = name, clips = {} }
  local known = x.integer and x.integer.type
  if known and known.dtype == dtype and RETURNS[dtype] and quant.same(known.quant, kind.quant) then
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
