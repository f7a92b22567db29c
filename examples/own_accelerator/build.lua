--- build: the digits network for a processor, a convolution engine and a signal processor; an
--- argument says where to.

local aot = require "aotlua"

aot.build {
  model = "../digits/digits_int8.onnx",
  name = "digits",
  target = "c,acme_npu.lua,bolt_dsp.lua",
  out = ... or "../../build/own_accelerator/model",
}
