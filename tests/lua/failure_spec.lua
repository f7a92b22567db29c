--- failure_spec: errors have the right exit code, faults of ours above all.

local failure = require "aotlua.failure"
local program = require "aot.program"

local function raised_by(f, ...)
  local ok, raised = pcall(f, ...)
  assert.is_false(ok)
  return raised
end

describe("a failure", function()
  it("has the code of its kind, and its message", function()
    local raised = raised_by(failure.raise, "io", "%s: no %d", "a", 5)
    assert.equal(failure.io, failure.code(raised))
    assert.equal("a: no 5", tostring(raised))
  end)

  it("is of the model where a plain message was raised", function()
    assert.equal(failure.model, failure.code "x.onnx: node 3 is odd")
    assert.equal(failure.model, failure.code "/elsewhere/own_pass.lua:3: attempt to add nil")
    assert.equal(failure.model, failure.code {})
  end)

  it("is a fault where one of our scripts is to blame, whatever stands before", function()
    local place = program.root .. "/lua/aotlua/ops.lua:3: attempt to index a nil value"
    assert.equal(failure.internal, failure.code(place))
    assert.equal(failure.internal, failure.code "internal fault: a value without a node")
    local raised = failure.prefixed("x.onnx: ", failure.prefixed("node 3: ", place))
    assert.equal(failure.internal, failure.code(raised))
    assert.equal("x.onnx: node 3: " .. place, tostring(raised))
    assert.equal(failure.internal, failure.code(raised_by(failure.within, "io", error, place, 0)))
  end)

  it("is a fault where the Lua system shortens the path of our script", function()
    local path = package.searchpath("aotlua.failure", package.path)
    assert.is_true(failure.is_ours("..." .. path:sub(-25)))
    assert.is_false(failure.is_ours ".../somewhere/else.lua")
  end)

  it("takes the kind of what it happens within, once", function()
    local raised = raised_by(failure.within, "usage", error, "a", 0)
    assert.equal(failure.usage, failure.code(raised))
    local again = raised_by(failure.within, "io", error, raised, 0)
    assert.equal(failure.usage, failure.code(again))
    assert.same({ 1, nil, 3, n = 3 }, table.pack(failure.within("io", function()
      return 1, nil, 3
    end)))
  end)
end)
