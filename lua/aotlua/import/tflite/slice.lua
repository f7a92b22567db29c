--- tflite.slice: STRIDED_SLICE.
--
-- Source: TFLite's strided_slice_logic.h (StartForAxis, StopForAxis).

local words = require "aotlua.import.words"

local function clamp(x, low, high)
  return math.max(low, math.min(high, x))
end

-- Start, stop and step of one axis as the core's slice has them. `fields`: extent, begin, finish
-- (nil where the mask leaves them open), step and shrink.
local function range(b, fields)
  local extent, step = fields.extent, fields.step
  if step == 0 then b:fail "a stride is 0" end
  local low, high = 0, extent
  if step < 0 then low, high = -1, extent - 1 end
  local function bounded(index, open)
    if not index then return open end
    return clamp(index < 0 and index + extent or index, low, high)
  end
  local start = bounded(fields.begin, step > 0 and low or high)
  if fields.shrink then
    if start < 0 or start >= extent then
      b:fail("index %d of an extent of %d", fields.begin or 0, extent)
    end
    return start, start + 1, 1
  end
  local stop = bounded(fields.finish, step > 0 and high or low)
  if step > 0 and start >= stop or step < 0 and start <= stop then return 0, 0, 1 end
  return start, stop, step
end

local function has(mask, i)
  return mask & 1 << (i - 1) ~= 0
end

-- What the entries of begin, end and strides stand for: the number of an entry for each axis of the
-- input (false: the whole axis), and a list with the axes of the result, an input's axis or "new".
local function read_entries(b, options, count, rank)
  local entries, result, ellipses, new = {}, {}, 0, 0
  for i = 1, count do
    if has(options.ellipsis_mask, i) then
      ellipses = ellipses + 1
    elseif has(options.new_axis_mask, i) then
      new = new + 1
    end
  end
  local open = rank - (count - ellipses - new)
  if ellipses > 1 or open < 0 then
    b:fail("%s with %d ellipses and %d new axes for a tensor of %s",
      words.count(count, "range"), ellipses, new, words.count(rank, "dimension"))
  end
  local function take(entry)
    entries[#entries + 1] = entry
    result[#result + 1] = #entries
  end
  for i = 1, count do
    if has(options.ellipsis_mask, i) then
      for _ = 1, open do take(false) end
    elseif has(options.new_axis_mask, i) then
      result[#result + 1] = "new"
    else
      take(i)
    end
  end
  for _ = #entries + 1, rank do take(false) end
  return entries, result
end

local function strided_slice(b, op)
  local options, x = op.options, b:value(op.inputs[1])
  local shape = x.type.shape
  local begins = b:numbers(op.inputs[2], "the begin")
  local ends = b:numbers(op.inputs[3], "the end")
  local steps = b:numbers(op.inputs[4], "the strides")
  if #begins ~= #ends or #begins ~= #steps or #begins > 32 then
    b:fail("%d begins, %d ends and %d strides for a tensor of %s", #begins, #ends, #steps,
      words.count(#shape, "dimension"))
  end
  local entries, result = read_entries(b, options, #begins, #shape)
  local attrs, extents = { start = {}, stop = {}, step = {} }, { new = 1 }
  for axis, extent in ipairs(shape) do
    local i = entries[axis]
    local fields = { extent = extent, step = i and steps[i] or 1,
      shrink = i and has(options.shrink_axis_mask, i) }
    if i and not has(options.begin_mask, i) then fields.begin = begins[i] end
    if i and not has(options.end_mask, i) then
      fields.finish = ends[i] + (options.offset and begins[i] or 0)
    end
    local start, stop, step = range(b, fields)
    attrs.start[axis], attrs.stop[axis], attrs.step[axis] = start, stop, step
    if not fields.shrink then
      extents[axis] = (stop - start + step - (step > 0 and 1 or -1)) // step
    end
  end
  local kept = {}
  for _, axis in ipairs(result) do kept[#kept + 1] = extents[axis] end
  local value = b:append("slice", { x }, attrs)
  if #kept ~= #shape or #result ~= #shape then
    value = b:append("reshape", { value }, { shape = kept })
  end
  b:set(op.outputs[1], value)
end

return {
  STRIDED_SLICE = { versions = 8, inputs = { 4, 4 }, options = "StridedSliceOptions",
    convert = strided_slice },
}
