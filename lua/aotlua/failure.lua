--- failure: errors that know their exit code, and which errors are bugs of ours.
--
-- A plain string raised anywhere is an error of the model or a script (exit 1); what has another
-- code is raised here. `tostring` gives the message. What we raise on purpose never begins with
-- a place in a script, so a message that begins with one of ours is a fault: the Lua system
-- itself, or a call with arguments it cannot take, raised it.

local program = require "aot.program"

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

local function new(code, message)
  return setmetatable({ code = code, message = message }, Failure)
end

--- Raises an error with the exit code of that name: failure.raise("io", "%s: no space", path).
function M.raise(kind, format, ...) error(new(M[kind], format:format(...)), 0) end

local function begins(text, start) return text:sub(1, #start) == start end

--- Whether the script at `path` is part of aotlua.
function M.is_ours(path)
  for _, room in ipairs { "/lua/", "/passes/", "/targets/" } do
    if begins(path, program.root .. room) then return true end
  end
  -- The Lua system shortens long paths to "..." and their end.
  local tail = path:match "^%.%.%.(.*)"
  if not tail then return false end
  for name in pairs(package.loaded) do -- order: irrelevant, any will do
    local script = package.searchpath(name, package.path)
    if script and script:sub(-#tail) == tail and M.is_ours(script) then return true end
  end
  return false
end

--- Whether what was raised is a message that says that we did something wrong.
function M.is_fault(message)
  if type(message) ~= "string" then return false end
  local place = message:match "^([^\n]-%.lua):%d+: "
  return begins(message, "internal fault: ") or place ~= nil and M.is_ours(place)
end

--- The message of whatever was raised: scripts may raise anything, even what has no text.
function M.text(raised)
  local ok, text = pcall(tostring, raised)
  return ok and text or "an error that cannot be shown"
end

--- What to raise instead of `raised` so that its message begins with `prefix`: a failure keeps
-- its code, and a fault becomes one.
function M.prefixed(prefix, raised)
  if getmetatable(raised) == Failure then return new(raised.code, prefix .. raised.message) end
  local message = M.text(raised)
  if M.is_fault(message) then return new(M.internal, prefix .. message) end
  return prefix .. message
end

--- A fault with the trace of where it was raised: a handler for xpcall that leaves others alone.
function M.traced(raised)
  if M.code(raised) ~= M.internal or M.text(raised):find "\nstack traceback:" then return raised end
  return new(M.internal, (debug.traceback(M.text(raised), 2):gsub("\t", "  ")))
end

--- Calls the function and turns what it raises as a string into a failure of that kind.
function M.within(kind, f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local raised = M.prefixed("", results[2])
  if type(raised) == "string" then raised = new(M[kind], raised) end
  error(raised, 0)
end

--- The exit code of something raised.
function M.code(raised)
  if getmetatable(raised) == Failure then return raised.code end
  return M.is_fault(raised) and M.internal or M.model
end

return M
