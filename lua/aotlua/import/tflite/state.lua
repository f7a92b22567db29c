--- tflite.state: resource variables become states of the module.
--
-- Reads and assignments are renamed along the order of execution: a read sees the value last
-- assigned in the same call, the last one is the state's next value. What CALL_ONCE assigns is
-- computed at import; a variable that it leaves out starts at its zero point, as in TFLite
-- Micro's micro_resource_variable.cc.

local ir = require "aot.ir"
local words = require "aotlua.import.words"

local M = {}

local Variables = {}
Variables.__index = Variables

--- Returns the variables of a module: `initial`, what CALL_ONCE assigned (name -> Tensor), and
-- the handles and current values met so far.
function M.variables()
  return setmetatable({
    initial = {},
    of_handle = {}, -- tensor index of a handle -> name
    states = {}, -- name -> the state, or nil in an initializer
    values = {}, -- name -> current Value
    order = {}, -- names in the order of their first use
  }, Variables)
end

--- Sets the next value of each state to the last one assigned.
function Variables:finish(graph)
  for _, name in ipairs(self.order) do
    if self.states[name] then graph:set_next(self.states[name], self.values[name]) end
  end
end

--- Returns the current value of a variable tensor, which keeps what an operator leaves in it.
function M.current(b, tensor)
  if not tensor.table.is_variable then b:fail("%s is no variable", tensor:show()) end
  if not b.run_initializer then b:unsupported "a variable within an initialization" end
  local variables = b.variables
  local name = ("%s (tensor %d)"):format(tensor.name, tensor.index)
  if not variables.values[name] then
    local quant = b:quant(tensor)
    local data = ir.tensor({ dtype = b:dtype(tensor), shape = tensor.shape },
      quant and quant.zero or 0)
    local type = { dtype = tensor.dtype, shape = tensor.shape, quant = quant }
    local state = b.module:state { name = tensor.name, data = data, type = type }
    variables.order[#variables.order + 1] = name
    variables.states[name], variables.values[name] = state, state
  end
  return variables.values[name], name
end

--- Makes `value` the current one of a variable tensor.
function M.leave(b, tensor, value)
  local _, name = M.current(b, tensor)
  b.variables.values[name] = b:as(value, b.variables.states[name].type)
end

local function name_of(b, tensor)
  local name = b.variables.of_handle[tensor.index]
  if not name then b:fail("%s is no variable's handle", tensor:show()) end
  return name
end

-- Notes the variable; in the main graph makes its state, of the type of `tensor`.
local function use(b, name, tensor)
  local variables = b.variables
  if variables.values[name] then return end
  variables.order[#variables.order + 1] = name
  if not b.run_initializer then return end -- an initializer only assigns
  local quant = b:quant(tensor)
  local type = { dtype = b:dtype(tensor), shape = tensor.shape, quant = quant }
  local plain = { dtype = type.dtype, shape = type.shape }
  local data = variables.initial[name]
  if not data then data = ir.tensor(plain, quant and quant.zero or 0) end
  if data.type.dtype ~= type.dtype or words.list(data.type.shape) ~= words.list(type.shape) then
    b:fail("variable %s is initialized with %s%s, but %s is %s%s", words.quote(name),
      data.type.dtype, words.list(data.type.shape), tensor:show(), type.dtype,
      words.list(type.shape))
  end
  local state = b.module:state { name = name, data = data:with_type(plain), type = type }
  variables.states[name], variables.values[name] = state, state
end

local function call_once(b, op)
  if not b.run_initializer then b:unsupported("an initialization within an initialization") end
  if #b.variables.order > 0 then b:unsupported("an initialization after variables are in use") end
  b.run_initializer(op.options.init_subgraph_index)
end

local function var_handle(b, op)
  local container, name = op.options.container or "", op.options.shared_name or ""
  if container ~= "" then name = container .. "/" .. name end
  if name == "" then b:fail "a variable without a name" end
  b.variables.of_handle[op.outputs[1].index] = name:gsub("%z", "_")
end

local function read_variable(b, op)
  local name = name_of(b, op.inputs[1])
  use(b, name, op.outputs[1])
  local value = b.variables.values[name]
  if not value then b:unsupported("an initialization that reads a variable") end
  b:set(op.outputs[1], value)
end

local function assign_variable(b, op)
  local name, tensor = name_of(b, op.inputs[1]), op.inputs[2]
  local value = b:value(tensor)
  use(b, name, tensor)
  local old = b.variables.values[name]
  if old and (old.type.dtype ~= value.type.dtype
      or words.list(old.type.shape) ~= words.list(value.type.shape)) then
    b:fail("variable %s is %s%s, but %s is %s%s", words.quote(name), old.type.dtype,
      words.list(old.type.shape), tensor:show(), value.type.dtype, words.list(value.type.shape))
  end
  local state = b.variables.states[name]
  b.variables.values[name] = state and b:as(value, state.type) or value
end

M.operators = {
  CALL_ONCE = { versions = 1, inputs = { 0, 0 }, outputs = 0, options = "CallOnceOptions",
    convert = call_once },
  VAR_HANDLE = { versions = 1, inputs = { 0, 0 }, options = "VarHandleOptions",
    convert = var_handle },
  READ_VARIABLE = { versions = 1, inputs = { 1, 1 }, convert = read_variable },
  ASSIGN_VARIABLE = { versions = 1, inputs = { 2, 2 }, outputs = 0, convert = assign_variable },
}

return M
