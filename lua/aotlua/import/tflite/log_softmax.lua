--- tflite.log_softmax: LOG_SOFTMAX along the last axis: x less its largest, less the logarithm of
--- the sum of the powers.
--
-- f32, and i8 in fixed point, bit for bit. Sources: TFLite Micro's log_softmax.cc, TFLite's
-- reference/log_softmax.h and log_x_for_x_greater_than_or_equal_to_1 (common.h).

local fixed = require "aotlua.import.fixed_point"
local softmax = require "aotlua.import.tflite.softmax"

-- Fixed point: i64 Values that hold 32-bit numbers ----------------------------------------------

local INT32_MAX = 0x7fffffff

-- Numbers become constants.
local function operand(b, x)
  return type(x) == "number" and b:scalar("i64", x) or x
end

local function binary(name)
  return function(b, x, y) return b:append(name, { operand(b, x), operand(b, y) }) end
end

local add, sub, mul, div = binary "add", binary "sub", binary "mul", binary "div"
local least, most = binary "min", binary "max"

-- Q0.31 times any other number: x * y / 2^31, halves up. 2^62 keeps the dividend positive.
local function product(b, x, y)
  local sum = add(b, mul(b, x, y), (1 << 62) + (1 << 30))
  return sub(b, div(b, sum, 1 << 31), 1 << 31)
end

local function saturated(b, x)
  return b:append("clamp", { x }, { lo = -INT32_MAX - 1, hi = INT32_MAX })
end

-- (x + y) / 2 of positive numbers, halves up.
local function half_sum(b, x, y)
  return div(b, add(b, x, y), 2)
end

-- 1 / (1 + x) in Q0.31 for x in [0, 1): three Newton steps.
local function one_over_one_plus(b, x)
  local half = half_sum(b, x, INT32_MAX + 1)
  local guess = add(b, product(b, half, -1010580540), 1515870810)
  for _ = 1, 3 do
    local rest = sub(b, 1 << 29, product(b, half, guess))
    guess = add(b, guess, saturated(b, mul(b, product(b, guess, rest), 4)))
  end
  return saturated(b, mul(b, guess, 2))
end

-- The number of leading zeros of positive 32-bit numbers, and 2 to that power.
local function leading_zeros(b, x)
  local power, zeros = operand(b, 1), operand(b, 0)
  for _, bits in ipairs { 16, 8, 4, 2, 1 } do
    local small = b:append("less", { mul(b, x, power), operand(b, 1 << (32 - bits)) })
    local function choose(value, otherwise)
      return b:append("select", { small, operand(b, value), operand(b, otherwise) })
    end
    power = mul(b, power, choose(1 << bits, 1))
    zeros = add(b, zeros, choose(bits, 0))
  end
  return zeros, power
end

-- The natural logarithm in Q5.26 of x >= 1 in Q12.19: x is a power of two times a number r near
-- 2^-1/4, whose logarithm is a quotient of polynomials.
local function logarithm(b, x)
  local SQRT_HALF, FOURTH_ROOT, QUARTER = 1518500250, 1805811301, 1 << 23
  local zeros, power = leading_zeros(b, x)
  local r_a = saturated(b, mul(b, product(b, div(b, mul(b, x, power), 2), SQRT_HALF), 2))
  local whole_a = add(b, mul(b, sub(b, 12, zeros), 1 << 25), QUARTER)
  zeros, power = leading_zeros(b, product(b, x, SQRT_HALF))
  local r_b = saturated(b, div(b, mul(b, x, power), 2))
  local whole_b = sub(b, mul(b, sub(b, 13, zeros), 1 << 25), QUARTER)
  local r, whole = least(b, r_a, r_b), most(b, whole_a, whole_b)

  local p = div(b, add(b, r, FOURTH_ROOT + 1), 2)
  local q = mul(b, sub(b, r, FOURTH_ROOT), 2)
  local square = product(b, q, q)
  local above = add(b, product(b, q, r), product(b, product(b, q, square), 117049297))
  local below = add(b, add(b, q, 1057819769), product(b, square, 127690142))
  below = add(b, product(b, p, below), product(b, q, 638450708))
  -- above / 2^6, halves away from zero
  local sign = b:append("clamp", { mul(b, above, 32) }, { lo = -32, hi = 32 })
  above = div(b, add(b, above, sign), 64)
  local sum = add(b, product(b, whole, 1488522236), product(b, above, one_over_one_plus(b, below)))
  return saturated(b, mul(b, sum, 2))
