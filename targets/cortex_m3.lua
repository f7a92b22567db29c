--- cortex_m3: Arm Cortex-M3.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m3",
  flags = { "-mcpu=cortex-m3", "-mfloat-abi=soft" },
  machine = "mps2-an385",
  script = "mps2.ld",
}
