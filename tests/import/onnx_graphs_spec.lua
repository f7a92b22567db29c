--- onnx_graphs_spec: graphs within ONNX nodes, and functions that a model defines itself.

local data = require "aot.data"
local ir = require "aot.ir"
local onnx = require "aotlua.import.onnx"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local OPSET = pb.bytes(8, pb.bytes(1, "") .. pb.int(2, 13))
local OWN = pb.bytes(8, pb.bytes(1, "own") .. pb.int(2, 1))

local function load(spec)
  return onnx.load(data.from_string(writer.model(spec)))
end

local function evaluate(spec, inputs)
  return load(spec):main():eval(inputs)[1]:list()
end

local function floats(...)
  return ir.tensor({ dtype = "f32", shape = { select("#", ...) } }, { ... })
end

-- A graph as an attribute's field: nodes, the names of its inputs and of its output.
local function graph(name, nodes, inputs, outputs)
  local body = pb.each(1, nodes, function(field, node)
    return pb.bytes(field, writer.node(node))
  end) .. pb.bytes(2, name)
  for _, input in ipairs(inputs) do
    body = body .. pb.bytes(11, pb.bytes(1, input))
  end
  for _, output in ipairs(outputs) do
    body = body .. pb.bytes(12, pb.bytes(1, output))
  end
  return pb.bytes(5, pb.bytes(1, name) .. pb.bytes(6, body) .. pb.int(20, 5))
end

-- A function of the domain "own".
local function defined(name, inputs, outputs, nodes)
  return pb.bytes(25, pb.bytes(1, name) .. pb.each(4, inputs, pb.bytes)
    .. pb.each(5, outputs, pb.bytes) .. pb.bytes(6, "slope")
    .. pb.each(7, nodes, function(field, node)
      return pb.bytes(field, writer.node(node))
    end) .. pb.bytes(9, pb.bytes(1, "") .. pb.int(2, 13)) .. pb.bytes(10, "own"))
end

local function branches(second)
  return {
    inputs = { writer.value("c", {}, 9), writer.value("x", { 2 }) },
    outputs = { writer.value("y", { 2 }) },
    nodes = { { "If", { "c" }, { "y" },
      more = graph("then_branch", { { "Neg", { "x" }, { "t" } } }, {}, { "t" })
        .. graph("else_branch", { second }, {}, { "e" }) } },
  }
end

describe("an If", function()
  it("chooses between the results of its branches", function()
    local spec = branches { "Add", { "x", "x" }, { "e" } }
    local function with(condition)
      return evaluate(spec, { ir.tensor({ dtype = "bool", shape = {} }, { condition }),
        floats(1.0, 2.0) })
    end
    assert.same({ -1.0, -2.0 }, with(1))
    assert.same({ 2.0, 4.0 }, with(0))
  end)

  it("has to know its condition where the branches' types differ", function()
    local ok, why = pcall(load, branches { "Shape", { "x" }, { "e" } })
    assert.is_false(ok)
    assert.truthy(why:find "the condition of branches that differ")
  end)
end)

describe("a Loop", function()
  local function loop(trips)
    local body = graph("body", { { "Add", { "v", "v" }, { "w" } } }, { "i", "c", "v" },
      { "c", "w", "v" })
    return {
      inputs = { writer.value("x", { 1 }) },
      outputs = { writer.value("y", { 1 }), writer.value("all", { trips, 1 }) },
      tensors = { { name = "n", dims = {}, type = writer.I64, ints = { trips } } },
      nodes = { { "Loop", { "n", "", "x" }, { "y", "all" }, more = body } },
    }
  end

  it("is unrolled, its results of each step in one tensor", function()
    local outputs = load(loop(3)):main():eval { floats(1.0) }
    assert.same({ 8.0 }, outputs[1]:list())
    assert.same({ 1.0, 2.0, 4.0 }, outputs[2]:list())
  end)

  it("is refused where that would take too many steps", function()
    local ok, why = pcall(load, loop(5000))
    assert.is_false(ok)
    assert.truthy(why:find "5000 steps, 4096 is the most that is unrolled")
  end)
end)

describe("a function of the model", function()
  local function calling(functions, attributes)
    return {
      inputs = { writer.value("x", { 2 }) },
      outputs = { writer.value("y", { 2 }) },
      nodes = { { "Leak", { "x" }, { "y" }, domain = "own", attributes = attributes } },
      sets = OPSET .. OWN .. functions,
    }
  end

  -- alpha = the call's slope
  local slope = pb.bytes(5, pb.bytes(1, "alpha") .. pb.int(20, 1) .. pb.bytes(21, "slope"))

  it("sees its inputs and the attributes of the call", function()
    local leak = defined("Leak", { "a" }, { "b" },
      { { "LeakyRelu", { "a" }, { "t" }, more = slope }, { "Neg", { "t" }, { "b" } } })
    local inputs = { floats(-2.0, 3.0) }
    assert.same({ 1.0, -3.0 }, evaluate(calling(leak, { { "slope", 0.5 } }), inputs))
    local plain = evaluate(calling(leak), inputs) -- LeakyRelu's own default
    assert.is_true(math.abs(plain[1] - 0.02) < 1e-6)
  end)

  it("does not see the names around the call", function()
    local ok, why = pcall(load, calling(defined("Leak", { "a" }, { "b" },
      { { "Neg", { "x" }, { "b" } } })))
    assert.is_false(ok)
    assert.truthy(why:find "needs 'x', which nothing computes")
  end)

  it("is refused where it calls itself", function()
    local ok, why = pcall(load, calling(defined("Leak", { "a" }, { "b" },
      { { "Leak", { "a" }, { "b" }, domain = "own" } })))
    assert.is_false(ok)
    assert.truthy(why:find "nested more than 32 deep")
  end)
end)
