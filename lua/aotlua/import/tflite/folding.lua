--- tflite.folding: what is computed while importing, because operators want constants.
--
-- Arithmetic on shapes gives shapes, axes and paddings; weights that are stored as f16 or as
-- integers, and made f32 by an operator, are weights.

local ir = require "aot.ir"
local limits = require "aotlua.import.limits"

local M = {}

local function count_of(shape)
  local count = 1
  for _, extent in ipairs(shape) do count = count * extent end
  return count
end

-- Whether small constants of whole numbers give a small result.
local function is_shape_arithmetic(node, result)
  for _, value in ipairs(node.inputs) do
    local whole = value and value.kind == "const"
      and (value.type.dtype == "i32" or value.type.dtype == "i64")
    if not whole or #value.data > limits.folded_elements then return false end
  end
  return #node.inputs > 0 and count_of(result.shape) <= limits.folded_elements
end

-- Whether the real numbers of a stored constant are wanted.
local function is_stored_constant(node, result)
  local converts = node.op == "dequantize" or node.op == "cast" and result.dtype == "f32"
  return converts and node.inputs[1].kind == "const"
end

--- Replaces `node`, which nothing uses yet, by the constant it gives, if that is of use while
-- importing. Returns the constant, or nil: the node stays.
function M.constant(module, graph, node, attrs)
  local value = node:output()
  local type = value.type
  if not is_stored_constant(node, type) and not is_shape_arithmetic(node, type) then return nil end
  local tensors = {}
  for i, input in ipairs(node.inputs) do tensors[i] = input.data end
  local data = ir.apply(node.op, tensors, attrs, type)
  local constant = module:const { name = value.name, data = data, type = type }
  graph:remove(node)
  return constant
end

return M
