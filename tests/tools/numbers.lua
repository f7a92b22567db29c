--- numbers: numbers for tests, the same in every run.

local ir = require "aot.ir"

local types = require "aotlua.types"

local numbers = {}

-- Floats whose arithmetic is worth a look.
local SPECIAL = { 0.0, -0.0, math.huge, -math.huge, 0 / 0, 0.5, -2.5, 1e30 }

--- A generator: each call gives 31 fresh bits.
function numbers.generator(seed)
  local state = seed or 1
  return function()
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return state >> 32
  end
end

-- Multiples of 1/64 up to 4: sums of up to 2^8 products of two are exact in an f32, whatever
-- their order.
local function float(bits, _, special)
  if special and bits % 5 == 0 then return SPECIAL[bits // 5 % #SPECIAL + 1] end
  return (bits % 513 - 256) / 64
end

local function integer(bits, info, special)
  if special and bits % 4 == 0 then return bits % 8 == 0 and info.min or info.max end
  if info.bits <= 16 then return info.min + bits % (info.max - info.min + 1) end
  return math.max(bits % 200001 - 100000, info.min)
end

--- A tensor of the type. special: infinities, NaNs, ends of ranges among its elements.
function numbers.tensor(draw, type, special)
  local info, list = ir.dtype(type.dtype), {}
  for i = 1, types.count(type) do
    local make = info.class == "float" and float or integer
    list[i] = make(draw(), info, special)
  end
  return ir.tensor({ dtype = type.dtype, shape = type.shape }, list):with_type(type)
end

return numbers
