--- core: what the targets for other processors with Linux have in common: a cross compiler, and
--- QEMU in the place of the machine.

local c = require "targets.c"

--- A target. `core`: `name`, also of QEMU's processor, and `triple`, what its compiler is called
-- after. With portable C kernels.
return function(core)
  return {
    name = core.name,
    pipeline = c.pipeline,
    kernels = c.kernels,
    schedules = c.schedules,
    accelerators = c.accelerators,
    memory = c.memory,
    names = c.names,
    interface = c.interface,
    cc = {
      command = core.triple .. "-gcc",
      flags = c.cc.flags,
      runner = { "qemu-" .. core.name, "-L", "/usr/" .. core.triple },
    },
  }
end
