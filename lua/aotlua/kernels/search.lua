--- search: the order of elements along an axis, for arg_max, arg_min and arg_sort.
-- A NaN counts as greater than any number.

local ir = require "aot.ir"
local nest = require "aotlua.kernels.nest"

local M = {}

--- Whether a > b.
function M.greater(k, a, b)
  if a.dtype == "bool" then return k.both(a, ~b) end
  if ir.dtype(a.dtype).class ~= "float" then return k.gt(a, b) end
  return k.either(k.gt(a, b), k.both(k.ne(a, a), k.eq(b, b)))
end

--- Loops over all axes but `axis` (from 0, or from the end) of a tensor of `shape` and calls
-- body(at): `at(j)` gives the subscripts of place j on the axis.
function M.along(k, shape, axis, body)
  local place, others = axis % #shape + 1, {}
  for each = 1, #shape do
    if each ~= place then others[#others + 1] = each end
  end
  nest.over(k, shape, others, function(index)
    body(function(j)
      local at = table.move(index, 1, #shape, 1, {})
      at[place] = j
      return at
    end)
  end)
end

--- A recipe of arg_max (`wanted` is "max") or arg_min.
function M.arg(wanted)
  return function(k, op)
    local x, attrs, dtype = op.inputs[1], op.attrs, op.type.dtype
    local axis = (attrs.axis or 0) % #x.shape
    local function place_of(to)
      if attrs.keep == false then table.remove(to, axis + 1) end
      return to
    end
    M.along(k, x.shape, axis, function(at)
      if x.shape[axis + 1] == 1 then -- nothing is compared
        return op:store(place_of(at(0)), k:number(dtype, 0))
      end
      local best = k:var(x.dtype, "best", x(table.unpack(at(0))))
      local place = k:var(dtype, "place", 0)
      for j in k:loop("j", 1, x.shape[axis + 1]) do
        local value = k:let("value", x(table.unpack(at(j))))
        local more, less = M.greater(k, value, best), M.greater(k, best, value)
        local better = wanted == "max" and more or less
        if attrs.last then better = ~(wanted == "max" and less or more) end
        for _ in k:when(better) do
          k:set(best, value)
          k:set(place, k.cast(dtype, j))
        end
      end
      op:store(place_of(at(0)), place)
    end)
  end
end

return M
