--- onnx_hostile_spec: broken and malicious ONNX files give clear errors and nothing else.
local data = require "aot.data"
local import = require "aotlua.import"
local onnx = require "aotlua.import.onnx"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local I64, F32 = writer.I64, writer.F32
local HUGE = math.maxinteger

-- A message in the user's words: one that Lua or the core made by accident tells its origin.
local function check_message(message)
  assert.equal("string", type(message))
  assert.is_nil(message:find("%.lua:%d"), message)
  assert.is_nil(message:find("[^%g \n]"), message)
end

local function load(bytes, options)
  local ok, result = pcall(onnx.load, data.from_string(bytes), nil, options)
  if ok then
    return result
  end
  check_message(result)
  return nil, result
end

local function refuses(bytes, words, options)
  local module, message = load(bytes, options)
  assert.is_nil(module, "it was accepted")
  assert(message:find(words, 1, true), message)
end

-- Each case: what is true, the bytes, what the message says.
local function cases(list)
  for _, case in ipairs(list) do
    it(case[1], function()
      refuses(case[2], case[3])
    end)
  end
end

-- The small network with one thing changed.
local function changed(change)
  local small = writer.small()
  change(small)
  return writer.model(small)
end

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

describe("the wire format", function()
  local nested = ""
  for _ = 1, 150 do
    nested = pb.bytes(4, pb.bytes(1, nested)) -- a sequence of sequences of ...
  end
  local graph = writer.model(writer.small())
  cases {
    { "has numbers of at most 10 bytes", pb.tag(1, 0) .. ("\xff"):rep(10) .. "\1", "64 bits" },
    { "has numbers of at most 64 bits", pb.tag(1, 0) .. ("\xff"):rep(9) .. "\2", "64 bits" },
    { "keeps lengths within the file", pb.tag(7, 2) .. "\x7f\0\0", "a length of 127 bytes, but 2" },
    { "keeps lengths positive", pb.tag(7, 2) .. pb.varint(1 << 63), "2^63 or more" },
    { "has no groups", pb.tag(3, 3) .. "\0", "the start of a group" },
    { "has no end of groups", pb.tag(3, 4), "the end of a group" },
    { "has no wire type 6", pb.tag(3, 6), "reserved wire type" },
    { "has no field 0", "\0\0", "no field number 0" },
    { "types fields", pb.bytes(1, "8"), "'ir_version' is a length and bytes" },
    { "has no half floats", pb.bytes(7, pb.bytes(1, pb.bytes(5, pb.bytes(7, "123")))),
      "no multiple of 4" },
    { "is nested to a limit", pb.bytes(7, pb.bytes(11, pb.bytes(2, nested))), "deeper than 100" },
    { "bounds names", pb.bytes(7, pb.bytes(2, ("n"):rep(5000))), "5000 bytes, more than 4096" },
    { "ends with the last field", graph .. "\x08", "goes on behind the end" },
  }

  it("skips unknown fields and takes the last of a field", function()
    local bytes = writer.model(writer.small())
    local same = pb.int(1, 999) .. pb.bytes(2, "producer") .. pb.float(77, 1.5)
      .. pb.tag(78, 1) .. ("x"):rep(8) .. bytes
    assert.equal(load(bytes):print(), load(same):print())
  end)

  it("allows lists of numbers packed and one by one", function()
    local unpacked = changed(function(small)
      small.tensors[3] = pb.int(1, 2) .. pb.int(2, I64) .. pb.int(7, 0) .. pb.int(7, -1)
        .. pb.bytes(8, "shape")
      small.tensors[2] = pb.packed(1, { 4 }) .. pb.int(2, F32) .. pb.float(4, -7 / 8)
        .. pb.bytes(4, string.pack("<fff", 1, 2, 3)) .. pb.bytes(8, "b")
    end)
    assert.is_truthy(load(unpacked))
  end)
end)

