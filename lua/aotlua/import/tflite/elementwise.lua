--- tflite.elementwise: ADD, SUB and MUL with broadcasting.
--
-- f32, i8, u8, i16, and plain i32 without activation. ADD and SUB bring both operands to a
-- common scale with spare bits, add there, and scale once more. Sources: TFLite Micro's
-- add_common.cc, sub_common.cc (whose factors are computed in f32) and mul_common.cc.

local fixed = require "aotlua.import.fixed_point"

local QUANTIZED = { i8 = 20, u8 = 20, i16 = 15 } -- spare bits of the common scale

local function exact(x)
  return x
end

local function check_types(b, op)
  local x, y, z = op.inputs[1], op.inputs[2], op.outputs[1]
  if b:dtype(x) ~= b:dtype(y) or x.dtype ~= b:dtype(z) then
    b:unsupported("%s and %s to %s", x.dtype, y.dtype, z.dtype)
  end
  local dtype = x.dtype
  if dtype ~= "f32" and dtype ~= "i32" and not QUANTIZED[dtype] then
    b:unsupported("elements of type %s", dtype)
  end
  if dtype == "i32" and (x:quant() or y:quant() or z:quant()) then
    b:unsupported("quantized i32")
  end
  if dtype == "i32" and b:activation(op.options.activation) ~= "NONE" then
    b:unsupported("a fused activation on i32")
  end
end

-- One operand, without its zero point, at 2^(spare bits) times the common scale.
local function raised(b, tensor, factor, left_shift)
  local multiplier, shift = fixed.quantize_multiplier(factor, b.rounding)
  return b:requantize_by(b:value(tensor), { multiplier }, { shift },
    { type = { dtype = "i32" }, left_shift = left_shift })
end

-- `round` is applied to each intermediate result of the factors.
local function sum(b, op, name, round)
  local x, y, z = op.inputs[1], op.inputs[2], op.outputs[1]
  local left_shift = QUANTIZED[x.dtype]
  local a, c = x:scalar_quant().scale, y:scalar_quant().scale
  local twice = round(2 * math.max(a, c))
  local output = round(twice / round(2.0 ^ left_shift * z:scalar_quant().scale))
  local value = b:append(name, {
    raised(b, x, round(a / twice), left_shift),
    raised(b, y, round(c / twice), left_shift),
  })
  return b:requantize(value, { output }, z)
end

-- The stored integers less their zero point, as i32.
local function centered(b, tensor)
  local value = b:append("cast", { b:value(tensor) }, nil, { dtype = "i32" })
  local zero = tensor:scalar_quant().zero
  if zero == 0 then return value end
  local constant = b:const(b.name .. ".zero", { dtype = "i32", shape = {} }, { zero })
  return b:append("sub", { value, constant })
end

local function product(b, op)
  local x, y, z = op.inputs[1], op.inputs[2], op.outputs[1]
  local value = b:append("mul", { centered(b, x), centered(b, y) })
  local factor = x:scalar_quant().scale * y:scalar_quant().scale / z:scalar_quant().scale
  return b:requantize(value, { factor }, z)
end

local function converter(name, quantized)
  return function(b, op)
    check_types(b, op)
    local value
    if QUANTIZED[op.inputs[1].dtype] then
      value = quantized(b, op)
    else
      value = b:append(name, { b:value(op.inputs[1]), b:value(op.inputs[2]) })
    end
    local activation = b:activation(op.options.activation)
    b:set(op.outputs[1], b:activate(value, activation, op.outputs[1]))
  end
end

local function add(b, op)
  return sum(b, op, "add", exact)
end

local function sub(b, op)
  return sum(b, op, "sub", fixed.f32)
end

local function binary(versions, options, convert)
  return { versions = versions, inputs = { 2, 2 }, options = options, convert = convert }
end

return {
  ADD = binary(5, "AddOptions", converter("add", add)),
  SUB = binary(5, "SubOptions", converter("sub", sub)),
  MUL = binary(7, "MulOptions", converter("mul", product)),
}
