--- denied_spec: words that a target, a policy or the system keeps for itself are no names.

local generated = require "tests.tools.generated"
local names = require "aotlua.names"
local pass = require "passes.names"
local plain = require "aotlua.policies.plain"
local symbols = require "aotlua.symbols"
local target = require "aotlua.target"
local tvm = require "aotlua.policies.tvm"

local function member(hint, index)
  return { kind = "member", role = "data", scope = "inputs", owner = "input", index = index,
    hint = hint }
end

describe("words that a target or a policy forbids", function()
  local denied = { { owner = "target m4", "arm_math_t", "gain", "HAL_*" } }

  it("are no names, and the message says whose list it is", function()
    local fixed = { name = "mine", spell = function() return "arm_math_t" end }
    assert.error_matches(function()
      names.spell({ { kind = "entry", role = "run" } }, fixed, { model = "m", denied = denied })
    end, "the run entry becomes 'arm_math_t', which is on the deny list of target m4")
    fixed.deny, fixed.spell = { "own_*" }, function() return "own_run" end
    assert.error_matches(function()
      names.spell({ { kind = "entry", role = "run" } }, fixed, { model = "m" })
    end, "becomes 'own_run', which is on the deny list of names 'mine'")
  end)

  it("are not what inputs are called", function()
    local list = names.spell({ member("gain", 1), member("HAL_X", 2), member("gains", 3) }, tvm,
      { model = "m", denied = denied })
    assert.same({ "input_gain", "input_HAL_X", "gains" }, list)
  end)

  it("may stand in a target", function()
    local c, module = {}, generated.compiled()
    for key, value in pairs(target.load "c") do c[key] = value end -- order: irrelevant, a copy
    c.deny = { "serving_*" }
    pass.run(module:main(), { target = target.check(c), options = { significant = 63 } })
    assert.equal("input_serving_audio_0",
      symbols.spellings(module)("member", "data", "input", 1))
  end)

  it("are not what files and libraries are called where the system has them", function()
    for model, what in pairs { math = "'math.h', which is a header of the system",
      m = "'m', which is a library of the system" } do -- order: irrelevant, each alone
      assert.error_matches(function()
        names.spell({ { kind = "file", role = "header" }, { kind = "library", role = "library" } },
          plain, { model = model })
      end, what)
    end
  end)
end)
