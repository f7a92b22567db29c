--- tflite.operators: all operators that can be imported, by name, from the files of their families.
--
-- An operator: `versions` the newest one, `inputs` { least, most }, `outputs` the most (1),
-- `options` the table it must have, `optional` where any operand may be absent, `convert(b, op)`.
local FAMILIES = {
  "activation", "arrange", "batch_matmul", "binary", "blocks", "contract", "elementwise", "gather",
  "log_softmax", "lstm", "movement", "pool", "quantize", "reduce", "resize", "sigmoid", "slice",
  "softmax", "state", "svdf", "unary",
}

local operators = {}
for _, name in ipairs(FAMILIES) do
  local family = require("aotlua.import.tflite." .. name)
  for operator, how in pairs(family.operators or family) do -- order: irrelevant, into a table
    operators[operator] = how
  end
end

return operators
