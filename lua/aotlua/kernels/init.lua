--- kernels: the kernel of a node, its anchor's recipe with the fused rest as its epilogue.

local ir = require "aot.ir"

local device_function = require "aotlua.device_function"
local failure = require "aotlua.failure"
local formula = require "aotlua.kernels.formula"
local kernel = require "aotlua.kernel"
local lanes_of = require "aotlua.kernels.lanes"
local place = require "aotlua.kernels.place"
local script = require "aotlua.place"
local steps = require "aotlua.kernels.steps"
local types = require "aotlua.types"

local M = {}

--- The recipe of an op, { record = function(k, op), pack = function or nil }: the target's own,
-- or the portable one, lua/aotlua/kernels/<op>.lua. Elementwise ops share one, "elementwise".
function M.recipe(name, target)
  local own = target and target.kernels and target.kernels[name]
  local module = "aotlua.kernels." .. name
  if not own and not package.searchpath(module, package.path) then
    error(("there is no recipe for %s: lua/aotlua/kernels/%s.lua does not exist"):format(
      name, name), 0)
  end
  local recipe = own or require(module)
  return type(recipe) == "function" and { record = recipe } or recipe
end

--- Whether the node is a call of a script's op for which the target has a recipe.
function M.is_own(node, target)
  local name = node:get "own"
  return name ~= nil and node.body ~= nil and (target.kernels or {})[name] ~= nil
end

-- The op object that recipes see ------------------------------------------------

local Op = {}
Op.__index = Op

local function operand_buffer(op, operand)
  if not operand then return nil end
  if operand.input then return op.buffers[operand.input] end
  return place.literal(op.k, operand.type, operand.number)
end

-- A constant that a type refers to: scales or zero points along an axis.
local function constant_buffer(op, value, name)
  if types.count(value.type) == 1 then return place.literal(op.k, value.type, value.data:get(1)) end
  op.constants[value] = op.constants[value]
    or op.k:buffer { name = name, type = value.type, role = "input", value = value }
  return op.constants[value]
end

--- The zero point of operand `i`: a Lua integer, or, where there is one for each position
-- along an axis, that of the element at the subscripts `at` as an i64.
function Op:zero(i, at)
  local quant = self.types[i] and self.types[i].quant
  if not quant then return 0 end
  if not quant.zeros then return quant.zero or 0 end
  return constant_buffer(self, quant.zeros, "zeros"):flat(at[quant.axis + 1])
end

--- Operand `i` at the subscripts `at`, less its zero point, as a `dtype` that holds the difference.
function Op:centered(i, dtype, at)
  local zero = self:zero(i, at)
  if not math.type(zero) then zero = self.k.cast(dtype, zero) end
  return self.k.cast(dtype, self.inputs[i](table.unpack(at))) - zero
end

-- The largest |x - zero| of an operand of integers.
local function reach(type)
  local info, quant = ir.dtype(type.dtype), type.quant or {}
  local zero = not quant.zeros and quant.zero or 0
  if quant.zeros then return info.max - info.min end
  return math.max(math.abs(info.min - zero), math.abs(info.max - zero))
end

-- The element type in which `taps` products of operands 1 and 2 add up, and whether the sum may
-- begin with operand 3, the bias. Integers add up in i32 where they are proved to fit: with the
-- bias, or without it where only the bias is too large, which then is added last.
local function accumulator(op, taps)
  if ir.dtype(op.types[1].dtype).class == "float" then return op.types[1].dtype, true end
  local bits, limit = op.step.bias_bits, 1 << 31
  local most = reach(op.types[1]) * reach(op.types[2]) * taps
  if bits < 32 and most + (1 << bits) < limit then return "i32", true end
  if most < limit then return "i32", false end
  return "i64", bits < 63
end

