--- onnx.filled: tensors made of shapes and a few numbers.
local compose = require "aotlua.import.onnx.compose"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local tensor = require "aotlua.import.onnx.tensor"
local words = require "aotlua.import.words"

local op = compose.op

local filled = {}

filled.Size = compose.entry({ 1, 1 }, {}, function(n)
  return compose.number(n, "i64", n:check_shape(n:operand(1):type().shape))
end)

filled.ConstantOfShape = compose.entry({ 1, 1 }, { value = "tensor" }, function(n)
  local shape, proto = n:integers(1, "the shape"), n:attribute("value")
  if not proto then
    return compose.filled(n, "f32", shape, 0.0)
  end
  local value = n:checked(tensor.read, proto, n.import.files)
  if #value ~= 1 then
    n:fail("attribute 'value' has %d elements; it has to be one number", #value)
  end
  return compose.filled(n, value.type.dtype, shape, value:get(1))
end)

-- A number that has to be known while importing.
local function scalar(n, i, what)
  local data = n:tensor(i, what)
  if #data ~= 1 then
    n:fail("'%s' has %d elements; it has to be one number", what, #data)
  end
  return data:get(1), data.type.dtype
end

filled.Range = compose.entry({ 3, 3 }, {}, function(n)
  local start, dtype = scalar(n, 1, "start")
  local limit, delta = scalar(n, 2, "limit"), scalar(n, 3, "delta")
  local count = (limit - start) / delta
  if delta == 0 or count ~= count or count > limits.decoded_elements then
    n:fail("it goes from %s to %s by %s", start, limit, delta)
  end
  local list = {}
  for i = 1, math.max(0, math.ceil(count)) do
    list[i] = start + (i - 1) * delta
  end
  return n:constant({ dtype = dtype, shape = { #list } }, list)
end)

-- row + k as a column of numbers, and the columns' numbers as a row, behind `rank` - 2 axes.
local function diagonal(n, rows, columns, k)
  local down = compose.iota(n, rows, 0, 2)
  return compose.by(n, "add", down, k), compose.iota(n, columns, 1, 2)
end

filled.EyeLike = compose.entry({ 1, 1 }, { dtype = "int", k = "int" }, function(n)
  local kind = n:operand(1):type()
  if #kind.shape ~= 2 then
    n:fail("the input has shape %s; it has to be a matrix", words.list(kind.shape))
  end
  local to = n:attribute("dtype")
  local down, across = diagonal(n, kind.shape[1], kind.shape[2], n:attribute("k", 0))
  return compose.cast(n, op(n, "equal", { down, across }), to and tensor.dtype(to) or kind.dtype)
end)

filled.Trilu = compose.entry({ 1, 2 }, { upper = "int" }, function(n)
  local x, k = n:value(1), n:operand(2) and scalar(n, 2, "k") or 0
  local shape, upper = x.type.shape, n:flag("upper", true)
  if #shape < 2 then
    n:fail("the input has shape %s; it has to be a matrix", words.list(shape))
  end
  k = math.max(-(1 << 31), math.min(1 << 31, k))
  local down, across = diagonal(n, shape[#shape - 1], shape[#shape], k)
  local kept = op(n, "less_equal", upper and { down, across } or { across, down })
  return op(n, "select", { kept, x, compose.number(n, x.type.dtype, 0) })
end)

-- `depth` numbers along a new axis, compared with the indices.
filled.OneHot = compose.entry({ 3, 3 }, { axis = "int" }, function(n)
  local indices, values = compose.cast(n, n:value(1), "i64"), n:value(3)
  local depth = math.tointeger(scalar(n, 2, "depth")) or 0
  if words.list(values.type.shape) ~= words.list { 2 } then
    n:fail("the values have shape %s; they have to be two numbers", words.list(values.type.shape))
  end
  local rank = #indices.type.shape + 1
  local axis = n:axis(n:attribute("axis", -1), rank)
  local from_end = op(n, "less", { indices, compose.number(n, "i64", 0) })
  local place = op(n, "select", { from_end, compose.by(n, "add", indices, depth), indices })
  local hot = op(n, "equal", { compose.unsqueeze(n, place, axis),
    compose.iota(n, depth, axis, rank) })
  local function value(i)
    return n:reshape(compose.slice(n, values, 0, i, i + 1), {})
  end
  return op(n, "select", { hot, value(1), value(0) })
end)

-- Repeats along one axis at a time: a new axis of extent 1 before it, broadcast, then both in one.
filled.Tile = {
  inputs = { 2, 2 },
  attributes = {},
  lower = function(n)
    local repeats, shape = n:integers(2, "the repeats"), n:operand(1):type().shape
    if #repeats ~= #shape then
      n:fail("repeats is %s; the input has rank %d", words.list(repeats), #shape)
    end
    n:rearrange(function(value)
      local now = table.move(shape, 1, #shape, 1, {})
      for axis, times in ipairs(repeats) do
        if times < 0 then
          n:fail("repeats is %s", words.list(repeats))
        elseif times ~= 1 then
          local outer, rest = compose.size(now, 1, axis - 1), compose.size(now, axis)
          now[axis] = n:check_shape { now[axis], times }
          n:check_shape(now)
          local apart = n:reshape(value, { outer, 1, rest })
          value = n:reshape(compose.broadcast(n, apart, { outer, times, rest }), now)
        end
      end
      return value
    end)
  end,
}

-- Windows: a - b cos(2 pi i / m) + c cos(4 pi i / m), computed in double.
local function window(a, b, c)
  return compose.entry({ 1, 1 }, { output_datatype = "int", periodic = "int" }, function(n)
    local size = scalar(n, 1, "the size")
    local dtype = tensor.dtype(n:attribute("output_datatype", 1))
    if ir.dtype(dtype).class ~= "float" or size < 0 or size > limits.decoded_elements then
      n:unsupported("a window of %d elements of type %s", size, dtype)
    end
    local list, period = {}, n:flag("periodic", true) and size or size - 1
    for i = 1, size do
      local angle = 2 * math.pi * (i - 1) / period
      list[i] = a - b * math.cos(angle) + c * math.cos(2 * angle)
    end
    return n:constant({ dtype = dtype, shape = { #list } }, list)
  end)
end
filled.HannWindow = window(0.5, 0.5, 0.0)
filled.HammingWindow = window(25 / 46, 21 / 46, 0.0)
filled.BlackmanWindow = window(0.42, 0.5, 0.08)

return filled
