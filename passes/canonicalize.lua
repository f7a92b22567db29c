--- canonicalize: one spelling for each meaning, so that later passes look for one shape only.
--
-- before:  %a = reshape %x { shape = [2, 6] }          after:  %y = clamp %x { hi = 3.0, lo = 0.0 }
--          %b = reshape %a { shape = [12] }
--          %c = clamp %b { lo = 0.0 }                  Operations that change nothing go, neighbors
--          %y = clamp %c { hi = 3.0 }                  that undo or repeat each other become one,
--                                                      constant operands stand on the right.

local simplify = require "aotlua.canonical"
local sweep = require "aotlua.sweep"

return {
  name = "canonicalize",
  changes = "nothing",
  optional = true,
  run = function(graph)
    sweep.nodes(graph)
    simplify(graph)
    sweep.nodes(graph)
    sweep.constants(graph.module)
    sweep.graphs(graph.module)
  end,
}
