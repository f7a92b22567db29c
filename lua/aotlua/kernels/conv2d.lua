--- conv2d: y[n, oh, ow, o] = bias[o] + sum over the taps inside the image of
--- (x[n, ih, iw, i] - zx) * (w[o, kh, kw, i] - zw), with o and i of the same group.

local window = require "aotlua.kernels.window"

return function(k, op)
  local x, w, y = op.inputs[1], op.inputs[2], op.type
  local size, depth = { w.shape[2], w.shape[3] }, w.shape[4]
  local groups = op.attrs.groups or 1
  local taps = size[1] * size[2] * depth

  window.channels(k, y, groups, function(n, oh, ow, group, o)
    local sum = op:sum(taps, o)
    window.at(k, op.attrs, x, size, oh, ow).taps(function(kh, kw, ih, iw)
      for i in k:loop("i", depth) do
        local value = op:centered(1, sum.dtype, { n, ih, iw, group * depth + i })
        k:add(sum, value * op:centered(2, sum.dtype, { o, kh, kw, i }))
      end
    end)
    op:store({ n, oh, ow, o }, op:total(sum, o))
  end)
end
