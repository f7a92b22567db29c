--- cortex_m33: Arm Cortex-M33 with DSP extension and its unit for single precision.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m33",
  flags = { "-mcpu=cortex-m33", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16" },
  machine = "mps2-an505",
  script = "mps2_an505.ld",
}
