--- onnx.taps: pools over windows of any rank, dilated too: one strided slice for each tap.
-- Channels stay where they are. It is for what the pools of the core do not have.
local compose = require "aotlua.import.onnx.compose"
local limits = require "aotlua.import.limits"

local op = compose.op

local taps = {}

-- x with its padding, from `rest` on cut or extended so that all windows lie inside.
local function padded(n, x, window, value)
  local before, after = { 0, 0 }, { 0, 0 }
  local count = #x.type.shape - 2
  local skipped = #window.kernel - count -- a row is an image of height 1 to the window
  for i = 1, count do
    before[i + 2], after[i + 2] = window.before[i + skipped], window.after[i + skipped]
  end
  return op(n, "pad", { x }, { before = before, after = after, value = value }), skipped
end

-- The window's taps, one list of places per tap.
local function places_of(n, kernel)
  local list = { {} }
  for _, extent in ipairs(kernel) do
    local longer = {}
    if #list * extent > limits.pool_taps then
      n:unsupported("a window of more than %d elements", limits.pool_taps)
    end
    for _, place in ipairs(list) do
      for i = 0, extent - 1 do
        longer[#longer + 1] = table.move(place, 1, #place, 1, {})
        table.insert(longer[#longer], i)
      end
    end
    list = longer
  end
  return list
end

--- Folds the taps of the window over x [n, c, ...] by a core op, padding being `value`.
function taps.fold(n, x, window, fold)
  local wide, skipped = padded(n, x, window, fold.value)
  local shape, result = wide.type.shape, nil
  local kernel = table.move(window.kernel, skipped + 1, #window.kernel, 1, {})
  for _, place in ipairs(places_of(n, kernel)) do
    local attrs = { start = { 0, 0 }, stop = { shape[1], shape[2] }, step = { 1, 1 } }
    for i, at in ipairs(place) do
      local axis, step, gap = i + 2, window.stride[i + skipped], window.dilation[i + skipped]
      local out = (shape[axis] - (kernel[i] - 1) * gap - 1) // step + 1
      attrs.start[axis], attrs.step[axis] = at * gap, step
      attrs.stop[axis] = at * gap + (out - 1) * step + 1
    end
    local part = op(n, "slice", { wide }, attrs)
    result = result and op(n, fold.op, { result, part }) or part
  end
  return result
end

--- How many taps of each window count: those inside x or, if asked, its padding; not those that
-- ceil_mode adds. A constant [1, 1, ...], made by the passes.
function taps.counts(n, x, window, count_pad)
  local shape, inner = { 1, 1 }, { before = {}, after = {}, kernel = window.kernel,
    stride = window.stride, dilation = window.dilation }
  local skipped = #window.kernel - (#x.type.shape - 2)
  for i = 1, #window.kernel do
    local before, after = window.before[i], window.after[i]
    local counted = count_pad and before + after - window.rest[i] or 0
    if i > skipped then
      shape[i - skipped + 2] = x.type.shape[i - skipped + 2] + counted
    end
    inner.before[i] = count_pad and 0 or before
    inner.after[i] = count_pad and window.rest[i] or after
  end
  local ones = compose.filled(n, x.type.dtype, shape, 1.0)
  return taps.fold(n, ones, inner, { op = "add", value = 0.0 })
end

return taps
