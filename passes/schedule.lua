--- schedule: asks the target for the parameters of each kernel.
--
-- before:  %y = call @conv2d_clamp_1 %x, $w, $b
-- after:   %y = call @conv2d_clamp_1 %x, $w, $b { schedule = { mr = 4, nr = 8 } }
--
-- `target.schedules[op]`, or `target.schedules` itself, is a function of (anchor, target): the
-- node that gives the kernel its shape, in the graph or in the body of a call. It returns a
-- flat dict, which the recipe reads, or nil. A table in its place is that dict.

local ops = require "aotlua.ops"

local function ask(schedules, anchor, target)
  local rule = schedules
  if type(schedules) == "table" then rule = schedules[anchor.op] end
  if type(rule) == "function" then return rule(anchor, target) end
  return rule
end

return {
  name = "schedule",
  changes = "nothing",
  optional = true,
  run = function(graph, ctx)
    for node in graph:nodes() do
      local parameters = ask(ctx.target.schedules or {}, ops.anchor(node), ctx.target)
      if parameters and not node.by then node:set("schedule", parameters) end
    end
  end,
}
