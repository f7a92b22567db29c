--- onnx_hostile_spec: broken and malicious bytes of ONNX files give clear errors and nothing else.
local hostile = require "tests.tools.hostile"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local changed, load = hostile.changed, hostile.load
local I64, F32 = writer.I64, writer.F32

describe("the wire format", function()
  local START = pb.bytes(2, "any maker") -- long enough to be a model
  local function nested(depth) -- a sequence of sequences of ...
    local heads, size = {}, 0
    for i = 2 * depth, 1, -1 do
      heads[i] = pb.tag(i % 2 == 1 and 4 or 1, 2) .. pb.varint(size)
      size = size + #heads[i]
    end
    return table.concat(heads)
  end
  local graph = writer.model(writer.small())
  hostile.cases(it, {
    { "row 15: has numbers of at most 10 bytes",
      pb.tag(1, 0) .. ("\xff"):rep(10) .. "\1", "64 bits" },
    { "row 15: has numbers of at most 64 bits",
      pb.tag(1, 0) .. ("\xff"):rep(9) .. "\2", "64 bits" },
    { "row 16: keeps lengths within the file",
      START .. pb.tag(7, 2) .. "\x7f\0\0", "a length of 127 bytes, but 2" },
    { "row 16: keeps lengths positive", pb.tag(7, 2) .. pb.varint(1 << 63), "2^63 or more" },
    { "row 17: has no groups", START .. pb.tag(3, 3) .. "\0", "the start of a group" },
    { "row 17: has no end of groups", START .. pb.tag(3, 4), "the end of a group" },
    { "row 17: has no wire type 6", START .. pb.tag(3, 6), "reserved wire type" },
    { "row 17: has no field 0", START .. "\0\0", "no field number 0" },
    { "row 17: types fields", START .. pb.bytes(1, "8"), "'ir_version' is a length and bytes" },
    { "row 16: has no half floats", pb.bytes(8, pb.bytes(1, "") .. pb.int(2, 13))
      .. pb.bytes(7, pb.bytes(1, pb.bytes(5, pb.bytes(7, "123")))),
      "no multiple of 4" },
    { "row 18: is nested to a limit", pb.bytes(7, pb.bytes(11, pb.bytes(2, nested(150)))),
      "deeper than 100" },
    { "row 18: is nested to a limit however deep",
      pb.bytes(7, pb.bytes(11, pb.bytes(2, nested(100000)))), "deeper than 100" },
    { "row 89: bounds names",
      pb.bytes(7, pb.bytes(2, ("n"):rep(5000))), "5000 bytes, more than 4096" },
    { "row 15: ends with the last field", graph .. "\x08", "goes on behind the end" },
  })

  it("row 19: skips unknown fields and takes the last of a field", function()
    local bytes = writer.model(writer.small())
    local same = pb.int(1, 999) .. pb.bytes(2, "producer") .. pb.float(77, 1.5)
      .. pb.tag(78, 1) .. ("x"):rep(8) .. bytes
    assert.equal(load(bytes):print(), load(same):print())
  end)

  it("row 19: allows lists of numbers packed and one by one", function()
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
  local million = {}
  for i = 1, 1000000 do million[i] = 1 end
  local function tensor(spec)
    return changed(function(small)
      spec.name = "b"
      small.tensors[2] = writer.tensor(spec)
    end)
  end
  hostile.cases(it, {
    { "row 20: has as many bytes as its shape needs", tensor { dims = { 4 }, raw = ("x"):rep(15) },
      "initializer 'b': raw_data has 15 bytes, f32[4] needs 16" },
    { "row 20: has data", tensor { dims = { 4 } }, "has no data, its shape needs 16 bytes" },
    { "row 20: has data in one place", tensor { dims = { 1 }, raw = "1234", floats = { 1 } },
      "both float_data and raw_data" },
    { "row 20: has data of its type",
      tensor { dims = { 1 }, ints = { 1 } }, "it has int32_data, but" },
    { "row 21: has a type", tensor { dims = { 4 }, type = 0, raw = "" }, "number 0" },
    { "row 21: has a known type", tensor { dims = { 4 }, type = 99, raw = "" }, "number 99" },
    { "row 21: is not of strings", tensor { dims = { 4 }, type = 8, raw = "" }, "string" },
    { "row 20: has whole numbers", tensor { dims = { 2 }, type = 10, raw = "123" },
      "raw_data has 3 bytes, f16[2] needs 4" },
    { "row 21: is not of strings with zero bytes",
      tensor { dims = { 1 }, type = 8, more = pb.bytes(6, "a\0b") }, "string" },
    { "row 22: has extents whose product does not wrap",
      tensor { dims = { 1 << 32, 1 << 32 }, raw = "" }, "extent 4294967296" },
    { "row 22: has extents whose product does not wrap to little",
      tensor { dims = { 1 << 31 - 1, 1 << 31 - 1, 4 }, raw = "" }, "more than 2147483647" },
    { "row 23: has no extent of -2^63", tensor { dims = { math.mininteger }, raw = "" },
      "extent -9223372036854775808" },
    { "row 23: has no extent of 2^63-1", tensor { dims = { math.maxinteger }, raw = "" },
      "extent 9223372036854775807" },
    { "row 25: has few dimensions", tensor { more = pb.packed(1, million), raw = "1234" },
      "the rank is 1000000" },
    { "row 23: has no negative extent", tensor { dims = { -1 }, raw = "" }, "extent -1" },
    { "row 24: has extents below 2^31",
      tensor { dims = { 0, 1 << 62 }, raw = "" }, "not between 0 and" },
    { "row 22: has a product of extents below 2^31",
      tensor { dims = { 1 << 20, 1 << 20 }, raw = "" },
      "more than 2147483647 elements" },
    { "row 25: has a rank", tensor { dims = table.move({}, 1, 0, 1, { 1, 1, 1, 1, 1, 1, 1, 1, 1 }),
      raw = "1234" }, "the rank is 9" },
    { "row 20: has numbers that its type holds",
      tensor { dims = { 1 }, type = writer.U8, ints = { 256 } },
      "initializer 'b'" },
    { "row 20: has as many numbers as its shape needs",
      tensor { dims = { 3 }, type = I64, ints = { 1 } },
      "int64_data has 1 numbers, the shape needs 3" },
    { "row 45: comes once", changed(function(small)
      small.tensors[5] = small.tensors[1]
    end), "two initializers 'w'" },
  })

  it("row 52: keeps every bit of its floats", function()
    local bits = string.pack("<I4I4I4I4", 0x7fc00001, 0x80000000, 1, 0xff800000)
    local module = load(tensor { dims = { 4 }, raw = bits })
    for _, const in ipairs(module:consts()) do
      if const.name == "b" then
        assert.equal(bits, const.data:view():string(0, 16))
      end
    end
  end)
end)

describe("every truncation of a small model", function()
  it("row 14: is refused or changes nothing", function()
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
