--- onnx.spatial: the windows of ONNX's convolutions and pools, and their channels-first layout.
-- A row `[n, c, w]` is handled as an image of height 1.
local words = require "aotlua.import.words"

local spatial = {}

local LARGEST = (1 << 31) - 1

-- A list attribute with one entry per spatial axis, each at least `least`.
local function read_list(n, name, count, default, least)
  local list = n:attribute(name)
  if not list then
    list = {}
    for i = 1, count do
      list[i] = default
    end
  elseif #list ~= count then
    n:fail("attribute '%s' is %s; it needs %d values", name, words.list(list), count)
  end
  for _, value in ipairs(list) do
    if value < least or value > LARGEST then
      n:fail("attribute '%s' is %s; each value has to be at least %d and below 2^31", name,
        words.list(list), least)
    end
  end
  return list
end

-- Padding so that the result has `out` elements, the odd one at the end (upper) or the start.
local function pad_for(out, stride, reach, extent, upper)
  local total = math.max(0, (out - 1) * stride + reach - extent)
  local small, large = total // 2, total - total // 2
  if upper then
    return small, large
  end
  return large, small
end

--- The number of spatial axes of x, which is 1 or 2. Fails for others.
function spatial.axes(n, shape)
  local count = #shape - 2
  if count < 1 then
    n:fail("the input %s has rank %d; it needs a batch, channels and a spatial axis",
      words.list(shape), #shape)
  elseif count > 2 then
    n:unsupported("it has %d spatial axes; supported are 1 and 2", count)
  end
  return count
end

--- Reads a window over x: strides, dilations, pads, auto_pad and ceil_mode.
-- `request` is { shape = x's, kernel = { extents } }. Gives { kernel, stride, dilation, before,
-- after, rest }, lists of two numbers; `after` includes `rest`, what ceil_mode adds at the end.
function spatial.window(n, request)
  local kernel = request.kernel
  local count = #kernel
  local stride = read_list(n, "strides", count, 1, 1)
  local dilation = read_list(n, "dilations", count, 1, 1)
  local pads = read_list(n, "pads", 2 * count, 0, 0)
  local auto, ceil = n:attribute("auto_pad", "NOTSET"), n:flag("ceil_mode", false)
  local window = { kernel = {}, stride = {}, dilation = {}, before = {}, after = {}, rest = {} }
  if count == 1 then
    window.kernel[1], window.stride[1], window.dilation[1] = 1, 1, 1
    window.before[1], window.after[1], window.rest[1] = 0, 0, 0
  end
  for i = 1, count do
    local extent, reach = request.shape[i + 2], (kernel[i] - 1) * dilation[i] + 1
    local before, after, rest = pads[i], pads[i + count], 0
    if auto == "SAME_UPPER" or auto == "SAME_LOWER" then
      if before + after > 0 then
        n:fail("it has both auto_pad %s and pads %s", auto, words.list(pads))
      end
      local out = (extent + stride[i] - 1) // stride[i]
      before, after = pad_for(out, stride[i], reach, extent, auto == "SAME_UPPER")
    elseif auto == "VALID" then
      before, after = 0, 0
    elseif auto ~= "NOTSET" then
      n:fail("attribute 'auto_pad' is %s; it may be NOTSET, SAME_UPPER, SAME_LOWER or VALID",
        words.quote(auto))
    end
    local room = extent + before + after - reach
    if room < 0 then
      n:fail("a window of %d does not fit into %d with %d of padding", reach, extent,
        before + after)
    end
    -- A window that ceil_mode adds has to start before the padding at the end.
    if ceil and room % stride[i] ~= 0 and room + stride[i] - room % stride[i] < extent + before then
      rest = stride[i] - room % stride[i]
    end
    local slot = #window.kernel + 1
    window.kernel[slot], window.stride[slot] = kernel[i], stride[i]
    window.dilation[slot], window.rest[slot] = dilation[i], rest
    window.before[slot], window.after[slot] = before, after + rest
  end
  return window
end

--- The attribute `pad` of the core ops: top, left, bottom, right.
function spatial.pad(window)
  return { window.before[1], window.before[2], window.after[1], window.after[2] }
end

--- Turns [n, c, w] or [n, c, h, w] into [n, h, w, c]; weights [o, i, h, w] into [o, h, w, i],
-- once for all nodes that use them.
function spatial.inward(n, value)
  local turned, shape = n.import.turned, value.type.shape
  if turned[value] then
    return turned[value]
  end
  local source = #shape == 3 and n:reshape(value, { shape[1], shape[2], 1, shape[3] }) or value
  local result = n:move {
    op = "transpose",
    inputs = { source },
    attrs = { perm = { 0, 2, 3, 1 } },
    name = source.name .. "_nhwc",
  }
  if value.kind == "const" then
    turned[value] = result
  end
  return result
end

--- Turns [n, h, w, c] into [n, c, h, w], or [n, c, w] where `axes` is 1, as `name`.
function spatial.outward(n, value, axes, name)
  local turned = n:emit {
    op = "transpose",
    inputs = { value },
    attrs = { perm = { 0, 3, 1, 2 } },
    name = axes == 2 and name or nil,
  }
  if axes == 1 then
    local shape = turned.type.shape
    return n:reshape(turned, { shape[1], shape[2], shape[4] }, name)
  end
  return turned
end

return spatial
