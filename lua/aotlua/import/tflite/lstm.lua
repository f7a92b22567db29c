--- tflite.lstm: UNIDIRECTIONAL_SEQUENCE_LSTM, unrolled step by step.
--
-- f32; i8 and i16 activations with i8 weights and an i16 cell. Without peepholes, projection and
-- layer normalization, as TFLite Micro has it. Hidden and cell state are variables. Sources:
-- TFLite Micro's lstm_eval.h and lstm_eval_common.cc.

local fixed = require "aotlua.import.fixed_point"
local limits = require "aotlua.import.limits"
local schema = require "aotlua.import.tflite.schema"
local sigmoid = require "aotlua.import.tflite.sigmoid"
local state = require "aotlua.import.tflite.state"
local words = require "aotlua.import.words"

-- Operands, counted from 1: input, weights and bias of each gate, states.
local GATES = {
  input = { 2, 6, 13 }, forget = { 3, 7, 14 }, cell = { 4, 8, 15 }, output = { 5, 9, 16 },
}
local HIDDEN, CELL = 19, 20
local ABSENT = { 10, 11, 12, 17, 18, 21, 22, 23, 24 }

local GATE_SCALE, SHARE_SCALE = 2.0 ^ -12, 2.0 ^ -15 -- of gates before and after their function

-- What is legal: activations -> cell, weights, bias.
local TYPES = {
  f32 = { cell = "f32", weights = "f32", bias = "f32" },
  i8 = { cell = "i16", weights = "i8", bias = "i32" },
  i16 = { cell = "i16", weights = "i8", bias = "i64" },
}

local function check(b, op)
  for _, i in ipairs(ABSENT) do
    if op.inputs[i] then b:unsupported("peepholes, projection or layer normalization") end
  end
  local x, y, hidden, cell = op.inputs[1], op.outputs[1], op.inputs[HIDDEN], op.inputs[CELL]
  local types = x and TYPES[b:dtype(x)]
  if not types then b:unsupported("elements of type %s", x and x.dtype or "none") end
  for _, gate in pairs(GATES) do -- order: irrelevant, all are checked alike
    for k, what in ipairs { "weights", "weights", "bias" } do
      local tensor = op.inputs[gate[k]]
      if not tensor then b:unsupported "a gate without weights or bias" end
      if b:dtype(tensor) ~= types[what] then
        b:unsupported("%s with %s of type %s", x.dtype, what, tensor.dtype)
      end
    end
  end
  if not hidden or not cell then b:fail "there is no state" end
  if b:dtype(hidden) ~= x.dtype or b:dtype(cell) ~= types.cell or b:dtype(y) ~= x.dtype then
    b:unsupported("%s with states of %s and %s", x.dtype, hidden.dtype, cell.dtype)
  end
  if schema.activations[op.options.activation] ~= "TANH" or op.options.proj_clip ~= 0 then
    b:unsupported "another activation than tanh, or a clipped projection"
  end
end

-- Products ------------------------------------------------------------------------------------

-- x times the weights, plus the bias or nothing; of integers in units of GATE_SCALE.
local function product(b, op, x, fields)
  local w = op.inputs[fields.weights]
  local value = b:append("matmul",
    { x, b:value(w), fields.bias and b:value(op.inputs[fields.bias]) or false },
    { transpose_b = true })
  if w.dtype == "f32" then return value end
  local scale = fixed.f32(fields.source:scalar_quant().scale * w:scalar_quant().scale)
  local multiplier, shift = fixed.quantize_multiplier(scale / GATE_SCALE, b.rounding)
  return b:requantize_by(value, { multiplier }, { shift }, { type = { dtype = "i16" } })
end

local CODES = { input = "LOGISTIC", forget = "LOGISTIC", cell = "TANH", output = "LOGISTIC" }
local CORE = { LOGISTIC = "logistic", TANH = "tanh" }

local function gate(b, op, name, x, hidden)
  local of = GATES[name]
  local sum = b:append("add", {
    product(b, op, x, { weights = of[1], bias = of[3], source = op.inputs[1] }),
    product(b, op, hidden, { weights = of[2], source = op.inputs[HIDDEN] }),
  })
  if sum.type.dtype == "f32" then return b:append(CORE[CODES[name]], { sum }) end
  return sigmoid.words(b, CODES[name], sum,
    { multiplier = 3, bits = 0, type = { dtype = "i16" } })
end

-- States --------------------------------------------------------------------------------------

