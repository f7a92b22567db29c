--- operators: the functions that @main calls, in order, and with what.

local kernels = require "aotlua.kernels"
local lazy = require "aotlua.lazy"
local storage = require "aotlua.storage"

local operators = {}

-- What stands for an argument in a list of many: a Value takes more room than its id.
local function short(argument) return type(argument) == "string" and argument or argument.id end

--- Lists the nodes of @main that compute something: { node, kernel, arguments }. Equal nodes
-- share the kernel; the arguments, in the order of its parameters, are Values, "scratch" or
-- "context". The list is an aotlua.lazy one.
function operators.list(graph, target)
  local module, nodes, shared, arguments, last = graph.module, {}, {}, {}, { [0] = 0 }
  for node in graph:nodes() do
    if not storage.is_view(node) then
      local kernel = kernels.build(node, target)
      nodes[#nodes + 1], shared[#shared + 1] = node.id, kernel.shared
      for _, param in ipairs(kernel.params) do
        arguments[#arguments + 1] = short(param.value or param.role)
      end
      last[#nodes] = #arguments
    end
  end
  local function argument(index)
    local own = arguments[index]
    return type(own) == "string" and own or module:value(own)
  end
  return lazy.map(nodes, function(id, index)
    local own = {}
    for k = last[index - 1] + 1, last[index] do own[#own + 1] = argument(k) end
    return { node = module:node(id), kernel = shared[index], arguments = own }
  end)
end

--- The spelling of the function that a node calls: the model's own, or one that the models of an
-- application share. `spelling` is symbols.spellings.
function operators.spelling(node, spelling)
  local shared = node:get "shared"
  return spelling("operator", shared and "shared" or "operator", nil,
    shared and shared[1] or node:get "operator")
end

return operators
