--- sweep: removes what nothing uses.

local types = require "aotlua.types"

local M = {}

--- Removes one constant at once, if nothing uses it any more, and frees its data if they are
-- large: garbage collection alone does not see how much hangs on a handle.
function M.constant(module, value)
  if value.kind ~= "const" or value.uses > 0 then return end
  local large = types.bytes(value.type) > 1024 * 1024
  local removed = pcall(module.remove, module, value) -- refused where a type refers to it
  if removed and large then collectgarbage() end
end

--- Removes nodes none of whose results is used.
function M.nodes(graph)
  for node in graph:backward() do
    local used = false
    for _, output in ipairs(node.outputs) do used = used or output.uses > 0 end
    if not used then graph:remove(node) end
  end
end

-- The constants that types, expressions and nodes of the module refer to.
local function note_type(t, used)
  local quant = t.quant
  if quant and quant.scales then used[quant.scales] = true end
  if quant and quant.zeros then used[quant.zeros] = true end
end

--- Removes constants that nothing uses, be it as an operand or by a type.
function M.constants(module)
  local used = {}
  for _, graph in ipairs(module:graphs()) do
    for _, param in ipairs(graph.params) do note_type(param.type, used) end
    for node in graph:nodes() do
      for _, output in ipairs(node.outputs) do note_type(output.type, used) end
    end
  end
  for _, state in ipairs(module:states()) do note_type(state.type, used) end
  local consts = module:consts()
  for i = #consts, 1, -1 do -- users come after what they use
    local const = consts[i]
    if const.uses == 0 and not used[const] then
      module:remove(const)
    else
      note_type(const.type, used)
      if const.expression then used[const.expression.source] = true end
    end
  end
end

--- Removes graphs that nobody calls.
function M.graphs(module)
  local called = {}
  for _, graph in ipairs(module:graphs()) do
    for node in graph:nodes() do
      if node.body then called[node.body] = true end
    end
  end
  for _, graph in ipairs(module:graphs()) do
    if graph.name ~= "main" and not called[graph] then module:remove(graph) end
  end
end

return M
