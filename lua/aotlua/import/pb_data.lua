--- pb_data: the TensorProto files (`input_0.pb`) of ONNX's test data.
local protobuf = require "aotlua.import.protobuf"
local schema = require "aotlua.import.onnx.schema"
local tensor = require "aotlua.import.onnx.tensor"

local pb_data = {}

--- Reads a View that holds one TensorProto. Gives the Tensor and its name ("" if it has none).
-- Fails, without naming the file, if it is no tensor of a supported type.
function pb_data.read(view)
  local proto = protobuf.read(view, schema.tensor)
  return tensor.read(proto, { views = {} }), proto.name or ""
end

return pb_data
