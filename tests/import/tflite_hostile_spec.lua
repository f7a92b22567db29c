--- tflite_hostile_spec: broken and malicious model files give clear errors and nothing else.

local data = require "aot.data"
local fb = require "tests.tools.flatbuffer_writer"
local import = require "aotlua.import"
local tflite = require "aotlua.import.tflite"
local writer = require "tests.tools.tflite_writer"

-- A message in the user's words: one that Lua or the core made by accident tells its origin.
local function check_message(message)
  assert.equal("string", type(message))
  assert.is_nil(message:find("%.lua:%d"), message)
  assert.is_nil(message:find("internal", 1, true), message)
end

-- Loads a file with these bytes; returns the Module or nil and the message.
local function load_file(bytes, name)
  local folder = os.tmpname()
  os.remove(folder)
  local path = folder .. (name or ".tflite")
  data.write(path, bytes)
  local ok, result = pcall(import.load, path)
  os.remove(path)
  if ok then return result end
  check_message(result)
  return nil, result
end

local function refuses(bytes, pattern)
  local module, message = load_file(bytes)
  assert.is_nil(module)
  assert(message:find(pattern), message)
end

-- The small network with one thing changed.
local function changed(change)
  local small = writer.small()
  change(small)
  return writer.write { small }
end

describe("a file that is no model", function()
  local cases = {
    { "is empty", "", "empty" },
    { "is short", "TFL", "3 bytes are too short" },
    { "ends behind its identifier", "\x18\0\0\0TFL3", "offset 24 lies beyond" },
    { "is noise", ("\x93\x17\xfe\x01"):rep(250), "unknown format; the file begins with 93 17" },
    { "is compressed", "\x1f\x8b\8\0\0\0\0\0\0\0", "gzip" },
    { "is an archive", "PK\3\4" .. ("x"):rep(30), "zip archive" },
    { "is a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "LFS" },
    { "is a web page", "\n<!DOCTYPE html>\n<html>not found</html>", "HTML" },
    { "is UTF%-16", "\xff\xfem\0o\0d\0u\0l\0e\0", "UTF%-16" },
    { "is of an older format", "\x10\0\0\0TFL2" .. ("\0"):rep(20), "old format" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      refuses(case[2], case[3])
    end)
  end

  it("is a folder or is not there", function()
    for _, path in ipairs { "/", "/nowhere/model\n\27[2J.tflite" } do
      local ok, message = pcall(import.load, path)
      assert.is_false(ok)
      check_message(message)
      assert.is_nil(message:find "[\n\27]", message)
    end
  end)
end)

describe("a model file", function()
  local whole = writer.write { writer.small() }

  it("is known by its content, whatever it is called", function()
    local module = load_file(whole, " a\n\"b\" %s.onnx")
    assert.equal("tflite", module:get "source".format)
    assert.equal(64, #module:get "source".sha256)
    assert.same({ "image" }, module:get "source".inputs)
  end)

  it("cut anywhere is refused or gives the whole network", function()
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

  it("whose root is not aligned is refused", function()
    refuses(replaced("<I4", 0, 30), "multiple of 4")
  end)

  it("whose vtable lies before the file is refused", function()
    local bytes = writer.write { writer.small() }
    local root = string.unpack("<I4", bytes)
    refuses(replaced("<i4", root, 0x7ffffff0), "beyond the file")
    refuses(replaced("<i4", root, 3), "multiple of 2")
  end)

  it("with a vtable of 3 bytes is refused", function()
    local bytes = writer.write { writer.small() }
    local root = string.unpack("<I4", bytes)
    local vtable = root - string.unpack("<i4", bytes, root + 1)
    refuses(replaced("<I2", vtable, 3), "vtable")
  end)

  it("with a vector of 2^30 elements is refused with its path", function()
    local small = writer.small()
    local bytes = writer.write { small }
    local at = bytes:find(string.pack("<I4i4i4i4i4", 4, 1, 4, 4, 1), 1, true)
    local broken = bytes:sub(1, at - 1) .. string.pack("<I4", 1 << 30) .. bytes:sub(at + 4)
    refuses(broken, "subgraphs%[0%]%.tensors%[0%]%.shape: 4294967296 bytes")
  end)

  it("that refers to one table a million times is refused before they are read", function()
    local many = {}
    for i = 1, 1000001 do many[i] = 4 * (1000002 - i) end -- offsets from here to what follows
    local subgraphs = fb.list("u32", many)
    local root = fb.table { [0] = fb.u32(3), [1] = fb.tables {}, [2] = subgraphs }
    refuses(fb.write(root, "TFL3"), "subgraphs: 1000001 tables; the limit is 1000000")
  end)
end)

describe("a TFLite network", function()
  local cases = {
    { "of schema version 2", writer.write({ writer.small() }, { version = 2 }), "version 2" },
    { "with a tensor index that is out of range", function(s)
      s.operators[2].inputs[2] = 0x7fffffff
    end, "layer 1 'sum' ADD: there is no tensor 2147483647" },
    { "with a negative tensor index", function(s)
      s.operators[2].inputs[2] = -7
    end, "there is no tensor %-7" },
    { "with a missing operand that is needed", function(s)
      s.operators[2].inputs[2] = -1
    end, "operand 1 is missing" },
    { "with a buffer that is not there", function(s)
      s.tensors[2].data, s.tensors[2].buffer = nil, 99
    end, "is in buffer 99; the file has 4 buffers" },
    { "with weights that are too short", function(s)
      s.tensors[2].data = "abc"
    end, "i8%[2, 2, 2, 1%] needs 8 bytes, its buffer has 3" },
    { "with a shape of too many elements", function(s)
      s.tensors[8].shape = { 0x7fffffff, 0x7fffffff }
    end, "more than 2147483647 elements" },
    { "with a negative extent", function(s)
      s.tensors[8].shape = { -3, -8 }
    end, "has the shape %[%-3, %-8%]" },
    { "of rank 9", function(s)
      s.tensors[8].shape = { 1, 1, 1, 1, 1, 1, 1, 3, 8 }
    end, "has 9 dimensions" },
    { "whose stored shape is not what the layer gives", function(s)
      s.tensors[4].shape = { 1, 4, 4, 2 }
    end, "gives %[1, 2, 2, 2%], but the model says" },
    { "with a reshape that does not fit", function(s)
      s.tensors[6].data = writer.pack("<i4", { 3, -1 })
    end, "8 elements do not fill the new shape" },
    { "with a tensor that two layers write", function(s)
      s.operators[4] = s.operators[3]
    end, "writes tensor 6 'flat', which has a value already" },
    { "with a layer that writes a constant", function(s)
      s.operators[3].outputs = { 7 }
    end, "which has a value already" },
    { "with a tensor that nothing writes", function(s)
      table.remove(s.operators, 2)
    end, "reads tensor 4 'sum', which nothing before it writes" },
    { "whose layers are out of order", function(s)
      s.operators[1], s.operators[2] = s.operators[2], s.operators[1]
    end, "reads tensor 3 'conv', which nothing before it writes" },
    { "with an output that nothing writes", function(s)
      s.outputs = { 3, 5, 8, 0 }
      table.remove(s.operators)
    end, "the output tensor 8 'scores' is never written" },
    { "with stride 0", function(s)
      s.operators[1].options[1] = fb.i32(0)
    end, "stride_w is 0" },
    { "with dilation 0", function(s)
      s.operators[1].options[4] = fb.i32(0)
    end, "dilation's width is 0" },
    { "with a padding that does not exist", function(s)
      s.operators[1].options[0] = fb.i8(7)
    end, "there is no padding 7" },
    { "with weights of other channels than the input", function(s)
      s.tensors[1].shape = { 1, 4, 4, 0 }
      s.tensors[2].shape, s.tensors[2].data = { 2, 2, 2, 3 }, ("\1"):rep(24)
      s.tensors[1].shape[4] = 4
    end, "weights have 3 input channels, the input has 4" },
    { "with a bias of another length", function(s)
      s.tensors[3].shape, s.tensors[3].data = { 3 }, ("\0"):rep(12)
    end, "has 3 elements for 2 channels" },
    { "with a scale too many", function(s)
      s.tensors[2].quant.scale, s.tensors[2].quant.zero = { 1, 1, 1 }, { 0, 0, 0 }
    end, "3 quantization scales for dimension 0 of %[2, 2, 2, 1%]" },
    { "quantized along a dimension that is not there", function(s)
      s.tensors[2].quant.axis = 9
    end, "scales for dimension 9" },
    { "with a scale of 0", function(s)
      s.tensors[4].quant.scale = { 0.0 }
    end, "has the quantization scale 0.0" },
    { "with a scale that is not a number", function(s)
      s.tensors[4].quant.scale = { 0.0 / 0.0 }
    end, "has the quantization scale" },
    { "with a zero point out of range", function(s)
      s.tensors[4].quant.zero = { 300 }
    end, "zero point 300, which i8 does not hold" },
    { "with weights of a zero point per channel", function(s)
      s.tensors[2].quant.zero = { 0, 1 }
    end, "zero point 1 in one channel" },
    { "without quantization of an integer layer", function(s)
      s.tensors[5].quant = nil
    end, "tensor 4 'sum'.* has no quantization" },
    { "with an operator code that is not there", function(s)
      s.operators[2].opcode = 77
    end, "layer 1 has the operator code 77; the file has 4 codes" },
    { "with an unknown activation", function(s)
      s.operators[2].options[0] = fb.i8(66)
    end, "there is no activation 66" },
    { "without the options of a layer", function(s)
      s.operators[1].options = nil
    end, "layer 0 'conv' CONV_2D: has no Conv2DOptions" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " is refused", function()
      refuses(type(case[2]) == "string" and case[2] or changed(case[2]), case[3])
    end)
  end

  it("that cannot be imported names every layer that is in the way", function()
    local module, message = load_file(changed(function(s)
      s.operators[2] = { op = "CUSTOM", custom = "My\n*/Op", version = 4, inputs = { 3 },
        outputs = { 4 } }
      s.operators[4].version = 99
    end))
    assert.is_nil(module)
    assert(message:find("2 operators are not supported:", 1, true), message)
    assert(message:find("layer 1 'sum' custom operator 'My\\x0a*/Op' version 4: there is no import "
      .. "for it", 1, true), message)
    assert(message:find("layer 3 'scores' FULLY_CONNECTED version 99: versions 1 to 13", 1, true),
      message)
  end)

  it("with an input of complex numbers is refused", function()
    refuses(changed(function(s) s.tensors[1].dtype = "complex64" end), "type COMPLEX64")
  end)

  it("initialized by a subgraph that is not there, or by itself, is refused", function()
    for index, pattern in pairs { [7] = "there is no subgraph 7", [0] = "its own" } do
      refuses(changed(function(s) -- order: irrelevant, because the cases are independent
        table.insert(s.operators, 1, { op = "CALL_ONCE", inputs = {}, outputs = {},
          options = { [0] = fb.i32(index) } })
      end), pattern)
    end
  end)

  it("with names that are no text is imported", function()
    local module = load_file(changed(function(s)
      for _, tensor in ipairs(s.tensors) do tensor.name = "\xff*/\n\0??/" end
    end))
    module:verify()
    module:infer()
  end)

  it("without elements is imported", function()
    local module = load_file(changed(function(s)
      s.tensors[1].shape[1], s.tensors[4].shape[1], s.tensors[5].shape[1] = 0, 0, 0
      s.tensors[6].data = writer.pack("<i4", { 0, 8 })
      s.tensors[7].shape[1], s.tensors[9].shape[1] = 0, 0
    end))
    assert.same({ 0, 3 }, module:main().returns[1].type.shape)
  end)
end)
