--- onnx.functions: functions of one number, most of them activations made of core ops.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local by, number, op = compose.by, compose.number, compose.op

local functions = {}

local PLAIN = {
  Acos = "acos", Acosh = "acosh", Asin = "asin", Asinh = "asinh", Atan = "atan", Atanh = "atanh",
  Ceil = "ceil", Cos = "cos", Cosh = "cosh", Erf = "erf", Round = "round", Sign = "sign",
  Sin = "sin", Sinh = "sinh",
}
for name, core in pairs(PLAIN) do -- order: irrelevant, because each fills its own key
  functions[name] = compose.entry({ 1, 1 }, {}, function(n)
    return op(n, core, { n:value(1) })
  end)
end

functions.Tan = compose.entry({ 1, 1 }, {}, function(n)
  return op(n, "tan", { n:value(1) })
end)

-- An activation of floats: `make(n, x, a, b)`, where a and b are the attributes named, each with
-- its default.
local function activation(names, make)
  local attributes = {}
  for _, entry in ipairs(names) do
    attributes[entry[1]] = "float"
  end
  return compose.entry({ 1, 1 }, attributes, function(n)
    local values = {}
    for i, entry in ipairs(names) do
      values[i] = n:attribute(entry[1], entry[2])
    end
    local x = n:value(1)
    local result = make(n, compose.widened(n, x), values[1], values[2])
    return compose.cast(n, result, x.type.dtype)
  end)
end

local function is_negative(n, x)
  return op(n, "less", { x, number(n, x.type.dtype, 0) })
end

-- exp(x) - 1
local function exp_minus_one(n, x)
  return by(n, "sub", op(n, "exp", { x }), 1)
end

local function clamp(n, x, lo, hi)
  return op(n, "clamp", { x }, { lo = lo, hi = hi })
end

functions.LeakyRelu = activation({ { "alpha", 0.01 } }, function(n, x, alpha)
  return op(n, "select", { is_negative(n, x), by(n, "mul", x, alpha), x })
end)

functions.Elu = activation({ { "alpha", 1.0 } }, function(n, x, alpha)
  return op(n, "select", { is_negative(n, x), by(n, "mul", exp_minus_one(n, x), alpha), x })
end)

functions.Selu = activation({ { "alpha", 1.67326319217681884765625 },
  { "gamma", 1.05070102214813232421875 } }, function(n, x, alpha, gamma)
    local low = by(n, "mul", exp_minus_one(n, x), alpha)
    return by(n, "mul", op(n, "select", { is_negative(n, x), low, x }), gamma)
  end)

functions.Celu = activation({ { "alpha", 1.0 } }, function(n, x, alpha)
  local low = by(n, "mul", exp_minus_one(n, by(n, "div", x, alpha)), alpha)
  return op(n, "select", { is_negative(n, x), low, x })
end)

functions.HardSigmoid = activation({ { "alpha", 0.2 }, { "beta", 0.5 } },
  function(n, x, alpha, beta)
    return clamp(n, by(n, "add", by(n, "mul", x, alpha), beta), 0.0, 1.0)
  end)

functions.HardSwish = activation({}, function(n, x)
  local gate = clamp(n, by(n, "add", by(n, "div", x, 6), 0.5), 0.0, 1.0)
  return op(n, "mul", { x, gate })
end)

-- max(x, 0) + log(1 + exp(-|x|)), in which nothing overflows.
local function softplus(n, x)
  local small = op(n, "exp", { op(n, "neg", { op(n, "abs", { x }) }) })
  return op(n, "add", { clamp(n, x, 0.0), op(n, "log", { by(n, "add", small, 1) }) })
end
functions.Softplus = activation({}, softplus)

functions.Softsign = activation({}, function(n, x)
  return op(n, "div", { x, by(n, "add", op(n, "abs", { x }), 1) })
end)

functions.Mish = activation({}, function(n, x)
  return op(n, "mul", { x, op(n, "tanh", { softplus(n, x) }) })
end)

functions.Swish = activation({ { "alpha", 1.0 } }, function(n, x, alpha)
  return op(n, "mul", { x, op(n, "logistic", { by(n, "mul", x, alpha) }) })
end)

functions.ThresholdedRelu = activation({ { "alpha", 1.0 } }, function(n, x, alpha)
  local dtype = x.type.dtype
  local above = op(n, "less", { number(n, dtype, alpha), x })
  return op(n, "select", { above, x, number(n, dtype, 0) })
end)

-- x moved by the bias toward 0 where it lies beyond the threshold, else 0. Of any type.
functions.Shrink = activation({ { "bias", 0.0 }, { "lambd", 0.5 } }, function(n, x, bias, lambd)
  local dtype = x.type.dtype
  local wide = dtype:find "^[iu]" and compose.cast(n, x, "f32") or x
  local low = op(n, "less", { wide, number(n, wide.type.dtype, -lambd) })
  local high = op(n, "less", { number(n, wide.type.dtype, lambd), wide })
  local rest = op(n, "select",
    { high, by(n, "sub", wide, bias), number(n, wide.type.dtype, 0) })
  return compose.cast(n, op(n, "select", { low, by(n, "add", wide, bias), rest }), dtype)
end)

functions.PRelu = compose.entry({ 2, 2 }, {}, function(n)
  local x = n:value(1)
  return op(n, "select", { is_negative(n, x), op(n, "mul", { x, n:value(2) }), x })
end)

-- x * (1 + erf(x / sqrt(2))) / 2, or with a tanh instead.
functions.Gelu = compose.entry({ 1, 1 }, { approximate = "string" }, function(n)
  local dtype, how = n:value(1).type.dtype, n:attribute("approximate", "none")
  local x = compose.widened(n, n:value(1))
  local inner
  if how == "none" then
    inner = op(n, "erf", { by(n, "mul", x, math.sqrt(0.5)) })
  elseif how == "tanh" then
    local cube = op(n, "mul", { op(n, "mul", { x, x }), x })
    local sum = op(n, "add", { x, by(n, "mul", cube, 0.044715) })
    inner = op(n, "tanh", { by(n, "mul", sum, math.sqrt(2 / math.pi)) })
  else
    n:fail("attribute 'approximate' is %s; it may be none or tanh", words.quote(how))
  end
  local result = op(n, "mul", { by(n, "mul", x, 0.5), by(n, "add", inner, 1) })
  return compose.cast(n, result, dtype)
end)

functions.Mean = compose.entry({ 1, math.huge }, {}, function(n)
  local sum = n:value(1)
  for i = 2, n:input_count() do
    sum = op(n, "add", { sum, n:value(i) })
  end
  return by(n, "div", sum, n:input_count())
end)

return functions
