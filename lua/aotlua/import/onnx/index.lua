--- onnx.index: elements by their places, places of elements, running totals.
local compose = require "aotlua.import.onnx.compose"
local ir = require "aot.ir"
local words = require "aotlua.import.words"

local op = compose.op

local index = {}

-- Fails where the indices are known and one of them is not among `extent` elements.
local function check_known(n, extent)
  local known = n:operand(2):tensor()
  if not known or #known == 0 then return end
  local flat = known:reshape { #known }
  for _, reduction in ipairs { "reduce_min", "reduce_max" } do
    local found = ir.apply(reduction, { flat }, { axes = { 0 } }):get(1)
    if found < -extent or found >= extent then
      n:fail("index %d of %s", found, words.count(extent, "element"))
    end
  end
end

index.Gather = {
  inputs = { 2, 2 },
  attributes = { axis = "int" },
  lower = function(n)
    local shape = n:operand(1):type().shape
    local axis = n:axis(n:attribute("axis", 0), #shape)
    check_known(n, shape[axis + 1])
    local indices = n:value(2)
    n:rearrange(function(value)
      return op(n, "gather", { value, indices }, { axis = axis })
    end)
  end,
}

-- Numbers below 0 count from the end.
local function wrapped(n, indices, extent)
  indices = compose.cast(n, indices, "i64")
  local from_end = op(n, "less", { indices, compose.number(n, "i64", 0) })
  return op(n, "select", { from_end, op(n, "add", { indices, extent }), indices })
end

local function strides_of(shape)
  local strides, step = {}, 1
  for axis = #shape, 1, -1 do
    strides[axis], step = step, step * shape[axis]
  end
  return strides
end

-- For indices that stand for one axis (from 0) of a tensor of `shape`, the other axes being those
-- of the indices: the places in the flat tensor.
local function along_axis(n, indices, shape, axis)
  local extents, strides = indices.type.shape, strides_of(shape)
  if #extents ~= #shape then
    n:fail("the indices have rank %d, the input has rank %d", #extents, #shape)
  end
  local extent = compose.number(n, "i64", shape[axis + 1])
  local places = compose.by(n, "mul", wrapped(n, indices, extent), strides[axis + 1])
  for other = 1, #shape do
    if other ~= axis + 1 then
      if extents[other] > shape[other] then
        n:fail("the indices have shape %s, the input %s", words.list(extents), words.list(shape))
      end
      local steps = compose.by(n, "mul", compose.iota(n, extents[other], other - 1, #shape),
        strides[other])
      places = op(n, "add", { places, steps })
    end
  end
  return places
end

-- The elements of a value that indices name along an axis.
local function elements(n, value, indices, axis)
  local shape = value.type.shape
  local flat = n:reshape(value, { n:check_shape(shape) })
  return op(n, "gather", { flat, along_axis(n, indices, shape, axis) }, { axis = 0 })
end

index.GatherElements = compose.entry({ 2, 2 }, { axis = "int" }, function(n)
  local value = n:value(1)
  local axis = n:axis(n:attribute("axis", 0), #value.type.shape)
  return elements(n, value, n:value(2), axis)
end)

-- For indices [.., m] of axes `first` to first + m - 1 (from 0): which of the rows of these axes.
local function rows_of(n, indices, shape, first)
  local extents = indices.type.shape
  local count = extents[#extents]
  if not count or first + count > #shape then
    n:fail("the indices have shape %s, the input %s", words.list(extents), words.list(shape))
  end
  local part = table.move(shape, first + 1, first + count, 1, {})
  local places = wrapped(n, indices, compose.integers(n, part))
  places = op(n, "mul", { places, compose.integers(n, strides_of(part)) })
  local rows = compose.reduce(n, "reduce_sum", places, { #extents - 1 }, false)
  return rows, compose.size(part), count
end

index.GatherND = compose.entry({ 2, 2 }, { batch_dims = "int" }, function(n)
  local value, indices, batch = n:value(1), n:value(2), n:attribute("batch_dims", 0)
  local shape, extents = value.type.shape, indices.type.shape
  if batch < 0 or batch >= #extents or batch > #shape then
    n:fail("attribute 'batch_dims' is %d; the indices have rank %d", batch, #extents)
  end
  local rows, step, count = rows_of(n, indices, shape, batch)
  for axis = batch, 1, -1 do
    local numbers = compose.iota(n, shape[axis], axis - 1, #extents - 1)
    rows = op(n, "add", { rows, compose.by(n, "mul", numbers, step) })
    step = step * shape[axis]
  end
  local inner = table.move(shape, batch + count + 1, #shape, 2, { step })
  return op(n, "gather", { n:reshape(value, inner), rows }, { axis = 0 })
end)

local REDUCTIONS = { none = true, add = true, mul = true, max = true, min = true }

local function read_reduction(n)
  local reduction = n:attribute("reduction", "none")
  if not REDUCTIONS[reduction] then
    n:fail("attribute 'reduction' is %s; it may be none, add, mul, max or min",
      words.quote(reduction))
  end
  return { reduction = reduction }
end

local function scatter(n, value, parts)
  local shape = value.type.shape
  local rows = n:reshape(parts.rows, { n:check_shape(parts.rows.type.shape) })
  local flat = n:reshape(value, parts.shape)
  local inner = table.move(parts.shape, 2, #parts.shape, 2, { rows.type.shape[1] })
  local updates = n:reshape(parts.updates, inner)
  return n:reshape(op(n, "scatter", { flat, rows, updates }, read_reduction(n)), shape)
end

index.ScatterND = compose.entry({ 3, 3 }, { reduction = "string" }, function(n)
  local value = n:value(1)
  local shape = value.type.shape
  local rows, step, count = rows_of(n, n:value(2), shape, 0)
  local inner = table.move(shape, count + 1, #shape, 2, { step })
  return scatter(n, value, { rows = rows, updates = n:value(3), shape = inner })
end)

index.ScatterElements = compose.entry({ 3, 3 }, { axis = "int", reduction = "string" },
  function(n)
    local value = n:value(1)
    local shape = value.type.shape
    local axis = n:axis(n:attribute("axis", 0), #shape)
    return scatter(n, value, {
      rows = along_axis(n, n:value(2), shape, axis),
      updates = n:value(3),
      shape = { n:check_shape(shape) },
    })
  end)
index.Scatter = index.ScatterElements

local function places(core)
  return compose.entry({ 1, 1 }, { axis = "int", keepdims = "int", select_last_index = "int" },
    function(n)
      local value = n:value(1)
      return op(n, core, { value }, {
        axis = n:axis(n:attribute("axis", 0), #value.type.shape),
        keep = n:flag("keepdims", true),
        last = n:flag("select_last_index", false),
      })
    end)
end
index.ArgMax, index.ArgMin = places("arg_max"), places("arg_min")

index.TopK = {
  inputs = { 1, 2 },
  outputs = 2,
  attributes = { axis = "int", k = "int", largest = "int", sorted = "int" },
  lower = function(n)
    local value, count = n:value(1), n:attribute("k")
    if n.opset >= 10 then
      count = (n:integers(2, "k") or n:fail("there is no k"))[1]
    end
    local axis = n:axis(n:attribute("axis", -1), #value.type.shape)
    local sorted = op(n, "arg_sort", { value }, {
      axis = axis,
      count = count,
      descending = n:flag("largest", true),
    })
    n:result(1, elements(n, value, sorted, axis))
    n:result(2, sorted)
  end,
}

local function running(core)
  return compose.entry({ 2, 2 }, { exclusive = "int", reverse = "int" }, function(n)
    local value, axis = n:value(1), n:integers(2, "the axis")
    if #axis ~= 1 then
      n:fail("the axis has %d elements", #axis)
    end
    return op(n, core, { value }, {
      axis = n:axis(axis[1], #value.type.shape),
      exclusive = n:flag("exclusive", false),
      reverse = n:flag("reverse", false),
    })
  end)
end
index.CumSum, index.CumProd = running("cum_sum"), running("cum_prod")

return index
