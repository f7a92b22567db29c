--- cortex_m55: Arm Cortex-M55 with Helium (MVE), which GCC may use.

local cortex_m = require "targets.cortex_m.core"

return cortex_m {
  name = "cortex_m55",
  flags = { "-mcpu=cortex-m55", "-mfloat-abi=hard" },
  machine = "mps3-an547",
  script = "mps3_an547.ld",
}
