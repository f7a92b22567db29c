--- onnx.quant: scales and zero points, which ONNX gives as operands, as parts of types.
local words = require "aotlua.import.words"

local quant = {}

local SMALLEST = 2.0 ^ -126 -- the least normal f32
local INTEGERS = { i8 = true, u8 = true, i16 = true, u16 = true, i32 = true, i4 = true, u4 = true }

local function check_scales(n, scales)
  for _, scale in ipairs(scales) do
    if not (scale >= SMALLEST and scale < math.huge) then
      n:fail("a scale is %.9g; it has to be a positive, normal number", scale)
    end
  end
end

-- The zero points, input `i`, as one number or, where they differ, as a constant.
local function read_zeros(n, i, dtype, count)
  if not n:operand(i) then
    return 0
  end
  local data = n:tensor(i, "the zero point")
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

--- Reads input `i`, the scale, and the one behind it, the zero point, as the quantization of
-- integers: `integers` is { dtype, shape, axis = where the scale is a list }.
function quant.read(n, i, integers)
  local dtype, shape = integers.dtype, integers.shape
  local data = n:tensor(i, "the scale")
  local kind = data.type
  if kind.dtype ~= "f32" then
    n:unsupported("the scale has type %s; supported is f32", kind.dtype)
  elseif not INTEGERS[dtype] then
    n:unsupported("quantization to type %s", dtype)
  elseif #kind.shape > 1 then
    n:unsupported("scales of shape %s for blocks; supported are one scale, or one along an axis",
      words.list(kind.shape))
  end
  local count = #data
  check_scales(n, data:list())
  if count == 1 then
    return { scale = data:get(1), zero = (read_zeros(n, i + 1, dtype, 1)) }
  end
  local axis = n:axis(integers.axis, #shape)
  if shape[axis + 1] ~= count then
    n:fail("there are %d scales; axis %d of %s has %d", count, axis, words.list(shape),
      shape[axis + 1])
  end
  local zero, zeros = read_zeros(n, i + 1, dtype, count)
  return { axis = axis, scales = n:value(i), zero = not zeros and zero or nil, zeros = zeros }
end

local function same_constant(a, b)
  return a == b or (a and b and a.data:equal(b.data)) or false
end

--- Whether two quantizations are one.
function quant.same(a, b)
  return a and b and a.axis == b.axis and a.scale == b.scale and a.zero == b.zero
    and same_constant(a.scales, b.scales) and same_constant(a.zeros, b.zeros)
end

--- Input `i` as a Value whose type says what its integers mean.
function quant.typed(n, i, meaning)
  local x = n:operand(i)
  local data = x:tensor()
  local kind = data and data.type or x:type()
  local typed = { dtype = kind.dtype, shape = kind.shape, quant = meaning }
  if data then
    return n:typed_constant(data, typed, n.proto.input[i])
  end
  local value = x:value()
  if quant.same(kind.quant, meaning) then
    return value
  elseif value.kind == "param" and not kind.quant and value.uses == 0 then
    value:set_type(typed)
    return value
  end
  return n:emit { op = "reshape", inputs = { value }, attrs = { shape = kind.shape }, type = typed }
end

return quant
