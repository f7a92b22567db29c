--- pad: x with a border of one value.

local nest = require "aotlua.kernels.nest"

-- Loops over axis `axis` in three parts, before, inside and after; `inside` tells whether all
-- axes so far are.
local function parts(k, op, axis, index, inside)
  local x, shape = op.inputs[1], op.type.shape
  local before = op.attrs.before
  if not inside then
    local rest = {}
    for later = axis, #shape do rest[#rest + 1] = later end
    return nest.over(k, shape, rest, function(at)
      op:store(at, k:number(op.type.dtype, op.attrs.value or 0))
    end, index)
  elseif axis > #shape then
    local from = {}
    for i, at in ipairs(index) do from[i] = at - before[i] end
    return op:store(index, x(table.unpack(from)))
  end
  local low, high = before[axis], before[axis] + x.shape[axis]
  for part, range in ipairs { { 0, low }, { low, high }, { high, shape[axis] } } do
    if range[1] < range[2] then
      for i in k:loop("i" .. axis - 1, range[1], range[2]) do
        local deeper = table.move(index, 1, #index, 1, {})
        deeper[axis] = i
        parts(k, op, axis + 1, deeper, part == 2)
      end
    end
  end
end

return function(k, op) parts(k, op, 1, {}, true) end
