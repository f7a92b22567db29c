--- packed_arguments: what the entry function of the `packed` interface is called with, in order.

local function of_tensors(list, owner, tensors)
  for index, tensor in ipairs(tensors) do
    list[#list + 1] = { owner = owner, index = index, tensor = tensor }
  end
end

-- The widest of the states' element types: memory aligned to it is aligned to all.
local function widest(states)
  local found
  for _, state in ipairs(states) do
    local width = state.bytes // math.max(1, state.count)
    if not found or width > found.width then
      found = { width = width, ctype = state.ctype }
    end
  end
  return found.ctype
end

--- Lists the arguments of a metadata record: inputs and outputs { owner, index, tensor }, then,
-- where the caller gives them, pools { owner = "pool", index, pool } and the state
-- { owner = "state", ctype, struct }, memory aligned to a `ctype`.
return function(record)
  local list = {}
  of_tensors(list, "input", record.inputs)
  of_tensors(list, "output", record.outputs)
  for index, pool in ipairs(record.pools) do
    list[#list + 1] = pool.given and { owner = "pool", index = index, pool = pool } or nil
  end
  if record.interface.workspace == "caller" and record.state_type then
    list[#list + 1] = { owner = "state", index = 1, struct = record.state_type,
      ctype = widest(record.states) }
  end
  for number, argument in ipairs(list) do
    argument.position = number - 1
  end
  return list
end
