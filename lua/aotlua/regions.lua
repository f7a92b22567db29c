--- regions: groups nodes that touch into parts of the graph that can be called as one.
--
-- No way leads from a region over other nodes or regions back to it: its call would have to run
-- before and after theirs at once.

local M = {}

local function above(node)
  local nodes = {}
  for _, value in ipairs(node.inputs) do nodes[#nodes + 1] = value and value.node or nil end
  return nodes
end

local function below(node)
  local nodes = {}
  for _, value in ipairs(node.outputs) do
    local users = value:users()
    table.move(users, 1, #users, #nodes + 1, nodes)
  end
  return nodes
end

-- Whether a way leads from one region over others to another, `next_to` node by node. What stands
-- behind `search.now` is in no region yet, so that no way leads back from there.
local function leads(search, from, to, next_to)
  local seen, pending = { [from] = true }, { from }
  while #pending > 0 do
    local here = table.remove(pending)
    for _, node in ipairs(here) do
      for _, other in ipairs(next_to(node)) do
        local there = search.region[other]
        if there == to and here ~= from then return true end
        if there and there ~= to and not seen[there] and search.position[other] <= search.now then
          seen[there] = true
          pending[#pending + 1] = there
        end
      end
    end
  end
  return false
end

-- Makes one region of two, the second of which reads the first, if they can be.
local function join(search, first, second)
  local small, large = second, first
  if #small > #large then small, large = first, second end
  if leads(search, small, large, above) or leads(search, small, large, below) then return end
  for _, node in ipairs(small) do
    large[#large + 1], search.region[node] = node, large
  end
end

--- Groups the nodes of `graph` that `is_member` accepts. Returns lists of nodes in order of
-- execution, as large as neighbours allow, those of one node too.
function M.of(graph, is_member)
  local search, order, member = { position = {}, region = {}, now = 0 }, {}, {}
  for node in graph:nodes() do -- what is in no region counts as one of its own
    order[#order + 1], search.position[node], search.region[node] = node, #order + 1, { node }
    member[node] = is_member(node) or nil
  end
  for now, node in ipairs(order) do
    search.now = now
    for _, other in ipairs(member[node] and above(node) or {}) do
      local a, b = search.region[other], search.region[node]
      if member[other] and a ~= b then join(search, a, b) end
    end
  end
  local list, seen = {}, {}
  for _, node in ipairs(order) do
    local own = search.region[node]
    if member[node] and not seen[own] then
      table.sort(own, function(x, y) return search.position[x] < search.position[y] end)
      seen[own], list[#list + 1] = true, own
    end
  end
  return list
end

return M
