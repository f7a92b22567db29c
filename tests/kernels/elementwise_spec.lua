--- elementwise_spec: elementwise kernels compute what the evaluator does, in every type.

local harness = require "tests.kernels.harness"

local target = { name = "c" }

local function binary(cases, op, dtype, options)
  cases:add(("%s of %s"):format(op, dtype), ([[
module t
graph @main(%%a : %s[2, 3, 8], %%b : %s[3, 1]) {
  %%y = %s %%a, %%b : %s[2, 3, 8]
  return %%y
}
]]):format(dtype, dtype, op, dtype), options)
end

local function unary(cases, op, from, to, attrs, options)
  cases:add(("%s of %s to %s"):format(op, from, to), ([[
module t
graph @main(%%x : %s[5, 7]) {
  %%y = %s %%x %s : %s[5, 7]
  return %%y
}
]]):format(from, op, attrs or "", to), options)
end

local integers = { "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64" }
local numbers = { "f32", "f64", "bool", table.unpack(integers) }

describe("elementwise kernels", function()
  it("compute sums, differences, products, quotients and extremes of every type", function()
    local cases = harness.new { name = "binary", target = target }
    for _, op in ipairs { "add", "sub", "mul", "div", "max", "min", "pow" } do
      for _, dtype in ipairs(numbers) do
        local exact = op ~= "pow" or dtype ~= "f32" and dtype ~= "f64"
        binary(cases, op, dtype, { special = exact, tolerance = not exact and 3e-7 or nil })
      end
    end
    assert.same({}, cases:run())
  end)

  it("compute functions of one operand", function()
    local cases = harness.new { name = "unary", target = target }
    for _, op in ipairs { "abs", "neg" } do
      for _, dtype in ipairs(numbers) do unary(cases, op, dtype, dtype, "", { special = true }) end
    end
    for _, op in ipairs { "exp", "log", "sqrt", "rsqrt", "tanh", "logistic", "floor" } do
      unary(cases, op, "f32", "f32", "", { tolerance = 4e-7 })
      unary(cases, op, "f64", "f64", "", { tolerance = 1e-15 })
    end
    assert.same({}, cases:run())
  end)

  it("clamp, with either bound or both", function()
    local cases = harness.new { name = "clamp", target = target }
    for _, dtype in ipairs(integers) do
      unary(cases, "clamp", dtype, dtype, "{ hi = 60, lo = -3 }", { special = true })
      unary(cases, "clamp", dtype, dtype, "{ lo = 70000 }", { special = true })
    end
    unary(cases, "clamp", "f32", "f32", "{ hi = 6.0, lo = 0.0 }", { special = true })
    unary(cases, "clamp", "f64", "f64", "{ hi = 0.3 }", { special = true })
    for _, bounds in ipairs { "lo = 1", "hi = 0", "hi = 0, lo = 1", "hi = 1, lo = 0" } do
      unary(cases, "clamp", "bool", "bool", ("{ %s }"):format(bounds))
    end
    assert.same({}, cases:run())
  end)

  it("cast between all types", function()
    local cases = harness.new { name = "cast", target = target }
    for _, from in ipairs(numbers) do
      for _, to in ipairs(numbers) do unary(cases, "cast", from, to, "", { special = true }) end
    end
    for _, from in ipairs(integers) do
      for _, to in ipairs(integers) do
        unary(cases, "cast", from, to, "{ wrap = true }", { special = true })
      end
    end
    assert.same({}, cases:run())
  end)

  it("quantize and dequantize, per tensor and per axis", function()
    local cases = harness.new { name = "quantize", target = target }
    for _, dtype in ipairs { "i8", "u8", "i16", "u16", "i32", "u32" } do
      local one = dtype .. "[3, 4] q(0.25, " .. (dtype:sub(1, 1) == "u" and 7 or -3) .. ")"
      local many = dtype .. "[3, 4] q($s, $z, axis 1)"
      for _, type in ipairs { one, many } do
        local format = [[
module t
const $s : f32[4] = dense [0.5, 0.25, 0.125, 3.0]
const $z : i64[4] = dense [1, 2, 3, 4]
graph @main(%%x : %s) {
  %%y = %s %%x %s : %s
  return %%y
}
]]
        for _, rounding in ipairs { "away", "even" } do
          cases:add(("quantize to %s, %s"):format(type, rounding), format:format(
            "f32[3, 4]", "quantize", "{ rounding = " .. rounding .. " }", type), { special = true })
        end
        cases:add("dequantize " .. type, format:format(type, "dequantize", "", "f32[3, 4]"),
          { special = true })
      end
    end
    assert.same({}, cases:run())
  end)

  it("requantize in every rounding, from every width, with one or many multipliers", function()
    local cases = harness.new { name = "requantize", target = target }
    local format = [[
module t
const $m : i32[3] = dense [1073741824, 2147483647, 1518500250]
const $s : i32[3] = dense [%s]
const $f : f32[3] = dense [0.5, 0.0117, 3.25]
const $m1 : i32[1] = dense [1400000000]
const $s1 : i32[1] = dense [%s]
const $f1 : f32[1] = dense [0.0625]
graph @main(%%x : %s[4, 3] q(1.0, %d)) {
  %%y = requantize %%x, %s { left_shift = %d, rounding = %s } : %s[4, 3] q(1.0, %d)
  return %%y
}
]]
    for _, from in ipairs { "i8", "u8", "i16", "i32", "u32", "i64" } do
      local wide = from == "i64"
      for _, to in ipairs { "i8", "u8", "i16", "i32", "i64" } do
        for _, rounding in ipairs { "double", "single", "even" } do
          for many = 0, 1 do
            local operands = many == 1 and "$m, $s" or "$m1, $s1"
            if rounding == "even" then operands = many == 1 and "$f" or "$f1" end
            local shift = (from == "i8" or from == "i32") and many == 0 and 5 or 0
            cases:add(("%s to %s by %s, %s"):format(from, to, operands, rounding), format:format(
              wide and "-7, 0, 3" or "-31, 0, 4", wide and "-4" or "-9", from,
              from == "i32" and 0 or 5, operands, shift, rounding, to, to == "i64" and 0 or 9),
              { special = true })
          end
        end
      end
    end
    assert.same({}, cases:run())
  end)

  it("look up tables", function()
    local cases = harness.new { name = "lookup", target = target }
    for _, dtype in ipairs { "i8", "u8" } do
      cases:add("lookup of " .. dtype, ([[
module t
graph @main(%%x : %s[9], %%t : f32[256]) {
  %%y = lookup %%x, %%t : f32[9]
  return %%y
}
]]):format(dtype), { special = true })
    end
    for _, dtype in ipairs { "i16", "u16" } do
      for bits = 1, 14, 13 do
        cases:add("lookup between entries of " .. dtype, ([[
module t
graph @main(%%x : i32[50], %%t : %s[9]) {
  %%y = lookup %%x, %%t { bits = %d } : i32[50]
  return %%y
}
]]):format(dtype, bits), { special = true })
      end
    end
    assert.same({}, cases:run())
  end)

  it("compute fused chains with residuals and broadcasts in one loop nest", function()
    local cases = harness.new { name = "chain", target = target }
    cases:add("chain", [[
module t
graph @main(%a : f32[2, 3, 4], %b : f32[4], %c : f32[1, 3, 1]) {
  %y = call @chain %a, %b, %c : f32[2, 3, 4]
  return %y
}
graph @chain(%a : f32[2, 3, 4], %b : f32[4], %c : f32[1, 3, 1]) {
  %s = add %b, %c : f32[1, 3, 4]
  %t = mul %a, %s : f32[2, 3, 4]
  %u = sub %t, %a : f32[2, 3, 4]
  %v = clamp %u { lo = -1.0 } : f32[2, 3, 4]
  %w = mul %v, %t : f32[2, 3, 4]
  return %w
}
]])
    assert.same({}, cases:run())
    assert.same({}, cases:run("clang", { "-O2" }))
  end)

  it("compare a value with itself, without a warning", function()
    local cases = harness.new { name = "itself", target = target }
    for _, case in ipairs { "i32 less", "u8 less_equal", "i64 equal", "bool less", "bool bit_xor",
      "f32 less", "f32 equal" } do
      local dtype, op = case:match "(%w+) ([%w_]+)"
      for _, inner in ipairs { "%x", "%m" } do
        cases:add(case .. " of " .. inner, ([[
module t
graph @main(%%x : T[9]) {
  %%y = call @f %%x : bool[9]
  return %%y
}
graph @f(%%x : T[9]) {
  %%m = max %%x, %%x : T[9]
  %%c = %s %s, %s : bool[9]
  %%d = cast %%m : bool[9]
  %%y = bit_and %%c, %%d : bool[9]
  return %%y
}
]]):format(op, inner, inner):gsub("T", dtype), { special = true })
      end
    end
    assert.same({}, cases:run())
    assert.same({}, cases:run("clang", { "-O2" }))
  end)

  it("hold for scalars and for tensors without elements", function()
    local cases = harness.new { name = "edges", target = target }
    cases:add("rank 0", [[
module t
graph @main(%a : f32[], %b : f32[]) {
  %y = add %a, %b : f32[]
  return %y
}
]])
    cases:add("extent 0", [[
module t
graph @main(%a : f32[0, 3], %b : f32[3]) {
  %y = add %a, %b : f32[0, 3]
  return %y
}
]])
    assert.same({}, cases:run())
  end)
end)
