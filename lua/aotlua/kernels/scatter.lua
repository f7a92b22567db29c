--- scatter: y = x, but for the rows y[indices[i], ..] that updates[i, ..] replace or change.

local formula = require "aotlua.kernels.formula"
local nest = require "aotlua.kernels.nest"
local row = require "aotlua.kernels.row"

return function(k, op)
  local x, indices, updates = op.inputs[1], op.inputs[2], op.inputs[3]
  local shape, reduction = op.type.shape, op.attrs.reduction or "none"
  local inner = {}
  for axis = 2, #shape do inner[#inner + 1] = axis end
  local rows = k:buffer {
    name = "rows", type = { dtype = op.type.dtype, shape = shape }, role = "scratch",
  }
  nest.all(k, shape, function(index)
    k:store(rows(table.unpack(index)), x(table.unpack(index)))
  end)
  for i in k:loop("i", updates.shape[1]) do
    local at = row.of(k, indices(i), shape[1])
    nest.over(k, shape, inner, function(index)
      local to, value = rows(table.unpack(index)), updates(i, table.unpack(index, 2, #shape))
      if reduction ~= "none" then
        value = formula[reduction](k, { args = { to, value }, type = op.type })
      end
      k:store(to, value)
    end, { at })
  end
  nest.all(k, shape, function(index) op:store(index, rows(table.unpack(index))) end)
end
