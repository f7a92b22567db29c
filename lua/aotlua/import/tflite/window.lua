--- tflite.window: strides and paddings of convolutions and pools.

local schema = require "aotlua.import.tflite.schema"

local M = {}

local function positive(b, value, name)
  if value < 1 then b:fail("%s is %d; it must be at least 1", name, value) end
  return value
end

-- Padding before and after an axis so that ceil(extent / stride) places result; what is odd
-- goes after. Source: TFLite, ComputePaddingWithOffset (kernels/padding.h).
local function same(extent, stride, reach)
  local total = math.max(0, ((extent + stride - 1) // stride - 1) * stride + reach - extent)
  return total // 2, total - total // 2
end

--- Returns the attributes stride, dilation (where given) and pad of a window that slides over
-- an input of `shape` [n, h, w, c]. `options` has the model's stride_h, stride_w and padding,
-- `fields` the window's extents `kernel` and its `dilation`.
function M.attributes(b, options, shape, fields)
  local stride = {
    positive(b, options.stride_h, "stride_h"),
    positive(b, options.stride_w, "stride_w"),
  }
  local padding = schema.paddings[options.padding]
  if not padding then b:fail("there is no padding %d", options.padding) end
  local attrs = { stride = stride, dilation = fields.dilation, pad = { 0, 0, 0, 0 } }
  for i, axis in ipairs { "height", "width" } do
    positive(b, fields.kernel[i], "the window's " .. axis)
    local dilation = fields.dilation and fields.dilation[i] or 1
    positive(b, dilation, "the dilation's " .. axis)
    if padding == "SAME" then
      local reach = (fields.kernel[i] - 1) * dilation + 1
      attrs.pad[i], attrs.pad[i + 2] = same(shape[i + 1], stride[i], reach)
    end
  end
  return attrs
end

return M
