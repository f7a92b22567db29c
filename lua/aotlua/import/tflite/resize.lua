--- tflite.resize: RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR.
--
-- Rows first, then columns. Where each result lies in the input is computed here, in f32 or in
-- 1/1024 of a pixel, as TFLite does at run time. Sources: TFLite's resize_nearest_neighbor.h and
-- resize_bilinear.h.

local fixed = require "aotlua.import.fixed_point"
local words = require "aotlua.import.words"

local f32 = fixed.f32

-- Checks the operands; returns the input, and for rows and columns { axis, from, to } extents,
-- `corners` and `centers`.
local function read(b, op)
  local x, size, options = b:value(op.inputs[1]), b:numbers(op.inputs[2], "the size"), op.options
  local shape = x.type.shape
  if #shape ~= 4 then b:fail("the input is %s; 4 dimensions are legal", words.list(shape)) end
  if #size ~= 2 or size[1] < 1 or size[2] < 1 or shape[2] < 1 or shape[3] < 1 then
    b:fail("%s cannot be resized to %s", words.list(shape), words.list(size))
  end
  if options.align_corners and options.half_pixel_centers then
    b:fail "align_corners and half_pixel_centers exclude each other"
  end
  b:check_same_quant(op.inputs[1], op.outputs[1])
  local sides = {}
  for i = 1, 2 do
    sides[i] = { axis = i, from = shape[i + 1], to = size[i],
      corners = options.align_corners, centers = options.half_pixel_centers }
  end
  return x, sides
end

-- Input pixels per result pixel, in f32.
local function scale_of(side)
  if side.corners and side.to > 1 then return f32((side.from - 1) / (side.to - 1)) end
  return f32(side.from / side.to)
end

