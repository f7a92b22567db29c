--- carry: how a transposition of its operand passes through an op, to its result.
--
-- For y = op(transpose(x, perm)) an entry gives the attributes of the same op on x, and the
-- permutation that turns its result into y. Axes of x are perm[k] for axis k of y.

local ops = require "aotlua.ops"
local types = require "aotlua.types"

local rules = {}

-- Axis `axis` of the transposed operand, as an axis of x.
local function axis_before(perm, axis) return perm[axis % #perm + 1] end

local function keep(node, perm) return node.attrs, perm end

-- Lists with an entry for each axis.
local function per_axis(...)
  local keys = { ... }
  return function(node, perm)
    local attrs, inverse = node.attrs, types.inverse(perm)
    for _, key in ipairs(keys) do
      if attrs[key] then attrs[key] = types.permute(attrs[key], inverse) end
    end
    return attrs, perm
  end
end

local function reduce(node, perm)
  local attrs, gone, old = node.attrs, {}, {}
  for i, axis in ipairs(attrs.axes) do
    old[i] = axis_before(perm, axis)
    gone[old[i]] = true
  end
  table.sort(old)
  attrs.axes = old
  if attrs.keep ~= false then return attrs, perm end
  -- What stays of x is renumbered; the result still has the order of the transposed operand.
  local place, count = {}, 0
  for axis = 0, #perm - 1 do
    if not gone[axis] then place[axis], count = count, count + 1 end
  end
  local rest = {}
  for _, axis in ipairs(perm) do
    if not gone[axis] then rest[#rest + 1] = place[axis] end
  end
  return attrs, rest
end

function rules.concat(node, perm)
  local attrs = node.attrs
  attrs.axis = axis_before(perm, attrs.axis)
  return attrs, perm
end

function rules.resample(node, perm)
  local attrs = node.attrs
  attrs.axis = axis_before(perm, attrs.axis or 0)
  return attrs, perm
end

function rules.softmax(node, perm)
  local attrs, last = node.attrs, #perm - 1
  if attrs.multiplier then -- integers: always over the last axis
    if perm[last + 1] ~= last then return nil end
    return attrs, perm
  end
  attrs.axis = axis_before(perm, attrs.axis or -1)
  return attrs, perm
end

function rules.requantize(node, perm)
  local attrs, multiplier, shift = node.attrs, node.inputs[2], node.inputs[3]
  if types.count(multiplier.type) > 1 or shift and types.count(shift.type) > 1 then
    attrs.axis = axis_before(perm, attrs.axis or -1)
    if attrs.axis == #perm - 1 then attrs.axis = nil end
  end
  return attrs, perm
end

-- A reshape that only adds and drops axes of extent 1. Their place in x does not matter.
function rules.reshape(node, perm)
  local from, to, result = node.inputs[1].type, node:output().type, {}
  if from.quant and from.quant.axis or to.quant and to.quant.axis then return nil end
  local long = {}
  for axis, extent in ipairs(from.shape) do
    if extent ~= 1 then long[#long + 1] = axis end
  end
  local key, matched = -1, 0
  for axis, extent in ipairs(to.shape) do
    if extent ~= 1 then
      matched = matched + 1
      if from.shape[long[matched]] ~= extent then return nil end
      key = perm[long[matched]]
    end
    result[axis] = { axis = axis, key = key }
  end
  if matched ~= #long then return nil end
  table.sort(result, function(a, b)
    if a.key ~= b.key then return a.key < b.key end
    return a.axis < b.axis
  end)
  local attrs, rest, shape = node.attrs, {}, {}
  for place, entry in ipairs(result) do
    rest[entry.axis], shape[place] = place - 1, to.shape[entry.axis]
  end
  attrs.shape = shape
  return attrs, rest
end

rules.pad = per_axis("before", "after")
rules.slice = per_axis("start", "stop", "step")
for _, op in ipairs { "mean", "sum", "max", "min", "prod" } do rules["reduce_" .. op] = reduce end
for op in pairs(ops.elementwise) do rules[op] = rules[op] or keep end -- order: irrelevant

local M = { rules = rules }

--- How many leading operands of an op are data, laid out as its result is.
function M.data_operands(node)
  if node.op == "concat" or node.op == "select" then return #node.inputs end
  local one = node.op == "requantize" or node.op == "lookup" or node.op == "resample"
  return one and 1 or math.min(#node.inputs, 2)
end

return M
