--- fields: checks tables of named arguments against what is known.

local failure = require "aotlua.failure"
local sorted = require "aotlua.sorted"

local fields = {}

-- "string" accepts strings, "string?" also nil, "string|table" one of both; a list of values
-- accepts these values, a function decides itself and may say why not.
local function problem(value, want)
  if type(want) == "function" then
    local ok, why = want(value)
    return not ok and (why or ("is " .. tostring(value)))
  end
  if type(want) == "table" then
    local words = {}
    for i, word in ipairs(want) do
      if value == word then
        return nil
      end
      words[i] = tostring(word)
    end
    return ("is %s, not one of: %s"):format(tostring(value), table.concat(words, ", "))
  end
  local kinds, optional = want:gsub("%?$", "")
  if value == nil and optional == 1 then
    return nil
  end
  local kind = math.type(value) or type(value)
  for word in kinds:gmatch("[^|]+") do
    if word == "any" or word == kind or (word == "number" and type(value) == "number") then
      return nil
    end
  end
  if value == nil then
    return "is missing"
  end
  return ("is %s, not %s"):format(type(value) == "string" and ("%q"):format(value)
                                  or tostring(value), (kinds:gsub("|", " or ")))
end

-- Raises the message with the place in the script outside of aotlua that is to blame, if any.
local function refuse(message)
  local level, info = 3
  repeat
    info = debug.getinfo(level, "Sl")
    level = level + 1
  until not info or info.what ~= "C" and not failure.is_ours(info.source:sub(2))
  if info and info.what ~= "C" then
    message = ("%s:%d: %s"):format(info.short_src, info.currentline, message)
  end
  error(message, 0)
end

--- A check for `known`: a list of strings, or nil.
function fields.strings(given)
  if given ~= nil and type(given) ~= "table" then
    return false, ("is %s, not a list of strings"):format(tostring(given))
  end
  for index, string in ipairs(given or {}) do
    if type(string) ~= "string" then
      return false, ("has %s as number %d, which is no string"):format(tostring(string), index)
    end
  end
  return true
end

--- Checks `given` (nil counts as empty) against `known`: name to a kind ("string", "integer?",
--- "table|string"), a list of legal values, or a function of the value giving ok and why not.
--- Returns `given`. Fails on a field that is unknown or does not fit, naming `what`.
function fields.check(what, given, known)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    refuse(("%s takes a table of named fields, not %s"):format(what, tostring(given)))
  end
  local names = sorted(known)
  for _, name in ipairs(sorted(given)) do
    if known[name] == nil then
      refuse(("%s: there is no field '%s'; there are: %s"):format(what, name,
        table.concat(names, ", ")))
    end
  end
  for _, name in ipairs(names) do
    local why = problem(given[name], known[name])
    if why then
      refuse(("%s: field '%s' %s"):format(what, name, why))
    end
  end
  return given
end

return fields
