--- late_clamp: clamps what a max_pool2d leaves, a quarter of the elements, not what it reads.

return {
  name = "late_clamp",
  changes = "nothing",
  optional = true,
  run = require "aotlua.rewrite".rules {
    {
      match = "%c = clamp %x\n%y = max_pool2d %c",
      replace = function(graph, m)
        local pool = graph:append { op = "max_pool2d", inputs = { m.x }, attrs = m.node.y.attrs,
          type = m.y.type, before = m.node.y }
        graph:rewrite(m.node.y, { op = "clamp", inputs = { pool:output() },
          attrs = m.node.c.attrs, type = m.y.type })
      end,
    },
  },
}
