--- onnx_writer: makes small ONNX files, legal ones and others.
local pb = require "tests.tools.protobuf_writer"

local writer = {}

writer.F32, writer.U8, writer.I8, writer.I32, writer.I64 = 1, 2, 3, 6, 7

--- A TensorProto { name, type, dims, raw = bytes | floats = list | ints = list, more = bytes }.
function writer.tensor(spec)
  local parts = { pb.each(1, spec.dims, pb.int), pb.int(2, spec.type or writer.F32) }
  if spec.raw then
    parts[#parts + 1] = pb.bytes(9, spec.raw)
  end
  if spec.floats then
    local form = "<" .. ("f"):rep(#spec.floats)
    parts[#parts + 1] = pb.bytes(4, string.pack(form, table.unpack(spec.floats)))
  end
  if spec.ints then
    parts[#parts + 1] = pb.packed(spec.type == writer.I64 and 7 or 5, spec.ints)
  end
  parts[#parts + 1] = pb.bytes(8, spec.name or "")
  return table.concat(parts) .. (spec.more or "")
end

--- The entries of external data, a list of { key, value }, and the mark that it is external.
function writer.external(entries)
  return pb.each(13, entries, function(field, entry)
    return pb.bytes(field, pb.bytes(1, entry[1]) .. pb.bytes(2, entry[2]))
  end) .. pb.int(14, 1)
end

--- A ValueInfoProto; extents are numbers, or strings for open dimensions.
function writer.value(name, dims, type)
  local shape = pb.each(1, dims, function(field, extent)
    return pb.bytes(field, math.type(extent) and pb.int(1, extent) or pb.bytes(2, extent))
  end)
  local tensor_type = pb.int(1, type or writer.F32) .. pb.bytes(2, shape)
  return pb.bytes(1, name) .. pb.bytes(2, pb.bytes(1, tensor_type))
end

local function attribute(name, value)
  local head = pb.bytes(1, name)
  if math.type(value) == "integer" then
    return head .. pb.int(3, value) .. pb.int(20, 2)
  elseif math.type(value) == "float" then
    return head .. pb.float(2, value) .. pb.int(20, 1)
  elseif type(value) == "string" then
    return head .. pb.bytes(4, value) .. pb.int(20, 3)
  elseif value.tensor then
    return head .. pb.bytes(5, value.tensor) .. pb.int(20, 4)
  elseif math.type(value[1]) == "float" then
    return head .. pb.each(7, value, pb.float) .. pb.int(20, 6)
  end
  return head .. pb.each(8, value, pb.int) .. pb.int(20, 7)
end

--- A NodeProto { op, { inputs }, { outputs }, attributes = { { name, value } }, name, domain,
-- more = bytes }.
function writer.node(spec)
  return pb.each(1, spec[2], pb.bytes) .. pb.each(2, spec[3], pb.bytes)
    .. pb.bytes(3, spec.name or "") .. pb.bytes(4, spec[1])
    .. pb.each(5, spec.attributes, function(field, entry)
      return pb.bytes(field, attribute(entry[1], entry[2]))
    end)
    .. pb.bytes(7, spec.domain or "") .. (spec.more or "")
end

local function each_of(field, list, make)
  return pb.each(field, list, function(number, spec)
    return pb.bytes(number, type(spec) == "string" and spec or make(spec))
  end)
end

--- A ModelProto { inputs, outputs (made by `value`), nodes, tensors, opset = 13, sets, ir }.
function writer.model(spec)
  local graph = each_of(1, spec.nodes, writer.node) .. pb.bytes(2, "graph")
    .. each_of(5, spec.tensors, writer.tensor) .. each_of(11, spec.inputs)
    .. each_of(12, spec.outputs)
  local sets = spec.sets or pb.bytes(8, pb.bytes(1, "") .. pb.int(2, spec.opset or 13))
  return pb.int(1, spec.ir or 8) .. pb.bytes(7, graph) .. sets
end

--- A small convolutional network: Conv, Relu, MaxPool, Reshape, Gemm.
function writer.small()
  local function numbers(count)
    local list = {}
    for i = 1, count do
      list[i] = (i * 37 % 19 - 9) / 8
    end
    return list
  end
  return {
    inputs = { writer.value("image", { 1, 2, 6, 6 }) },
    outputs = { writer.value("scores", { 1, 3 }) },
    tensors = {
      { name = "w", dims = { 4, 2, 3, 3 }, floats = numbers(72) },
      { name = "b", dims = { 4 }, floats = numbers(4) },
      { name = "shape", dims = { 2 }, type = writer.I64, ints = { 0, -1 } },
      { name = "v", dims = { 3, 16 }, floats = numbers(48) },
    },
    nodes = {
      { "Conv", { "image", "w", "b" }, { "c" }, attributes = { { "kernel_shape", { 3, 3 } } } },
      { "Relu", { "c" }, { "r" } },
      { "MaxPool", { "r" }, { "p" }, attributes = {
        { "kernel_shape", { 2, 2 } }, { "strides", { 2, 2 } } } },
      { "Reshape", { "p", "shape" }, { "f" } },
      { "Gemm", { "f", "v" }, { "scores" }, attributes = { { "transB", 1 } }, name = "last" },
    },
  }
end

return writer
