--- layers: what each operator of a compiled model leaves, beside the evaluator's numbers.
--
-- The sources are those that ship, but for one thing: the preprocessor turns the entry's calls of
-- operators into calls of probes, which call the operator and write its results to the harness's
-- file, ahead of the outputs. Each layer is judged by itself: the evaluator gets the operands
-- that the compiled code had.

local harness = require "aotlua.harness"
local ir = require "aot.ir"
local judge = require "aotlua.judge"
local operators = require "aotlua.operators"
local storage = require "aotlua.storage"
local symbols = require "aotlua.symbols"
local template = require "aotlua.template"

local M = {}
local Layers = {}
Layers.__index = Layers

-- The probes ------------------------------------------------------------------------------------

local source = template [[
/* Calls each operator of ${model} and keeps what it leaves. Made by aotlua. */
#include <stdio.h>

#include "${header}"

FILE *aotlua_layers; /* the harness's */
${keeping}
${probes}
]]

local keeping = [[

static int32_t keep(const void *bytes, size_t count)
{
    return fwrite(bytes, 1, count, aotlua_layers) == count ? 0 : 103;
}]]

local probe_source = template [[

${prototype}
{
    int32_t status = ${call};
    ${keep}
    return status;
}]]

local function probe(number, layer, spelling)
  local kernel, arguments, kept = layer.kernel, {}, {}
  for i, param in ipairs(kernel.params) do arguments[i] = param.name end
  for _, result in ipairs(layer.results) do
    if result.bytes > 0 then
      kept[#kept + 1] = ("status = status != 0 ? status : keep(%s, %d);"):format(result.param,
        result.bytes)
    end
  end
  return probe_source {
    prototype = kernel:prototype("aotlua_probe_" .. number, { static = false }),
    call = ("%s(%s)"):format(spelling, table.concat(arguments, ", ")),
    keep = table.concat(kept, "\n"),
  }
end

