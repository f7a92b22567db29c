--- onnx.reduce: reductions along axes.
local compose = require "aotlua.import.onnx.compose"
local ir = require "aot.ir"

local op = compose.op

-- The axes: an attribute, or an input from operator set `moved` on. None given means all, or
-- none where that is asked for.
local function read_axes(n, rank, moved)
  local given
  if n.opset >= moved then
    given = n:integers(2, "axes")
  else
    given = n:attribute("axes")
  end
  if not given or #given == 0 then
    if n:flag("noop_with_empty_axes", false) then
      return {}
    end
    given = {}
    for axis = 1, rank do
      given[axis] = axis - 1
    end
  end
  return n:axes(given, rank)
end

-- What the extreme of no elements is.
local function empty_extreme(core, dtype)
  local info = ir.dtype(dtype)
  if info.class == "float" then
    return core == "reduce_max" and -math.huge or math.huge
  end
  return core == "reduce_max" and info.min or info.max
end

-- A core reduction of Values.
local function reduce(n, core, value, parts)
  if #parts.axes == 0 then
    return value
  end
  local empty, shape, gone = false, {}, {}
  for _, axis in ipairs(parts.axes) do
    gone[axis] = true
    empty = empty or value.type.shape[axis + 1] == 0
  end
  if not empty or (core ~= "reduce_max" and core ~= "reduce_min") then
    return compose.reduce(n, core, value, parts.axes, parts.keep)
  end
  for i, extent in ipairs(value.type.shape) do
    if parts.keep or not gone[i - 1] then
      shape[#shape + 1] = gone[i - 1] and 1 or extent
    end
  end
  local dtype = value.type.dtype
  return compose.filled(n, dtype, shape, empty_extreme(core, dtype))
end

-- A reduction: `make(n, value, parts)`, parts = { axes, keep }.
local function reduction(moved, make)
  return {
    inputs = { 1, 2 },
    attributes = { axes = "ints", keepdims = "int", noop_with_empty_axes = "int" },
    lower = function(n)
      if n.opset < moved and n:operand(2) then
        n:fail("the axes are an input from operator set %d on; this is %d", moved, n.opset)
      end
      local value = n:value(1)
      local axes = read_axes(n, #value.type.shape, moved)
      n:result(1, make(n, value, { axes = axes, keep = n:flag("keepdims", true) }))
    end,
  }
end

local function plain(core, moved)
  return reduction(moved, function(n, value, parts)
    return reduce(n, core, value, parts)
  end)
end

local function sum(n, value, parts)
  return reduce(n, "reduce_sum", value, parts)
end

local function square(n, value)
  return op(n, "mul", { value, value })
end

-- Floats for what has a root or logarithm.
local function floats(n, value)
  return value.type.dtype:find "^[iu]" and compose.cast(n, value, "f32") or value
end

-- log(sum(exp(x))), by the largest element where that is finite, so that nothing overflows.
local function log_sum_exp(n, value, parts)
  local x = floats(n, value)
  local kept = { axes = parts.axes, keep = true }
  local most = reduce(n, "reduce_max", x, kept)
  most = op(n, "select", { op(n, "is_inf", { most }), compose.number(n, x.type.dtype, 0), most })
  local total = sum(n, op(n, "exp", { op(n, "sub", { x, most }) }), kept)
  local result = op(n, "add", { op(n, "log", { total }), most })
  if not parts.keep then
    local shape, gone = {}, {}
    for _, axis in ipairs(parts.axes) do
      gone[axis + 1] = true
    end
    for i, extent in ipairs(result.type.shape) do
      shape[#shape + 1] = not gone[i] and extent or nil
    end
    result = n:reshape(result, shape)
  end
  return compose.cast(n, result, value.type.dtype)
end

return {
  ReduceMax = plain("reduce_max", 18),
  ReduceMean = plain("reduce_mean", 18),
  ReduceMin = plain("reduce_min", 18),
  ReduceProd = plain("reduce_prod", 18),
  ReduceSum = plain("reduce_sum", 13),
  ReduceL1 = reduction(18, function(n, value, parts)
    return sum(n, op(n, "abs", { value }), parts)
  end),
  ReduceL2 = reduction(18, function(n, value, parts)
    local total = floats(n, sum(n, square(n, value), parts))
    return compose.cast(n, op(n, "sqrt", { total }), value.type.dtype)
  end),
  ReduceLogSum = reduction(18, function(n, value, parts)
    local total = floats(n, sum(n, value, parts))
    return compose.cast(n, op(n, "log", { total }), value.type.dtype)
  end),
  ReduceLogSumExp = reduction(18, log_sum_exp),
  ReduceSumSquare = reduction(18, function(n, value, parts)
    return sum(n, square(n, value), parts)
  end),
}
