--- x86_64_v4: processors with AVX-512 (Intel since Skylake-SP, AMD since Zen 4).

local c = require "targets.c"
local x86_64 = require "targets.x86_64.recipes"

return {
  name = "x86_64_v4",
  pipeline = c.pipeline,
  kernels = x86_64.kernels,
  schedules = x86_64.schedules { lanes = 16, registers = 32 },
  vectors = "extensions",
  memory = { pools = { { name = "workspace", align = 64 } } },
  names = c.names,
  interface = c.interface,
  cc = {
    command = c.cc.command,
    -- what a compiler makes vectors of by itself is no faster for 64 bytes, and needs more stack;
    -- so does what Clang unrolls besides what recipes do
    flags = {
      "-std=c99", "-O2", "-ffp-contract=off", "-mavx512f", "-mavx512vl", "-mfma",
      "-mprefer-vector-width=256", "-fno-unroll-loops",
    },
  },
}
