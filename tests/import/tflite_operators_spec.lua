--- tflite_operators_spec: single TFLite operators against their definitions.
--
-- What the golden networks do not show: operands, attributes and element types of each operator
-- in small networks of one layer, with results worked out in real numbers or by hand.

local data = require "aot.data"
local fb = require "tests.tools.flatbuffer_writer"
local import = require "aotlua.import"
local ir = require "aot.ir"
local tflite = require "aotlua.import.tflite"
local networks = require "tests.tools.tflite_network"
local writer = require "tests.tools.tflite_writer"

local t, network, run = networks.t, networks.network, networks.run

-- Each stored integer within `units` of real = scale * (stored - zero), held to i8.
local function check_stored(found, reals, quant, units)
  for i, real in ipairs(reals) do
    local exact = math.max(-128, math.min(127, real / quant[1] + quant[2]))
    assert(math.abs(found[i] - exact) <= units, string.format("element %d: %s, not %s", i,
      found[i], exact))
  end
end

local function real(list, quant)
  local result = {}
  for i, stored in ipairs(list) do result[i] = (stored - quant[2]) * quant[1] end
  return result
end

describe("elementwise TFLite operators on int8", function()
  local a, c, q = { 0.05, 3 }, { 0.02, -7 }, { 0.07, 11 }
  local xs, ys = { -128, 127, 3, 50, -60, 0 }, { 100, -128, -7, 127, 0, -1 }
  local operations = {
    ADD = function(x, y) return x + y end,
    SUB = function(x, y) return x - y end,
    MUL = function(x, y) return x * y end,
  }
  for name, operation in pairs(operations) do -- order: irrelevant, each is a test of its own
    it(name .. " is within one unit of the real result, relu6 included", function()
      for activation, range in pairs { [0] = { -1e9, 1e9 }, [3] = { 0, 6 } } do
        -- order: irrelevant, because the cases are independent
        local module = network(name, { t("i8", { 2, 3 }, a), t("i8", { 2, 3 }, c) },
          { t("i8", { 2, 3 }, q) }, { [0] = fb.i8(activation) })
        local want, x, y = {}, real(xs, a), real(ys, c)
        for i = 1, #x do want[i] = math.max(range[1], math.min(range[2], operation(x[i], y[i]))) end
        check_stored(run(module, xs, ys)[1], want, q, 0.51)
      end
    end)
  end

  it("broadcast a constant", function()
    local module = network("ADD", { t("i8", { 2, 3 }, a), t("i8", { 3 }, a, { 3, 4, 5 }) },
      { t("i8", { 2, 3 }, a) }, { [0] = fb.i8(0) })
    assert.same({ -10, -9, -8, 3, 4, 5 }, run(module, { -10, -10, -10, 3, 3, 3 })[1])
  end)

  it("take a constant of the scale 0 for zeros", function()
    local operands = { t("i8", { 3 }, a), t("i8", { 3 }, { 0, 0 }, { 0, 0, 0 }) }
    local results = { MUL = { 11, 11, 11 }, ADD = { -83, 11, 100 } }
    for name, want in pairs(results) do -- order: irrelevant, because the cases are independent
      local module = network(name, operands, { t("i8", { 3 }, q) }, { [0] = fb.i8(0) })
      assert.same(want, run(module, { -128, 3, 127 })[1])
    end
    assert.error_matches(function()
      network("MUL", operands, { t("i8", { 3 }, { 0, 0 }) }, { [0] = fb.i8(0) })
    end, "scale 0.0")
  end)

  it("RELU scales anew where the quantization changes, RELU6 refuses to", function()
    local relu = network("RELU", { t("i8", { 6 }, a) }, { t("i8", { 6 }, q) })
    local want = real(xs, a)
    for i, x in ipairs(want) do want[i] = math.max(x, 0) end
    check_stored(run(relu, xs)[1], want, q, 0.51)
    local relu6 = network("RELU6", { t("i8", { 6 }, a) }, { t("i8", { 6 }, a) })
    assert.same({ 3, 123, 3, 50, 3, 3 }, run(relu6, xs)[1])
    assert.error_matches(function()
      network("RELU6", { t("i8", { 6 }, a) }, { t("i8", { 6 }, q) })
    end, "different quantization")
  end)
end)

