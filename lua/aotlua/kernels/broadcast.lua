--- broadcast: x repeated along axes of extent 1 and new leading ones.

local nest = require "aotlua.kernels.nest"

return function(k, op)
  local x, shape = op.inputs[1], op.type.shape
  local new = #shape - #x.shape
  nest.all(k, shape, function(index)
    local from = {}
    for axis, extent in ipairs(x.shape) do
      from[axis] = extent == 1 and 0 or index[new + axis]
    end
    op:store(index, x(table.unpack(from)))
  end)
end
