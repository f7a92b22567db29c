--- fuse_products: a convolution or product of matrices and the clamp behind it become one kernel.
--
-- before:  %c = conv2d %x, $w, $b         after:  %y = call @product_1 %x, $w, $b
--          %y = clamp %c { lo = 0.0 }

local ops = require "aotlua.ops"
local rewrite = require "aotlua.rewrite"

return {
  name = "fuse_products",
  changes = "nothing",
  optional = true,
  run = function(graph, ctx)
    local name = ops.graph_names(graph.module)
    rewrite.rules {
      {
        match = [[
          %c = conv2d|matmul %x, $w, $b?
          %y = clamp %c
        ]],
        replace = function(_, m)
          local origin = m.node.c:get "origin"
          graph:outline({ m.node.c, m.node.y }, name "product"):set("origin", origin)
        end,
      },
    }(graph, ctx)
  end,
}
