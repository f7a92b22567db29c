--- library: what a Model Library Format archive says about its models in metadata.json.
--
-- Keys and layout are those of version 7 of the format; all that they say comes from the record
-- of aotlua.metadata, which stands there as a whole too (`aotlua`).

local json = require "aotlua.json"
local program = require "aot.program"

local library = { version = 7 }

-- Kinds of devices as DLPack numbers them.
local CPU, ACCELERATOR = 1, 12

local function dtype_name(dtype)
  if dtype == "bool" or dtype == "bf16" then return dtype == "bf16" and "bfloat16" or dtype end
  local class, bits = dtype:match "^(%a)(%d+)$"
  return ({ f = "float", i = "int", u = "uint" })[class] .. bits
end

-- The bytes of the distinct constants that the operators for which `is_meant` read.
local function constant_bytes(record, is_meant)
  local bytes_of, total = {}, 0
  for _, constant in ipairs(record.constants) do bytes_of[constant.symbol] = constant.bytes end
  for _, operator in ipairs(record.operators) do
    for _, symbol in ipairs(is_meant(operator) and operator.constants or {}) do
      total = total + (bytes_of[symbol] or 0)
      bytes_of[symbol] = nil
    end
  end
  return total
end

-- By the name in C, as the header has it; `name` is the model's word.
local function tensor_entries(tensors)
  local entries = json.object()
  for _, tensor in ipairs(tensors) do
    entries[tensor.member or tensor.name] = { name = tensor.name, size = tensor.bytes,
      dtype = dtype_name(tensor.dtype), shape = tensor.shape }
  end
  return entries
end

-- What runs on the host: it also owns the inputs, the outputs and all working memory.
local function host_entry(record)
  return {
    device = CPU, target = record.targets[1],
    workspace_size_bytes = record.workspace_bytes,
    constants_size_bytes = constant_bytes(record, function(o) return not o.by end),
    io_size_bytes = record.io_bytes, state_size_bytes = record.state_bytes,
    inputs = tensor_entries(record.inputs), outputs = tensor_entries(record.outputs),
  }
end

-- What an accelerator needs of the host's working memory at most, and the constants it reads.
local function accelerator_entry(record, name)
  local most = 0
  for _, operator in ipairs(record.operators) do
    if operator.by == name then most = math.max(most, operator.scratch) end
  end
  return {
    device = ACCELERATOR, target = name, workspace_size_bytes = most,
    constants_size_bytes = constant_bytes(record, function(o) return o.by == name end),
    io_size_bytes = 0,
  }
end

-- Each function once, in the order of first calls.
local function operator_entries(record)
  local entries, seen = {}, {}
  for _, operator in ipairs(record.operators) do
    local name = operator["function"]
    if not seen[name] then
      seen[name] = true
      entries[#entries + 1] = { function_name = name, workspace = { {
        device = operator.by and ACCELERATOR or CPU, workspace_size_bytes = operator.scratch,
        constants_size_bytes = constant_bytes(record, function(o) return o == operator end),
      } } }
    end
  end
  return entries
end

local function memory(record)
  local main = { host_entry(record) }
  for index = 2, #record.targets do
    main[index] = accelerator_entry(record, record.targets[index])
  end
  return { functions = { main = main, operator_functions = operator_entries(record) } }
end

-- What was chosen for the interface, and what was set at all.
local function options_of(record)
  return { interface = record.interface, set = json.object(record.options) }
end

--- The metadata of whole models, given their records in order. `export_datetime` is text.
function library.full_models(records, export_datetime)
  local modules = json.object()
  for _, record in ipairs(records) do
    modules[record.model] = {
      model_name = record.model, export_datetime = export_datetime, memory = memory(record),
      target = record.targets, executors = { "aot" }, style = "full-model",
      options = options_of(record), aotlua = record,
      external_dependencies = { { short_name = "aotrt", url = "./runtime", url_type = "mlf_path",
        version_spec = program.version } },
    }
  end
  return { version = library.version, modules = modules }
end

--- The metadata of a model of one operator, whose style has no map of modules.
-- Fails if there are more operators, or none.
function library.operator(record, export_datetime)
  if #record.operators ~= 1 then
    error(("model '%s' has %d operators: style operator is for a model of one; leave the style "
      .. "out"):format(record.model, #record.operators), 0)
  end
  local list = {}
  for _, tensors in ipairs { record.inputs, record.states, record.constants, record.outputs } do
    for _, tensor in ipairs(tensors) do
      list[#list + 1] = { size_bytes = tensor.bytes, shape = tensor.shape,
        dtype = dtype_name(tensor.dtype), input_binding = tensor.name or tensor.names[1] }
    end
  end
  return {
    version = library.version, model_name = record.model, export_datetime = export_datetime,
    memory = { [record.operators[1]["function"]] = list }, target = record.targets,
    executors = {}, style = "operator", options = options_of(record), aotlua = record,
  }
end

return library
