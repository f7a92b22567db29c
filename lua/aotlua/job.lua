--- job: from a model's path and what was asked for to a compiled module. Every verb starts here.
--
-- `options` of its functions has `asked`: "usage" where the command line asks, so that asking for
-- what is not there has the right exit code.

local data = require "aot.data"
local failure = require "aotlua.failure"
local import = require "aotlua.import"
local names = require "aotlua.names"
local output = require "aotlua.output"
local own = require "aotlua.own"
local pipeline = require "aotlua.pipeline"
local program = require "aot.program"
local progress = require "aotlua.progress"
local script = require "aotlua.script"
local targets = require "aotlua.target"
local words = require "aotlua.import.words"
local writers = require "aotlua.writers"

local M = {}

-- While files are made, Lua's heap is largest: it is collected as soon as it has so many percent of
-- what was in use. That costs time, so elsewhere there may be more (core/main.c).
local WRITING_PAUSE = 115

-- What was asked for and is not there is the fault of the command line, or of the script.
local function as_asked(options, f, ...) return failure.within(options.asked or "model", f, ...) end

local function check_name(name)
  local problem = name and names.model_problem(name)
  if problem then error(("the name '%s' %s"):format(words.escape(name), problem), 0) end
  return name
end

local function dimensions(list)
  local dims = {}
  for name, text in pairs(list) do -- order: irrelevant, into a table
    dims[name] = math.tointeger(tonumber(text))
    if not dims[name] or dims[name] < 0 then
      error(("dimension %s is %s: an extent is a whole number"):format(name, text), 0)
    end
  end
  return dims
end

--- Reads the model or IR file `path`. `options`: `name`, `dims` ({ name = extent }), `rounding`,
-- `own`, what aotlua.own read of a build script, and `examples`: Tensors, one an input, for what
-- the model leaves open.
-- Raises an I/O failure where the file cannot be opened.
function M.load(path, options)
  local name = as_asked(options, check_name, options.name)
  local dims = as_asked(options, dimensions, options.dims or {})
  progress.show("reading " .. words.escape(path))
  failure.within("io", data.open, path)
  local module = import.load(path, {
    name = name, dims = dims, rounding = options.rounding, examples = options.examples,
    rules = options.own and options.own.rules,
  })
  program.collect() -- the file's structure is many times what the passes make at a time
  progress.clear()
  return module
end

local function copy(from)
  local new = {}
  for key, value in pairs(from) do new[key] = value end -- order: irrelevant, a copy
  return new
end

-- What may be asked for of every target's interface.
local function check_asked(options, key, known)
  local asked = options[key]
  if asked and asked ~= known[1] and asked ~= known[2] then
    error(("--%s %s: it is %s or %s"):format(key, asked, known[1], known[2]), 0)
  end
end

local function make_target(name, options)
  check_asked(options, "interface", { "c", "packed" })
  check_asked(options, "calls", { "unpacked", "packed" })
  local target = type(name) == "table" and targets.check(name) or targets.load(name)
  local changed, interface = copy(target), copy(target.interface or {})
  local policy = options.names or target.names
  local is_file = type(policy) == "string" and policy:find "%.lua$"
  changed.names = names.policy(is_file and script.table(policy) or policy)
  changed.pipeline = pipeline.new(options.pipeline or target.pipeline)
  interface.kind = options.interface or interface.kind or "c"
  interface.calls = options.calls or interface.calls or "unpacked"
  changed.interface = interface
  return targets.check(options.own and own.target(changed, options.own) or changed)
end

--- The target `name` (a name or a target itself), with the naming policy `names` (a table, the
-- name of one of ours, or a FILE.lua), the `pipeline`, the recipes and schedules of `own`, and the
-- `interface` and `calls` asked for.
function M.target(name, options) return as_asked(options, make_target, name, options) end

-- What was asked for now with `flag`, or before the module was printed; a text that has been
-- through the pass `interface` is as it is.
local function choice_of(flag, is_made, held, asked)
  if is_made and asked and held ~= asked then
    error(("the text was compiled with --%s %s, not %s"):format(flag, held, asked), 0)
  end
  return asked or held
end

