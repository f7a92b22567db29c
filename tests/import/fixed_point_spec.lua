--- fixed_point_spec: the integer arithmetic of importers against definitions in real numbers.

local fixed = require "aotlua.import.fixed_point"

describe("fixed point", function()
  it("takes floats apart and puts them together", function()
    for _, x in ipairs { 1.0, 0.3, 1e300, 5e-324, 2.2e-308, 123456789.0 } do
      local fraction, exponent = fixed.frexp(x)
      assert(fraction >= 0.5 and fraction < 1, fraction)
      local half = exponent // 2
      assert.equal(x, fraction * 2.0 ^ half * 2.0 ^ (exponent - half))
    end
  end)

  it("rounds halves away from zero", function()
    local cases = { [2.5] = 3, [-2.5] = -3, [0.49999999999999994] = 0, [-0.4] = 0, [7.0] = 7 }
    for x, want in pairs(cases) do -- order: irrelevant, because the cases are independent
      assert.equal(want, fixed.round(x))
    end
  end)

  it("has multipliers within half a unit of the factor they stand for", function()
    local x = 1.7
    for _ = 1, 200 do
      x = x * 0.913
      local multiplier, shift = fixed.quantize_multiplier(x, "double")
      assert(multiplier >= 1 << 30 and multiplier < 1 << 31, multiplier)
      assert(math.abs(multiplier * 2.0 ^ (shift - 31) - x) <= x * 2.0 ^ -31)
    end
    assert.same({ 0, 0 }, { fixed.quantize_multiplier(2.0 ^ -33, "double") })
    assert.same({ 1 << 30, 1 }, { fixed.quantize_multiplier(1.0, "double") })
    assert.same({ 1 << 30, 1 }, { fixed.quantize_multiplier(1.0 - 2.0 ^ -40, "double") })
    assert.same({ 0x7fffffff, 30 }, { fixed.quantize_multiplier(2.0 ^ 31, "single") })
  end)

  it("multiplies within one unit of the real product", function()
    for x = -100000, 100000, 317 do
      local multiplier, shift = fixed.quantize_multiplier(0.00123, "double")
      assert(math.abs(fixed.multiply(x, multiplier, shift) - x * 0.00123) <= 0.5 + 2.0 ^ -8)
    end
  end)

  it("has exp and 1/(1+x) to 2^-22", function()
    for i = 0, 400 do
      local a = -i * (1 << 22) - i * i
      assert(math.abs(fixed.exp_negative(a, 4) / 2.0 ^ 31 - math.exp(a / 2.0 ^ 27)) < 2.0 ^ -22)
      local x = i * 5368709
      assert(math.abs(fixed.one_over_one_plus(x) / 2.0 ^ 31 - 1 / (1 + x / 2.0 ^ 31)) < 2.0 ^ -22)
    end
  end)

  it("has logistic tables that are the nearest integers", function()
    for _, scale in ipairs { 1.0, 0.1, 0.05, 0.003, 0.0001 } do
      for i, stored in ipairs(fixed.logistic_table(scale, -7)) do
        local x = (i - 129 + 7) * scale
        local want = math.min(127, 256 / (1 + math.exp(-x)) - 128)
        assert(math.abs(stored - want) < 0.5 + 2.0 ^ -10, scale .. " " .. i)
      end
    end
  end)

  it("narrows a range only where an activation does", function()
    local quant = { scale = 0.1, zero = -128 }
    assert.same({}, { fixed.stored_range("RELU", quant, -128, 127) })
    assert.same({ nil, -68 }, { fixed.stored_range("RELU6", quant, -128, 127) })
    assert.same({ -5 }, { fixed.stored_range("RELU", { scale = 0.1, zero = -5 }, -128, 127) })
  end)
end)
