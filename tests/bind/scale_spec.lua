--- scale_spec: large graphs take time in proportion to their nodes.

local ir = require "aot.ir"

local square = { dtype = "f32", shape = { 2, 2 } }

it("100 000 nodes are made, walked and removed in linear time", function()
  local function seconds(count)
    local start = os.clock()
    local g = ir.module("big"):graph("main")
    local last = g:param("x", square)
    for i = 1, count do
      last = g:append({ op = "abs", inputs = { last }, attrs = { i = i } }):output()
    end
    g:set_returns { last }
    for node in g:backward() do
      g:replace(node:output(), node.inputs[1])
      g:remove(node)
    end
    assert.equal(0, #g)
    return os.clock() - start
  end
  local half = seconds(50000)
  collectgarbage()
  assert.is_true(seconds(100000) < 4 * half + 1)
end)
