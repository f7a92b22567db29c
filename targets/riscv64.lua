--- riscv64: 64-bit RISC-V with Linux; other machines run it on QEMU.

local c = require "targets.c"

return {
  name = "riscv64",
  pipeline = c.pipeline,
  kernels = c.kernels,
  schedules = c.schedules,
  accelerators = c.accelerators,
  memory = c.memory,
  names = c.names,
  interface = c.interface,
  cc = {
    command = "riscv64-linux-gnu-gcc",
    flags = c.cc.flags,
    runner = { "qemu-riscv64", "-L", "/usr/riscv64-linux-gnu" },
  },
}
