--- file_spec: files that are no models, or not quite, and files that are no files.

local hostile = require "tests.tools.hostile"
local onnx_writer = require "tests.tools.onnx_writer"
local shell = require "tests.tools.shell"
local tflite_writer = require "tests.tools.tflite_writer"

local tflite = tflite_writer.write { tflite_writer.small() }
local onnx = onnx_writer.model(onnx_writer.small())

local function noise(count)
  local state, parts = 12345, { "\x93\x17\xfe\x01" }
  for i = 2, count // 4 do
    state = state * 1103515245 + 12345 & 0xffffffff
    parts[i] = string.pack("<I4", state)
  end
  return table.concat(parts)
end

describe("a file that is no model", function()
  hostile.cases(it, {
    { "row 1: is empty", "", "the file is empty" },
    { "row 3: ends behind its identifier", "\x18\0\0\0TFL3",
      "the root table's offset 24 lies beyond the file's 8 bytes" },
    { "row 4: is noise", noise(1 << 20), "unknown format; the file begins with 93 17 fe 01" },
    { "row 9: is compressed with gzip", "\x1f\x8b\8\0\0\0\0\0\0\0", "compressed with gzip" },
    { "row 9: is compressed with bzip2", "BZh91AY&SY\0\0\0", "compressed with bzip2" },
    { "row 9: is compressed with xz", "\xfd7zXZ\0\0\4\0\0\0", "compressed with xz" },
    { "row 9: is compressed with zstd", "\x28\xb5\x2f\xfd\0\0\0\0\0\0", "compressed with zstd" },
    { "row 9: is an archive", "PK\3\4" .. ("x"):rep(30), "a zip archive" },
    { "row 9: is a tar archive", ("model.onnx" .. ("\0"):rep(247) .. "ustar" .. ("\0"):rep(250)),
      "a tar archive" },
    { "row 10: is a Git LFS pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "`git lfs pull`" },
    { "row 10: is a web page", "\n<!DOCTYPE html>\n<html>not found</html>", "an HTML page" },
    { "row 10: is UTF-16", "\xff\xfem\0o\0d\0u\0l\0e\0", "UTF-16 text" },
    { "row 10: has a byte order mark", "\xef\xbb\xbfmodule m {\n}\n", "byte order mark" },
    { "row 73: is of an older format", "\x10\0\0\0TFL2" .. ("\0"):rep(20),
      "a TFLite file of an old format" },
    { "row 73: has its size before it", string.pack("<I4", #tflite) .. tflite,
      "a TFLite file with a size before it" },
  })

  it("row 2: has 1 to 7 bytes", function()
    for length = 1, 7 do
      hostile.refuses(tflite:sub(1, length), "too short for a model")
      hostile.refuses(onnx:sub(1, length), "too short for a model")
    end
  end)

  it("row 13: is two ONNX models, which protocol buffers read as one", function()
    hostile.refuses(onnx .. onnx, "ai.onnx")
  end)
end)

describe("what is no file", function()
  local folder

  setup(function()
    folder = shell.folder()
    shell.must { "mkfifo", folder.path .. "/fifo" }
    shell.must { "ln", "-s", "nowhere", folder.path .. "/dangling.onnx" }
    shell.must { "ln", "-s", "loop.onnx", folder.path .. "/loop.onnx" }
    shell.write(folder.path .. "/secret.onnx", onnx)
    shell.must { "chmod", "0", folder.path .. "/secret.onnx" }
    shell.must { "chmod", "755", folder.path }
  end)

  teardown(function() getmetatable(folder).__close(folder) end)

  local function refuses(path, words, options)
    options = options or {}
    options.code = 4
    hostile.refuses_file(path:find "^/" and path or folder.path .. "/" .. path, words, options)
  end

  for _, case in ipairs {
    { "row 5: is a folder", "/etc/", "not a regular file" },
    { "row 5: is a pipe nobody writes to", "fifo", "not a regular file" },
    { "row 5: is endless", "/dev/zero", "not a regular file" },
    { "row 5: is standard input", "/dev/stdin", "not a regular file" },
    { "row 6: is not there", "none.onnx", "No such file" },
    { "row 6: is a link to nothing", "dangling.onnx", "No such file" },
    { "row 6: is a link to itself", "loop.onnx", "Too many levels" },
    { "row 6: lies behind what is no folder", "secret.onnx/model.onnx", "Not a directory" },
  } do
    it(case[1], function() refuses(case[2], case[3]) end)
  end

  it("row 6: may not be read", function()
    local options = hostile.unprivileged(folder.path)
    if not options then return pending(hostile.NO_OTHER_USER) end
    refuses("secret.onnx", "Permission denied", options)
  end)

  it("row 8: is larger than 2 GiB", function()
    shell.must { "truncate", "--size=2147483649", folder.path .. "/large.onnx" }
    local room <close> = shell.folder()
    hostile.fails(room.path, { folder.path .. "/large.onnx" , "-o", room.path .. "/out" }, 1,
      "2147483649 bytes; the limit is 2147483648")
    os.remove(folder.path .. "/large.onnx")
  end)

  it("row 7: is cut short while it is read", function()
    shell.write(folder.path .. "/build.lua", ([[
      local view = require "aot.data".open "%s/shrinks"
      io.open("%s/shrinks", "w"):close()
      return view:u8(0)
    ]]):gsub("%%s", folder.path))
    shell.write(folder.path .. "/shrinks", noise(4 << 20)) -- large files are mapped
    local code, said = hostile.run { folder.path .. "/build.lua" }
    assert.equal(4, code, said)
    hostile.check_said(said, "became shorter while it was read")
  end)
end)

describe("a model file", function()
  it("row 11: is known by its content, whatever it is called", function()
    assert.is_truthy(hostile.compiles(tflite, { name = "model.onnx" })["src/model_lib0.c"])
    assert.is_truthy(hostile.compiles(onnx, { name = "model.tflite" })["src/model_lib0.c"])
  end)

  it("row 12: may have any name", function()
    local long = ("n"):rep(248)
    local names = { "a\nb\"c%s.onnx", "\27]0;x\7.onnx", "caf\xe9\xff.onnx", "-.onnx",
      long .. ".onnx", "*|;`'$(true).onnx" }
    local plain = hostile.compiles(onnx, { arguments = { "--name", "net" } })
    for _, name in ipairs(names) do
      local files = hostile.compiles(onnx, { name = name, arguments = { "--name", "net" } })
      assert.same({}, shell.differences(plain, files))
      hostile.compiles(onnx, { name = name }) -- a name is made of it
    end
  end)

  it("row 12: may have a name that no message repeats as it is", function()
    local folder <close> = shell.folder()
    local path = folder.path .. "/a\nb\27[2J\"%s\xff.onnx"
    shell.write(path, "short")
    hostile.refuses_file(path, "a\\x0ab\\x1b[2J\"%s\\xff.onnx: 5 bytes are too short")
    local code, said = hostile.run { "compile", folder.path .. ("/x"):rep(3000) }
    assert.equal(4, code)
    hostile.check_said(said, { folder.path, "File name too long" })
  end)

  it("row 13: that is a TFLite model ends where its tables do, whatever follows", function()
    local function code_of(bytes)
      local files = hostile.compiles(bytes)
      local hash = files["metadata.json"]:match '"sha256": "(%x+)"'
      for path, content in pairs(files) do -- order: irrelevant, each alone
        files[path] = content:gsub(hash:sub(1, 12) .. "%x*", "HASH")
      end
      return files
    end
    assert.same({}, shell.differences(code_of(tflite), code_of(tflite .. tflite)))
  end)
end)
