--- onnx.interpolation: where the elements of a resized axis lie, and what they are made of.
local interpolation = {}

--- Where element i of the result lies. `a`: extent, out, scale, first, last (of the region).
interpolation.coordinates = {
  half_pixel = function(i, a)
    return (i + 0.5) / a.scale - 0.5
  end,
  pytorch_half_pixel = function(i, a)
    return a.out > 1 and (i + 0.5) / a.scale - 0.5 or 0.0
  end,
  half_pixel_symmetric = function(i, a)
    local adjustment = a.out / (a.scale * a.extent)
    return a.extent / 2 * (1 - adjustment) + (i + 0.5) / a.scale - 0.5
  end,
  tf_half_pixel_for_nn = function(i, a) -- of operator sets 11 and 12
    return (i + 0.5) / a.scale
  end,
  asymmetric = function(i, a)
    return i / a.scale
  end,
  align_corners = function(i, a)
    local width = a.extent * a.scale -- which is no whole number where scales are given
    return width ~= 1 and i * (a.extent - 1) / (width - 1) or 0.0
  end,
  tf_crop_and_resize = function(i, a)
    if a.out > 1 then
      local step = (a.last - a.first) * (a.extent - 1) / (a.out - 1)
      return a.first * (a.extent - 1) + i * step
    end
    return 0.5 * (a.first + a.last) * (a.extent - 1)
  end,
}

--- The whole or half number that x was meant to be, or else x. Scales are stored as f32: 1.2 as
-- 1.2000000477, and 9 / 1.2 is 7.4999997.
function interpolation.meant(x)
  local near = math.floor(2 * x + 0.5) / 2
  return math.abs(x - near) <= 0x1p-21 * math.max(1.0, math.abs(x)) and near or x
end

--- How many elements `extent` becomes, which ONNX works out in f32.
function interpolation.scaled(extent, scale)
  return math.floor(string.unpack("<f", string.pack("<f", extent * scale)))
end

--- Which element is the nearest where the mode has no name, as before operator set 11.
function interpolation.unnamed(x, a)
  return a.scale < 1 and math.ceil(x) or math.floor(x)
end

--- Which element is the nearest, by mode.
interpolation.nearest = {
  round_prefer_floor = function(x)
    return math.ceil(x - 0.5)
  end,
  round_prefer_ceil = function(x)
    return math.floor(x + 0.5)
  end,
  floor = math.floor,
  ceil = math.ceil,
}

--- The weight of an element at distance x.
function interpolation.linear(x)
  return math.max(0.0, 1.0 - math.abs(x))
end

--- The same for a cubic curve with the coefficient a.
function interpolation.cubic(x, a)
  x = math.abs(x)
  if x <= 1 then
    return ((a + 2) * x - (a + 3)) * x * x + 1
  elseif x < 2 then
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  end
  return 0.0
end

--- The weights of the taps around x: the first tap and a list. `how`: weight(x), reach (more
-- where the picture shrinks and is filtered), antialias, exclude_outside.
function interpolation.taps(x, a, how)
  local shrink = how.antialias and math.min(a.scale, 1.0) or 1.0
  local base = math.ceil(x) - 1 -- x - base is in (0, 1]
  local start = math.floor(-how.reach / shrink) + 1
  local weights, sum = {}, 0.0
  for tap = start, 1 - start do
    local weight = how.weight((x - base - tap) * shrink)
    local place = base + tap
    if how.exclude_outside and (place < 0 or place >= a.extent) then
      weight = 0.0
    end
    weights[#weights + 1], sum = weight, sum + weight
  end
  if how.antialias or how.exclude_outside then
    for i, weight in ipairs(weights) do
      weights[i] = weight / sum
    end
  end
  return base + start, weights
end

return interpolation
