--- packed: what a main function hands to a model of the `packed` interface.

local arguments_of = require "aotlua.writers.packed_arguments"

-- The C expressions of the type and the data of an argument; `declare` takes what they need.
local function parts_of(argument, metadata, declare)
  if argument.tensor then
    return ("&%s()->%ss[%d].type"):format(metadata, argument.owner, argument.index - 1),
      ("%s_%d"):format(argument.owner, argument.index - 1)
  end
  local name, size, data = "state", ("sizeof(struct %s)"):format(argument.struct), "&state"
  if argument.pool then
    name = "pool_" .. argument.index - 1
    size, data = tostring(argument.pool.bytes), name
  else
    declare("static struct %s state;", argument.struct)
  end
  declare("static const int64_t %s_shape[] = { %s };", name, size)
  declare("static const aotrt_tensor_type %s_type = { %s_shape, 1, { AOTRT_UINT, 8, 1 } };", name,
    name)
  return ("&%s_type"):format(name), data
end

--- Gives lists of declarations and of statements, and the arguments of the call, as C text.
-- Inputs, outputs and pools are the arrays input_0, output_0, pool_0, ...
return function(record)
  local arguments, declared, filled = arguments_of(record), {}, {}
  local count = #arguments
  local function declare(format, ...)
    declared[#declared + 1] = format:format(...)
  end
  declare("static aotrt_tensor tensors[%d];", math.max(count, 1))
  declare("static aotrt_value values[%d];", math.max(count, 1))
  declare("static int32_t codes[%d];", math.max(count, 1))
  filled[1] = ("aotrt_values_set(values, tensors, %d);"):format(count)
  for _, argument in ipairs(arguments) do
    local type, data = parts_of(argument, record.look_up.metadata, declare)
    filled[#filled + 1] = ("aotrt_tensor_set(&tensors[%d], %s, %s);"):format(
      argument.position, type, data)
    filled[#filled + 1] = ("codes[%d] = AOTRT_TENSOR;"):format(argument.position)
  end
  local resource = "NULL"
  if record.devices_type then
    declare("static struct %s devices;", record.devices_type)
    resource = "&devices"
  end
  return declared, filled, ("values, codes, %d, NULL, NULL, %s"):format(count, resource)
end
