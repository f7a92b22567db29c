--- words: model strings and values as messages show them.

local M = {}

local LONGEST = 80 -- bytes of a model string that a message shows

local function escaped(byte)
  return string.format("\\x%02x", byte:byte())
end

--- Returns `text` with every byte outside printable ASCII, quotes and backslashes as \xNN, so
-- that a name can neither move the terminal's cursor nor end its own quotation.
function M.escape(text)
  return (text:gsub("[%c\x7f-\xff'\\]", escaped))
end

--- Returns `text` with what could move a terminal's cursor as \xNN; line breaks stay.
function M.escape_lines(text)
  return (text:gsub("[^\n\x20-\x7e]", escaped))
end

--- Returns 'text', escaped, and cut where it is long.
function M.quote(text)
  if #text > LONGEST then
    return string.format("'%s...' (%d bytes)", M.escape(text:sub(1, LONGEST)), #text)
  end
  return "'" .. M.escape(text) .. "'"
end

--- Returns "[1, 2, 3]".
function M.list(values)
  return "[" .. table.concat(values, ", ") .. "]"
end

--- Returns "1 operator", "2 operators".
function M.count(n, noun)
  return string.format("%d %s%s", n, noun, n == 1 and "" or "s")
end

return M
