--- operators: the functions that @main calls, in order, and with what.

local kernels = require "aotlua.kernels"
local storage = require "aotlua.storage"

local operators = {}

--- Iterates over the nodes of @main that compute something: node, kernel.
function operators.each(graph, target)
  local next_node, state, node = graph:nodes()
  return function()
    repeat
      node = next_node(state, node)
    until not node or not storage.is_view(node)
    if node then
      return node, kernels.build(node, target)
    end
  end
end

--- Lists what a node's kernel is called with, in the order of its parameters: Values, and
-- "scratch".
function operators.arguments(kernel)
  local arguments = {}
  for index, param in ipairs(kernel.params) do
    arguments[index] = param.role == "scratch" and "scratch" or param.value
  end
  return arguments
end

return operators
