--- onnx_hostile_values_spec: ONNX operands with values that make no sense, and odd graphs that do.

local hostile = require "tests.tools.hostile"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local changed, compiles, refuses = hostile.changed, hostile.compiles, hostile.refuses
local I64 = writer.I64

local function list(name, values)
  return { name = name, type = I64, dims = { #values }, ints = values }
end

local function scalar(name, value)
  return { name = name, type = I64, dims = {}, ints = { value } }
end

-- One node of x : f32[1, 2, 4, 4] and constants.
local function node(op, attributes, tensors, more)
  more = more or {}
  local inputs = { "x" }
  for i, tensor in ipairs(tensors or {}) do inputs[i + 1] = tensor.name end
  return writer.model {
    inputs = { writer.value("x", { 1, 2, 4, 4 }, more.type) },
    outputs = { pb.bytes(1, "y") },
    nodes = { { op, more.inputs or inputs, { "y" }, attributes = attributes } },
    tensors = tensors, opset = more.opset,
  }
end

-- A graph attribute of that name holding one node `inner`.
local function subgraph(name, inner)
  return pb.bytes(5, pb.bytes(1, name) .. pb.bytes(6, pb.bytes(1, inner)) .. pb.int(20, 5))
end

describe("an operand", function()
  hostile.cases(it, {
    { "row 35: selects rows that are there", node("Gather", { { "axis", 2 } },
      { list("i", { 0, 4 }) }), "node 0 Gather" },
    { "row 35: selects rows that are there from behind", node("Gather", { { "axis", 2 } },
      { list("i", { -5 }) }), "node 0 Gather" },
    { "row 35: selects along an axis that is there", node("Gather", { { "axis", 4 } },
      { list("i", { 0 }) }), "node 0 Gather" },
    { "row 38: scales by more than 0", node("Resize", {}, { { name = "r", dims = { 0 }, raw = "" },
      { name = "s", dims = { 4 }, floats = { 1, 1, 0, 2 } } }), "node 0 Resize" },
    { "row 38: scales by numbers", node("Resize", {}, { { name = "r", dims = { 0 }, raw = "" },
      { name = "s", dims = { 4 }, floats = { 1, 1, 0 / 0, 2 } } }), "node 0 Resize" },
    { "row 38: scales to what can be", node("Resize", {}, { { name = "r", dims = { 0 }, raw = "" },
      { name = "s", dims = { 4 }, floats = { 1, 1, 1e30, 1e30 } } }), "node 0 Resize" },
    { "row 38: scales each axis", node("Resize", {}, { { name = "r", dims = { 0 }, raw = "" },
      { name = "s", dims = { 3 }, floats = { 1, 2, 2 } } }), "node 0 Resize" },
    { "row 39: asks for as many as there are", node("TopK", {}, { list("k", { 5 }) }),
      "node 0 TopK" },
    { "row 39: asks for no less than nothing", node("TopK", {}, { list("k", { -1 }) }),
      "node 0 TopK" },
    { "row 39: makes one-hot rows of legal length", writer.model {
      inputs = { writer.value("x", { 2 }, I64) }, outputs = { pb.bytes(1, "y") },
      nodes = { { "OneHot", { "x", "d", "v" }, { "y" } } },
      tensors = { scalar("d", 1 << 40), { name = "v", dims = { 2 }, floats = { 0, 1 } } },
    }, "node 0 OneHot" },
    { "row 39: steps on", writer.model {
      inputs = { writer.value("x", { 1 }, I64) }, outputs = { pb.bytes(1, "y") },
      nodes = { { "Range", { "a", "b", "c" }, { "r" } }, { "Add", { "x", "r" }, { "y" } } },
      tensors = { scalar("a", 0), scalar("b", 9), scalar("c", 0) },
    }, "node 0 Range" },
    { "row 34: steps by no 0", node("Slice", {}, { list("a", { 0 }), list("b", { 1 }),
      list("c", { 0 }), list("d", { 0 }) }), "the step along axis 0 is 0" },
    { "row 33: reshapes without overflow", node("Reshape", {},
      { list("s", { 1 << 31, 1 << 31, 1 << 2 }) }), "node 0 Reshape" },
    { "row 33: takes 0 for an extent only where there is one", node("Reshape", {},
      { list("s", { 1, 2, 4, 4, 0 }) }), "node 0 Reshape" },
    { "row 33: reshapes to 0 and -1 never", node("Reshape", { { "allowzero", 1 } },
      { list("s", { 0, -1 }) }, { opset = 14 }), "node 0 Reshape" },
    { "row 54: has a zero point per channel or none", node("QuantizeLinear", { { "axis", 1 } },
      { { name = "s", dims = { 3 }, floats = { 1, 1, 1 } },
        { name = "z", dims = { 3 }, type = writer.I8, ints = { 0, 0, 0 } } }),
      "node 0 QuantizeLinear" },
  })

  it("row 34: is clamped where a slice goes too far", function()
    assert.is_truthy(compiles(node("Slice", {}, { list("a", { math.mininteger }),
      list("b", { math.maxinteger }), list("c", { 2 }), list("d", { math.maxinteger }) })))
  end)

  it("row 53: may divide by 0 and take roots of less", function()
    for _, op in ipairs { "Div", "Mul" } do
      assert.is_truthy(compiles(writer.model {
        inputs = { writer.value("x", { 2 }) }, outputs = { pb.bytes(1, "y") },
        nodes = { { "Sqrt", { "less" }, { "r" } }, { "Div", { "r", "zero" }, { "q" } },
          { op, { "x", "q" }, { "y" } } },
        tensors = { { name = "less", dims = { 2 }, floats = { -1, 0 } },
          { name = "zero", dims = { 2 }, floats = { 0, 0 } } },
      }))
    end
  end)
end)

describe("a graph", function()
  it("row 26: may have no nodes", function()
    assert.is_truthy(compiles(writer.model {
      inputs = { writer.value("x", { 3 }) }, outputs = { writer.value("x", { 3 }) },
    }))
  end)

  it("row 45: may have unused initializers, and inputs that initializers give", function()
    assert.is_truthy(compiles(changed(function(small)
      small.tensors[5] = { name = "unused", dims = { 2 }, floats = { 1, 2 } }
      small.inputs[2] = writer.value("w", { 4, 2, 3, 3 })
      small.nodes[1][2][4] = ""
    end)))
  end)

  it("row 52: keeps the bits of strange numbers in C", function()
    local bits = { 0x7fc00001, 0x80000000, 1, 0xff800000 }
    local files = compiles(writer.model {
      inputs = { writer.value("x", { 4 }) }, outputs = { pb.bytes(1, "y") },
      nodes = { { "Max", { "x", "w" }, { "y" } } },
      tensors = { { name = "w", dims = { 4 }, raw = string.pack("<I4I4I4I4",
        table.unpack(bits)) } },
    })
    local all = ""
    for _, bytes in pairs(files) do all = all .. bytes end -- order: irrelevant, searched
    assert.is_truthy(all:find "NAN" or all:lower():find "7fc00001", all)
  end)

  hostile.cases(it, {
    { "row 40: has branches that are supported", node("If", {}, nil, { inputs = { "x" } }),
      "node 0 If" },
    { "row 44: has no functions of its own that are not read", changed(function(small)
      small.nodes[2] = { "Twice", { "c" }, { "r" }, domain = "local" }
    end) .. pb.bytes(25, pb.bytes(1, "Twice") .. pb.bytes(4, "a") .. pb.bytes(5, "b")
      .. pb.bytes(7, pb.bytes(1, "a") .. pb.bytes(2, "b") .. pb.bytes(4, "Twice")
        .. pb.bytes(7, "local")) .. pb.bytes(10, "local")), "node 1 local.Twice" },
    { "row 49: has no sparse initializers", writer.model(writer.small()) .. pb.bytes(7,
      pb.bytes(15, pb.bytes(1, "") .. pb.packed(3, { 1 << 50 }))), "sparse initializer" },
  })

  it("row 40: is nested to a limit", function()
    local leaf = writer.node { "Identity", { "x" }, { "y" } }
    local inner = leaf
    for _ = 1, 60 do
      inner = writer.node { "If", { "c" }, { "y" },
        more = subgraph("then_branch", inner) .. subgraph("else_branch", leaf) }
    end
    refuses(writer.model {
      inputs = { writer.value("x", { 1 }) }, outputs = { pb.bytes(1, "y") }, nodes = { inner },
      tensors = { { name = "c", dims = { 1 }, type = 9, raw = "\1" } },
    }, "deeper than 100")
  end)
end)
