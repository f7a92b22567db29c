--- c: the symbols of the `c` interface, structs of pointers and one function.

local parts = require "aotlua.interfaces.parts"

local exported = parts.exported

local interface = {}

local function add_tensors(add, owner, values, hints)
  if #values > 0 then
    exported(add, "struct", owner .. "s")
  end
  for index, value in ipairs(values) do
    local hint = hints and hints[index] or value.name
    exported(add, "member", "data",
      { owner = owner, index = index, hint = hint, scope = owner .. "s" })
    parts.tensor(add, owner, index, value, hint)
  end
end

local function add_pools(add, pools, choice)
  parts.workspace(add)
  if choice.workspace == "caller" and #pools > 0 then
    exported(add, "struct", "workspace_pools")
  end
  for index, pool in ipairs(pools) do
    parts.pool(add, index, pool, choice)
    if choice.workspace == "caller" then
      local of = { owner = "pool", index = index, hint = pool.name, scope = "workspace_pools" }
      exported(add, "member", "data", of)
      of.suffix = "_size"
      exported(add, "member", "size", of)
    end
  end
end

--- Adds the symbols with `add`, in the order in which clashes are resolved: what belongs to the
-- model as a whole keeps its name. `pools` are those that have bytes.
function interface.symbols(graph, pools, choice, add)
  local source = graph.module:get "source" or {}
  parts.model(add)
  add_pools(add, pools, choice)
  add_tensors(add, "input", graph.params, source.inputs)
  add_tensors(add, "output", graph.returns, source.outputs)
  parts.states(add, graph.module:states(), choice)
  parts.devices(add, choice.devices or {})
end

--- Gives the parameters of the entry function, { type, name }, of a metadata record.
function interface.parameters(record)
  local list = {}
  local function add(struct, name, const)
    if struct then
      list[#list + 1] = { type = ("%sstruct %s *"):format(const, struct), name = name }
    end
  end
  add(record.inputs_type, "inputs", "const ")
  add(record.outputs_type, "outputs", "const ")
  add(record.pools_type, "workspace_pools", "const ")
  add(record.interface.workspace == "caller" and record.state_type, "state", "")
  add(record.devices_type, "devices", "const ")
  return list
end

return interface
