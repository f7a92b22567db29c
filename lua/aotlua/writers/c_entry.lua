--- c_entry: the function that runs the model, of the `c` interface.

local run = require "aotlua.writers.run"

local entry = {}

--- The expressions by which the calls reach what the function is given, or the program owns.
function entry.access(context)
  local record = context.record
  return {
    input = function(index) return "inputs->" .. record.inputs[index].member end,
    output = function(index) return "outputs->" .. record.outputs[index].member end,
    state = function(index) return "state->" .. record.states[index].member end,
    pool = function(index)
      return record.interface.workspace == "caller"
        and "workspace_pools->" .. record.pools[index].member
        or context.spelling("object", "memory", "pool", index)
    end,
    device = function(index) return "devices->" .. record.devices[index].member end,
  }
end

--- The conditions under which the call is refused: lists of C expressions.
local function conditions(record)
  local null, misaligned, short = {}, {}, {}
  local function pointer(expression, alignment)
    null[#null + 1] = expression .. " == NULL"
    if alignment then
      misaligned[#misaligned + 1] = ("(uintptr_t)%s %% %s != 0"):format(expression, alignment)
    end
  end
  for _, owner in ipairs { "inputs", "outputs" } do
    if record[owner .. "_type"] then
      pointer(owner)
    end
    for _, tensor in ipairs(record[owner]) do
      local wide = not tensor.ctype:find "int8_t$"
      pointer(("%s->%s"):format(owner, tensor.member),
        wide and ("sizeof(%s)"):format(tensor.ctype))
    end
  end
  if record.pools_type then
    pointer "workspace_pools"
    for _, pool in ipairs(record.pools) do
      pointer("workspace_pools->" .. pool.member, tostring(pool.alignment))
      short[#short + 1] = ("workspace_pools->%s < %d"):format(pool.size_member, pool.bytes)
    end
  end
  if record.state_type and record.interface.workspace == "caller" then
    pointer "state"
  end
  if record.devices_type then
    pointer "devices"
  end
  return { { null, "error_null" }, { misaligned, "error_alignment" },
    { short, "error_workspace" } }
end

--- Writes the function.
function entry.write(out, context)
  local record, pointers = context.record, {}
  for index, parameter in ipairs(record.parameters) do
    pointers[index] = parameter.name
  end
  out:line()
  out:prototype(record, "\n{")
  run.body(out, context, { pointers = pointers, conditions = conditions(record) })
end

return entry
