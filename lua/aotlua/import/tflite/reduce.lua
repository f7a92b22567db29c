--- tflite.reduce: MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY and REDUCE_ALL.
--
-- MEAN and SUM: f32, i8, u8 and i16, plain i32 and i64 sums. REDUCE_MAX and REDUCE_MIN: any
-- numbers. Source: TFLite Micro's reduce_common.cc with QuantizedMeanOrSum.

local fixed = require "aotlua.import.fixed_point"

local TYPES = { f32 = true, i8 = true, u8 = true, i16 = true }

local function check_types(b, op, legal)
  local x, y = op.inputs[1], op.outputs[1]
  if not legal[b:dtype(x)] or x.dtype ~= b:dtype(y) then
    b:unsupported("%s to %s", x.dtype, y.dtype)
  end
end

-- The axes of an axes operand, from the front, sorted, each once.
local function reduced_axes(b, op, rank)
  local seen, axes = {}, {}
  for _, axis in ipairs(b:numbers(op.inputs[2], "the axes")) do
    axis = b:axis(axis, rank)
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
  check_types(b, op, TYPES)
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

-- The sum of integers, without their zero points, times the quotient of the scales.
local function integer_sum(b, op, attrs)
  local x, y = op.inputs[1], op.outputs[1]
  local value, count = b:value(x), 1
  for _, axis in ipairs(attrs.axes) do count = count * value.type.shape[axis + 1] end
  local quant = x:scalar_quant()
  value = b:append("cast", { value }, nil, { dtype = "i32" })
  value = b:append("reduce_sum", { value }, attrs,
    { dtype = "i32", quant = { scale = quant.scale, zero = quant.zero * count } })
  return b:requantize(value, { quant.scale / y:scalar_quant().scale }, y)
end

local SUM_TYPES = { f32 = true, i8 = true, u8 = true, i16 = true, i32 = true, i64 = true }

local function sum(b, op)
  check_types(b, op, SUM_TYPES)
  local x = b:value(op.inputs[1])
  local attrs = { axes = reduced_axes(b, op, #x.type.shape), keep = op.options.keep_dims }
  if op.inputs[1]:quant() then
    b:set(op.outputs[1], integer_sum(b, op, attrs))
  else
    b:set(op.outputs[1], b:append("reduce_sum", { x }, attrs))
  end
end

local function plain(name, legal, quantized)
  return function(b, op)
    check_types(b, op, legal)
    if op.inputs[1]:quant() and not quantized then b:unsupported "quantized elements" end
    b:check_same_quant(op.inputs[1], op.outputs[1])
    local x = b:value(op.inputs[1])
    local attrs = { axes = reduced_axes(b, op, #x.type.shape), keep = op.options.keep_dims }
    b:set(op.outputs[1], b:append(name, { x }, attrs))
  end
end

local NUMBERS = { f32 = true, i8 = true, u8 = true, i16 = true, i32 = true, i64 = true }
local BOOL = { bool = true }

local function reduction(versions, convert)
  return { versions = versions, inputs = { 2, 2 }, options = "ReducerOptions", convert = convert }
end

return {
  MEAN = reduction(3, mean),
  SUM = reduction(2, sum),
  REDUCE_MAX = reduction(3, plain("reduce_max", NUMBERS, true)),
  REDUCE_MIN = reduction(3, plain("reduce_min", NUMBERS, true)),
  REDUCE_PROD = reduction(2, plain("reduce_prod", NUMBERS)),
  REDUCE_ANY = reduction(2, plain("reduce_max", BOOL)),
  REDUCE_ALL = reduction(2, plain("reduce_min", BOOL)),
}
