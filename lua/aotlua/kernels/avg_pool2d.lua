--- avg_pool2d: y[n, oh, ow, c] = the mean of x[n, ih, iw, c] over the taps inside the image, or
--- with count_pad over all taps, those outside being the real value 0.

local mean = require "aotlua.kernels.mean"
local window = require "aotlua.kernels.window"

return function(k, op)
  local x, y, size = op.inputs[1], op.type, op.attrs.window
  local all = size[1] * size[2]
  local sum_type = mean.sum_type(x.dtype, all)
  for n in k:loop("n", y.shape[1]) do
    for oh in k:loop("oh", y.shape[2]) do
      for ow in k:loop("ow", y.shape[3]) do
        local taps = window.at(k, op.attrs, x, size, oh, ow)
        local count = op.attrs.count_pad and all or k:let("taps", taps.count())
        for c in k:loop("c", y.shape[4]) do
          local sum = k:var(sum_type, "sum", 0)
          taps.taps(function(_, _, ih, iw) k:add(sum, k.cast(sum_type, x(n, ih, iw, c))) end)
          if op.attrs.count_pad and op:zero(1) ~= 0 then
            k:add(sum, k.cast(sum_type, all - taps.count()) * op:zero(1))
          end
          op:store({ n, oh, ow, c }, mean.divide(k, y.dtype, sum, count))
        end
      end
    end
  end
end
