--- recipe: the loop for acme.swish, one division instead of a division and a product.

return function(k, op)
  local x = op.inputs[1]
  for n in k:loop("n", op.type.shape[1]) do
    for h in k:loop("h", op.type.shape[2]) do
      for w in k:loop("w", op.type.shape[3]) do
        for c in k:loop("c", op.type.shape[4]) do
          local value = x(n, h, w, c)
          local power = k.call { "expf", value * -op.attrs.alpha, type = "f32", header = "math.h" }
          op:store({ n, h, w, c }, value / (power + 1.0))
        end
      end
    end
  end
end
