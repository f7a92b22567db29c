--- layers_spec: the layer that is wrong is found on other machines too.

local command = require "tests.tools.command"
local cross = require "tests.tools.cross"

-- A target like another but for a recipe that forgets all but the first element of a window.
local WRONG = [[
local base = require "targets.%s"
local wrong = {}
for key, value in pairs(base) do wrong[key] = value end
wrong.name, wrong.kernels = "wrong", { max_pool2d = function(k, op)
  for i in k:loop("i", op.type.shape[2]) do
    op:store({ 0, i, 0, 0 }, op.inputs[1](0, 2 * i, 0, 0))
  end
end }
return wrong
]]

local POOL = [[
module pool
graph @main(%x : i8[1, 4, 1, 1]) {
  %a = neg %x : i8[1, 4, 1, 1]
  %b = max_pool2d %a { origin = "the culprit", stride = [2, 1], window = [2, 1] } : i8[1, 2, 1, 1]
  return %b
}
]]

describe("layers", function()
  for _, target in ipairs { "aarch64", "cortex_m4", "cortex_m55" } do
    it("are judged on " .. target, function()
      local missing = cross.missing(target)
      if missing then return pending(missing) end
      local folder = command.folder()
      folder:write("pool.ir", POOL)
      folder:write("wrong.lua", WRONG:format(target))
      local code, said = folder:run { "verify", "pool.ir", "--per-layer", "--target", target }
      assert.equal(0, code, said)
      code, said = folder:run { "verify", "pool.ir", "--per-layer", "--target", "wrong.lua" }
      assert.equal(3, code, said)
      assert.matches("\n +1 +%%a +neg +ok ", said)
      assert.matches("\nthe first that differs is %%b, max_pool2d %(the culprit%)\n", said)
      folder:close()
    end)
  end
end)
