--- matmul: y[.., i, j] = bias[j] + sum over p of (a[.., i, p] - za) * (b[.., p, j] - zb).

-- The batch index of an operand: its own axes, right-aligned under those of the result.
local function batch(operand, index)
  local at, rank = {}, #operand.shape - 2
  for axis = 1, rank do
    at[axis] = operand.shape[axis] == 1 and 0 or index[#index - rank + axis]
  end
  return at
end

local function element(operand, index, row, column)
  local at = batch(operand, index)
  at[#at + 1], at[#at + 2] = row, column
  return operand(table.unpack(at))
end

local function rows(k, op, index)
  local a, b = op.inputs[1], op.inputs[2]
  local shape, depth = op.type.shape, a.shape[#a.shape]
  for i in k:loop("i", shape[#shape - 1]) do
    for j in k:loop("j", shape[#shape]) do
      local sum = op:sum(depth, j)
      for p in k:loop("p", depth) do
        local x = k.cast(sum.dtype, element(a, index, i, p)) - op:zero(1, i)
        local y = op.attrs.transpose_b and element(b, index, j, p) or element(b, index, p, j)
        k:add(sum, x * (k.cast(sum.dtype, y) - op:zero(2, j)))
      end
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
