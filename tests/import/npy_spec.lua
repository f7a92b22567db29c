--- npy_spec: NumPy's files are read as NumPy writes them, and written so that they read back.

local data = require "aot.data"
local ir = require "aot.ir"
local npy = require "aotlua.import.npy"

-- A version 1 file as NumPy writes it.
local function file(fields, bytes)
  local header = string.format("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
    fields.descr or "|i1", fields.fortran or "False", fields.shape)
  header = header .. (" "):rep(-(#header + 11) % 64) .. "\n"
  return "\x93NUMPY" .. (fields.version or "\1\0") .. string.pack("<I2", #header) .. header .. bytes
end

local function decode(bytes)
  return npy.decode(data.from_string(bytes))
end

local function fails(bytes, pattern)
  local ok, message = pcall(decode, bytes)
  assert.is_false(ok)
  assert(message:find(pattern), message)
end

describe("a .npy file", function()
  it("reads back as it was written, for every element type that NumPy has", function()
    for _, dtype in ipairs { "f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32",
      "u64", "bool" } do
      for _, shape in ipairs { {}, { 0 }, { 1 }, { 3, 2 } } do
        local tensor = ir.tensor({ dtype = dtype, shape = shape }, 1)
        local bytes = npy.encode(tensor)
        assert.equal(0, (bytes:find("\n", 1, true)) % 64)
        assert.is_true(decode(bytes):equal(tensor))
      end
    end
  end)

  it("of a matrix in Fortran order is transposed", function()
    local tensor = decode(file({ shape = "(2, 3)", fortran = "True" }, "\1\4\2\5\3\6"))
    assert.same({ 2, 3 }, tensor.type.shape)
    assert.same({ 1, 2, 3, 4, 5, 6 }, tensor:list())
  end)

  it("of a scalar, of a vector and of version 2 is read", function()
    assert.same({}, decode(file({ shape = "()" }, "\7")).type.shape)
    assert.same({ 2 }, decode(file({ shape = "(2,)" }, "\7\8")).type.shape)
    local header = "{'shape': (1,), 'fortran_order': False, 'descr': '<u2'}\n"
    local bytes = "\x93NUMPY\2\0" .. string.pack("<I4", #header) .. header .. "\1\2"
    assert.same({ 513 }, decode(bytes):list())
  end)

  it("that is none, is cut or of a type that no tensor has is refused", function()
    fails("no numpy at all", "not a .npy file")
    fails("", "not a .npy file")
    fails(file({ shape = "(1,)", version = "\9\0" }, "\1"), "version 9")
    fails("\x93NUMPY\1\0\xff\xff{}", "a header of 65535 bytes")
    fails(file({ shape = "(1,)", descr = ">i2" }, "\0\1"), "element type '>i2'")
    fails(file({ shape = "(1,)", descr = "<c8" }, "12345678"), "element type '<c8'")
    fails(file({ shape = "[1]" }, "\1"), "no shape")
    fails(file({ shape = "(99999999999999999999,)" }, "\1"), "extent")
    fails(file({ shape = "(4294967296, 4294967296)" }, "\1"), "")
    local whole = file({ shape = "(2, 3)" }, "\1\2\3\4\5\6")
    for length = 0, #whole - 1 do assert.is_false(pcall(decode, whole:sub(1, length))) end
  end)
end)