--- A variable for `taps` products of operands 1 and 2, to be added by k:add, and, unless it comes
-- last, the bias of output channel `at`. `op:total` makes the sum of it.
function Op:sum(taps, at)
  local k, bias, dtype, first = self.k, self.inputs[3], accumulator(self, taps)
  self.bias_is_last = bias and not first
  return k:var(dtype, "sum", bias and first and k.cast(dtype, bias(at)) or 0)
end

--- The finished sum of output channel `at` as the result's type.
function Op:total(sum, at)
  local k = self.k
  if self.bias_is_last then
    local bias = k.cast("i64", self.inputs[3](at))
    sum = k.call { "aotrt_add_i64", k.cast("i64", sum), bias, type = "i64",
      header = "aotrt_math.h" }
  end
  return k.sat_cast(self.type.dtype, sum)
end

-- What a formula is called with; see kernels/formula.lua.
local function application(op, step, here, values)
  local function along(type, value, name)
    local axis = type.quant.axis + #here.shape - #type.shape
    return place.along(here, constant_buffer(op, value, name), axis)
  end
  local node = { attrs = step.attrs, types = step.types, type = step.type, args = {} }
  function node.zero(type)
    local quant = type.quant
    return quant and (quant.zeros and along(type, quant.zeros, "zeros") or quant.zero) or 0
  end
  function node.scale(type)
    return type.quant.scales and along(type, type.quant.scales, "scales") or type.quant.scale
  end
  local first = step.operands[1]
  for i, operand in ipairs(step.operands) do
    local buffer = operand and not operand.step and operand_buffer(op, operand)
    if not operand then
      node.args[i] = false
    elseif operand.step then
      node.args[i] = values[operand.step]
    elseif step.op == "lookup" and i == 2 then
      node.args[i] = buffer
    elseif step.op == "requantize" and i > 1 then
      node.args[i] = place.along(here, buffer, step.attrs.axis)
    elseif i > 1 and first.input and first.input == operand.input then
      node.args[i] = node.args[1] -- one expression, so that formulas see that it is the same
    else
      node.args[i] = place.element(here, buffer)
    end
  end
  return node
end

