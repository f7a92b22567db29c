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
  local has_struct = false
  parts.workspace(add)
  for index, pool in ipairs(pools) do
    local given = parts.is_given(pool, choice)
    if given and not has_struct then
      exported(add, "struct", "workspace_pools")
      has_struct = true
    end
    parts.pool(add, index, pool, choice)
    if given then
      local of = { owner = "pool", index = index, hint = pool.name, scope = "workspace_pools" }
      exported(add, "member", "data", of)
      of.suffix = "_size"
      if choice.pointers == "typed" then
        exported(add, "member", "size", of)
      end
    end
  end
end

local function add_maps(add, graph, choice)
  if choice.io == "pools" and #graph.params > 0 then
    exported(add, "function", "map_inputs")
  end
  if choice.io == "pools" and #graph.returns > 0 then
    exported(add, "function", "map_outputs")
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
  add_maps(add, graph, choice)
  parts.states(add, graph.module:states(), choice)
  parts.devices(add, choice.devices or {})
end

--- Gives the parameters of the entry function, { type, name }, of a metadata record. With
-- pointers = "void" they are those that callers of TVM's interface know.
function interface.parameters(record)
  local list, choice = {}, record.interface
  local const = choice.pointers == "typed" and "const " or ""
  local function add(struct, name, qualifier)
    if struct then
      list[#list + 1] = { type = ("%sstruct %s *"):format(qualifier, struct), name = name }
    end
  end
  add(choice.io == "caller" and record.inputs_type, "inputs", const)
  add(choice.io == "caller" and record.outputs_type, "outputs", const)
  add(record.pools_type, "workspace_pools", const)
  add(choice.workspace == "caller" and record.state_type, "state", "")
  add(record.devices_type, "devices", const)
  return list
end

return interface
