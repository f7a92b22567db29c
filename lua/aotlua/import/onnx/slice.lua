--- onnx.slice: Slice, Split and Pad, which cut a tensor or grow it.
local border = require "aotlua.import.onnx.border"
local words = require "aotlua.import.words"

local slice = {}

-- Emits a core slice of `value`; `cut` is { start, stop, step }, lists of one entry per axis.
local function emit(n, value, cut, name)
  return n:emit { op = "slice", inputs = { value }, attrs = cut, name = name, folds = true }
end

-- All of a value of this shape.
local function whole(shape)
  local cut = { start = {}, stop = {}, step = {} }
  for i, extent in ipairs(shape) do
    cut.start[i], cut.stop[i], cut.step[i] = 0, extent, 1
  end
  return cut
end

-- An index that may count from the end, forced into [low, high]. Neither sum can wrap around:
-- extents are small, and only negative numbers are added to.
local function clamp(index, extent, low, high)
  if index < 0 then
    index = index + extent
  end
  return math.max(low, math.min(high, index))
end

-- The four lists of a Slice: attributes before operator set 10, then inputs.
local function read_slice(n)
  if n.opset < 10 then
    return n:required("starts"), n:required("ends"), n:attribute("axes"), nil
  elseif n:input_count() < 3 then
    n:fail("it needs the inputs starts and ends")
  end
  return n:integers(2, "starts"), n:integers(3, "ends"), n:integers(4, "axes"),
    n:integers(5, "steps")
end