describe("TFLite operators between numbers", function()
  it("QUANTIZE rounds halves away from zero and saturates", function()
    local module = network("QUANTIZE", { t("f32", { 6 }) }, { t("i8", { 6 }, { 0.5, 1 }) })
    assert.same({ 2, 0, 3, -128, 127, 1 }, run(module, { 0.25, -0.25, 0.75, -1e9, 1e9, 0.2 })[1])
  end)

  it("QUANTIZE between integers and DEQUANTIZE keep the real value", function()
    local module = network("QUANTIZE", { t("i8", { 3 }, { 0.5, -128 }) },
      { t("u8", { 3 }, { 0.5, 0 }) })
    assert.same({ 0, 128, 255 }, run(module, { -128, 0, 127 })[1])
    module = network("DEQUANTIZE", { t("i16", { 3 }, { 0.25, 0 }) }, { t("f32", { 3 }) })
    assert.same({ -0.25, 0.0, 250.0 }, run(module, { -1, 0, 1000 })[1])
  end)

  it("MEAN of integers is within one unit of the real mean", function()
    local x, y = { 0.1, 5 }, { 0.03, -9 }
    local module = network("MEAN", { t("i8", { 1, 2, 3, 2 }, x), t("i32", { 2 }, nil, { 1, -2 }) },
      { t("i8", { 1, 2 }, y) }, { [0] = fb.u8(0) })
    local list = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, -30 }
    local sums = { 0, 0 }
    for i, value in ipairs(real(list, x)) do sums[2 - i % 2] = sums[2 - i % 2] + value / 6 end
    check_stored(run(module, list)[1], sums, y, 0.51)
  end)

  it("CAST keeps the low bits of integers", function()
    local narrow = network("CAST", { t("i64", { 3 }) }, { t("i8", { 3 }) })
    assert.same({ -56, -1, -128 }, run(narrow, { 200, math.maxinteger, math.mininteger + 128 })[1])
    local other_sign = network("CAST", { t("i8", { 2 }) }, { t("u8", { 2 }) })
    assert.same({ 255, 7 }, run(other_sign, { -1, 7 })[1])
  end)

  it("MAX_POOL_2D with SAME padding pads more behind than before", function()
    local options = { [0] = fb.i8(0), fb.i32(1), fb.i32(1), fb.i32(2), fb.i32(2), fb.i8(0) }
    local shape = { 1, 2, 3, 1 }
    local module = network("MAX_POOL_2D", { t("f32", shape) }, { t("f32", shape) }, options)
    assert.same({ 5.0, 6.0, 6.0, 5.0, 6.0, 6.0 }, run(module, { 1, 2, 3, 4, 5, 6 })[1])
  end)
end)

describe("TFLite operators that move elements", function()
  local function i32(...)
    return t("i32", { select("#", ...) }, nil, { ... })
  end

  it("TRANSPOSE, PAD and SPLIT do so", function()
    local module = network("TRANSPOSE", { t("f32", { 2, 3 }), i32(1, -2) }, { t("f32", { 3, 2 }) })
    assert.same({ 1.0, 4.0, 2.0, 5.0, 3.0, 6.0 }, run(module, { 1, 2, 3, 4, 5, 6 })[1])
    local quant = { 1.0, 9 }
    module = network("PAD", { t("i8", { 2 }, quant), i32(1, 2) }, { t("i8", { 5 }, quant) })
    assert.same({ 9, 1, 2, 9, 9 }, run(module, { 1, 2 })[1])
    module = network("PADV2", { t("f32", { 1 }), i32(0, 1), t("f32", {}, nil, { -2 }) },
      { t("f32", { 2 }) })
    assert.same({ 5.0, -2.0 }, run(module, { 5 })[1])
    module = network("SPLIT", { i32(-1), t("f32", { 1, 4 }) },
      { t("f32", { 1, 2 }), t("f32", { 1, 2 }) }, { [0] = fb.i32(2) })
    assert.same({ { 1.0, 2.0 }, { 3.0, 4.0 } }, run(module, { 1, 2, 3, 4 }))
  end)

  it("SPLIT_V takes the rest where a size is open", function()
    local module = network("SPLIT_V", { t("f32", { 4 }), i32(1, -1), i32(0) },
      { t("f32", { 1 }), t("f32", { 3 }) }, { [0] = fb.i32(2) })
    assert.same({ { 1.0 }, { 2.0, 3.0, 4.0 } }, run(module, { 1, 2, 3, 4 }))
  end)

  it("STRIDED_SLICE counts from both ends and in both directions", function()
    local function slice(fields, shape)
      local masks = { [0] = fb.i32(fields.begin_mask or 0), fb.i32(fields.end_mask or 0), fb.i32(0),
        fb.i32(0), fb.i32(fields.shrink or 0) }
      local module = network("STRIDED_SLICE", { t("f32", { 5 }), i32(fields[1]), i32(fields[2]),
        i32(fields[3]) }, { t("f32", shape) }, masks)
      return run(module, { 0, 1, 2, 3, 4 })[1]
    end
    assert.same({ 1.0, 3.0 }, slice({ 1, 4, 2 }, { 2 }))
    assert.same({ 3.0, 4.0 }, slice({ -2, 0, 1, end_mask = 1 }, { 2 }))
    assert.same({ 4.0, 2.0, 0.0 }, slice({ 0, 0, -2, begin_mask = 1, end_mask = 1 }, { 3 }))
    assert.same({ 3.0, 2.0 }, slice({ 3, 1, -1 }, { 2 }))
    assert.same({ 3.0 }, slice({ -2, 0, 1, shrink = 1 }, {}))
    assert.same({}, slice({ 3, 3, 1 }, { 0 }))
    assert.error_matches(function() slice({ 7, 8, 1, shrink = 1 }, {}) end, "index 7")
    assert.error_matches(function() slice({ 0, 5, 0 }, { 5 }) end, "stride is 0")
  end)
end)

