--- onnx_spec: ONNX models give the numbers that ONNX Runtime gives.
local data = require "aot.data"
local ir = require "aot.ir"
local golden_data = require "tests.tools.golden_data"
local import = require "aotlua.import"
local onnx = require "aotlua.import.onnx"
local writer = require "tests.tools.onnx_writer"

-- File -> number of golden sets (nil: all of them).
local CASES = {
  { "mnist_8" },
  { "mlperf_ad_fp32" },
  { "mlperf_kws_fp32" },
  { "mlperf_ic_fp32", 1 },
  { "mlperf_vww_fp32", 1 },
  { "mlperf_kws_qdq" },
  { "mlperf_ic_qdq", 1 },
  { "mlperf_vww_qdq", 1 },
  { "mobilenet_v1_0.25_128_fp32", 1 },
  { "shufflenet_v2_12_int8", 1 },
}

describe("ONNX models", function()
  for _, case in ipairs(CASES) do
    it("agree with the reference: " .. case[1], function()
      local file = case[1] .. ".onnx"
      local path, missing = golden_data.find(file)
      if not path then
        pending(missing)
        return
      end
      golden_data.check(path, file, case[2])
    end)
  end
end)

local function load(spec, options)
  return onnx.load(data.from_string(writer.model(spec)), nil, options)
end

