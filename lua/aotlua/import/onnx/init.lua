--- onnx: an .onnx file to a Module.
-- Nodes are lowered in the file's order by the files of their families; each binds the names of
-- its outputs to operands. What cannot be lowered is collected, and all of it named at once.
local fields = require "aotlua.fields"
local ir = require "aot.ir"
local lowering = require "aotlua.import.onnx.lowering"
local protobuf = require "aotlua.import.protobuf"
local schema = require "aotlua.import.onnx.schema"
local signature = require "aotlua.import.onnx.signature"
local sweep = require "aotlua.sweep"
local words = require "aotlua.import.words"

local onnx = {}

local OLDEST_OPSET, NEWEST_OPSET = 7, 28
local NEWEST_IR = 14

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

-- The model's own functions, by domain and name.
local function read_functions(model)
  local functions = {}
  for _, proto in ipairs(model.functions) do
    local name = ("%s.%s"):format(proto.domain or "", proto.name or "")
    if functions[name] then
      fail("there are two functions %s", words.quote(name))
    end
    functions[name] = proto
  end
  return functions
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
    turned = {},
    lost = {},
    places = {},
    wanted = {},
    inlined = { nodes = 0, depth = 0 },
    functions = read_functions(model),
    rules = options.rules or {},
    inline = lowering.inline,
  }
  lowering.add_initializers(import, model.graph)
  model.graph.initializer = nil -- its memory is needed for what comes
  local inputs, fixed = signature.add_inputs(import, model.graph.input, options)
  local ok, reason = pcall(lowering.all, import, model.graph)
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
-- nothing else does; `rules`, operators by name, behind their domain, that users
-- import themselves. The attribute `source` holds inputs, outputs and `fixed`, the places (from 0)
-- of inputs that became constants.
-- Operator sets 7 to 28. Fails with the byte, the tensor or the node of what is wrong, and names
-- all nodes that are not supported.
function onnx.load(view, path, options)
  options = options or {}
  fields.check("onnx.load", options,
    { name = "string?", dims = "table?", values = "table?", examples = "table?", rules = "table?" })
  local values = options.values
  while true do
    local ok, result, wanted = attempt(view, path, {
      name = options.name,
      dims = options.dims,
      values = values,
      examples = options.examples,
      rules = options.rules,
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
