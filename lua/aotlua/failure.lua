--- failure: errors that know their exit code.
--
-- A plain string raised anywhere is an error of the model or a script (exit 1); what has another
-- code is raised here. `tostring` gives the message, so callers may add to it.

local M = {
  ok = 0,       -- done
  model = 1,    -- the model, a script or the compilation
  usage = 2,    -- the command line
  mismatch = 3, -- numbers differ
  io = 4,       -- files, missing compilers and runners
  internal = 70,
}

local Failure = {}
Failure.__index = Failure
function Failure:__tostring() return self.message end

--- Raises an error with the exit code of that name: failure.raise("io", "%s: no space", path).
function M.raise(kind, format, ...)
  error(setmetatable({ code = M[kind], message = format:format(...) }, Failure), 0)
end

--- Calls the function and turns what it raises as a string into a failure of that kind.
function M.within(kind, f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  if getmetatable(results[2]) == Failure then error(results[2], 0) end
  M.raise(kind, "%s", tostring(results[2]))
end

--- The exit code of something raised.
function M.code(raised)
  return getmetatable(raised) == Failure and raised.code or M.model
end

return M
