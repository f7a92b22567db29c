--- products: CMSIS-NN's fully connected layers: products with a constant matrix.

local ir = require "aot.ir"

local core = require "targets.cmsis_nn.core"
local match = require "targets.cmsis_nn.match"
local text = require "targets.cmsis_nn.text"

-- The rows of x, the columns that are summed up, and the results of a row.
local function extents(m)
  local shape, results = m.x.type.shape, m.w.type.shape
  return match.count(shape, 1, #shape - 1), results[2], results[1]
end

local SHORT = 512 -- columns that are summed up in 32 bits, of 16-bit numbers

local function takes(m)
  local wrong = match.weights_problem(m)
  if wrong then return false, wrong end
  if #m.w.type.shape ~= 2 or not m.node.sum:get "transpose_b" then
    return false, "a matrix with a row for each result"
  end
  local rows, columns, results = extents(m)
  if rows * columns * results == 0 then return false, "no empty results" end
  if m.x.type.dtype == "i16" and not match.has_one_factor(m) then
    return false, "16 bits with one factor for all results"
  end
  wrong = match.sums_problem(m, columns, math.min(columns, SHORT))
  return wrong == nil, wrong
end

-- Helium's variant starts from the bias and what the zero point of x contributes: made here.
local function sums_of(m, made)
  local zero = match.zero(m.x)
  local sum = ir.apply("reduce_sum", { m.w.data }, { axes = { 1 }, keep = false },
    { dtype = "i32" })
  local factor = ir.tensor({ dtype = "i32", shape = {} }, -zero)
  return ir.apply("add", { ir.apply("mul", { sum, factor }), made.bias or m.b.data })
end

local function params(m)
  return text.struct("cmsis_nn_fc_params", "params", {
    { "input_offset", -match.zero(m.x) }, { "filter_offset", 0 },
    { "output_offset", match.zero(match.scaled(m)) }, { "activation", text.range(match.range(m)) },
  })
end

local function dims(m)
  local rows, columns, results = extents(m)
  return table.concat({
    text.dims("x_dims", rows, 1, 1, columns), text.dims("w_dims", columns, 1, 1, results),
    text.dims("b_dims", 1, 1, 1, results), text.dims("y_dims", rows, 1, 1, results),
  }, "\n")
end

-- The structure of multipliers and shifts, as C.
local function quantization(m)
  if m.x.type.dtype == "i16" then
    return ("const cmsis_nn_per_tensor_quant_params quant = { %d, %d };"):format(
      m.multiplier.data:get(1), m.shift.data:get(1))
  end
  local names = match.spread_names(m)
  return ("const cmsis_nn_quant_params quant = {\n    (int32_t *)${%s}, "
    .. "(int32_t *)${%s}, %d\n};"):format(names.multiplier, names.shift,
      match.has_one_factor(m) and 0 or 1)
end

local function constants(m, target)
  local made = match.add_bias(m, {}, m.w.type.shape[1])
  if m.x.type.dtype == "i8" and core(target) == "mve" then made.sums = sums_of(m, made) end
  return match.has_one_factor(m) and made or match.spread(m, made, m.w.type.shape[1])
end

local function emit(m)
  local results = m.w.type.shape[1]
  local name = m.x.type.dtype == "i8" and "fully_connected_wrapper" or "fully_connected"
  return table.concat({
    m.sums and ("const cmsis_nn_context ctx = { (void *)${sums}, %d };"):format(4 * results)
      or text.no_context,
    params(m), quantization(m), dims(m),
    text.call("status = ", match.call(name, m), {
      "&ctx", "&params", "&quant", "&x_dims", "${x}", "&w_dims", "${w}", "&b_dims",
      m.bias and "${bias}" or "${b}", "&y_dims", "${y}",
    }),
  }, "\n")
end

return function()
  return match.clamped {
    name = "fully_connected",
    match = "%sum = matmul %x, $w, $b?\n%y = requantize %sum, $multiplier, $shift?",
    when = takes,
    constants = constants,
    emit = emit,
  }
end
