--- onnx.operators: all operators that can be imported, from the files of their families.
--
-- By name, behind the domain if that is not ONNX's. An operator: `since` its first operator set,
-- `inputs` { least, most }, `outputs` the most (1), `attributes` name to kind, `lower(node)`.
local FAMILIES = {
  "attention",
  "blocks",
  "constant",
  "contract",
  "control",
  "einsum",
  "elementwise",
  "filled",
  "functions",
  "index",
  "integer_products",
  "logic",
  "loss",
  "movement",
  "normalization",
  "pool",
  "qlinear",
  "quantize",
  "recurrent",
  "reduce",
  "resize",
  "slice",
  "softmax",
}

local operators = {}

for _, family in ipairs(FAMILIES) do
  -- order: irrelevant, because names are distinct
  for name, operator in pairs(require("aotlua.import.onnx." .. family)) do
    operators[name] = operator
  end
end

return operators
