--- arg_sort: the places of the elements along an axis in rising or falling order, equal ones in
--- their own order. Each is found by looking for what comes next after the one before: no memory
--- is needed, and few places of many are found fast.

local search = require "aotlua.kernels.search"

return function(k, op)
  local x, attrs, dtype = op.inputs[1], op.attrs, op.type.dtype
  local axis = (attrs.axis or -1) % #x.shape
  local function before(a, b)
    if attrs.descending then return search.greater(k, a, b) end
    return search.greater(k, b, a)
  end
  local zero = k:number(x.dtype, 0)
  search.along(k, x.shape, axis, function(at)
    local last, place = k:var(x.dtype, "last", zero), k:var(dtype, "place", -1)
    for i in k:loop("i", op.type.shape[axis + 1]) do
      local best, next = k:var(x.dtype, "best", zero), k:var(dtype, "next", -1)
      for j in k:loop("j", x.shape[axis + 1]) do
        local value, here = k:let("value", x(table.unpack(at(j)))), k.cast(dtype, j)
        local same = ~k.either(before(value, last), before(last, value))
        local later = k.either(before(last, value), k.both(same, k.gt(here, place)))
        local open = k.either(k.lt(place, 0), later)
        for _ in k:when(k.both(open, k.either(k.lt(next, 0), before(value, best)))) do
          k:set(best, value)
          k:set(next, here)
        end
      end
      k:set(last, best)
      k:set(place, next)
      op:store(at(i), place)
    end
  end)
end
