--- external_data_spec: weights beside the model are read beneath its folder, or not at all.

local depends = require "aotlua.depends"
local hostile = require "tests.tools.hostile"
local import = require "aotlua.import"
local shell = require "tests.tools.shell"
local writer = require "tests.tools.onnx_writer"

local location = { "location", "w.bin" }

-- The small network, its bias described by these entries.
local function with(entries)
  return hostile.changed(function(small)
    small.tensors[2] = writer.tensor { name = "b", dims = { 4 }, more = writer.external(entries) }
  end)
end

-- A folder with weights, and with much that is none.
local function model_folder(entries)
  local folder = shell.folder()
  local path = folder.path
  shell.must { "mkdir", path .. "/sub", path .. "/models", path .. "/models/sub" }
  shell.write(path .. "/outside.bin", ("\0"):rep(100))
  shell.write(path .. "/models/w.bin", ("\0"):rep(100))
  shell.must { "ln", "-s", "/etc", path .. "/models/link" }
  shell.must { "ln", "-s", "w.bin", path .. "/models/alias.bin" }
  shell.must { "ln", "-s", "../outside.bin", path .. "/models/out.bin" }
  shell.must { "ln", "-s", "nowhere", path .. "/models/dangling.bin" }
  shell.must { "mkfifo", path .. "/models/fifo" }
  shell.write(path .. "/models/model.onnx", with(entries))
  return folder
end

describe("external data", function()
  local refused = {
    { "climbs out", { { "location", "../outside.bin" } }, "b" },
    { "climbs out later", { { "location", "sub/../../outside.bin" } }, "b" },
    { "is absolute", { { "location", "/etc/passwd" } }, "b" },
    { "lies behind a link to a folder", { { "location", "link/passwd" } }, "b" },
    { "is a link to elsewhere", { { "location", "out.bin" } }, "out.bin" },
    { "is a link to a file beside it", { { "location", "alias.bin" } }, "alias.bin" },
    { "is a link to nothing", { { "location", "dangling.bin" } }, "dangling.bin" },
    { "is a pipe", { { "location", "fifo" } }, "not a regular file" },
    { "is a folder", { { "location", "sub" } }, "not a regular file" },
    { "is the folder itself", { { "location", "." } }, "b" },
    { "is written in capitals", { { "location", "W.BIN" } }, "No such file" },
    { "is missing", { { "location", "none.bin" } }, "none.bin: No such file" },
    { "has no name", { { "offset", "0" } }, "no location" },
    { "has an empty name", { { "location", "" } }, "no location" },
    { "has a zero byte", { { "location", "w.bin\0x" } }, "no location" },
    { "has an unknown key", { location, { "mode", "rw" } }, "the key 'mode'" },
    { "has a key twice", { location, location }, "a second 'location'" },
    { "has a negative offset", { location, { "offset", "-4" } }, "offset '-4'" },
    { "has a negative length", { location, { "length", "-16" } }, "length '-16'" },
    { "has a real offset", { location, { "offset", "1e1" } }, "offset '1e1'" },
    { "has a huge offset", { location, { "offset", "9223372036854775807" } }, "offset" },
    { "has an offset of more than 64 bits", { location, { "offset", "18446744073709551616" } },
      "offset" },
    { "ends behind the file", { location, { "offset", "90" }, { "length", "16" } },
      "16 bytes at 90 of 'w.bin', which has 100" },
    { "begins behind the file", { location, { "offset", "101" }, { "length", "0" } },
      "w.bin" },
    { "has the wrong length", { location, { "length", "17" } }, "has 17 bytes, f32[4] needs 16" },
  }
  for _, case in ipairs(refused) do
    it("row 50: is refused where it " .. case[1], function()
      local folder <close> = model_folder(case[2])
      hostile.refuses_file(folder.path .. "/models/model.onnx", { "initializer 'b'", case[3] })
    end)
  end

  it("row 50: is read beneath the model's folder", function()
    local folder <close> = model_folder { location, { "offset", "64" }, { "length", "16" } }
    local code, said = hostile.run { "compile", folder.path .. "/models/model.onnx", "-o",
      folder.path .. "/out" }
    assert.equal(0, code, said)
  end)

  it("is noted as read", function()
    local folder <close> = model_folder { location, { "length", "16" } }
    import.load(folder.path .. "/models/model.onnx")
    local files = depends.files
    assert.equal(folder.path .. "/models/w.bin", files[#files])
  end)
end)
