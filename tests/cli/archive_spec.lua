--- archive_spec: `aotlua --mlf` writes archives, and says what it cannot do.

local command = require "tests.tools.command"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

describe("aotlua --mlf", function()
  local folder
  before_each(function() folder = command.folder() end)
  after_each(function() folder:close() end)

  local function exists(path) return system.kind(folder.path .. "/" .. path) ~= nil end

  it("writes the archive, and a folder where it is asked for", function()
    assert.equal(0, (folder:run { "tiny.ir", "--mlf", "a.tar", "--depfile", "deps" }))
    assert.is_false(exists "tiny_c")
    assert.matches("^a.tar: \\\n", folder:read "deps")
    assert.equal(0, (folder:run { "tiny.ir", "--mlf", "b.tar", "-o", "out", "--example" }))
    assert.is_true(exists "out/include/tvmgen_tiny.h" and exists "out/main.c")
    assert.equal(folder:read "a.tar", folder:read "b.tar")
    folder:write("build.lua", 'require "aotlua".build { model = "tiny.ir", mlf = "c.tar" }')
    assert.equal(0, (folder:run { "build.lua" }))
    assert.equal(folder:read "a.tar", folder:read "c.tar")
  end)

  it("is there for scripts too: README.md's example writes and reads two models", function()
    local readme = shell.read(program.root .. "/lua/README.md")
    local example = readme:match "\n## Model Library Format\n.-```lua\n(.-)```"
    folder:write("build.lua", (example:gsub("ear%.tflite", "tiny.ir")
      :gsub("eye%.onnx", "counter.ir"):gsub("%.ear%.", ".tiny."):gsub("_ear%.h", "_tiny.h")))
    local said = folder:output { "build.lua" }
    local bytes = #folder:read "ear/include/tvmgen_tiny.h"
    assert.equal(("0\t%d\n"):format(bytes), said)
    folder:write("build.lua", (folder:read("build.lua"):gsub("\nlocal library.*", "\n")))
    os.remove(folder.path .. "/both.tar")
    assert.equal(0, (folder:run { "check", "build.lua" }))
    assert.is_false(exists "both.tar")
  end)

  for _, mistake in ipairs {
    { "--mlf a.tar --stop fuse -o x.ir", 2, "--stop writes IR text, --mlf a whole model" },
    { "--mlf a.tar --example", 2, "with --mlf it wants -o DIR" },
    { "--mlf-style operator", 2, "--mlf-style wants --mlf FILE.tar" },
    { "--mlf a.tar --mlf-style half", 2, "there is no style 'half' of archives" },
    { "--mlf a.tar --mlf-style operator", 1, "model 'tiny' has 2 operators" },
    { "--mlf no/a.tar -o out", 4, "no/a.tar: cannot write: No such file or directory" },
    { "--mlf a.tar", 4, "/nowhere/aotlua-", { "TMPDIR=/nowhere" } },
    { "--mlf a.tar", 2, "SOURCE_DATE_EPOCH is 'noon': it is a number of seconds since 1970",
      { "SOURCE_DATE_EPOCH=noon" } },
    { "--mlf a.tar", 2, "SOURCE_DATE_EPOCH is '99999999999'",
      { "SOURCE_DATE_EPOCH=99999999999" } },
  } do
    it(("says what is wrong with %s: %s"):format(mistake[1], mistake[3]), function()
      local words = { "compile", "tiny.ir" }
      for word in mistake[1]:gmatch "%S+" do words[#words + 1] = word end
      local code, said = folder:run(words, mistake[4])
      assert.is_truthy(said:find(mistake[3], 1, true), said)
      assert.equal(mistake[2], code)
      assert.is_false(exists "a.tar" or exists "out" or exists "tiny_c" or exists "x.ir")
    end)
  end
end)
