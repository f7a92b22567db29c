--- types: questions about types and shapes, and what a permutation does to them.

local ir = require "aot.ir"

local M = {}

--- Whether two lists of integers are equal.
function M.same_list(a, b)
  if #a ~= #b then return false end
  for i, x in ipairs(a) do
    if x ~= b[i] then return false end
  end
  return true
end

--- Whether two quantizations are the same, or neither is there.
function M.same_quant(a, b)
  if not a or not b then return a == b end
  return a.scale == b.scale and a.zero == b.zero and a.axis == b.axis
    and a.scales == b.scales and a.zeros == b.zeros
end

--- Whether two types are the same, quantization included.
function M.same(a, b)
  return a.dtype == b.dtype and M.same_list(a.shape, b.shape) and M.same_quant(a.quant, b.quant)
end

--- Whether there are integers of element type `from` that `to`, of integers too, does not have.
function M.narrows(from, to)
  local a, b = ir.dtype(from), ir.dtype(to)
  local whole = a.class ~= "float" and b.class ~= "float" and from ~= "bool" and to ~= "bool"
  return whole and (a.min < b.min or math.ult(b.max, a.max))
end

--- The number of elements.
function M.count(t)
  local count = 1
  for _, extent in ipairs(t.shape) do count = count * extent end
  return count
end

--- The number of bytes.
function M.bytes(t) return (M.count(t) * ir.dtype(t.dtype).bits + 7) // 8 end

--- The shape as NumPy broadcasting sees it beside one of `rank` axes: with ones in front.
function M.lift(shape, rank)
  local lifted = {}
  for i = 1, rank do lifted[i] = shape[i - rank + #shape] or 1 end
  return lifted
end

--- The list with entry k taken from place perm[k] (counted from 0).
function M.permute(list, perm)
  local out = {}
  for k, from in ipairs(perm) do out[k] = list[from + 1] end
  return out
end

--- The permutation that undoes `perm`: axis a of the operand is axis inverse[a] of the result.
function M.inverse(perm)
  local inverse = {}
  for k, from in ipairs(perm) do inverse[from + 1] = k - 1 end
  return inverse
end

--- `first`, then `second`, as one permutation.
function M.compose(first, second) return M.permute(first, second) end

function M.is_identity(perm)
  for k, from in ipairs(perm) do
    if from ~= k - 1 then return false end
  end
  return true
end

--- Whether transposing `shape` by `perm` moves axes of extent 1 only, so that no byte moves.
function M.moves_nothing(shape, perm)
  local last = -1
  for _, from in ipairs(perm) do
    if shape[from + 1] ~= 1 then
      if from < last then return false end
      last = from
    end
  end
  return true
end

--- The type of a value of type `t` transposed by `perm`.
function M.transposed(t, perm)
  local out = { dtype = t.dtype, shape = M.permute(t.shape, perm) }
  local quant = t.quant
  if quant and quant.axis then
    out.quant = {
      axis = M.inverse(perm)[quant.axis + 1],
      scales = quant.scales, zeros = quant.zeros, zero = quant.zero,
    }
  else
    out.quant = quant
  end
  return out
end

return M
