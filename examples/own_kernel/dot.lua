--- dot: a product of matrices that adds up several terms in each turn of its loop.

return function(k, op)
  local rows, columns, depth = op.type.shape[1], op.type.shape[2], op.types[1].shape[2]
  local unroll = op.schedule.unroll or 1
  for i in k:loop("i", rows) do
    for j in k:loop("j", columns) do
      local sum = op:sum(depth, j)
      for p in k:loop("p", 0, depth, unroll) do
        for u = 0, unroll - 1 do
          local a = op:centered(1, sum.dtype, { i, p + u })
          k:add(sum, a * op:centered(2, sum.dtype, { j, p + u }))
        end
      end
      op:store({ i, j }, op:total(sum, j))
    end
  end
end
