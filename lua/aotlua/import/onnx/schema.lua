--- onnx.schema: the fields of ONNX's messages that the importer reads; others are skipped.
-- Numbers and kinds are those of onnx.proto3; see `protobuf.schema` for the form.
local protobuf = require "aotlua.import.protobuf"

local schema = {}

schema.entry = protobuf.schema {
  name = "key and value",
  [1] = { "key", "string" },
  [2] = { "value", "string" },
}

schema.tensor = protobuf.schema {
  name = "tensor",
  [1] = { "dims", "int", list = true },
  [2] = { "data_type", "int" },
  [3] = { "segment", "bytes" },
  [4] = { "float_data", "float", list = true, bulk = true },
  [5] = { "int32_data", "int", list = true, bulk = true },
  [7] = { "int64_data", "int", list = true, bulk = true },
  [8] = { "name", "string" },
  [9] = { "raw_data", "bytes" },
  [10] = { "double_data", "double", list = true, bulk = true },
  [11] = { "uint64_data", "int", list = true, bulk = true },
  [13] = { "external_data", "message", list = true, of = schema.entry },
  [14] = { "data_location", "int" },
}

schema.dimension = protobuf.schema {
  name = "dimension",
  [1] = { "value", "int" },
  [2] = { "param", "string" },
}

schema.shape = protobuf.schema {
  name = "shape",
  [1] = { "dims", "message", list = true, of = schema.dimension },
}

schema.tensor_type = protobuf.schema {
  name = "tensor type",
  [1] = { "elem_type", "int" },
  [2] = { "shape", "message", of = schema.shape },
}

schema.element_type = { name = "element type" }

schema.type = protobuf.schema {
  name = "type",
  [1] = { "tensor_type", "message", of = schema.tensor_type },
  [4] = { "sequence_type", "message", of = schema.element_type },
  [5] = { "map_type", "bytes" },
  [8] = { "sparse_tensor_type", "bytes" },
  [9] = { "optional_type", "message", of = schema.element_type },
}

schema.element_type[1] = { "elem_type", "message", of = schema.type }
protobuf.schema(schema.element_type)

schema.value_info = protobuf.schema {
  name = "value",
  [1] = { "name", "string" },
  [2] = { "type", "message", of = schema.type },
}

schema.graph = { name = "graph" }

schema.attribute = protobuf.schema {
  name = "attribute",
  [1] = { "name", "string" },
  [2] = { "f", "float" },
  [3] = { "i", "int" },
  [4] = { "s", "bytes" },
  [5] = { "t", "message", of = schema.tensor },
  [6] = { "g", "message", of = schema.graph },
  [7] = { "floats", "float", list = true },
  [8] = { "ints", "int", list = true },
  [9] = { "strings", "bytes", list = true },
  [20] = { "type", "int" },
  [21] = { "ref_attr_name", "string" },
}

schema.node = protobuf.schema {
  name = "node",
  [1] = { "input", "string", list = true },
  [2] = { "output", "string", list = true },
  [3] = { "name", "string" },
  [4] = { "op_type", "string" },
  [5] = { "attribute", "message", list = true, of = schema.attribute },
  [7] = { "domain", "string" },
}

schema.graph[1] = { "node", "message", list = true, late = true, of = schema.node }
schema.graph[2] = { "name", "string" }
schema.graph[5] = { "initializer", "message", list = true, of = schema.tensor }
schema.graph[11] = { "input", "message", list = true, of = schema.value_info }
schema.graph[12] = { "output", "message", list = true, of = schema.value_info }
schema.graph[15] = { "sparse_initializer", "bytes", list = true }
protobuf.schema(schema.graph)

schema.operator_set = protobuf.schema {
  name = "operator set",
  [1] = { "domain", "string" },
  [2] = { "version", "int" },
}

schema.function_ = protobuf.schema {
  name = "function",
  [1] = { "name", "string" },
  [4] = { "input", "string", list = true },
  [5] = { "output", "string", list = true },
  [6] = { "attribute", "string", list = true },
  [7] = { "node", "message", list = true, late = true, of = schema.node },
  [9] = { "opset_import", "message", list = true, of = schema.operator_set },
  [10] = { "domain", "string" },
  [11] = { "attribute_proto", "message", list = true, of = schema.attribute },
}

schema.model = protobuf.schema {
  name = "model",
  [1] = { "ir_version", "int" },
  [7] = { "graph", "message", of = schema.graph },
  [8] = { "opset_import", "message", list = true, of = schema.operator_set },
  [25] = { "functions", "message", list = true, of = schema.function_ },
}

return schema
