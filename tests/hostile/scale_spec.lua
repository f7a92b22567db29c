--- scale_spec: large and entangled networks take time in proportion; what would explode is refused.

local fb = require "tests.tools.flatbuffer_writer"
local hostile = require "tests.tools.hostile"
local pb = require "tests.tools.protobuf_writer"
local shell = require "tests.tools.shell"
local tflite = require "tests.tools.tflite_writer"
local writer = require "tests.tools.onnx_writer"

local I64 = writer.I64

-- A model from x to y, both of `shape`.
local function model(shape, nodes, more)
  more = more or {}
  return writer.model {
    inputs = { writer.value("x", shape) }, outputs = { more.output or writer.value("y", shape) },
    nodes = nodes, tensors = more.tensors,
  }
end

-- Nodes x -> t1 -> t2 ... -> y.
local function chain(count, op)
  local nodes = {}
  for i = 1, count do
    nodes[i] = { op, { i == 1 and "x" or "t" .. i - 1 }, { i == count and "y" or "t" .. i } }
  end
  return nodes
end

local function constant(name, values)
  return { name = name, type = I64, dims = { #values }, ints = values }
end

describe("a network", function()
  it("row 92: may be a long chain of nothing", function()
    local files = hostile.compiles(model({ 1, 4 }, chain(20000, "Identity")))
    assert.is_truthy(files["src/model_lib0.c"])
  end)

  it("row 92: may be a long chain", function()
    assert.is_truthy(hostile.compiles(model({ 1, 4 }, chain(2000, "Sigmoid"))))
  end)

  it("row 92: may be a long chain with another shape for each link", function()
    local nodes, last = {}, "x"
    for i = 1, 1000 do
      nodes[#nodes + 1] = { "Reshape", { last, i % 2 == 1 and "pair" or "row" }, { "r" .. i } }
      nodes[#nodes + 1] = { "Sigmoid", { "r" .. i }, { i == 1000 and "y" or "t" .. i } }
      last = "t" .. i
    end
    assert.is_truthy(hostile.compiles(model({ 1, 4 }, nodes,
      { tensors = { constant("row", { 1, 4 }), constant("pair", { 2, 2 }) } })))
  end)

  it("row 93: may have a node of many inputs and a tensor of many uses", function()
    local inputs = {}
    for i = 1, 5000 do inputs[i] = "x" end
    local node = { "Concat", inputs, { "y" }, attributes = { { "axis", 0 } } }
    assert.is_truthy(hostile.compiles(model({ 1, 4 }, { node },
      { output = writer.value("y", { 5000, 4 }) })))
  end)

  it("row 94: may have many branches that join", function()
    local nodes, inputs = {}, {}
    for i = 1, 1000 do
      nodes[i], inputs[i] = { "Sigmoid", { "x" }, { "t" .. i } }, "t" .. i
    end
    nodes[#nodes + 1] = { "Concat", inputs, { "y" }, attributes = { { "axis", 0 } } }
    assert.is_truthy(hostile.compiles(model({ 1, 4 }, nodes,
      { output = writer.value("y", { 1000, 4 }) })))
  end)

  it("row 96: of 64 diamonds is planned in time and always the same way", function()
    local nodes, last = {}, "x"
    for i = 1, 64 do
      local joined = i == 64 and "y" or "d" .. i
      nodes[#nodes + 1] = { "Sigmoid", { last }, { "a" .. i } }
      nodes[#nodes + 1] = { "Tanh", { last }, { "b" .. i } }
      nodes[#nodes + 1] = { "MatMul", { "a" .. i, "b" .. i }, { joined } }
      last = joined
    end
    local bytes = model({ 4, 4 }, nodes)
    assert.same({}, shell.differences(hostile.compiles(bytes), hostile.compiles(bytes)))
  end)

  it("row 98: becomes functions of modest length", function()
    local files = hostile.compiles(model({ 4, 4 }, chain(400, "Softmax")))
    for path, bytes in pairs(files) do -- order: irrelevant, each alone
      local length = 0
      for line in bytes:gmatch "[^\n]*" do
        length = line:find "^}" and 0 or length + 1
        -- the longest function calls each layer once, in five lines at most
        assert(length < 400 * 5 + 50 or not path:find "%.c$", path)
      end
    end
  end)
end)

describe("a sum of many products", function()
  it("row 69: is the evaluator's where it exceeds 32 bits, and defined in C", function()
    local count = 140000
    local function bytes(name, shape, quant, data)
      return { name = name, dtype = "i8", shape = shape, data = data, quant = quant }
    end
    local network = tflite.write { {
      tensors = {
        bytes("x", { 1, count }, { scale = { 0.5 }, zero = { 127 } }),
        bytes("w", { 1, count }, { scale = { 0.5 }, zero = { 0 } }, ("\x81"):rep(count)),
        bytes("y", { 1, 1 }, { scale = { 1000.0 }, zero = { 0 } }),
      },
      operators = { { op = "FULLY_CONNECTED", version = 4, inputs = { 0, 1, -1 }, outputs = { 2 },
        options = { [0] = fb.i8(0) } } },
      inputs = { 0 }, outputs = { 2 },
    } }
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/m.tflite", network)
    local code, said = hostile.run { "verify", folder.path .. "/m.tflite", "--sanitize" }
    assert.equal(0, code, said)
  end)
end)

describe("a constant", function()
  local function bomb(nodes, tensors, words)
    hostile.refuses(writer.model {
      inputs = { writer.value("x", { 1 }) }, outputs = { pb.bytes(1, "y") }, nodes = nodes,
      tensors = tensors,
    }, words)
  end

  it("row 37: is not expanded beyond what one tensor may have", function()
    bomb({ { "Expand", { "x", "s" }, { "y" } } }, { constant("s", { 1 << 20, 1 << 20 }) },
      "node 0 Expand")
    bomb({ { "ConstantOfShape", { "s" }, { "c" } }, { "Add", { "x", "c" }, { "y" } } },
      { constant("s", { 1 << 20, 1 << 20 }) }, "node 0 ConstantOfShape")
    bomb({ { "Tile", { "x", "s" }, { "y" } } }, { constant("s", { 1 << 40 }) }, "node 0 Tile")
  end)

  it("row 99: grows to a limit in shape arithmetic", function()
    bomb({ { "Range", { "a", "b", "c" }, { "r" } }, { "Reshape", { "x", "r" }, { "y" } } },
      { { name = "a", type = I64, dims = {}, ints = { 0 } },
        { name = "b", type = I64, dims = {}, ints = { 1 << 40 } },
        { name = "c", type = I64, dims = {}, ints = { 1 } } }, "node 0 Range")
  end)

  it("row 99: is not folded beyond the budget", function()
    local nodes = { { "Expand", { "one", "s" }, { "big" } } }
    for i = 1, 8 do nodes[#nodes + 1] = { "Sigmoid", { i == 1 and "big" or "g" .. i - 1 },
      { "g" .. i } } end
    nodes[#nodes + 1] = { "Mul", { "x", "g8" }, { "y" } }
    local files = hostile.compiles(model({ 1 }, nodes, {
      tensors = { constant("s", { 1 << 23 }), { name = "one", dims = { 1 }, floats = { 1 } } },
      output = pb.bytes(1, "y"),
    }), { arguments = { "--set", "fold_budget=1000000" } })
    local size = 0
    for _, bytes in pairs(files) do size = size + #bytes end -- order: irrelevant, a sum
    assert(size < 1 << 22, size)
  end)
end)

describe("golden.json", function()
  local function judged(text, words)
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/m.onnx", writer.model(writer.small()))
    shell.must { "mkdir", folder.path .. "/data" }
    shell.write(folder.path .. "/data/golden.json", text)
    hostile.fails(folder.path, { "verify", folder.path .. "/m.onnx", "--data",
      folder.path .. "/data" }, 4, words)
  end

  for name, text in pairs {
    ["nested deeply"] = ("["):rep(100000), ["nested deeply and closed"] = ("["):rep(100000)
      .. ("]"):rep(100000), ["cut off"] = '{"mode": ', ["followed by more"] = "{} {}",
    ["no object"] = "[1, 2]", ["empty"] = "", ["no text"] = '{"\xff": "\xc0\xaf',
    ["of other words"] = '{"rtol": 1e999999}',
  } do -- order: irrelevant, each alone
    it("row 100: is refused where it is " .. name, function() judged(text, "golden.json") end)
  end
end)
