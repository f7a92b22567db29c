--- fixed_point: the integer arithmetic of quantized TFLite models, as far as importers need it.
--
-- Multipliers, activation ranges and the tables of int8 functions are computed at import, bit
-- for bit as TFLite Micro's reference kernels do at their preparation. Integers here are Lua's
-- (64 bits), values those of an int32 unless said otherwise.

local M = {}

local INT32_MAX, INT32_MIN = 0x7fffffff, -0x80000000

-- Floats ------------------------------------------------------------------------------------

--- Returns `x` rounded to the nearest f32.
function M.f32(x)
  return (string.unpack("<f", string.pack("<f", x)))
end

--- Returns x = fraction * 2^exponent with 0.5 <= fraction < 1, for a finite positive `x`.
function M.frexp(x)
  local bits = string.unpack("<i8", string.pack("<d", x))
  local exponent = bits >> 52 & 0x7ff
  if exponent == 0 then -- subnormal
    local fraction, smaller = M.frexp(x * 2.0 ^ 64)
    return fraction, smaller - 64
  end
  bits = bits & 0x800fffffffffffff | 1022 << 52
  return (string.unpack("<d", string.pack("<i8", bits))), exponent - 1022
end

--- Returns the integer nearest to `x`, halves away from zero.
function M.round(x)
  local whole = math.floor(math.abs(x))
  if math.abs(x) - whole >= 0.5 then whole = whole + 1 end
  return x < 0 and -whole or whole
end

--- Returns the i32 multiplier and shift with real = multiplier * 2^(shift - 31), the multiplier
-- in [2^30, 2^31) or 0, for a real number >= 0. `rounding` is "double" or "single": the latter
-- holds the shift at 30.
-- Source: TFLite, QuantizeMultiplier (kernels/internal/quantization_util.cc).
function M.quantize_multiplier(real, rounding)
  if real == 0 then return 0, 0 end
  local fraction, shift = M.frexp(real)
  local multiplier = M.round(fraction * 2.0 ^ 31)
  if multiplier == 1 << 31 then
    multiplier, shift = multiplier // 2, shift + 1
  end
  if shift < -31 then return 0, 0 end
  if rounding == "single" and shift > 30 then return INT32_MAX, 30 end
  return multiplier, shift
end

--- Returns the largest input that stays in range when it is shifted left by `left_shift` into a
-- number with `integer_bits` bits before the point and 31 in all.
-- Source: TFLite, CalculateInputRadius.
function M.input_radius(integer_bits, left_shift)
  local largest = ((1 << integer_bits) - 1) * 2.0 ^ (31 - integer_bits)
  return math.floor(largest / 2.0 ^ left_shift)
end

-- Activation ranges -------------------------------------------------------------------------

-- The real bounds of a fused activation; nil: none on that side.
M.REAL_RANGES = {
  NONE = {},
  RELU = { lo = 0.0 },
  RELU_N1_TO_1 = { lo = -1.0, hi = 1.0 },
  RELU6 = { lo = 0.0, hi = 6.0 },
}

--- Returns the stored value that `real` has under `scale` and `zero`: the quotient in f32,
-- rounded half away from zero. Source: TFLite, CalculateActivationRangeQuantized.
function M.stored(real, scale, zero)
  return M.round(M.f32(real / scale)) + zero
end

--- Returns lo, hi of an activation in stored values, each nil where it does not narrow the
-- element type's own range [min, max].
function M.stored_range(activation, quant, min, max)
  local real = M.REAL_RANGES[activation]
  local lo = real.lo and M.stored(real.lo, quant.scale, quant.zero)
  local hi = real.hi and M.stored(real.hi, quant.scale, quant.zero)
  return lo and lo > min and lo or nil, hi and hi < max and hi or nil
end

-- Arithmetic --------------------------------------------------------------------------------

local function saturate(x)
  return math.max(INT32_MIN, math.min(INT32_MAX, x))
end

