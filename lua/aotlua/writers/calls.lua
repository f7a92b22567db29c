--- calls: the statements that call the operators, in order, and the hooks of devices round them.
--
-- What fails first is what `run` returns; whatever was activated is deactivated, and whatever
-- was opened is closed, all the same.

local emit = require "aot.emit"
local packed_calls = require "aotlua.writers.packed_calls"
local places = require "aotlua.writers.places"

local calls = {}

-- A hook's call as a C expression.
local function hook(context, device, role)
  return ("%s(%s)"):format(device.hooks[role], context.access.device(device.index))
end

-- Leaves the function with what failed; the devices up to number `active` are active.
local function leave(out, active)
  out:line("    if (status != 0) %s;",
    active > 0 and "goto deactivate_" .. active or "return status")
end

local function activate(out, context)
  for index, device in ipairs(context.record.devices) do
    out:line("    status = %s;", hook(context, device, "activate"))
    leave(out, index - 1)
  end
end

local function deactivate(out, context)
  for index = #context.record.devices, 1, -1 do
    out:line("deactivate_%d:", index)
    out:line("    ended = %s;", hook(context, context.record.devices[index], "deactivate"))
    out:line("    status = status != 0 ? status : ended;")
  end
end

local function write_call(out, context, call, arguments)
  local device = context.devices[call.by]
  if not device then
    out:call("    ", "status = " .. call["function"], arguments, ";")
    return
  end
  out:line("    status = %s;", hook(context, device, "open"))
  out:line("    if (status == 0) {")
  out:call("        ", "status = " .. call["function"], arguments, ";")
  out:line("        ended = %s;", hook(context, device, "close"))
  out:line("        status = status != 0 ? status : ended;\n    }")
end

--- Writes the statements that set `status`; where there are devices they use `ended`, an int32_t.
function calls.write(out, context)
  local record, address = context.record, places.of_argument(context)
  context.devices = {}
  for _, device in ipairs(record.devices) do context.devices[device.name] = device end
  local packed = record.interface.calls == "packed" and packed_calls.declare(out, context.list)
  activate(out, context)
  for number, operator in ipairs(context.list) do
    local call, arguments = record.operators[number], {}
    for index, argument in ipairs(operator.arguments) do
      arguments[index] = address(argument, operator.kernel.params[index], operator.node)
    end
    out:line("    /* %s */", emit.comment(call.origin or call.node))
    arguments = packed and packed:fill(out, number, arguments) or arguments
    write_call(out, context, call, arguments)
    leave(out, #record.devices)
  end
  deactivate(out, context)
end

return calls
