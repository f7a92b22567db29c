--- operators: the functions that @main calls, in order, and with what.

local kernels = require "aotlua.kernels"
local storage = require "aotlua.storage"

local operators = {}

--- Lists the nodes of @main that compute something: { node, kernel, arguments }. Equal nodes
-- share the kernel; the arguments, in the order of its parameters, are Values, "scratch" or
-- "context".
function operators.list(graph, target)
  local list = {}
  for node in graph:nodes() do
    if not storage.is_view(node) then
      local kernel, arguments = kernels.build(node, target), {}
      for index, param in ipairs(kernel.params) do
        arguments[index] = param.value or param.role
      end
      list[#list + 1] = { node = node, kernel = kernel.shared, arguments = arguments }
    end
  end
  return list
end

--- The spelling of the function that a node calls: the model's own, or one that the models of an
-- application share. `spelling` is symbols.spellings.
function operators.spelling(node, spelling)
  local shared = node:get "shared"
  return spelling("operator", shared and "shared" or "operator", nil,
    shared and shared[1] or node:get "operator")
end

return operators
