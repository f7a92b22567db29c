--- cum_prod: y[.., j, ..] = product of x[.., i, ..] over i <= j, or i < j, or from the end.

local product = require "aotlua.kernels.product"
local running = require "aotlua.kernels.running"

return running {
  start = function(op) return product.type(op.types[1].dtype), 1 end,
  add = product.multiply,
  finish = product.finish,
}
