--- places: the C expressions for where the operands of an operator are.

local storage = require "aotlua.storage"

--- Gives a function (argument, param, node) -> the C expression of the address of an operator's
-- argument. `context`: module, graph, constants (C names by Value), buffers (C arrays by Value,
-- by Node for scratch; or nil), and `access`, functions that give the C expression of what the
-- caller or the program owns: input(index), output(index), state(index), pool(index),
-- device(index), each in the order of the record; and `devices`, their records by name.
return function(context)
  local record, buffers, access = context.record, context.buffers, context.access
  local place_of = storage.places(context.graph)
  local pools, states = {}, {}
  for index, pool in ipairs(record.pools) do
    pools[pool.name] = access.pool(index)
  end
  for index, state in ipairs(context.module:states()) do
    states[state] = access.state(index)
  end
  local function in_pool(pool, offset, param)
    local address = offset > 0 and ("(%s + %d)"):format(pools[pool], offset) or pools[pool]
    return param.role == "scratch" and address or ("(%s)(void *)%s"):format(param.ctype, address)
  end
  return function(argument, param, node)
    if argument == "scratch" then
      local own = node:get "scratch"
      return buffers and buffers[node] or in_pool(own[1].ref:sub(2), own[2], param)
    end
    if argument == "context" then
      return access.device(context.devices[node.by].index)
    end
    local place, root = place_of(argument), storage.root(argument)
    local own = place.kind == "constant" or place.kind == "pool"
    if own and storage.byte_size(root.type) == 0 then
      return ("(%s)0"):format(param.ctype) -- nobody reads what has no elements
    elseif place.kind == "constant" then
      return context.constants[place.constant]
    elseif place.kind == "input" then
      return access.input(place.index)
    elseif place.kind == "output" then
      return access.output(place.index)
    elseif place.kind == "state" then
      return states[place.state]
    end
    return buffers and buffers[root] or in_pool(place.pool, place.offset, param)
  end
end
