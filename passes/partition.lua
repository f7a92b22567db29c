--- partition: gives a target's accelerators what they offer to take.
--
-- before:  %c = conv2d %x, $w, $b            after:  %y = call @conv_clamp_1 %x, $w, $b by acme_npu
--          %y = clamp %c { hi = 6.0 }                     { offer = "conv_clamp" }
--
-- The nodes become the body of the call, so that their meaning stays in the text; its values are
-- called what the offer calls them. Accelerators come in the target's order, and their offers,
-- the longest shapes first, in theirs. Constants that an offer makes are further operands, which
-- the body does not use. Calls of a device with `regions` that touch become the body of one call.

local offload = require "aotlua.offload"
local ops = require "aotlua.ops"
local regions = require "aotlua.regions"
local rewrite = require "aotlua.rewrite"
local sweep = require "aotlua.sweep"

-- A call of the nodes' new graph, by the device.
local function call_by(device, graph, nodes, name)
  local call, types = graph:outline(nodes, name), {}
  for i, output in ipairs(call.outputs) do types[i] = output.type end
  graph:rewrite(call, { op = "call", inputs = call.inputs, body = call.body, by = device.name,
    types = types })
  return call
end

-- Makes parameters of the constants that nodes of the body read themselves. Returns the operands
-- that the call then has.
local function pass_constants(call)
  local inputs, params = call.inputs, {}
  for node in call.body:nodes() do
    for i, value in ipairs(node.inputs) do
      if value and value.kind == "const" then
        if not params[value] then
          params[value] = call.body:param(value.name, value.type)
          inputs[#inputs + 1] = value
        end
        node:set_input(i, params[value])
      end
    end
  end
  return inputs
end

local function take_over(device, offer, name, target)
  return function(graph, m)
    local set, origin = {}, nil
    local made, keys = offload.constants(device, offer, m, target)
    for _, node in pairs(m.node) do set[node] = true end -- order: put right on the next line
    local nodes = ops.in_order(set, (next(set)))
    for _, node in ipairs(nodes) do origin = origin or node:get "origin" end
    local call = call_by(device, graph, nodes, name(offer.name))
    local inputs, types = pass_constants(call), {}
    local same = offload.name_values(call, inputs, m)
    for _, key in ipairs(keys) do
      local const = graph.module:const { name = call.body.name .. "_" .. key, data = made[key] }
      call.body:param(key, const.type)
      inputs[#inputs + 1] = const
    end
    for i, output in ipairs(call.outputs) do types[i] = output.type end
    graph:rewrite(call, { op = "call", inputs = inputs, body = call.body, by = device.name,
      types = types, attrs = { offer = offer.name, origin = origin, same = same } })
  end
end

local function join(device, graph, name)
  local groups = regions.of(graph, function(node) return node.by == device.name end)
  for _, group in ipairs(groups) do
    if #group > 1 then
      local origin = group[1]:get "origin"
      call_by(device, graph, group, name(device.name)):set("origin", origin)
    end
  end
end

return {
  name = "partition",
  changes = "nothing",
  run = function(graph, ctx)
    local name = ops.graph_names(graph.module)
    if #(ctx.target.accelerators or {}) > 0 then
      sweep.nodes(graph) -- what nothing reads would be a call without result
    end
    for _, device in ipairs(ctx.target.accelerators or {}) do
      local rules = {}
      for i, offer in ipairs(device.offers) do
        rules[i] = { match = offer.match, when = offload.condition(device, offer, ctx.target),
          replace = take_over(device, offer, name, ctx.target) }
      end
      rewrite.rules(rules)(graph)
      if device.regions then join(device, graph, name) end
    end
  end,
}
