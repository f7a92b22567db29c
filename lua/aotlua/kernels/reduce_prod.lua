--- reduce_prod: the product along a set of axes, integers saturated to the result's type.

local product = require "aotlua.kernels.product"
local reduce = require "aotlua.kernels.reduce"

return reduce {
  start = function(_, op) return product.type(op.types[1].dtype), 1 end,
  add = product.multiply,
  finish = function(k, op, folded) return product.finish(k, op.type.dtype, folded) end,
}
