--- onnx.logic: comparisons, conditions, bits and remainders.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local logic = {}

-- `swapped`: the core has the opposite comparison.
local function pair(op, swapped)
  return compose.entry({ 2, 2 }, {}, function(n)
    local a, b = n:value(1), n:value(2)
    return compose.op(n, op, swapped and { b, a } or { a, b })
  end)
end

logic.Equal = pair("equal")
logic.Less = pair("less")
logic.LessOrEqual = pair("less_equal")
logic.Greater = pair("less", true)
logic.GreaterOrEqual = pair("less_equal", true)
logic.And, logic.Or, logic.Xor = pair("bit_and"), pair("bit_or"), pair("bit_xor")
logic.BitwiseAnd, logic.BitwiseOr = pair("bit_and"), pair("bit_or")
logic.BitwiseXor = pair("bit_xor")

local function complement(n)
  return compose.op(n, "bit_not", { n:value(1) })
end
logic.Not = compose.entry({ 1, 1 }, {}, complement)
logic.BitwiseNot = compose.entry({ 1, 1 }, {}, complement)

logic.BitShift = compose.entry({ 2, 2 }, { direction = "string" }, function(n)
  local direction = n:required("direction")
  if direction ~= "LEFT" and direction ~= "RIGHT" then
    n:fail("attribute 'direction' is %s; it may be LEFT or RIGHT", words.quote(direction))
  end
  local op = direction == "LEFT" and "shift_left" or "shift_right"
  return compose.op(n, op, { n:value(1), n:value(2) })
end)

logic.Mod = compose.entry({ 2, 2 }, { fmod = "int" }, function(n)
  local truncated = n:flag("fmod", false)
  return compose.op(n, "mod", { n:value(1), n:value(2) }, { truncated = truncated or nil })
end)

logic.Where = compose.entry({ 3, 3 }, {}, function(n)
  return compose.op(n, "select", { n:value(1), n:value(2), n:value(3) })
end)

logic.IsNaN = compose.entry({ 1, 1 }, {}, function(n)
  return compose.op(n, "is_nan", { n:value(1) })
end)

logic.IsInf = compose.entry({ 1, 1 }, { detect_negative = "int", detect_positive = "int" },
  function(n)
    return compose.op(n, "is_inf", { n:value(1) }, {
      negative = n:flag("detect_negative", true),
      positive = n:flag("detect_positive", true),
    })
  end)

return logic
