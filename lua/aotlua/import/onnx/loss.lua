--- onnx.loss: the losses of classifications, over axis 1.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local op = compose.op

local function all_axes(value)
  local axes = {}
  for i = 1, #value.type.shape do
    axes[i] = i - 1
  end
  return axes
end

-- The elements of axis 1 that the targets name: a flat gather.
local function pick(n, scores, targets)
  local shape, inner = scores.type.shape, compose.size(scores.type.shape, 3)
  local places = compose.by(n, "mul", targets, inner)
  places = n:reshape(places, { shape[1], inner })
  places = op(n, "add", { places, compose.iota(n, inner, 1, 2) })
  local rows = compose.by(n, "mul", compose.iota(n, shape[1], 0, 2), shape[2] * inner)
  places = op(n, "add", { places, rows })
  local all = n:reshape(scores, { n:check_shape(shape) })
  return n:reshape(op(n, "gather", { all, places }, { axis = 0 }), targets.type.shape)
end

-- The loss of log probabilities [n, c, ...] and targets [n, ...].
local function likelihood(n, log_probabilities, index)
  local targets, dtype = n:value(index), log_probabilities.type.dtype
  local shape = log_probabilities.type.shape
  targets = compose.cast(n, targets, "i64")
  local rest = table.move(shape, 3, #shape, 2, { shape[1] })
  if words.list(rest) ~= words.list(targets.type.shape) then
    n:fail("the targets have shape %s, the scores %s", words.list(targets.type.shape),
      words.list(shape))
  end
  local ignored = n:attribute("ignore_index")
  ignored = ignored and op(n, "equal", { targets, compose.number(n, "i64", ignored) })
  local class = ignored
    and op(n, "select", { ignored, compose.number(n, "i64", 0), targets }) or targets
  local weights = n:value(index + 1)
  weights = weights and op(n, "gather", { weights, class }, { axis = 0 })
    or compose.filled(n, dtype, targets.type.shape, 1.0)
  if ignored then
    weights = op(n, "select", { ignored, compose.number(n, dtype, 0), weights })
  end
  local picked = op(n, "neg", { pick(n, log_probabilities, class) })
  local loss = op(n, "mul", { picked, weights })
  local reduction = n:attribute("reduction", "mean")
  if reduction == "none" then
    return loss
  end
  local sum = compose.reduce(n, "reduce_sum", loss, all_axes(loss), false)
  if reduction == "sum" then
    return sum
  elseif reduction ~= "mean" then
    n:fail("attribute 'reduction' is %s; it may be none, sum or mean", words.quote(reduction))
  end
  local total = compose.reduce(n, "reduce_sum", weights, all_axes(weights), false)
  return op(n, "div", { sum, total })
end

local function log_softmax(n, x)
  x = op(n, "sub", { x, compose.reduce(n, "reduce_max", x, { 1 }, true) })
  local sum = compose.reduce(n, "reduce_sum", op(n, "exp", { x }), { 1 }, true)
  return op(n, "sub", { x, op(n, "log", { sum }) })
end

local function check_scores(n)
  local x = n:value(1)
  if #x.type.shape < 2 then
    n:fail("the scores have shape %s; they need an axis of classes", words.list(x.type.shape))
  end
  return x
end

local ATTRIBUTES = { ignore_index = "int", reduction = "string" }

return {
  NegativeLogLikelihoodLoss = compose.entry({ 2, 3 }, ATTRIBUTES, function(n)
    return likelihood(n, check_scores(n), 2)
  end),
  SoftmaxCrossEntropyLoss = {
    inputs = { 2, 3 },
    outputs = 2,
    attributes = ATTRIBUTES,
    lower = function(n)
      local logs = log_softmax(n, check_scores(n))
      n:result(1, likelihood(n, logs, 2))
      n:result(2, logs)
    end,
  },
}
