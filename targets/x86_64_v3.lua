--- x86_64_v3: processors with AVX2 and FMA (Intel since Haswell, AMD since Zen).

local c = require "targets.c"
local x86_64 = require "targets.x86_64.recipes"

return {
  name = "x86_64_v3",
  pipeline = c.pipeline,
  kernels = x86_64.kernels,
  schedules = x86_64.schedules { lanes = 8, registers = 16 },
  vectors = "extensions",
  memory = { pools = { { name = "workspace", align = 64 } } },
  names = c.names,
  interface = c.interface,
  cc = {
    command = c.cc.command,
    -- recipes unroll what pays; what Clang unrolls besides, its own vectors too, fills the stack
    flags = { "-std=c99", "-O2", "-ffp-contract=off", "-mavx2", "-mfma", "-fno-unroll-loops" },
  },
}
