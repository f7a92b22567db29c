--- job: from a model's path and what was asked for to a compiled module. Every verb starts here.

local data = require "aot.data"
local failure = require "aotlua.failure"
local import = require "aotlua.import"
local names = require "aotlua.names"
local pipeline = require "aotlua.pipeline"
local progress = require "aotlua.progress"
local script = require "aotlua.script"
local targets = require "aotlua.target"
local words = require "aotlua.import.words"
local writers = require "aotlua.writers"

local M = {}

local function check_name(name)
  local problem = names.model_problem(name)
  if problem then failure.raise("usage", "the name '%s' %s", words.escape(name), problem) end
  return name
end

local function dimensions(list)
  local dims = {}
  for name, text in pairs(list) do -- order: irrelevant, into a table
    dims[name] = math.tointeger(tonumber(text))
    if not dims[name] or dims[name] < 0 then
      failure.raise("usage", "-d %s=%s: an extent is a whole number", name, text)
    end
  end
  return dims
end

--- Reads the model or IR file `path`. `options`: `name`, `dims` ({ name = extent }), `rounding`,
-- and `examples`: Tensors, one an input, for what the model leaves open.
-- Raises an I/O failure where the file cannot be opened.
function M.load(path, options)
  progress.show("reading " .. words.escape(path))
  failure.within("io", data.open, path)
  local module = import.load(path, {
    name = options.name and check_name(options.name), dims = dimensions(options.dims or {}),
    rounding = options.rounding, examples = options.examples,
  })
  progress.clear()
  return module
end

local function copy(from)
  local new = {}
  for key, value in pairs(from) do new[key] = value end -- order: irrelevant, a copy
  return new
end

-- A naming policy: a table, the name of one of ours, or a FILE.lua.
local function policy_of(policy)
  local is_file = type(policy) == "string" and policy:find "%.lua$"
  return is_file and script.table(policy) or policy
end

--- The target `name` (a name or a target itself), with the naming policy `names`, the `pipeline`
-- and the `interface` and `calls` asked for.
function M.target(name, options)
  local target = type(name) == "table" and targets.check(name) or targets.load(name)
  local changed, interface = copy(target), copy(target.interface or {})
  changed.names = policy_of(options.names) or target.names
  changed.pipeline = options.pipeline or target.pipeline
  interface.kind = options.interface or interface.kind
  interface.calls = options.calls or interface.calls
  changed.interface = interface
  return changed
end

--- The target that `options` name, else that of the module, else c.
function M.target_of(module, options)
  return M.target(options.target or module:get "target" or "c", options)
end

--- Runs the target's pipeline on the module; see pipeline.run for what `options` may hold.
function M.lower(module, target, options)
  local timed = {}
  pipeline.run(module, {
    target = target, options = options.set, stop = options.stop, disable = options.disable_pass,
    bisect = options.bisect, anew = options.anew,
    dump = function(pass, after)
      progress.show("pass " .. pass.name)
      if options.dump then options.dump(pass, after) end
    end,
    time = options.time_passes and function(pass, seconds)
      timed[#timed + 1] = ("%-16s %9.3f ms"):format(pass.name, 1000 * seconds)
    end,
  })
  progress.clear()
  if #timed > 0 then io.stderr:write(table.concat(timed, "\n"), "\n") end
end

--- Reads and lowers a model. Returns the module and its target.
function M.compile(path, options)
  local module = M.load(path, options)
  local target = M.target_of(module, options)
  M.lower(module, target, options)
  return module, target
end

--- The files of a module that has been through the whole pipeline.
function M.files(module, target)
  progress.show "writing C"
  local files = writers.files(module, target)
  progress.clear()
  return files
end

return M
