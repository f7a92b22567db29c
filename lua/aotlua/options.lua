--- options: what `--set key=value` may say, to passes and to a target.
--
-- A pass, and a target, has `options = { key = { default, "what it does" } }`. The default
-- gives the type. What was set is kept in the module, so a dump is complete.

local failure = require "aotlua.failure"
local sorted = require "aotlua.sorted"

local M = {}

--- All options of a target and its passes, by name: { default, doc, owner }.
function M.known(target, passes)
  local known = {}
  local function add(owner, declared)
    for key, option in pairs(declared or {}) do -- order: irrelevant, into a table
      known[key] = known[key] or { default = option[1], doc = option[2], owner = owner }
    end
  end
  add(target.name, target.options)
  for _, pass in ipairs(passes) do add(pass.name, pass.options) end
  return known
end

local readers = {}

function readers.boolean(text) return ({ ["true"] = true, ["false"] = false })[text] end
function readers.integer(text) return math.tointeger(tonumber(text)) end
function readers.float(text) return tonumber(text) and tonumber(text) + 0.0 end
function readers.string(text) return text end

-- The value of an option, read from text where it comes from the command line.
local function convert(key, value, default)
  local kind = math.type(default) or type(default)
  if type(value) == "string" then value = readers[kind](value) end
  if kind == "float" and math.type(value) == "integer" then value = value + 0.0 end
  if value == nil or (math.type(value) or type(value)) ~= kind then
    error(("option %s is %s"):format(key, kind == "integer" and "an integer" or "a " .. kind), 0)
  end
  return value
end

-- The value of an option that the module holds, which is to blame where it cannot be.
local function held(key, value, default)
  return failure.within("model", convert, key, value, default)
end

--- Adds `given`, checked against what is `known`, to the options that the module holds.
-- Returns all that were ever set. Fails if nobody has such an option.
function M.settle(module, known, given)
  local values = module:get "options" or {}
  for _, key in ipairs(sorted(values)) do
    if known[key] then values[key] = held(key, values[key], known[key].default) end
  end
  for _, key in ipairs(sorted(given)) do
    if not known[key] then
      error(("there is no option '%s'; there are: %s"):format(
        key, table.concat(sorted(known), ", ")), 0)
    end
    values[key] = convert(key, given[key], known[key].default)
  end
  if next(values) ~= nil then module:set("options", values) end
  return values
end

--- Every option that `declared` lists, as set in `values` or by default.
function M.of(declared, values)
  local own = {}
  for key, option in pairs(declared or {}) do -- order: irrelevant, into a table
    own[key] = values[key]
    if own[key] == nil then own[key] = option[1] end
  end
  return own
end

return M
