--- own: what a build script brings of its own: recipes, schedules, ops, and rules for importers.

local fields = require "aotlua.fields"
local ir = require "aot.ir"
local kernels = require "aotlua.kernels"
local ops = require "aotlua.ops"
local own_op = require "aotlua.own_op"
local place = require "aotlua.place"
local sorted = require "aotlua.sorted"

local M = {}

--- The fields that `read` reads, for aotlua.fields.
M.fields = { kernels = "table?", schedules = "table?", ops = "table?", import = "table?" }

local function copy(from)
  local new = {}
  for key, value in pairs(from or {}) do new[key] = value end -- order: irrelevant, a copy
  return new
end

-- Ops -------------------------------------------------------------------------------------------

local function read_ops(list)
  local known = {}
  for i, definition in ipairs(list or {}) do
    if type(definition) == "string" then
      error(("ops: entry %d is '%s', the second value of a require: write (require \"name\")")
        :format(i, definition), 0)
    end
    local op = own_op.define(definition)
    if known[op.name] then error(("ops: there are two %s"):format(op.name), 0) end
    known[op.name] = op
  end
  return known
end

-- Recipes ---------------------------------------------------------------------------------------

local core = {}
for _, op in ipairs(ir.ops()) do core[op.name] = op end

local function check_kernel(name, own_ops)
  local own, op = own_ops[name], core[name]
  if own and not own.recipe then
    error(("kernels: %s has no recipe of its own: it is compiled as the core ops of its body")
      :format(name), 0)
  elseif not own and op and ops.elementwise[name] then
    error(("kernels: %s is computed element by element: its recipe is 'elementwise', that of all "
      .. "such ops"):format(name), 0)
  elseif not own and name ~= "elementwise" and (not op or op.flags.view or op.flags.constant
      or op.flags.control) then
    error(("kernels: there is no op '%s' with a recipe (aotlua list ops)"):format(tostring(name)),
      0)
  end
end

local function add_kernel(list, own_ops, entry)
  if type(entry) == "function" then entry = { record = entry } end
  fields.check("kernels: a recipe", entry, {
    op = "string", record = "function", pack = "function?", when = "function?",
  })
  check_kernel(entry.op, own_ops)
  list[entry.op] = list[entry.op] or {}
  table.insert(list[entry.op], entry)
end

-- What stands by the name of an op, as it would stand in a row.
local function entry_of(name, given)
  if type(given) == "function" then return { op = name, record = given } end
  if type(given) ~= "table" then
    error(("kernels: the recipe of %s is %s, not a function or a table"):format(tostring(name),
      tostring(given)), 0)
  end
  local entry = copy(given)
  entry.op = name
  return entry
end

-- Recipes by op: first those that stand in a row, then those by name.
local function read_kernels(given, own_ops)
  local list = {}
  for _, entry in ipairs(given) do add_kernel(list, own_ops, entry) end
  for _, name in ipairs(sorted(given)) do
    if math.type(name) ~= "integer" then
      add_kernel(list, own_ops, entry_of(name, given[name]))
    end
  end
  for name, op in pairs(own_ops) do -- order: irrelevant, each to its own list
    if op.recipe then add_kernel(list, own_ops, { op = name, record = op.recipe }) end
  end
  return list
end

-- What `when` is asked: the op before its weights are packed.
local function facts(name, attrs, types, type)
  return { name = name, attrs = attrs, types = types, type = type }
end

local function facts_of_node(node)
  local types = {}
  for i, input in ipairs(node.inputs) do types[i] = input and input.type or false end
  return facts(node:get "own" or node.op, node:get "params" or node.attrs, types,
    node:output().type)
end

local function choose(list, base, asked)
  for _, entry in ipairs(list) do
    if not entry.when or entry.when(asked) then return entry end
  end
  return base or error(("kernels: no recipe for %s fits, and the target has none"):format(
    asked.name), 0)
end

-- The recipe that asks each of `list`, then `base`.
local function combine(list, base)
  return {
    record = function(k, op)
      local chosen = choose(list, base, facts(op.name, op.attrs, op.meant, op.type))
      k.author = place.of(chosen.record)
      return chosen.record(k, op)
    end,
    pack = function(anchor, schedule)
      local chosen = choose(list, base, facts_of_node(anchor))
      return chosen.pack and chosen.pack(anchor, schedule)
    end,
  }
end

local function with_kernels(target, list)
  local all = copy(target.kernels)
  for name, entries in pairs(list) do -- order: irrelevant, into a table
    local has_base = core[name] or name == "elementwise" or all[name]
    all[name] = combine(entries, has_base and kernels.recipe(name, target) or nil)
  end
  return all
end

-- Schedules -------------------------------------------------------------------------------------

local function check_schedules(given, own_ops)
  for _, name in ipairs(sorted(given)) do
    local rule = given[name]
    if type(name) ~= "string" or not (core[name] or own_ops[name] or name:find "^%%.") then
      error(("schedules: '%s' is no op, and no value such as %%conv_1"):format(tostring(name)), 0)
    elseif type(rule) ~= "table" and type(rule) ~= "function" then
      error(("schedules: that of %s is a table of parameters, or a function that gives one")
        :format(name), 0)
    end
  end
