--- max_pool2d: y[n, oh, ow, c] = the greatest x[n, ih, iw, c] of the taps inside the image.

local extreme = require "aotlua.kernels.extreme"
local window = require "aotlua.kernels.window"

return function(k, op)
  local x, y = op.inputs[1], op.type
  for n in k:loop("n", y.shape[1]) do
    for oh in k:loop("oh", y.shape[2]) do
      for ow in k:loop("ow", y.shape[3]) do
        for c in k:loop("c", y.shape[4]) do
          local most = k:var(y.dtype, "most", extreme.lowest(k, y.dtype))
          window.at(k, op.attrs, x, op.attrs.window, oh, ow).taps(function(_, _, ih, iw)
            extreme.keep_max(k, most, x(n, ih, iw, c))
          end)
          op:store({ n, oh, ow, c }, most)
        end
      end
    end
  end
end
