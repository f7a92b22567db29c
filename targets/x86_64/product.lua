--- product: the sums of a convolution or product of matrices, a block of registers at a time:
--- y[pixel, column] = bias[column] + sum over taps, p of x[pixel + tap, p] * w[tap, p, column].
--
-- A tile of a few pixels and a few vectors of columns is held in registers; for each p the
-- vectors of w are loaded once and multiplied by each pixel's x. Constant weights are packed in
-- panels of `nr` columns, in the order in which they are read, zeros behind the last column.
-- Parameters of the schedule: mr pixels, nr columns, lanes of a vector, `outer`: "columns" where
-- a panel stays in a cache for all pixels.

local geometry = require "targets.x86_64.geometry"
local each_lane = require "aotlua.kernels.lanes".each
local window = require "aotlua.kernels.window"

-- sums[i][j], which begin with the bias where there is one for each lane.
local function registers(k, op, tile, panel)
  local bias, sums = op.inputs[3], {}
  for i = 0, tile.size - 1 do
    sums[i] = {}
    for j = 0, panel.vectors - 1 do
      local whole = panel.columns >= (j + 1) * panel.lanes
      local start = bias and whole and bias:flat_vec(panel.lanes, panel.column + j * panel.lanes)
      sums[i][j] = k:var(("f32x%d"):format(panel.lanes), ("sum%d_%d"):format(i, j), start or 0)
    end
  end
  return sums
end

-- Where pixel `i` of the tile meets tap `kw` of row `ih`: its first channel in x.
local function place(g, tile, ih, i, kw)
  local iw = (tile.ow + i) * g.stride[2] - g.pad[2] + kw * g.dilation[2]
  return ((tile.n * g.height + ih) * g.width + iw) * g.channels
end

-- Adds what the taps of `span` in row kh of the window contribute.
local function accumulate(k, op, tile, panel, sums, kh, ih, span)
  local g, x, w, nr, lanes = op.geometry, op.inputs[1], op.inputs[2], op.schedule.nr, panel.lanes
  local joined = g.dilation[2] == 1 -- the taps of a pixel lie behind each other
  local taps, run = span.past - span.first, 1
  if joined then taps, run = 1, taps end
  for kw in k:loop("kw", span.first, span.first + taps) do
    local row = ((panel.block * g.taps[1] + kh) * g.taps[2] + kw) * g.depth
    for p in k:loop("p", run * g.depth) do
      local weights = {}
      for j = 0, panel.vectors - 1 do
        local at = op.packed and (row + p) * nr
          or (tile.n * g.depth + p) * g.columns + panel.column
        weights[j] = k:let("w" .. j, w:flat_vec(lanes, at + j * lanes))
      end
      for i = span.low, span.high do
        local factor = x:flat(place(g, tile, ih, i, kw) + p)
        factor = k:let("x" .. i, lanes > 1 and k.splat(lanes, factor) or factor)
        for j = 0, panel.vectors - 1 do
          k:set(sums[i][j], k.fma(factor, weights[j], sums[i][j]))
        end
      end
    end
  end
end

-- The same where each column has a channel of its own: there is nothing to sum over but taps,
-- and neighboring pixels share the x that each of them would load.
local function accumulate_channels(k, op, tile, panel, sums, kh, ih)
  local g, x, w, nr, lanes = op.geometry, op.inputs[1], op.inputs[2], op.schedule.nr, panel.lanes
  for j = 0, panel.vectors - 1 do
    local weights, loaded = {}, {}
    for _, span in ipairs(tile.spans) do
      for kw = span.first, span.past - 1 do
        local row = (panel.block * g.taps[1] + kh) * g.taps[2] + kw
        weights[kw] = k:let("w" .. kw, w:flat_vec(lanes, row * nr + panel.at + j * lanes))
      end
    end
    for _, meeting in ipairs(geometry.meetings(g, tile.spans)) do
      local i, kw, at = meeting.i, meeting.kw, meeting.at
      loaded[at] = loaded[at] or k:let("x", x:flat_vec(lanes,
        place(g, tile, ih, i, kw) + panel.column + j * lanes))
      k:set(sums[i][j], k.fma(loaded[at], weights[kw], sums[i][j]))
    end
  end
