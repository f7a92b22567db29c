--- place: where in a script an error came up, for messages that do not say.
--
-- The core's refusals tell what is wrong with an edit, not who wanted it; and what a tool of ours
-- stumbles over may be what a user's script handed it.

local failure = require "aotlua.failure"
local program = require "aot.program"

local M = {}

local function is_tool(source)
  local tools = program.root .. "/lua/"
  return source:sub(2, #tools + 1) == tools
end

-- The script and line on whose behalf something was done: the nearest one that is no tool of
-- ours, or else the nearest.
local function frame_to_blame(first)
  local nearest
  for level = first, 60 do
    local frame = debug.getinfo(level, "Sl")
    if not frame then break end
    if frame.what ~= "C" then
      nearest = nearest or frame
      if not is_tool(frame.source) then return frame end
    end
  end
  return nearest
end

local function described(source, line)
  local path = source:sub(2)
  local shown = failure.is_ours(path) and path:match "[^/]*/?[^/]*$" or path:gsub("^%./", "")
  return { shown = line and ("%s:%d"):format(shown, line) or shown,
    is_ours = failure.is_ours(path) }
end

--- Where a function was written, { shown = "build.lua:7", is_ours }; nil if it is a tool of ours.
function M.of(f)
  local info = debug.getinfo(f, "S")
  return not is_tool(info.source) and info.what ~= "C"
    and described(info.source, info.linedefined) or nil
end

--- The script's place that called us, in the same form; nil if there is none.
function M.here()
  local frame = frame_to_blame(3)
  return frame and not is_tool(frame.source) and described(frame.source, frame.currentline) or nil
end

--- A file in the same form.
function M.file(path) return described("@" .. path) end

--- A handler for xpcall around what scripts do: adds where the error came up, if the message does
-- not say. What the core refuses a script of ours is a fault; what a tool of ours does with the
-- arguments of a user's script is none.
function M.add(message)
  if type(message) ~= "string" then return message end
  local raiser = debug.getinfo(2, "Sf")
  local refused = raiser.what == "C" and raiser.func ~= error and raiser.func ~= assert
  local stumbled = failure.is_fault(message)
  local frame = (refused or stumbled) and frame_to_blame(4)
  if not frame then return message end
  local is_ours = failure.is_ours(frame.source:sub(2))
  if stumbled then
    if is_ours then return message end
    message = message:gsub("^[^\n]-%.lua:%d+: ", "")
  end
  local fault = is_ours and not message:find "^out of memory"
  return ("%s%s (%s:%d)"):format(fault and "internal fault: " or "", message,
    frame.source:gsub("^@", ""):match "[^/]*/?[^/]*$", frame.currentline)
end

-- Files of ours that recipes call.
local language = {
  ["aotlua/kernel.lua"] = true, ["kernel/expression.lua"] = true, ["kernels/init.lua"] = true,
  ["kernels/place.lua"] = true, ["aotlua/own.lua"] = true,
}

--- A handler for xpcall around a recipe: adds the line of the recipe that the error comes from.
function M.of_recipe(message)
  for level = 2, 60 do
    local frame = debug.getinfo(level, "Sl")
    if not frame then break end
    local file = frame.source:match "[^/]*/[^/]*$" or frame.source:sub(2)
    if frame.currentline > 0 and not language[file] then
      message = failure.text(message)
      if failure.is_fault(message) and not failure.is_ours(frame.source:sub(2)) then
        message = message:gsub("^[^\n]-%.lua:%d+: ", "")
      end
      return ("%s (%s:%d)"):format(message, file, frame.currentline)
    end
  end
  return message
end

--- Calls the function; what it refuses is said with the place in the script that called us.
function M.blame(f, ...)
  local frame = frame_to_blame(3)
  local results = table.pack(xpcall(f, failure.traced, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local raised = results[2]
  local is_told = not frame or is_tool(frame.source) or failure.text(raised):find "%.lua:%d"
  if is_told or failure.code(raised) == failure.internal then error(raised, 0) end
  error(failure.prefixed(("%s:%d: "):format(frame.short_src, frame.currentline), raised), 0)
end

-- A handler for xpcall around what a build script does for an importer, whose refusals may be
-- tables that hold words.
local function of_rule(raised)
  local frame = frame_to_blame(3)
  local function placed(message)
    if failure.is_fault(message) then message = message:gsub("^[^\n]-%.lua:%d+: ", "") end
    if message:find "%.lua:%d+" then return message end
    return ("%s (%s:%d)"):format(message, frame.short_src, frame.currentline)
  end
  if type(raised) == "string" then return placed(raised) end
  if type(raised) ~= "table" or getmetatable(raised) then return raised end
  local told = {}
  for key, value in pairs(raised) do -- order: irrelevant, a copy
    told[key] = type(value) == "string" and placed(value) or value
  end
  return told
end

--- A function that does what `f`, a rule of a build script for an importer, does, and says where
-- in the script it refused something.
function M.rule(f)
  return function(...)
    local ok, raised = xpcall(f, of_rule, ...)
    if not ok then error(raised, 0) end
  end
end

return M
