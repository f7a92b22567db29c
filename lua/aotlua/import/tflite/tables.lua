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

--- 65536 * sigmoid(i / 24), rounded as TFLite's table has it: to within one, not to the nearest.
-- Source: TFLite, sigmoid_table_uint16 (common.h).
M.SIGMOID = {
  32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794,
  41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443,
  48964, 49475, 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374,
  54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544,
  58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279,
  61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990,
  63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030,
  64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652,
  64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019,
  65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234,
  65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360,
  65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433,
  65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476,
  65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501,
  65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
  65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
  65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529,
  65529, 65530, 65530, 65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532,
  65532, 65532, 65532, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534,
  65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
}

return M
