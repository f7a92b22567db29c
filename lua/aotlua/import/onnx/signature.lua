--- onnx.signature: the inputs and outputs of an ONNX graph, with their open dimensions.
local failure = require "aotlua.failure"
local limits = require "aotlua.import.limits"
local operand = require "aotlua.import.onnx.operand"
local tensor = require "aotlua.import.onnx.tensor"
local words = require "aotlua.import.words"

local signature = {}

local function fail(...)
  error(string.format(...), 0)
end

--- Checks the name of a tensor, which may not be empty or hold a NUL byte.
function signature.name(name, what)
  if not name or name == "" then
    fail("%s has no name", what)
  elseif name:find("\0", 1, true) then
    fail("%s has the name %s with a zero byte", what, words.quote(name))
  end
  return name
end

local function tensor_type(info, what)
  local kind = info.type
  if not kind then
    fail("%s has no type", what)
  elseif not kind.tensor_type then
    fail("%s is no tensor; sequences, maps and optional values are not supported", what)
  end
  local ok, dtype = pcall(tensor.dtype, kind.tensor_type.elem_type)
  if not ok then
    error(failure.prefixed(what .. ": ", dtype), 0)
  end
  return dtype, kind.tensor_type.shape
end

-- The extent of one dimension, from the model, from `dims`, or as in the example; nil if all
-- leave it open.
local function extent_of(dimension, key, binding, shown)
  local name = dimension.param or ""
  local bound = binding.dims[key]
  binding.known[key] = true
  if name ~= "" then
    binding.known[name] = true
    local named = binding.dims[name]
    if named and bound and named ~= bound then
      fail("dimension %s is bound to %d and, as %s, to %d", words.quote(name), named,
        words.quote(key), bound)
    end
    bound = bound or named
  end
  if dimension.value and bound and bound ~= dimension.value then
    fail("dimension %s is bound to %d, but the model fixes it at %d", words.quote(key), bound,
      dimension.value)
  end
  return dimension.value or bound or shown
end

local function input_shape(name, shape, binding, example)
  local result = {}
  for i, dimension in ipairs(shape.dims) do
    local key = name .. "." .. i - 1
    local extent = extent_of(dimension, key, binding, example and example.type.shape[i])
    if not extent then
      local open = (dimension.param or "") ~= "" and dimension.param or key
      if not binding.asked[open] then
        binding.asked[open] = true
        table.insert(binding.open, "-d " .. words.escape(open) .. "=1")
      end
      extent = 1
    end
    result[i] = extent
  end
  return result
end

