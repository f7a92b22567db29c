--- pipeline: an ordered list of passes, and the driver that runs one on a module.
--
-- An entry is the name of a pass, looked up as passes/<name>.lua or <name>.lua where scripts
-- are found, or a pass itself. Every edit of a list gives a new one:
--
--     c.pipeline:after("fold_constants", my_pass):without("layout")

local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local ir = require "aot.ir"
local judge = require "aotlua.judge"
local options = require "aotlua.options"
local place = require "aotlua.place"
local sorted = require "aotlua.sorted"

local M = {}
local Pipeline = {}
Pipeline.__index = Pipeline

-- Where passes were written, "build.lua:7", as far as they are no passes of ours.
local written = setmetatable({}, { __mode = "k" })

local function name_of(entry) return type(entry) == "table" and entry.name or entry end

-- Lists -----------------------------------------------------------------------------------------

local is_op = {}
for _, op in ipairs(ir.ops()) do is_op[op.name] = true end

local function check_ops(pass)
  for _, name in ipairs(pass.leaves_no or {}) do
    if not is_op[name] then
      place.blame(error, ("a pass: leaves_no: there is no op '%s' (aotlua list ops)"):format(
        tostring(name)), 0)
    end
  end
end

local function check_entry(entry)
  if type(entry) == "table" then
    fields.check("a pass", entry, {
      name = "string", run = "function", changes = judge.is_promise, leaves_no = "table?",
      options = "table?", optional = "boolean?", check = "function?", kept = "function?",
    })
    check_ops(entry)
    written[entry] = written[entry] or place.of(entry.run) or place.here()
  elseif type(entry) ~= "string" then
    error(("%s is no pass: that is a name, or a table with a name and a run function"):format(
      tostring(entry)), 0)
  end
  return entry
end

local function names(list)
  local all = {}
  for i, entry in ipairs(list) do all[i] = name_of(entry) end
  return table.concat(all, ", ")
end

local function find(list, name)
  for i, entry in ipairs(list) do
    if name_of(entry) == name then return i end
  end
  error(("there is no pass '%s' here; there are: %s"):format(name, names(list)), 0)
end

--- Makes a pipeline of a list of names and passes. Fails if a pass comes twice.
function M.new(entries)
  local list, seen = setmetatable({}, Pipeline), {}
  for i, entry in ipairs(entries) do
    local name = name_of(check_entry(entry))
    if seen[name] then error(("the pass '%s' is in the pipeline twice"):format(name), 0) end
    seen[name], list[i] = true, entry
  end
  return list
end

