--- cortex_m4: Arm Cortex-M4 with its unit for single precision.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m4",
  flags = { "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16" },
  machine = "mps2-an386",
  script = "mps2.ld",
}