slice.Slice = {
  inputs = { 1, 5 },
  attributes = { starts = "ints", ends = "ints", axes = "ints" },
  lower = function(n)
    local shape = n:operand(1):type().shape
    local starts, ends, axes, steps = read_slice(n)
    local count = starts and #starts or 0
    if not (starts and ends) or #ends ~= count or (axes and #axes ~= count)
      or (steps and #steps ~= count) or count > #shape then
      n:fail("starts, ends, axes and steps differ in length, or the rank %d is less", #shape)
    end
    n:axes(axes or {}, #shape) -- none twice
    local cut = whole(shape)
    for i = 1, count do
      local axis = axes and n:axis(axes[i], #shape) or i - 1
      local extent, step = shape[axis + 1], steps and steps[i] or 1
      if step == 0 then
        n:fail("the step along axis %d is 0", axis)
      end
      local back = step < 0
      cut.start[axis + 1] = clamp(starts[i], extent, 0, back and math.max(extent - 1, 0) or extent)
      cut.stop[axis + 1] = clamp(ends[i], extent, back and -1 or 0, extent)
      cut.step[axis + 1] = math.max(-extent - 1, math.min(extent + 1, step))
    end
    n:rearrange(function(value, name)
      return emit(n, value, cut, name)
    end)
  end,
}

-- The extents of a Split's parts along an axis of `extent`.
local function read_parts(n, extent)
  local sizes
  if n.opset < 13 then
    sizes = n:attribute("split")
  else
    sizes = n:integers(2, "split")
  end
  local count = #n.proto.output
  if sizes then
    local total = 0
    for _, size in ipairs(sizes) do
      if size < 0 or size > extent then
        n:fail("split is %s; the axis has extent %d", words.list(sizes), extent)
      end
      total = total + size
    end
    if total ~= extent or #sizes ~= count then
      n:fail("split is %s for %d outputs; the axis has extent %d", words.list(sizes), count, extent)
    end
    return sizes
  end
  count = n:attribute("num_outputs", count)
  if count ~= #n.proto.output then
    n:fail("attribute 'num_outputs' is %d; there are %d outputs", count, #n.proto.output)
  elseif n.opset < 18 and extent % count ~= 0 then
    n:fail("an axis of extent %d cannot be split into %d equal parts", extent, count)
  end
  sizes = {}
  local size, left = (extent + count - 1) // count, extent
  for i = 1, count do
    sizes[i] = math.min(size, left)
    left = left - sizes[i]
  end
  return sizes
end

slice.Split = {
  inputs = { 1, 2 },
  outputs = math.huge,
  attributes = { axis = "int", split = "ints", num_outputs = "int" },
  lower = function(n)
    local x = n:operand(1)
    local integers = x.integer and not x.integer.type.quant.axis and x.integer
    local value = integers or x:value()
    local shape = value.type.shape
    local axis = n:axis(n:attribute("axis", 0), #shape)
    local from = 0
    for i, size in ipairs(read_parts(n, shape[axis + 1])) do
      if n:output_name(i) ~= "" then
        local cut = whole(shape)
        cut.start[axis + 1], cut.stop[axis + 1] = from, from + size
        local part = emit(n, value, cut, not integers and n:output_name(i) or nil)
        if integers then
          n:dequantized(i, part)
        else
          n:result(i, part)
        end
      end
      from = from + size
    end
  end,
}

-- Pads, one pair per axis: { before, after }, from an attribute or, since operator set 11, inputs.
local function read_pads(n, rank)
  local given, axes
  if n.opset < 11 then
    given = n:required("pads")
  else
    given = n:integers(2, "pads") or n:fail("there are no pads")
    axes = n:integers(4, "axes")
  end
  local count = axes and #axes or rank
  if #given ~= 2 * count then
    n:fail("pads is %s; it needs %d values", words.list(given), 2 * count)
  end
  n:axes(axes or {}, rank) -- none twice
  local pads = { before = {}, after = {} }
  for i = 1, rank do
    pads.before[i], pads.after[i] = 0, 0
  end
  for i = 1, count do
    local axis = axes and n:axis(axes[i], rank) or i - 1
    pads.before[axis + 1], pads.after[axis + 1] = given[i], given[i + count]
  end
  return pads
end

-- The number that Pad adds.
local function read_value(n)
  if n.opset < 11 then
    return n:attribute("value", 0.0)
  elseif not n:operand(3) then
    return 0
  end
  local data = n:tensor(3, "constant_value")
  if #data ~= 1 then
    n:fail("constant_value has %d elements", #data)
  end
  return data:get(1)
end

-- What negative pads take away, as a cut; nil if nothing. The pads become positive.
local function cut_of(n, shape, pads)
  local cut, any = whole(shape), false
  for i, extent in ipairs(shape) do
    local before, after = pads.before[i], pads.after[i]
    if before < -extent or after < -extent or before + after < -extent then
      n:fail("pads %d and %d leave nothing of axis %d with extent %d", before, after, i - 1, extent)
    end
    any = any or before < 0 or after < 0
    cut.start[i], cut.stop[i] = math.max(0, -before), extent + math.min(0, after)
    pads.before[i], pads.after[i] = math.max(0, before), math.max(0, after)
  end
  return any and cut
end

slice.Pad = {
  inputs = { 1, 4 },
  attributes = { mode = "string", pads = "ints", value = "float" },
  lower = function(n)
    local mode = n:attribute("mode", "constant")
    local x = n:operand(1)
    local shape = x:type().shape
    local pads, number = read_pads(n, #shape), read_value(n)
    if mode ~= "constant" then
      n:rearrange(function(value)
        return border.extended(n, value, pads, mode)
      end)
      return
    end
    local cut, result = cut_of(n, shape, pads), {}
    for i, extent in ipairs(shape) do
      if math.max(pads.before[i], pads.after[i]) > 1 << 31 then
        n:fail("a pad of %d is too large", math.max(pads.before[i], pads.after[i]))
      end
      result[i] = pads.before[i] + extent + pads.after[i]
    end
    n:check_shape(result)
    local function padded(value, name)
      local is_stored = value == x.integer -- 0 is the zero point then
      if value.type.dtype:find("^[fb]") then
        number = number + 0.0
      end
      return n:emit {
        op = "pad",
        inputs = { cut and emit(n, value, cut) or value },
        attrs = {
          before = pads.before,
          after = pads.after,
          value = is_stored and value.type.quant.zero or number,
        },
        name = name,
      }
    end
    if number == 0 then
      n:rearrange(padded)
    else
      n:result(1, padded(x:value(), n:output_name(1)))
    end
  end,
}

return slice