end

-- The operator --------------------------------------------------------------------------------

-- What is needed of each difference to the largest, -255 to 0: its exponential in Q12.19 and its
-- real value in Q5.26.
local function difference_tables(attrs)
  local powers, reals = {}, {}
  for difference = -255, 0 do
    local real = fixed.multiply(difference, attrs.multiplier, attrs.shift)
    local counts = difference >= attrs.diff_min
    powers[#powers + 1] = counts and (fixed.exp_negative(real, 5) + (1 << 11)) >> 12 or 0
    reals[#reals + 1] = counts and real or attrs.diff_min
  end
  return powers, reals
end

local function integers(b, op, value)
  local x, y = op.inputs[1], op.outputs[1]
  if y:scalar_quant().scale ~= 1 / 16 or y:scalar_quant().zero ~= 127 then
    b:unsupported("a result of quantization (%.9g, %d); (1/16, 127) is supported",
      y:scalar_quant().scale, y:scalar_quant().zero)
  end
  local attrs = softmax.scaling(b, x:scalar_quant().scale, 1.0)
  local powers, reals = difference_tables(attrs)
  local function as(dtype, from) return b:append("cast", { from }, nil, { dtype = dtype }) end
  local last = { axes = { #value.type.shape - 1 }, keep = true }

  local largest = b:append("reduce_max", { value }, last)
  local difference = b:append("sub", { as("i32", value), as("i32", largest) })
  local place = as("u8", b:append("add", { difference, b:scalar("i32", 255) }))
  local function look_up(list)
    local entries = b:const(b.name .. ".table", { dtype = "i32", shape = { 256 } }, list)
    return b:append("lookup", { place, entries })
  end
  local sum = b:append("reduce_sum", { look_up(powers) }, last)
  local log = logarithm(b, as("i64", sum))
  -- the smallest difference whose result can be stored
  local real = (1 << (31 - attrs.shift)) / attrs.multiplier
  local multiplier, shift = fixed.quantize_multiplier(real, b.rounding)
  local lowest = b:requantize_by(as("i32", sub(b, log, INT32_MAX + 1)), { multiplier }, { shift },
    { type = { dtype = "i32" } })
  lowest = b:append("max", { lowest, b:scalar("i32", attrs.diff_min - 1) })
  local distance = add(b, sub(b, log, as("i64", look_up(reals))), 1 << 21)
  local stored = sub(b, 127, div(b, distance, 1 << 22))
  local inside = b:append("less", { lowest, difference })
  return b:append("cast", { b:append("select", { inside, stored, operand(b, -128) }) }, nil,
    b:declared(y))
end

local function floats(b, _, value)
  local last = { axes = { #value.type.shape - 1 }, keep = true }
  local difference = b:append("sub", { value, b:append("reduce_max", { value }, last) })
  local sum = b:append("reduce_sum", { b:append("exp", { difference }) }, last)
  return b:append("sub", { difference, b:append("log", { sum }) })
end

local FORMS = { f32 = floats, i8 = integers }

local function log_softmax(b, op)
  local x, y, value = op.inputs[1], op.outputs[1], b:value(op.inputs[1])
  local form = FORMS[b:dtype(x)]
  if not form or b:dtype(y) ~= x.dtype then b:unsupported("%s to %s", x.dtype, y.dtype) end
  if #value.type.shape == 0 then b:fail("a scalar has no axis to normalize") end
  b:set(y, form(b, op, value))
end

return {
  LOG_SOFTMAX = { versions = 2, inputs = { 1, 1 }, convert = log_softmax },
}
