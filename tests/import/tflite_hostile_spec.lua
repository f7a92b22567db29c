--- tflite_hostile_spec: broken and malicious model files give clear errors and nothing else.

local data = require "aot.data"
local fb = require "tests.tools.flatbuffer_writer"
local hostile = require "tests.tools.hostile"
local tflite = require "aotlua.import.tflite"
local writer = require "tests.tools.tflite_writer"

local check_message, refuses = hostile.check_message, hostile.refuses

-- The small network with one thing changed.
local function changed(change)
  local small = writer.small()
  change(small)
  return writer.write { small }
end

describe("a model file", function()
  local whole = writer.write { writer.small() }

  it("row 14: cut anywhere is refused or gives the whole network", function()
    local text = tflite.load(data.from_string(whole)):print()
    for length = 0, #whole - 1 do
      local ok, result = pcall(tflite.load, data.from_string(whole:sub(1, length)))
      if ok then
        assert.equal(text, result:print())
      else
        check_message(result)
      end
    end
  end)

  it("with any byte changed is refused or imported", function()
    for at = 1, #whole do
      local byte = string.char(whole:byte(at) ~ 0xff)
      local bytes = whole:sub(1, at - 1) .. byte .. whole:sub(at + 1)
      local ok, result = pcall(tflite.load, data.from_string(bytes))
      if not ok then check_message(result) end
    end
  end)
end)

