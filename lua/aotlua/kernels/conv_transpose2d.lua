--- conv_transpose2d: y[n, oh, ow, o] = bias[o] + sum of (x[n, ih, iw, i] - zx) *
--- (w[o, kh, kw, i] - zw) over the taps with ih * stride + kh * dilation = oh + pad, and so for
--- columns; o and i are of the same group.

local window = require "aotlua.kernels.window"

-- The taps along one axis, { place = output position + pad, taps, dilation, stride, extent }, that
-- meet a position of the input: body(tap, position).
local function along(k, name, axis, body)
  -- counted from so many strides before the first input that no number is negative
  local before = ((axis.taps - 1) * axis.dilation + axis.stride - 1) // axis.stride
  for tap in k:loop(name, axis.taps) do
    local place = axis.place + before * axis.stride - tap * axis.dilation
    local position = k:let("i" .. name:sub(2), place / axis.stride - before)
    local inside = k.both(k.ge(position, 0), k.lt(position, axis.extent))
    for _ in k:when(k.both(k.eq(place % axis.stride, 0), inside)) do body(tap, position) end
  end
end

return function(k, op)
  local x, w, y, attrs = op.inputs[1], op.inputs[2], op.type, op.attrs
  local stride, dilation = attrs.stride or { 1, 1 }, attrs.dilation or { 1, 1 }
  local pad, groups, depth = attrs.pad or { 0, 0 }, attrs.groups or 1, w.shape[4]
  local taps = w.shape[2] * w.shape[3] * depth

  local function axis(i, at)
    return { place = at + pad[i], taps = w.shape[i + 1], dilation = dilation[i],
      stride = stride[i], extent = x.shape[i + 1] }
  end

  window.channels(k, y, groups, function(n, oh, ow, group, o)
    local sum = op:sum(taps, o)
    along(k, "kh", axis(1, oh), function(kh, ih)
      along(k, "kw", axis(2, ow), function(kw, iw)
        for i in k:loop("i", depth) do
          local value = op:centered(1, sum.dtype, { n, ih, iw, group * depth + i })
          k:add(sum, value * op:centered(2, sum.dtype, { o, kh, kw, i }))
        end
      end)
    end)
    op:store({ n, oh, ow, o }, op:total(sum, o))
  end)
end
