--- cortex_m0plus: Arm Cortex-M0+.
--
-- QEMU has no board with it and memory enough; a Cortex-M3 executes its instructions too, and
-- start.c has it refuse unaligned accesses, as a Cortex-M0+ does.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m0plus",
  flags = { "-mcpu=cortex-m0plus", "-mfloat-abi=soft" },
  machine = "mps2-an385",
  script = "mps2.ld",
}
