--- transpose: y[..., index of axis perm[d] at place d, ...] = x[...].

local nest = require "aotlua.kernels.nest"

return function(k, op)
  local x, perm = op.inputs[1], op.attrs.perm
  nest.all(k, op.type.shape, function(index)
    local from = {}
    for place, axis in ipairs(perm) do from[axis + 1] = index[place] end
    op:store(index, x(table.unpack(from)))
  end)
end
