--- gather: y[outer.., i.., inner..] = x[outer.., indices[i..], inner..].

local nest = require "aotlua.kernels.nest"
local row = require "aotlua.kernels.row"

local function range(first, last)
  local list = {}
  for axis = first, last do list[#list + 1] = axis end
  return list
end

return function(k, op)
  local x, indices, shape = op.inputs[1], op.inputs[2], op.type.shape
  local axis = (op.attrs.axis or 0) % #x.shape
  local rank = #op.types[2].shape
  nest.over(k, shape, range(1, axis + rank), function(index)
    local at = row.of(k, indices(table.unpack(index, axis + 1, axis + rank)), x.shape[axis + 1])
    nest.over(k, shape, range(axis + rank + 1, #shape), function(full)
      local from = table.move(full, 1, axis, 1, {})
      from[axis + 1] = at
      table.move(full, axis + rank + 1, #shape, axis + 2, from)
      op:store(full, x(table.unpack(from)))
    end, index)
  end)
end
