--- resample: y[.., p, ..] = sum over t of weight[p, t] * x[.., index[p, t], ..] along an axis;
--- without weights the one element there.

local ir = require "aot.ir"

local nest = require "aotlua.kernels.nest"

return function(k, op)
  local x, index, weights = op.inputs[1], op.inputs[2], op.inputs[3]
  local shape, taps = op.type.shape, index.shape[2]
  local axis = op.attrs.axis or 0
  axis = axis < 0 and #shape + axis + 1 or axis + 1

  local function element(at, p, t)
    local from = table.move(at, 1, #at, 1, {})
    from[axis] = k:index(index(p, t), x.shape[axis])
    return x(table.unpack(from))
  end

  nest.all(k, shape, function(at)
    local p = at[axis]
    if not weights then
      op:store(at, element(at, p, 0))
      return
    end
    local dtype = ir.dtype(x.dtype).class == "float" and x.dtype or "i64"
    local sum = k:var(dtype, "sum", 0)
    for t in k:loop("t", taps) do
      k:add(sum, k.cast(dtype, element(at, p, t)) * k.cast(dtype, weights(p, t)))
    end
    op:store(at, k.sat_cast(op.type.dtype, sum))
  end)
end
