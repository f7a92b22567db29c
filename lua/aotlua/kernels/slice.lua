--- slice: y[i, ...] = x[start + i * step, ...].

local nest = require "aotlua.kernels.nest"

return function(k, op)
  local x, attrs = op.inputs[1], op.attrs
  nest.all(k, op.type.shape, function(index)
    local from = {}
    for axis, i in ipairs(index) do
      from[axis] = i * (attrs.step and attrs.step[axis] or 1) + attrs.start[axis]
    end
    op:store(index, x(table.unpack(from)))
  end)
end
