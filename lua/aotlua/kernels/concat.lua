--- concat: the operands one behind the other along one axis.

local nest = require "aotlua.kernels.nest"

return function(k, op)
  local shape, axis = op.type.shape, op.attrs.axis
  axis = axis < 0 and #shape + axis + 1 or axis + 1
  local first = 0
  for _, x in ipairs(op.inputs) do
    local offset = first
    nest.all(k, x.shape, function(index)
      local to = table.move(index, 1, #index, 1, {})
      to[axis] = to[axis] + offset
      op:store(to, x(table.unpack(index)))
    end)
    first = first + x.shape[axis]
  end
end
