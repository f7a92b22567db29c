--- compiler: what the cross compilers and runners are asked, and what happens where they refuse.

local command = require "tests.tools.command"
local cross = require "tests.tools.cross"
local models = require "tests.tools.models"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local DIGITS = program.root .. "/examples/digits/digits_%s.onnx"

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

-- A target FILE.lua that is cortex_m4 but for some fields of its cc.
local function altered(folder, name, changes)
  folder:write(name, ([[
local cortex_m4 = require "targets.cortex_m4"
local target, cc = {}, {}
for key, value in pairs(cortex_m4) do target[key] = value end
for key, value in pairs(cortex_m4.cc) do cc[key] = value end
target.name, target.cc = "altered", cc
%s
return target
]]):format(changes))
end

describe("arm-none-eabi-gcc", function()
  local missing = cross.missing "cortex_m4"
  if missing then
    it("is here", function() pending(missing) end)
    return
  end

  local folder
  before_each(function() folder = command.folder() end)
  after_each(function() folder:close() end)

  for _, kind in ipairs { "fp32", "int8" } do
    it(("has nothing to say of the %s digits, however it optimizes"):format(kind), function()
      for _, flags in ipairs { "-O0", "-Os", "-O3", "-O2 -flto" } do
        models.must({ "verify", DIGITS:format(kind), "--target", "cortex_m4" },
          { environment = { "CFLAGS=" .. flags } })
      end
    end)
  end

  it("builds what bench counts, the same each time", function()
    local words = { "bench", DIGITS:format "int8", "--target", "cortex_m4" }
    local said = models.must(words)
    local count = tonumber(said:match "^digits_int8 for cortex_m4: (%d+) instructions, ")
    assert.is_true(count and count > 25000 and count < 2500000, said)
    assert.equal(said, models.must(words))
    has(models.must { "bench", "--json", table.unpack(words, 2) },
      ('"instructions": %d,\n  "median_us": null,\n  "min_us": null,'):format(count))
  end)

  it("says what does not fit, and verify exits 1", function()
    folder:write("large.ir", [[
module large
graph @main(%x : f32[2, 1000000]) {
  %y = neg %x : f32[2, 1000000]
  return %y
}
]])
    local code, said = folder:run { "verify", "large.ir", "--target", "cortex_m4" }
    assert.equal(1, code)
    has(said, "region `RAM' overflowed by")
  end)

  it("is ended by the runner's time limit, which verify says", function()
    altered(folder, "slow.lua", [[
local runner = cc.runner
cc.seconds = 1
cc.runner = function(...)
  local line = runner(...)
  table.insert(line, "-S") -- a processor that never starts
  return line
end]])
    local code, said = folder:run { "verify", "tiny.ir", "--target", "slow.lua" }
    assert.equal(1, code)
    has(said, "the program did not end within 1 seconds on altered")
  end)

  it("compiles a network in a folder with spaces and commas in its name", function()
    local place = folder.path .. "/a, b"
    shell.must { "mkdir", place }
    local code, said = folder:run({ "verify", "tiny.ir", "--target", "cortex_m4" },
      { "TMPDIR=" .. place })
    assert.equal(0, code, said)
  end)
end)
