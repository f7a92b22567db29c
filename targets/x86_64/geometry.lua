--- geometry: sums of products as pixels times columns, and how they are cut into tiles.
--
-- A product of matrices a[m, k] * b[k, n] is a convolution of one tap over one row of m pixels,
-- and so is a convolution of one tap: what the kernel of a convolution does well, all do.

local types = require "aotlua.types"

local M = {}

local most_borders = 12 -- tiles of a row that reach beyond the image; each has code of its own

local function all_are(value, list)
  for _, each in ipairs(list) do
    if each ~= value then return false end
  end
  return true
end

-- Pixels are the elements of all axes but the last, in one row.
local function one_row(shape, depth)
  local function subscripts(_, _, pixel, column)
    local index = { [#shape] = column }
    for axis = #shape - 1, 2, -1 do
      index[axis], pixel = pixel % shape[axis], pixel // shape[axis]
    end
    index[1] = pixel
    return index
  end
  local columns = shape[#shape]
  return {
    images = 1, height = 1, width = types.count { shape = shape } // columns, channels = depth,
    out_height = 1, out_width = types.count { shape = shape } // columns, columns = columns,
    taps = { 1, 1 }, stride = { 1, 1 }, dilation = { 1, 1 }, pad = { 0, 0, 0, 0 }, depth = depth,
    subscripts = subscripts,
  }
end

local function of_conv2d(attrs, x, w, y)
  local taps, stride = { w[2], w[3] }, attrs.stride or { 1, 1 }
  local pad, groups = attrs.pad or { 0, 0, 0, 0 }, attrs.groups or 1
  local depthwise = groups > 1 and groups == x[4] and groups == y[4]
  if groups > 1 and not depthwise then return nil end
  if groups == 1 and all_are(1, taps) and all_are(1, stride) and all_are(0, pad) then
    return one_row(y, x[4])
  end
  return {
    images = y[1], height = x[2], width = x[3], channels = x[4], out_height = y[2],
    out_width = y[3], columns = y[4], taps = taps, stride = stride, pad = pad,
    dilation = attrs.dilation or { 1, 1 }, depth = x[4] // groups, depthwise = depthwise,
    subscripts = function(...) return { ... } end,
  }
end

--- The geometry of a node's, or op's, product: of `name`, `attrs`, the `types` of its operands
-- and its result `type`; of floats alone. Nil where these recipes do not serve.
--   images, height, width, channels   of x
--   out_height, out_width, columns    of the result
--   taps, stride, dilation, pad; depth: channels that one column sums over
--   subscripts(n, oh, ow, c)          of the result's tensor
function M.of(name, attrs, operands, result)
  local x, w, y = operands[1], operands[2], result
  if x.dtype ~= "f32" or types.count(x) == 0 or types.count(w) == 0 or types.count(y) == 0 then
    return nil
  end
  if name == "matmul" then return one_row(y.shape, x.shape[#x.shape]) end
  return of_conv2d(attrs, x.shape, w.shape, y.shape)
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

--- The taps of a row of the window that pixels of the tile at `first` see: a list of
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
    local seen, last = spans(g, first, size), list[#list]
    local whole = #seen == 1 and seen[1].first == 0 and seen[1].past == g.taps[2]
      and seen[1].low == 0 and seen[1].high == size - 1
    if whole and last and last.whole and last.size == size then
      last.past = first + size
    else
      list[#list + 1] = { first = first, past = first + size, size = size, spans = seen,
        whole = whole }
      borders = borders + (whole and 0 or 1)
    end
    first = first + size
  end
  return borders <= most_borders and list or nil
end

return M
