--- grouping: finds the nodes that fuse into one kernel.
--
-- A group is an anchor and elementwise nodes behind it, all of the anchor's result's shape, of
-- which only the last is used outside. The other operands are constants, or computed before the
-- anchor, or by elementwise nodes for the group alone, which then belong to it.

local ops = require "aotlua.ops"
local types = require "aotlua.types"

local M = {}

local most_nodes = 24 -- in a group: kernels stay readable
local most_users = 8 -- of a value in a group

local Group = {}
Group.__index = Group

local function is_elementwise(node) return node and ops.elementwise[node.op] or false end

-- The operands of a node that are read element by element.
local function elements(node)
  local inputs = node.inputs
  return node.op == "lookup" and { inputs[1] } or inputs
end

-- Whether the table of a lookup, which is read as a whole, is there before the group.
function Group:has_table(node)
  local source = node.op == "lookup" and node.inputs[2].node
  return not source or self.position[source] < self.position[self.nodes[1]]
end

-- Adds to `found` the nodes that compute `value` for the group alone; false where `value` is
-- there too late for the group.
function Group:reach(value, found)
  local pending = { value }
  while #pending > 0 do
    local next = table.remove(pending)
    local node = next.node
    local inside = not node or self.has[node] or found[node]
    local mine = node and next.uses == 1 and is_elementwise(node) and not self.taken[node]
      and types.same_list(next.type.shape, self.shape)
    if not inside and mine and #found < most_nodes and self:has_table(node) then
      found[#found + 1], found[node] = node, true
      for _, input in ipairs(elements(node)) do pending[#pending + 1] = input or nil end
    elseif not inside and self.position[node] > self.position[self.nodes[1]] then
      return false
    end
  end
  return true
end

-- The return node has no position: it is the last.
function Group:comes_before(a, b)
  return (self.position[a] or math.huge) < (self.position[b] or math.huge)
end

-- The results of the group that others use, and the first of these others.
function Group:escapes()
  local open, first = {}, nil
  for value in pairs(self.open) do -- order: irrelevant, the first in position is taken
    local outside = false
    if value.uses > most_users then return nil end
    for _, user in ipairs(value:users()) do
      if not self.has[user] then
        outside = true
        if not first or self:comes_before(user, first) then first = user end
      end
    end
    if outside then open[#open + 1] = value else self.open[value] = nil end
  end
  return open, first
end

function Group:add(node)
  self.nodes[#self.nodes + 1], self.has[node] = node, true
  for _, output in ipairs(node.outputs) do self.open[output] = true end
end

-- Takes in `user`, with what computes its other operands. False if it does not fit; then also
-- whether it waits for something that comes later.
function Group:take(user)
  local output = user.op ~= "return" and user:output()
  if not output or not is_elementwise(user) or self.taken[user]
    or not types.same_list(output.type.shape, self.shape) then return false, false end
  local found = {}
  if not self:has_table(user) then return false, true end
  for _, input in ipairs(elements(user)) do
    if input and not self:reach(input, found) then return false, true end
  end
  for i = #found, 1, -1 do self:add(found[i]) end
  self:add(user)
  return true
end

-- How many nodes, from the first on, to keep. A group that waits for a later operand is left
-- where its result is smallest: the one that takes the rest reads it from memory.
local function best_cut(cuts, waits)
  local best = cuts[#cuts]
  for i = #cuts, 1, -1 do
    if waits and cuts[i].bytes < best.bytes then best = cuts[i] end
  end
  return best.count
end

--- The nodes that fuse behind `anchor`, itself the first. `position`: of nodes in the graph;
-- `taken`: nodes that belong to groups already.
function M.grow(anchor, position, taken)
  local group = setmetatable({
    nodes = {}, has = {}, open = {}, position = position, taken = taken,
    shape = anchor:output().type.shape,
  }, Group)
  group:add(anchor)
  local cuts, waits = {}, false
  while true do
    local open, user = group:escapes()
    if not open then break end
    if #open == 1 then
      cuts[#cuts + 1] = { count = #group.nodes, bytes = types.bytes(open[1].type) }
    end
    if not user or #group.nodes >= most_nodes then break end
    local fits, early = group:take(user)
    if not fits then
      waits = early
      break
    end
  end
  if #cuts == 0 then return { anchor } end
  return table.move(group.nodes, 1, best_cut(cuts, waits), 1, {})
end

return M
