--- onnx.attention: Attention and RotaryEmbedding.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local by, op = compose.by, compose.op

-- [batch, length, heads * size] as [batch, heads, length, size]; rank 4 as it is.
local function split_heads(n, value, name)
  local shape = value.type.shape
  if #shape == 4 then
    return value
  end
  local heads = n:required(name)
  if #shape ~= 3 or heads < 1 or shape[3] % heads ~= 0 then
    n:fail("a shape %s with %d heads", words.list(shape), heads)
  end
  local apart = n:reshape(value, { shape[1], shape[2], heads, shape[3] // heads })
  return compose.transpose(n, apart, { 0, 2, 1, 3 })
end

local function append_past(n, past, value)
  return past and op(n, "concat", { past, value }, { axis = 2 }) or value
end

-- Each head repeated for the `times` heads of the queries that share it.
local function repeat_heads(n, value, times)
  if times == 1 then
    return value
  end
  local s = value.type.shape
  local apart = n:reshape(value, { s[1], s[2], 1, s[3], s[4] })
  return n:reshape(compose.broadcast(n, apart, { s[1], s[2], times, s[3], s[4] }),
    { s[1], s[2] * times, s[3], s[4] })
end

-- 0 where the condition holds, else -infinity.
local function penalty(n, condition, dtype)
  local zero, lowest = compose.number(n, dtype, 0), compose.number(n, dtype, -math.huge)
  return op(n, "select", { condition, zero, lowest })
end

local function plus(n, a, b)
  return a and op(n, "add", { a, b }) or b
end

-- The mask as floats over all keys; what it leaves out at their end is masked.
local function read_mask(n, dtype, keys)
  local mask = n:value(4)
  if not mask then
    return nil
  elseif mask.type.dtype == "bool" then
    mask = penalty(n, mask, dtype)
  end
  mask = compose.cast(n, mask, dtype)
  local shape, before, after = mask.type.shape, {}, {}
  local missing = keys - shape[#shape]
  if missing <= 0 or shape[#shape] == 1 then
    return mask
  end
  for axis = 1, #shape do
    before[axis], after[axis] = 0, axis == #shape and missing or 0
  end
  return op(n, "pad", { mask }, { before = before, after = after, value = -math.huge })
end

-- What is added to the products of `queries` and `keys`: the masks; nil if there is none.
local function read_bias(n, dtype, queries, keys)
  local bias = read_mask(n, dtype, keys)
  local lengths = n:value(7) and n:reshape(n:value(7), { n:value(7).type.shape[1], 1, 1, 1 })
  if n:flag("is_causal", false) then
    local rows = compose.iota(n, queries, 2, 4)
    local past = n:operand(5) and n:operand(5):type().shape[3] or 0
    local offset = lengths and by(n, "sub", lengths, queries) or compose.number(n, "i64", past)
    local last = op(n, "add", { rows, offset })
    local seen = op(n, "less_equal", { compose.iota(n, keys, 3, 4), last })
    bias = plus(n, bias, penalty(n, seen, dtype))
  end
  if lengths then
    local filled = op(n, "less", { compose.iota(n, keys, 3, 4), lengths })
    bias = plus(n, bias, penalty(n, filled, dtype))
  end
  return bias
end

-- Softmax over the last axis; 0 where everything is masked.
local function probabilities(n, scores, bias)
  local result = op(n, "softmax", { scores }, { axis = -1 })
  if not bias then
    return result
  end
  local dtype, last = bias.type.dtype, #bias.type.shape - 1
  local most = compose.reduce(n, "reduce_max", bias, { last }, true)
  local masked = op(n, "equal", { most, compose.number(n, dtype, -math.huge) })
  return op(n, "select", { masked, compose.number(n, result.type.dtype, 0), result })
end

local function product(n, a, b, transposed)
  return n:emit {
    op = "matmul",
    inputs = { a, b, false },
    attrs = { transpose_b = transposed or nil },
  }
end

local function lower_attention(n)
  local q = split_heads(n, n:value(1), "q_num_heads")
  local k = split_heads(n, n:value(2), "kv_num_heads")
  local v = split_heads(n, n:value(3), "kv_num_heads")
  k, v = append_past(n, n:value(5), k), append_past(n, n:value(6), v)
  n:result(2, k)
  n:result(3, v)
  local shape, dtype, kv = q.type.shape, q.type.dtype, k.type.shape
  if kv[2] == 0 or shape[2] % kv[2] ~= 0 then
    n:fail("%d heads of queries cannot share %d of keys", shape[2], kv[2])
  end
  local times, mode = shape[2] // kv[2], n:attribute("qk_matmul_output_mode", 0)
  local scale = n:attribute("scale", 1 / math.sqrt(shape[4]))
  k, v = repeat_heads(n, k, times), repeat_heads(n, v, times)
  local scores = product(n, by(n, "mul", compose.widened(n, q), scale), compose.widened(n, k), true)
  local softcap, stages = n:attribute("softcap", 0.0), { [0] = scores }
  if softcap ~= 0 then
    scores = by(n, "mul", op(n, "tanh", { by(n, "div", scores, softcap) }), softcap)
  end
  stages[1] = scores
  local bias = read_bias(n, scores.type.dtype, shape[3], kv[3])
  scores = bias and op(n, "add", { scores, bias }) or scores
  stages[2] = scores
  local weights = probabilities(n, scores, bias)
  stages[3] = weights
  n:result(4, compose.cast(n, stages[mode] or n:fail("attribute 'qk_matmul_output_mode' is %d",
    mode), dtype))
  local y = compose.cast(n, product(n, weights, compose.widened(n, v)), dtype)
  if #n:operand(1):type().shape == 3 then
    local s = y.type.shape
    y = n:reshape(compose.transpose(n, y, { 0, 2, 1, 3 }), { s[1], s[3], s[2] * s[4] })
  end
  n:result(1, y)
end

-- Even and odd elements of the last axis, or its halves.
local function two_parts(n, value, interleaved)
  local shape = value.type.shape
  local rank, half = #shape, shape[#shape] // 2
  if not interleaved then
    return compose.slice(n, value, rank - 1, 0, half),
      compose.slice(n, value, rank - 1, half, 2 * half)
  end
  local apart = table.move(shape, 1, rank - 1, 1, {})
  apart[rank], apart[rank + 1] = half, 2
  local pairs_of = n:reshape(value, apart)
  local function part(i)
    return compose.squeeze(n, compose.slice(n, pairs_of, rank, i, i + 1), rank)
  end
  return part(0), part(1)
end

local function join(n, a, b, interleaved)
  local shape = a.type.shape
  if not interleaved then
    return op(n, "concat", { a, b }, { axis = #shape - 1 })
  end
  local both = op(n, "concat", { compose.unsqueeze(n, a, #shape), compose.unsqueeze(n, b, #shape) },
    { axis = #shape })
  local whole = table.move(shape, 1, #shape, 1, {})
  whole[#shape] = 2 * shape[#shape]
  return n:reshape(both, whole)
end

local function lower_rotary(n)
  local given = n:value(1)
  local x, outer = given, given.type.shape
  local interleaved = n:flag("interleaved", false)
  if #outer == 3 then
    local heads = n:attribute("num_heads", 0)
    if heads < 1 or outer[3] % heads ~= 0 then
      n:fail("a shape %s with %d heads", words.list(outer), heads)
    end
    x = n:reshape(x, { outer[1], outer[2], heads, outer[3] // heads })
  elseif #outer == 4 then
    x = compose.transpose(n, x, { 0, 2, 1, 3 })
  else
    n:fail("the input has shape %s; it needs 3 or 4 axes", words.list(outer))
  end
  local size = x.type.shape[4]
  local turned = n:attribute("rotary_embedding_dim", 0)
  turned = turned == 0 and size or turned
  if turned < 0 or turned > size or turned % 2 ~= 0 then
    n:fail("attribute 'rotary_embedding_dim' is %d; the heads have size %d", turned, size)
  end
  local function cache(i)
    local value = n:value(i)
    if n:value(4) then
      value = op(n, "gather", { value, n:value(4) }, { axis = 0 })
    end
    local rank = #value.type.shape
    return compose.unsqueeze(n, compose.slice(n, value, rank - 1, 0, turned // 2), rank - 1)
  end
  local cos, sin = cache(2), cache(3)
  local a, b = two_parts(n, compose.slice(n, x, 3, 0, turned), interleaved)
  local function mixed(core, p, r)
    return op(n, core, { op(n, "mul", { cos, p }), op(n, "mul", { sin, r }) })
  end
  local y = join(n, mixed("sub", a, b), mixed("add", b, a), interleaved)
  if turned < size then
    y = op(n, "concat", { y, compose.slice(n, x, 3, turned, size) }, { axis = 3 })
  end
  if #outer == 4 then
    y = compose.transpose(n, y, { 0, 2, 1, 3 })
  end
  n:result(1, n:reshape(y, outer))
end

return {
  Attention = {
    inputs = { 3, 7 },
    outputs = 4,
    attributes = {
      is_causal = "int",
      kv_num_heads = "int",
      q_num_heads = "int",
      qk_matmul_output_mode = "int",
      scale = "float",
      softcap = "float",
      softmax_precision = "int",
    },
    lower = lower_attention,
  },
  RotaryEmbedding = {
    inputs = { 3, 4 },
    attributes = { interleaved = "int", num_heads = "int", rotary_embedding_dim = "int" },
    lower = lower_rotary,
  },
}
