--- onnx: an .onnx file to a Module.
-- Nodes are lowered in the file's order by the files of their families; each binds the names of
-- its outputs to operands. What cannot be lowered is collected, and all of it named at once.
local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local node = require "aotlua.import.onnx.node"
local operand = require "aotlua.import.onnx.operand"
local protobuf = require "aotlua.import.protobuf"
local schema = require "aotlua.import.onnx.schema"
local signature = require "aotlua.import.onnx.signature"
local tensor = require "aotlua.import.onnx.tensor"
local sweep = require "aotlua.sweep"
local words = require "aotlua.import.words"

local onnx = {}

local OLDEST_OPSET, NEWEST_OPSET = 7, 28
local NEWEST_IR = 14
local SHOWN = 100 -- problems in one message

-- By name, behind the domain if that is not ONNX's. An operator: `since` its first operator set,
-- `inputs` { least, most }, `outputs` the most (1), `attributes` name to kind, `lower(node)`.
local OPERATORS = {}

local function register(family)
  for name, operator in pairs(family) do -- order: irrelevant, because names are distinct
    OPERATORS[name] = operator
  end
end

register(require "aotlua.import.onnx.attention")
register(require "aotlua.import.onnx.blocks")
register(require "aotlua.import.onnx.constant")
register(require "aotlua.import.onnx.contract")
register(require "aotlua.import.onnx.elementwise")
register(require "aotlua.import.onnx.filled")
register(require "aotlua.import.onnx.functions")
register(require "aotlua.import.onnx.index")
register(require "aotlua.import.onnx.integer_products")
register(require "aotlua.import.onnx.logic")
register(require "aotlua.import.onnx.loss")
register(require "aotlua.import.onnx.movement")
register(require "aotlua.import.onnx.normalization")
register(require "aotlua.import.onnx.pool")
register(require "aotlua.import.onnx.qlinear")
register(require "aotlua.import.onnx.quantize")
register(require "aotlua.import.onnx.recurrent")
register(require "aotlua.import.onnx.reduce")
register(require "aotlua.import.onnx.resize")
register(require "aotlua.import.onnx.slice")
register(require "aotlua.import.onnx.softmax")

local function fail(...)
  error(string.format(...), 0)
end

-- The versions of the operator sets by domain. Only ONNX's own are judged here, others node by
-- node.
local function read_opsets(model)
  local versions = {}
  for _, set in ipairs(model.opset_import) do
    local domain = (set.domain or "") == "" and "ai.onnx" or set.domain
    if versions[domain] then
      fail("the operator sets of %s are imported twice, versions %d and %d", words.quote(domain),
        versions[domain], set.version or 0)
    end
    versions[domain] = set.version or 0
  end
  local version = versions["ai.onnx"]
  if not version then
    fail("the model imports no operator set of ai.onnx; supported are %d to %d", OLDEST_OPSET,
      NEWEST_OPSET)
  elseif version < OLDEST_OPSET or version > NEWEST_OPSET then
    fail("the model needs operator set %d; supported are %d to %d", version, OLDEST_OPSET,
      NEWEST_OPSET)
  end
  return versions
end

