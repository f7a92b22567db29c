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
  { "activate", "Starts device %s: called once at the start of a run" },
  { "open", "Opens device %s: called before each of its functions" },
  { "close", "Closes device %s: called after each of its functions, also one that failed" },
  { "deactivate", "Stops device %s: called once at the end of a run, also one that failed" },
}

--- Declares what the user defines for each device.
function devices.hooks(out, record)
  for _, device in ipairs(record.devices) do
    for _, hook in ipairs(hook_docs) do
      out:line()
      out:doc(hook[2]:format(describe.quote(device.name)),
        "To be defined by the user of the device.",
        "\\param context what the run was given for the device",
        "\\return 0, or a code: the run ends and returns the first")
      out:line("int32_t %s(void *context);", device.hooks[hook[1]])
    end
  end
end

return devices
