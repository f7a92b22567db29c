--- pack_weights: lays constant weights out as the kernels read them.
--
-- before:  %y = conv2d %x, $w, $b { schedule = { nr = 8 } }
-- after:   const $w_packed : f32[2, 3, 3, 4, 8] = pack $w { layout = "ohwi:Ohwi8o" }
--          %y = call @conv2d_1 %x, $w_packed, $b { schedule = { nr = 8 } }
--          graph @conv2d_1(...) { %w = unpack %p {...}  %y = conv2d %x, %w, %b  ... }
--
-- A recipe with a function `pack(anchor, schedule)` names the layout of its second operand, or
-- nothing. The body says what the packed bytes mean; the kernel reads them as they lie.

local kernels = require "aotlua.kernels"
local ops = require "aotlua.ops"
local types = require "aotlua.types"

-- The constant that the anchor's second operand is, and its place among the call's operands. One of
-- a single element is a part of the kernel's text and lies nowhere.
local function weights_of(node, anchor)
  local weights = anchor.inputs[2]
  if not weights or ops.elementwise[anchor.op] or types.count(weights.type) == 1 then return nil end
  if not node.body then return weights.kind == "const" and weights end
  for i, param in ipairs(node.body.params) do
    local given = node.inputs[i]
    if param == weights and given.kind == "const" and param.uses == 1 then return given, i end
  end
end

local function count_calls(module)
  local calls = {}
  for _, graph in ipairs(module:graphs()) do
    for node in graph:nodes() do
      if node.body then calls[node.body] = (calls[node.body] or 0) + 1 end
    end
  end
  return calls
end

-- A call of the node alone, so that there is a body to say what is packed.
local function call_of(graph, node, name)
  if node.body then return node end
  local schedule, origin = node:get "schedule", node:get "origin"
  local call = graph:outline({ node }, name(node.op))
  call:set("schedule", schedule)
  call:set("origin", origin)
  return call
end

-- Makes the call pass `packed`, and its body unpack it for the anchor.
local function pass_packed(call, place, packed)
  local body, anchor = call.body, ops.anchor(call)
  local param = body.params[place]
  local plain = param.type
  param:set_type(packed.type)
  local unpack = body:append {
    op = "unpack", inputs = { param }, type = plain, before = anchor, name = param.name,
    attrs = { layout = packed.expression.attrs.layout, shape = plain.shape },
  }
  anchor:set_input(2, unpack:output())
  call:set_input(place, packed)
end

return {
  name = "pack_weights",
  changes = "nothing",
  optional = true,
  run = function(graph, ctx)
    local known, calls, name = {}, count_calls(graph.module), ops.graph_names(graph.module)
    local function pack(weights, layout)
      local key = ("%d %s"):format(weights.id, layout)
      known[key] = known[key] or graph.module:const {
        name = weights.name .. "_packed", op = "pack", source = weights,
        attrs = { layout = layout },
      }
      return known[key]
    end
    for node in graph:nodes() do
      local anchor = ops.anchor(node)
      local is_open = not node.by and not kernels.is_own(node, ctx.target)
      local weights = is_open and (calls[node.body] or 1) == 1 and weights_of(node, anchor)
      local recipe = weights and kernels.recipe(anchor.op, ctx.target)
      local layout = recipe and recipe.pack and recipe.pack(anchor, node:get "schedule" or {})
      if layout then
        local call = call_of(graph, node, name)
        local _, place = weights_of(call, ops.anchor(call))
        pass_packed(call, place, pack(weights, layout))
      end
    end
  end,
}
