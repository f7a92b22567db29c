--- steps: what one kernel computes, read from a node or from the body of a call.
--
-- { steps = { { op, attrs, types, meant, type, operands } }, anchor = index of the step that is not
--   elementwise or nil, inputs = { Values that are passed in }, names = their C names,
--   results = { { operand, type } }, key = text that says all of this }
-- `types` are those of the operands as they lie, `meant` those before they were packed.
-- An operand is { step = i }, { input = j }, { number = x, type = t } (a constant of one
-- element) or false (absent).

local ir = require "aot.ir"

local ops = require "aotlua.ops"
local types = require "aotlua.types"

local M = {}

-- What operands are called in C; others are x, x_1, ...
local operand_names = {
  conv2d = { "x", "w", "b" }, conv_transpose2d = { "x", "w", "b" },
  resample = { "x", "index", "weights" }, matmul = { "a", "b", "bias" }, lookup = { "x", "table" },
  requantize = { "x", "multiplier", "shift" }, select = { "condition", "a", "b" },
  gather = { "x", "indices" }, scatter = { "x", "indices", "updates" },
}
for _, op in ipairs(ir.ops()) do
  if op.flags.binary then operand_names[op.name] = { "a", "b" } end
end

-- Attributes that say where a node comes from and lies, not what it computes.
local elsewhere = {
  at = true, origin = true, operator = true, scratch = true, schedule = true, shared = true,
}

local longest_bias = 65536 -- elements that are looked at

-- Ops whose third operand is a bias.
local is_contraction = { conv2d = true, conv_transpose2d = true, matmul = true }

