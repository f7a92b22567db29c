--- packed: the symbols of the `packed` interface, functions that are called with tensors and
--- found by name.

local parts = require "aotlua.interfaces.parts"

local interface = {}

local longest_name = 4095

-- Members of no struct: the names under which look-up finds a tensor beside the model's own.
local function add_tensors(add, owner, values, hints)
  for index, value in ipairs(values) do
    local hint = hints and hints[index] or value.name
    if #hint > longest_name then
      error(("%s %d has a name of %d bytes; look-up by name takes %d at most, as C does of a "
        .. "string"):format(owner, index, #hint, longest_name), 0)
    end
    parts.exported(add, "member", "data",
      { owner = owner, index = index, hint = hint, scope = owner .. "s" })
    parts.tensor(add, owner, index, value, hint)
  end
end

--- Adds the symbols with `add`, in the order in which clashes are resolved. `pools` are those
-- that have bytes.
function interface.symbols(graph, pools, choice, add)
  local source = graph.module:get "source" or {}
  parts.model(add)
  parts.exported(add, "macro", "error_arguments")
  for _, role in ipairs { "input_index", "output_index", "function", "metadata" } do
    parts.exported(add, "function", role)
  end
  parts.workspace(add)
  for index, pool in ipairs(pools) do
    parts.pool(add, index, pool, choice)
  end
  add_tensors(add, "input", graph.params, source.inputs)
  add_tensors(add, "output", graph.returns, source.outputs)
  parts.states(add, graph.module:states(), choice)
  parts.devices(add, choice.devices or {})
end

--- Gives the parameters of the entry function, { type, name }, of a metadata record.
function interface.parameters()
  return {
    { type = "void *", name = "args" }, { type = "void *", name = "type_codes" },
    { type = "int32_t ", name = "num_args" }, { type = "void *", name = "result" },
    { type = "void *", name = "result_code" }, { type = "void *", name = "resource" },
  }
end

return interface