describe("an initializer", function()
  local function tensor(spec)
    return changed(function(small)
      spec.name = "b"
      small.tensors[2] = writer.tensor(spec)
    end)
  end
  cases {
    { "has as many bytes as its shape needs", tensor { dims = { 4 }, raw = ("x"):rep(15) },
      "initializer 'b': raw_data has 15 bytes, f32[4] needs 16" },
    { "has data", tensor { dims = { 4 } }, "has no data, its shape needs 16 bytes" },
    { "has data in one place", tensor { dims = { 1 }, raw = "1234", floats = { 1 } },
      "both float_data and raw_data" },
    { "has data of its type", tensor { dims = { 1 }, ints = { 1 } }, "it has int32_data, but" },
    { "has a type", tensor { dims = { 4 }, type = 0, raw = "" }, "number 0" },
    { "has a known type", tensor { dims = { 4 }, type = 99, raw = "" }, "number 99" },
    { "is not of strings", tensor { dims = { 4 }, type = 8, raw = "" }, "string" },
    { "has no negative extent", tensor { dims = { -1 }, raw = "" }, "extent -1" },
    { "has extents below 2^31", tensor { dims = { 0, 1 << 62 }, raw = "" }, "not between 0 and" },
    { "has a product of extents below 2^31", tensor { dims = { 1 << 20, 1 << 20 }, raw = "" },
      "more than 2147483647 elements" },
    { "has a rank", tensor { dims = table.move({}, 1, 0, 1, { 1, 1, 1, 1, 1, 1, 1, 1, 1 }),
      raw = "1234" }, "the rank is 9" },
    { "has numbers that its type holds", tensor { dims = { 1 }, type = writer.U8, ints = { 256 } },
      "initializer 'b'" },
    { "has as many numbers as its shape needs", tensor { dims = { 3 }, type = I64, ints = { 1 } },
      "int64_data has 1 numbers, the shape needs 3" },
    { "comes once", changed(function(small)
      small.tensors[5] = small.tensors[1]
    end), "two initializers 'w'" },
  }

  it("keeps every bit of its floats", function()
    local bits = string.pack("<I4I4I4I4", 0x7fc00001, 0x80000000, 1, 0xff800000)
    local module = load(tensor { dims = { 4 }, raw = bits })
    for _, const in ipairs(module:consts()) do
      if const.name == "b" then
        assert.equal(bits, const.data:view():string(0, 16))
      end
    end
  end)
end)

describe("external data", function()
  local folder, path

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir -p " .. folder .. "/sub && ln -s /etc " .. folder .. "/link")
    path = folder .. "/model.onnx"
    data.write(folder .. "/w.bin", ("\0"):rep(100))
  end)

  teardown(function()
    os.execute("rm -r " .. folder)
  end)

  local function with(entries)
    return changed(function(small)
      small.tensors[2] = writer.tensor { name = "b", dims = { 4 }, more = writer.external(entries) }
    end)
  end

  local function load_at(entries)
    data.write(path, with(entries))
    local ok, result = pcall(import.load, path)
    if ok then
      return result
    end
    check_message(result)
    return nil, result
  end

  local location = { "location", "w.bin" }
  local refused = {
    { "climbs out", { { "location", "../w.bin" } }, "b" },
    { "climbs out later", { { "location", "sub/../../w.bin" } }, "b" },
    { "is absolute", { { "location", "/etc/passwd" } }, "b" },
    { "is a link's", { { "location", "link/passwd" } }, "b" },
    { "is a folder", { { "location", "sub" } }, "b" },
    { "is missing", { { "location", "none.bin" } }, "none.bin" },
    { "has no name", { { "offset", "0" } }, "no location" },
    { "has a zero byte", { { "location", "w.bin\0x" } }, "no location" },
    { "has an unknown key", { location, { "mode", "rw" } }, "the key 'mode'" },
    { "has a key twice", { location, location }, "a second 'location'" },
    { "has a negative offset", { location, { "offset", "-4" } }, "offset '-4'" },
    { "has a real offset", { location, { "offset", "1e1" } }, "offset '1e1'" },
    { "has a huge offset", { location, { "offset", "9223372036854775807" } }, "offset" },
    { "ends behind the file", { location, { "offset", "90" }, { "length", "16" } },
      "16 bytes at 90 of 'w.bin', which has 100" },
    { "has the wrong length", { location, { "length", "17" } }, "has 17 bytes, f32[4] needs 16" },
  }
  for _, case in ipairs(refused) do
    it("is refused where it " .. case[1], function()
      local module, message = load_at(case[2])
      assert.is_nil(module)
      assert(message:find("initializer 'b'", 1, true), message)
      assert(message:find(case[3], 1, true), message)
    end)
  end

  it("is read beneath the model's folder", function()
    assert.is_truthy(load_at { location, { "offset", "64" }, { "length", "16" } })
  end)

  it("is refused where there is no folder", function()
    refuses(with { location }, "no folder to look in")
  end)
end)

