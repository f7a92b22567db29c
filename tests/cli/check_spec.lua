--- check_spec: a pass that breaks its promise is found, with the value and the numbers.

local command = require "tests.tools.command"

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

local SUMS = [[
module sums
graph @main(%x : f32[4], %n : i8[4]) {
  %a = abs %x : f32[4]
  %b = exp %a : f32[4]
  %m = abs %n : i8[4]
  %z = concat %m, %m { axis = 0 } : i8[8]
  return %b, %z
}
]]

-- Adds `number` to the operand of the node that gives %NAME.
local ADD = [[
  for node in graph:nodes() do
    local value = node:output()
    if value.name == "%s" then
      local type = { dtype = value.type.dtype, shape = {} }
      local k = graph.module:const { name = "k", data = ir.tensor(type, %s) }
      local sum = graph:append { op = "add", inputs = { node.inputs[1], k }, before = node }
      node:set_input(1, sum:output())
    end
  end
]]

local TARGET = [[
  local c = require "targets.c"
  local ir = require "aot.ir"
  local own = {}
  for key, value in pairs(c) do own[key] = value end
  own.name = "own"
  own.pipeline = c.pipeline:before("fuse", {
    name = "spoil", changes = %s, run = function(graph) %s end,
  })
  return own
]]

describe("check", function()
  local folder
  before_each(function()
    folder = command.folder()
    folder:write("sums.ir", SUMS)
  end)
  after_each(function() folder:close() end)

  -- Checks sums.ir with a pass of that promise and body.
  local function check(changes, run, ...)
    folder:write("own.lua", TARGET:format(changes, run))
    return folder:run { "check", "sums.ir", "--target", "own.lua", ... }
  end

  it("names the pass, the output, the value and the numbers", function()
    local code, said = check('"nothing"', ADD:format("m", "3"))
    assert.equal(3, code, said)
    has(said, "partition: ok, no change\n")
    has(said, "spoil: DIFFERENT, its promise is nothing, largest change 3\n"
      .. "  random: output_1, step 1: ")
    assert.matches("\n  the first value that changed is %%m %(abs%), step 1: %d of 4 elements "
      .. "differ; the worst, element %d, is %d+ instead of %d+\n", said)
    has(said, "\n  wide: output_1, step 1: ")
    has(said, "\n  lowest: output_1, step 1: ")
    has(said, "\nfuse: ok, no change\n")
  end)

  it("holds integers to the units that are promised", function()
    local code, said = check("{ lsb = 1 }", ADD:format("m", "1"))
    assert.equal(0, code, said)
    has(said, "spoil: ok, largest change 1\n")
    code, said = check("{ lsb = 1 }", ADD:format("m", "2"))
    assert.equal(3, code, said)
    has(said, "spoil: DIFFERENT, its promise is lsb = 1, largest change 2\n")
  end)

  it("holds floats to another order of sums", function()
    local code, said = check('"float_order"', ADD:format("a", "1e-7"))
    assert.equal(0, code, said)
    assert.matches("spoil: ok, largest change %S+\n", said)
    code, said = check("nil", ADD:format("a", "1e-7"))
    assert.equal(3, code, said)
    has(said, "spoil: DIFFERENT, its promise is nothing, largest change ")
    has(said, "  the first value that changed is %a (abs), step 1: ")
    code, said = check('"float_order"', ADD:format("a", "0.1"))
    assert.equal(3, code, said)
    has(said, "spoil: DIFFERENT, its promise is float_order, largest change ")
  end)

  it("notices outputs that come and go", function()
    local code, said = check('"nothing"', "graph:set_returns { graph.returns[2] }")
    assert.equal(3, code, said)
    has(said, "\n  random: it gives 1 output, not 2\n")
  end)

  it("judges by given data too", function()
    local ir, npy = require "aot.ir", require "aotlua.import.npy"
    require "aot.system".make_folders(folder.path .. "/data")
    npy.write(folder.path .. "/data/input_0.npy",
      ir.tensor({ dtype = "f32", shape = { 4 } }, { 1, 2, 3, 4 }))
    npy.write(folder.path .. "/data/input_1.npy",
      ir.tensor({ dtype = "i8", shape = { 4 } }, { 1, 2, -3, 4 }))
    local code, said = check('"nothing"', ADD:format("m", "3"), "--data", "data")
    assert.equal(3, code, said)
    has(said, "spoil: DIFFERENT, its promise is nothing, largest change 3\n"
      .. "  data: output_1, step 1: 8 of 8 elements differ; the worst, element 0, is 4 "
      .. "instead of 1\n")
  end)

  it("holds the passes of a build script to their promises", function()
    folder:write("build.lua", ([[
      local aot = require "aotlua"
      local target = (function() %s end)()
      aot.build { model = "sums.ir", target = target, out = "out" }
    ]]):format(TARGET:format('"nothing"', ADD:format("m", "3"))))
    local code, said = folder:run { "check", "build.lua" }
    assert.equal(3, code, said)
    has(said, "spoil: DIFFERENT, its promise is nothing, largest change 3\n")
  end)

  it("refuses a promise that is none", function()
    local code, said = check('"little"', "")
    assert.equal(1, code, said)
    has(said, "field 'changes' is not \"nothing\", \"float_order\" or { lsb = n }")
  end)
end)
