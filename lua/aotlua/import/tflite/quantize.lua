--- tflite.quantize: QUANTIZE and DEQUANTIZE.
--
-- Sources: TFLite's AffineQuantize (f32 division, halves away from zero), Requantize and
-- Dequantize; TFLite Micro's quantize_common.cc. Floats to u8 follow XNNPACK, which TFLite runs
-- there (halves to even).

local INTEGERS = { i8 = true, u8 = true, i16 = true, i32 = true }

local function quantize(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if not INTEGERS[b:dtype(y)] then b:unsupported("a result of type %s", y.dtype) end
  local result = y:scalar_quant()
  if b:dtype(x) == "f32" then
    local rounding = y.dtype == "u8" and "even" or "away"
    b:set(y, b:append("quantize", { b:value(x) }, { rounding = rounding }, b:declared(y)))
    return
  end
  if not INTEGERS[x.dtype] then b:unsupported("%s to %s", x.dtype, y.dtype) end
  b:set(y, b:requantize(b:value(x), { x:scalar_quant().scale / result.scale }, y))
end

local function dequantize(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if b:dtype(y) ~= "f32" then b:unsupported("a result of type %s", y.dtype) end
  if b:dtype(x) == "f16" then
    b:set(y, b:append("cast", { b:value(x) }, nil, { dtype = "f32" }))
    return
  end
  if not INTEGERS[x.dtype] then b:unsupported("%s to f32", x.dtype) end
  if not x:quant() then b:fail("%s has no quantization", x:show()) end
  b:set(y, b:append("dequantize", { b:value(x) }))
end

return {
  QUANTIZE = { versions = 4, inputs = { 1, 1 }, convert = quantize },
  DEQUANTIZE = { versions = 6, inputs = { 1, 1 }, convert = dequantize },
}
