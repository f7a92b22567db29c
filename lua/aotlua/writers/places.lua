--- places: the C expressions for where the operands of an operator are.

local storage = require "aotlua.storage"

local places = {}

-- What tells where things are: `place_of`, storage.places; `pools`, their C expressions by name,
-- and `pointers`, the same without a cast; `states`, those of states.
local function new_lookup(context)
  local lookup = { place_of = storage.places(context.graph), pools = {}, pointers = {},
    states = {} }
  for index, pool in ipairs(context.record.pools) do
    local bytes, pointer = context.access.pool(index)
    lookup.pools[pool.name], lookup.pointers[pool.name] = bytes, pointer or bytes
  end
  for index, state in ipairs(context.module:states()) do
    lookup.states[state] = context.access.state(index)
  end
  return lookup
end

local function bytes_at(lookup, pool, offset)
  local address = lookup.pools[pool]
  return offset > 0 and ("(%s + %d)"):format(address, offset) or address
end

local function at(lookup, pool, offset, ctype)
  local address = offset > 0 and bytes_at(lookup, pool, offset) or lookup.pointers[pool]
  local void = ctype:find "^const " and "const void *" or "void *"
  return ctype == void and address or ("(%s)(%s)%s"):format(ctype, void, address)
end

--- Gives a function (argument, param, node) -> the C expression of the address of an operator's
-- argument. `context`: module, graph, record, number_of (metadata.describe), buffers (C arrays by
-- Value, by Node for scratch; or nil), and `access`, functions that give the C expression of what
-- the caller or the program owns: input(index), output(index), state(index), pool(index),
-- device(index), each in the order of the record (a pool as bytes, and, where that takes a cast,
-- also as it is); and `devices`, their records by name.
function places.of_argument(context)
  local buffers, access, lookup = context.buffers, context.access, new_lookup(context)
  local function of_constant(constant, param)
    local own = context.record.constants[context.number_of(constant.name)]
    return own.pool and at(lookup, own.pool, own.offset, param.ctype) or own.symbol
  end
  return function(argument, param, node)
    if argument == "scratch" then
      local own = node:get "scratch"
      return buffers and buffers[node] or bytes_at(lookup, own[1].ref:sub(2), own[2])
    elseif argument == "context" then
      return access.device(context.devices[node.by].index)
    end
    local place, root = lookup.place_of(argument), storage.root(argument)
    local own = place.kind == "constant" or place.kind == "pool"
    if own and storage.byte_size(root.type) == 0 then
      return ("(%s)0"):format(param.ctype) -- nobody reads what has no elements
    elseif place.kind == "constant" then
      return of_constant(place.constant, param)
    elseif place.kind == "input" then
      return access.input(place.index)
    elseif place.kind == "output" then
      return access.output(place.index)
    elseif place.kind == "state" then
      return lookup.states[place.state]
    end
    return buffers and buffers[root] or at(lookup, place.pool, place.offset, param.ctype)
  end
end

--- Gives a function (value, ctype) -> the C expression, of the type `ctype`, of the address of an
-- input or output that lives in a pool.
function places.of_value(context)
  local lookup = new_lookup(context)
  return function(value, ctype)
    if storage.byte_size(value.type) == 0 then
      return "NULL"
    end
    local place = lookup.place_of(value)
    return at(lookup, place.pool, place.offset, ctype)
  end
end

return places
