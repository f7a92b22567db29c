--- held: the attributes of a module that tell how a text came to be, checked as it is read.
--
-- A text need not be trusted: it may say what was chosen, but not have scripts run.

local words = require "aotlua.import.words"

local M = {}

local function is_dict(value)
  return value == nil or type(value) == "table" and value[1] == nil, "is no dict"
end

local function is_word(value) return value == nil or type(value) == "string", "is no word" end

local function is_list_of(kind)
  return function(value)
    if value == nil then return true end
    if type(value) ~= "table" then return false, "is no list" end
    for _, item in ipairs(value) do
      if (math.type(item) or type(item)) ~= kind then return false, "is no list of " .. kind end
    end
    return true
  end
end

local function is_script(name) return type(name) == "string" and name:find "%.lua%f[\0,]" ~= nil end

local function check(what, given, kinds)
  for _, key in ipairs(kinds) do
    local ok, why = kinds[key](given[key])
    if not ok then error(("%s '%s' %s"):format(what, key, why), 0) end
  end
end

local MODULE = { "after", "target", "names", "interface", "options", "source",
  after = is_word, target = is_word, names = is_word,
  interface = is_dict, options = is_dict, source = is_dict }

local SOURCE = { "format", "sha256", "inputs", "outputs", "fixed",
  format = is_word, sha256 = is_word, inputs = is_list_of "string",
  outputs = is_list_of "string", fixed = is_list_of "integer" }

--- Fails where the module has an attribute of these of another kind, or one that names a script:
-- those are run where the command line or a build script names them.
function M.check(module)
  local given = {}
  for _, key in ipairs(MODULE) do given[key] = module:get(key) end
  check("the module's", given, MODULE)
  check("the source's", given.source or {}, SOURCE)
  for _, key in ipairs { "target", "names" } do
    local name = given[key]
    if is_script(name) then
      error(("the text names the script %s; scripts run where the command line names them: --%s")
        :format(words.quote(name), key), 0)
    end
  end
end

return M
