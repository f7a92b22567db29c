--- recipes: kernels and schedules for processors with fused multiply-add, of vectors of any size.

local geometry = require "targets.x86_64.geometry"
local lanes = require "aotlua.kernels.lanes"
local product = require "targets.x86_64.product"
local steps = require "aotlua.kernels.steps"
local types = require "aotlua.types"

local M = {}

local longest = 8 -- vectors of a panel
local cached = 512 << 10 -- bytes of weights that stay in a core's own cache
local on_stack = 512 -- bytes of sums, where compilers do not keep them in registers

-- How good a tile of some pixels and vectors is, { registers it takes, cycles of one step }: two
-- multiplications and two loads a cycle, 16 bytes of what comes from afar, 4 cycles until a sum
-- can take the next addition; and something for the loop itself.

-- A step is one p: weights come from afar, each x is spread over a vector. A vector of weights
-- that only one pixel multiplies needs no register.
local function dense(_, machine, pixels, vectors)
  local sums, far = pixels * vectors, vectors * machine.lanes * 4
  return sums + (pixels > 1 and vectors or 0) + 1,
    math.max(sums / 2, (pixels + vectors) / 2, far / 16, 4) + 0.5
end

-- A step is one row of the window: x comes from afar, in whole lines of the cache.
local function depthwise(g, machine, pixels, vectors)
  local taps, sums = g.taps[2], pixels * vectors
  local width = (pixels - 1) * g.stride[2] + (taps - 1) * g.dilation[2] + 1
  local places = math.min(width, pixels * taps)
  local far = places * ((vectors * machine.lanes * 4 + 63) // 64) * 64
  return sums + math.min(taps, 8) + 1,
    math.max(sums * taps / 2, (places + taps) * vectors / 2, far / 32, 4 * taps) + 3
end

-- The tile with the fewest cycles for all pixels of a row and all columns, whose sums take `room`
-- bytes at most.
local function best(machine, g, room)
  local least, mr, vectors, model = math.huge, 1, 1, g.depthwise and depthwise or dense
  for v = 1, math.min(longest, (g.columns + machine.lanes - 1) // machine.lanes) do
    for most = 1, math.min(g.out_width, machine.registers) do
      local tiles = (g.out_width + most - 1) // most
      local panels = (g.columns + v * machine.lanes - 1) // (v * machine.lanes)
      local pixels = (g.out_width + tiles - 1) // tiles
      local registers = model(g, machine, pixels, v)
      local _, cycles = model(g, machine, g.out_width / tiles, v)
      local fits = registers <= machine.registers and 4 * pixels * v * machine.lanes <= room
      if fits and tiles * panels * cycles < least then
        least, mr, vectors = tiles * panels * cycles, most, v
      end
    end
  end
  return { lanes = machine.lanes, mr = mr, nr = vectors * machine.lanes }
end

-- The geometry of a node with its weights packed, or as they lie if `plain`.
local function geometry_of(anchor, plain)
  local operands = {}
  for i, value in ipairs(anchor.inputs) do operands[i] = value and value.type end
  return geometry.of {
    op = anchor.op, attrs = anchor.attrs, operands = operands, type = anchor:output().type,
    packed = not plain,
  }
end

-- The bytes of sums that a tile may have. All are saved around each function that is called for
-- what is fused behind; taps of one channel are code without loops, in which a compiler keeps the
-- x that pixels share rather than the sums.
local function room(node, anchor, g)
  local straight = g.depth == 1 and not g.depthwise
  if straight or not lanes.suit(steps.of(node), anchor:output().type) then return on_stack end
  return math.huge
end

-- Weights of more axes than a matrix, of a matmul, are no constants to be packed.
local function schedule(machine)
  return function(anchor, _, node)
    local weights = anchor.inputs[2].type
    local plain = anchor.op == "matmul" and #weights.shape > 2 or nil
    local g = geometry_of(anchor, plain)
    local chosen = g and best(machine, g, room(node, anchor, g))
    if not chosen or not geometry.runs(g, chosen.mr) then return nil end
    chosen.plain = plain
    if 4 * types.count(weights) > cached then chosen.outer = "columns" end
    return chosen
  end
end

local most = 256 -- of a parameter: what is unrolled grows with it

-- Parameters may be a user's own.
local function check(name, parameters)
  for _, key in ipairs { "mr", "nr", "lanes" } do
    local value = parameters[key]
    if math.type(value) ~= "integer" or value < 1 or value > most then
      error(("the schedule of %s has %s = %s; it is an integer from 1 to %d"):format(name, key,
        tostring(value), most), 0)
    end
  end
  if parameters.nr % parameters.lanes > 0 then
    error(("the schedule of %s has nr = %d; it is a multiple of lanes, %d"):format(name,
      parameters.nr, parameters.lanes), 0)
  end
end

local function recipe(portable, layout)
  return {
    record = function(k, op)
      if op.schedule.nr then check(op.name, op.schedule) end
      if not product(k, op) then portable(k, op) end
    end,
    pack = function(anchor, parameters)
      if not parameters.nr or parameters.plain then return nil end
      check("%" .. anchor:output().name, parameters)
      local g = geometry_of(anchor)
      return g and geometry.runs(g, parameters.mr) and layout(anchor):format(parameters.nr)
    end,
  }
end

--- The recipes, for a target's `kernels`.
M.kernels = {
  conv2d = recipe(require "aotlua.kernels.conv2d", function() return "ohwi:Ohwi%do" end),
  matmul = recipe(require "aotlua.kernels.matmul", function(anchor)
    return anchor.attrs.transpose_b and "oi:Oi%do" or "io:Oi%do"
  end),
}

--- The schedules of a machine, { lanes of f32 in a vector, registers for vectors }.
function M.schedules(machine) return { conv2d = schedule(machine), matmul = schedule(machine) } end

return M