local function indices(b, list, taps)
  return b:const(b.name .. ".index", { dtype = "i32", shape = { #list // taps, taps } }, list)
end

-- Nearest -------------------------------------------------------------------------------------

local function nearest_positions(side)
  local list, scale = {}, scale_of(side)
  local round = side.corners and fixed.round or function(x) return math.floor(x) end
  for i = 0, side.to - 1 do
    local place = round(f32((i + (side.centers and 0.5 or 0.0)) * scale))
    list[i + 1] = math.max(0, math.min(place, side.from - 1))
  end
  return list
end

local function nearest(b, op)
  local x, sides = read(b, op)
  for _, side in ipairs(sides) do
    x = b:append("resample", { x, indices(b, nearest_positions(side), 1) }, { axis = side.axis })
  end
  b:set(op.outputs[1], x)
end

-- Bilinear ------------------------------------------------------------------------------------

-- Two positions and their weights for each result, in f32.
local function real_positions(side)
  local list, weights, scale = {}, {}, scale_of(side)
  for i = 0, side.to - 1 do
    local place = f32(i * scale)
    if side.centers then place = f32(f32((i + 0.5) * scale) - 0.5) end
    local low = math.max(math.floor(place), 0)
    list[2 * i + 1], list[2 * i + 2] = low, math.min(math.ceil(place), side.from - 1)
    weights[2 * i + 1], weights[2 * i + 2] = f32(1 - f32(place - low)), f32(place - low)
  end
  return list, weights
end

-- a / b truncated toward zero.
local function quotient(a, b)
  return a < 0 and -(-a // b) or a // b
end

-- The same with weights in units of 1/1024.
local function integer_positions(side)
  local list, weights = {}, {}
  local scale = (1024 * side.from + side.to // 2) // side.to
  if side.corners and side.to > 1 then
    scale = (1024 * (side.from - 1) + (side.to - 1) // 2) // (side.to - 1)
  end
  for i = 0, side.to - 1 do
    local place = i * scale
    if side.centers then place = place + scale // 2 - 512 end
    local low = math.max(quotient(place, 1024), 0)
    list[2 * i + 1] = low
    list[2 * i + 2] = math.min(quotient(place + 1023, 1024), side.from - 1)
    weights[2 * i + 1], weights[2 * i + 2] = 1024 - (place - 1024 * low), place - 1024 * low
  end
  return list, weights
end

-- Interpolates along both sides; `type` is that of the sums of integers along each.
local function interpolated(b, x, sides, fields)
  for i, side in ipairs(sides) do
    local list, weights = fields.positions(side)
    for _, weight in ipairs(weights) do
      if fields.dtype == "i16" and (weight < -32768 or weight > 32767) then
        b:unsupported("resizing %d to %d", side.from, side.to)
      end
    end
    weights = b:const(b.name .. ".weights", { dtype = fields.dtype, shape = { side.to, 2 } },
      weights)
    x = b:append("resample", { x, indices(b, list, 2), weights }, { axis = side.axis },
      fields.sums and { dtype = fields.sums[i] })
  end
  return x
end

-- Every second number, from the first or the second on.
local function half_of(list, first)
  local half = {}
  for i = first, #list, 2 do half[#half + 1] = list[i] end
  return half
end

-- 1/2 more than the sum of the four corners by their weights, every step rounded to f32 in TFLite's
-- order.
local function rounded_corners(b, x, sides)
  local lists, weights, sum = {}, {}, nil
  for i, side in ipairs(sides) do lists[i], weights[i] = real_positions(side) end
  local shapes = { { sides[1].to, 1, 1 }, { sides[2].to, 1 } }
  for _, corner in ipairs { { 1, 1 }, { 2, 1 }, { 1, 2 }, { 2, 2 } } do
    local value = x
    for i, side in ipairs(sides) do
      local index = indices(b, half_of(lists[i], corner[i]), 1)
      value = b:append("resample", { value, index }, { axis = side.axis })
    end
    value = b:append("cast", { value }, nil, { dtype = "f32" })
    for i, shape in ipairs(shapes) do
      local factor = b:const(b.name .. ".weights", { dtype = "f32", shape = shape },
        half_of(weights[i], corner[i]))
      value = b:append("mul", { value, factor })
    end
    sum = sum and b:append("add", { sum, value }) or value
  end
  return b:append("add", { sum, b:scalar("f32", 0.5) })
end

-- x / 2^20, to the nearest, halves away from zero (or upward, in single rounding).
local function divided(b, x)
  local half = 1 << 19
  if b.rounding == "single" then
    -- floor division of what may be negative: made positive before, and back after
    local offset = b:scalar("i64", (1 << 40) + half)
    x = b:append("div", { b:append("add", { x, offset }), b:scalar("i64", 1 << 20) })
    return b:append("sub", { x, b:scalar("i64", 1 << 20) })
  end
  local sign = b:append("mul", { x, b:scalar("i64", half) })
  sign = b:append("clamp", { sign }, { lo = -half, hi = half })
  return b:append("div", { b:append("add", { x, sign }), b:scalar("i64", 1 << 20) })
end

local INTEGERS = { i8 = true, i16 = true }

local function bilinear(b, op)
  local x, sides = read(b, op)
  local y = op.outputs[1]
  if b:dtype(y) ~= x.type.dtype then b:unsupported("%s to %s", x.type.dtype, y.dtype) end
  if INTEGERS[y.dtype] then
    x = interpolated(b, x, sides, { positions = integer_positions, dtype = "i16",
      sums = { "i32", "i64" } })
    x = b:append("cast", { divided(b, x) }, nil, b:declared(y))
  elseif y.dtype == "f32" then
    x = interpolated(b, x, sides, { positions = real_positions, dtype = "f32" })
  elseif y.dtype == "u8" then
    x = b:append("cast", { rounded_corners(b, x, sides) }, nil, b:declared(y))
  else
    b:unsupported("elements of type %s", y.dtype)
  end
  b:set(y, x)
end

return {
  RESIZE_NEAREST_NEIGHBOR = { versions = 4, inputs = { 2, 2 },
    options = "ResizeNearestNeighborOptions", convert = nearest },
  RESIZE_BILINEAR = { versions = 4, inputs = { 2, 2 }, options = "ResizeBilinearOptions",
    convert = bilinear },
}