local function check_known(binding)
  local unknown, known = {}, {}
  for key in pairs(binding.dims) do -- order: sorted below
    if not binding.known[key] then
      unknown[#unknown + 1] = words.quote(tostring(key))
    end
  end
  for key in pairs(binding.known) do -- order: sorted below
    known[#known + 1] = words.quote(key)
  end
  if #unknown > 0 then
    table.sort(unknown)
    table.sort(known)
    fail("no input has the dimension %s; there are %s", unknown[1], table.concat(known, ", "))
  end
end

-- A Tensor that was given for an input, which is thereby a constant and no parameter.
local function add_fixed(import, name, info, data)
  local dtype = tensor_type(info, "input " .. words.quote(name))
  if dtype ~= data.type.dtype then
    fail("the value of input %s has type %s, the model says %s", words.quote(name),
      data.type.dtype, dtype)
  end
  import.operands[name] = operand.constant(data, function()
    return import.module:const { name = name, data = data }
  end)
end

--- Adds the graph's inputs that are no initializers as parameters. Gives their names, and a list
-- of the places (from 0) of those that became constants, nil if there is none. `options` is
-- { dims, values, examples }: extents of open dimensions, Tensors by name for inputs that become
-- constants, and a Tensor for each input in order, which tells extents that `dims` does not.
-- Fails, with all that have to be given, if dimensions are left open.
function signature.add_inputs(import, infos, options)
  local values, examples = options.values or {}, options.examples or {}
  local binding = { dims = options.dims or {}, known = {}, asked = {}, open = {} }
  local names, types, fixed, count, places = {}, {}, {}, 0, {}
  local seen = {}
  if #infos > limits.tensors then
    fail("the model has %d inputs; the limit is %d", #infos, limits.tensors)
  end
  for _, info in ipairs(infos) do
    local name = signature.name(info.name, "an input")
    if seen[name] then
      fail("there are two inputs %s", words.quote(name))
    end
    seen[name] = true
    local is_input = not import.operands[name]
    count = count + (is_input and 1 or 0)
    if is_input and values[name] then
      add_fixed(import, name, info, values[name])
      fixed[#fixed + 1] = count - 1
    elseif is_input then
      local what = "input " .. words.quote(name)
      local dtype, shape = tensor_type(info, what)
      if not shape then
        fail("%s has no shape", what)
      end
      local kind = { dtype = dtype, shape = input_shape(name, shape, binding, examples[count]) }
      local ok, problem = pcall(tensor.count, kind.shape)
      if not ok then
        error(failure.prefixed(what .. ": ", problem), 0)
      end
      names[#names + 1], types[#types + 1] = name, kind
      places[name] = count
    end
  end
  check_known(binding)
  if #binding.open > 0 then
    fail("the inputs leave dimensions open; choose them: %s", table.concat(binding.open, " "))
  end
  for i, name in ipairs(names) do
    local param = import.graph:param(name, types[i])
    import.operands[name] = operand.plain(param)
    import.places[param] = { name = name, place = places[name] }
  end
  return names, #fixed > 0 and fixed or nil
end

--- Notes the small inputs of the model that a Value is computed from: an import that knew their
-- numbers might succeed.
function signature.note_wanted(import, value)
  local pending, seen = { value }, {}
  while #pending > 0 do
    local at = table.remove(pending)
    local input = import.places[at]
    if input and #at.type.shape <= 1 then
      import.wanted[input.name] = input.place
    end
    for _, operand_of in ipairs(at.node and not seen[at] and at.node.inputs or {}) do
      pending[#pending + 1] = operand_of or nil
    end
    seen[at] = true
  end
end

--- Gives `values` with the examples of the inputs in `wanted`; nil if there is none for them.
function signature.with_examples(values, wanted, examples)
  local more, found = {}, false
  for name, data in pairs(values or {}) do -- order: irrelevant, into a table
    more[name] = data
  end
  for name, place in pairs(wanted) do -- order: irrelevant, into a table
    if examples and examples[place] and not more[name] then
      more[name], found = examples[place], true
    end
  end
  return found and more or nil
end

-- Fails where the model says another type of an output than follows from its nodes.
local function check_type(info, kind, what)
  if not info.type then
    return
  end
  local dtype, shape = tensor_type(info, what)
  local same = dtype == kind.dtype and (not shape or #shape.dims == #kind.shape)
  local said = {}
  for i, dimension in ipairs(shape and shape.dims or {}) do
    said[i] = dimension.value or "?"
    same = same and (not dimension.value or dimension.value == kind.shape[i])
  end
  if not same then
    fail("%s: the model says %s%s, its nodes compute %s%s", what, dtype,
      shape and words.list(said) or "", kind.dtype, words.list(kind.shape))
  end
end

--- Makes the graph return its outputs. Gives their names.
function signature.add_outputs(import, infos)
  local names, values, seen = {}, {}, {}
  if #infos == 0 then
    fail("the graph has no outputs")
  end
  for i, info in ipairs(infos) do
    local name = signature.name(info.name, "an output")
    local what = "output " .. words.quote(name)
    local found = import.operands[name]
    if seen[name] then
      fail("there are two outputs %s", words.quote(name))
    elseif not found then
      fail("%s is computed by no node", what)
    end
    seen[name] = true
    local value = found:value()
    check_type(info, value.type, what)
    if value.kind == "result" and value.name ~= name and not seen[value.name] then
      value:rename(name)
    end
    names[i], values[i] = name, value
  end
  import.graph:set_returns(values)
  return names
end

return signature
