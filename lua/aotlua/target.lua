--- target: finds machine descriptions, checks them, and adds accelerators to them.
--
-- A target is a table: what stands in targets/c.lua, which others start from. Its name on the
-- command line may list accelerators behind commas: `x86_64_v3,acme_npu`.

local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local script = require "aotlua.script"

local M = {}

local function is_content(holds)
  return holds == nil or holds == "constants", ("is %s, not constants"):format(holds)
end

local function is_section(name)
  local fits = name == nil or type(name) == "string" and name:find "^[%w_.,$]+$" ~= nil
  return fits, ("is %s, no name of a section"):format(name)
end

local function is_alignment(bytes)
  local fits = bytes == nil or math.type(bytes) == "integer" and bytes > 0
    and bytes & (bytes - 1) == 0
  return fits, ("is %s, no power of two"):format(bytes)
end

-- Whether each value of the table `given` (nil: there are none) is one that `fits` accepts.
local function each(fits, what)
  return function(given)
    if given ~= nil and type(given) ~= "table" then
      return false, ("is %s, not a table"):format(tostring(given))
    end
    for key, value in pairs(given or {}) do -- order: irrelevant, any will do
      if not fits(value) then
        return false, ("has %s as '%s', which is no %s"):format(tostring(value), tostring(key),
          what)
      end
    end
    return true
  end
end

local is_recipes = each(function(recipe)
  return type(recipe) == "function"
    or type(recipe) == "table" and type(recipe.record) == "function"
end, "recipe")

local is_options = each(function(option)
  local kind = type(option) == "table" and type(option[1])
  return (kind == "string" or kind == "number" or kind == "boolean") and type(option[2]) == "string"
end, "option: { default, what it does }")

local is_accelerators = each(function(device)
  return type(device) == "table" and device.offers ~= nil
end, "accelerator")

--- Checks a target's fields and returns it. Fails on unknown and missing ones.
function M.check(target)
  fields.check("a target", target, {
    name = "string", pipeline = "table", kernels = is_recipes, schedules = "any?",
    accelerators = is_accelerators, memory = "table", names = "any", interface = "table?",
    cc = "table?", options = is_options, vectors = "string?", deny = fields.strings,
  })
  local where = "target " .. target.name
  fields.check(where .. ": memory", target.memory, {
    pools = "table", plan = "function?", constants = "table?" })
  fields.check(where .. ": memory.constants", target.memory.constants or {},
    { section = is_section, align = is_alignment })
  for _, pool in ipairs(target.memory.pools) do
    fields.check(where .. ": a pool", pool, {
      name = "string", align = "number?", size = "number?", section = is_section,
      speed = "number?", holds = is_content,
    })
  end
  if target.interface then
    fields.check(where .. ": interface", target.interface,
      { kind = { "c", "packed" }, calls = { "unpacked", "packed" } })
  end
  if target.cc then
    fields.check(where .. ": cc", target.cc, {
      command = "string?", flags = fields.strings, link = fields.strings,
      runner = "table|function?", seconds = "number?", clock = function(word)
        return word == nil or word == "instructions", "is not 'instructions'"
      end,
    })
  end
  return target
end

local function load_part(name)
  if name:find "%.lua$" then return script.table(name) end
  if not name:find "^[%w_]+$" or not package.searchpath("targets." .. name, package.path) then
    error(("there is no target or accelerator '%s': targets/%s.lua does not exist"):format(
      name, name), 0)
  end
  return (require("targets." .. name))
end

local function with_accelerators(target, added)
  local new = {}
  for key, value in pairs(target) do new[key] = value end -- order: irrelevant, a copy
  new.accelerators = table.move(target.accelerators or {}, 1, #(target.accelerators or {}), 1, {})
  for _, accelerator in ipairs(added) do
    table.insert(new.accelerators, accelerator)
    new.name = new.name .. "," .. accelerator.name
  end
  return new
end

--- Loads `name`: a target of targets/ or a FILE.lua, then accelerators behind commas.
function M.load(name)
  local target, added
  for part in name:gmatch "[^,]+" do
    local loaded = load_part(part)
    if type(loaded) ~= "table" then error(("%s returns no table"):format(part), 0) end
    if not target then
      target, added = loaded, {}
    elseif loaded.offers then
      added[#added + 1] = loaded
    else
      error(("'%s' is a target of its own: behind a comma stand accelerators"):format(part), 0)
    end
  end
  if not target then error(("'%s' names no target"):format(name), 0) end
  if target.offers then error(("'%s' is an accelerator: put it behind a target, as in c,%s"):format(
    name, name), 0) end
  return failure.within("model", M.check,
    #added > 0 and with_accelerators(target, added) or target)
end

return M
