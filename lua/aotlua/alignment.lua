--- alignment: sees to it that accelerators are passed what lies as they want it (`align`).
--
-- Memory that is planned, and constants, are aligned for whoever reads or writes them. What the
-- caller hands over is aligned to its elements alone, so a device that wants more reads a copy of
-- an input or state, and what it computes is copied to the caller's output or to the state.

local ir = require "aot.ir"
local kernels = require "aotlua.kernels"
local offload = require "aotlua.offload"
local storage = require "aotlua.storage"

local M = {}

--- The bytes that elements of `type` are aligned to anywhere.
function M.of_elements(type) return math.max(1, ir.dtype(type.dtype).bits // 8) end

--- The alignment that the accelerator of a node of @main wants; 1: nothing beyond that of elements.
function M.of_node(node, target)
  return node.by and offload.device(target, node.by).align or 1
end

--- The largest alignment that an accelerator of @main wants, at least `least`.
function M.largest(graph, target, least)
  for node in graph:nodes() do least = math.max(least, M.of_node(node, target)) end
  return least
end

-- The values that accelerators with a wish are passed: calls `visit` with node, value, alignment.
local function each_wish(graph, target, visit)
  for node in graph:nodes() do
    local align = M.of_node(node, target)
    for _, param in ipairs(align > 1 and kernels.build(node, target).params or {}) do
      if param.value and align > M.of_elements(param.value.type) then
        visit(node, param.value, align)
      end
    end
  end
end

-- A copy of the value, computed before `node`.
local function copy(graph, value, node)
  local start, step = {}, {}
  for axis in ipairs(value.type.shape) do start[axis], step[axis] = 0, 1 end
  return graph:append({ op = "slice", inputs = { value }, before = node,
    attrs = { start = start, stop = value.type.shape, step = step },
    name = value.name .. "_aligned" }):output()
end

--- Copies what accelerators would be passed from the caller's memory; with `pooled` inputs lie in
-- memory that is planned.
function M.copy_operands(graph, target, pooled)
  local found, copies = {}, {}
  each_wish(graph, target, function(node, value)
    local kind = storage.root(value).kind
    if kind == "state" or kind == "param" and not pooled then
      found[#found + 1] = { node, value }
    end
  end)
  for _, pair in ipairs(found) do
    local node, value = table.unpack(pair)
    copies[value] = copies[value] or copy(graph, value, node)
    for i, input in ipairs(node.inputs) do
      if input == value then node:set_input(i, copies[value]) end
    end
  end
end

--- The alignment of each root that accelerators are passed, and the set of those they compute.
function M.of_roots(graph, target)
  local aligned, computed = {}, {}
  each_wish(graph, target, function(node, value, align)
    local root = storage.root(value)
    aligned[root] = math.max(aligned[root] or 1, align)
    computed[root] = computed[root] or value.node == node
  end)
  return aligned, computed
end

return M
