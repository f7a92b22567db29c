--- tflite: a .tflite file to a Module.
--
-- The main subgraph's operators are converted in the order of execution by the files of their
-- families; each gives core ops whose results stand for the operator's tensors. Shapes are
-- inferred, not believed. Operators that cannot be imported are collected and named together.

local builder = require "aotlua.import.tflite.builder"
local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local flatbuffers = require "aotlua.import.flatbuffers"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local operators = require "aotlua.import.tflite.operators"
local schema = require "aotlua.import.tflite.schema"
local state = require "aotlua.import.tflite.state"
local tensors = require "aotlua.import.tflite.tensors"
local words = require "aotlua.import.words"

local M = {}

-- The rounding of requantize by the names users know.
local ROUNDINGS = { double = "double", tflm = "double", single = "single", ruy = "single" }

-- Operators ---------------------------------------------------------------------------------

-- The operator's code: files from before 2020 have only the old field, later ones set both, the
-- old one held at 127; the larger is meant.
local function read_codes(model)
  local codes = {}
  for i, entry in ipairs(model.operator_codes or {}) do
    local code = math.max(entry.deprecated_builtin_code, entry.builtin_code)
    local name = schema.operators[code] or "builtin operator " .. code
    if name == "CUSTOM" then
      name = "custom operator " .. words.quote(entry.custom_code or "")
    end
    codes[i] = { name = name, version = entry.version, rule = entry.custom_code or name }
  end
  return codes
end

local function operands(tensor_at, indices, label)
  local list = {}
  for i, index in ipairs(indices or {}) do
    if index == -1 then
      list[i] = false
    else
      local ok, tensor = pcall(tensor_at, index)
      if not ok then error(failure.prefixed(label .. ": ", tensor), 0) end
      list[i] = tensor
    end
  end
  return list
end

