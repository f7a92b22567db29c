--- build: the digits network with two passes of its own; an argument says where to.

local aot = require "aotlua"
local c = require "targets.c"

aot.build {
  model = "../digits/digits_fp32.onnx",
  name = "digits",
  pipeline = c.pipeline:before("fuse", "late_clamp"):after("late_clamp", "fuse_products"),
  out = ... or "../../build/own_pass",
}
