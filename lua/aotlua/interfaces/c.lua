--- c: the symbols of the `c` interface, structs of pointers and one function.
--
-- `choice` is the module's `interface` attribute; what each field of a symbol means stands in
-- lua/aotlua/symbols.lua.

local function exported(add, kind, role, fields)
  local symbol = { kind = kind, role = role, linkage = "exported" }
  for key, field in pairs(fields or {}) do -- order: irrelevant, into a table
    symbol[key] = field
  end
  add(symbol)
end

-- What a float can count up to, zero point included.
local narrow = { i8 = true, u8 = true, i16 = true, u16 = true }

--- One input or output: a member, its macros, its conversion from or to real numbers.
local function add_tensor(add, owner, index, value, hint)
  local of = { owner = owner, index = index, hint = hint }
  exported(add, "member", "data",
    { owner = owner, index = index, hint = hint, scope = owner .. "s" })
  for _, role in ipairs { "size", "count", "rank" } do
    exported(add, "macro", role, of)
  end
  if #value.type.shape > 0 then
    exported(add, "macro", "shape", of)
  end
  local quant = value.type.quant
  if quant and quant.scale then
    exported(add, "macro", "scale", of)
    exported(add, "macro", "zero_point", of)
    if narrow[value.type.dtype] then
      exported(add, "function", owner == "input" and "quantize" or "dequantize", of)
    end
  end
end

local function add_tensors(add, owner, values, hints)
  if #values > 0 then
    exported(add, "struct", owner .. "s")
  end
  for index, value in ipairs(values) do
    add_tensor(add, owner, index, value, hints and hints[index] or value.name)
  end
end

local function add_states(add, states, choice)
  if #states == 0 then
    return
  end
  exported(add, "struct", "state")
  exported(add, "macro", "state_size")
  for index, state in ipairs(states) do
    exported(add, "member", "data",
      { scope = "state", owner = "state", index = index, hint = state.name })
  end
  exported(add, "function", "reset")
  if choice.workspace == "static" then
    exported(add, "function", "save")
    exported(add, "function", "restore")
    add { kind = "object", role = "state_memory", linkage = "private" }
  end
end

local function add_pools(add, pools, choice)
  exported(add, "macro", "workspace_size")
  exported(add, "macro", "workspace_alignment")
  if choice.workspace == "caller" and #pools > 0 then
    exported(add, "struct", "workspace_pools")
  end
  for index, pool in ipairs(pools) do
    if choice.workspace == "caller" then
      local of = { owner = "pool", index = index, hint = pool.name }
      exported(add, "macro", "workspace_pool_size", of)
      of.scope = "workspace_pools"
      exported(add, "member", "data", of)
      of.suffix = "_size"
      exported(add, "member", "size", of)
    elseif choice.arena == "shared" then
      add { kind = "object", role = "memory", owner = "pool", index = index, hint = pool.name,
        linkage = "private" }
    end
  end
end

--- Adds the symbols with `add`, in the order in which clashes are resolved: what belongs to the
-- model as a whole keeps its name.
return function(graph, pools, choice, add)
  local source = graph.module:get "source" or {}
  add { kind = "file", role = "header", linkage = "exported" }
  exported(add, "guard", "h_")
  exported(add, "entry", "run")
  exported(add, "macro", "abi_version")
  exported(add, "macro", "no_checks")
  exported(add, "struct", "status")
  for _, code in ipairs { "ok", "error_null", "error_alignment", "error_workspace" } do
    exported(add, "macro", code)
  end
  add_pools(add, pools, choice)
  add_tensors(add, "input", graph.params, source.inputs)
  add_tensors(add, "output", graph.returns, source.outputs)
  add_states(add, graph.module:states(), choice)
end
