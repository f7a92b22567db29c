--- onnx.normalization: operators that scale and shift by statistics.
local words = require "aotlua.import.words"

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
  local function combine(op, a, b)
    return n:emit { op = op, inputs = { a, b }, folds = true }
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

return {
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
