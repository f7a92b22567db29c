--- matmul: y[.., i, j] = bias[j] + sum over p of (a[.., i, p] - za) * (b[.., p, j] - zb).

-- The batch index of an operand: its own axes, right-aligned under those of the result.
local function batch(operand, index)
  local at, rank = {}, #operand.shape - 2
  for axis = 1, rank do
    at[axis] = operand.shape[axis] == 1 and 0 or index[#index - rank + axis]
  end
  return at
end

-- The product's term of row i, column j at depth p.
local function term(op, dtype, index, i, j, p)
  local a, b = batch(op.inputs[1], index), batch(op.inputs[2], index)
  local row, column = p, j
  if op.attrs.transpose_b then row, column = j, p end
  a[#a + 1], a[#a + 2] = i, p
  b[#b + 1], b[#b + 2] = row, column
  return op:centered(1, dtype, a) * op:centered(2, dtype, b)
end

local function rows(k, op, index)
  local shape, taken = op.type.shape, op.inputs[1].shape
  local depth = taken[#taken]
  for i in k:loop("i", shape[#shape - 1]) do
    for j in k:loop("j", shape[#shape]) do
      local sum = op:sum(depth, j)
      for p in k:loop("p", depth) do k:add(sum, term(op, sum.dtype, index, i, j, p)) end
      local at = table.move(index, 1, #index, 1, {})
      at[#at + 1], at[#at + 2] = i, j
      op:store(at, op:total(sum, j))
    end
  end
end

local function nest(k, op, index)
  if #index == #op.type.shape - 2 then return rows(k, op, index) end
  for n in k:loop("n", op.type.shape[#index + 1]) do
    local deeper = table.move(index, 1, #index, 1, {})
    deeper[#deeper + 1] = n
    nest(k, op, deeper)
  end
end

return function(k, op) nest(k, op, {}) end
