--- walk_through_spec: what targets/README.md says of accelerators works as it stands there.

local pages = require "tests.tools.pages"
local program = require "aot.program"
local shell = require "tests.tools.shell"

describe("the walk-through on accelerators", function()
  it("compiles, explains, verifies and runs its own device", function()
    local folder <close> = shell.folder()
    local path = program.root .. "/targets/README.md"
    local said = pages.follow(path, folder.path, "### Add an accelerator")
    assert.equal(2, #said)
    local explained = said[1]:gsub(" \n", "\n")
    assert.is_truthy(explained:find("%c: mul, clamp\n  by accelerator dsp (scale)\n", 1, true))
    local shown = shell.read(path):match "```\n(%%f: .-)```"
    assert.is_truthy(explained:find(shown, 1, true), explained)
    assert.equal(4, select(2, said[1]:gsub(": output_0: ok", "")) // 2)
    assert.equal("0: 1 1 3\n", said[2])
  end)

  it("lists the fields that there are", function()
    local text = shell.read(program.root .. "/targets/README.md")
    local annotated = shell.read(program.root .. "/lua/meta/aotlua_accelerator.lua")
    local count = 0
    for field in annotated:gmatch "%-%-%-@field (%w+)" do
      count = count + 1
      assert.is_truthy(text:find("\n| `" .. field .. "[`(]"), field)
    end
    assert.is_true(count > 10)
  end)
end)
