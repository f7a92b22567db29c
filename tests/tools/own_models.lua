--- own_models: the networks of examples/own_op, with an operator that nobody else knows.

local onnx = require "tests.tools.onnx_writer"
local pb = require "tests.tools.protobuf_writer"
local tflite = require "tests.tools.tflite_writer"

local M = {}

local function set(domain, version)
  return pb.bytes(8, pb.bytes(1, domain) .. pb.int(2, version))
end

--- The bytes of an ONNX file: a convolution, com.acme.Swish, a dense layer.
function M.onnx()
  local spec = onnx.small()
  spec.nodes[2] = { "Swish", { "c" }, { "r" }, domain = "com.acme", name = "gate",
    attributes = { { "alpha", 1.5 } } }
  spec.sets = set("", 13) .. set("com.acme", 1)
  return onnx.model(spec)
end

--- Those of one with com.acme.Swish of so many numbers alone.
function M.alone(count, alpha)
  return onnx.model {
    inputs = { onnx.value("x", { count }) }, outputs = { onnx.value("y", { count }) },
    nodes = { { "Swish", { "x" }, { "y" }, domain = "com.acme", name = "gate",
      attributes = { { "alpha", alpha } } } },
    sets = set("", 13) .. set("com.acme", 1),
  }
end

--- Those of a TFLite file of 8 bits: a convolution, AcmeSwish, a dense layer.
function M.tflite()
  local sub = tflite.small()
  sub.tensors[5].name = "gate"
  sub.operators[2] = { op = "CUSTOM", custom = "AcmeSwish", inputs = { 3 }, outputs = { 4 },
    custom_options = string.pack("<f", 1.25) }
  return tflite.write { sub }
end

return M
