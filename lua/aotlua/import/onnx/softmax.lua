--- onnx.softmax: Softmax, LogSoftmax and Hardmax in their two meanings.
local compose = require "aotlua.import.onnx.compose"

local op = compose.op

-- Before operator set 13 the input is a matrix: the axes before `axis` are its rows, the others
-- its columns, over all of which `make(n, value, axis)` goes.
local function entry(make)
  return {
    inputs = { 1, 1 },
    attributes = { axis = "int" },
    lower = function(n)
      local value = n:value(1)
      local shape = value.type.shape
      local axis = n:axis(n:attribute("axis", n.opset < 13 and 1 or -1), #shape)
      if n.opset < 13 and axis < #shape - 1 then
        local rows = compose.size(shape, 1, axis)
        local flat = n:reshape(value, { rows, compose.size(shape, axis + 1) })
        n:result(1, n:reshape(make(n, flat, 1), shape, n:output_name(1)))
      else
        n:result(1, make(n, value, axis, n:output_name(1)))
      end
    end,
  }
end

local function softmax(n, value, axis, name)
  return n:emit { op = "softmax", inputs = { value }, attrs = { axis = axis }, name = name }
end

-- x - max(x) - log(sum(exp(x - max(x))))
local function log_softmax(n, value, axis)
  local x = compose.widened(n, value)
  x = op(n, "sub", { x, compose.reduce(n, "reduce_max", x, { axis }, true) })
  local sum = compose.reduce(n, "reduce_sum", op(n, "exp", { x }), { axis }, true)
  return compose.cast(n, op(n, "sub", { x, op(n, "log", { sum }) }), value.type.dtype)
end

-- 1 at the place of the greatest element, the first of equal ones, else 0.
local function hardmax(n, value, axis)
  local shape = value.type.shape
  local place = op(n, "arg_max", { value }, { axis = axis, keep = true })
  local hot = op(n, "equal", { place, compose.iota(n, shape[axis + 1], axis, #shape) })
  return compose.cast(n, hot, value.type.dtype)
end

return {
  Softmax = entry(softmax),
  LogSoftmax = entry(log_softmax),
  Hardmax = entry(hardmax),
}