-- The content of a file, a string or a list, with text before it.
local function behind(text, content)
  local list = type(content) == "table" and content or { content }
  return table.move(list, 1, #list, 2, { text })
end

--- The files of the module with probes between the entry and the operators.
function Layers:instrument(files)
  local spelling, probes, renamed, seen = symbols.spellings(self.module), {}, {}, {}
  for _, layer in ipairs(self.list) do
    local number = layer.node:get "operator"
    if not seen[number] then
      seen[number] = true
      local name = spelling("operator", "operator", nil, number)
      renamed[#renamed + 1] = ("#define %s aotlua_probe_%d\n"):format(name, number)
      probes[#probes + 1] = probe(number, layer, name)
    end
  end
  local new, entry = {}, "src/" .. spelling("file", "entry")
  for path, content in pairs(files) do new[path] = content end -- order: irrelevant, a copy
  new[entry] = behind(table.concat(renamed), files[entry])
  local text = table.concat(probes, "\n")
  new["src/aotlua_layers.c"] = source {
    model = self.module.name, header = spelling("file", "internal"), probes = text,
    keeping = text:find("keep(", 1, true) and keeping or "",
  }
  return new
end

-- The numbers -----------------------------------------------------------------------------------

-- How far integers of a layer may be off: our kernels give the evaluator's numbers, an accelerator
-- what its offers promise.
local function promise_of(node, target)
  local lsb, calls = 0, { node }
  if node.by and not node:get "offer" then
    calls = {}
    for call in node.body:nodes() do calls[#calls + 1] = call end
  end
  for _, device in ipairs(target.accelerators or {}) do
    for _, call in ipairs(device.name == node.by and calls or {}) do
      for _, offer in ipairs(device.offers) do
        local changes = offer.name == call:get "offer" and offer.changes
        lsb = lsb + (type(changes) == "table" and changes.lsb or 0)
      end
    end
  end
  return { lsb = lsb }
end

local function compute(node, inputs)
  if node.body then return node.body:eval(inputs) end
  return { ir.apply(node.op, inputs, node.attrs, node:output().type) }
end

local function note(layer, found, where)
  found.where = where
  local worst = layer.worst
  if not worst or worst.equal and not found.equal
    or worst.equal == found.equal and (found.worst_abs or 0) > (worst.worst_abs or 0) then
    layer.worst = found
  end
end

-- Compares the results of a layer with what the evaluator makes of its operands.
function Layers:judge(layer, got, operands, where)
  local wanted = compute(layer.node, operands)
  for _, result in ipairs(layer.results) do
    local want = judge.plain(wanted[result.index])
    local is_float = want.type.dtype:find "^b?f"
    local allowed = judge.tolerance(is_float and "float_order" or layer.promise, want)
    local found = judge.compare(judge.plain(got[result]), want, {}, {
      rtol = self.options.rtol or allowed.rtol, atol = self.options.atol or allowed.atol,
    })
    found.dtype = want.type.dtype
    note(layer, found, where)
  end
end

-- Follows one step through the graph: `values` has inputs and states, `tensors` what layers left.
function Layers:follow(values, tensors, where)
  local next = 0
  local function operands_of(node)
    local operands = {}
    for i, value in ipairs(node.inputs) do
      if value and value.kind == "const" then
        self.constants[value] = self.constants[value] or value.data
        operands[i] = self.constants[value]
      else
        operands[i] = value and values[value]
      end
    end
    return operands
  end
  for node in self.module:main():nodes() do
    local layer, operands = self.layer_of[node], operands_of(node)
    if layer then
      local got = {}
      for _, result in ipairs(layer.results) do
        next = next + 1
        got[result] = tensors[next]:with_type(result.value.type)
        values[result.value] = got[result]
      end
      self:judge(layer, got, operands, where)
    else
      values[node:output()] = compute(node, operands)[1]
    end
  end
end

--- Runs a built model on the case; returns its outputs as harness.run does.
function Layers:run(built, case)
  local main, records, outputs = self.module:main(), {}, {}
  for _, layer in ipairs(self.list) do
    for _, result in ipairs(layer.results) do
      local type = result.value.type
      records[#records + 1] = { dtype = type.dtype, shape = type.shape, bytes = result.bytes }
    end
  end
  local count = #records
  table.move(built.record.outputs, 1, #built.record.outputs, count + 1, records)
  local probed = setmetatable({ record = { outputs = records } }, { __index = built })
  local states = {}
  for _, state in ipairs(self.module:states()) do states[state] = state.data end
  for step, tensors in ipairs(harness.run(probed, case.inputs)) do
    local values = {}
    for state, tensor in pairs(states) do values[state] = tensor end -- order: irrelevant, a copy
    for i, param in ipairs(main.params) do
      values[param] = case.inputs[step][i]:with_type(param.type)
    end
    self:follow(values, tensors, ("%s, step %d"):format(case.name, step))
    for _, pair in ipairs(main.next) do
      states[pair.state] = (values[pair.value] or pair.value.data):with_type(pair.state.type)
    end
    outputs[step] = table.move(tensors, count + 1, #tensors, 1, {})
  end
  return outputs
end

-- The report ------------------------------------------------------------------------------------

local function describe(layer)
  local node = layer.node
  local op = node.body and node.body.name or node.op
  return ("%%%s"):format(node:output().name), op, node:get "origin" or ""
end

--- Says how each layer compared, and which is the first that differs. Returns whether none does.
function Layers:report(say)
  local first
  say(("layers of %s, each with its largest error:"):format(self.module.name))
  for number, layer in ipairs(self.list) do
    local name, op, origin = describe(layer)
    local found = layer.worst
    local line = ("%4d  %-24s %-28s %-9s %-20s %s"):format(number, name, op,
      found.equal and "ok" or "DIFFERENT", judge.describe(found, found.dtype, ""), origin)
    say((line:gsub(" +$", "")))
    if not found.equal then first = first or layer end
  end
  if not first then return true end
  local name, op, origin = describe(first)
  say(("the first that differs is %s, %s%s"):format(name, op,
    origin ~= "" and " (" .. origin .. ")" or ""))
  say(("  %s: %s"):format(first.worst.where, first.worst.problem))
  return false
end

--- Prepares to look at the layers of a compiled module. `options`: `rtol` and `atol` in the place
-- of what layers promise. Fails where operators are no functions of their own.
function M.new(module, target, options)
  local choice = module:get "interface"
  if choice.calls ~= "unpacked" or choice.files == "single" then
    error("layers are looked at with operators called unpacked and files=split; the text was "
      .. "compiled otherwise", 0)
  end
  local self = setmetatable({ module = module, list = {}, layer_of = {}, options = options,
    constants = {} }, Layers)
  for i, operator in ipairs(operators.list(module:main(), target)) do
    local layer = { node = operator.node, kernel = operator.kernel, results = {},
      promise = promise_of(operator.node, target) }
    for k, param in ipairs(operator.kernel.params) do
      local value = operator.arguments[k]
      if param.role == "output" then
        layer.results[#layer.results + 1] = { value = value, index = value.index,
          param = param.name, bytes = storage.byte_size(value.type) }
      end
    end
    self.list[i], self.layer_of[operator.node] = layer, layer
  end
  return self
end

return M
