--- fold_constants: evaluates what depends on constants only.
--
-- before:  %t = transpose $w { perm = [1, 0] }         after:  const $t : f32[8, 4] = blob 0
--          %y = matmul %x, %t, _                               %y = matmul %x, $t, _

local ir = require "aot.ir"
local simplify = require "aotlua.canonical"
local sweep = require "aotlua.sweep"
local types = require "aotlua.types"

-- The operands' data, or nil if one of them is not constant. `false` stands for an absent one.
local function constants(node)
  local data = {}
  for i, value in ipairs(node.inputs) do
    if value and value.kind ~= "const" then return nil end
    data[i] = value and value.data
  end
  return #data > 0 and data or nil
end

-- By how many bytes the constants would grow.
local function growth(node)
  local bytes = 0
  for _, output in ipairs(node.outputs) do bytes = bytes + types.bytes(output.type) end
  for _, input in ipairs(node.inputs) do
    if input and input.uses == 1 then bytes = bytes - types.bytes(input.type) end
  end
  return bytes
end

local function evaluate(node, data)
  if node.body then return (node.body:eval(data)) end
  return { ir.apply(node.op, data, node.attrs, node:output().type) }
end

-- The old data go, if the node alone used them, before the next node makes new ones.
local function fold(graph, node, data)
  local inputs, results = node.inputs, evaluate(node, data)
  for i, output in ipairs(node.outputs) do
    local const = graph.module:const {
      name = output.name, data = results[i], type = output.type,
    }
    graph:replace(output, const)
  end
  graph:remove(node)
  sweep.constant(graph.module, inputs[1])
end

return {
  name = "fold_constants",
  changes = "nothing",
  optional = true,
  options = {
    fold_budget = { 256 * 1024 * 1024, "bytes by which evaluation may grow the constants" },
  },
  run = function(graph, ctx)
    local left, folded = ctx.options.fold_budget, false
    for node in graph:nodes() do
      local data = constants(node)
      local more = data and growth(node)
      if more and more <= left then
        fold(graph, node, data)
        left, folded = left - math.max(more, 0), true
      end
    end
    if not folded then return end
    simplify(graph)
    sweep.nodes(graph)
    sweep.constants(graph.module)
  end,
}
