--- lanes: what is stored a vector at a time, and what lane by lane.

local ir = require "aot.ir"

local M = {}

-- Ops whose formula works on vectors of floats: `value` gives one, `mask` what `select` takes.
local value = {
  neg = true, clamp = true, add = true, sub = true, mul = true, div = true, max = true, min = true,
}
local mask = { equal = true, less = true, less_equal = true, is_nan = true }

-- Masks have the width of what they compare, so all steps are of one type.
local function has_vector_form(step, plan, type)
  if value[step.op] then return step.type.dtype == type.dtype end
  local last = step.type.shape[#step.type.shape]
  if mask[step.op] then
    return step.types[1].dtype == type.dtype and last == type.shape[#type.shape]
  end
  local condition = step.op == "select" and step.operands[1].step
  return condition and mask[plan.steps[condition].op] and step.type.dtype == type.dtype
end

--- Whether all that is fused behind the anchor, whose result has the `type`, works on vectors.
function M.suit(plan, type)
  if ir.dtype(type.dtype).class ~= "float" then return #plan.steps == 1 end
  for i, step in ipairs(plan.steps) do
    if i ~= plan.anchor and not has_vector_form(step, plan, type) then return false end
  end
  for _, result in ipairs(plan.results) do
    if plan.steps[result.operand.step].type.dtype ~= type.dtype then return false end
  end
  return true
end

--- Calls body(l, number) in a loop over the first `count` lanes. They pass through an array that
-- all vectors of the kernel share: compilers give each vector that is indexed a place of its own.
function M.each(op, vector, count, body)
  local k, key = op.k, ("lanes_%s_%d"):format(vector.dtype, vector.lanes)
  op[key] = op[key] or k:buffer {
    name = "lanes", type = { dtype = vector.dtype, shape = { vector.lanes } }, role = "local",
  }
  k:store(op[key](0), vector)
  for l in k:loop("l", count) do body(l, op[key](l)) end
end

return M