end

local function store(op, tile, panel, sums)
  local g, bias = op.geometry, op.inputs[3]
  for i = 0, tile.size - 1 do
    for j = 0, panel.vectors - 1 do
      local column, left = panel.column + j * panel.lanes, panel.columns - j * panel.lanes
      local row = ((tile.n * g.out_height + tile.oh) * g.out_width + tile.ow + i) * g.columns
      local function put(c, value)
        local index = g.subscripts(tile.n, tile.oh, tile.ow + i, c)
        index.flat = row + c
        op:store(index, value)
      end
      if left >= panel.lanes then
        put(column, sums[i][j])
      else -- zeros of the packed weights fill the other lanes
        each_lane(op, sums[i][j], left, function(l, sum)
          put(column + l, bias and sum + bias:flat(column + l) or sum)
        end)
      end
    end
  end
end

local function one_tile(k, op, tile, panel)
  local g, sums = op.geometry, registers(k, op, tile, panel)
  window.along(k, "kh", {
    origin = tile.oh * g.stride[1] - g.pad[1], taps = g.taps[1], extent = g.height,
    dilation = g.dilation[1],
  }, function(kh, ih)
    if g.depthwise then return accumulate_channels(k, op, tile, panel, sums, kh, ih) end
    for _, span in ipairs(tile.spans) do accumulate(k, op, tile, panel, sums, kh, ih, span) end
  end)
  store(op, tile, panel, sums)
end

-- The tiles of the result: body(tile) with n, oh, ow of its first pixel, size and spans.
local function each_tile(k, g, runs, body)
  for n in k:loop("n", g.images) do
    for oh in k:loop("oh", g.out_height) do
      for _, run in ipairs(runs) do
        for ow in k:loop("ow", run.first, run.past, run.size) do
          body { n = n, oh = oh, ow = ow, size = run.size, spans = run.spans }
        end
      end
    end
  end
end

-- The panels of columns: body(panel) with block, the place `at` in it and the number of columns.
local function each_panel(k, op, body)
  local g, nr, lanes = op.geometry, op.schedule.nr, op.schedule.lanes
  local full, rest = g.columns // nr, g.columns % nr
  for block in k:loop("block", full) do
    body { block = block, at = 0, column = block * nr, columns = nr, vectors = nr // lanes,
      lanes = lanes }
  end
  local at = 0
  while at < rest do
    local left, width = rest - at, lanes
    -- only packed weights of dense products have zeros behind the last column: elsewhere the
    -- vectors become narrower, down to one lane
    local padded = op.packed and not g.depthwise
    while not padded and width > left do width = width // 2 end
    local vectors = padded and (left + width - 1) // width or left // width
    body { block = full, at = at, column = full * nr + at,
      columns = math.min(left, vectors * width), vectors = vectors, lanes = width }
    at = at + vectors * width
  end
end

--- Records the kernel; false where it is none of these, or weights lie in another way.
return function(k, op)
  local rank = #op.inputs[2].shape
  op.packed = rank == (op.name == "matmul" and 3 or 5) and not op.schedule.plain
  op.geometry = op.schedule.nr and geometry.of {
    op = op.name, attrs = op.attrs, operands = op.types, type = op.type, packed = op.packed,
  }
  if not op.geometry or op.inputs[1].number or op.inputs[2].number then return false end
  local runs = geometry.runs(op.geometry, op.schedule.mr)
  if not runs then return false end
  if op.schedule.outer == "columns" then
    each_panel(k, op, function(panel)
      each_tile(k, op.geometry, runs, function(tile) one_tile(k, op, tile, panel) end)
    end)
  else
    each_tile(k, op.geometry, runs, function(tile)
      each_panel(k, op, function(panel) one_tile(k, op, tile, panel) end)
    end)
  end
  return true
end
