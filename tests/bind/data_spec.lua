--- data_spec: aot.data, views of bytes and files.

local data = require "aot.data"

local function refusal(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

describe("a view", function()
  local view = data.from_string("\1\2\3\255\0\0\128\63")

  it("reads little-endian numbers at any offset", function()
    assert.equal(8, #view)
    assert.equal(255, view:u8(3))
    assert.equal(-1, view:i8(3))
    assert.equal(0x0201, view:u16(0))
    assert.equal(-253, view:i16(2))
    assert.equal(0xff030201, view:u32(0))
    assert.equal(0xff030201 - 2 ^ 32, view:i32(0))
    assert.equal(1.0, view:f32(4))
    assert.equal(0x3f800000ff030201, view:u64(0))
    assert.equal(("<d"):unpack(view:string()), view:f64(0))
  end)

  it("gives strings and views of its parts", function()
    assert.equal("\2\3", view:string(1, 2))
    assert.equal("\0\0\128\63", view:string(4))
    assert.equal(3, view:sub(1, 4):sub(1, 2):u8(0))
    assert.equal(0, #view:sub(8, 0))
  end)

  it("refuses what lies beyond its end", function()
    assert.has_error(function() view:u8(8) end)
    assert.has_error(function() view:u32(5) end)
    assert.has_error(function() view:u32(-1) end)
    assert.has_error(function() view:u64(math.maxinteger) end)
    assert.has_error(function() view:sub(8, 1) end)
    assert.has_error(function() view:sub(-1, 1) end)
    assert.has_error(function() view:sub(1, math.maxinteger) end)
    assert.has_error(function() view:sub(2, 2):u8(2) end)
    assert.equal("4 bytes at offset 5 are not within the 8 bytes there are",
      refusal(view.sub, view, 5, 4))
  end)

  it("has its SHA-256", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      data.from_string("abc"):sha256())
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      data.from_string(""):sha256())
  end)

  it("says so where it has no such field", function()
    assert.matches("a View has no field 'size'", refusal(function() return view.size end))
    assert.matches("read%-only", refusal(function() view.size = 1 end))
  end)
end)

describe("a file", function()
  local path = os.tmpname()
  teardown(function() os.remove(path) end)

  it("is written whole and mapped again", function()
    data.write(path, "hello")
    assert.equal("hello", data.open(path):string())
    data.write(path, data.open(path):sub(1, 3))
    assert.equal("ell", data.open(path):string())
    data.write(path, { "a", data.from_string "b", "c" })
    assert.equal("abc", data.open(path):string())
    assert.is_true(data.matches(path, { "ab", "c" }))
    assert.is_false(data.matches(path, "abcd"))
    assert.is_false(data.matches(path, "ab"))
  end)

  it("is filled by a function, piece by piece", function()
    local kept
    data.put(path, function(put)
      put "hel"
      put(data.from_string "lo")
      put ""
      kept = put
    end)
    assert.equal("hello", data.open(path):string())
    assert.matches("the file is finished", refusal(kept, "x"))
    data.put(path, function() end)
    assert.equal("", data.open(path):string())
  end)

  it("is not left half filled", function()
    local half = path .. ".half"
    local raised = {}
    assert.equal(raised, refusal(data.put, half, function(put)
      put "hel"
      error(raised)
    end))
    assert.matches("No such file", refusal(data.open, half))
    assert.has_error(function() data.put(half, function(put) put(5, {}) put {} end) end)
    assert.matches("No such file", refusal(data.open, half))
    assert.matches("/no/such/folder/x: .+", refusal(data.put, "/no/such/folder/x", print))
  end)

  it("leaves nothing behind where it cannot be written", function()
    assert.matches("/no/such/folder/x: .+", refusal(data.write, "/no/such/folder/x", "a"))
    assert.has_error(function() data.write("a\0b", "") end)
  end)

  it("is refused where it is none", function()
    assert.matches("is a directory", refusal(data.open, "/tmp"))
    assert.matches("/dev/null: ", refusal(data.open, "/dev/null"))
    assert.matches("No such file", refusal(data.open, "/no/such/file"))
  end)

  it("says why, however long its path is", function()
    local long = ("./"):rep(700)
    assert.matches("is a directory", refusal(data.open, "/" .. long))
    assert.matches("No such file", refusal(data.open_beneath, "/tmp", long .. "no_such_file"))
    assert.matches("leaves it", refusal(data.open_beneath, "/tmp", long .. "../x"))
    assert.matches("named relative", refusal(data.open_beneath, "/tmp", "/" .. long))
    assert.matches("No such file", refusal(data.open_beneath, "/no_such_folder/" .. long, "x"))
  end)

  it("stays beneath its folder", function()
    local folder, name = path:match "^(.*)/(.*)$"
    data.write(path, "inside")
    assert.equal("inside", data.open_beneath(folder, name):string())
    assert.has_error(function() data.open_beneath(folder, "../tmp/" .. name) end)
    assert.has_error(function() data.open_beneath(folder, path) end)
    assert.has_error(function() data.open_beneath("/proc/self", "exe") end)
  end)
end)
