--- running: totals along one axis, for cum_sum and cum_prod.

local nest = require "aotlua.kernels.nest"

--- A recipe. `fold.start(op, count)` gives the type and first value of the total,
-- `fold.add(k, total, x, dtype)` takes an element in, `fold.finish(k, dtype, total)` gives the
-- element of the result.
return function(fold)
  return function(k, op)
    local x, attrs, shape = op.inputs[1], op.attrs, op.type.shape
    local place, others = (attrs.axis or 0) % #shape + 1, {}
    local extent = shape[place]
    for axis = 1, #shape do
      if axis ~= place then others[#others + 1] = axis end
    end
    nest.over(k, shape, others, function(index)
      local dtype, start = fold.start(op, extent)
      local total = k:var(dtype, "total", start)
      for j in k:loop("j", extent) do
        local at = table.move(index, 1, #shape, 1, {})
        at[place] = attrs.reverse and extent - 1 - j or j
        if attrs.exclusive then op:store(at, fold.finish(k, op.type.dtype, total)) end
        fold.add(k, total, x(table.unpack(at)), x.dtype)
        if not attrs.exclusive then op:store(at, fold.finish(k, op.type.dtype, total)) end
      end
    end)
  end
end
