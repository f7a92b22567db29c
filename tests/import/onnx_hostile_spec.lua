--- onnx_hostile_spec: broken and malicious bytes of ONNX files give clear errors and nothing else.
local data = require "aot.data"
local hostile = require "tests.tools.hostile"
local import = require "aotlua.import"
local pb = require "tests.tools.protobuf_writer"
local writer = require "tests.tools.onnx_writer"

local changed, check_message, load = hostile.changed, hostile.check_message, hostile.load
local refuses = hostile.refuses
local I64, F32 = writer.I64, writer.F32

-- Each case: what is true, the bytes, what the message says.
local function cases(list_of_cases)
  for _, case in ipairs(list_of_cases) do
    it(case[1], function()
      refuses(case[2], case[3])
    end)
  end
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
