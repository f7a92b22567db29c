--- onnx.normalization: operators that scale and shift by statistics.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local by, op = compose.by, compose.op

local NAMES = { "scale", "B", "mean", "var" }

-- The vectors of statistics, [c] as [c, 1, ...] so that they broadcast along axis 1.
local function read_vectors(n, shape)
  local aligned, vectors = { shape[2] }, {}
  for axis = 3, #shape do
    aligned[axis - 1] = 1
  end
  for i, name in ipairs(NAMES) do
    local value = n:value(i + 1)
    if words.list(value.type.shape) ~= words.list { shape[2] } then
      n:fail("'%s' has shape %s, the input %s has %d channels", name,
        words.list(value.type.shape), words.list(shape), shape[2])
    end
    vectors[name] = n:reshape(value, aligned)
  end
  return vectors
end

-- y = (x - mean) / sqrt(var + epsilon) * scale + B, as x * factor + offset with constants that
-- are computed while compiling.
local function lower_batch(n)
  if n:flag("training_mode", false) then
    n:unsupported("attribute 'training_mode' is 1; networks are compiled for inference")
  elseif n:attribute("spatial", 1) ~= 1 then
    n:unsupported("attribute 'spatial' is 0: statistics per element")
  end
  local x = n:value(1)
  local kind = x.type
  if #kind.shape < 2 then
    n:fail("the input %s has no channels", words.list(kind.shape))
  end
  local vectors = read_vectors(n, kind.shape)
  local epsilon = n:constant({ dtype = kind.dtype, shape = {} }, { n:attribute("epsilon", 1e-5) })
  local function combine(core, a, b)
    return op(n, core, { a, b })
  end
  local deviation = n:emit {
    op = "sqrt",
    inputs = { combine("add", vectors.var, epsilon) },
    folds = true,
  }
  local factor = combine("div", vectors.scale, deviation)
  local offset = combine("sub", vectors.B, combine("mul", vectors.mean, factor))
  local product = n:emit { op = "mul", inputs = { x, factor } }
  n:result(1, n:emit { op = "add", inputs = { product, offset }, name = n:output_name(1) })
end

local normalization = {
  BatchNormalization = {
    inputs = { 5, 5 },
    attributes = {
      epsilon = "float",
      momentum = "float",
      spatial = "int",
      training_mode = "int",
    },
    lower = lower_batch,
  },
}

