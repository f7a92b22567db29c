--- fuse: computes chains of operations element by element, without a tensor in between.
--
-- before:  %c = conv2d %x, $w, $b                 after:  %y = call @conv2d_requantize_clamp_1
--          %r = requantize %c, $m, $s                          %x, $w, $b, $m, $s
--          %y = clamp %r
--
-- Anchors (convolutions, pools, whatever is not elementwise) come first and take what follows;
-- what is left fuses among itself. aotlua.grouping has the rules.

local grouping = require "aotlua.grouping"
local ops = require "aotlua.ops"

local function groups_of(graph)
  local order, position, taken, groups = {}, {}, {}, {}
  for node in graph:nodes() do
    order[#order + 1], position[node] = node, #order + 1
  end
  local function grow(node)
    if taken[node] or #node.outputs ~= 1 or node:output().uses == 0 then return end
    local group = grouping.grow(node, position, taken)
    for _, member in ipairs(group) do taken[member] = true end
    if #group > 1 then groups[#groups + 1] = group end
  end
  for _, node in ipairs(order) do
    if not ops.elementwise[node.op] and not ops.view[node.op] and not node.body then grow(node) end
  end
  for _, node in ipairs(order) do
    if ops.elementwise[node.op] then grow(node) end
  end
  return groups
end

-- "conv2d_requantize_clamp": what it computes.
local function stem_of(group)
  local words, seen = {}, {}
  for _, node in ipairs(group) do
    if not seen[node.op] and #words < 4 then words[#words + 1] = node.op end
    seen[node.op] = true
  end
  return table.concat(words, "_")
end

return {
  name = "fuse",
  changes = "nothing",
  optional = true,
  run = function(graph)
    local name = ops.graph_names(graph.module)
    for _, group in ipairs(groups_of(graph)) do
      local origin = group[1]:get "origin"
      local call = graph:outline(group, name(stem_of(group)))
      call:set("origin", origin)
    end
  end,
}