local function read_operator(sub, entry, index, codes)
  local code = codes[entry.opcode_index + 1]
  if not code then
    error(string.format("layer %d has the operator code %d; the file has %s", index,
      entry.opcode_index, words.count(#codes, "code")), 0)
  end
  local label = string.format("layer %d %s", index, code.name)
  local op = { code = code.name, version = code.version, rule = code.rule }
  op.outputs = operands(sub.tensor_at, entry.outputs, label)
  op.label = string.format("layer %d %s %s", index,
    words.quote(op.outputs[1] and op.outputs[1].name or ""), code.name)
  op.inputs = operands(sub.tensor_at, entry.inputs, op.label)
  op.options, op.custom_options = entry.options.value, entry.custom_options
  return op, entry.options.name
end

local function check_operands(b, op, operator)
  local least, most = operator.inputs[1], operator.inputs[2]
  if #op.inputs < least or #op.inputs > most then
    b:fail("has %s; %d to %d are legal", words.count(#op.inputs, "operand"), least, most)
  end
  for i, tensor in ipairs(op.inputs) do
    local optional = operator.optional or i > least and most <= 3
    if not tensor and not optional then b:fail("operand %d is missing", i - 1) end
  end
  local results = operator.outputs or 1
  if #op.outputs > results or #op.outputs < math.min(results, 1) then
    b:fail("has %s; %d is legal", words.count(#op.outputs, "result"), results)
  end
  for i, tensor in ipairs(op.outputs) do
    if not tensor then b:fail("result %d is missing", i - 1) end
  end
end

local function convert(b, op, options_name)
  local operator = b.rules[op.rule] or operators[op.code]
  if not operator then b:unsupported "there is no import for it" end
  if op.version > operator.versions or op.version < 1 then
    b:unsupported("versions 1 to %d are supported", operator.versions)
  end
  check_operands(b, op, operator)
  if operator.options and (options_name ~= operator.options or not op.options) then
    b:fail("has no %s", operator.options)
  end
  operator.convert(b, op)
end

-- What an unsupported operator would have written, so that its users can be judged too.
local function stand_in(b, op)
  for _, tensor in ipairs(op.outputs) do
    if tensor and tensor.dtype and not b.values[tensor.index] then
      local type = { dtype = tensor.dtype, shape = tensor.shape, quant = b:quant(tensor) }
      b.values[tensor.index] = b.graph:param(b:unique(tensor.name), type)
    end
  end
end

-- Converts the operators of a subgraph; adds those that are not supported to `refused`.
local function convert_all(b, sub, codes, refused)
  local entries = sub.table.operators or {}
  if #entries > limits.nodes then
    error(string.format("%s has %d operators; the limit is %d", sub.label, #entries,
      limits.nodes), 0)
  end
  for i, entry in ipairs(entries) do
    local op, options_name = read_operator(sub, entry, i - 1, codes)
    b:begin(op)
    local ok, reason = pcall(convert, b, op, options_name)
    if not ok and (type(reason) ~= "table" or not reason.unsupported) then
      error(failure.prefixed(op.label .. ": ", reason), 0)
    elseif not ok then
      refused[#refused + 1] = string.format("%s version %d: %s", op.label, op.version,
        reason.unsupported)
      stand_in(b, op)
    end
  end
end

local function check_supported(refused)
  if #refused == 0 then return end
  error(string.format("%s not supported:\n  %s", #refused == 1 and "1 operator is"
    or #refused .. " operators are", table.concat(refused, "\n  ")), 0)
end

-- Subgraphs ---------------------------------------------------------------------------------

local function subgraph(model, index)
  local all = model.subgraphs or {}
  if index < 0 or index >= #all then
    error(string.format("there is no subgraph %d; the file has %s", index,
      words.count(#all, "subgraph")), 0)
  end
  local label = string.format("subgraph %d", index)
  local fields_of = all[index + 1]
  return {
    table = fields_of,
    label = label,
    tensor_at = tensors.reader(fields_of.tensors or {}, model.buffers or {}, label),
  }
end

-- Runs an initialization subgraph; returns what it assigns, name -> Tensor.
local function initialize(context, index)
  if index == 0 then error("the main subgraph cannot be its own initialization", 0) end
  local sub = subgraph(context.model, index)
  if #(sub.table.inputs or {}) > 0 then
    error(sub.label .. " is an initialization, but has inputs", 0)
  end
  local module = ir.module "initialization"
  local graph, variables = module:graph "main", state.variables()
  local b = builder.new {
    module = module, graph = graph, tensor_at = sub.tensor_at, rounding = context.rounding,
    variables = variables, rules = context.rules,
  }
  local refused = {}
  convert_all(b, sub, context.codes, refused)
  check_supported(refused)
  local values = {}
  for i, name in ipairs(variables.order) do values[i] = variables.values[name] end
  graph:set_returns(values)
  local results, initial = graph:eval({}), {}
  for i, name in ipairs(variables.order) do initial[name] = results[i] end
  return initial
end

-- The extents of an input, those that the signature leaves open bound by "NAME.AXIS", or else
-- as in the example.
local function input_shape(tensor, dims, example)
  local shape = {}
  for i, extent in ipairs(tensor.shape) do
    local bound = dims[tensor.name .. "." .. i - 1]
    local open = tensor.signature and tensor.signature[i] == -1
    if bound and not open then
      error(string.format("%s: axis %d is fixed at %d", tensor:show(), i - 1, extent), 0)
    end
    shape[i] = bound or open and example and example.type.shape[i] or extent
  end
  return shape
end

-- Fails if `dims` binds what is no axis of an input.
local function check_dims(dims, params, names)
  local known = {}
  for i, param in ipairs(params) do
    for axis in ipairs(param.type.shape) do known[names[i] .. "." .. axis - 1] = true end
  end
  local unknown = {}
  for name in pairs(dims) do -- order: sorted below
    if not known[name] then unknown[#unknown + 1] = words.quote(tostring(name)) end
  end
  table.sort(unknown)
  if #unknown > 0 then
    error(string.format("no input has the axis %s; axes are named like %s", unknown[1],
      words.quote((names[1] or "INPUT") .. ".0")), 0)
  end
end

local function add_inputs(b, sub, options)
  local names, dims, examples = {}, options.dims or {}, options.examples or {}
  for i, index in ipairs(sub.table.inputs or {}) do
    local tensor = sub.tensor_at(index)
    if not tensor.dtype then
      error(string.format("input %s has the element type %s", tensor:show(), tensor.type_name), 0)
    end
    if b.values[index] or tensor.bytes then
      error(string.format("input %s has a value already", tensor:show()), 0)
    end
    local type = { dtype = tensor.dtype, shape = input_shape(tensor, dims, examples[i]),
      quant = b:quant(tensor) }
    b.values[index] = b.graph:param(b:unique(tensor.name), type)
    names[i] = tensor.name
  end
  check_dims(dims, b.graph.params, names)
  return names
end

local function add_outputs(b, sub)
  local names, values = {}, {}
  for i, index in ipairs(sub.table.outputs or {}) do
    local tensor = sub.tensor_at(index)
    local ok, value = pcall(b.value, b, tensor)
    if not ok and failure.is_fault(value) then error(value, 0) end
    if not ok then error("the output " .. tensor:show() .. " is never written", 0) end
    values[i], names[i] = value, tensor.name
  end
  b.graph:set_returns(values)
  return names
end

--- Returns the Module of a .tflite file. `options`: `name` of the module, `dims`, extents of
-- input axes that the model leaves open, by "INPUT.AXIS", `examples`, Tensors of the inputs that
-- tell those which `dims` does not, `rounding` (tflm, the default, or ruy), and `rules`, operators
-- by name that users import themselves. The attribute `source` holds format, inputs and outputs.
-- Fails with the path within the FlatBuffer or the layer of what is wrong.
function M.load(view, options)
  options = options or {}
  fields.check("tflite.load", options,
    { name = "string?", dims = "table?", examples = "table?", rounding = "string?",
      rules = "table?" })
  local rounding = ROUNDINGS[options.rounding or "tflm"]
  if not rounding then
    error("there is no rounding " .. words.quote(options.rounding) .. "; there are tflm and ruy", 0)
  end
  local model = flatbuffers.root(view, schema.schema, "Model")
  if model.version ~= 3 then
    error(string.format("schema version %d; 3 is supported", model.version), 0)
  end
  local module = ir.module(options.name or "model")
  local context = { model = model, codes = read_codes(model), rounding = rounding,
    rules = options.rules or {} }
  local sub, variables = subgraph(model, 0), state.variables()
  local b = builder.new {
    module = module, graph = module:graph "main", tensor_at = sub.tensor_at,
    rounding = rounding, variables = variables, rules = context.rules,
    run_initializer = function(index)
      local initial = initialize(context, index)
      for name, tensor in pairs(initial) do -- order: irrelevant, because names are distinct
        variables.initial[name] = tensor
      end
    end,
  }
  local inputs = add_inputs(b, sub, options)
  local refused = {}
  convert_all(b, sub, context.codes, refused)
  check_supported(refused)
  local outputs = add_outputs(b, sub)
  variables:finish(b.graph)
  module:set("source", { format = "tflite", inputs = inputs, outputs = outputs })
  return module
end

return M