-- (a * b * 2 + 2^31) / 2^32, rounded half up: "saturating rounding doubling high multiply".
local function high_mul(a, b)
  return saturate((a * b + (1 << 30)) // (1 << 31))
end

-- x / 2^exponent, halves away from zero.
local function divide_by_power(x, exponent)
  if exponent == 0 then return x end
  local half = 1 << (exponent - 1)
  return (x + half - (x < 0 and 1 or 0)) // (1 << exponent)
end

local function shift_left(x, exponent)
  return saturate(x * (1 << exponent))
end

--- Returns x * multiplier * 2^(shift - 31) with TFLite's double rounding.
function M.multiply(x, multiplier, shift)
  local left, right = math.max(shift, 0), math.max(-shift, 0)
  return divide_by_power(high_mul(x * (1 << left), multiplier), right)
end

-- exp(a) for a in [-1/4, 0), Q0.31: a polynomial of degree 4 around -1/8.
local function exp_near_zero(a)
  local x = a + (1 << 28)
  local x2 = high_mul(x, x)
  local x3, x4 = high_mul(x2, x), high_mul(x2, x2)
  local third = high_mul(divide_by_power(x4, 2) + x3, 715827883) -- 1/3
  local sum = divide_by_power(third + x2, 1)
  return 1895147668 + high_mul(1895147668, x + sum) -- exp(-1/8)
end

-- exp(-2^k) in Q0.31 for k = -2, -1, ... 4
local POWERS = { 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242 }

--- Returns exp(a) in Q0.31 for a <= 0 with `integer_bits` bits before the point.
-- Source: gemmlowp, exp_on_negative_values (fixedpoint/fixedpoint.h).
function M.exp_negative(a, integer_bits)
  if a == 0 then return INT32_MAX end
  local fraction_bits = 31 - integer_bits
  local quarter = 1 << (fraction_bits - 2)
  local rest = (a & (quarter - 1)) - quarter
  local result = exp_near_zero(shift_left(rest, integer_bits))
  local remainder = rest - a
  for i, power in ipairs(POWERS) do
    local exponent = i - 3
    if integer_bits > exponent and remainder & (1 << (fraction_bits + exponent)) ~= 0 then
      result = high_mul(result, power)
    end
  end
  return result
end

-- 2 / (1 + x) in Q2.29 for x in [0, 1), Q0.31: three Newton steps.
local function two_over_one_plus(x)
  local half_denominator = (x + INT32_MAX + 1) // 2
  local guess = 1515870810 + high_mul(half_denominator, -1010580540) -- 48/17, -32/17 in Q2.29
  for _ = 1, 3 do
    local error_term = (1 << 29) - high_mul(half_denominator, guess)
    guess = guess + shift_left(high_mul(guess, error_term), 2)
  end
  return guess
end

--- Returns 1 / (1 + x) in Q0.31 for x in [0, 1), Q0.31.
-- Source: gemmlowp, one_over_one_plus_x_for_x_in_0_1.
function M.one_over_one_plus(x)
  return shift_left(two_over_one_plus(x), 1)
end

-- The logistic function of a Q4.27 number, Q0.31. Source: gemmlowp, logistic.
local function logistic(a)
  if a == 0 then return 1 << 30 end
  local positive = M.one_over_one_plus(M.exp_negative(-math.abs(a), 4))
  return a > 0 and positive or INT32_MAX - positive
end

-- tanh of a Q4.27 number, Q0.31: (1 - e) / (1 + e) of e = exp(-2 |a|). Source: gemmlowp, tanh.
local function tanh(a)
  if a == 0 then return 0 end
  local power = M.exp_negative(-math.abs(a), 5) -- the same bits read as Q5.26 are twice the number
  local positive = shift_left(two_over_one_plus(power) - (1 << 29), 2)
  return a > 0 and positive or -positive
end

-- The 256 results of `compute`, from Q4.27 to an int8, for the stored inputs -128 to 127.
local function int8_table(scale, zero, compute)
  local fraction, shift = M.frexp(scale * 2.0 ^ 27)
  local multiplier = M.round(fraction * 2.0 ^ 31)
  local radius = M.input_radius(4, shift)
  local list = {}
  for stored = -128, 127 do
    local x = stored - zero
    local result
    if x <= -radius then
      result = -128
    elseif x >= radius then
      result = 127
    else
      result = compute(M.multiply(x, multiplier, shift))
    end
    list[#list + 1] = math.max(-128, math.min(127, result))
  end
  return list
end

--- Returns the 256 stored results, for the stored inputs -128 to 127, of the int8 logistic
-- function with result scale 1/256 and zero point -128.
-- Source: TFLite, reference_integer_ops::Logistic and its preparation.
function M.logistic_table(scale, zero)
  return int8_table(scale, zero, function(x) return divide_by_power(logistic(x), 23) - 128 end)
end

--- The same of tanh with result scale 1/128 and zero point 0.
-- Source: TFLite, reference_integer_ops::Tanh and its preparation.
function M.tanh_table(scale, zero)
  return int8_table(scale, zero, function(x) return divide_by_power(tanh(x), 24) end)
end

return M
