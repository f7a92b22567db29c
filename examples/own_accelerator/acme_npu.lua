--- acme_npu: what the vendor of a convolution engine writes so that aotlua calls it.
--
-- The engine computes int8 convolutions and rounds their sums to int8. It reads weights in blocks
-- of 8 output channels, wants everything at multiples of 16 bytes, and takes working memory for
-- as many rows as the kernel has.

local accelerator = require "aotlua.accelerator"
local emit = require "aot.emit"
local ir = require "aot.ir"

local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."

local function takes(m)
  local conv, x, w, y = m.node.sum, m.x.type, m.w.type, m.y.type
  if x.dtype ~= "i8" or w.dtype ~= "i8" or y.dtype ~= "i8" then return false, "only int8" end
  local attrs = conv.attrs
  if attrs.groups ~= 1 then return false, "no groups" end
  if attrs.dilation[1] ~= 1 or attrs.dilation[2] ~= 1 then return false, "no dilation" end
  if x.shape[1] ~= 1 then return false, "one image at a time" end
  if w.shape[1] % 8 ~= 0 then return false, "output channels in blocks of 8 only" end
  if w.quant and (w.quant.zero or 0) ~= 0 then return false, "weights around 0 only" end
  return true
end

-- As many rows of the image as the kernel has.
local function row_bytes(m)
  return m.w.type.shape[2] * m.x.type.shape[3] * m.x.type.shape[4]
end

local function command(m)
  local attrs, x, w, y = m.node.sum.attrs, m.x.type.shape, m.w.type.shape, m.y.type.shape
  local numbers = {
    x[2], x[3], x[4], y[2], y[3], y[4], w[2], w[3],
    attrs.pad[1], attrs.pad[2], attrs.stride[1], attrs.stride[2],
    m.x.type.quant.zero, m.y.type.quant.zero, #m.scale.data, row_bytes(m),
  }
  return ("static const struct acme_conv command = {\n    %s\n};"):format(
    table.concat(numbers, ", "))
end

return accelerator {
  name = "acme_npu",
  device = true,
  align = 16,
  headers = { "acme_npu.h" },
  cc = { flags = { "-I", here }, link = { here .. "/acme_npu.c" } },
  offers = {
    {
      name = "conv",
      match = "%sum = conv2d %x, $w, $b\n%y = requantize %sum, $scale { rounding = \"even\" }",
      when = takes,
      constants = function(m)
        return { blocks = ir.apply("pack", { m.w.data }, { layout = "ohwi:Ohwi8o" }) }
      end,
      scratch = row_bytes,
      emit = function(m)
        return command(m) .. "\n" .. [[
status = acme_npu_conv(${context}, &command, ${x}, ${blocks}, ${b}, ${scale}, ${y}, ${scratch});]]
      end,
    },
    {
      name = "relu",
      match = "%y = clamp %x { lo = 0.0 }",
      when = function(m)
        if m.x.type.dtype ~= "f32" then return false, "only floats" end
        return not m.node.y:get "hi", "no upper limit"
      end,
      emit = function(m)
        local count = 1
        for _, extent in ipairs(m.x.type.shape) do count = count * extent end
        return ("status = acme_npu_relu(${context}, ${x}, ${y}, %s);"):format(
          emit.literal("i32", count))
      end,
    },
  },
}
