--- archive_hostile_spec: archives that are damaged, or would do harm, are refused with a reason.

local archive = require "aotlua.archive"
local data = require "aot.data"
local failure = require "aotlua.failure"
local json = require "aotlua.json"
local shell = require "tests.tools.shell"
local ustar = require "aotlua.archive.ustar"

local END = ("\0"):rep(1024)
local LIBRARY = json.encode { version = 7, modules = { a = { model_name = "a",
  export_datetime = "", memory = json.object(), target = { "c" }, executors = { "aot" },
  style = "full-model" } } }

local function bytes_of(members)
  local pieces = ustar.pack(members, 0)
  for index, piece in ipairs(pieces) do
    pieces[index] = type(piece) == "string" and piece or piece:string(0, #piece)
  end
  return table.concat(pieces)
end

-- One member with fields of its header replaced: { offset = bytes }, the checksum made right.
local function member(fields, content, path)
  local block = bytes_of { { path = path or "./a", content = content or "" } }:sub(1, -1025)
  for offset, bytes in pairs(fields) do -- order: irrelevant, they do not overlap
    block = block:sub(1, offset) .. bytes .. block:sub(offset + #bytes + 1)
  end
  local sum = 8 * 32
  for at = 1, 512 do
    if at <= 148 or at > 156 then sum = sum + block:byte(at) end
  end
  return ("%s%06o\0 %s"):format(block:sub(1, 148), sum, block:sub(157))
end

local function unpacked(bytes) return ustar.unpack(data.from_string(bytes)) end

local function refused(bytes, why)
  assert.has_error(function() unpacked(bytes) end, why)
end

local function at_start(why) return "the tar archive at byte 0: " .. why end

describe("a tar archive", function()
  it("gives what was put in, whatever the length of names and contents", function()
    local members = {}
    for index, size in ipairs { 0, 1, 511, 512, 513, 2000 } do
      local folder = ("d"):rep(23 * index)
      members[index] = { path = ("%s/%s"):format(folder, ("n"):rep(16 * index)),
        content = ("\1"):rep(size) }
    end
    members[#members + 1] = { path = "pieces", content = { "ab", data.from_string "cd", "" } }
    local read = unpacked(bytes_of(members))
    for index, one in ipairs(read) do
      assert.equal(members[index].path, one.path)
      local content = members[index].content
      assert.equal(type(content) == "table" and "abcd" or content,
        one.content:string(0, #one.content))
    end
    assert.equal(#members, #read)
  end)

  it("is refused where a name is too long to be written, or a file too large", function()
    assert.error_matches(function() bytes_of { { path = ("n"):rep(101), content = "" } } end,
      "a tar archive holds paths of at most 255 bytes, the last 100 behind a slash, and this "
      .. "has 101; give the model a shorter name$")
    local huge = setmetatable({}, { __len = function() return 8 << 30 end })
    assert.error_matches(function() bytes_of { { path = "w", content = { huge } } } end,
      "'w' has 8589934592 bytes: a tar archive holds files of less than 8 GiB$")
  end)

  it("is refused wherever it is cut short", function()
    local whole = bytes_of { { path = "./a", content = "text" }, { path = "./b", content = "" } }
    for length = 0, #whole - 1 do
      assert.is_false((pcall(unpacked, whole:sub(1, length))), length)
    end
    refused("", "the tar archive is cut short: it has 0 bytes and no end")
    refused(whole:sub(1, -1025), "the tar archive is cut short: it has 1536 bytes and no end")
  end)

  it("is refused if any byte of a header was changed", function()
    local whole = bytes_of { { path = "./a", content = "text" } }
    local changed = 0
    for at = 1, 512 do
      local byte = whole:byte(at)
      local other = whole:sub(1, at - 1) .. string.char(byte ~ 1) .. whole:sub(at + 1)
      changed = changed + (pcall(unpacked, other) and 1 or 0)
    end
    assert.equal(0, changed)
    refused("x" .. whole:sub(2), at_start "the checksum of the header is wrong")
    refused(("no tar archive, but long enough to be one. "):rep(40),
      at_start "there is no tar header (ustar)")
  end)

  it("is refused if it would write outside of its folder", function()
    for path, why in pairs { -- order: irrelevant, each is checked
      ["/etc/passwd"] = "is an absolute path", ["../x"] = "leads out of the archive",
      ["./a/../../x"] = "leads out of the archive", ["a//b"] = "is no plain path",
      ["a/./b"] = "is no plain path", ["a\\b"] = "is no plain path",
    } do
      refused(member({}, "", path) .. END, at_start(("'%s' %s"):format(path, why)))
    end
    refused(member({}, "", "a\nb") .. END, at_start "'a?b' is no plain path")
    refused(member { [345] = ".." } .. END, at_start "'.././a' leads out of the archive")
  end)

  it("is refused if it holds anything but files and folders", function()
    for _, kind in ipairs { "1", "2", "3", "4", "6", "7", "x", "g", "L", "K", "S" } do
      refused(member { [156] = kind } .. END, at_start(("'a' is a link, a device or an extended "
        .. "header (type '%s'): only files and folders belong in a library"):format(kind)))
    end
    assert.equal(0, #unpacked(member { [156] = "5" } .. END))
    refused(member({ [156] = "5" }, "x") .. END, at_start "the folder 'a' has 1 bytes")
  end)

  it("is refused if a size is no number, or more than there is", function()
    local size = 124
    refused(member { [size] = "77777777777" } .. END,
      at_start "'a' has 8589934591 bytes, and 1024 are left")
    refused(member { [size] = "\128\0\0\0\1\0\0\0\0\0\0\0" } .. END,
      at_start "the size '????????????' is no octal number")
    refused(member { [size] = "-0000000001" } .. END,
      at_start "the size '-0000000001?' is no octal number")
    refused(member { [size] = ("\0"):rep(12) } .. END,
      at_start "the size '????????????' is no octal number")
  end)

  it("is refused if a file is there twice", function()
    refused(member({}, "x") .. member({}, "", "a") .. END,
      "the tar archive at byte 1024: 'a' is there twice")
  end)

  it("is refused if it ends in the middle", function()
    local block = ("\0"):rep(512)
    refused(member {} .. block .. member {} .. END,
      "the tar archive at byte 512: one empty block is no end")
  end)
end)

describe("a library", function()
  local function problem(content, path)
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/x.tar", content)
    local ok, raised = pcall(archive.read, folder.path .. (path or "/x.tar"))
    assert.is_false(ok)
    return failure.text(raised):gsub("^.*/x.tar: ", ""), failure.code(raised)
  end

  local function with_metadata(text)
    return (problem(bytes_of { { path = "./metadata.json", content = text } }))
  end

  it("names the file that is none", function()
    local why, code = problem "text"
    assert.equal("the tar archive is cut short: it has 4 bytes and no end", why)
    assert.equal(1, code)
    why, code = problem("", "/nope.tar")
    assert.matches("/nope.tar: No such file or directory$", why)
    assert.equal(4, code)
  end)

  it("has metadata of the version that is read, with every key", function()
    assert.equal("there is no metadata.json: this is no Model Library Format", problem(END))
    assert.matches("^metadata.json: this is no JSON from byte 1 on", (with_metadata "{"))
    assert.equal("metadata.json is no object", (with_metadata "7"))
    assert.equal("metadata.json is of version 6, this reads version 7",
      (with_metadata '{"version": 6}'))
    assert.equal("metadata.json: 'modules' is no table", (with_metadata '{"version": 7}'))
    assert.equal("metadata.json: module 'a': 'executors' is no table",
      (with_metadata(LIBRARY:gsub('"executors"', '"runners"'))))
    assert.equal("metadata.json: module 'a': 'model_name' is 'b'",
      (with_metadata(LIBRARY:gsub('"model_name": "a"', '"model_name": "b"'))))
    assert.equal("metadata.json: 'model_name' is no string",
      (with_metadata '{"version": 7, "style": "operator"}'))
  end)

  it("is read or refused, wherever it was damaged, without a fault of ours", function()
    local folder <close> = shell.folder()
    local path, seed = folder.path .. "/x.tar", 12345
    local function random(n)
      seed = (seed * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
      return (seed >> 20) % n
    end
    local whole = bytes_of { { path = "./metadata.json", content = LIBRARY },
      { path = "./src/a.ir", content = "module a" } }
    local refusals = 0
    for _ = 1, 500 do
      local bytes = whole
      for _ = 0, random(3) do
        local at = random(#bytes)
        bytes = bytes:sub(1, at) .. string.char(random(256)) .. bytes:sub(at + 2)
      end
      shell.write(path, bytes)
      local ok, raised = pcall(archive.read, path)
      refusals = refusals + (ok and 0 or 1)
      assert.is_true(ok or failure.code(raised) == failure.model, not ok and failure.text(raised))
    end
    assert.is_true(refusals > 100, refusals)
  end)

  it("that suits is read as GNU tar packs it, too", function()
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/metadata.json", LIBRARY)
    shell.must { "tar", "-C", folder.path, "--format=gnu", "-cf", folder.path .. "/x.tar",
      "./metadata.json" }
    local read = archive.read(folder.path .. "/x.tar")
    assert.equal("metadata.json", read.members[1].path)
    assert.equal("a", read.metadata.modules.a.model_name)
  end)
end)