-- A new list in which `count` entries from `at` on give way to `entry`.
local function splice(list, at, count, entry)
  local new = table.move(list, 1, at - 1, 1, {})
  if entry then new[at] = entry end
  return M.new(table.move(list, at + count, #list, #new + 1, new))
end

--- The place of the pass `name`. Fails if there is none.
function Pipeline:at(name) return find(self, name) end

--- The list with `entry` before, after or instead of the pass `name`, or without that pass.
function Pipeline:before(name, entry) return splice(self, find(self, name), 0, entry) end
function Pipeline:after(name, entry) return splice(self, find(self, name) + 1, 0, entry) end
function Pipeline:replace(name, entry) return splice(self, find(self, name), 1, entry) end
function Pipeline:without(name) return splice(self, find(self, name), 1) end

--- The pass that an entry of a pipeline stands for.
function M.resolve(entry)
  if type(entry) ~= "string" then return check_entry(entry) end
  for _, module in ipairs { "passes." .. entry, entry } do
    if package.searchpath(module, package.path) then
      local pass = require(module)
      if type(pass) ~= "table" or name_of(pass) ~= entry then
        error(("the script of pass '%s' returns no pass of that name"):format(entry), 0)
      end
      written[pass] = written[pass] or place.of(pass.run)
        or place.file(package.searchpath(module, package.path))
      return check_entry(pass)
    end
  end
  error(("there is no pass '%s': neither passes/%s.lua nor %s.lua exists"):format(
    entry, entry, entry), 0)
end

-- The driver ------------------------------------------------------------------------------------

local function check_promise(pass, module)
  local banned = {}
  for _, op in ipairs(pass.leaves_no or {}) do banned[op] = true end
  if not next(banned) then return end
  for _, graph in ipairs(module:graphs()) do
    for node in graph:nodes() do
      if banned[node.op] then
        local name = node.outputs[1] and node.outputs[1].name or "?"
        error(("it promises to leave no %s, yet %%%s of @%s is one"):format(
          node.op, name, graph.name), 0)
      end
    end
  end
end

-- The words before what went wrong in a pass: a user's is named with its script, if the message
-- does not name one.
local function prefix_of(pass, message)
  local where = written[pass]
  local is_told = type(message) ~= "string" or message:find "%.lua:%d" or not where or where.is_ours
  return is_told and ("pass %s: "):format(pass.name)
    or ("pass %s (%s): "):format(pass.name, where.shown)
end

local function run_one(pass, module, context)
  local function work()
    pass.run(module:main(), context)
    check_promise(pass, module)
  end
  local ok, message = xpcall(work, place.add)
  if not ok then error(failure.prefixed(prefix_of(pass, message), message), 0) end
  ok, message = pcall(function()
    module:infer()
    module:verify()
  end)
  if not ok then
    local prefix = prefix_of(pass, message)
    message = ("the graph it leaves is broken: %s\n"
      .. "(a fault of the pass; with the text before it, 'aotlua opt %s FILE.ir' shows it)"):format(
      message, pass.name)
    if written[pass] and written[pass].is_ours then message = "internal fault: " .. message end
    error(failure.prefixed(prefix, message), 0)
  end
end

-- The place in `list` after the pass that the module says ran last.
local function first_to_run(list, module, anew)
  local after = not anew and module:get "after"
  if not after then return 1 end
  return find(list, after) + 1
end

local function check_skips(list, passes, names_to_skip)
  local skip = {}
  for _, name in ipairs(names_to_skip) do
    if not passes[find(list, name)].optional then
      error(("pass '%s' cannot be left out: what follows needs it"):format(name), 0)
    end
    skip[name] = true
  end
  return skip
end

local function check_target(module, target)
  local held = module:get "target"
  if held and held ~= target.name then
    error(("the text was compiled for target '%s', not '%s'"):format(held, target.name), 0)
  end
  module:set("target", target.name)
end

-- What a text says that earlier runs of passes left.
local function check_kept(module, spec, plan)
  for i = 1, plan.first - 1 do
    local pass = plan.passes[i]
    local context = { target = spec.target, options = options.of(pass.options, plan.values) }
    local ok, why = true, nil
    if pass.kept then ok, why = pcall(pass.kept, module:main(), context) end
    if not ok then
      error(failure.prefixed(("the text is not as pass %s left it: "):format(pass.name), why), 0)
    end
  end
end

-- Fails where an option is another than `before`, and a pass has read it that ran already.
local function check_late(passes, first, before, values)
  for i = 1, first - 1 do
    local declared = passes[i].options or {}
    for _, key in ipairs(sorted(declared)) do
      local was = before[key]
      if was == nil then was = declared[key][1] end
      if values[key] ~= nil and values[key] ~= was then
        error(("--set %s=%s comes too late: pass '%s' has run, with %s=%s"):format(key,
          tostring(values[key]), passes[i].name, key, tostring(was)), 0)
      end
    end
  end
end

local function run_range(module, spec, plan)
  check_kept(module, spec, plan)
  local left, last = spec.bisect or math.huge, nil
  for i = plan.first, plan.last do
    local pass = plan.passes[i]
    local skip = plan.disabled[pass.name] or pass.optional and left <= 0
    if pass.optional and not skip then left, last = left - 1, pass.name end
    local start = os.clock()
    if not skip then
      local own = options.of(pass.options, plan.values)
      run_one(pass, module, { target = spec.target, options = own })
    end
    module:set("after", pass.name)
    if spec.time then spec.time(pass, os.clock() - start) end
    if spec.dump then spec.dump(pass, module) end
  end
  return last
end

--- Prepares to run a pipeline on `module`, from the pass after the one that the module says ran
-- last. `spec`: `target`; `pipeline` (default: the target's); `options`, a dict of key = value;
-- `stop`, the last pass to run; `disable`, a list of optional passes to leave out; `bisect`: so
-- many optional passes run, no more; `anew`: from the first pass, whatever ran before;
-- `dump(pass, module)` and `time(pass, seconds)` are called after each pass.
-- Returns a function that runs the passes, and returns the name of the last optional one that ran,
-- nil if none did. Fails if something that was asked for is not there.
function M.prepare(module, spec)
  fields.check("pipeline.run", spec, {
    target = "table", pipeline = "table?", options = "table?", stop = "string?",
    disable = "table?", bisect = "number?", anew = "boolean?", dump = "function?",
    time = "function?",
  })
  local target, list = spec.target, spec.pipeline or spec.target.pipeline
  local first = first_to_run(list, module, spec.anew)
  local last = spec.stop and find(list, spec.stop) or #list
  if last < first - 1 then
    error(("pass '%s' has run already: the text is what '%s' left"):format(
      spec.stop, module:get "after"), 0)
  end
  local passes = {}
  for i, entry in ipairs(list) do passes[i] = M.resolve(entry) end
  local disabled = check_skips(list, passes, spec.disable or {})
  check_target(module, target)
  local before = module:get "options" or {}
  local values = options.settle(module, options.known(target, passes), spec.options)
  check_late(passes, first, before, values)
  for i = first, last do
    local pass = passes[i]
    if pass.check then pass.check(options.of(pass.options, values), target) end
  end
  return function() return run_range(module, spec, {
    passes = passes, first = first, last = last, disabled = disabled, values = values,
  }) end
end

--- Runs a pipeline on `module`; `spec` is that of `prepare`.
-- Types and structure are checked after each pass. Fails with "pass NAME: ...".
function M.run(module, spec)
  M.prepare(module, spec)()
  return module
end

return M
