--- bisect_spec: an optional pass that makes numbers wrong is found by halving, as a user would.

local command = require "tests.tools.command"

-- A target with a pass `spoil` behind another one, that turns what is negative.
local TARGET = [[
  local c = require "targets.c"
  local own = {}
  for key, value in pairs(c) do own[key] = value end
  own.name = "own"
  own.pipeline = c.pipeline:after("%s", {
    name = "spoil", optional = true, changes = "nothing",
    run = function(graph)
      for node in graph:nodes() do
        if node.op == "neg" then graph:rewrite(node, { op = "abs", inputs = node.inputs }) end
      end
    end,
  })
  return own
]]

-- How many passes `aotlua explain` calls optional.
local function count_optional(folder)
  local said, count = folder:output { "explain", "own.lua" }, 0
  for _ in said:gmatch "%(optional%)\n" do count = count + 1 end
  return count
end

describe("bisection", function()
  local folder
  before_each(function() folder = command.folder() end)
  after_each(function() folder:close() end)

  local function verify(...)
    local code, said = folder:run { "verify", "tiny.ir", "--target", "own.lua", ... }
    assert.is_true(code == 0 or code == 3, said)
    return code == 0, said
  end

  -- The number of the optional pass with which numbers become wrong.
  local function bisect()
    local right, wrong = 0, count_optional(folder)
    while wrong - right > 1 do
      local middle = (right + wrong) // 2
      if verify("--bisect", tostring(middle)) then right = middle else wrong = middle end
    end
    return wrong
  end

  for place, pass in ipairs { "canonicalize", "layout", "pack_weights" } do
    it("finds the wrong pass behind " .. pass, function()
      folder:write("own.lua", TARGET:format(pass))
      assert.is_false(verify())
      assert.is_true(verify("--bisect", "0"))
      local found = bisect()
      assert.equal(({ 2, 4, 8 })[place], found)
      local is_right, said = verify("--bisect", tostring(found))
      assert.is_false(is_right)
      assert.is_truthy(said:find("the last optional pass that ran is spoil\n", 1, true), said)
      assert.is_true(verify("--disable-pass", "spoil"))
    end)
  end
end)
