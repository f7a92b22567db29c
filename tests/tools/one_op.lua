--- one_op: single ops, compiled from IR to C by the whole pipeline, against the evaluator.
--
--     local batch = one_op.new()
--     batch:add { op = "transpose", operands = { "f32[2, 3]" }, attrs = { perm = { 1, 0 } } }
--     assert.same({}, batch:run())
--
-- All ops of a batch are nodes of one graph, each with inputs and outputs of its own, so that one
-- program checks many. Every buffer is an array of its own, so that sanitizers see a stray access.

local ir = require "aot.ir"

local cc = require "aotlua.cc"
local fields = require "aotlua.fields"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local numbers = require "tests.tools.numbers"
local shell = require "tests.tools.shell"
local text = require "aotlua.text"

local one_op = {}

-- The entry function of so many ops keeps the addresses of all its buffers, if sanitized.
local SANITIZERS = { "-Wframe-larger-than=16384", "-O1", "-g", "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all" }

local Batch = {}
Batch.__index = Batch

function one_op.new()
  local module = ir.module "ops"
  return setmetatable({
    module = module, graph = module:graph "main", draw = numbers.generator(), cases = {},
    outputs = {},
  }, Batch)
end

-- A type as text, or a table { type = text, axis, scales = list, zeros = list or zero = number }.
local function type_of(batch, spec, name)
  if type(spec) == "string" then return text.parse_type(spec) end
  local t = text.parse_type(spec.type)
  local function constant(what, dtype, list)
    return batch.module:const { name = name .. what,
      data = ir.tensor({ dtype = dtype, shape = { #list } }, list) }
  end
  t.quant = { axis = spec.axis, scales = constant("_scales", "f32", spec.scales),
    zero = spec.zero, zeros = spec.zeros and constant("_zeros", "i64", spec.zeros) }
  return t
end

local function operand(batch, spec, name)
  if not spec then return false end
  local is_constant = type(spec) == "table" and spec.constant
  local t = type_of(batch, is_constant and spec.constant or spec, name)
  if not is_constant then return batch.graph:param(name, t) end
  local data = type(spec.data) == "table" and ir.tensor(t, spec.data)
    or numbers.tensor(batch.draw, t, spec.special)
  return batch.module:const { name = name, data = data, type = t }
end

local function show(spec)
  local operands = {}
  for i, given in ipairs(spec.operands) do
    operands[i] = given and (given.constant and "$" or "")
      .. tostring(given.constant or given.type or given) or "_"
  end
  local attrs = spec.attrs and require "aotlua.json".encode(spec.attrs) or ""
  return ("%s %s %s"):format(spec.op, table.concat(operands, ", "), attrs:gsub("%s+", " "))
end

--- Adds an op: op, operands (types in words, tables for those quantized along an axis,
-- { constant = type, data = list } for constants, false for absent ones), attrs, type (of the
-- result, where it does not follow), special (infinities, NaNs, ends of ranges in the second
-- step), tolerance (relative, of floats; 1e-5). Raises what the core says against it.
function Batch:add(spec)
  fields.check("batch:add", spec, { op = "string", operands = "table", attrs = "table?",
    type = "any?", special = "boolean?", tolerance = "number?" })
  local inputs, first = {}, #self.cases + 1
  for i, given in ipairs(spec.operands) do
    inputs[i] = operand(self, given, ("p%d_%d"):format(first, i))
  end
  local node = self.graph:append { op = spec.op, inputs = inputs, attrs = spec.attrs,
    name = "y" .. first, type = spec.type and type_of(self, spec.type, "y" .. first) }
  spec.title = show(spec)
  self.cases[first], self.outputs[first] = spec, node:output()
end

-- Two steps: numbers, then those of the cases that ask for them with extremes among them.
local function make_inputs(batch)
  local steps = { {}, {} }
  for _, param in ipairs(batch.graph.params) do
    local case = batch.cases[tonumber(param.name:match "%d+")]
    for step, list in ipairs(steps) do
      list[#list + 1] = numbers.tensor(batch.draw, param.type, step == 2 and case.special)
    end
  end
  return steps
end

local function compare(case, step, got, want)
  local found = got:compare(want, { rtol = case.tolerance or 1e-5, atol = 0 })
  if found.equal then return nil end
  return ("%s: step %d: [%d] is %s, not %s"):format(case.title, step, found.worst_index - 1,
    got:get(found.worst_index), want:get(found.worst_index))
end

--- Compiles with `compiler` (default "gcc") and `flags` (default: sanitizers), always under the
-- strict flags, and runs. Returns a list of what went wrong.
function Batch:run(compiler, flags)
  local folder <close> = shell.folder()
  local graph = self.graph
  graph:set_returns(self.outputs)
  local steps, expected, wrong = make_inputs(self), {}, {}
  for step, inputs in ipairs(steps) do expected[step] = graph:eval(inputs) end
  local target = job.target("c", {})
  target.cc = { command = compiler or "gcc", flags = { "-ffp-contract=off" } }
  job.lower(self.module, target, { set = { arena = "separate" } })
  local strict = table.move(cc.strict, 1, #cc.strict, 1, {})
  table.move(flags or SANITIZERS, 1, #(flags or SANITIZERS), #strict + 1, strict)
  local built = harness.build(self.module, target,
    { files = job.files(self.module, target), folder = folder.path, flags = strict })
  local got = harness.run(built, steps)
  for step in ipairs(steps) do
    for i, case in ipairs(self.cases) do
      wrong[#wrong + 1] = compare(case, step, got[step][i], expected[step][i])
    end
  end
  return wrong
end

--- What the core says against the op, or nil if it takes it.
function one_op.refusal(spec)
  local ok, message = pcall(Batch.add, one_op.new(), spec)
  return not ok and message or nil
end

return one_op
