--- recipes: kernels and schedules for processors with fused multiply-add, of vectors of any size.

local geometry = require "targets.x86_64.geometry"
local product = require "targets.x86_64.product"
local types = require "aotlua.types"

local M = {}

local longest = 8 -- vectors of a panel
local cached = 512 << 10 -- bytes of weights that stay in a core's own cache

-- Cycles of one step over p, for `pixels` times `vectors` sums: two multiplications and two loads
-- a cycle, but only 16 bytes of weights, which come from afar; each sum waits for its last
-- addition. The half is for the loop itself.
local function cycles(machine, pixels, vectors)
  local far = vectors * machine.lanes * 4 / 16
  return math.max(pixels * vectors / 2, (pixels + vectors) / 2, far, 4) + 0.5
end

-- Whether sums, weights and one x stay in registers; a vector that only one pixel multiplies
-- comes straight from memory.
local function fits(machine, pixels, vectors)
  return pixels * vectors + (pixels > 1 and vectors or 0) + 1 <= machine.registers
end

-- The tile with the fewest cycles for all pixels of a row and all columns.
local function best(machine, pixels, columns)
  local least, mr, vectors = math.huge, nil, nil
  for v = 1, math.min(longest, (columns + machine.lanes - 1) // machine.lanes) do
    for rows = 1, math.min(pixels, machine.registers) do
      local tiles = (pixels + rows - 1) // rows
      local panels = (columns + v * machine.lanes - 1) // (v * machine.lanes)
      local cost = tiles * panels * cycles(machine, (pixels + tiles - 1) // tiles, v)
      if fits(machine, rows, v) and cost < least then least, mr, vectors = cost, rows, v end
    end
  end
  return { lanes = machine.lanes, mr = mr, nr = vectors * machine.lanes }
end

local function schedule(machine)
  return function(anchor)
    local operands = {}
    for i, value in ipairs(anchor.inputs) do operands[i] = value and value.type end
    if anchor.op == "matmul" and #operands[2].shape > 2 then return nil end
    local g = geometry.of(anchor.op, anchor.attrs, operands, anchor:output().type)
    local chosen = g and best(machine, g.out_width, g.columns)
    if chosen and 4 * types.count(operands[2]) > cached then chosen.outer = "columns" end
    return chosen and geometry.runs(g, chosen.mr) and chosen
  end
end

local function recipe(portable, layout)
  return {
    record = function(k, op)
      if not product(k, op) then portable(k, op) end
    end,
    pack = function(anchor, parameters)
      return parameters.nr and layout(anchor):format(parameters.nr)
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