-- The ops of @main, in order.
local function ops(module)
  local list = {}
  for node in module:main():nodes() do
    list[#list + 1] = node.op
  end
  return table.concat(list, " ")
end

local I8, I32 = writer.I8, writer.I32

-- QuantizeLinear, DequantizeLinear around `nodes`, which lead from "a" to "z".
local function quantized(nodes, more)
  local spec = {
    inputs = { writer.value("x", { 1, 2, 4, 4 }) },
    outputs = { writer.value("y", more.shape) },
    tensors = {
      { name = "s", dims = {}, floats = { 0.5 } },
      { name = "zero", dims = {}, type = I8, ints = { 3 } },
      { name = "s2", dims = {}, floats = { 0.25 } },
      { name = "w", dims = { 2, 2, 1, 1 }, type = I8, ints = { 1, 2, 3, 4 } },
      { name = "b", dims = { 2 }, type = I32, ints = { 5, 6 } },
      { name = "sb", dims = {}, floats = { 0.125 } },
      { name = "six", dims = {}, floats = { 6 } },
    },
    nodes = {
      { "QuantizeLinear", { "x", "s", "zero" }, { "q" } },
      { "DequantizeLinear", { "q", "s", "zero" }, { "a" } },
      { "DequantizeLinear", { "w", "s2" }, { "wf" } },
      { "DequantizeLinear", { "b", "sb" }, { "bf" } },
    },
  }
  for _, node in ipairs(nodes) do
    table.insert(spec.nodes, node)
  end
  table.insert(spec.nodes, { "QuantizeLinear", { "z", more.scale or "s2", "zero" }, { "qz" } })
  table.insert(spec.nodes, { "DequantizeLinear", { "qz", more.scale or "s2", "zero" }, { "y" } })
  return spec
end

describe("quantized ONNX nodes", function()
  it("become integer sums", function()
    local module = load(quantized({
      { "Conv", { "a", "wf", "bf" }, { "c" } },
      { "Clip", { "c", "", "six" }, { "z" } },
    }, { shape = { 1, 2, 4, 4 } }))
    assert.equal("quantize transpose conv2d requantize clamp transpose dequantize", ops(module))
    module:infer()
  end)

  it("clip as the float network does", function()
    local module = load(quantized({
      { "Conv", { "a", "wf", "bf" }, { "c" } },
      { "Clip", { "c", "", "six" }, { "z" } },
    }, { shape = { 1, 2, 4, 4 } }))
    for node in module:main():nodes() do
      if node.op == "clamp" then
        assert.equal(27, node.attrs.hi) -- 6 / 0.25 + 3
        assert.is_nil(node.attrs.lo)
      end
    end
  end)

  it("stay integers where elements only move", function()
    local module = load(quantized({
      { "Transpose", { "a" }, { "t" } },
      { "Relu", { "t" }, { "z" } },
    }, { shape = { 4, 4, 2, 1 }, scale = "s" }))
    assert.equal("quantize transpose clamp dequantize", ops(module))
  end)

  it("are floats where integers cannot express them", function()
    local module = load(quantized({ { "Sigmoid", { "a" }, { "z" } } }, { shape = { 1, 2, 4, 4 } }))
    assert.equal("quantize dequantize logistic quantize dequantize", ops(module))
  end)

  it("share a sum of products only when nobody else wants its floats", function()
    local spec = quantized({
      { "Conv", { "a", "wf", "bf" }, { "z" } },
    }, { shape = { 1, 2, 4, 4 } })
    table.insert(spec.outputs, writer.value("z", { 1, 2, 4, 4 }))
    local module = load(spec)
    assert.is_nil(ops(module):find("requantize", 1, true))
    assert.is_truthy(ops(module):find("conv2d transpose quantize", 1, true))
  end)
end)

describe("an ONNX graph", function()
  it("keeps the names and order of inputs and outputs", function()
    local module = load {
      inputs = { writer.value("b", { 2 }), writer.value("a", { 2 }) },
      outputs = {
        writer.value("same", { 2 }),
        writer.value("sum", { 2 }),
        writer.value("a", { 2 }),
      },
      nodes = {
        { "Identity", { "b" }, { "same" } },
        { "Add", { "a", "b" }, { "sum" }, name = "plus" },
      },
    }
    assert.same({ "b", "a" }, module:get("source").inputs)
    assert.same({ "same", "sum", "a" }, module:get("source").outputs)
    local results = module:main():eval {
      ir.tensor({ dtype = "f32", shape = { 2 } }, { 1.0, 2.0 }),
      ir.tensor({ dtype = "f32", shape = { 2 } }, { 10.0, 20.0 }),
    }
    assert.same({ 1.0, 2.0 }, results[1]:list())
    assert.same({ 11.0, 22.0 }, results[2]:list())
    assert.same({ 10.0, 20.0 }, results[3]:list())
  end)

  it("names the node of the model in every op", function()
    local module = load(writer.small())
    for node in module:main():nodes() do
      assert.is_truthy(node.attrs.origin:find("^node %d "))
    end
    assert.is_truthy(module:print():find("node 4 'last' Gemm", 1, true))
  end)

  it("takes initializers among the inputs as constants", function()
    local spec = writer.small()
    table.insert(spec.inputs, 1, writer.value("w", { 4, 2, 3, 3 }))
    assert.same({ "image" }, load(spec):get("source").inputs)
  end)

  it("binds open dimensions by name and by place", function()
    local spec = {
      inputs = { writer.value("x", { "N", 3 }), writer.value("y", { "", 3 }) },
      outputs = { writer.value("z", { "N", 3 }) },
      nodes = { { "Add", { "x", "y" }, { "z" } } },
    }
    local ok, message = pcall(load, spec)
    assert.is_false(ok)
    assert.is_truthy(message:find("-d N=1 -d y.0=1", 1, true))
    local module = load(spec, { dims = { N = 4, ["y.0"] = 1 } })
    assert.same({ 4, 3 }, module:main().returns[1].type.shape)
  end)

  it("imports a 100 MB network without reading its weights", function()
    local found, missing = golden_data.find("recipes/resnet50.onnx")
    if not found then
      pending(missing)
      return
    end
    local folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir " .. folder)
    local bytes = data.open(found)
    local path = folder .. "/resnet50.onnx"
    data.write(path, bytes:string(0, #bytes))
    local hole <close> = io.open(folder .. "/resnet50.weights.bin", "wb")
    hole:seek("set", 102433440 - 1)
    hole:write("\0")
    hole:flush()
    local before = collectgarbage "count"
    local module = import.load(path)
    assert.is_true(collectgarbage "count" - before < 32 * 1024)
    module:verify()
    os.remove(path)
    os.remove(folder .. "/resnet50.weights.bin")
    os.remove(folder)
  end)
end)
