--- judge_spec: outputs are equal or not as golden.json's modes say.

local ir = require "aot.ir"
local judge = require "aotlua.judge"

local function tensor(dtype, shape, numbers)
  return ir.tensor({ dtype = dtype, shape = shape }, numbers)
end

local function floats(...) return tensor("f32", { select("#", ...) }, { ... }) end
local function bytes(...) return tensor("i8", { select("#", ...) }, { ... }) end

local function equal(got, want, compare, options)
  return judge.compare(got, want, compare or {}, options or {}).equal
end

describe("a judgment", function()
  it("is exact for integers, within 1e-3 and 1e-7 for floats", function()
    assert.is_true(equal(bytes(1, -2), bytes(1, -2)))
    assert.is_false(equal(bytes(1, -2), bytes(1, -3)))
    assert.is_true(equal(floats(1000.9, 0), floats(1000, 1e-8)))
    assert.is_false(equal(floats(1001.2), floats(1000)))
    assert.is_false(equal(floats(2e-7), floats(0)))
  end)

  it("is bit for bit where the mode is exact", function()
    assert.is_false(equal(floats(1 + 2.0 ^ -20), floats(1), { mode = "exact" }))
    assert.is_true(equal(floats(1), floats(1), { mode = "exact" }))
  end)

  it("takes tolerances of the set, and those of the command line before them", function()
    assert.is_true(equal(bytes(3), bytes(5), { mode = "exact_quantised", atol = 2 }))
    assert.is_false(equal(bytes(3), bytes(5), { mode = "exact_quantised", atol = 2 }, { atol = 1 }))
    assert.is_true(equal(bytes(3), bytes(5), { mode = "exact" }, { atol = 2 }))
    assert.is_true(equal(floats(1.5), floats(1), { mode = "close", rtol = 0.5 }))
  end)

  it("holds NaN equal to NaN alone, and infinities to themselves", function()
    local nan, inf = 0 / 0, math.huge
    assert.is_true(equal(floats(nan, inf, -inf), floats(nan, inf, -inf)))
    assert.is_false(equal(floats(nan), floats(1)))
    assert.is_false(equal(floats(1), floats(nan)))
    assert.is_false(equal(floats(inf), floats(-inf)))
    assert.is_false(equal(floats(3e38), floats(inf)))
  end)

  it("looks for the greatest element of each row where the mode is quant_close", function()
    local want = tensor("f32", { 2, 3 }, { 1, 2, 3, 3, 2, 1 })
    local compare = { mode = "quant_close", atol = 2 }
    assert.is_true(equal(tensor("f32", { 2, 3 }, { 2, 2, 3, 3, 2.5, 1 }), want, compare))
    local found = judge.compare(tensor("f32", { 2, 3 }, { 1, 2, 3, 2, 3, 1 }), want, compare, {})
    assert.is_false(found.equal)
    assert.equal("the greatest element of row 1 is another one", found.problem)
    -- Equal ones are as good as one another.
    assert.is_true(equal(floats(1, 3, 2), floats(1, 3, 3), compare))
    assert.is_true(equal(floats(1, 2, 3), floats(1, 3, 3), compare))
  end)

  it("names another type", function()
    local found = judge.compare(floats(1, 2), bytes(1, 2), {}, {})
    assert.is_false(found.equal)
    assert.equal("it is f32[2], not i8[2]", found.problem)
    assert.is_false(equal(floats(1, 2), tensor("f32", { 2, 1 }, { 1, 2 })))
  end)

  it("is described in units of the type", function()
    local found = judge.compare(floats(1.5), floats(1), {}, {})
    assert.matches("^largest error 0.5 %(%d+ ULP%)$", judge.describe(found, "f32"))
    assert.equal("largest error 3 LSB", judge.describe(judge.compare(bytes(1), bytes(4), {}, {}),
      "i8"))
    found = judge.compare(floats(0 / 0), floats(1), {}, {})
    assert.equal("largest error inf (inf ULP)", judge.describe(found, "f32"))
    found = judge.compare(tensor("u64", { 1 }, { -1 }), tensor("u64", { 1 }, { 0 }), {}, {})
    assert.equal("largest error 18446744073709551616 LSB", judge.describe(found, "u64"))
  end)

  it("of nothing is that it is equal", function()
    assert.is_true(equal(tensor("f32", { 0, 3 }, {}), tensor("f32", { 0, 3 }, {}),
      { mode = "quant_close" }))
    assert.is_true(equal(tensor("f32", {}, { 1 }), tensor("f32", {}, { 1 }),
      { mode = "quant_close" }))
  end)
end)
