--- onnx.elementwise: operators that work on one element at a time, with NumPy broadcasting.
local operand = require "aotlua.import.onnx.operand"
local tensor = require "aotlua.import.onnx.tensor"
local types = require "aotlua.types"

local elementwise = {}

local INTEGER = "^[iu]%d+$"

local function unary(op)
  return {
    inputs = { 1, 1 },
    attributes = {},
    lower = function(n)
      n:result(1, n:emit {
        op = op,
        inputs = { n:value(1) },
        name = n:output_name(1),
        folds = true,
      })
    end,
  }
end

local UNARY = {
  Abs = "abs",
  Exp = "exp",
  Floor = "floor",
  Log = "log",
  Neg = "neg",
  Sigmoid = "logistic",
  Sqrt = "sqrt",
  Tanh = "tanh",
}
for name, op in pairs(UNARY) do -- order: irrelevant, because each fills its own key
  elementwise[name] = unary(op)
end

-- Folds any number of inputs from the left.
local function lower_chain(n, op)
  local count = n:input_count()
  local result = n:value(1)
  for i = 2, count do
    result = n:emit {
      op = op,
      inputs = { result, n:value(i) },
      name = i == count and n:output_name(1) or nil,
      folds = true,
    }
  end
  return result
end

local function chain(op, low, high)
  return {
    inputs = { low, high },
    attributes = {},
    lower = function(n)
      n:result(1, lower_chain(n, op))
    end,
  }
end

elementwise.Add = chain("add", 2, 2)
elementwise.Sub = chain("sub", 2, 2)
elementwise.Mul = chain("mul", 2, 2)
elementwise.Div = chain("div", 2, 2)
elementwise.Max = chain("max", 1, math.huge)
elementwise.Min = chain("min", 1, math.huge)
elementwise.Sum = chain("add", 1, math.huge)

elementwise.Pow = {
  inputs = { 2, 2 },
  attributes = {},
  lower = function(n)
    local base, exponent = n:value(1), n:value(2)
    local dtype = base.type.dtype
    if exponent.type.dtype ~= dtype then
      local type = { dtype = dtype }
      exponent = n:emit { op = "cast", inputs = { exponent }, type = type, folds = true }
    end
    n:result(1, n:emit {
      op = "pow",
      inputs = { base, exponent },
      name = n:output_name(1),
      folds = true,
    })
  end,
}

elementwise.Reciprocal = {
  inputs = { 1, 1 },
  attributes = {},
  lower = function(n)
    local x = n:value(1)
    local one = n:constant({ dtype = x.type.dtype, shape = {} }, { 1.0 })
    n:result(1, n:emit { op = "div", inputs = { one, x }, name = n:output_name(1), folds = true })
  end,
}

-- Binds output 1 to input 1 between `lo` and `hi`, either of which may be nil.
local function clip(n, lo, hi)
  local x, name = n:operand(1), n:output_name(1)
  local function clamped()
    local value = x:value()
    return n:emit { op = "clamp", inputs = { value }, attrs = { lo = lo, hi = hi }, name = name }
  end
  if x.requantized and n:uses(1) == 1 then
    local own = { lo = lo, hi = hi }
    n:result(1, operand.waiting(clamped, function(request)
      local clips = table.move(request.clips, 1, #request.clips, 2, { own })
      return x.requantized {
        node = request.node,
        type = request.type,
        name = request.name,
        clips = clips,
      }
    end))
  else
    n:result(1, clamped())
  end
end

elementwise.Relu = {
  inputs = { 1, 1 },
  attributes = {},
  lower = function(n)
    local x = n:operand(1)
    local quant = x.integer and x.integer.type.quant
    if quant and not quant.axis then
      local result = n:emit { op = "clamp", inputs = { x.integer }, attrs = { lo = quant.zero } }
      n:dequantized(1, result)
    elseif not x.requantized and x:type().dtype:find(INTEGER) then
      clip(n, 0, nil)
    else
      clip(n, 0.0, nil)
    end
  end,
}

-- A bound of Clip, from an attribute before operator set 11, since then an input.
local function read_bound(n, i, name)
  if n.opset < 11 then
    return n:attribute(name)
  elseif not n:operand(i) then
    return nil
  end
  local data = n:operand(i):tensor()
  if #data ~= 1 then
    n:fail("'%s' has %d elements; it has to be one number", name, #data)
  end
  local bound = data:get(1)
  if bound ~= bound then
    n:fail("'%s' is not a number", name)
  end
  return bound
end

-- Bounds that are computed when the network runs.
local function lower_open_clip(n)
  local result = n:value(1)
  for i, op in ipairs { "max", "min" } do
    local bound = n:value(i + 1)
    if bound then
      result = n:emit { op = op, inputs = { result, bound } }
    end
  end
  return result
end

elementwise.Clip = {
  inputs = { 1, 3 },
  attributes = { min = "float", max = "float" },
  lower = function(n)
    local low, high = n:operand(2), n:operand(3)
    if (low and not low:tensor()) or (high and not high:tensor()) then
      n:result(1, lower_open_clip(n))
      return
    end
    local lo, hi = read_bound(n, 2, "min"), read_bound(n, 3, "max")
    if lo and hi and lo > hi then
      lo = hi -- ONNX: all elements become max
    end
    if lo or hi then
      clip(n, lo, hi)
    else
      n:result(1, n:operand(1))
    end
  end,
}

-- Binds output 1 to input 1 as elements of another type. Integers keep their low bits.
local function cast(n, to)
  local from = n:value(1)
  local dtype = from.type.dtype
  if dtype == to then
    n:result(1, n:operand(1))
    return
  elseif to == "i4" or to == "u4" then
    n:unsupported("a cast from %s to %s", dtype, to)
  end
  n:result(1, n:emit {
    op = "cast",
    inputs = { from },
    attrs = types.narrows(dtype, to) and { wrap = true } or nil,
    type = { dtype = to },
    name = n:output_name(1),
    folds = true,
  })
end

elementwise.Cast = {
  inputs = { 1, 1 },
  attributes = { to = "int", saturate = "int", round_mode = "string" },
  lower = function(n)
    cast(n, tensor.dtype(n:required("to")))
  end,
}

elementwise.CastLike = {
  inputs = { 2, 2 },
  attributes = { saturate = "int", round_mode = "string" },
  lower = function(n)
    cast(n, n:operand(2):type().dtype)
  end,
}

return elementwise