local function add_initializers(import, graph)
  if #graph.sparse_initializer > 0 then
    fail("the model has sparse initializers, which are not supported")
  elseif #graph.initializer > limits.tensors then
    fail("the model has %d initializers; the limit is %d", #graph.initializer, limits.tensors)
  end
  for _, proto in ipairs(graph.initializer) do
    local name = signature.name(proto.name, "an initializer")
    local ok, data = pcall(tensor.read, proto, import.files)
    if not ok then
      error(failure.prefixed(("initializer %s: "):format(words.quote(name)), data), 0)
    elseif import.operands[name] then
      fail("there are two initializers %s", words.quote(name))
    end
    import.operands[name] = operand.constant(data, function()
      return import.module:const { name = name, data = data }
    end)
  end
end

-- Who computes each name, and how often it is used. Names are given once in a graph.
local function index_names(import, graph)
  local makers, uses = {}, {}
  for index, proto in ipairs(graph.node) do
    for _, name in ipairs(proto.input) do
      uses[name] = (uses[name] or 0) + 1
    end
    for _, name in ipairs(proto.output) do
      if name ~= "" then
        signature.name(name, "an output")
        if makers[name] or import.operands[name] then
          local before = makers[name]
          fail("%s computes %s, which is %s already", node.describe(index - 1, proto),
            words.quote(name), before and "computed by "
              .. node.describe(before - 1, graph.node[before]) or "an input or initializer")
        end
        makers[name] = index
      end
    end
  end
  for _, output in ipairs(graph.output) do
    local name = output.name or ""
    uses[name] = (uses[name] or 0) + 1
  end
  import.uses = uses
  return makers
end

-- The operands of a node; nil if one comes from a node that could not be lowered.
local function find_inputs(import, n, makers, graph)
  local count = #n.proto.input
  while count > 0 and n.proto.input[count] == "" do
    count = count - 1
  end
  local inputs = {}
  for i = 1, count do
    local name = n.proto.input[i]
    if name == "" then
      inputs[i] = false
    elseif import.lost[name] then
      return nil
    elseif import.operands[name] then
      inputs[i] = import.operands[name]
    elseif makers[name] then
      local maker = node.describe(makers[name] - 1, graph.node[makers[name]])
      n:fail("it needs %s, which %s computes later; nodes have to be in order of execution, "
        .. "without cycles", words.quote(name), maker)
    else
      n:fail("it needs %s, which nothing computes", words.quote(name))
    end
  end
  return inputs
end

local function check_counts(n, operator)
  local least, most = operator.inputs[1], operator.inputs[2]
  if #n.inputs < least or #n.inputs > most then
    n:fail("it has %s; %s", words.count(#n.inputs, "input"), most == math.huge
      and least .. " or more are legal" or least .. " to " .. most .. " are legal")
  end
  for i, input in ipairs(n.inputs) do
    if not input and (i <= least or most == math.huge) then
      n:fail("input %d is missing", i - 1)
    end
  end
  for i = (operator.outputs or 1) + 1, #n.proto.output do
    if n:uses(i) > 0 then
      n:unsupported("its output %d is used", i - 1)
    end
  end
end

local function lower(import, n, makers, graph)
  local operator = OPERATORS[n.domain == "ai.onnx" and n.op or n.domain .. "." .. n.op]
  if not operator then
    n:unsupported("there is no import for it")
  elseif operator.since and n.opset < operator.since then
    n:unsupported("it exists from operator set %d on", operator.since)
  end
  local inputs = find_inputs(import, n, makers, graph)
  if not inputs then
    return false
  end
  n.inputs = inputs
  check_counts(n, operator)
  n:read_attributes(operator.attributes)
  operator.lower(n)
  return true
end

local function show(problems, intro)
  local lines = table.move(problems, 1, math.min(#problems, SHOWN), 1, {})
  if #problems > SHOWN then
    lines[#lines + 1] = ("and %d more"):format(#problems - SHOWN)
  end
  if #lines == 1 and not intro then
    error(lines[1], 0)
  end
  error((intro or words.count(#problems, "node") .. " cannot be imported:") .. "\n  "
    .. table.concat(lines, "\n  "), 0)
end

local function lower_all(import, graph)
  if #graph.node > limits.nodes then
    fail("the model has %d nodes; the limit is %d", #graph.node, limits.nodes)
  end
  local makers = index_names(import, graph)
  local wrong, refused = {}, {}
  for index = 1, #graph.node do
    local proto = graph.node[index]
    local n = node.new(import, proto, index - 1)
    graph.node[index] = false -- its memory is needed for what it becomes
    local ok, result = pcall(lower, import, n, makers, graph)
    if not ok and (type(result) ~= "table" or not result.problem) then
      error(result, 0)
    elseif not ok and result.unsupported then
      refused[#refused + 1] = ("%s (%s %d): %s"):format(n.origin, words.escape(n.domain), n.opset,
        result.problem)
    elseif not ok then
      wrong[#wrong + 1] = n.origin .. ": " .. result.problem
    end
    if not (ok and result) then
      for _, name in ipairs(proto.output) do
        import.lost[name] = true
      end
    end
  end
  if #wrong > 0 then
    show(wrong)
  elseif #refused > 0 then
    show(refused, #refused == 1 and "1 operator is not supported:"
      or #refused .. " operators are not supported:")
  end
end

-- One attempt to import with `options`. Returns whether it succeeded, the Module or the reason,
-- and the names of inputs that had to be constants, with their places among the inputs.
local function attempt(view, path, options)
  local model = protobuf.read(view, schema.model)
  if (model.ir_version or 0) > NEWEST_IR then
    fail("the model has IR version %d; the newest that is known is %d", model.ir_version, NEWEST_IR)
  elseif not model.graph then
    fail("the model has no graph")
  end
  local opsets = read_opsets(model)
  local module = ir.module(options.name or "model")
  local import = {
    module = module,
    graph = module:graph "main",
    opsets = opsets,
    files = { folder = path and (path:match "^(.*/)[^/]*$" or "."), views = {} },
    operands = {},
    lost = {},
    places = {},
    wanted = {},
  }
  add_initializers(import, model.graph)
  local inputs, fixed = signature.add_inputs(import, model.graph.input, options)
  local ok, reason = pcall(lower_all, import, model.graph)
  if not ok then
    return false, reason, import.wanted
  end
  local outputs = signature.add_outputs(import, model.graph.output)
  sweep.constants(module)
  module:set("source", { inputs = inputs, outputs = outputs, fixed = fixed })
  return true, module
end

--- Returns the Module of an .onnx file seen through `view`. `path` tells where external data is
-- looked for: beneath its folder. `options`: `name` of the module; `dims`, extents by the names of
-- dimensions or by "INPUT.AXIS"; `values`, Tensors by the names of inputs that become constants,
-- as where they fix a shape; `examples`, a Tensor for each input in order, which tell both where
-- nothing else does. The attribute `source` holds inputs, outputs and `fixed`, the places (from 0)
-- of inputs that became constants.
-- Operator sets 7 to 28. Fails with the byte, the tensor or the node of what is wrong, and names
-- all nodes that are not supported.
function onnx.load(view, path, options)
  options = options or {}
  fields.check("onnx.load", options,
    { name = "string?", dims = "table?", values = "table?", examples = "table?" })
  local values = options.values
  while true do
    local ok, result, wanted = attempt(view, path, {
      name = options.name,
      dims = options.dims,
      values = values,
      examples = options.examples,
    })
    if ok then
      return result
    end
    values = signature.with_examples(values, wanted, options.examples)
    if not values then
      error(result, 0)
    end
  end
end

return onnx
