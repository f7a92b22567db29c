--- metadata: what the compiled model is, in one record that header, sources, metadata.json,
--- harnesses and reports all read.
--
-- Sizes are in bytes, shapes in elements, outermost first; names are spelled as in the C files,
-- `name` as in the model file. Fields that do not apply are absent.

local emit = require "aot.emit"
local ir = require "aot.ir"
local lazy = require "aotlua.lazy"
local operators = require "aotlua.operators"
local storage = require "aotlua.storage"
local symbols = require "aotlua.symbols"

local metadata = { version = 1, abi_version = 1 }

--- Elements of a C array of `type`, which is never empty; two 4-bit numbers are one element.
function metadata.array_length(type)
  local bytes, bits = storage.byte_size(type), ir.dtype(type.dtype).bits
  return math.max(1, bits < 8 and bytes or bytes * 8 // bits)
end

--- One tensor that the caller hands over, or one state.
local function tensor_record(spelling, owner, index, value, name)
  local type, count = value.type, 1
  for _, extent in ipairs(type.shape) do
    count = count * extent
  end
  local quant = type.quant
  return {
    name = name, dtype = type.dtype, ctype = emit.ctype(type.dtype), shape = type.shape,
    rank = #type.shape, count = count,
    bytes = storage.byte_size(type), length = metadata.array_length(type),
    scale = quant and quant.scale, zero_point = quant and quant.scale and quant.zero,
    member = spelling("member", "data", owner, index),
    quantize = spelling("function", "quantize", owner, index),
    dequantize = spelling("function", "dequantize", owner, index),
  }
end

local function tensor_records(spelling, owner, values, names)
  local records = {}
  for index, value in ipairs(values) do
    records[index] = tensor_record(spelling, owner, index, value,
      names and names[index] or value.name)
  end
  return records
end

--- The operators, in the order of calls; several may share a function. `symbol_of` gives the symbol
-- of the array of a constant's name.
local function operator_records(list, spelling, symbol_of)
  return lazy.map(list, function(operator)
    local node, kernel, read = operator.node, operator.kernel, {}
    for _, argument in ipairs(operator.arguments) do
      read[#read + 1] = type(argument) ~= "string" and argument.kind == "const"
        and symbol_of(argument.name) or nil
    end
    return {
      node = node:output().name, op = node.body and node.body.name or node.op,
      origin = node:get "origin", by = node.by, macs = kernel.macs,
      scratch = kernel.scratch_bytes, constants = read,
      ["function"] = operators.spelling(node, spelling),
    }
  end)
end

-- The arrays of constants, and a function from the name of a constant to the number of its array.
local function constant_records(module)
  local arrays, number_of = {}, {}
  for _, entry in ipairs(module:symbols()) do
    if entry:get "kind" == "constant" then
      arrays[#arrays + 1] = entry
      for _, ref in ipairs(entry:get "of") do number_of[ref.ref:sub(2)] = #arrays end
    end
  end
  local records = lazy.map(arrays, function(entry)
    local symbol, names = entry.attrs, {}
    for k, ref in ipairs(symbol.of) do names[k] = ref.ref:sub(2) end
    local type, at = module:value("$" .. names[1]).type, symbol.at
    return {
      symbol = symbol.spelling, names = names, pool = at and at[1].ref:sub(2),
      offset = at and at[2], dtype = type.dtype, shape = type.shape,
      bytes = storage.byte_size(type), ctype = emit.ctype(type.dtype),
      length = metadata.array_length(type),
    }
  end)
  return records, function(name) return number_of[name] end
end

local function pool_records(module, spelling)
  local records, choice = {}, module:get "interface" or {}
  for _, pool in ipairs(module:pools()) do
    local attrs = pool.attrs
    if attrs.size > 0 then
      local index = #records + 1
      records[index] = { name = pool.name, bytes = attrs.size, alignment = attrs.align,
        bound = attrs.bound, limit = attrs.limit, section = attrs.section, holds = attrs.holds,
        given = attrs.holds == "constants" or choice.workspace == "caller",
        member = spelling("member", "data", "pool", index),
        size_member = spelling("member", "size", "pool", index),
        data_macro = spelling("macro", "constant_pool_data", "pool", index) }
    end
  end
  return records
end

--- The names of what the model runs on: the host, then the accelerators it may use.
local function target_names(target)
  local names = { target.name:match "^[^,]*" }
  for _, accelerator in ipairs(target.accelerators or {}) do
    names[#names + 1] = accelerator.name
  end
  return names
end

--- The flags that make the code right on the machine; how well it is optimized is the user's.
local function needed_flags(target)
  local needed = { "-ffp-contract=off" }
  for _, flag in ipairs(target.cc and target.cc.flags or {}) do
    if not flag:find "^%-O" and not flag:find "^%-std=" and flag ~= needed[1] then
      needed[#needed + 1] = flag
    end
  end
  return needed
end

local hooks = { "activate", "open", "close", "deactivate" }

--- The devices that the caller hands over, with their functions.
local function device_records(spelling, names)
  local records = {}
  for index, name in ipairs(names or {}) do
    local record = { name = name, index = index, hooks = {},
      member = spelling("member", "data", "device", index) }
    for _, role in ipairs(hooks) do
      record.hooks[role] = spelling("hook", role, "device", index)
    end
    records[index] = record
  end
  return records
end

--- The functions of the packed interface that find things by name; nil where there are none.
local function look_up_record(spelling)
  local record = {}
  for _, role in ipairs { "input_index", "output_index", "function", "metadata" } do
    record[role] = spelling("function", role)
  end
  return record.metadata and record
end

local function sum(records, field)
  local total = 0
  for _, record in ipairs(records) do
    total = total + (record[field] or 0)
  end
  return total
end

--- Makes the record of a module after the last pass, of which `list` is operators.list. Returns the
-- record and a function from the name of a constant to the number of its array.
function metadata.describe(module, target, list)
  local graph, spelling = module:main(), symbols.spellings(module)
  local source = module:get "source" or {}
  local record = {
    version = metadata.version, abi_version = metadata.abi_version,
    model = module.name, target = target.name,
    source = { format = source.format, sha256 = source.sha256 },
    targets = target_names(target), flags = needed_flags(target),
    interface = module:get "interface", options = module:get "options",
    header = spelling("file", "header"), library = spelling("library", "library"),
    entry = spelling("entry", "run"),
    inputs_type = spelling("struct", "inputs"), outputs_type = spelling("struct", "outputs"),
    pools_type = spelling("struct", "workspace_pools"),
    state_type = spelling("struct", "state"),
    devices_type = spelling("struct", "devices"),
    devices = device_records(spelling, (module:get "interface" or {}).devices),
    reset = spelling("function", "reset"), save = spelling("function", "save"),
    restore = spelling("function", "restore"), look_up = look_up_record(spelling),
    map_inputs = spelling("function", "map_inputs"),
    map_outputs = spelling("function", "map_outputs"),
    inputs = tensor_records(spelling, "input", graph.params, source.inputs),
    outputs = tensor_records(spelling, "output", graph.returns, source.outputs),
    states = tensor_records(spelling, "state", module:states()),
    pools = pool_records(module, spelling),
  }
  local number_of
  record.constants, number_of = constant_records(module)
  record.operators = operator_records(list, spelling, function(name)
    return record.constants[number_of(name)].symbol
  end)
  local style = require("aotlua.interfaces." .. record.interface.style)
  record.parameters = style.parameters(record)
  record.io_bytes = sum(record.inputs, "bytes") + sum(record.outputs, "bytes")
  record.workspace_bytes, record.workspace_alignment = 0, 1
  for _, pool in ipairs(record.pools) do
    if not pool.holds then
      record.workspace_bytes = record.workspace_bytes + pool.bytes
      record.workspace_alignment = math.max(record.workspace_alignment, pool.alignment)
    end
  end
  record.state_bytes = sum(record.states, "bytes")
  record.weight_bytes = sum(record.constants, "bytes")
  record.macs = 0
  for _, operator in ipairs(list) do record.macs = record.macs + operator.kernel.macs end
  return record, number_of
end

--- Makes the record of a module after the last pass.
function metadata.of(module, target)
  return (metadata.describe(module, target, operators.list(module:main(), target)))
end

return metadata
