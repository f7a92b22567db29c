--- regions: groups nodes that touch into parts of the graph that can be called as one.
--
-- A region is convex: nothing outside of it depends on it and is depended on by it, or the call
-- in its place would have to run before and after that at once.

local M = {}

-- Whether a node outside of `set`, between the positions `low` and `high`, lies on a way from it
-- to it.
local function is_convex(order, position, set, low, high)
  local tainted = {}
  for at = low, high do
    local node = order[at]
    for _, value in ipairs(node.inputs) do
      local from = value and value.node
      if from and position[from] and position[from] >= low then
        local outside = tainted[from]
        if set[node] and outside then return false end
        tainted[node] = tainted[node] or not set[node] and (outside or set[from]) or nil
      end
    end
  end
  return true
end

-- The union of two regions, in order of execution, if it is convex.
local function union(order, position, a, b)
  local set, all = {}, table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
  table.sort(all, function(x, y) return position[x] < position[y] end)
  for _, node in ipairs(all) do set[node] = true end
  return is_convex(order, position, set, position[all[1]], position[all[#all]]) and all or nil
end

--- Groups the nodes of `graph` that `is_member` accepts. Returns lists of nodes in order of
-- execution, as large as neighbours allow, those of one node too.
function M.of(graph, is_member)
  local order, position, region = {}, {}, {}
  for node in graph:nodes() do
    order[#order + 1], position[node] = node, #order + 1
    if is_member(node) then region[node] = { node } end
  end
  for _, node in ipairs(order) do
    for _, value in ipairs(region[node] and node.inputs or {}) do
      local from = value and value.node and region[value.node]
      local merged = from and from ~= region[node] and union(order, position, from, region[node])
      for _, member in ipairs(merged or {}) do region[member] = merged end
    end
  end
  local list, seen = {}, {}
  for _, node in ipairs(order) do
    local own = region[node]
    if own and not seen[own] then
      seen[own], list[#list + 1] = true, own
    end
  end
  return list
end

return M
