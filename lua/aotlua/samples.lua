--- samples: inputs for a model that came without data, the same in every run.

local ir = require "aot.ir"

local M = {}

-- A small generator of our own (Marsaglia's xorshift64), because math.random may change.
local function generator(seed)
  local x = seed * 0x9E3779B97F4A7C15 | 1
  return function() -- in [0, 1)
    x = x ~ x << 13
    x = x ~ x >> 7
    x = x ~ x << 17
    return (x >> 11) * 0x1p-53
  end
end

-- How element i of a tensor of the class is made, by kind of sample.
local KINDS = {
  { name = "random",
    float = function(random) return 2 * random() - 1 end,
    integer = function(random, low, high)
      return low + math.floor(random() * (high - low + 1))
    end },
  { name = "wide",
    float = function(random) return (2 * random() - 1) * 10.0 ^ (random() * 4 - 2) end,
    integer = function(random, low, high) return random() < 0.5 and low or high end },
  { name = "lowest", float = function() return -1.0 end,
    integer = function(_, low) return low end },
  { name = "highest", float = function() return 1.0 end,
    integer = function(_, _, high) return high end },
}

-- The integers that samples take of a type: indices and lengths are small in practice.
local function range(dtype)
  local info = ir.dtype(dtype)
  if dtype == "bool" then return 0, 1 end
  if info.bits <= 16 then return info.min, info.max end
  return math.max(info.min, -1024), 1024
end

local function tensor(type, kind, random)
  local count, list = 1, {}
  for _, extent in ipairs(type.shape) do count = count * extent end
  local low, high
  if not type.dtype:find "^b?f" then low, high = range(type.dtype) end
  for i = 1, count do
    list[i] = low and kind.integer(random, low, high) or kind.float(random)
  end
  return ir.tensor({ dtype = type.dtype, shape = type.shape }, list)
end

--- Sets of inputs for values of these types: { name, inputs }; random, wide-ranging, all at the
-- lowest and all at the highest value. Floats lie within [-100, 100].
function M.of(types)
  local sets = {}
  for number, kind in ipairs(KINDS) do
    local random, inputs = generator(number), {}
    for i, type in ipairs(types) do inputs[i] = tensor(type, kind, random) end
    sets[number] = { name = kind.name, inputs = inputs }
  end
  return sets
end

return M
