--- partition: gives a target's accelerators what they offer to take.
--
-- before:  %c = conv2d %x, $w, $b            after:  %y = call @conv_clamp_1 %x, $w, $b by acme_npu
--          %y = clamp %c { hi = 6.0 }
--
-- The nodes become the body of the call, so that their meaning stays in the text. Accelerators
-- come in the target's order, and their offers, the longest shapes first, in theirs.

local ops = require "aotlua.ops"
local rewrite = require "aotlua.rewrite"

local function take_over(device, offer, name)
  return function(graph, m)
    local nodes = {}
    for _, node in pairs(m.node) do nodes[#nodes + 1] = node end -- order: irrelevant to outline
    local call = graph:outline(nodes, name(offer.name))
    local types = {}
    for i, output in ipairs(call.outputs) do types[i] = output.type end
    graph:rewrite(call, {
      op = "call", inputs = call.inputs, attrs = call.attrs, body = call.body, by = device.name,
      types = types,
    })
  end
end

return {
  name = "partition",
  changes = "nothing",
  run = function(graph, ctx)
    local name = ops.graph_names(graph.module)
    for _, device in ipairs(ctx.target.accelerators or {}) do
      local rules = {}
      for i, offer in ipairs(device.offers) do
        local replace = take_over(device, offer, name)
        rules[i] = { match = offer.match, when = offer.when, replace = replace }
      end
      rewrite.rules(rules)(graph)
    end
  end,
}
