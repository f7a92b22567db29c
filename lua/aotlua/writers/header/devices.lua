--- devices: the part of the public header on accelerators that have a context.

local describe = require "aotlua.writers.header.describe"

local devices = {}

--- Writes the struct of contexts.
function devices.types(out, record)
  if not record.devices_type then
    return
  end
  out:line()
  out:doc(("Contexts of the devices that model %s uses"):format(describe.quote(record.model)))
  out:line("struct %s {", record.devices_type)
  for _, device in ipairs(record.devices) do
    out:line("    void *%s; /*!< handed to the hooks and functions of %s; may be NULL */",
      device.member, describe.quote(device.name))
  end
  out:line("};")
end

local hook_docs = {
  { "activate", "Called once at the start of a run, before the device is used" },
  { "open", "Called before each function of the device" },
  { "close", "Called after each function of the device, also one that failed" },
  { "deactivate", "Called once at the end of a run, also one that failed" },
}

--- Declares what the user defines for each device.
function devices.hooks(out, record)
  for _, device in ipairs(record.devices) do
    for _, hook in ipairs(hook_docs) do
      out:line()
      out:doc(("%s. To be defined by the user of device %s."):format(hook[2],
        describe.quote(device.name)), "\\return 0, or a code that ends the run, which returns it")
      out:line("int32_t %s(void *context);", device.hooks[hook[1]])
    end
  end
end

return devices
