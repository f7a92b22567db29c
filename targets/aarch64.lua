--- aarch64: 64-bit Arm with Linux; other machines run it on QEMU.

local c = require "targets.c"

return {
  name = "aarch64",
  pipeline = c.pipeline,
  kernels = c.kernels,
  schedules = c.schedules,
  accelerators = c.accelerators,
  memory = c.memory,
  names = c.names,
  interface = c.interface,
  cc = {
    command = "aarch64-linux-gnu-gcc",
    flags = c.cc.flags,
    runner = { "qemu-aarch64", "-L", "/usr/aarch64-linux-gnu" },
  },
}
