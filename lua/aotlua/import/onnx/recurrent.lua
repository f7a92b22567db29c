--- onnx.recurrent: RNN, GRU and LSTM, unrolled: a few core ops for each step.
-- The products of all steps' inputs are one matmul ahead; the states' products are one per step.
local compose = require "aotlua.import.onnx.compose"
local limits = require "aotlua.import.limits"
local words = require "aotlua.import.words"

local by, op = compose.by, compose.op

local ACTIVATIONS = {
  Sigmoid = function(n, x)
    return op(n, "logistic", { x })
  end,
  Tanh = function(n, x)
    return op(n, "tanh", { x })
  end,
  Relu = function(n, x)
    return op(n, "clamp", { x }, { lo = 0.0 })
  end,
  Affine = function(n, x, alpha, beta)
    return by(n, "add", by(n, "mul", x, alpha or 1.0), beta or 0.0)
  end,
  HardSigmoid = function(n, x, alpha, beta)
    local line = by(n, "add", by(n, "mul", x, alpha or 0.2), beta or 0.5)
    return op(n, "clamp", { line }, { lo = 0.0, hi = 1.0 })
  end,
  LeakyRelu = function(n, x, alpha)
    local negative = op(n, "less", { x, compose.number(n, x.type.dtype, 0) })
    return op(n, "select", { negative, by(n, "mul", x, alpha or 0.01), x })
  end,
}