end

-- A target may have one function for all ops.
local function with_schedules(target, given)
  local all, base = {}, target.schedules
  for name in pairs(core) do -- order: irrelevant, into a table
    if type(base) == "function" then all[name] = base else all[name] = (base or {})[name] end
  end
  for name, rule in pairs(given) do all[name] = rule end -- order: irrelevant, into a table
  return all
end

-- Importers -------------------------------------------------------------------------------------

-- The rules of importers that make an op of its name.
local of_name = {}

function of_name.tflite(op)
  return function(b, operator)
    local inputs = {}
    for i, tensor in ipairs(operator.inputs) do inputs[i] = b:value(tensor) end
    b:set(operator.outputs[1], b:own(op, inputs, nil, b:declared(operator.outputs[1])))
  end
end

function of_name.onnx(op)
  return function(n)
    local inputs, params = {}, {}
    for i = 1, n:input_count() do inputs[i] = n:value(i) end
    for key, default in pairs(op.params) do -- order: irrelevant, into a table
      params[key] = n:attribute(key, default)
    end
    n:result(1, n:own(op, inputs, params))
  end
end

local function attributes_of(op)
  local kinds = {}
  for key, default in pairs(op.params) do -- order: irrelevant, into a table
    kinds[key] = math.type(default) == "float" and "float" or "int"
  end
  return kinds
end

local function no_op(name, own_ops)
  return ("there is no op '%s' in ops, which has %s"):format(tostring(name),
    next(own_ops) and table.concat(sorted(own_ops), ", ") or "none")
end

-- Whatever a rule does, it leaves a value for each result.
local check_results = {}

function check_results.tflite(b, operator)
  for i, tensor in ipairs(operator.outputs) do
    if not b.values[tensor.index] then b:fail("its rule gives no result %d", i - 1) end
  end
end

function check_results.onnx(n)
  for i = 1, #n.proto.output do
    if n:uses(i) > 0 and not n.import.operands[n:output_name(i)] then
      n:fail("its rule gives no result %d", i - 1)
    end
  end
end

local function rule_of(where, format, given, own_ops)
  local work = format == "tflite" and "convert" or "lower"
  local op = type(given) == "string" and own_ops[given]
  if type(given) == "string" and not op then
    error(("%s: %s"):format(where, no_op(given, own_ops)), 0)
  elseif op then
    given = { [work] = of_name[format](op), inputs = { #op.operands, #op.operands },
      attributes = format == "onnx" and attributes_of(op) or nil }
  elseif type(given) == "function" then
    given = { [work] = given }
  end
  fields.check(where, given, { inputs = "table?", outputs = "integer?", optional = "boolean?",
    [work] = "function", attributes = format == "onnx" and "table?" or nil,
    since = format == "onnx" and "integer?" or nil,
    versions = format == "tflite" and "integer?" or nil })
  local rule = copy(given)
  local function convert(b, operator) -- of ONNX, one argument is both
    local function make(name, ...)
      local made = own_ops[name] or error(no_op(name, own_ops), 0)
      return b:own(made, ...)
    end
    if operator then given[work](b, operator, make) else given[work](b, make) end
    check_results[format](b, operator)
  end
  rule[work], rule.inputs = place.rule(convert), given.inputs or { 0, math.huge }
  rule.versions = given.versions or math.maxinteger
  if format == "onnx" and not rule.attributes then rule.attributes = {} end
  return rule
end

local function read_import(given, own_ops)
  fields.check("import", given, { tflite = "table?", onnx = "table?" })
  local rules = { tflite = {}, onnx = {} }
  for _, name in ipairs(sorted(given.tflite)) do
    rules.tflite[name] = rule_of(("import: tflite %s"):format(name), "tflite", given.tflite[name],
      own_ops)
  end
  for _, domain in ipairs(sorted(given.onnx)) do
    if type(given.onnx[domain]) ~= "table" then
      error(("import: onnx %s is a table of operators, by name"):format(domain), 0)
    end
    for _, name in ipairs(sorted(given.onnx[domain])) do
      local key = domain == "ai.onnx" and name or ("%s.%s"):format(domain, name)
      rules.onnx[key] = rule_of(("import: onnx %s"):format(key), "onnx",
        given.onnx[domain][name], own_ops)
    end
  end
  return rules
end

-- Together --------------------------------------------------------------------------------------

local function read(given)
  local own_ops = read_ops(given.ops)
  check_schedules(given.schedules or {}, own_ops)
  return {
    kernels = read_kernels(given.kernels or {}, own_ops),
    schedules = given.schedules or {},
    rules = read_import(given.import or {}, own_ops),
  }
end

--- Reads what a build script brings: its fields `kernels`, `schedules`, `ops` and `import`, as
-- lua/README.md describes them. Fails with the place in the script and what is wrong.
function M.read(given) return place.blame(read, given) end

--- The target with the recipes and schedules of `own`.
function M.target(target, own)
  local new = copy(target)
  if next(own.kernels) then new.kernels = with_kernels(target, own.kernels) end
  if next(own.schedules) then new.schedules = with_schedules(target, own.schedules) end
  return new
end

return M
