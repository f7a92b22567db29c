--- onnx.border: padding with a tensor's own elements.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local border = {}

-- The place on an axis that lies `i` elements from its start, by mode.
local PLACES = {
  edge = function(i, extent)
    return math.max(0, math.min(extent - 1, i))
  end,
  reflect = function(i, extent)
    local period = math.max(1, 2 * (extent - 1))
    i = i % period
    return i < extent and i or period - i
  end,
  wrap = function(i, extent)
    return i % extent
  end,
}

--- A value with `pads`, { before, after }, of elements as the mode says. Negative ones cut, before
-- anything is added.
function border.extended(n, value, pads, mode)
  local place = PLACES[mode]
  if not place then
    n:fail("attribute 'mode' is %s; it may be constant, edge, reflect or wrap", words.quote(mode))
  end
  for axis, extent in ipairs(value.type.shape) do
    local before, after = pads.before[axis], pads.after[axis]
    if before ~= 0 or after ~= 0 then
      local list, first = {}, -math.max(-extent, math.min(0, before))
      local kept = extent - first + math.max(-extent, math.min(0, after))
      if kept <= 0 or n:check_shape { math.max(0, before + extent + after) } == 0 then
        n:unsupported("axis %d of extent %d becomes, or is, empty", axis - 1, extent)
      end
      for i = -math.max(0, before), kept + math.max(0, after) - 1 do
        list[#list + 1] = first + place(i, kept)
      end
      value = compose.op(n, "resample",
        { value, n:constant({ dtype = "i32", shape = { #list, 1 } }, list) }, { axis = axis - 1 })
    end
  end
  return value
end

return border