-- The activations of one direction, functions of n and x; `defaults` are their names.
local function read_activations(n, defaults, direction, directions)
  local names = n:attribute("activations")
  local alpha, beta = n:attribute("activation_alpha", {}), n:attribute("activation_beta", {})
  local list, clip = {}, n:attribute("clip")
  if names and #names ~= #defaults * directions then
    n:fail("attribute 'activations' has %d names; it needs %d", #names, #defaults * directions)
  end
  for i, default in ipairs(defaults) do
    local at = (direction - 1) * #defaults + i
    local name = names and names[at]:string(0, #names[at]) or default
    local make = ACTIVATIONS[name] or n:unsupported("the activation %s", words.quote(name))
    list[i] = function(x)
      if clip then
        x = op(n, "clamp", { x }, { lo = -clip, hi = clip })
      end
      return make(n, x, alpha[at], beta[at])
    end
  end
  return list
end

-- Input `i`, one part of whose axis 0 is the direction; nil where it is left out.
local function of_direction(n, i, direction)
  local value = n:value(i)
  return value and compose.squeeze(n, compose.slice(n, value, 0, direction - 1, direction), 0)
end

-- Columns of gate `g` (from 0) among gates of `h` columns.
local function gate(n, value, g, h)
  return compose.slice(n, value, #value.type.shape - 1, g * h, (g + 1) * h)
end

local function part(n, vector, from, to)
  return compose.slice(n, vector, 0, from, to)
end

local function product(n, a, weights, bias)
  return n:emit {
    op = "matmul",
    inputs = { a, weights, bias or false },
    attrs = { transpose_b = true },
  }
end

-- The products of all inputs with W, [steps, batch, gates * h]; `bias` is W's.
local function input_products(n, x, weights, bias)
  local shape = x.type.shape
  local flat = n:reshape(x, { shape[1] * shape[2], shape[3] })
  return n:reshape(product(n, flat, weights, bias),
    { shape[1], shape[2], weights.type.shape[1] })
end

local function mix(n, a, b, weights)
  return op(n, "add", { op(n, "mul", { a, weights }), b })
end

local KINDS = {}

-- Each kind: `gates`, its default activations, and step(n, c, x, state): c holds h, r (the weights
-- of the state), r_bias (or nil), peepholes, f; x the products of the input; state { h, c }.
KINDS.RNN = {
  gates = 1,
  defaults = { "Tanh" },
  step = function(n, c, x, state)
    return { h = c.f[1](op(n, "add", { x, product(n, state.h, c.r, c.r_bias) })) }
  end,
}

KINDS.GRU = {
  gates = 3,
  defaults = { "Sigmoid", "Tanh" },
  step = function(n, c, x, state)
    local h, f = c.h, c.f
    local both = product(n, state.h, part(n, c.r, 0, 2 * h), part(n, c.r_bias, 0, 2 * h))
    local update = f[1](op(n, "add", { gate(n, x, 0, h), gate(n, both, 0, h) }))
    local reset = f[1](op(n, "add", { gate(n, x, 1, h), gate(n, both, 1, h) }))
    local weights, bias = part(n, c.r, 2 * h, 3 * h), part(n, c.r_bias, 2 * h, 3 * h)
    local inner
    if c.reset_after then
      inner = op(n, "mul", { reset, product(n, state.h, weights, bias) })
    else
      inner = product(n, op(n, "mul", { reset, state.h }), weights, bias)
    end
    local new = f[2](op(n, "add", { gate(n, x, 2, h), inner }))
    -- (1 - z) * new + z * old
    return { h = mix(n, op(n, "sub", { state.h, new }), new, update) }
  end,
}

KINDS.LSTM = {
  gates = 4,
  defaults = { "Sigmoid", "Tanh", "Tanh" },
  step = function(n, c, x, state)
    local h, f = c.h, c.f
    local sums = op(n, "add", { x, product(n, state.h, c.r, c.r_bias) })
    local function seen(g, place, cell)
      local sum = gate(n, sums, g, h)
      if not c.peepholes then
        return sum
      end
      return mix(n, cell, sum, part(n, c.peepholes, place * h, (place + 1) * h))
    end
    local input, forget = f[1](seen(0, 0, state.c)), f[1](seen(2, 2, state.c))
    if c.coupled then
      forget = op(n, "sub", { compose.number(n, input.type.dtype, 1), input })
    end
    local cell = op(n, "mul", { input, f[2](gate(n, sums, 3, h)) })
    cell = mix(n, forget, cell, state.c)
    local output = f[1](seen(1, 1, cell))
    return { h = op(n, "mul", { output, f[3](cell) }), c = cell }
  end,
}

-- Keeps `old` for sequences that have ended, by `live`, bool [batch, 1].
local function alive(n, live, new, old)
  return live and op(n, "select", { live, new, old }) or new
end

-- Runs one direction. Gives the list of outputs by step and the last state.
local function run(n, kind, c, state)
  local steps, outputs = c.steps, {}
  for i = 1, steps do
    local at = c.backward and steps - i or i - 1
    local x = compose.squeeze(n, compose.slice(n, c.x, 0, at, at + 1), 0)
    local live = c.lengths and op(n, "less", { compose.number(n, "i64", at), c.lengths })
    local new = kind.step(n, c, x, state)
    local zero = live and compose.number(n, new.h.type.dtype, 0)
    outputs[at + 1] = alive(n, live, new.h, zero)
    state = { h = alive(n, live, new.h, state.h), c = new.c and alive(n, live, new.c, state.c) }
  end
  return outputs, state
end

-- The lengths of sequences as i64 [batch, 1]; nil where all are of full length.
local function read_lengths(n, steps, batch)
  local given = n:operand(5)
  local data = given and given:tensor()
  local full = given == nil
  if data then
    full = true
    for _, length in ipairs(data:list()) do
      full = full and length == steps
    end
  end
  return not full and n:reshape(compose.cast(n, n:value(5), "i64"), { batch, 1 }) or nil
end

local DIRECTIONS = { forward = { false }, reverse = { true }, bidirectional = { false, true } }

-- x : [steps, batch, inputs] and initial states [directions, batch, h], from either layout.
local function inward(n, value, perm)
  if value and n:attribute("layout", 0) == 1 then
    return compose.transpose(n, value, perm)
  end
  return value
end

local function joined(n, list, axis)
  for i, value in ipairs(list) do
    list[i] = compose.unsqueeze(n, value, axis)
  end
  return #list == 1 and list[1] or op(n, "concat", list, { axis = axis })
end

local function check(n, x, kind, directions)
  local w, r = n:value(2), n:value(3)
  local h = r.type.shape[3]
  if #x.type.shape ~= 3 or not h or n:attribute("hidden_size", h) ~= h
    or words.list(r.type.shape) ~= words.list { directions, kind.gates * h, h }
    or words.list(w.type.shape) ~= words.list { directions, kind.gates * h, x.type.shape[3] } then
    n:fail("X, W and R have shapes %s, %s and %s, which do not fit", words.list(x.type.shape),
      words.list(w.type.shape), words.list(r.type.shape))
  elseif x.type.shape[1] * directions > limits.unrolled_steps then
    n:unsupported("%d steps, %d is the most that is unrolled", x.type.shape[1] * directions,
      limits.unrolled_steps)
  elseif x.type.shape[1] == 0 then
    n:unsupported("a sequence without steps")
  end
  return h
end

local function initial(n, i, direction, shape)
  local given = inward(n, n:value(i), { 1, 0, 2 })
  if not given then
    return compose.filled(n, n:value(1).type.dtype, shape, 0.0)
  end
  return compose.squeeze(n, compose.slice(n, given, 0, direction - 1, direction), 0)
end

local function lower(kind, has_cell)
  return function(n)
    local x = inward(n, n:value(1), { 1, 0, 2 })
    local name = n:attribute("direction", "forward")
    local ways = DIRECTIONS[name] or n:fail("attribute 'direction' is %s", words.quote(name))
    local h, steps, batch = check(n, x, kind, #ways), x.type.shape[1], x.type.shape[2]
    local all, last_h, last_c = {}, {}, {}
    local width = kind.gates * h
    for d, backward in ipairs(ways) do
      local bias = of_direction(n, 4, d)
      bias = bias or compose.filled(n, x.type.dtype, { 2 * width }, 0.0)
      local outputs, state = run(n, kind, {
        h = h,
        steps = steps,
        backward = backward,
        x = input_products(n, x, of_direction(n, 2, d), part(n, bias, 0, width)),
        r = of_direction(n, 3, d),
        r_bias = part(n, bias, width, 2 * width),
        lengths = read_lengths(n, steps, batch),
        peepholes = has_cell and of_direction(n, 8, d) or nil,
        f = read_activations(n, kind.defaults, d, #ways),
        reset_after = n:flag("linear_before_reset", false),
        coupled = n:flag("input_forget", false),
      }, {
        h = initial(n, 6, d, { batch, h }),
        c = has_cell and initial(n, 7, d, { batch, h }) or nil,
      })
      all[d], last_h[d], last_c[d] = joined(n, outputs, 0), state.h, state.c
    end
    local function outward(value, perm)
      return n:attribute("layout", 0) == 1 and compose.transpose(n, value, perm) or value
    end
    -- [directions, steps, batch, h] is wanted as [steps, directions, batch, h]
    n:result(1, outward(joined(n, all, 1), { 2, 0, 1, 3 }))
    n:result(2, outward(joined(n, last_h, 0), { 1, 0, 2 }))
    if has_cell then
      n:result(3, outward(joined(n, last_c, 0), { 1, 0, 2 }))
    end
  end
end

local function entry(kind, more)
  local attributes = {
    activation_alpha = "floats",
    activation_beta = "floats",
    activations = "strings",
    clip = "float",
    direction = "string",
    hidden_size = "int",
    layout = "int",
    linear_before_reset = kind == KINDS.GRU and "int" or nil,
    input_forget = kind == KINDS.LSTM and "int" or nil,
  }
  return {
    inputs = { 3, more and 8 or 6 },
    outputs = more and 3 or 2,
    attributes = attributes,
    lower = lower(kind, more),
  }
end

return {
  RNN = entry(KINDS.RNN, false),
  GRU = entry(KINDS.GRU, false),
  LSTM = entry(KINDS.LSTM, true),
}
