--- lines: lists of lines of C, as harnesses put them together.

local M = {}

--- The lines that `format(record, index)` gives for each of the records, counted from 0.
function M.each(records, format)
  local lines = {}
  for i, record in ipairs(records) do lines[#lines + 1] = format(record, i - 1) end
  return lines
end

--- The text of several lists, one behind the other.
function M.join(...)
  local all = {}
  for _, lines in ipairs { ... } do table.move(lines, 1, #lines, #all + 1, all) end
  return table.concat(all, "\n")
end

return M
