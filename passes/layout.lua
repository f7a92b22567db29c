--- layout: moves transpositions to where they vanish.
--
-- before:  %c = conv2d %x, $w, $b                       after:  %c = conv2d %x, $w, $b
--          %t = transpose %c { perm = [0, 3, 1, 2] }            %r = clamp %c { lo = 0.0 }
--          %r = clamp %t { lo = 0.0 }                           %d = conv2d %r, $v, _
--          %u = transpose %r { perm = [0, 2, 3, 1] }
--          %d = conv2d %u, $v, _
--
-- ONNX is channels first, the core channels last: every convolution arrives between two
-- transpositions. From the first node to the last each is pushed behind the operations that
-- can do without, until it meets its inverse. What stays and moves no byte becomes a reshape.
-- The order of the graph's inputs and outputs never changes.

local carry = require "aotlua.carry"
local flatten = require "aotlua.flatten"
local simplify = require "aotlua.canonical"
local sweep = require "aotlua.sweep"
local types = require "aotlua.types"

local function transposition(value)
  local node = value and value.node
  return node and node.op == "transpose" and node or nil
end

-- A constant, seen as one of `shape`, transposed at once.
local function move_constant(module, const, shape, perm)
  local seen = { dtype = const.type.dtype, shape = shape, quant = const.type.quant }
  local plain = const.data:with_type { dtype = const.type.dtype, shape = const.type.shape }
  return module:const {
    name = const.name, data = plain:reshape(shape):transpose(perm),
    type = types.transposed(seen, perm),
  }
end

local function is_transposed_by(value, perm)
  local above = transposition(value)
  return above and types.same_list(above:get "perm", perm) and above
end

local function key_of(value, perm) return ("%d:%s"):format(value.id, table.concat(perm, ",")) end

-- The value that `perm` turns into `value`, if there is one already. `known`: transposed values.
local function find_untransposed(known, value, perm)
  local above = is_transposed_by(value, perm)
  return above and above.inputs[1] or known[key_of(value, types.inverse(perm))]
end

-- Whether `untransposed` can do its work.
local function can_untranspose(known, value, perm)
  local t = value.type
  if find_untransposed(known, value, perm) then return true end
  if #t.shape ~= #perm and (#t.shape > #perm or t.quant and t.quant.axis) then return false end
  return value.kind == "const" or not (t.quant and t.quant.axis)
    and types.moves_nothing(types.lift(t.shape, #perm), types.inverse(perm))
end

-- The value that `perm` turns into `value`, made before `node` where there is none.
local function untransposed(known, node, value, perm)
  local t, found = value.type, find_untransposed(known, value, perm)
  if found then return found end
  if types.count(t) == 1 and node.op ~= "concat" then return value end
  local shape, back = types.lift(t.shape, #perm), types.inverse(perm)
  if value.kind == "const" then return move_constant(node.graph.module, value, shape, back) end
  local moved = types.permute(shape, back)
  return node.graph:append {
    op = "reshape", inputs = { value }, attrs = { shape = moved }, before = node,
    name = value.name, type = { dtype = t.dtype, shape = moved, quant = t.quant },
  }:output()
end

-- Turns op(transpose(x)) into transpose(op(x)), if the op and its other operands allow it.
local function sink(graph, node, known)
  local data, perm = carry.data_operands(node), nil
  for i = 1, data do
    local above = transposition(node.inputs[i])
    perm = perm or above and above:get "perm"
  end
  if not perm then return end
  local attrs, rest = carry.rules[node.op](node, perm)
  local inputs, result = node.inputs, node:output()
  if not attrs or #rest ~= #result.type.shape then return end
  for i = 1, data do
    if not can_untranspose(known, inputs[i], perm) then return end
  end
  for i = 1, data do inputs[i] = untransposed(known, node, inputs[i], perm) end
  if types.is_identity(rest) then
    graph:rewrite(node, { op = node.op, inputs = inputs, attrs = attrs, type = result.type })
    return
  end
  local inner = graph:append {
    op = node.op, inputs = inputs, attrs = attrs, before = node, name = result.name,
    type = types.transposed(result.type, types.inverse(rest)),
  }
  graph:rewrite(node, {
    op = "transpose", inputs = { inner:output() }, type = result.type,
    attrs = { perm = rest, origin = node:get "origin" },
  })
end

-- Joins a transposition with the one before it, and with an equal one that is there already.
local function join(graph, node, known)
  local value, perm, result = node.inputs[1], node:get "perm", node:output()
  local above = transposition(value)
  if above then
    value, perm = above.inputs[1], types.compose(above:get "perm", perm)
    graph:rewrite(node, {
      op = "transpose", inputs = { value }, type = result.type,
      attrs = { perm = perm, origin = node:get "origin" },
    })
  end
  local key = key_of(value, perm)
  local same = known[key]
  if types.is_identity(perm) then same = value end
  if same and types.same(same.type, result.type) then
    graph:replace(result, same)
  else
    known[key] = result
  end
end

-- A transposition that moves no byte is a view.
local function view(graph, node)
  local value, result = node.inputs[1], node:output()
  if not types.moves_nothing(value.type.shape, node:get "perm") then return end
  graph:rewrite(node, {
    op = "reshape", inputs = { value }, type = result.type,
    attrs = { shape = result.type.shape, origin = node:get "origin" },
  })
end

local function has_transpositions(graph)
  for node in graph:nodes() do
    if node.op == "transpose" then return true end
  end
  return false
end

return {
  name = "layout",
  changes = "float_order", -- a matmul behind a transposition adds up in another order
  optional = true,
  run = function(graph)
    if not has_transpositions(graph) then return end
    local known = {}
    for node in graph:nodes() do
      if carry.rules[node.op] then sink(graph, node, known) end
      if node.op == "transpose" then join(graph, node, known) end
    end
    sweep.nodes(graph)
    flatten(graph)
    for node in graph:nodes() do
      if node.op == "transpose" then view(graph, node) end
    end
    simplify(graph)
    sweep.nodes(graph)
    sweep.constants(graph.module)
  end,
}
