--- calls: the statements that call the operators, in order.

local emit = require "aot.emit"
local places = require "aotlua.writers.places"

local calls = {}

--- Writes `status = f(...)` for each operator of the context, and leaves the function at the first
-- that fails.
function calls.write(out, context)
  local record, address = context.record, places(context)
  for number, operator in ipairs(context.list) do
    local call, arguments = record.operators[number], {}
    for index, argument in ipairs(operator.arguments) do
      arguments[index] = address(argument, operator.kernel.params[index], operator.node)
    end
    out:line("    /* %s */", emit.comment(call.origin or call.node))
    out:call("    ", "status = " .. call["function"], arguments, ";")
    out:line("    if (status != 0)\n        return status;")
  end
end

return calls