-- A network that adds its input to the variable "sum" and returns the value before.
local function accumulator(initial)
  local f32 = { "f32", { 1 } }
  local sub = {
    tensors = { t("f32", { 1 }), t("resource", {}), t(table.unpack(f32)), t(table.unpack(f32)) },
    operators = {
      { op = "VAR_HANDLE", inputs = {}, outputs = { 1 }, options = { [1] = fb.string "sum" } },
      { op = "READ_VARIABLE", inputs = { 1 }, outputs = { 2 } },
      { op = "ADD", inputs = { 0, 2 }, outputs = { 3 }, options = { [0] = fb.i8(0) } },
      { op = "ASSIGN_VARIABLE", inputs = { 1, 3 }, outputs = {} },
    },
    inputs = { 0 }, outputs = { 2 },
  }
  for i, tensor in ipairs(sub.tensors) do tensor.name = "t" .. i - 1 end
  if not initial then return { sub } end
  table.insert(sub.operators, 1,
    { op = "CALL_ONCE", inputs = {}, outputs = {}, options = { [0] = fb.i32(1) } })
  return { sub, {
    tensors = { t("resource", {}), t("f32", { 1 }, nil, { initial }) },
    operators = {
      { op = "VAR_HANDLE", inputs = {}, outputs = { 0 }, options = { [1] = fb.string "sum" } },
      { op = "ASSIGN_VARIABLE", inputs = { 0, 1 }, outputs = {} },
    },
    inputs = {}, outputs = {},
  } }
end

describe("TFLite variables", function()
  it("keep their value from call to call, from what CALL_ONCE assigns or from zero", function()
    for _, initial in ipairs { 0.0, 2.5 } do
      local module = tflite.load(data.from_string(writer.write(
        accumulator(initial ~= 0 and initial))))
      local states = { module:states()[1].data }
      local one = ir.tensor({ dtype = "f32", shape = { 1 } }, 1.0)
      for step = 0, 2 do
        local results
        results, states = module:main():eval({ one }, states)
        assert.equal(initial + step, results[1]:get(1))
      end
    end
  end)
end)

-- y = x * weights^T of f32, the weights made so by DEQUANTIZE.
local function with_stored_weights(weights)
  local sub = {
    tensors = { t("f32", { 1, 2 }), weights, t("f32", { 2, 2 }), t("f32", { 1, 2 }) },
    operators = {
      { op = "DEQUANTIZE", inputs = { 1 }, outputs = { 2 } },
      { op = "FULLY_CONNECTED", inputs = { 0, 2 }, outputs = { 3 }, options = { [0] = fb.i8(0) } },
    },
    inputs = { 0 }, outputs = { 3 },
  }
  for i, tensor in ipairs(sub.tensors) do tensor.name = "t" .. i - 1 end
  return tflite.load(data.from_string(writer.write { sub }))
end

describe("weights that DEQUANTIZE makes f32", function()
  it("are constants, stored as f16 or as integers", function()
    local halves = t("f16", { 2, 2 })
    halves.data = writer.pack("<I2", { 0x3c00, 0xb800, 0x4000, 0x3800 }) -- 1, -0.5, 2, 0.5
    local integers = t("i8", { 2, 2 }, { 0.5, 1 }, { 3, 0, 5, 2 })
    for _, weights in ipairs { halves, integers } do
      local module = with_stored_weights(weights)
      assert.same({ 0.0, 6.0 }, run(module, { 2, 4 })[1])
      assert.is_nil(module:print():find " = cast " or module:print():find " = dequantize ")
    end
  end)
end)

describe("an imported TFLite network", function()
  it("prints, and reads back from its text and blobs as the same", function()
    local module = tflite.load(data.from_string(writer.write { writer.small() }))
    local path = os.tmpname()
    data.write(path .. ".ir", module:print())
    module:write_blobs(path .. ".bin")
    local again = import.load(path .. ".ir")
    for _, suffix in ipairs { "", ".ir", ".bin" } do os.remove(path .. suffix) end
    assert.equal(module:print(), again:print())
  end)

  it("takes extents that it leaves open from the user", function()
    local small = writer.small()
    for _, tensor in ipairs(small.tensors) do
      if not tensor.data then tensor.signature = { -1, table.unpack(tensor.shape, 2) } end
    end
    small.tensors[6].data = writer.pack("<i4", { -1, 8 })
    local bytes = data.from_string(writer.write { small })
    local module = tflite.load(bytes, { dims = { ["image.0"] = 5 } })
    assert.same({ 5, 3 }, module:main().returns[1].type.shape)
    assert.error_matches(function()
      tflite.load(bytes, { dims = { ["image.1"] = 5 } })
    end, "axis 1 is fixed at 4")
  end)

  it("has the rounding it is asked for", function()
    local bytes = data.from_string(writer.write { writer.small() })
    assert(tflite.load(bytes):print():find "rounding = double")
    local text = tflite.load(bytes, { rounding = "ruy" }):print()
    assert(text:find "rounding = single" and not text:find "rounding = double")
    assert.error_matches(function() tflite.load(bytes, { rounding = "up" }) end, "no rounding 'up'")
  end)
end)
