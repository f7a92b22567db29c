--- tflite.batch_matmul: BATCH_MATMUL.
--
-- f32, i8 and i16; batch dimensions broadcast. Source: TFLite Micro's batch_matmul_common.cc,
-- whose factor multiplies the operands' scales in f32.

local fixed = require "aotlua.import.fixed_point"

local TYPES = { f32 = true, i8 = true, i16 = true }

-- `x` with its last two axes exchanged.
local function turned(b, x)
  local perm, rank = {}, #x.type.shape
  if rank < 2 then b:fail("an operand of rank %d; at least 2 are legal", rank) end
  for axis = 0, rank - 1 do perm[axis + 1] = axis end
  perm[rank - 1], perm[rank] = rank - 1, rank - 2
  return b:append("transpose", { x }, { perm = perm })
end

local function batch_matmul(b, op)
  local x, y, z, options = op.inputs[1], op.inputs[2], op.outputs[1], op.options
  if not TYPES[b:dtype(x)] or b:dtype(y) ~= x.dtype or b:dtype(z) ~= x.dtype then
    b:unsupported("%s and %s to %s", x.dtype, y.dtype, z.dtype)
  end
  local left = b:value(x)
  if options.adj_x then left = turned(b, left) end
  local value = b:append("matmul", { left, b:value(y), false }, { transpose_b = options.adj_y })
  if x.dtype ~= "f32" then
    local product = fixed.f32(x:scalar_quant().scale * y:scalar_quant().scale)
    value = b:requantize(value, { product / z:scalar_quant().scale }, z)
  end
  b:set(z, value)
end

return {
  BATCH_MATMUL = { versions = 4, inputs = { 2, 2 }, options = "BatchMatMulOptions",
    convert = batch_matmul },
}