local function axes_from(first, rank)
  local axes = {}
  for axis = first, rank - 1 do
    axes[#axes + 1] = axis
  end
  return axes
end

-- x less its mean, and 1 / sqrt(variance + epsilon), over the axes.
local function standardize(n, x, axes, epsilon)
  local mean = compose.reduce(n, "reduce_mean", x, axes, true)
  local centered = op(n, "sub", { x, mean })
  local square = op(n, "mul", { centered, centered })
  local variance = compose.reduce(n, "reduce_mean", square, axes, true)
  return centered, op(n, "rsqrt", { by(n, "add", variance, epsilon) }), mean
end

local function read_stash(n)
  if n:attribute("stash_type", 1) ~= 1 then
    n:unsupported("attribute 'stash_type' is %d; supported is 1, float", n:attribute("stash_type"))
  end
end

normalization.LayerNormalization = {
  inputs = { 2, 3 },
  outputs = 3,
  attributes = { axis = "int", epsilon = "float", stash_type = "int" },
  lower = function(n)
    read_stash(n)
    local dtype = n:value(1).type.dtype
    local x = compose.widened(n, n:value(1))
    local rank = #x.type.shape
    local axes = axes_from(n:axis(n:attribute("axis", -1), rank), rank)
    local centered, factor, mean = standardize(n, x, axes, n:attribute("epsilon", 1e-5))
    local y = compose.cast(n, op(n, "mul", { centered, factor }), dtype)
    y = op(n, "mul", { y, n:value(2) })
    if n:operand(3) then
      y = op(n, "add", { y, n:value(3) })
    end
    n:result(1, y)
    n:result(2, mean)
    n:result(3, factor)
  end,
}

normalization.RMSNormalization = compose.entry({ 2, 2 },
  { axis = "int", epsilon = "float", stash_type = "int" }, function(n)
    read_stash(n)
    local dtype = n:value(1).type.dtype
    local x = compose.widened(n, n:value(1))
    local rank = #x.type.shape
    local axes = axes_from(n:axis(n:attribute("axis", -1), rank), rank)
    local mean = compose.reduce(n, "reduce_mean", op(n, "mul", { x, x }), axes, true)
    local factor = op(n, "rsqrt", { by(n, "add", mean, n:attribute("epsilon", 1e-5)) })
    local y = compose.cast(n, op(n, "mul", { x, factor }), dtype)
    return op(n, "mul", { y, n:value(2) })
  end)

-- A vector along axis 1 of a value of `rank` axes.
local function along_channels(n, vector, rank)
  local shape = { compose.size(vector.type.shape) }
  for axis = 3, rank do
    shape[axis - 1] = 1
  end
  return n:reshape(vector, shape)
end

normalization.InstanceNormalization = compose.entry({ 3, 3 }, { epsilon = "float" }, function(n)
  local x = n:value(1)
  local rank = #x.type.shape
  local centered, factor = standardize(n, x, axes_from(2, rank), n:attribute("epsilon", 1e-5))
  local y = op(n, "mul", { centered, factor })
  y = op(n, "mul", { y, along_channels(n, n:value(2), rank) })
  return op(n, "add", { y, along_channels(n, n:value(3), rank) })
end)

-- [n, c, ...] as [n, groups, c / groups * ...], normalized over the last axis. Before operator
-- set 21 scale and bias are those of groups, since then of channels.
normalization.GroupNormalization = compose.entry({ 3, 3 },
  { epsilon = "float", num_groups = "int", stash_type = "int" }, function(n)
    read_stash(n)
    local groups, x = n:required("num_groups"), n:value(1)
    local shape = x.type.shape
    if #shape < 2 or groups < 1 or shape[2] % groups ~= 0 then
      n:fail("attribute 'num_groups' is %d; the input has shape %s", groups, words.list(shape))
    end
    local inner = compose.size(shape, 2) // groups
    local grouped = n:reshape(x, { shape[1], groups, inner })
    local centered, factor = standardize(n, grouped, { 2 }, n:attribute("epsilon", 1e-5))
    local y = op(n, "mul", { centered, factor })
    local function affine(core, vector)
      if n.opset < 21 then
        y = op(n, core, { y, along_channels(n, vector, 3) })
      else
        y = n:reshape(y, shape)
        y = op(n, core, { y, along_channels(n, vector, #shape) })
      end
    end
    affine("mul", n:value(2))
    affine("add", n:value(3))
    return n:reshape(y, shape)
  end)

-- 0 where the norm is 0.
normalization.LpNormalization = compose.entry({ 1, 1 }, { axis = "int", p = "int" }, function(n)
  local x, p = n:value(1), n:attribute("p", 2)
  local axes = { n:axis(n:attribute("axis", -1), #x.type.shape) }
  if p ~= 1 and p ~= 2 then
    n:fail("attribute 'p' is %d; it may be 1 or 2", p)
  end
  local terms = p == 1 and op(n, "abs", { x }) or op(n, "mul", { x, x })
  local norm = compose.reduce(n, "reduce_sum", terms, axes, true)
  norm = p == 1 and norm or op(n, "sqrt", { norm })
  local zero = compose.number(n, x.type.dtype, 0)
  local empty = op(n, "equal", { norm, zero })
  return op(n, "select", { empty, zero, op(n, "div", { x, norm }) })
end)

normalization.MeanVarianceNormalization = compose.entry({ 1, 1 }, { axes = "ints" }, function(n)
  local x = n:value(1)
  local axes = n:axes(n:attribute("axes", { 0, 2, 3 }), #x.type.shape)
  local mean = compose.reduce(n, "reduce_mean", x, axes, true)
  local centered = op(n, "sub", { x, mean })
  local square = op(n, "mul", { centered, centered })
  local variance = compose.reduce(n, "reduce_mean", square, axes, true)
  return op(n, "div", { centered, by(n, "add", op(n, "sqrt", { variance }), 1e-9) })
end)

-- x / (bias + alpha / size * sum of squares over `size` channels around) ^ beta
normalization.LRN = compose.entry({ 1, 1 },
  { alpha = "float", beta = "float", bias = "float", size = "int" }, function(n)
    local x, size = n:value(1), n:required("size")
    local shape = x.type.shape
    if #shape < 2 or size < 1 or size > shape[2] * 2 + 1 then
      n:fail("attribute 'size' is %d; the input has shape %s", size, words.list(shape))
    end
    local before, after = {}, {}
    for axis = 1, #shape do
      before[axis], after[axis] = 0, 0
    end
    before[2], after[2] = (size - 1) // 2, size // 2
    local square = op(n, "mul", { x, x })
    local wide = op(n, "pad", { square }, { before = before, after = after, value = 0.0 })
    local sum
    for i = 0, size - 1 do
      local part = compose.slice(n, wide, 1, i, i + shape[2])
      sum = sum and op(n, "add", { sum, part }) or part
    end
    local base = by(n, "mul", sum, n:attribute("alpha", 1e-4) / size)
    base = by(n, "add", base, n:attribute("bias", 1.0))
    return op(n, "div", { x, by(n, "pow", base, n:attribute("beta", 0.75)) })
  end)

return normalization
