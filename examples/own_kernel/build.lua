--- build: the digits network with a recipe of its own for some layers; an argument says where to.

local aot = require "aotlua"

-- Two layers of the network are products of 8-bit matrices whose rows can be taken by four.
local function suits(op)
  local a = op.types[1]
  return a.dtype == "i8" and #a.shape == 2 and a.shape[2] % 4 == 0 and op.attrs.transpose_b
end

aot.build {
  model = "../digits/digits_int8.onnx",
  name = "digits",
  kernels = { { op = "matmul", when = suits, record = require "dot" } },
  schedules = {
    matmul = { unroll = 4 },
    ["%relu3_q"] = { unroll = 8 }, -- this layer by its name: aotlua explain lists them
  },
  out = ... or "../../build/own_kernel",
}
