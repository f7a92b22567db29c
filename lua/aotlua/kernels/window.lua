--- window: the results of a convolution, and the taps of a convolution or pooling window that lie
--- inside the image.

local M = {}

--- Loops over the pixels of a result of type `y` and over its channels, group by group:
-- body(n, oh, ow, group, channel).
function M.channels(k, y, groups, body)
  local per_group = y.shape[4] // groups
  for n in k:loop("n", y.shape[1]) do
    for oh in k:loop("oh", y.shape[2]) do
      for ow in k:loop("ow", y.shape[3]) do
        for group in k:loop("group", groups) do
          for o in k:loop("o", per_group) do body(n, oh, ow, group, group * per_group + o) end
        end
      end
    end
  end
end

--- Loops over the taps along one axis, { origin = position of tap 0, taps, dilation, extent },
-- that lie inside: body(tap, position).
function M.along(k, name, axis, body)
  if axis.dilation == 1 then
    local low, high = k.max(0 - axis.origin, 0), k.min(axis.extent - axis.origin, axis.taps)
    for tap in k:loop(name, low, high) do body(tap, axis.origin + tap) end
    return
  end
  for tap in k:loop(name, axis.taps) do
    local position = axis.origin + tap * axis.dilation
    for _ in k:when(k.both(k.ge(position, 0), k.lt(position, axis.extent))) do
      body(tap, position)
    end
  end
end

-- How many taps of a window at `axis.origin` are inside.
local function inside(k, dtype, axis)
  local count = k.min(axis.extent - axis.origin, axis.taps) - k.max(0 - axis.origin, 0)
  return math.type(count) and k:number(dtype, count) or k.cast(dtype, count)
end

--- The window of output pixel (oh, ow) over the image x[n, h, w, c]; `size` is its taps. Its
-- `taps(body)` calls body(kh, kw, ih, iw) in loops or conditions from which the proof sees that
-- ih and iw are inside; `count(dtype)` is the number of taps inside, where there is no dilation.
function M.at(k, attrs, x, size, oh, ow)
  local stride, dilation = attrs.stride or { 1, 1 }, attrs.dilation or { 1, 1 }
  local pad = attrs.pad or { 0, 0, 0, 0 }
  local rows = { origin = oh * stride[1] - pad[1], taps = size[1], dilation = dilation[1],
    extent = x.shape[2] }
  local columns = { origin = ow * stride[2] - pad[2], taps = size[2], dilation = dilation[2],
    extent = x.shape[3] }
  local window = {}
  function window.taps(body)
    M.along(k, "kh", rows, function(kh, ih)
      M.along(k, "kw", columns, function(kw, iw) body(kh, kw, ih, iw) end)
    end)
  end
  function window.count(dtype) return inside(k, dtype, rows) * inside(k, dtype, columns) end
  return window
end

return M
