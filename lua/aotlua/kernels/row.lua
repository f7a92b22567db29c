--- row: a row's number from data, as gather and scatter read it.

local M = {}

--- The index that `value` names among `extent` rows: from the end where it is negative, then
-- clamped.
function M.of(k, value, extent)
  value = k:let("row", value)
  return k:index(k.select(k.lt(value, 0), value + extent, value), extent)
end

return M
