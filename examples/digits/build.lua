--- build: compiles the digits network to C; `fp32` as argument takes the float one.

local aot = require "aotlua"

local form = ... or "int8"
aot.build {
  model = ("digits_%s.onnx"):format(form),
  name = "digits",
  target = "c",
  out = "../../build/digits/model",
}
