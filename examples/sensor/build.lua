--- build: compiles the sensor's network to one C file; an argument says where to.

local aot = require "aotlua"

aot.build {
  model = "sensor.ir",
  name = "sensor",
  set = { files = "single" },
  out = ... or "../../build/sensor/model",
}
