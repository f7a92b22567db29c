--- ops: what passes ask about core ops.

local ir = require "aot.ir"
local types = require "aotlua.types"

local M = {}

--- Sets of op names. `elementwise`: each element of the result is a formula of the elements of
-- the operands at the same place. `view`: the same bytes under another type. `constant`: says
-- how constants are laid out, and needs no code.
M.elementwise = { requantize = true, lookup = true }
M.view, M.constant = {}, {}

local unary, binary = {}, {}

for _, op in ipairs(ir.ops()) do
  if op.flags.unary then unary[#unary + 1] = op.name end
  if op.flags.binary then binary[#binary + 1] = op.name end
  local flags = op.flags
  if flags.unary or flags.binary or flags.ternary then M.elementwise[op.name] = true end
  if op.flags.view then M.view[op.name] = true end
  if op.flags.constant then M.constant[op.name] = true end
end

--- All ops of one operand, and of two, that are scalar formulas, as shapes write them: "abs|neg".
M.unary, M.binary = table.concat(unary, "|"), table.concat(binary, "|")

--- Makes a function from a stem to a name for a new graph of `module`: the stem and a number,
-- which goes on from the number of its graphs.
function M.graph_names(module)
  local number = #module:graphs() - 1
  return function(stem)
    local name
    repeat
      number = number + 1
      name = ("%s_%d"):format(stem, number)
    until not module:find(name)
    return name
  end
end

-- Multiplications and additions for each element of the result, by the types of the operands.
local products = {
  conv2d = function(_, w) return types.count(w) // math.max(1, w.shape[1]) end,
  matmul = function(a) return a.shape[#a.shape] or 1 end,
}

--- The multiply-accumulates of a core op as its definition has them; 0 of what is no product.
function M.macs(node)
  local product = products[node.op]
  if not product then return 0 end
  return types.count(node:output().type) * product(node.inputs[1].type, node.inputs[2].type)
end

--- The node of a body that is not elementwise, or its first node; of another node: itself.
function M.anchor(node)
  if not node.body then return node end
  local first
  for inner in node.body:nodes() do
    first = first or inner
    if not M.elementwise[inner.op] and not M.constant[inner.op] then return inner end
  end
  return first
end

-- Adds to `list` the nodes of `set` from `node` on in one direction, until `left` are found.
-- Returns how many then are left.
local function walk(list, set, left, node, direction, reach)
  for _ = 1, reach do
    if not node or left == 0 then break end
    if set[node] then list[#list + 1], left = node, left - 1 end
    node = node[direction]
  end
  return left
end

--- The nodes of `set`, { [node] = true }, in order of execution: those at most `reach` nodes away
-- from `node`, by default all. Ids are no order: they tell how a graph came about, which its text
-- does not, so that what goes by them is another after a restart.
function M.in_order(set, node, reach)
  local before, list, left = {}, {}, 0
  for _ in pairs(set) do left = left + 1 end -- order: irrelevant, a count
  left = walk(before, set, left, node, "previous", reach or math.huge)
  for i = #before, 1, -1 do list[#list + 1] = before[i] end
  walk(list, set, left, node and node.next, "next", reach or math.huge)
  return list
end

return M