local function store_lane_by_lane(op, index, vector)
  lanes_of.each(op, vector, vector.lanes, function(l, value)
    local at = table.move(index, 1, #index, 1, {})
    at.flat = index.flat and index.flat + l
    if #at > 0 then at[#at] = at[#at] + l end
    op:store(at, value)
  end)
end

--- Finishes an element: computes what is fused behind the anchor from `value`, the anchor's
-- result at `index`, and stores the results there: a list of subscripts, or { flat = i } where
-- all operands run along the result, or both, { i, j, flat = i * n + j }, which is read where it
-- can be. A vector is that of `value.lanes` elements from there on along the last axis.
function Op:store(index, value)
  local k, plan, lanes = self.k, self.plan, value and value.lanes or 1
  local here = { index = index, flat = index.flat, shape = self.type.shape, lanes = lanes }
  if value and value.dtype ~= self.type.dtype then
    error(("kernel '%s': the result is %s, the value to store is %s"):format(
      k.name, self.type.dtype, value.dtype), 0)
  end
  if lanes > 1 and not lanes_of.suit(plan, self.type) then
    return store_lane_by_lane(self, index, value)
  end
  local values = {}
  for i, step in ipairs(plan.steps) do
    local result = value
    if i ~= plan.anchor then
      result = formula[step.op](k, application(self, step, here, values))
    end
    -- what is read again gets a name, if there is a type for it: masks of lanes have none
    local named = step.is_operand and not result.is_variable
      and (result.lanes == 1 or result.dtype ~= "bool")
    values[i] = named and k:let(step.op, result) or result
  end
  for i, result in ipairs(plan.results) do
    local to = here.flat and self.outputs[i]:flat(here.flat) or self.outputs[i](table.unpack(index))
    k:store(to, values[result.operand.step])
  end
end

-- Whether all operands run along the result, element by element, so that one loop does.
local function is_flat(plan, shape)
  for _, step in ipairs(plan.steps) do
    local quants = { step.type.quant or {} }
    for i, operand in ipairs(step.operands) do
      if step.types[i] then quants[#quants + 1] = step.types[i].quant or {} end
      local whole = step.op == "lookup" and i == 2
        or operand and operand.input and types.same_list(step.types[i].shape, shape)
      if operand and operand.input and not whole then return false end
      if operand and operand.input and step.op == "requantize" and i > 1 then return false end
    end
    for _, quant in ipairs(quants) do
      if quant.scales or quant.zeros then return false end
    end
  end
  return true
end

local function hint(plan)
  local words = {}
  for i, step in ipairs(plan.steps) do words[i] = step.op end
  return table.concat(words, "_", 1, math.min(#words, 4))
end

-- What the proof refuses is the fault of who wrote the recipe: `author` is a place in a script of
-- the user's.
local function finish(k)
  local author = k.author
  if not author or author.is_ours then return k:finish() end
  local ok, result = pcall(k.finish, k)
  if ok then return result end
  error(failure.prefixed(("the recipe at %s: "):format(author.shown), result), 0)
end

local function record(plan, target)
  local k = kernel.new { name = hint(plan), target = target }
  local last = plan.steps[plan.anchor or #plan.steps]
  local op = setmetatable({
    k = k, plan = plan, step = last, name = last.op, attrs = last.attrs, types = last.types,
    meant = last.meant, type = last.type, schedule = plan.schedule or {}, inputs = {},
    buffers = {}, outputs = {}, constants = {},
  }, Op)
  for j, value in ipairs(plan.inputs) do
    op.buffers[j] = k:buffer {
      name = plan.names[j], type = value.type, role = "input", value = value,
    }
  end
  for i, result in ipairs(plan.results) do
    op.outputs[i] = k:buffer { name = "y", type = result.type, role = "output" }
  end
  if plan.anchor then
    for i, operand in ipairs(last.operands) do
      if operand and operand.step then
        error(("kernel '%s': %s comes before %s, only what follows it can be fused"):format(
          k.name, plan.steps[operand.step].op, last.op), 0)
      end
      op.inputs[i] = operand_buffer(op, operand) or false
    end
  else
    op.is_flat = is_flat(plan, last.type.shape)
  end
  if types.count(last.type) > 0 then
    local recipe = M.recipe(plan.anchor and last.op or "elementwise", target)
    k.author = script.of(recipe.record)
    local ok, why = xpcall(recipe.record, script.of_recipe, k, op)
    if not ok then error(why, 0) end
  end
  return finish(k)
end

-- Kernels by module, target and key: equal ones are recorded once.
local memo = setmetatable({}, { __mode = "k" })

local function recorded(node, plan, target)
  local module = node.graph.module
  memo[module] = memo[module] or setmetatable({}, { __mode = "k" })
  local of_target = memo[module]
  of_target[target] = of_target[target] or {}
  local known = of_target[target]
  known[plan.key] = known[plan.key] or { kernel = record(plan, target), place = plan.place }
  return known[plan.key]
end

--- The kernel of a node of @main, recorded and proved: a core op, or a call whose body has at
-- most one op that is not elementwise. Constants of one element are part of its text; params
-- have the node's own Values. See lua/aotlua/kernel.lua for its fields. What an accelerator
-- computes has a function of another make with the same fields.
function M.build(node, target)
  if node.by then return device_function(node, target) end
  local plan = steps.of(node, M.is_own(node, target))
  local known = recorded(node, plan, target)
  local params, outputs = {}, 0
  for i, param in ipairs(known.kernel.params) do
    local j = known.place[param.value]
    local value = j and plan.inputs[j] or param.value
    if param.role == "output" then
      outputs = outputs + 1
      value = node:output(outputs)
    end
    params[i] = {
      name = param.name, ctype = param.ctype, const = param.const, role = param.role, value = value,
    }
  end
  return setmetatable({ params = params, shared = known.kernel }, { __index = known.kernel })
end

return M
