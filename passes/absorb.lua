--- absorb: lets the weights and bias of a convolution or matmul take over what follows.
--
-- before:  %c = conv2d %x, $w, $b                after:  %y = conv2d %x, $w_1, $b_1
--          %s = mul %c, $scale
--          %y = add %s, $shift
--
-- A batch normalization is such a pair. One number for each output channel, floats only.

local ir = require "aot.ir"
local rewrite = require "aotlua.rewrite"
local sweep = require "aotlua.sweep"
local types = require "aotlua.types"

local function channels(m)
  local shape = m.c.type.shape
  return shape[#shape]
end

-- $k has one element, or one for each output channel and nothing along other axes.
local function by_channel(m)
  local count, shape = types.count(m.k.type), m.k.type.shape
  if m.c.type.dtype ~= "f32" or not types.same(m.c.type, m.y.type) then return false end
  if m.b and m.b.kind ~= "const" or #m.w.type.shape ~= (m.node.c.op == "conv2d" and 4 or 2) then
    return false
  end
  return count == 1 or count == channels(m) and shape[#shape] == count
end

local function apply(op, a, b) return ir.apply(op, { a, b }, {}) end

-- The numbers of $k as a tensor of `shape`, if need be repeated.
local function factors(m, shape)
  local data = m.k.data:reshape(types.count(m.k.type) == 1 and {} or { channels(m) })
  local all = ir.apply("broadcast", { data }, { shape = { channels(m) } })
  return all:reshape(shape or { channels(m) })
end

-- The shape in which factors stand beside the weights: [o, 1, 1, 1], [1, n] or [n, 1].
local function beside_weights(m)
  if m.node.c.op == "conv2d" then return { channels(m), 1, 1, 1 } end
  return m.node.c:get "transpose_b" and { channels(m), 1 } or { 1, channels(m) }
end

local function is_finite(data)
  if #data == 0 then return true end
  local axes, size = {}, ir.apply("abs", { data }, {})
  for axis in ipairs(data.type.shape) do axes[axis] = axis - 1 end
  return ir.apply("reduce_max", { size }, { axes = axes, keep = false }):get(1) < math.huge
end

-- Whether weights and bias can take factors over: where one becomes infinite, a sum that is
-- small would, too. Leaves them in the match.
local function multiply(m)
  local op = m.node.y.op
  if op == "add" or op == "sub" then return true end
  m.new_w = apply(op, m.w.data, factors(m, beside_weights(m)))
  m.new_b = m.b and apply(op, m.b.data, factors(m))
  return is_finite(m.new_w) and (not m.b or is_finite(m.new_b))
end

local function absorb(graph, m)
  local op, module = m.node.y.op, graph.module
  local w, b, attrs = m.w, m.b or false, m.node.c.attrs
  local function const(like, data) return module:const { name = like.name, data = data } end
  if m.new_w then
    w, b = const(m.w, m.new_w), b and const(b, m.new_b)
  elseif b then
    b = const(b, apply(op, b.data, factors(m)))
  else
    b = const(m.k, op == "sub" and ir.apply("neg", { factors(m) }, {}) or factors(m))
  end
  graph:rewrite(m.node.y, {
    op = m.node.c.op, inputs = { m.x, w, b }, attrs = attrs, type = m.y.type,
  })
  graph:remove(m.node.c)
  sweep.constant(module, m.w)
end

local absorb_all = rewrite.rules {
  { match = [[
      %c = conv2d|matmul %x, $w, %b?
      %y = add|sub|mul|div %c, $k
    ]], when = function(m) return by_channel(m) and multiply(m) end, replace = absorb },
}

return {
  name = "absorb",
  changes = "float_order",
  optional = true,
  run = function(graph)
    absorb_all(graph)
    sweep.constants(graph.module)
  end,
}
