--- reduce: folds a tensor along a set of axes, for reduce_mean, reduce_sum and reduce_max.

local nest = require "aotlua.kernels.nest"

-- Which axes (from 1) go, and which stay.
local function split_axes(shape, axes)
  local is_gone, gone, kept, count = {}, {}, {}, 1
  for _, axis in ipairs(axes) do is_gone[(axis < 0 and #shape + axis or axis) + 1] = true end
  for axis = 1, #shape do
    table.insert(is_gone[axis] and gone or kept, axis)
    if is_gone[axis] then count = count * shape[axis] end
  end
  return gone, kept, count
end

-- The subscripts of the result for those of the operand's kept axes.
local function result_index(rank, index, gone, keep)
  local is_gone, result = {}, {}
  for _, axis in ipairs(gone) do is_gone[axis] = true end
  for axis = 1, rank do
    if is_gone[axis] then
      if keep then result[#result + 1] = 0 end
    else
      result[#result + 1] = index[axis]
    end
  end
  return result
end

--- A recipe. `fold.start(k, op, count)` gives the type and first value of the accumulator,
-- `fold.add(k, folded, x, dtype)` adds an element of that type, `fold.finish(k, op, folded,
-- count)` gives the result.
return function(fold)
  return function(k, op)
    local x, attrs = op.inputs[1], op.attrs
    local shape, keep = x.shape, attrs.keep ~= false
    local gone, kept, count = split_axes(shape, attrs.axes)
    nest.over(k, shape, kept, function(index)
      local dtype, start = fold.start(k, op, count)
      local folded = k:var(dtype, "folded", start)
      nest.over(k, shape, gone, function(element)
        fold.add(k, folded, x(table.unpack(element)), x.dtype)
      end, index)
      op:store(result_index(#shape, index, gone, keep), fold.finish(k, op, folded, count))
    end)
  end
end
