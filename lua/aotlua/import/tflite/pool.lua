--- tflite.pool: AVERAGE_POOL_2D and MAX_POOL_2D.
--
-- f32, i8, u8 and i16. Pools keep the quantization of their input. Source: TFLite Micro's
-- pooling_common.cc.

local window = require "aotlua.import.tflite.window"
local words = require "aotlua.import.words"

local TYPES = { f32 = true, i8 = true, u8 = true, i16 = true }

local function check_types(b, op)
  local x, y = op.inputs[1], op.outputs[1]
  if not TYPES[b:dtype(x)] or x.dtype ~= b:dtype(y) then
    b:unsupported("%s to %s", x.dtype, y.dtype)
  end
end

local function check_same_scale(b, op)
  if op.inputs[1].dtype == "f32" then return end
  local x, y = op.inputs[1]:scalar_quant(), op.outputs[1]:scalar_quant()
  if math.abs(x.scale - y.scale) > 1e-6 or x.zero ~= y.zero then
    b:fail("a pool keeps its quantization, but goes from (%.9g, %d) to (%.9g, %d)", x.scale,
      x.zero, y.scale, y.zero)
  end
end

local function pool(name)
  return function(b, op)
    check_types(b, op)
    check_same_scale(b, op)
    local x, options = b:value(op.inputs[1]), op.options
    if #x.type.shape ~= 4 then
      b:fail("the input is %s; 4 dimensions are legal", words.list(x.type.shape))
    end
    local kernel = { options.filter_height, options.filter_width }
    local attrs = window.attributes(b, options, x.type.shape, { kernel = kernel })
    attrs.window = kernel
    local value = b:append(name, { x }, attrs)
    b:set(op.outputs[1], b:activate(value, b:activation(options.activation), op.outputs[1]))
  end
end

return {
  AVERAGE_POOL_2D = { versions = 3, inputs = { 1, 1 }, options = "Pool2DOptions",
    convert = pool "avg_pool2d" },
  MAX_POOL_2D = { versions = 3, inputs = { 1, 1 }, options = "Pool2DOptions",
    convert = pool "max_pool2d" },
}
