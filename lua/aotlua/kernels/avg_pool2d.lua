--- avg_pool2d: y[n, oh, ow, c] = the mean of x[n, ih, iw, c] over the taps inside the image, or
--- with count_pad over all taps, those outside being the real value 0.

local mean = require "aotlua.kernels.mean"
local window = require "aotlua.kernels.window"

-- sum += what `count` taps outside the image hold, their channel's zero point.
local function add_padding(k, op, sum, count, at)
  local zero = op:zero(1, at)
  if zero == 0 then return end
  zero = math.type(zero) and k:number("i64", zero) or zero
  local held = k.call { "aotrt_mul_i64", k.cast("i64", count), zero, type = "i64",
    header = "aotrt_math.h" }
  mean.add(k, sum, k.cast(sum.dtype, held), op.types[1].dtype)
end

return function(k, op)
  local x, y, size = op.inputs[1], op.type, op.attrs.window
  local sum_type = mean.sum_type(x.dtype, size[1] * size[2])
  local all = k:number(sum_type, size[1] * size[2])
  for n in k:loop("n", y.shape[1]) do
    for oh in k:loop("oh", y.shape[2]) do
      for ow in k:loop("ow", y.shape[3]) do
        local taps = window.at(k, op.attrs, x, size, oh, ow)
        local inside = k:let("inside", taps.count(sum_type))
        for c in k:loop("c", y.shape[4]) do
          local sum = k:var(sum_type, "sum", 0)
          taps.taps(function(_, _, ih, iw) mean.add(k, sum, x(n, ih, iw, c), x.dtype) end)
          if op.attrs.count_pad then add_padding(k, op, sum, all - inside, { n, 0, 0, c }) end
          op:store({ n, oh, ow, c },
            mean.divide(k, y.dtype, sum, op.attrs.count_pad and all or inside))
        end
      end
    end
  end
end
