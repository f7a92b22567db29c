--- flatten: lets the weights of a matmul take over a transposition of its flattened operand.
--
-- before:  %t = transpose %x { perm = [0, 3, 1, 2] }     after:  %r = reshape %x { ... }
--          %r = reshape %t { shape = [1, 256] }                  %y = matmul %r, $w_1, $b
--          %y = matmul %r, $w, $b
--
-- The rows of $w move instead, once, at compile time.

local rewrite = require "aotlua.rewrite"
local types = require "aotlua.types"

-- %r is [n, all else], and axis 0 stays where it is.
local function flattens(m)
  local perm, from, to = m.node.t:get "perm", m.t.type, m.r.type
  local quant = m.w.type.quant
  return perm[1] == 0 and #perm > 1 and #to.shape == 2 and to.shape[1] == from.shape[1]
    and #m.w.type.shape == 2 and not (quant and quant.axis)
end

local function move_rows(m)
  local transpose_b, perm, w = m.node.y:get "transpose_b", m.node.t:get "perm", m.w
  -- The rows of w, unfolded: the axes of %t but the first, before or behind its columns.
  local shape, order = table.move(m.t.type.shape, 2, #perm, 1, {}), {}
  local back = types.inverse(perm)
  for axis = 2, #perm do order[axis - 1] = back[axis] - 1 end
  if transpose_b then
    table.insert(shape, 1, w.type.shape[1])
    for i, axis in ipairs(order) do order[i] = axis + 1 end
    table.insert(order, 1, 0)
  else
    table.insert(shape, w.type.shape[2])
    table.insert(order, #order)
  end
  local data = w.data:with_type { dtype = w.type.dtype, shape = w.type.shape }
  return data:reshape(shape):transpose(order):reshape(w.type.shape)
end

return rewrite.rules {
  { match = [[
      %t = transpose %x
      %r = reshape %t
      %y = matmul %r, $w, %b?
    ]],
    when = flattens,
    replace = function(graph, m)
      local w = graph.module:const { name = m.w.name, data = move_rows(m), type = m.w.type }
      m.node.r:set_input(1, m.x)
      m.node.y:set_input(2, w)
      graph:remove(m.node.t)
    end },
}
