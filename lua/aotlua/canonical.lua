--- canonical: one spelling for each meaning: the rules, a family of ops after the other.

local ir = require "aot.ir"
local matcher = require "aotlua.matcher"
local ops = require "aotlua.ops"
local rewrite = require "aotlua.rewrite"
local types = require "aotlua.types"

local rules = {}

-- Operands stand as the shape has them: putting them in order is one of the rules.
local function rule(match, when, replace)
  rules[#rules + 1] = { match = match, when = when, replace = replace, ordered = true }
end

-- Replaces the root by the value %x. Both have the same type, quantization included.
local function drop(graph, m)
  graph:replace(m.y, m.x)
  graph:remove(m.node.y)
end

local function same_type(m) return types.same(m.x.type, m.y.type) end

-- Operations that give back their operand -------------------------------------------------------

rule("%y = reshape|broadcast|cast %x", same_type, drop)

rule("%y = transpose %x", function(m)
  return types.is_identity(m.node.y:get "perm") and same_type(m)
end, drop)

local function all_zero(list)
  for _, x in ipairs(list) do
    if x ~= 0 then return false end
  end
  return true
end

rule("%y = pad %x", function(m)
  return all_zero(m.node.y:get "before") and all_zero(m.node.y:get "after") and same_type(m)
end, drop)

rule("%y = slice %x", function(m)
  for _, step in ipairs(m.node.y:get "step" or {}) do
    if step < 0 then return false end
  end
  return same_type(m)
end, drop)

rule("%y = concat %x", same_type, drop)

-- Exact as long as 24 bits of a float hold every difference to the zero point, and their products
-- with the scales are finite.
rule("%q = dequantize %x\n%y = quantize %q", function(m)
  local quant = m.x.type.quant
  for _, scale in ipairs(quant and quant.scales and quant.scales.data:list() or {}) do
    if scale > 0x1p100 then return false end
  end
  return same_type(m) and ir.dtype(m.x.type.dtype).bits <= 16
    and not (quant.scale and quant.scale > 0x1p100)
end, drop)

-- A clamp to all that an integer type holds, or to nothing.
rule("%y = clamp %x", function(m)
  local limits, lo, hi = ir.dtype(m.x.type.dtype), m.node.y:get "lo", m.node.y:get "hi"
  local low = lo == nil or limits.min and lo <= limits.min
  local high = hi == nil or limits.max and limits.max > 0 and hi >= limits.max
  return low and high and same_type(m)
end, drop)

-- Whether every element of the constant is the number `x`.
local function all_equal(const, x)
  local data = const.data
  if #data == 0 or data:get(1) ~= x then return false end
  local plain = { dtype = data.type.dtype, shape = data.type.shape }
  return data:with_type(plain):equal(ir.tensor(plain, data:get(1)))
end

-- Of floats, x + 0.0 is another number than x where that is -0.0; x - 0.0 and x + -0.0 never are.
rule("%y = add|sub %x, $k", function(m)
  local is_float = ir.dtype(m.x.type.dtype).class == "float"
  return same_type(m) and all_equal(m.k, 0)
    and (not is_float or 1 / m.k.data:get(1) == (m.node.y.op == "add" and -math.huge or math.huge))
end, drop)

rule("%y = mul|div %x, $k", function(m) return same_type(m) and all_equal(m.k, 1) end, drop)

-- Reducing axes of extent 1 only renames them.
rule("%y = reduce_mean|reduce_sum|reduce_max|reduce_min|reduce_prod %x", function(m)
  for _, axis in ipairs(m.node.y:get "axes") do
    if m.x.type.shape[axis % #m.x.type.shape + 1] ~= 1 then return false end
  end
  return m.x.type.dtype == m.y.type.dtype
end, function(graph, m)
  graph:rewrite(m.node.y, {
    op = "reshape", inputs = { m.x }, type = m.y.type,
    attrs = { shape = m.y.type.shape, origin = m.node.y:get "origin" },
  })
end)

-- Two of a kind ---------------------------------------------------------------------------------

-- The first of the two may have other users: it is passed by, not changed.
local function producer(value, op)
  local node = value.node
  return node and node.op == op and node or nil
end

local function join_views(graph, node)
  local first = node.inputs[1].node
  node:set_input(1, first.inputs[1])
  if first:output().uses == 0 then graph:remove(first) end
end

rule("%y = reshape %x", function(m) return producer(m.x, "reshape") ~= nil end,
  function(graph, m) join_views(graph, m.node.y) end)

rule("%y = transpose %x", function(m) return producer(m.x, "transpose") ~= nil end,
  function(graph, m)
    local first = m.x.node
    local attrs = m.node.y.attrs
    attrs.perm = types.compose(first:get "perm", attrs.perm)
    graph:rewrite(m.node.y, {
      op = "transpose", inputs = { first.inputs[1] }, attrs = attrs, type = m.y.type,
    })
  end)

-- The later clamp applied to a bound of the earlier one.
local function tighter(bound, lo, hi)
  if bound and lo and bound < lo then bound = lo end
  if bound and hi and bound > hi then bound = hi end
  return bound
end

local function in_order(node)
  local lo, hi = node:get "lo", node:get "hi"
  return not (lo and hi) or lo <= hi
end

rule("%x = clamp %a\n%y = clamp %x", function(m)
  return types.same(m.a.type, m.x.type) and same_type(m)
    and in_order(m.node.x) and in_order(m.node.y)
end, function(graph, m)
  local attrs, first = m.node.y.attrs, m.node.x.attrs
  local lo, hi = attrs.lo, attrs.hi
  attrs.lo, attrs.hi = tighter(first.lo, lo, hi) or lo, tighter(first.hi, lo, hi) or hi
  graph:rewrite(m.node.y, { op = "clamp", inputs = { m.a }, attrs = attrs, type = m.y.type })
  graph:remove(m.node.x)
end)

-- Order of operands -----------------------------------------------------------------------------

rule("%y = add|mul|max|min $k, %x", function(m) return m.x.kind ~= "const" end,
  function(graph, m)
    local node = m.node.y
    graph:rewrite(node, {
      op = node.op, inputs = { m.x, m.k }, attrs = node.attrs, type = m.y.type,
    })
  end)

-- Elementwise operations broadcast by themselves.
rule("%b = broadcast %k\n%y = " .. ops.binary .. " %x, %b", function(m)
  return types.same_list(m.x.type.shape, m.y.type.shape) and m.k.type.dtype == m.x.type.dtype
end, function(graph, m)
  m.node.y:set_input(2, m.k)
  graph:remove(m.node.b)
end)

-- The last two axes of the right operand may be read in either order.
rule("%b = transpose %x\n%y = matmul %a, %b, %bias?", function(m)
  local perm = m.node.b:get "perm"
  local rank = #perm
  if rank < 2 then return false end
  perm[rank - 1], perm[rank] = perm[rank], perm[rank - 1]
  return types.is_identity(perm) and not m.b.type.quant and not m.x.type.quant
end, function(graph, m)
  local attrs = m.node.y.attrs
  attrs.transpose_b = not attrs.transpose_b or nil
  graph:rewrite(m.node.y, {
    op = "matmul", inputs = { m.a, m.x, m.bias or false }, attrs = attrs, type = m.y.type,
  })
  graph:remove(m.node.b)
end)

-- Views come behind what works element by element, so that it can join the operation before. One
-- that says what its integers mean stays where it is: the operation reads that.
local function one_for_all(m)
  local function along_axis(t) return t.quant and t.quant.axis end
  for i, value in ipairs(m.node.y.inputs) do
    local single = value and types.count(value.type) == 1 and #value.type.shape <= #m.x.type.shape
    if i > 1 and value and not single and m.node.y.op ~= "lookup" then return false end
  end
  return m.x.kind ~= "const" and not along_axis(m.x.type) and not along_axis(m.y.type)
    and types.same_quant(m.x.type.quant, m.v.type.quant)
    and types.same_list(m.v.type.shape, m.y.type.shape)
end

local function reshape_after(graph, m)
  local node, t, inputs, attrs = m.node.y, m.y.type, m.node.y.inputs, m.node.y.attrs
  inputs[1] = m.x
  if node.op == "requantize" then attrs.axis = nil end -- one multiplier is along no axis
  local inner = graph:append {
    op = node.op, inputs = inputs, attrs = attrs, before = node, name = m.y.name,
    type = { dtype = t.dtype, shape = m.x.type.shape, quant = t.quant },
  }
  graph:rewrite(node, {
    op = "reshape", inputs = { inner:output() }, attrs = { shape = t.shape }, type = t,
  })
  graph:remove(m.node.v)
end

local behind = {}
for _, user in ipairs {
  ops.unary .. " %v", ops.binary .. " %v, $k", "lookup %v, $table", "requantize %v, $m, $s?",
} do
  behind[#behind + 1] = matcher.compile("%v = reshape %x\n%y = " .. user, true)
end

-- Moves the view that a node reads behind the node; tells whether it does.
local function move_view(graph, node)
  for _, shape in ipairs(behind) do
    local m = matcher.at(shape, node, one_for_all)
    if m then
      reshape_after(graph, m)
      return true
    end
  end
  return false
end

-- From the first node to the last, so that a view takes along those that it meets: moved one by
-- one, each would pass all nodes behind it.
local function move_views(graph)
  local moved = false
  for node in graph:nodes() do
    local value = node.inputs[1]
    if value and producer(value, "reshape") then
      if node.op == "reshape" then
        join_views(graph, node)
      else
        moved = move_view(graph, node) or moved
      end
    end
  end
  return moved
end

local apply = rewrite.rules(rules)

--- Applies the rules to a graph until none fits.
return function(graph)
  repeat apply(graph) until not move_views(graph)
end