describe("a FlatBuffer", function()
  local function replaced(format, at, value)
    local bytes = writer.write { writer.small() }
    local packed = string.pack(format, value)
    return bytes:sub(1, at) .. packed .. bytes:sub(at + #packed + 1)
  end

  it("row 55: whose root is not aligned is refused", function()
    refuses(replaced("<I4", 0, 30), "multiple of 4")
  end)

  it("row 55: whose vtable lies before the file is refused", function()
    local bytes = writer.write { writer.small() }
    local root = string.unpack("<I4", bytes)
    refuses(replaced("<i4", root, 0x7ffffff0), "beyond the file")
    refuses(replaced("<i4", root, 3), "multiple of 2")
  end)

  it("row 55: with a vtable of 3 bytes is refused", function()
    local bytes = writer.write { writer.small() }
    local root = string.unpack("<I4", bytes)
    local vtable = root - string.unpack("<i4", bytes, root + 1)
    refuses(replaced("<I2", vtable, 3), "vtable")
  end)

  it("row 56: with a vector of 2^30 elements is refused with its path", function()
    local small = writer.small()
    local bytes = writer.write { small }
    local at = bytes:find(string.pack("<I4i4i4i4i4", 4, 1, 4, 4, 1), 1, true)
    local broken = bytes:sub(1, at - 1) .. string.pack("<I4", 1 << 30) .. bytes:sub(at + 4)
    refuses(broken, "subgraphs[0].tensors[0].shape: 4294967296 bytes")
  end)

  it("row 57: that refers to one table a million times is refused before they are read", function()
    local many = {}
    for i = 1, 1000001 do many[i] = 4 * (1000002 - i) end -- offsets from here to what follows
    local subgraphs = fb.list("u32", many)
    local root = fb.table { [0] = fb.u32(3), [1] = fb.tables {}, [2] = subgraphs }
    refuses(fb.write(root, "TFL3"), "subgraphs: 1000001 tables; the limit is 1000000")
  end)
end)

describe("a TFLite network", function()
  local cases = {
    { "row 73: of schema version 2",
      writer.write({ writer.small() }, { version = 2 }), "version 2" },
    { "row 59: with a tensor index that is out of range", function(s)
      s.operators[2].inputs[2] = 0x7fffffff
    end, "layer 1 'sum' ADD: there is no tensor 2147483647" },
    { "row 59: with a negative tensor index", function(s) s.operators[2].inputs[2] = -7 end,
      "there is no tensor -7" },
    { "row 59: with a missing operand that is needed", function(s)
      s.operators[2].inputs[2] = -1
    end, "operand 1 is missing" },
    { "row 60: with a buffer that is not there", function(s)
      s.tensors[2].data, s.tensors[2].buffer = nil, 99
    end, "is in buffer 99; the file has 4 buffers" },
    { "row 61: with weights that are too short", function(s) s.tensors[2].data = "abc" end,
      "i8[2, 2, 2, 1] needs 8 bytes, its buffer has 3" },
    { "row 61: with a shape of too many elements", function(s)
      s.tensors[8].shape = { 0x7fffffff, 0x7fffffff }
    end, "more than 2147483647 elements" },
    { "row 61: with a negative extent", function(s) s.tensors[8].shape = { -3, -8 } end,
      "has the shape [-3, -8]" },
    { "row 61: of rank 9", function(s) s.tensors[8].shape = { 1, 1, 1, 1, 1, 1, 1, 3, 8 } end,
      "has 9 dimensions" },
    { "row 63: whose stored shape is not what the layer gives", function(s)
      s.tensors[4].shape = { 1, 4, 4, 2 }
    end, "gives [1, 2, 2, 2], but the model says" },
    { "row 63: with a reshape that does not fit", function(s)
      s.tensors[6].data = writer.pack("<i4", { 3, -1 })
    end, "8 elements do not fill the new shape" },
    { "row 64: with a tensor that two layers write", function(s)
      s.operators[4] = s.operators[3]
    end, "writes tensor 6 'flat', which has a value already" },
    { "row 64: with a layer that writes a constant", function(s) s.operators[3].outputs = { 7 } end,
      "which has a value already" },
    { "row 64: with a tensor that nothing writes", function(s)
      table.remove(s.operators, 2)
    end, "reads tensor 4 'sum', which nothing before it writes" },
    { "row 64: whose layers are out of order", function(s)
      s.operators[1], s.operators[2] = s.operators[2], s.operators[1]
    end, "reads tensor 3 'conv', which nothing before it writes" },
    { "row 64: with an output that nothing writes", function(s)
      s.outputs = { 3, 5, 8, 0 }
      table.remove(s.operators)
    end, "the output tensor 8 'scores' is never written" },
    { "row 68: with more zero points than scales", function(s)
      s.tensors[4].quant.zero = { 0, 0 }
    end, "1 scale and 2 zero points" },
    { "row 68: without scales", function(s)
      s.tensors[4].quant.scale = {}
    end, "has no quantization" },
    { "row 72: with a tensor of resources", function(s)
      s.tensors[4].dtype = "resource"
    end, "the element type RESOURCE" },
    { "row 72: of an element type that is unknown", function(s)
      s.tensors[4].dtype = 99
    end, "the element type 99" },
    { "row 72: with a result of complex numbers", function(s)
      s.operators[2] = { op = "MAXIMUM", inputs = { 3, 3 }, outputs = { 4 } }
      s.tensors[5].dtype = "complex64"
    end, "elements of type COMPLEX64" },
    { "row 60: with data in buffer 0", function(s)
      s.tensors[2].data, s.tensors[2].buffer = nil, 0
    end, "the weights, tensor 1 'w', are not constant" },
    { "row 62: of a shape and a signature of other length", function(s)
      s.tensors[1].signature = { -1, 4, 4 }
    end, "the shape signature [-1, 4, 4]" },
    { "row 67: with a bias of another type", function(s)
      s.tensors[3].dtype, s.tensors[3].data = "i64", ("\0"):rep(16)
    end, "i8 activations with a bias of i64" },
    { "row 67: with channels that make no groups", function(s)
      s.tensors[1].shape = { 1, 4, 4, 3 }
      s.tensors[2].shape, s.tensors[2].data = { 2, 2, 2, 1 }, ("\1"):rep(8)
    end, "3 groups of input channels do not divide 2 output channels" },
    { "row 66: with a window of 0", function(s)
      s.operators[2] = { op = "MAX_POOL_2D", inputs = { 3 }, outputs = { 4 },
        options = { [0] = fb.i8(1), fb.i32(1), fb.i32(1), fb.i32(0), fb.i32(0), fb.i8(0) } }
      s.tensors[5].quant = s.tensors[4].quant
    end, "layer 1 'sum' MAX_POOL_2D" },
    { "row 66: with a depth multiplier of 0", function(s)
      s.operators[1] = { op = "DEPTHWISE_CONV_2D", version = 3, inputs = { 0, 1, 2 },
        outputs = { 3 }, options = { [0] = fb.i8(0), fb.i32(2), fb.i32(2), fb.i32(0), fb.i8(0) } }
    end, "layer 0 'conv' DEPTHWISE_CONV_2D" },
    { "row 66: with 0 splits", function(s)
      s.tensors[6].shape, s.tensors[6].data = {}, writer.pack("<i4", { 1 })
      s.operators[3] = { op = "SPLIT", inputs = { 5, 4 }, outputs = { 6 },
        options = { [0] = fb.i32(0) } }
    end, "layer 2 'flat' SPLIT" },
    { "row 66: with a softmax of no number", function(s)
      s.tensors[7].shape = { 1, 2, 2, 2 }
      s.operators[3] = { op = "SOFTMAX", inputs = { 4 }, outputs = { 6 },
        options = { [0] = fb.f32(0 / 0) } }
    end, "SOFTMAX" },
    { "row 66: with stride 0", function(s)
      s.operators[1].options[1] = fb.i32(0)
    end, "stride_w is 0" },
    { "row 66: with dilation 0", function(s)
      s.operators[1].options[4] = fb.i32(0)
    end, "dilation's width is 0" },
    { "row 66: with a padding that does not exist", function(s)
      s.operators[1].options[0] = fb.i8(7)
    end, "there is no padding 7" },
    { "row 67: with weights of other channels than the input", function(s)
      s.tensors[1].shape = { 1, 4, 4, 0 }
      s.tensors[2].shape, s.tensors[2].data = { 2, 2, 2, 3 }, ("\1"):rep(24)
      s.tensors[1].shape[4] = 4
    end, "weights have 3 input channels, the input has 4" },
    { "row 67: with a bias of another length", function(s)
      s.tensors[3].shape, s.tensors[3].data = { 3 }, ("\0"):rep(12)
    end, "has 3 elements for 2 channels" },
    { "row 68: with a scale too many", function(s)
      s.tensors[2].quant.scale, s.tensors[2].quant.zero = { 1, 1, 1 }, { 0, 0, 0 }
    end, "3 quantization scales for dimension 0 of [2, 2, 2, 1]" },
    { "row 68: quantized along a dimension that is not there", function(s)
      s.tensors[2].quant.axis = 9
    end, "scales for dimension 9" },
    { "row 68: with a scale of 0", function(s)
      s.tensors[4].quant.scale = { 0.0 }
    end, "has the quantization scale 0.0" },
    { "row 68: with a scale that is not a number", function(s)
      s.tensors[4].quant.scale = { 0.0 / 0.0 }
    end, "has the quantization scale" },
    { "row 68: with a zero point out of range", function(s)
      s.tensors[4].quant.zero = { 300 }
    end, "zero point 300, which i8 does not hold" },
    { "row 68: with weights of a zero point per channel", function(s)
      s.tensors[2].quant.zero = { 0, 1 }
    end, "zero point 1 in one channel" },
    { "row 68: without quantization of an integer layer", function(s)
      s.tensors[5].quant = nil
    end, "has no quantization" },
    { "row 59: with an operator code that is not there", function(s)
      s.operators[2].opcode = 77
    end, "layer 1 has the operator code 77; the file has 4 codes" },
    { "row 66: with an unknown activation", function(s)
      s.operators[2].options[0] = fb.i8(66)
    end, "there is no activation 66" },
    { "row 66: without the options of a layer", function(s)
      s.operators[1].options = nil
    end, "layer 0 'conv' CONV_2D: has no Conv2DOptions" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " is refused", function()
      refuses(type(case[2]) == "string" and case[2] or changed(case[2]), case[3])
    end)
  end

  it("row 71: that cannot be imported names every layer that is in the way", function()
    refuses(changed(function(s)
      s.operators[2] = { op = "CUSTOM", custom = "My\n*/Op", version = 4, inputs = { 3 },
        outputs = { 4 } }
      s.operators[4].version = 99
    end), {
      "2 operators are not supported:",
      "layer 1 'sum' custom operator 'My\\x0a*/Op' version 4: there is no import for it",
      "layer 3 'scores' FULLY_CONNECTED version 99: versions 1 to 13",
    })
  end)

  it("row 71: has the larger of two operator codes, as files of all ages mean", function()
    local code = fb.table { [0] = fb.i8(22), [2] = fb.i32(1) } -- RESHAPE, the old field alone
    assert.is_truthy(hostile.compiles(writer.write({ writer.small() }, { codes = { [3] = code } })))
    code = fb.table { [0] = fb.i8(0), [2] = fb.i32(1), [3] = fb.i32(22) } -- the new one alone
    assert.is_truthy(hostile.compiles(writer.write({ writer.small() }, { codes = { [3] = code } })))
    code = fb.table { [0] = fb.i8(22), [2] = fb.i32(1), [3] = fb.i32(32000) }
    refuses(writer.write({ writer.small() }, { codes = { [3] = code } }),
      "layer 2 'flat' builtin operator 32000 version 1: there is no import for it")
  end)

  it("row 71: with custom options of many bytes is refused by its operator", function()
    refuses(changed(function(s)
      s.operators[2] = { op = "CUSTOM", custom = "Detect", inputs = { 3 }, outputs = { 4 },
        custom_options = ("\xff"):rep(8 << 20) }
    end), "custom operator 'Detect'")
  end)

  it("row 65: initialized by a subgraph that is not there, or by itself, is refused", function()
    for index, words in pairs { [7] = "there is no subgraph 7", [0] = "its own" } do
      refuses(changed(function(s) -- order: irrelevant, because the cases are independent
        table.insert(s.operators, 1, { op = "CALL_ONCE", inputs = {}, outputs = {},
          options = { [0] = fb.i32(index) } })
      end), words)
    end
  end)

  it("row 65: whose initializations initialize each other is refused", function()
    local call = { op = "CALL_ONCE", inputs = {}, outputs = {} }
    local function calling(index)
      return { op = call.op, inputs = {}, outputs = {}, options = { [0] = fb.i32(index) } }
    end
    local main = writer.small()
    table.insert(main.operators, 1, calling(1))
    local function helper(index)
      return { tensors = {}, inputs = {}, outputs = {}, operators = { calling(index) } }
    end
    refuses(writer.write { main, helper(2), helper(1) }, "layer 0")
  end)

  it("row 58: with names that are no text is imported", function()
    for path, bytes in pairs(hostile.compiles(changed(function(s)
      for _, tensor in ipairs(s.tensors) do tensor.name = "\xff*/\n\0??/" end
    end))) do -- order: irrelevant, because each is checked alone
      assert.is_nil(bytes:find "[^\n\x20-\x7e]", path)
    end
  end)

  it("row 74: without elements is compiled to code that does nothing", function()
    local files = hostile.compiles(changed(function(s)
      s.tensors[1].shape[1], s.tensors[4].shape[1], s.tensors[5].shape[1] = 0, 0, 0
      s.tensors[6].data = writer.pack("<i4", { 0, 8 })
      s.tensors[7].shape[1], s.tensors[9].shape[1] = 0, 0
    end))
    assert.is_truthy(files["include/tvmgen_model.h"]:find("_SCORES_SIZE 0", 1, true))
  end)
end)
