--- onnx_operators_spec: single ONNX operators give the numbers that ONNX's definition gives.
local data = require "aot.data"
local ir = require "aot.ir"
local onnx = require "aotlua.import.onnx"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local I64, U32 = writer.I64, 12

-- A constant operand: floats, or integers where `ints` is given.
local function floats(name, dims, numbers)
  return { name = name, dims = dims, floats = numbers }
end

local function ints(name, numbers)
  return { name = name, dims = { #numbers }, type = I64, ints = numbers }
end

local function count_to(count)
  local list = {}
  for i = 1, count do
    list[i] = i + 0.0
  end
  return list
end

local function cast(to)
  return { "Cast", attributes = { { "to", to } } }
end

-- A step to or from stored integers: real = 0.5 * (stored - 3).
local function scaled(op)
  return { op, with = { floats(op .. "_scale", {}, { 0.5 }),
    { name = op .. "_zero", dims = {}, type = writer.U8, ints = { 3 } } } }
end

-- Evaluates one node, behind those of `before`, on x = 1, 2, 3, ... of this shape; gives the lists
-- of its outputs.
local function run(case)
  local inputs, outputs = { "x" }, {}
  for i, tensor in ipairs(case.with or {}) do
    inputs[i + 1] = tensor.name
  end
  local names, nodes = {}, {}
  for i = 1, case.outputs or 1 do
    names[i] = "y" .. i
    outputs[i] = pb.bytes(1, names[i])
  end
  local tensors = table.move(case.with or {}, 1, #(case.with or {}), 1, {})
  for i, step in ipairs(case.before or {}) do
    nodes[i] = { step[1], { inputs[1] }, { "x" .. i }, attributes = step.attributes }
    for _, tensor in ipairs(step.with or {}) do
      table.insert(nodes[i][2], tensor.name)
      tensors[#tensors + 1] = tensor
    end
    inputs[1] = "x" .. i
  end
  nodes[#nodes + 1] = { case.op, inputs, names, attributes = case.attributes }
  local module = onnx.load(data.from_string(writer.model {
    inputs = { writer.value("x", case.x) },
    outputs = outputs,
    tensors = tensors,
    nodes = nodes,
    opset = case.opset,
  }))
  module:infer()
  local size = 1
  for _, extent in ipairs(case.x) do
    size = size * extent
  end
  local x = ir.tensor({ dtype = "f32", shape = case.x }, case.numbers or count_to(size))
  return module:main():eval { x }
end

local CASES = {
  { "Gemm scales and turns", op = "Gemm", x = { 2, 1 },
    with = { floats("b", { 3, 2 }, { 1, 0, 0, 1, 1, 1 }), floats("c", { 1, 1 }, { 4 }) },
    attributes = { { "transA", 1 }, { "transB", 1 }, { "alpha", 2.0 }, { "beta", 0.5 } },
    shape = { 1, 3 }, gives = { 4, 6, 8 } },
  { "Gemm adds a bias", op = "Gemm", x = { 1, 2 },
    with = { floats("b", { 2, 2 }, { 1, 2, 3, 4 }), floats("c", { 2 }, { 10, 20 }) },
    shape = { 1, 2 }, gives = { 17, 30 } },
  { "MatMul takes vectors", op = "MatMul", x = { 2 },
    with = { floats("b", { 2, 3 }, count_to(6)) }, shape = { 3 }, gives = { 9, 12, 15 } },
  { "MatMul gives a number", op = "MatMul", x = { 2 }, with = { floats("b", { 2 }, { 3, 4 }) },
    shape = {}, gives = { 11 } },
  { "Conv goes along rows", op = "Conv", x = { 1, 2, 4 },
    with = { floats("w", { 1, 2, 2 }, { 1, 1, 1, -1 }), floats("b", { 1 }, { 100 }) },
    attributes = { { "strides", { 2 } } }, shape = { 1, 1, 2 }, gives = { 102, 106 } },
  { "Conv pads the start for SAME_LOWER", op = "Conv", x = { 1, 1, 1, 3 },
    with = { floats("w", { 1, 1, 1, 2 }, { 1, 10 }) },
    attributes = { { "auto_pad", "SAME_LOWER" } }, shape = { 1, 1, 1, 3 },
    gives = { 10, 21, 32 } },
  { "Conv pads the end for SAME_UPPER", op = "Conv", x = { 1, 1, 1, 3 },
    with = { floats("w", { 1, 1, 1, 2 }, { 1, 10 }) },
    attributes = { { "auto_pad", "SAME_UPPER" } }, shape = { 1, 1, 1, 3 },
    gives = { 21, 32, 3 } },
  { "Conv works in groups, dilated", op = "Conv", x = { 1, 2, 1, 3 },
    with = { floats("w", { 2, 1, 1, 2 }, { 1, 1, 1, -1 }) },
    attributes = { { "group", 2 }, { "dilations", { 1, 2 } } }, shape = { 1, 2, 1, 1 },
    gives = { 4, -2 } },
  { "MaxPool adds a window for ceil_mode", op = "MaxPool", x = { 1, 1, 5 },
    attributes = { { "kernel_shape", { 2 } }, { "strides", { 2 } }, { "ceil_mode", 1 } },
    shape = { 1, 1, 3 }, gives = { 2, 4, 5 } },
  { "MaxPool adds no window that starts in the padding", op = "MaxPool", x = { 1, 1, 3 },
    attributes = { { "kernel_shape", { 2 } }, { "strides", { 3 } }, { "pads", { 0, 1 } },
      { "ceil_mode", 1 } }, shape = { 1, 1, 1 }, gives = { 2 } },
  { "AveragePool leaves the padding out", op = "AveragePool", x = { 1, 1, 1, 2 },
    attributes = { { "kernel_shape", { 1, 2 } }, { "pads", { 0, 1, 0, 0 } } },
    shape = { 1, 1, 1, 2 }, gives = { 1, 1.5 } },
  { "AveragePool counts the padding when asked", op = "AveragePool", x = { 1, 1, 1, 2 },
    attributes = { { "kernel_shape", { 1, 2 } }, { "pads", { 0, 1, 0, 0 } },
      { "count_include_pad", 1 } }, shape = { 1, 1, 1, 2 }, gives = { 0.5, 1.5 } },
  { "GlobalAveragePool keeps the axes", op = "GlobalAveragePool", x = { 1, 2, 1, 2 },
    shape = { 1, 2, 1, 1 }, gives = { 1.5, 3.5 } },
  { "BatchNormalization scales and shifts", op = "BatchNormalization", x = { 1, 2, 1 },
    with = { floats("s", { 2 }, { 2, 3 }), floats("b", { 2 }, { 10, 20 }),
      floats("m", { 2 }, { 1, 1 }), floats("v", { 2 }, { 4, 1 }) },
    attributes = { { "epsilon", 0.0 } }, shape = { 1, 2, 1 }, gives = { 10, 23 } },
  { "Softmax goes over all later axes before operator set 13", op = "Softmax", x = { 1, 2, 2 },
    numbers = { 0.0, 0.0, 0.0, 0.0 }, opset = 12, shape = { 1, 2, 2 },
    gives = { 0.25, 0.25, 0.25, 0.25 } },
  { "Softmax goes over the last axis since operator set 13", op = "Softmax", x = { 1, 2, 2 },
    numbers = { 0.0, 0.0, 0.0, 0.0 }, shape = { 1, 2, 2 }, gives = { 0.5, 0.5, 0.5, 0.5 } },
  { "Clip has attributes before operator set 11", op = "Clip", x = { 3 },
    attributes = { { "min", 1.5 }, { "max", 2.5 } }, opset = 10, shape = { 3 },
    gives = { 1.5, 2, 2.5 } },
  { "Clip has inputs since operator set 11", op = "Clip", x = { 3 },
    with = { floats("lo", {}, { 2 }) }, shape = { 3 }, gives = { 2, 2, 3 } },
  { "Clip gives the maximum where it is below the minimum", op = "Clip", x = { 3 },
    with = { floats("lo", {}, { 3 }), floats("hi", {}, { 2 }) }, shape = { 3 },
    gives = { 2, 2, 2 } },
  { "Pow takes an exponent of another type", op = "Pow", x = { 3 }, with = { ints("e", { 2 }) },
    shape = { 3 }, gives = { 1, 4, 9 } },
  { "Sum adds any number", op = "Sum", x = { 2 },
    with = { floats("a", { 2 }, { 10, 10 }), floats("b", { 1 }, { 100 }) }, shape = { 2 },
    gives = { 111, 112 } },
  { "Reshape works out 0 and -1", op = "Reshape", x = { 2, 3 }, with = { ints("s", { 0, -1, 1 }) },
    shape = { 2, 3, 1 }, gives = count_to(6) },
  { "Flatten makes a matrix", op = "Flatten", x = { 2, 1, 3 }, attributes = { { "axis", 3 } },
    shape = { 6, 1 }, gives = count_to(6) },
  { "Squeeze takes out all extents of 1", op = "Squeeze", x = { 1, 2, 1 }, shape = { 2 },
    gives = { 1, 2 } },
  { "Unsqueeze counts axes in the result", op = "Unsqueeze", x = { 2 },
    with = { ints("a", { -1, 0 }) }, shape = { 1, 2, 1 }, gives = { 1, 2 } },
  { "Transpose reverses without perm", op = "Transpose", x = { 2, 3 }, shape = { 3, 2 },
    gives = { 1, 4, 2, 5, 3, 6 } },
  { "Slice goes backward", op = "Slice", x = { 5 },
    with = { ints("a", { -1 }), ints("b", { -100 }), ints("c", { 0 }), ints("d", { -2 }) },
    shape = { 3 }, gives = { 5, 3, 1 } },
  { "Slice has attributes before operator set 10", op = "Slice", x = { 2, 3 },
    attributes = { { "starts", { 1 } }, { "ends", { 9 } }, { "axes", { 1 } } }, opset = 9,
    shape = { 2, 2 }, gives = { 2, 3, 5, 6 } },
  { "Split gives the rest to the last part", op = "Split", x = { 5 }, outputs = 2, opset = 18,
    attributes = { { "num_outputs", 2 } }, shape = { 3 }, gives = { 1, 2, 3 } },
  { "Pad crops where it is negative", op = "Pad", x = { 3 },
    with = { ints("p", { -1, 2 }), floats("v", {}, { 9 }) }, shape = { 4 },
    gives = { 2, 3, 9, 9 } },
  { "Pad crops before it wraps", op = "Pad", x = { 4 }, with = { ints("p", { -1, 2 }) },
    attributes = { { "mode", "wrap" } }, opset = 19, shape = { 5 }, gives = { 2, 3, 4, 2, 3 } },
  { "Expand broadcasts both ways", op = "Expand", x = { 2, 1 }, with = { ints("s", { 1, 2 }) },
    shape = { 2, 2 }, gives = { 1, 1, 2, 2 } },
  { "Concat joins along an axis", op = "Concat", x = { 2, 1 },
    with = { floats("b", { 2, 1 }, { 8, 9 }) }, attributes = { { "axis", -1 } }, shape = { 2, 2 },
    gives = { 1, 8, 2, 9 } },
  { "ReduceSum has its axes as an input since operator set 13", op = "ReduceSum", x = { 2, 2 },
    with = { ints("a", { 1 }) }, attributes = { { "keepdims", 0 } }, shape = { 2 },
    gives = { 3, 7 } },
  { "ReduceMean has an attribute before operator set 18", op = "ReduceMean", x = { 2, 2 },
    attributes = { { "axes", { -2 } } }, shape = { 1, 2 }, gives = { 2, 3 } },
  { "ReduceMax goes over all axes by default", op = "ReduceMax", x = { 2, 2 }, shape = { 1, 1 },
    gives = { 4 } },
  { "Resize takes the nearest without a mode: the one behind where it shrinks", op = "Resize",
    x = { 4 }, with = { floats("s", { 1 }, { 0.6 }) }, opset = 10, shape = { 2 },
    gives = { 1, 3 } },
  { "Resize takes the nearest without a mode: the one before where it grows", op = "Resize",
    x = { 2 }, with = { floats("s", { 1 }, { 1.5 }) }, opset = 10, shape = { 3 },
    gives = { 1, 1, 2 } },
  { "Resize has the places of TensorFlow's nearest", op = "Resize", x = { 6 }, opset = 11,
    with = { floats("r", { 0 }, {}), floats("s", { 1 }, { 0.5 }) },
    attributes = { { "coordinate_transformation_mode", "tf_half_pixel_for_nn" },
      { "nearest_mode", "floor" } }, shape = { 3 }, gives = { 2, 4, 6 } },
  { "Resize works extents out in f32", op = "Resize", x = { 10 }, opset = 10,
    with = { floats("s", { 1 }, { 0.7 }) }, shape = { 7 }, gives = { 1, 3, 4, 6, 7, 9, 10 } },
  { "Resize takes a scale for the number that was meant", op = "Resize", x = { 10 },
    with = { floats("r", { 0 }, {}), floats("s", { 1 }, { 1.2 }) },
    attributes = { { "coordinate_transformation_mode", "asymmetric" },
      { "nearest_mode", "round_prefer_ceil" } }, shape = { 12 },
    gives = { 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 9, 10 } },
  { "Pad puts 0 around integers, whatever they mean", op = "Cast", x = { 2 },
    before = { scaled("QuantizeLinear"), { "Pad", with = { ints("p", { 1, 1 }) } } },
    attributes = { { "to", writer.F32 } }, shape = { 4 }, gives = { 0, 5, 7, 0 } },
  { "Pad puts 0 around dequantized numbers", op = "Pad", x = { 2 },
    before = { scaled("QuantizeLinear"), scaled("DequantizeLinear") },
    with = { ints("p", { 1, 1 }) }, shape = { 4 }, gives = { 0, 1, 2, 0 } },
  { "MatMulInteger has no other zero points than its own", op = "Cast", x = { 1, 2 },
    before = { scaled("QuantizeLinear"), { "MatMulInteger",
      with = { { name = "w", dims = { 2, 1 }, type = writer.I8, ints = { 1, 10 } } } } },
    attributes = { { "to", writer.F32 } }, shape = { 1, 1 }, gives = { 75 } },
  { "Resize puts its number around dequantized ones", op = "Resize", x = { 2 },
    before = { scaled("QuantizeLinear"), scaled("DequantizeLinear") },
    with = { floats("r", { 2 }, { -1, 2 }), floats("s", { 1 }, { 2 }) },
    attributes = { { "coordinate_transformation_mode", "tf_crop_and_resize" },
      { "extrapolation_value", 9.0 } }, shape = { 4 }, gives = { 9, 1, 2, 9 } },
  { "Cast keeps the low bits of integers", op = "Cast", x = { 4 },
    before = { cast(writer.I32), cast(writer.I8) }, numbers = { 200.0, 128.0, -129.0, -1.0 },
    attributes = { { "to", writer.F32 } }, shape = { 4 }, gives = { -56, -128, 127, -1 } },
  { "Cast turns negative integers into large ones", op = "Cast", x = { 2 },
    before = { cast(writer.I64), cast(U32) }, numbers = { -1.0, 7.0 },
    attributes = { { "to", writer.F32 } }, shape = { 2 }, gives = { 4294967296, 7 } },
  { "Dropout does nothing", op = "Dropout", x = { 2 }, shape = { 2 }, gives = { 1, 2 } },
}

describe("an ONNX operator", function()
  for _, case in ipairs(CASES) do
    it("is right: " .. case[1], function()
      local result = run(case)[1]
      assert.same(case.shape, result.type.shape)
      local wanted = ir.tensor({ dtype = "f32", shape = case.shape }, case.gives)
      local found = result:compare(wanted, { rtol = 1e-6, atol = 0 })
      assert(found.equal, table.concat(result:list(), " "))
    end)
  end

  it("gives every part of a Split", function()
    local parts = run { op = "Split", x = { 4 }, outputs = 3, with = { ints("s", { 1, 1, 2 }) } }
    assert.same({ 1.0 }, parts[1]:list())
    assert.same({ 2.0 }, parts[2]:list())
    assert.same({ 3.0, 4.0 }, parts[3]:list())
  end)
end)
