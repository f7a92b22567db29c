--- build: networks with an operator of Acme's own; an argument says where to.

local aot = require "aotlua"
local swish = require "swish"

-- TFLite: `alpha` stands in the bytes of the operator's options, numbers are quantized.
local function convert(b, op, make)
  local alpha, result = op.custom_options:f32(0), op.outputs[1]
  local real = b:append("dequantize", { b:value(op.inputs[1]) })
  local y = make("acme.swish", { real }, { alpha = alpha })
  b:set(result, b:append("quantize", { y }, { rounding = "away" }, b:declared(result)))
end

local out = ... or "../../build/own_op"
local import = {
  onnx = { ["com.acme"] = { Swish = "acme.swish" } }, -- attributes are parameters
  tflite = { AcmeSwish = convert },
}

-- As core ops, fused with what stands around it.
aot.build { model = "gate.onnx", out = out .. "/onnx", ops = { swish }, import = import }
aot.build { model = "gate.tflite", name = "gate_int8", out = out .. "/tflite", ops = { swish },
  import = import }

-- With a recipe of its own.
swish.recipe = require "recipe"
aot.build { model = "gate.onnx", name = "gate_own", out = out .. "/own", ops = { swish },
  import = import }
