--- shared_spec: nodes that compute the same share a function, and hand it operands of their own.

local operators = require "aotlua.operators"
local target = require "targets.c"
local text = require "aotlua.text"

-- What each operator of @main is called with, in words, and how many functions there are.
local function calls(source)
  local lines, functions, count = {}, {}, 0
  local module = text.parse(source)
  for i, operator in ipairs(operators.list(module:main(), target)) do
    local names = {}
    for k, value in ipairs(operator.arguments) do names[k] = value.name end
    lines[i] = table.concat(names, " ")
    local kernel = operator.kernel
    count = count + (functions[kernel] and 0 or 1)
    functions[kernel] = true
  end
  return lines, count
end

describe("nodes that share a function", function()
  it("may read what others of them read, at another place", function()
    local lines, count = calls [[
      module t
      graph @main(%a : f32[4], %b : f32[4], %c : f32[4]) {
        %d = sub %a, %b : f32[4]
        %e = sub %b, %c : f32[4]
        %f = sub %b, %a : f32[4]
        %g = sub %e, %d : f32[4]
        return %f, %g
      }
    ]]
    assert.same({ "a b d", "b c e", "b a f", "e d g" }, lines)
    assert.equal(1, count)
  end)

  it("may do so with the operands of bodies, in a row", function()
    local lines, count = calls [[
      module t
      graph @first(%x : f32[4], %y : f32[4], %z : f32[4]) {
        %s = sub %x, %y : f32[4]
        %m = mul %s, %z : f32[4]
        return %m
      }
      graph @second(%x : f32[4], %y : f32[4], %z : f32[4]) {
        %s = sub %x, %y : f32[4]
        %m = mul %s, %z : f32[4]
        return %m
      }
      graph @main(%a : f32[4], %b : f32[4], %c : f32[4], %d : f32[4]) {
        %e = call @first %a, %b, %c : f32[4]
        %f = call @second %b, %c, %d : f32[4]
        return %e, %f
      }
    ]]
    assert.same({ "a b c e", "b c d f" }, lines)
    assert.equal(1, count)
  end)
end)
