--- bytes: memory as the text of an initializer, 16 bytes a line, that is the rest of a macro.

local bytes = {}

local per_line = 16
local at_once = 4096 -- bytes, a multiple of per_line

-- The contents of the memory as strings, zero between the pieces.
local function each_string(pieces, size, visit)
  local at = 0
  for _, piece in ipairs(pieces) do
    visit(("\0"):rep(piece.offset - at))
    for offset = 0, #piece.view - 1, at_once do
      visit(piece.view:string(offset, math.min(at_once, #piece.view - offset)))
    end
    at = piece.offset + #piece.view
  end
  visit(("\0"):rep(size - at))
end

--- Adds `size` bytes: `pieces` is a list of { offset, view } in order; between them all is zero.
function bytes.write(out, pieces, size)
  local rest, left = "", size
  local function show(line)
    left = left - #line
    out:line("    %s%s", ("0x%02x, "):rep(#line):format(line:byte(1, -1)):sub(1, -2),
      left > 0 and " \\" or "")
  end
  each_string(pieces, size, function(string)
    rest = rest .. string
    local whole = #rest - #rest % per_line
    for first = 1, whole, per_line do
      show(rest:sub(first, first + per_line - 1))
    end
    rest = rest:sub(whole + 1)
  end)
  if rest ~= "" then
    show(rest)
  end
end

return bytes
