--- matmul_spec: matmul kernels compute what the evaluator does: shapes, types, fused tails.

local harness = require "tests.kernels.harness"

local target = { name = "c" }

local function case(cases, title, operands, result, attrs, options)
  local names, list = { "%a", "%b", "%bias" }, {}
  for i, type in ipairs(operands) do list[i] = ("%s : %s"):format(names[i], type) end
  cases:add(title, ([[
module t
graph @main(%s) {
  %%y = matmul %s %s : %s
  return %%y
}
]]):format(table.concat(list, ", "), table.concat(names, ", ", 1, #operands), attrs or "", result),
    options)
end

describe("matmul kernels", function()
  it("multiply floats, in batches that broadcast, transposed or not", function()
    local cases = harness.new { name = "floats", target = target }
    local close = { tolerance = 1e-5 }
    case(cases, "plain", { "f32[3, 5]", "f32[5, 4]" }, "f32[3, 4]", "", close)
    case(cases, "bias", { "f32[3, 5]", "f32[5, 4]", "f32[4]" }, "f32[3, 4]", "", close)
    case(cases, "transposed", { "f32[3, 5]", "f32[4, 5]" }, "f32[3, 4]",
      "{ transpose_b = true }", close)
    case(cases, "batch", { "f32[2, 1, 3, 5]", "f32[7, 5, 4]" }, "f32[2, 7, 3, 4]", "", close)
    case(cases, "no depth", { "f32[3, 0]", "f32[0, 4]" }, "f32[3, 4]", "", close)
    assert.same({}, cases:run())
  end)

  it("multiply quantized integers exactly, zero points included", function()
    local cases = harness.new { name = "integers", target = target }
    local special = { special = true }
    case(cases, "i8", { "i8[3, 9] q(0.5, 4)", "i8[9, 4] q(0.5, -9)", "i32[4]" }, "i32[3, 4]", "",
      special)
    case(cases, "u8", { "u8[3, 9] q(0.5, 128)", "u8[9, 4] q(0.5, 3)" }, "i32[3, 4]", "", special)
    case(cases, "i16", { "i16[3, 9]", "i8[4, 9]", "i64[4]" }, "i64[3, 4]",
      "{ transpose_b = true }", special)
    case(cases, "i16 by i16", { "i16[3, 9]", "i16[9, 4]" }, "i64[3, 4]", "", special)
    assert.same({}, cases:run())
  end)

  it("saturate once, however large the sum is on the way", function()
    local cases = harness.new { name = "saturation", target = target }
    cases:add("bias at the end of its range", [[
module t
const $b : i32[2] = dense [2147483647, -2147483647]
graph @main(%a : i8[2, 3], %w : i8[3, 2]) {
  %y = matmul %a, %w, $b : i32[2, 2]
  return %y
}
]], { special = true })
    assert.same({}, cases:run())
  end)

  it("end in requantization, a residual and a clamp, in the same loops", function()
    local cases = harness.new { name = "fused", target = target }
    cases:add("fused", [[
module t
const $w : i8[3, 4] = dense [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
const $b : i32[3] = dense [100, 200, 300]
const $m : i32[3] = dense [1073741824, 1173741824, 1973741824]
const $s : i32[3] = dense [-3, 0, -5]
graph @main(%a : i8[2, 4] q(0.5, 3), %r : i8[2, 3]) {
  %y = call @f %a, $w, $b, $m, $s, %r : i8[2, 3]
  return %y
}
graph @f(%a:i8[2,4] q(0.5,3), %w:i8[3,4], %b:i32[3], %m:i32[3], %s:i32[3], %r:i8[2,3]) {
  %c = matmul %a, %w, %b { transpose_b = true } : i32[2, 3]
  %q = requantize %c, %m, %s { rounding = double } : i8[2, 3]
  %z = add %q, %r : i8[2, 3]
  %y = clamp %z { lo = -7 } : i8[2, 3]
  return %y
}
]])
    assert.same({}, cases:run())
    assert.same({}, cases:run("clang", { "-O2" }))
  end)
end)
