--- progress: a line on the terminal for a person who waits, overwritten by the next.

local system = require "aot.system"

local M = {}

local CLEAR = "\r\27[K"

local shown = false

--- Shows what is done now, if a person reads standard error.
function M.show(words)
  if not system.is_terminal(2) then return end
  io.stderr:write(CLEAR, words)
  shown = true
end

--- Takes the line away before anything else is printed.
function M.clear()
  if shown then io.stderr:write(CLEAR) end
  shown = false
end

return M
