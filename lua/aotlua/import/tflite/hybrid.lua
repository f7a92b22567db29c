--- tflite.hybrid: float activations with int8 weights ("dynamic range").
--
-- The activations of each batch entry are quantized at run time, symmetrically by their largest
-- magnitude, multiplied as integers, and scaled back in f32. Sources: TFLite's
-- PortableSymmetricQuantizeFloats and EvalHybrid of conv.cc and fully_connected.cc.

local M = {}

--- Returns f32 `x` as i8 within [-127, 127] and the f32 factor of each batch entry, of shape
-- [n, 1, ...], by which `x` was divided.
function M.quantize(b, x)
  local axes = {}
  for axis = 1, #x.type.shape - 1 do axes[axis] = axis end
  local largest = b:const(b.name .. ".largest", { dtype = "f32", shape = {} }, { 127.0 })
  local range = b:append("abs", { x })
  range = b:append("reduce_max", { range }, { axes = axes, keep = true })
  local inverse = b:append("div", { largest, range })
  local scaled = b:append("mul", { x, inverse })
  -- A unit scale leaves the rounding; a range of 0 gives NaN here, which is stored as 0.
  local stored = b:append("quantize", { scaled }, { rounding = "away" },
    { dtype = "i8", quant = { scale = 1.0, zero = 0 } })
  return stored, b:append("div", { range, largest })
end

--- Returns the real value of integers `sum`: times `factor`, times the weights' scale, plus
-- `bias` (a Value or false).
function M.real(b, sum, fields)
  local scale = b:const(b.name .. ".scale", { dtype = "f32", shape = {} }, { fields.scale })
  local factor = b:append("mul", { fields.factor, scale })
  local value = b:append("cast", { sum }, nil, { dtype = "f32" })
  value = b:append("mul", { value, factor })
  return fields.bias and b:append("add", { value, fields.bias }) or value
end

return M