-- The error of a text whose target or names are a script's, and are not to be found by name.
local function unnamed(module, options, raised)
  local named = {}
  for _, key in ipairs { "target", "names" } do
    local held = not options[key] and module:get(key)
    named[#named + 1] = held and ("--%s %s"):format(key, held) or nil
  end
  if #named == 0 then return raised end
  return failure.prefixed(("the text was compiled with %s, of which scripts have to be named "
    .. "again: "):format(table.concat(named, " ")), raised)
end

local function is_spelled(module)
  local first = module:symbols()[1]
  return first and first:get "spelling" ~= nil
end

-- Fails where the names of a text are those of another policy than the one that is asked for.
local function check_names(held, asked)
  if held ~= asked then
    error(("the text was compiled with --names %s, not %s"):format(held, asked), 0)
  end
end

--- The target that `options` name, else that of the module, else c; with the names and the
-- interface that were asked for, now or before the module was printed.
function M.target_of(module, options)
  local held, asked = module:get "interface" or {}, copy(options)
  local is_made = held.arena ~= nil
  asked.interface = as_asked(options, choice_of, "interface", is_made, held.style,
    options.interface)
  asked.calls = as_asked(options, choice_of, "calls", is_made, held.calls, options.calls)
  asked.names = options.names or module:get "names"
  local name = options.target or module:get "target" or "c"
  local ok, target = pcall(M.target, name, asked)
  if not ok then error(unnamed(module, options, target), 0) end
  if options.names and is_spelled(module) then
    local policy = module:get "names" or M.target(name, { asked = options.asked }).names.name
    as_asked(options, check_names, policy, target.names.name)
  end
  return target
end

-- Notes the interface in the module until the pass `interface` says more, so that its text is all
-- there is to know.
local function hold_interface(module, target)
  local interface = target.interface or {}
  local style, calls = interface.kind or "c", interface.calls or "unpacked"
  if not (module:get "interface" or {}).arena then
    local is_usual = style == "c" and calls == "unpacked"
    module:set("interface", not is_usual and { style = style, calls = calls } or nil)
  end
end

-- What --dump prints: the text after each pass, or after one.
local function dump(which, pass, module)
  if which == true or which == pass.name then
    io.stderr:write("# after ", pass.name, "\n", module:print(), "\n")
  end
end

local function prepare(module, target, options)
  local timed = {}
  if type(options.dump) == "string" then
    target.pipeline:at(options.dump)
  end
  local run = pipeline.prepare(module, {
    target = target, options = options.set, stop = options.stop, disable = options.disable_pass,
    bisect = options.bisect, anew = options.anew,
    dump = function(pass, after)
      progress.show("pass " .. pass.name)
      dump(options.dump, pass, after)
      if options.watch then options.watch(pass, after) end
    end,
    time = options.time_passes and function(pass, seconds)
      timed[#timed + 1] = ("%-16s %9.3f ms\n"):format(pass.name, 1000 * seconds)
    end,
  })
  return run, timed
end

--- Runs the target's pipeline on the module. `options`: `set`, `stop`, `disable_pass`, `bisect` and
-- `anew` as pipeline.prepare has them; `dump` (true, or the name of a pass) prints texts and
-- `time_passes` times on standard error; `watch(pass, module)` is called after each pass.
function M.lower(module, target, options)
  hold_interface(module, target)
  if options.names then module:set("names", target.names.name) end
  local run, timed = as_asked(options, prepare, module, target, options)
  local last = run()
  progress.clear()
  if options.bisect then
    io.stderr:write(("bisect %d: the last optional pass that ran is %s\n"):format(options.bisect,
      last or "none"))
  end
  io.stderr:write(table.concat(timed))
end

--- Reads and lowers a model. Returns the module and its target.
function M.compile(path, options)
  local module = M.load(path, options)
  local target = M.target_of(module, options)
  M.lower(module, target, options)
  return module, target
end

-- What the writers print: the symbols of the interface, with names.
local function check_finished(module)
  local first = module:symbols()[1]
  if not first or not first:get "spelling" then
    error(("the pipeline has no pass '%s', nor one in its place: without it there is no C"):format(
      first and "names" or "interface"), 0)
  end
end

-- Calls the function with the arguments, and gives what it gives, while little garbage may be.
local function writing(f, ...)
  program.collect()
  progress.show "writing C"
  local pause = collectgarbage("setpause", WRITING_PAUSE)
  local results = table.pack(f(...))
  collectgarbage("setpause", pause)
  progress.clear()
  return table.unpack(results, 1, results.n)
end

--- The files of a module that has been through the whole pipeline, and its record.
function M.files(module, target)
  check_finished(module)
  return writing(writers.files, module, target)
end

local function write(folder, module, target, add)
  local files, record = writers.contents(module, target)
  if add then add(files, record) end
  output.write(folder, files)
  return record
end

--- Writes the files of such a module into `folder`; `add(files, record)` is called before, if it is
-- there. Returns the record.
function M.write(folder, module, target, add)
  check_finished(module)
  return writing(write, folder, module, target, add)
end

return M
