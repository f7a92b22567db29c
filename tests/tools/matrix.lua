--- matrix: every combination of what the interface leaves to choose, and programs that call models
--- so and know the answers.

local callers = require "tests.tools.callers"
local cases = require "aotlua.cases"
local job = require "aotlua.job"
local metadata = require "aotlua.metadata"
local program = require "aot.program"
local samples = require "aotlua.samples"
local text = require "aotlua.text"

local M = {}

local STEPS = 3

local ring = [[
module ring { source = { format = tflite, inputs = [x], outputs = [y] } }
state %kept : f32[5] = dense [1.0, 2.0, 3.0, 4.0, 5.0]
graph @main(%x : f32[5]) {
  %turned = neg %x : f32[5]
  %new = mul %turned, %kept : f32[5]
  %y = add %new, %turned : f32[5]
  return %y, next %kept = %new
}
]]

local bounds = [[
module bounds { source = { format = tflite, inputs = [low, high], outputs = [inner, outer] } }
const $c : i8[2, 3] = dense [1, -2, 3, -4, 5, -6]
graph @main(%a : i8[2, 3], %b : i8[2, 3]) {
  %middle = max %a, $c : i8[2, 3]
  %inner = min %middle, %b : i8[2, 3]
  %outer = max %middle, %b : i8[2, 3]
  return %inner, %outer
}
]]

-- The models: `module` gives a fresh one.
local models = {
  { name = "digits", module = function()
    return job.load(program.root .. "/examples/digits/digits_int8.onnx", { name = "digits" })
  end },
  { name = "ring", module = function() return text.parse(ring, "ring.ir") end },
  { name = "bounds", module = function() return text.parse(bounds, "bounds.ir") end },
}

local axes = {
  { "interface", { "c", "packed" } },
  { "calls", { "unpacked", "packed" } },
  { "pointers", { "typed", "void" } },
  { "memory", { "internal", "caller", "pools" } },
  { "models", { 1, 3 } },
}

-- Why a cell is refused, as a pattern of the message; nil where it is legal.
local function refusal(cell)
  if cell.interface == "packed" and cell.memory == "pools" then
    return "%-%-interface packed and %-%-set io=pools do not go together"
  elseif cell.interface == "packed" and cell.pointers == "void" then
    return "%-%-interface packed and %-%-set pointers=void do not go together"
  end
end

--- Lists all cells: { name, interface, calls, pointers, memory, models, refusal }.
function M.cells()
  local cells = { {} }
  for _, axis in ipairs(axes) do
    local longer = {}
    for _, cell in ipairs(cells) do
      for _, value in ipairs(axis[2]) do
        longer[#longer + 1] = setmetatable({ [axis[1]] = value }, { __index = cell })
      end
    end
    cells = longer
  end
  for index, cell in ipairs(cells) do
    local own, words = {}, {}
    for k, axis in ipairs(axes) do
      own[axis[1]], words[k] = cell[axis[1]], ("%s %s"):format(axis[1], cell[axis[1]])
    end
    own.name, own.refusal = table.concat(words, ", "), refusal(own)
    cells[index] = own
  end
  return cells
end

--- The number of combinations: the product of what there is to choose from.
function M.product()
  local product = 1
  for _, axis in ipairs(axes) do product = product * #axis[2] end
  return product
end

-- Inputs and right outputs, a list a step; those of a model are made once.
local function answers(model)
  if not model.inputs then
    local module, types, inputs = model.module(), {}, {}
    for index, param in ipairs(module:main().params) do types[index] = param.type end
    local sets = samples.of(types)
    for step = 1, STEPS do inputs[step] = sets[step].inputs end
    model.inputs, model.outputs = inputs, cases.evaluate(module, inputs)
  end
  return model.inputs, model.outputs
end

local function compile(model, cell, target_name)
  local module = model.module()
  local target = job.target(target_name, { interface = cell.interface, calls = cell.calls })
  local set = { pointers = cell.pointers,
    workspace = cell.memory == "internal" and "static" or "caller",
    io = cell.memory == "pools" and "pools" or "caller" }
  for key, value in pairs(cell.set or {}) do set[key] = value end -- order: irrelevant, a copy
  job.lower(module, target, { set = set })
  return module, target
end

--- Gives the files of the cell's models, all in one folder, and a main.c that runs each of them
-- and returns 0 if all answers are right. `target_name`: for which machine. The cell may have
-- `set`, further options.
function M.program(cell, target_name)
  local all, checked = {}, {}
  for index = 1, cell.models do
    local model = models[index]
    local module, target = compile(model, cell, target_name)
    for path, content in pairs(job.files(module, target)) do -- order: irrelevant, into a table
      all[path] = content
    end
    local inputs, outputs = answers(model)
    checked[index] = { record = metadata.of(module, target), inputs = inputs, outputs = outputs }
  end
  return all, callers.program(checked)
end

return M
