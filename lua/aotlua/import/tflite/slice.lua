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

local function strided_slice(b, op)
  local options = op.options
  if options.ellipsis_mask ~= 0 or options.new_axis_mask ~= 0 then
    b:unsupported("an ellipsis or a new axis")
  end
  local x = b:value(op.inputs[1])
  local shape = x.type.shape
  local begins = b:numbers(op.inputs[2], "the begin")
  local ends = b:numbers(op.inputs[3], "the end")
  local steps = b:numbers(op.inputs[4], "the strides")
  if #begins ~= #ends or #begins ~= #steps or #begins > #shape then
    b:fail("%d begins, %d ends and %d strides for a tensor of %s", #begins, #ends, #steps,
      words.count(#shape, "dimension"))
  end
  local attrs, kept = { start = {}, stop = {}, step = {} }, {}
  for i, extent in ipairs(shape) do
    local bit = 1 << (i - 1)
    local given = i <= #begins
    local fields = { extent = extent, step = steps[i] or 1,
      shrink = given and options.shrink_axis_mask & bit ~= 0 }
    if given and options.begin_mask & bit == 0 then fields.begin = begins[i] end
    if given and options.end_mask & bit == 0 then
      fields.finish = ends[i] + (options.offset and begins[i] or 0)
    end
    local start, stop, step = range(b, fields)
    attrs.start[i], attrs.stop[i], attrs.step[i] = start, stop, step
    if not fields.shrink then
      kept[#kept + 1] = (stop - start + step - (step > 0 and 1 or -1)) // step
    end
  end
  local value = b:append("slice", { x }, attrs)
  if #kept ~= #shape then value = b:append("reshape", { value }, { shape = kept }) end
  b:set(op.outputs[1], value)
end

return {
  STRIDED_SLICE = { versions = 8, inputs = { 4, 4 }, options = "StridedSliceOptions",
    convert = strided_slice },
}
