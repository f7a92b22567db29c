--- nest: loops over the axes of a tensor.

local M = {}

--- Loops over the axes listed in `axes` (numbers from 1, outermost first) of a tensor of `shape`
-- and calls body(index); `index` holds a subscript for each of them, besides those that `start`
-- holds.
function M.over(k, shape, axes, body, start)
  local index = table.move(start or {}, 1, #shape, 1, {})
  local function level(depth)
    if depth > #axes then return body(index) end
    local axis = axes[depth]
    for i in k:loop("i" .. axis - 1, shape[axis]) do
      index[axis] = i
      level(depth + 1)
    end
  end
  level(1)
end

--- Loops over all axes.
function M.all(k, shape, body)
  local axes = {}
  for axis = 1, #shape do axes[axis] = axis end
  M.over(k, shape, axes, body)
end

return M