-- The product of two i16 of these scales as the result's `type`, of `scale`.
local function scaled_product(b, x, y, fields)
  if x.type.dtype == "f32" then return b:append("mul", { x, y }) end
  local function wide(value)
    return b:append("cast", { value }, nil, { dtype = "i32" })
  end
  local multiplier, shift = fixed.quantize_multiplier(fields.scales / fields.scale, b.rounding)
  return b:requantize_by(b:append("mul", { wide(x), wide(y) }), { multiplier }, { shift },
    { type = fields.type })
end

local function clipped(b, op, value)
  local clip, dtype = op.options.cell_clip, value.type.dtype
  if clip <= 0 then return value end
  if dtype == "i16" then
    local stored = clip / op.inputs[CELL]:scalar_quant().scale
    clip = math.min(math.floor(math.min(stored, 32767.0)), 32767)
  end
  return b:append("clamp", { value }, { lo = -clip, hi = clip })
end

-- tanh of the cell, whose scale is a power of two.
local function tanh_of_cell(b, op, cell)
  if cell.type.dtype == "f32" then return b:append("tanh", { cell }) end
  local fraction, exponent = fixed.frexp(op.inputs[CELL]:scalar_quant().scale)
  if fraction ~= 0.5 then b:unsupported "a cell whose scale is no power of two" end
  local left = exponent - 1 + 12
  if left > 12 or left < -15 then b:unsupported("a cell of the scale 2^%d", exponent - 1) end
  return sigmoid.words(b, "TANH", cell, { multiplier = left > 0 and 3 << left or 3,
    bits = math.max(-left, 0), type = { dtype = "i16" } })
end

-- One step: the new hidden and cell states.
local function step(b, op, x, hidden, cell)
  local is_float = x.type.dtype == "f32"
  local scale = not is_float and op.inputs[CELL]:scalar_quant().scale or 1.0
  local word = { dtype = is_float and "f32" or "i16" }
  local kept = scaled_product(b, gate(b, op, "forget", x, hidden), cell,
    { scales = SHARE_SCALE * scale, scale = scale, type = word })
  local added = scaled_product(b, gate(b, op, "input", x, hidden), gate(b, op, "cell", x, hidden),
    { scales = SHARE_SCALE * SHARE_SCALE, scale = scale, type = word })
  local new = clipped(b, op, b:append("add", { kept, added }))
  local out = gate(b, op, "output", x, hidden)
  local result = scaled_product(b, tanh_of_cell(b, op, new), out, {
    scales = SHARE_SCALE * SHARE_SCALE,
    scale = is_float and 1.0 or op.inputs[HIDDEN]:scalar_quant().scale,
    type = b:declared(op.inputs[HIDDEN]) })
  return result, new
end

-- The sequence ----------------------------------------------------------------------------------

local function lstm(b, op)
  check(b, op)
  local x, hidden_tensor, cell_tensor = b:value(op.inputs[1]), op.inputs[HIDDEN], op.inputs[CELL]
  local shape, axis = x.type.shape, op.options.time_major and 0 or 1
  if #shape ~= 3 then b:fail("the input is %s; 3 dimensions are legal", words.list(shape)) end
  local batch, steps = shape[2 - axis], shape[axis + 1]
  if steps < 1 or steps > limits.unrolled_steps then
    b:unsupported("%d steps; 1 to %d are supported", steps, limits.unrolled_steps)
  end
  local hidden, cell = state.current(b, hidden_tensor), state.current(b, cell_tensor)
  local size = hidden.type.shape[2]
  local results = {}
  for i = 1, steps do
    local start, stop = { 0, 0, 0 }, { shape[1], shape[2], shape[3] }
    start[axis + 1], stop[axis + 1] = i - 1, i
    local part = b:append("slice", { x }, { start = start, stop = stop })
    part = b:append("reshape", { part }, { shape = { batch, shape[3] } },
      { dtype = x.type.dtype, quant = x.type.quant })
    hidden, cell = step(b, op, part, hidden, cell)
    local row = { batch, size }
    table.insert(row, axis + 1, 1)
    results[i] = b:append("reshape", { hidden }, { shape = row })
  end
  state.leave(b, hidden_tensor, hidden)
  state.leave(b, cell_tensor, cell)
  b:check_same_quant(hidden_tensor, op.outputs[1])
  b:set(op.outputs[1], b:append("concat", results, { axis = axis }))
end

return {
  UNIDIRECTIONAL_SEQUENCE_LSTM = { versions = 4, inputs = { 20, 24 }, optional = true,
    options = "UnidirectionalSequenceLSTMOptions", convert = lstm },
}
