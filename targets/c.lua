--- c: portable C99 for any machine with a C compiler. What other targets start from.

local pipeline = require "aotlua.pipeline"

return {
  name = "c",

  pipeline = pipeline.new {
    "canonicalize",
    "fold_constants",
    "layout",
    "absorb",
    "partition",
    "fuse",
    "schedule",
    "pack_weights",
    "plan_memory",
    "interface",
    "names",
  },

  kernels = {},
  schedules = {},
  accelerators = {},
  memory = { pools = { { name = "workspace", align = 16 } } },
  names = "tvm",
  interface = { kind = "c", calls = "unpacked" },

  cc = {
    command = "cc", -- CC in the environment comes first
    flags = { "-std=c99", "-O2", "-ffp-contract=off" },
  },
}
