--- onnx.resize: Resize and Upsample, axis by axis: where each element of the result lies in the
--- input, and from which elements there it is made, is worked out while importing.
local compose = require "aotlua.import.onnx.compose"
local interpolation = require "aotlua.import.onnx.interpolation"
local limits = require "aotlua.import.limits"
local words = require "aotlua.import.words"

local resize = {}

local function check_taps(n, count)
  if count > limits.decoded_elements then
    n:fail("it needs %d weights along an axis, which is too many", count)
  end
end

-- Elements outside the region become `how.extrapolation`.
local function mask_outside(n, value, axis, outside)
  local shape, any = {}, false
  for i = 1, #value.type.shape do
    shape[i] = i == axis and #outside or 1
  end
  for _, flag in ipairs(outside) do
    any = any or flag == 1
  end
  if not any then
    return value
  end
  local mask = n:constant({ dtype = "bool", shape = shape }, outside)
  local number = compose.number(n, value.type.dtype, n:attribute("extrapolation_value", 0.0))
  return compose.op(n, "select", { mask, number, value })
end

-- Resizes one axis (from 1).
local function along(n, value, axis, parts)
  local a, how = parts.axes[axis], parts.how
  local indices, weights, outside, count = {}, {}, {}, 1
  for i = 0, a.out - 1 do
    local x = how.coordinate(i, a)
    outside[i + 1] = how.crops and (x < 0 or x > a.extent - 1) and 1 or 0
    if how.nearest then
      indices[i + 1] = how.nearest(interpolation.meant(x), a)
    else
      local first, list = interpolation.taps(x, a, how)
      count = #list
      check_taps(n, a.out * count)
      for tap, weight in ipairs(list) do
        indices[#indices + 1], weights[#weights + 1] = first + tap - 1, weight
      end
    end
  end
  for i, place in ipairs(indices) do
    indices[i] = math.tointeger(math.max(0, math.min(a.extent - 1, place)))
  end
  local shape = { a.out, count }
  local inputs = { value, n:constant({ dtype = "i32", shape = shape }, indices) }
  if not how.nearest then
    inputs[3] = n:constant({ dtype = value.type.dtype, shape = shape }, weights)
  end
  value = compose.op(n, "resample", inputs, { axis = axis - 1 })
  return how.crops and mask_outside(n, value, axis, outside) or value
end

local function choose(n, name, default, choices)
  local given = n:attribute(name, default)
  return choices[given] or n:fail("attribute '%s' is %s, which ONNX does not know", name,
    words.quote(given))
end

local function read_how(n, coordinates)
  local mode = n:attribute("mode", "nearest")
  local how = {
    antialias = n:flag("antialias", false),
    exclude_outside = n:flag("exclude_outside", false),
    coordinate = choose(n, "coordinate_transformation_mode", coordinates,
      interpolation.coordinates),
    crops = n:attribute("coordinate_transformation_mode") == "tf_crop_and_resize",
  }
  if mode == "nearest" then
    how.nearest = n.opset < 11 and interpolation.unnamed
      or choose(n, "nearest_mode", "round_prefer_floor", interpolation.nearest)
  elseif mode == "linear" or mode == "bilinear" then
    how.reach = 1
    how.weight = interpolation.linear
  elseif mode == "cubic" then
    local a = n:attribute("cubic_coeff_a", -0.75)
    how.reach = 2
    how.weight = function(x)
      return interpolation.cubic(x, a)
    end
  else
    n:fail("attribute 'mode' is %s; it may be nearest, linear or cubic", words.quote(mode))
  end
  return how
end

local function run(n, axes, how)
  local shape = {}
  for i, a in ipairs(axes) do
    if a.extent == 0 and a.out > 0 then
      n:fail("axis %d has no elements to make %d of", i - 1, a.out)
    end
    shape[i] = a.out
  end
  n:check_shape(shape)
  local function resized(value)
    for axis, a in ipairs(axes) do
      if a.out ~= a.extent or a.scale ~= 1.0 or how.crops then
        check_taps(n, a.out)
        value = along(n, value, axis, { axes = axes, how = how })
      end
    end
    return value
  end
  if how.nearest and not how.crops then
    n:rearrange(resized)
  elseif not how.nearest and n:operand(1):type().dtype:find "^[iub]%d*$" then
    n:unsupported("interpolation between elements of type %s", n:operand(1):type().dtype)
  else
    n:result(1, resized(n:value(1)))
  end
end

local function check_scale(n, scale)
  if not (scale > 0 and scale < math.huge) then
    n:fail("a scale is %s", scale)
  end
  return scale
end

-- An entry per axis, scaled by `scales` (from 1; nil: as it is).
local function by_scales(n, shape, scales)
  local axes = {}
  for i, extent in ipairs(shape) do
    local scale = check_scale(n, scales[i] or 1.0)
    if extent * scale > limits.elements then
      n:fail("axis %d of %d elements is scaled by %g; an extent is at most %d", i - 1, extent,
        scale, limits.elements)
    end
    axes[i] = { extent = extent, out = interpolation.scaled(extent, scale), scale = scale }
  end
  return axes
end

-- The sizes of the result, by the policy where the shape of the picture is to be kept.
local function by_sizes(n, shape, sizes)
  local policy, axes = n:attribute("keep_aspect_ratio_policy", "stretch"), {}
  local common
  for i, extent in ipairs(shape) do
    local scale = sizes[i] and sizes[i] / extent or 1.0
    axes[i] = { extent = extent, out = sizes[i] or extent, scale = scale }
    if sizes[i] and policy ~= "stretch" then
      local pick = policy == "not_larger" and math.min or math.max
      common = common and pick(common, scale) or scale
    end
  end
  if common then
    for i, a in ipairs(axes) do
      if sizes[i] then
        a.out, a.scale = math.floor(common * a.extent + 0.5), common
      end
    end
  elseif policy ~= "stretch" then
    n:fail("attribute 'keep_aspect_ratio_policy' is %s", words.quote(policy))
  end
  return axes
end

-- A list given for the axes in the attribute `axes`, by place from 1.
local function spread(n, list, rank)
  local given, result = n:attribute("axes"), {}
  if #list ~= (given and #given or rank) then
    n:fail("%s stands for %d axes", words.list(list), given and #given or rank)
  end
  for i, number in ipairs(list) do
    local axis = given and n:axis(given[i], rank) or i - 1
    result[axis + 1] = number
  end
  return result
end

-- The region of tf_crop_and_resize: starts, then ends.
local function add_region(n, axes)
  local list = n:operand(2) and n:tensor(2, "roi"):list() or {}
  local half = #list // 2
  local first = spread(n, table.move(list, 1, half, 1, {}), #axes)
  local last = spread(n, table.move(list, half + 1, #list, 1, {}), #axes)
  for i, a in ipairs(axes) do
    a.first, a.last = first[i] or 0.0, last[i] or 1.0
  end
end

local function floats(n, i)
  local data = n:operand(i) and n:tensor(i, "scales")
  return data and #data > 0 and data:list() or nil
end

resize.Resize = {
  since = 10,
  inputs = { 1, 4 },
  attributes = {
    antialias = "int",
    axes = "ints",
    coordinate_transformation_mode = "string",
    cubic_coeff_a = "float",
    exclude_outside = "int",
    extrapolation_value = "float",
    keep_aspect_ratio_policy = "string",
    mode = "string",
    nearest_mode = "string",
  },
  lower = function(n)
    local shape, axes = n:operand(1):type().shape, nil
    local how = read_how(n, n.opset < 11 and "asymmetric" or "half_pixel")
    local scales = floats(n, n.opset < 11 and 2 or 3)
    if scales then
      axes = by_scales(n, shape, spread(n, scales, #shape))
    elseif n:operand(4) then
      axes = by_sizes(n, shape, spread(n, n:integers(4, "the sizes"), #shape))
    else
      n:fail("it has neither scales nor sizes")
    end
    if how.crops then
      add_region(n, axes)
    end
    run(n, axes, how)
  end,
}

resize.Upsample = {
  inputs = { 1, 2 },
  attributes = { mode = "string", scales = "floats" },
  lower = function(n)
    local shape = n:operand(1):type().shape
    local scales = n.opset < 9 and n:required("scales") or floats(n, 2)
    local axes = by_scales(n, shape, spread(n, scales or n:fail("it has no scales"), #shape))
    run(n, axes, read_how(n, "asymmetric"))
  end,
}

return resize