describe("a model", function()
  cases {
    { "has a graph", pb.int(1, 8) .. pb.bytes(8, pb.int(2, 13)), "no graph" },
    { "has a known IR version", changed(function(m) m.ir = 999 end), "IR version 999" },
    { "has an operator set", changed(function(m) m.sets = "" end), "supported are 7 to 28" },
    { "has a known operator set", changed(function(m) m.opset = 1 << 62 end), "7 to 28" },
    { "has no operator set 0", changed(function(m) m.opset = 0 end), "needs operator set 0" },
    { "has no negative operator set", changed(function(m) m.opset = -1 end), "operator set -1" },
    { "has one operator set", changed(function(m)
      m.sets = pb.bytes(8, pb.int(2, 13)) .. pb.bytes(8, pb.bytes(1, "ai.onnx") .. pb.int(2, 14))
    end), "imported twice, versions 13 and 14" },
    { "computes a name once", changed(function(m)
      m.nodes[2][3] = { "c" }
    end), "node 1 Relu computes 'c', which is computed by node 0 Conv already" },
    { "does not compute its inputs", changed(function(m)
      m.nodes[2][3] = { "image" }
    end), "an input or initializer already" },
    { "is in order", changed(function(m)
      m.nodes[1], m.nodes[2] = m.nodes[2], m.nodes[1]
    end), "node 0 Relu: it needs 'c', which node 1 Conv computes later" },
    { "has no cycle", changed(function(m)
      m.nodes[1][2][1] = "p"
    end), "without cycles" },
    { "computes what it needs", changed(function(m)
      m.nodes[2][2] = { "nowhere" }
    end), "it needs 'nowhere', which nothing computes" },
    { "computes its outputs", changed(function(m)
      m.outputs[1] = writer.value("other", { 1 })
    end), "output 'other' is computed by no node" },
    { "has outputs", changed(function(m) m.outputs = {} end), "no outputs" },
    { "has each output once", changed(function(m)
      m.outputs[2] = m.outputs[1]
    end), "two outputs 'scores'" },
    { "computes outputs of the types it says", changed(function(m)
      m.outputs[1] = writer.value("scores", { 1, 7 })
    end), "the model says f32[1, 7], its nodes compute f32[1, 3]" },
    { "has inputs of known size", changed(function(m)
      m.inputs[1] = writer.value("image", { "N", 2, 6, 6 })
    end), "-d N=1" },
    { "has inputs with a type", changed(function(m) m.inputs[1] = pb.bytes(1, "image") end),
      "input 'image' has no type" },
    { "has names without zero bytes", changed(function(m)
      m.nodes[1][3], m.nodes[2][2] = { "c\0d" }, { "c\0d" }
    end), "zero byte" },
  }

  it("has dimensions with one size", function()
    local bytes = writer.model {
      inputs = { writer.value("x", { "N", 3 }) },
      outputs = { writer.value("x", { "N", 3 }) },
    }
    refuses(bytes, "no input has the dimension 'M'; there are 'N', 'x.0'",
      { dims = { N = 1, M = 2 } })
    refuses(bytes, "'N' is bound to 1 and, as 'x.0', to 2", { dims = { N = 1, ["x.0"] = 2 } })
    refuses(bytes, "but the model fixes it at 3", { dims = { N = 1, ["x.1"] = 2 } })
    assert.is_truthy(load(bytes, { dims = { N = 2 } }))
  end)

  it("hears of all its unsupported nodes at once", function()
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
  cases {
    { "has attributes of the right kind", conv { { "strides", { 1.0, 1.0 } } },
      "attribute 'strides' has to be of kind ints, here it is floats" },
    { "has an attribute once", conv { { "group", 1 }, { "group", 1 } }, "given twice" },
    { "has only its operator's attributes", conv { { "hat", 1 } }, "Conv has no attribute 'hat'" },
    { "has the attributes it needs", with("Concat", {}), "attribute 'axis' is missing" },
    { "has pads for each side", conv { { "pads", { 1, 1, 1 } } }, "it needs 4 values" },
    { "has no negative pads", conv { { "pads", { -1, 0, 0, 0 } } }, "at least 0" },
    { "has pads below 2^31", conv { { "pads", { 0, 0, 0, 1 << 31 } } }, "below 2^31" },
    { "has strides above 0", conv { { "strides", { 0, 1 } } }, "at least 1" },
    { "has dilations above 0", conv { { "dilations", { 0, 1 } } }, "at least 1" },
    { "has a kernel_shape as its weights", conv { { "kernel_shape", { 5, 3 } } }, "[5, 3]" },
    { "has groups above 0", conv { { "group", 0 } }, "'group' is 0" },
    { "has positive groups", conv { { "group", -1 } }, "'group' is -1" },
    { "has groups that divide the channels", conv { { "group", 7 } }, "'group' is 7" },
    { "has channels as its input", conv({}, { 4, 3, 3, 3 }), "3 input channels per group" },
    { "has weights of its input's rank", conv({}, { 4, 2 }), "differ in rank" },
    { "has a window that fits", conv({}, { 4, 2, 9, 3 }), "a window of 9 does not fit into 4" },
    { "has an input of rank 3 or more", single({ "GlobalAveragePool" }, { shape = {} }), "node 0" },
    { "has matrices for Gemm", with("Gemm", {}, { { name = "b", dims = {}, floats = { 1 } } }),
      "it has to be a matrix" },
    { "has axes within the rank", with("Softmax", { { "axis", 4 } }), "axis is 4; the rank is 4" },
    { "has an axis once", with("ReduceSum", {}, { list("a", { 1, -3 }) }), "name axis 1 twice" },
    { "has a permutation", with("Transpose", { { "perm", { 0, 1, 1, 3 } } }), "axis 1 twice" },
    { "has a permutation of its rank", with("Transpose", { { "perm", { 0 } } }), "'perm' is [0]" },
    { "has one -1 in a shape", with("Reshape", {}, { list("s", { -1, -1 }) }), "two -1" },
    { "has a shape with as many elements", with("Reshape", {}, { list("s", { 5, -1 }) }),
      "has 32 elements, which shape [5, -1] cannot hold" },
    { "has a shape of small extents", with("Reshape", {}, { list("s", { HUGE, 2 }) }),
      "node 0 Reshape" },
    { "has steps other than 0", with("Slice", {}, {
      list("a", { 0 }), list("b", { 1 }), list("c", { 0 }), list("d", { 0 }) }),
      "the step along axis 0 is 0" },
    { "has splits that sum up", with("Split", {}, { list("s", { 2 }) }), "has extent 1" },
    { "makes no tensor of 2^40 elements", with("Expand", {}, {
      list("s", { 1 << 40, 1, 1, 1, 1 }) }), "node 0 Expand" },
    { "pads to no 2^40 elements", with("Pad", {}, {
      list("p", { 1 << 30, 1 << 30, 0, 0, 0, 0, 0, 0 }) }), "more than 2147483647" },
    { "pads by no 2^62", with("Pad", {}, {
      list("p", { 1 << 62, 0, 0, 0, 1 << 62, 0, 0, 0 }) }), "node 0 Pad" },
    { "has a scale above 0", quantize(0.0, 0), "a scale is 0" },
    { "has a positive scale", quantize(-1.0, 0), "a scale is -1" },
    { "has a scale that is a number", quantize(0 / 0, 0), "nan" },
    { "has a finite scale", quantize(math.huge, 0), "a scale is inf" },
    { "has a normal scale", quantize(1e-40, 0), "normal number" },
    { "has as many inputs as it takes", with("Relu", {}, { list("a", {}) }), "it has 2 inputs" },
    { "has the inputs it needs", single { "Add", { "", "x" } }, "input 0 is missing" },
    { "has operands that broadcast", with("Add", {}, { { name = "v", dims = { 3 },
      floats = { 1, 2, 3 } } }), "node 0 Add" },
    { "exists in the operator set", with("QuantizeLinear", {}, {}, 9), "from operator set 10" },
  }

  it("may start and end a slice anywhere", function()
    local bytes = with("Slice", {}, {
      list("a", { HUGE, math.mininteger }),
      list("b", { math.mininteger, HUGE }),
      list("c", { 2, 3 }),
      list("d", { math.mininteger, HUGE }),
    })
    local module = load(bytes)
    assert.same({ 1, 2, 1, 1 }, module:main().returns[1].type.shape)
  end)

  it("may compute what is not a number", function()
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

describe("every truncation of a small model", function()
  it("is refused or changes nothing", function()
    local bytes = writer.model(writer.small())
    local whole = load(bytes):print()
    for length = 0, #bytes - 1 do
      local module = load(bytes:sub(1, length))
      if module then
        assert.equal(whole, module:print())
      end
    end
  end)
end)

describe("every changed byte of a small model", function()
  it("gives an error in words or a valid module", function()
    local bytes = writer.model(writer.small())
    for at = 1, #bytes do
      for _, value in ipairs { 0, 0xff, bytes:byte(at) ~ 4 } do
        local module = load(bytes:sub(1, at - 1) .. string.char(value) .. bytes:sub(at + 1))
        if module then
          module:verify()
        end
      end
    end
  end)
end)
