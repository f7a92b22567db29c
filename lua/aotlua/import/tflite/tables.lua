--- tflite.tables: functions of one 8-bit or 16-bit number as tables, computed at import bit for bit
--- as TFLite Micro computes them or its tables.

local fixed = require "aotlua.import.fixed_point"
local ir = require "aot.ir"

local M = {}

local f32, round = fixed.f32, fixed.round

local function clamp(x, low, high)
  return math.max(low, math.min(high, x))
end

--- Appends the table of `stored(x)`, which gives the stored result of a stored number, for every
-- number of the 8-bit type of `op`'s operand.
function M.lookup(b, op, stored)
  local x, y = op.inputs[1], op.outputs[1]
  local from, to, list = ir.dtype(x.dtype), ir.dtype(y.dtype), {}
  for number = from.min, from.max do
    list[#list + 1] = clamp(stored(number), to.min, to.max)
  end
  local results = b:const(b.name .. ".table", { dtype = y.dtype, shape = { #list } }, list)
  return b:append("lookup", { b:value(x), results }, nil, b:declared(y))
end

--- The stored result of a real function, in f32 steps. Source: TFLite, LUTPopulate (common.h).
function M.real(op, transform)
  local from, to = op.inputs[1]:scalar_quant(), op.outputs[1]:scalar_quant()
  local inverse = f32(1 / to.scale)
  return function(number)
    local x = f32(from.scale * (number - from.zero))
    return round(f32(f32(transform(x)) * inverse)) + to.zero
  end
end

--- The integer multiple of a stored number: round(x * real), TFLite's double rounding.
function M.scaled(b, real)
  local multiplier, shift = fixed.quantize_multiplier(math.abs(real), b.rounding)
  return function(x)
    local y = fixed.multiply(x, multiplier, shift)
    return real < 0 and -y or y
  end
end

-- Hard swish ----------------------------------------------------------------------------------

local function saturate16(x)
  return clamp(x, -32768, 32767)
end

-- a * b / 2^15, to the nearest, halves away from zero but for what is left of negative products.
local function high_mul16(a, b)
  local product = a * b
  local nudge = product >= 0 and 1 << 14 or 1 - (1 << 14)
  local sum = product + nudge
  return saturate16(sum < 0 and -(-sum // (1 << 15)) or sum // (1 << 15))
end

-- x / 2^exponent, halves away from zero.
local function divide_by_power(x, exponent)
  if exponent == 0 then return x end
  local half = 1 << (exponent - 1)
  return x < 0 and -((half - x) // (1 << exponent)) or (x + half) // (1 << exponent)
end

-- A multiplier of 31 bits as one of 15, and its exponent.
local function multiplier16(real)
  local multiplier, exponent = fixed.quantize_multiplier(real, "double")
  if multiplier >= 0x7fff0000 then return 0x7fff, exponent end
  return (multiplier + (1 << 15)) >> 16, exponent
end

--- The stored result of x * min(max(x + 3, 0), 6) / 6.
-- Source: TFLite, HardSwish (reference/hard_swish.h) and TFLite Micro's preparation.
function M.hard_swish(b, op)
  local from, to = op.inputs[1]:scalar_quant(), op.outputs[1]:scalar_quant()
  local fine = f32(from.scale / 128)
  local scale, exponent = multiplier16(f32(fine / to.scale))
  local slope, power = multiplier16(f32(fine / f32(3 / 32768)))
  if exponent > 0 then b:unsupported("a result of the scale %.9g", to.scale) end
  return function(number)
    local x = (number - from.zero) * 128
    local share = x -- of x that is kept, from -1 to 1
    if power > 0 then share = saturate16(share * (1 << (power - 1))) end
    share = high_mul16(share, slope)
    if power > 0 then share = saturate16(share * 2) end
    if power < 0 then share = divide_by_power(share, -power) end
    share = (share + 32768) >> 1
    local product = share * high_mul16(x, scale)
    local y = product < 0 and -(-product // (1 << 15)) or product // (1 << 15)
    return divide_by_power(y, -exponent) + to.zero
  end
end

-- 16 bits -------------------------------------------------------------------------------------

--- The 513 entries of an interpolated table of a real function from [from, to], evenly spread
-- over the 16-bit numbers, to 16-bit numbers of which 32768 stands for 1. Every step in f32.
-- Source: TFLite, LUTPopulateInt16 (common.h).
function M.interpolated(transform, scale, zero)
  local function at(x) return f32(transform(x)) end
  local low, high = f32(scale * (-32768 - zero)), f32(scale * (32767 - zero))
  local out = f32(2 / 65535)
  local inverse = f32(65536 / f32(f32(out * 32767) - f32(out * -32768)))
  local step = f32(f32(high - low) / 512)
  local half, list = f32(step / 2), {}
  for i = 0, 511 do
    local x = f32(low + f32(i * step))
    local value = at(x)
    local middle, next = at(f32(x + half)), at(f32(low + f32((i + 1) * step)))
    local sample = round(f32(value * inverse))
    local between = round(f32(f32(f32(next * inverse) + sample) / 2))
    local bias = round(f32((between - round(f32(middle * inverse))) / 2))
    list[i + 1] = saturate16(sample - bias)
  end
  list[513] = saturate16(round(f32(at(high) * inverse)))
  return list
end

return M
