--- parts: the symbols that every interface has.
--
-- Functions take `add`, which makes a symbol of its attributes, and `choice`, the module's
-- `interface` attribute. What each field of a symbol means stands in lua/aotlua/symbols.lua.

local parts = {}

-- What a float can count up to, zero point included.
local narrow = { i8 = true, u8 = true, i16 = true, u16 = true }

--- Adds an exported symbol with further `fields`.
function parts.exported(add, kind, role, fields)
  local symbol = { kind = kind, role = role, linkage = "exported" }
  for key, field in pairs(fields or {}) do -- order: irrelevant, into a table
    symbol[key] = field
  end
  add(symbol)
end

--- Adds what belongs to the model as a whole.
function parts.model(add)
  add { kind = "file", role = "header", linkage = "exported" }
  parts.exported(add, "guard", "h_")
  parts.exported(add, "entry", "run")
  parts.exported(add, "macro", "abi_version")
  parts.exported(add, "macro", "no_checks")
  parts.exported(add, "struct", "status")
  for _, code in ipairs { "ok", "error_null", "error_alignment", "error_workspace" } do
    parts.exported(add, "macro", code)
  end
end

--- Adds the macros of working memory as a whole.
function parts.workspace(add)
  parts.exported(add, "macro", "workspace_size")
  parts.exported(add, "macro", "workspace_alignment")
end

--- Tells whether the caller gives the pool.
function parts.is_given(pool, choice)
  return choice.workspace == "caller" or pool.attrs.holds == "constants"
end

--- Adds what there is of a pool: its macros where the caller gives it, else its memory, which may
-- be that of all models of an application.
function parts.pool(add, index, pool, choice)
  local of = { owner = "pool", index = index, hint = pool.name }
  if pool.attrs.holds == "constants" then
    parts.exported(add, "macro", "constant_pool_size", of)
    parts.exported(add, "macro", "constant_pool_data", of)
  elseif choice.workspace == "caller" then
    parts.exported(add, "macro", "workspace_pool_size", of)
  elseif choice.arena == "shared" then
    local shared = choice.workspace == "shared"
    add { kind = "object", role = "memory", owner = "pool", index = index, hint = pool.name,
      linkage = shared and "internal" or "private",
      application = shared and choice.application or nil }
  end
end

--- Adds the macros of one input or output, and its conversion from or to real numbers.
function parts.tensor(add, owner, index, value, hint)
  local of = { owner = owner, index = index, hint = hint }
  for _, role in ipairs { "size", "count", "rank" } do
    parts.exported(add, "macro", role, of)
  end
  if #value.type.shape > 0 then
    parts.exported(add, "macro", "shape", of)
  end
  local quant = value.type.quant
  if quant and quant.scale then
    parts.exported(add, "macro", "scale", of)
    parts.exported(add, "macro", "zero_point", of)
    if narrow[value.type.dtype] then
      parts.exported(add, "function", owner == "input" and "quantize" or "dequantize", of)
    end
  end
end

--- Adds the struct of the states, its functions, and its memory where the program owns it.
function parts.states(add, states, choice)
  if #states == 0 then
    return
  end
  parts.exported(add, "struct", "state")
  parts.exported(add, "macro", "state_size")
  for index, state in ipairs(states) do
    parts.exported(add, "member", "data",
      { scope = "state", owner = "state", index = index, hint = state.name })
  end
  parts.exported(add, "function", "reset")
  if choice.workspace ~= "caller" then
    parts.exported(add, "function", "save")
    parts.exported(add, "function", "restore")
    add { kind = "object", role = "state_memory", linkage = "private" }
    add { kind = "function", role = "state_memory_get", linkage = "private" }
  end
end

--- Adds what the caller hands over for the accelerators `names`, and the hooks that users define.
function parts.devices(add, names)
  if #names > 0 then
    parts.exported(add, "struct", "devices")
  end
  for index, name in ipairs(names) do
    parts.exported(add, "member", "data",
      { scope = "devices", owner = "device", index = index, hint = name })
    for _, role in ipairs { "activate", "open", "close", "deactivate" } do
      add { kind = "hook", role = role, owner = "device", index = index, hint = name,
        linkage = "hook" }
    end
  end
end

return parts
