--- geometry: sums of products as pixels times columns, and how they are cut into tiles.
--
-- A product of matrices a[m, k] * b[k, n] is a convolution of one tap over one row of m pixels,
-- and so is a convolution of one tap: what the kernel of a convolution does well, all do.

local types = require "aotlua.types"

local M = {}

local most_borders = 12 -- tiles of a row that reach beyond the image; each has code of its own
local most_taps = 16 -- of a row of a depthwise window; so does each of them

local function all_are(value, list)
  for _, each in ipairs(list) do
    if each ~= value then return false end
  end
  return true
end

-- Pixels are the elements of all axes but the last, in one row, or in a row for each image.
local function in_rows(shape, depth, images)
  local columns = shape[#shape]
  local width = types.count { shape = shape } // columns // images
  local function subscripts(n, _, ow, column)
    local index, pixel = { [#shape] = column }, n * width + ow
    for axis = #shape - 1, 2, -1 do
      index[axis], pixel = pixel % shape[axis], pixel // shape[axis]
    end
    index[1] = pixel
    return index
  end
  return {
    images = images, height = 1, width = width, channels = depth, out_height = 1,
    out_width = width, columns = columns, taps = { 1, 1 }, stride = { 1, 1 },
    dilation = { 1, 1 }, pad = { 0, 0, 0, 0 }, depth = depth, subscripts = subscripts,
  }
end

-- Factors of one matrix serve all rows of all images; others are one matrix an image.
local function of_matmul(attrs, x, w, y, packed)
  if packed or #w == 2 then return (packed or not attrs.transpose_b) and in_rows(y, x[#x], 1) end
  local batch = table.move(y, 1, #y - 2, 1, {})
  local alike = types.same_list(batch, table.move(x, 1, #x - 2, 1, {}))
    and types.same_list(batch, table.move(w, 1, #w - 2, 1, {}))
  return alike and not attrs.transpose_b and in_rows(y, x[#x], types.count { shape = batch })
end

local function of_conv2d(attrs, x, w, y, packed)
  if not packed then return nil end
  local taps, stride = { w[2], w[3] }, attrs.stride or { 1, 1 }
  local pad, groups = attrs.pad or { 0, 0, 0, 0 }, attrs.groups or 1
  local depthwise = groups > 1 and groups == x[4] and groups == y[4]
  if groups > 1 and not (depthwise and taps[2] <= most_taps) then return nil end
  if groups == 1 and all_are(1, taps) and all_are(1, stride) and all_are(0, pad) then
    return in_rows(y, x[4], 1)
  end
  return {
    images = y[1], height = x[2], width = x[3], channels = x[4], out_height = y[2],
    out_width = y[3], columns = y[4], taps = taps, stride = stride, pad = pad,
    dilation = attrs.dilation or { 1, 1 }, depth = x[4] // groups, depthwise = depthwise,
    subscripts = function(...) return { ... } end,
  }
end

--- The geometry of `p`'s product of floats: its `op`, `attrs`, the types of its `operands` and its
-- result `type`, and whether weights are `packed` in panels or lie as a matrix. Nil or false
-- where these recipes do not serve.
--   images, height, width, channels   of x
--   out_height, out_width, columns    of the result
--   taps, stride, dilation, pad; depth: channels that one column sums over
--   subscripts(n, oh, ow, c)          of the result's tensor
function M.of(p)
  local x, w, y = p.operands[1], p.operands[2], p.type
  if x.dtype ~= "f32" or types.count(x) == 0 or types.count(w) == 0 or types.count(y) == 0 then
    return nil
  end
  local of = p.op == "matmul" and of_matmul or of_conv2d
  return of(p.attrs, x.shape, w.shape, y.shape, p.packed)
end

-- The pixels low .. past - 1 of the tile at `first` whose tap `kw` lies inside the image.
local function inside(g, first, size, kw)
  local low, past = size, 0
  for i = 0, size - 1 do
    local at = (first + i) * g.stride[2] - g.pad[2] + kw * g.dilation[2]
    if at >= 0 and at < g.width then low, past = math.min(low, i), i + 1 end
  end
  return low, past
end

local function is_whole(g, first, size)
  local left = first * g.stride[2] - g.pad[2]
  local right = left + (size - 1) * g.stride[2] + (g.taps[2] - 1) * g.dilation[2]
  return left >= 0 and right < g.width
end

-- The taps of a row of the window that pixels of the tile at `first` see: a list of
-- { first, past, low, high }, taps first .. past - 1 for its pixels low .. high.
local function spans(g, first, size)
  local list = {}
  for kw = 0, g.taps[2] - 1 do
    local low, past = inside(g, first, size, kw)
    local last = list[#list]
    if last and last.past == kw and last.low == low and last.high == past - 1 then
      last.past = kw + 1
    elseif low < past then
      list[#list + 1] = { first = kw, past = kw + 1, low = low, high = past - 1 }
    end
  end
  return list
end

--- Which pixel of a tile, `i`, meets which tap of a row of the window, `kw`, at which place
-- `at` of x, counted from where pixel 0 meets tap 0; in the order of places.
function M.meetings(g, seen)
  local list = {}
  for _, span in ipairs(seen) do
    for kw = span.first, span.past - 1 do
      for i = span.low, span.high do
        list[#list + 1] = { i = i, kw = kw, at = i * g.stride[2] + kw * g.dilation[2] }
      end
    end
  end
  table.sort(list, function(a, b) return a.at < b.at or a.at == b.at and a.kw < b.kw end)
  return list
end

--- Cuts a row of the result into tiles of at most `most` pixels, as even as they can be. Gives
-- runs of equal ones, { first, past, size, spans }; nil where too many are at borders.
function M.runs(g, most)
  local count = (g.out_width + most - 1) // most
  local list, borders, first = {}, 0, 0
  for tile = 1, count do
    local size = (g.out_width - first) // (count - tile + 1)
    if (g.out_width - first) % (count - tile + 1) > 0 then size = size + 1 end
    local whole, last = is_whole(g, first, size), list[#list]
    if whole and last and last.whole and last.size == size then
      last.past = first + size
    else
      list[#list + 1] = { first = first, past = first + size, size = size, whole = whole,
        spans = spans(g, first, size) }
      borders = borders + (whole and 0 or 1)
    end
    first = first + size
  end
  return borders <= most_borders and list or nil
end

return M
