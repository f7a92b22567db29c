--- aotlua: what a build script requires: `aot.build { model = "kws.tflite", ... }`.

local application = require "aotlua.application"
local archive = require "aotlua.archive"
local fields = require "aotlua.fields"
local job = require "aotlua.job"
local output = require "aotlua.output"
local own = require "aotlua.own"
local place = require "aotlua.place"
local report = require "aotlua.report"
local script = require "aotlua.script"
local words = require "aotlua.import.words"

local M = {}

local function resolve(path)
  return path:find "^/" and path or script.folder .. "/" .. path
end

-- A target or policy may be a name, a FILE.lua beside the script, or a table.
local function part(given)
  if type(given) == "string" and given:find "%.lua$" then return resolve(given) end
  return given
end

-- Behind a target may be accelerators, with commas between: each a name or a FILE.lua.
local function target_of(given)
  return type(given) == "string" and given:gsub("[^,]+", part) or given
end

local function copy(from)
  local new = {}
  for key, value in pairs(from or {}) do new[key] = value end -- order: irrelevant, a copy
  return new
end

-- Whether a field is a path; nil is none.
local function is_path(given)
  local why = given == nil and "is missing" or given == "" and "is empty"
    or ("is %s, not a path"):format(tostring(given))
  return type(given) == "string" and given ~= "", why
end

local function is_path_or_absent(given)
  if given == nil then return true end
  return is_path(given)
end

-- The fields that say what is compiled, and how.
local function model_fields(more)
  local known = copy(more)
  for name, kind in pairs(own.fields) do known[name] = kind end -- order: irrelevant, into a table
  for name, kind in pairs { -- order: irrelevant, into a table
    model = is_path, name = "string?", target = "string|table?", interface = "string?",
    calls = "string?", set = "table?", dims = "table?", rounding = "string?", pipeline = "table?",
  } do
    known[name] = kind
  end
  return known
end

-- Reads the model. Returns what aotlua.application calls a unit. A verb that was asked to do
-- something else with the models of the script has done it then.
local function read(given, policy)
  local path, options = resolve(given.model), copy(given)
  options.set, options.names, options.own = copy(given.set), part(policy), own.read(given)
  options.target = target_of(given.target)
  if script.instead then script.instead(path, options) end
  local module = job.load(path, options)
  return { module = module, target = job.target_of(module, options),
    options = options }
end

-- What the field `out` is to be: it can be left out where there is an archive.
local function place_of(given)
  return type(given) == "table" and given.mlf and is_path_or_absent or is_path
end

local function say(line) io.stderr:write(words.escape_lines(line), "\n") end

local function build(given)
  fields.check("aot.build", given, model_fields {
    out = place_of(given), mlf = is_path_or_absent, style = "string?", names = "string|table?",
  })
  if given.style and not given.mlf then
    error("aot.build: 'style' is that of an archive, and there is no 'mlf'", 0)
  end
  local unit = read(given, given.names)
  local module, target = unit.module, unit.target
  if script.instead then return module, target end
  job.lower(module, target, unit.options)
  local record
  if given.mlf then
    unit.files, record = job.files(module, target)
    archive.write(resolve(given.mlf), { unit }, { style = given.style })
  end
  if given.out then record = job.write(resolve(given.out), module, target) end
  say(report.summary(record))
  return module, target
end

--- Compiles `model` into the folder `out`, into the Model Library Format archive `mlf`, or into
-- both; paths are relative to the build script. Returns the module and its target. `style`: of
-- the archive, "full-model" (default) or "operator". `target`: a name, FILE.lua or target table;
-- `names`: a policy in the same way; `set`: options, { key = value }; `dims`: extents that the
-- model leaves open; `pipeline`: instead of the target's; `kernels`, `schedules`, `ops` and
-- `import`: recipes, parameters of recipes, ops and importers' rules of the script's own.
function M.build(given) return place.blame(build, given) end

local function application_of(given)
  fields.check("aot.application", given, {
    name = "string", out = place_of(given), mlf = is_path_or_absent, models = "table",
    names = "string|table?", share = "string?", operators = "string?", example = "boolean?",
  })
  local units, modules = {}, {}
  for index, model in ipairs(given.models) do
    fields.check(("aot.application: model %d"):format(index), model, model_fields())
    units[index] = read(model, given.names)
    modules[index] = units[index].module
  end
  if script.instead then return modules end
  local files, record = application.compile(units, { name = given.name,
    share = given.share or "concurrent", operators = given.operators or "own",
    example = given.example })
  if given.mlf then
    archive.write(resolve(given.mlf), units, { shared = { name = given.name, files = files } })
  end
  if given.out then output.write(resolve(given.out), files) end
  for _, unit in ipairs(units) do say(report.summary(unit.record)) end
  say(("%s: %d models, RAM %d bytes%s"):format(given.name, #units, record.bytes,
    #record.shared > 0 and (", operators in common: %d"):format(#record.shared) or ""))
  return modules
end

--- Compiles `models` (each with the fields of aot.build that say what is compiled and how) into
-- one folder `out`, one archive `mlf`, or both, as the application `name`: one library, one common
-- header, names that are proved distinct. `share`: "concurrent" (default), or "exclusive" where no
-- two models run at the same time, so that they have one workspace; `operators`: "own" (default)
-- or "shared", where functions that are the same are there once; `names`: the policy of all;
-- `example`: whether to write a main.c too, that runs each model once. Returns the modules.
function M.application(given) return place.blame(application_of, given) end

return M
