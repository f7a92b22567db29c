--- packed_calls: the arguments of operators that are called with tensors.
--
-- The tensors lie in the frame of `run`, as many as the operator with most arguments takes, and
-- each call fills them anew; their types are static tables.

local new_types = require "aotlua.writers.packed_types"

local Arguments = {}
Arguments.__index = Arguments

-- The types of an operator's arguments, in order; a context has none.
local function types_of(operator)
  local list = {}
  for index, argument in ipairs(operator.arguments) do
    if argument == "scratch" then
      list[index] = { dtype = "u8", shape = { operator.kernel.scratch_bytes } }
    else
      list[index] = argument ~= "context" and argument.type
    end
  end
  return list
end

--- Writes what the calls of `list` (of aotlua.operators) need and gives an object that fills it.
function Arguments.declare(out, list)
  local types, most, operands = new_types("shapes", "types"), 0, {}
  for number, operator in ipairs(list) do
    operands[number] = {}
    for index, type in ipairs(types_of(operator)) do
      operands[number][index] = type and types:of(type)
      most = math.max(most, type and index or 0)
    end
  end
  if most > 0 then
    types:write(out, "    ")
    out:line("    aotrt_tensor tensors[%d];\n    aotrt_value values[%d];", most, most)
    out:line("    aotrt_values_set(values, tensors, %d);", most)
  end
  return setmetatable({ operands = operands }, Arguments)
end

--- Writes the tensors of call `number`, which points to `addresses` (C expressions), and gives
-- what to call the function with.
function Arguments:fill(out, number, addresses)
  local count, context = 0, "NULL"
  for index, type in ipairs(self.operands[number]) do
    if type then
      out:call("    ", "aotrt_tensor_set", { ("&tensors[%d]"):format(count), type,
        addresses[index] }, ";")
      count = count + 1
    else
      context = addresses[index]
    end
  end
  if count == 0 then
    return { "NULL", "NULL", "0", "NULL", "NULL", context }
  end
  return { "values", "aotrt_tensor_codes()", tostring(count), "NULL", "NULL", context }
end

return { declare = Arguments.declare }
