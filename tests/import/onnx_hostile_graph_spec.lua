--- onnx_hostile_graph_spec: ONNX graphs that break ONNX's rules give clear errors.
local hostile = require "tests.tools.hostile"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local changed, load, refuses = hostile.changed, hostile.load, hostile.refuses
local I64 = writer.I64
local HUGE = math.maxinteger

-- One node from x (and constants) to y.
local function single(node, more)
  more = more or {}
  node[2], node[3] = node[2] or { "x" }, node[3] or { "y" }
  return writer.model {
    inputs = { writer.value("x", more.shape or { 1, 2, 4, 4 }) },
    outputs = { more.output or pb.bytes(1, "y") },
    nodes = { node },
    tensors = more.tensors,
    opset = more.opset,
  }
end

local function list(name, values)
  return { name = name, type = I64, dims = { #values }, ints = values }
end

describe("a model", function()
  hostile.cases(it, {
    { "row 26: has a graph", pb.int(1, 8) .. pb.bytes(2, "maker") .. pb.bytes(8, pb.int(2, 13)),
      "no graph" },
    { "row 29: has a known IR version", changed(function(m) m.ir = 999 end), "IR version 999" },
    { "row 27: has an operator set",
      changed(function(m) m.sets = "" end), "supported are 7 to 28" },
    { "row 27: has a known operator set", changed(function(m) m.opset = 1 << 62 end), "7 to 28" },
    { "row 27: has no operator set 0",
      changed(function(m) m.opset = 0 end), "needs operator set 0" },
    { "row 27: has no negative operator set",
      changed(function(m) m.opset = -1 end), "operator set -1" },
    { "row 27: has one operator set", changed(function(m)
      m.sets = pb.bytes(8, pb.int(2, 13)) .. pb.bytes(8, pb.bytes(1, "ai.onnx") .. pb.int(2, 14))
    end), "imported twice, versions 13 and 14" },
    { "row 45: computes a name once", changed(function(m)
      m.nodes[2][3] = { "c" }
    end), "node 1 Relu computes 'c', which is computed by node 0 Conv already" },
    { "row 45: does not compute its inputs", changed(function(m)
      m.nodes[2][3] = { "image" }
    end), "an input or initializer already" },
    { "row 42: is in order", changed(function(m)
      m.nodes[1], m.nodes[2] = m.nodes[2], m.nodes[1]
    end), "node 0 Relu: it needs 'c', which node 1 Conv computes later" },
    { "row 43: has no cycle", changed(function(m)
      m.nodes[1][2][1] = "p"
    end), "without cycles" },
    { "row 43: has no node that needs itself", changed(function(m)
      m.nodes[1][2][1] = m.nodes[1][3][1]
    end), "which it computes itself" },
    { "row 43: computes what it needs", changed(function(m)
      m.nodes[2][2] = { "nowhere" }
    end), "it needs 'nowhere', which nothing computes" },
    { "row 46: computes its outputs", changed(function(m)
      m.outputs[1] = writer.value("other", { 1 })
    end), "output 'other' is computed by no node" },
    { "row 46: has outputs", changed(function(m) m.outputs = {} end), "no outputs" },
    { "row 46: has each output once", changed(function(m)
      m.outputs[2] = m.outputs[1]
    end), "two outputs 'scores'" },
    { "row 46: computes outputs of the types it says", changed(function(m)
      m.outputs[1] = writer.value("scores", { 1, 7 })
    end), "the model says f32[1, 7], its nodes compute f32[1, 3]" },
    { "row 47: has inputs of known size", changed(function(m)
      m.inputs[1] = writer.value("image", { "N", 2, 6, 6 })
    end), "-d N=1" },
    { "row 48: has inputs with a type", changed(function(m) m.inputs[1] = pb.bytes(1, "image") end),
      "input 'image' has no type" },
    { "row 77: has names without zero bytes", changed(function(m)
      m.nodes[1][3], m.nodes[2][2] = { "c\0d" }, { "c\0d" }
    end), "zero byte" },
  })

  it("row 47: has dimensions with one size", function()
    local bytes = writer.model {
      inputs = { writer.value("x", { "N", 3 }) },
      outputs = { writer.value("x", { "N", 3 }) },
    }
    refuses(bytes, "no input has the dimension 'M'; there are 'N', 'x.0'",
      { arguments = { "-d", "N=1", "-d", "M=2" } })
    refuses(bytes, "'N' is bound to 1 and, as 'x.0', to 2",
      { arguments = { "-d", "N=1", "-d", "x.0=2" } })
    refuses(bytes, "but the model fixes it at 3",
      { arguments = { "-d", "N=1", "-d", "x.1=2" } })
    assert.is_truthy(load(bytes, { dims = { N = 2 } }))
  end)

  it("row 28: hears of all its unsupported nodes at once", function()
    local bytes = changed(function(m)
      m.nodes[2][1] = "Frobnicate"
      m.nodes[2].name = "\27[2J*/"
      m.nodes[3].domain = "com.acme"
      m.nodes[5].attributes = { { "transC", 1 } } -- behind them: not judged
    end)
    local module, message = load(bytes)
    assert.is_nil(module)
    assert.equal([[
2 operators are not supported:
  node 1 '\x1b[2J*/' Frobnicate (ai.onnx 13): there is no import for it
  node 2 com.acme.MaxPool (com.acme 0): there is no import for it]], message)
  end)
end)

describe("a node", function()
  local function conv(attributes, w)
    local dims = w or { 4, 2, 3, 3 }
    local count = 1
    for _, extent in ipairs(dims) do
      count = count * extent
    end
    return single({ "Conv", { "x", "w" }, attributes = attributes },
      { tensors = { { name = "w", dims = dims, raw = ("\0"):rep(4 * count) } } })
  end
  local function with(op, attributes, tensors, opset)
    local inputs = { "x" }
    for i, tensor in ipairs(tensors or {}) do
      inputs[i + 1] = tensor.name
    end
    return single({ op, inputs, attributes = attributes }, { tensors = tensors, opset = opset })
  end
  local function quantize(scale, zero)
    return with("QuantizeLinear", {}, {
      { name = "s", dims = {}, floats = { scale } },
      { name = "z", dims = {}, type = writer.I8, ints = { zero } },
    })
  end
  hostile.cases(it, {
    { "row 30: has attributes of the right kind", conv { { "strides", { 1.0, 1.0 } } },
      "attribute 'strides' has to be of kind ints, here it is floats" },
    { "row 30: has an attribute once", conv { { "group", 1 }, { "group", 1 } }, "given twice" },
    { "row 30: has only its operator's attributes",
      conv { { "hat", 1 } }, "Conv has no attribute 'hat'" },
    { "row 30: has the attributes it needs", with("Concat", {}), "attribute 'axis' is missing" },
    { "row 31: has pads for each side", conv { { "pads", { 1, 1, 1 } } }, "it needs 4 values" },
    { "row 31: has no negative pads", conv { { "pads", { -1, 0, 0, 0 } } }, "at least 0" },
    { "row 31: has pads below 2^31", conv { { "pads", { 0, 0, 0, 1 << 31 } } }, "below 2^31" },
    { "row 31: has strides above 0", conv { { "strides", { 0, 1 } } }, "at least 1" },
    { "row 31: has dilations above 0", conv { { "dilations", { 0, 1 } } }, "at least 1" },
    { "row 31: has a kernel_shape as its weights",
      conv { { "kernel_shape", { 5, 3 } } }, "[5, 3]" },
    { "row 31: has groups above 0", conv { { "group", 0 } }, "'group' is 0" },
    { "row 31: has positive groups", conv { { "group", -1 } }, "'group' is -1" },
    { "row 31: has groups that divide the channels", conv { { "group", 7 } }, "'group' is 7" },
    { "row 31: has channels as its input", conv({}, { 4, 3, 3, 3 }), "3 input channels per group" },
    { "row 48: has weights of its input's rank", conv({}, { 4, 2 }), "differ in rank" },
    { "row 31: has a window that fits",
      conv({}, { 4, 2, 9, 3 }), "a window of 9 does not fit into 4" },
    { "row 48: has an input of rank 3 or more",
      single({ "GlobalAveragePool" }, { shape = {} }), "node 0" },
    { "row 48: has matrices for Gemm",
      with("Gemm", {}, { { name = "b", dims = {}, floats = { 1 } } }),
      "it has to be a matrix" },
    { "row 32: has axes within the rank",
      with("Softmax", { { "axis", 4 } }), "axis is 4; the rank is 4" },
    { "row 32: has an axis once",
      with("ReduceSum", {}, { list("a", { 1, -3 }) }), "name axis 1 twice" },
    { "row 32: has a permutation",
      with("Transpose", { { "perm", { 0, 1, 1, 3 } } }), "axis 1 twice" },
    { "row 32: has a permutation of its rank",
      with("Transpose", { { "perm", { 0 } } }), "'perm' is [0]" },
    { "row 33: has one -1 in a shape", with("Reshape", {}, { list("s", { -1, -1 }) }), "two -1" },
    { "row 33: has a shape with as many elements", with("Reshape", {}, { list("s", { 5, -1 }) }),
      "has 32 elements, which shape [5, -1] cannot hold" },
    { "row 33: has a shape of small extents", with("Reshape", {}, { list("s", { HUGE, 2 }) }),
      "node 0 Reshape" },
    { "row 34: has steps other than 0", with("Slice", {}, {
      list("a", { 0 }), list("b", { 1 }), list("c", { 0 }), list("d", { 0 }) }),
      "the step along axis 0 is 0" },
    { "row 39: has splits that sum up", with("Split", {}, { list("s", { 2 }) }), "has extent 1" },
    { "row 37: makes no tensor of 2^40 elements", with("Expand", {}, {
      list("s", { 1 << 40, 1, 1, 1, 1 }) }), "node 0 Expand" },
    { "row 37: pads to no 2^40 elements", with("Pad", {}, {
      list("p", { 1 << 30, 1 << 30, 0, 0, 0, 0, 0, 0 }) }), "more than 2147483647" },
    { "row 37: pads by no 2^62", with("Pad", {}, {
      list("p", { 1 << 62, 0, 0, 0, 1 << 62, 0, 0, 0 }) }), "node 0 Pad" },
    { "row 54: has a scale above 0", quantize(0.0, 0), "a scale is 0" },
    { "row 54: has a positive scale", quantize(-1.0, 0), "a scale is -1" },
    { "row 54: has a scale that is a number", quantize(0 / 0, 0), "nan" },
    { "row 54: has a finite scale", quantize(math.huge, 0), "a scale is inf" },
    { "row 54: has a normal scale", quantize(1e-40, 0), "normal number" },
    { "row 45: has as many inputs as it takes",
      with("Relu", {}, { list("a", {}) }), "it has 2 inputs" },
    { "row 45: has the inputs it needs", single { "Add", { "", "x" } }, "input 0 is missing" },
    { "row 48: has operands that broadcast", with("Add", {}, { { name = "v", dims = { 3 },
      floats = { 1, 2, 3 } } }), "node 0 Add" },
    { "row 28: exists in the operator set",
      with("QuantizeLinear", {}, {}, 9), "from operator set 10" },
  })

  it("row 34: may start and end a slice anywhere", function()
    local bytes = with("Slice", {}, {
      list("a", { HUGE, math.mininteger }),
      list("b", { math.mininteger, HUGE }),
      list("c", { 2, 3 }),
      list("d", { math.mininteger, HUGE }),
    })
    local module = load(bytes)
    assert.same({ 1, 2, 1, 1 }, module:main().returns[1].type.shape)
  end)

  it("row 53: may compute what is not a number", function()
    local function scalars(number)
      return { name = "n" .. number, dims = { 2 }, floats = { number, number } }
    end
    local module = load(writer.model {
      inputs = { writer.value("x", { 1, 2, 1 }) },
      outputs = { pb.bytes(1, "y") },
      tensors = { scalars(1.0), scalars(0.0), scalars(-1.0) },
      nodes = {
        { "BatchNormalization", { "x", "n1.0", "n0.0", "n0.0", "n-1.0" }, { "y" } },
      },
    })
    module:infer()
  end)
end)