local function show(value)
  if type(value) == "table" then
    if value.ref then return value.ref end
    local keys, out = {}, {}
    for key in pairs(value) do keys[#keys + 1] = key end -- order: sorted below
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for i, key in ipairs(keys) do out[i] = tostring(key) .. "=" .. show(value[key]) end
    return "{" .. table.concat(out, ",") .. "}"
  end
  return math.type(value) == "float" and ("%a"):format(value) or tostring(value)
end

local function show_type(t)
  local q = t.quant
  return ("%s[%s]%s"):format(t.dtype, table.concat(t.shape, ","), q and show {
    scale = q.scale, zero = q.zero, axis = q.axis,
    scales = q.scales and q.scales.name, zeros = q.zeros and q.zeros.name,
  } or "")
end

local function add_input(plan, value, name)
  if not plan.place[value] then
    table.insert(plan.inputs, value)
    table.insert(plan.names, name)
    plan.place[value] = #plan.inputs
  end
  return { input = plan.place[value] }
end

local function operand_of(plan, value, name, outer, step_of)
  if step_of[value] then return { step = step_of[value] } end
  value = outer[value] or value
  if value.kind == "const" and types.count(value.type) == 1 then
    return { number = value.data:get(1), type = value.type }
  end
  return add_input(plan, value, name)
end

-- An exponent of two above every |element| of the bias, 63 where that may not fit an i64. It
-- decides how wide a sum must be and where the bias is added, so it is part of the key.
local function reach_of(value)
  local info = ir.dtype(value.type.dtype)
  if info.class == "float" then return 0 end
  if value.kind ~= "const" or types.count(value.type) > longest_bias then return info.bits end
  local most = 0
  for _, number in ipairs(value.data:list()) do
    if number == math.mininteger then return 63 end
    most = math.max(most, math.abs(number))
  end
  local bits = 0
  while bits < 63 and most >= 1 << bits do bits = bits + 1 end
  return bits
end

local function add_step(plan, node, outer, step_of)
  local step = {
    op = node.op, attrs = {}, types = {}, meant = {}, operands = {}, type = node:output().type,
  }
  for name, value in pairs(node.attrs) do -- order: irrelevant, into a table
    if not elsewhere[name] then step.attrs[name] = value end
  end
  local names = operand_names[node.op] or {}
  for i, input in ipairs(node.inputs) do
    step.operands[i] = input and operand_of(plan, input, names[i] or "x", outer, step_of) or false
    step.types[i] = input and (outer[input] or input).type or false
    step.meant[i] = input and input.type or false
  end
  if is_contraction[node.op] then
    local bias = node.inputs[3]
    step.bias_bits = bias and reach_of(outer[bias] or bias) or 0
  end
  for _, operand in ipairs(step.operands) do
    if operand and operand.step then plan.steps[operand.step].is_operand = true end
  end
  table.insert(plan.steps, step)
  step_of[node:output()] = #plan.steps
  if not ops.elementwise[node.op] then
    if plan.anchor then
      error(("@%s has two operations that are not elementwise, %s and %s"):format(
        node.graph.name, plan.steps[plan.anchor].op, node.op), 0)
    end
    plan.anchor = #plan.steps
  end
end

local function show_operand(operand)
  if operand.step then return "%" .. operand.step end
  return operand.input and "$" .. operand.input or show(operand.number)
end

local function key_of(plan, schedule)
  local out = { show(schedule or {}) }
  for _, step in ipairs(plan.steps) do
    out[#out + 1] = step.op .. show(step.attrs) .. show_type(step.type) .. (step.bias_bits or "")
    for i, operand in ipairs(step.operands) do
      out[#out + 1] = operand and show_operand(operand) .. show_type(step.types[i]) or "_"
    end
  end
  for _, result in ipairs(plan.results) do out[#out + 1] = show(result.operand) end
  return table.concat(out, "\n")
end

-- Element types that C has no arithmetic for.
local no_c_type = { f16 = true, bf16 = true, i4 = true, u4 = true }

local function check_types(node)
  local values = table.move(node.outputs, 1, #node.outputs, 1, {})
  for _, value in ipairs(node.inputs) do values[#values + 1] = value or nil end
  for _, value in ipairs(values) do
    if no_c_type[value.type.dtype] then
      error(("%%%s (%s): elements of type %s can be evaluated, but not compiled to C"):format(
        node:output().name, node:get "origin" or node.op, value.type.dtype), 0)
    end
  end
end

-- A call of an op that has a recipe of its own: one step, whatever its body.
local function add_own(plan, call)
  local step = {
    op = call:get "own", attrs = call:get "params" or {}, types = {}, operands = {},
    type = call:output().type,
  }
  for i, input in ipairs(call.inputs) do
    step.operands[i] = input and operand_of(plan, input, call.body.params[i].name, {}, {})
    step.types[i] = input and input.type
  end
  step.meant, plan.steps[1], plan.anchor = step.types, step, 1
  plan.results[1] = { operand = { step = 1 }, type = step.type }
end

--- Reads a node of @main: a core op, or a call, which is one step if `is_own`. Fails for element
-- types that C does not have.
function M.of(node, is_own)
  check_types(node)
  local plan = { steps = {}, inputs = {}, names = {}, place = {}, results = {} }
  local outer, step_of = {}, {}
  if is_own then
    add_own(plan, node)
  elseif node.body then
    for i, param in ipairs(node.body.params) do outer[param] = node.inputs[i] end
    for inner in node.body:nodes() do
      if inner.op == "unpack" then -- the recipe reads the packed operand as it lies
        outer[inner:output()] = outer[inner.inputs[1]] or inner.inputs[1]
      else
        check_types(inner)
        add_step(plan, inner, outer, step_of)
      end
    end
    for i, value in ipairs(node.body.returns) do
      plan.results[i] = { operand = { step = step_of[value] }, type = value.type }
      if not step_of[value] then
        error(("@%s returns %%%s, which it does not compute"):format(node.body.name, value.name), 0)
      end
    end
  else
    add_step(plan, node, outer, step_of)
    plan.results[1] = { operand = { step = 1 }, type = node:output().type }
  end
  plan.schedule = node:get "schedule"
  plan.key = key_of(plan, plan.schedule)
  return plan
end

return M
