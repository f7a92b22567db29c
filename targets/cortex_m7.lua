--- cortex_m7: Arm Cortex-M7 with its unit for double precision.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m7",
  flags = { "-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16" },
  machine = "mps2-an500",
  script = "mps2.ld",
}
