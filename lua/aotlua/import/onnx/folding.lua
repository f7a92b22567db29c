--- onnx.folding: ops on small constants, as in shape arithmetic, done while importing.
-- What is large, or could make something large, is left to the passes.
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local tensor = require "aotlua.import.onnx.tensor"

local folding = {}

-- The extents of what a pad makes of its operand.
local function padded(shape, attrs)
  local result = {}
  for axis, extent in ipairs(shape) do
    result[axis] = extent + attrs.before[axis] + attrs.after[axis]
  end
  return result
end

-- At least the number of elements of the result.
local function bound(spec, sizes)
  if spec.op == "broadcast" then
    return tensor.count(spec.attrs.shape)
  elseif spec.op == "pad" then
    return tensor.count(padded(spec.inputs[1].type.shape, spec.attrs))
  end
  local total = spec.op == "concat" and 0 or 1
  for _, size in ipairs(sizes) do
    total = spec.op == "concat" and total + size or total * math.max(size, 1)
    if total > limits.folded_elements then
      break
    end
  end
  return total
end

--- The Tensor that `spec`, what node:emit takes, computes; nil if its operands are not all small
-- constants.
function folding.result(n, spec)
  local tensors, sizes = {}, {}
  for i, input in ipairs(spec.inputs) do
    if not input or input.kind ~= "const" then
      return nil
    end
    sizes[i] = tensor.count(input.type.shape)
    if sizes[i] > limits.folded_elements then
      return nil
    end
  end
  if n:checked(bound, spec, sizes) > limits.folded_elements then
    return nil
  end
  for i, input in ipairs(spec.inputs) do
    tensors[i] = input.data
  end
  return n:checked(ir.apply, spec.op, tensors, spec.attrs or {}, spec.type)
end

return folding
