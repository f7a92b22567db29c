--- elementwise: y[i] = f(a[i], b[i], ...), with NumPy broadcasting; what f is, see formula.lua.

local types = require "aotlua.types"

local names = { "i", "j", "k", "l", "m", "n", "o", "p" }

local function nest(k, op, index)
  local axis = #index + 1
  if axis > #op.type.shape then return op:store(index) end
  for i in k:loop(names[axis], op.type.shape[axis]) do
    local deeper = table.move(index, 1, #index, 1, {})
    deeper[axis] = i
    nest(k, op, deeper)
  end
end

return function(k, op)
  if not op.is_flat then return nest(k, op, {}) end
  for i in k:loop("i", types.count(op.type)) do op:store { flat = i } end
end
