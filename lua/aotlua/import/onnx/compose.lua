--- onnx.compose: short words for operators that are made of several core ops.
-- `n` is the node that is lowered, see onnx.node; Values in, Values out, small constants folded.
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"

local compose = {}

--- Appends a core op on Values.
function compose.op(n, op, inputs, attrs)
  return n:emit { op = op, inputs = inputs, attrs = attrs, folds = true }
end

--- A constant of one element.
function compose.number(n, dtype, x)
  if ir.dtype(dtype).class == "float" then
    x = x + 0.0
  end
  return n:constant({ dtype = dtype, shape = {} }, { x })
end

--- A binary op with a number of the value's own type.
function compose.by(n, op, value, x)
  return compose.op(n, op, { value, compose.number(n, value.type.dtype, x) })
end

--- A value as another element type; itself if it has that type.
function compose.cast(n, value, dtype)
  if value.type.dtype == dtype then
    return value
  end
  return n:emit { op = "cast", inputs = { value }, type = { dtype = dtype }, folds = true }
end

--- A value of f16 or bf16 as f32: several steps are rounded once, at their end.
function compose.widened(n, value)
  local dtype = value.type.dtype
  return (dtype == "f16" or dtype == "bf16") and compose.cast(n, value, "f32") or value
end

--- A constant list of i64.
function compose.integers(n, list, shape)
  return n:constant({ dtype = "i64", shape = shape or { #list } }, list)
end

--- 0, 1, 2, ... as i64 along axis `axis` (from 0) of a value of `rank` axes. Fails for more
-- numbers than may be decoded one by one.
function compose.iota(n, count, axis, rank)
  if count > limits.decoded_elements then
    n:fail("an axis of %d elements is too long to be numbered", count)
  end
  local list, shape = {}, {}
  for i = 1, count do
    list[i] = i - 1
  end
  for i = 1, rank or 1 do
    shape[i] = i - 1 == (axis or 0) and count or 1
  end
  return compose.integers(n, list, shape)
end

--- A tensor whose elements are all `x`.
function compose.filled(n, dtype, shape, x)
  n:check_shape(shape)
  return n:emit {
    op = "broadcast",
    inputs = { compose.number(n, dtype, x) },
    attrs = { shape = shape },
    folds = true,
  }
end

--- A value broadcast to a shape; itself if it has that shape.
function compose.broadcast(n, value, shape)
  if table.concat(value.type.shape, ",") == table.concat(shape, ",") then
    return value
  end
  n:check_shape(shape)
  return compose.op(n, "broadcast", { value }, { shape = shape })
end

--- A value without the axis `axis` (from 0), which has extent 1, or with such an axis added.
function compose.squeeze(n, value, axis)
  local shape = table.move(value.type.shape, 1, #value.type.shape, 1, {})
  table.remove(shape, axis + 1)
  return n:reshape(value, shape)
end

function compose.unsqueeze(n, value, axis)
  local shape = table.move(value.type.shape, 1, #value.type.shape, 1, {})
  table.insert(shape, axis + 1, 1)
  return n:reshape(value, shape)
end

--- Elements `start` to `stop` (excluded) along an axis (from 0).
function compose.slice(n, value, axis, start, stop)
  local attrs = { start = {}, stop = {}, step = {} }
  for i, extent in ipairs(value.type.shape) do
    attrs.start[i], attrs.stop[i], attrs.step[i] = 0, extent, 1
  end
  attrs.start[axis + 1], attrs.stop[axis + 1] = start, stop
  return compose.op(n, "slice", { value }, attrs)
end

--- Axes in another order.
function compose.transpose(n, value, perm)
  return n:move { op = "transpose", inputs = { value }, attrs = { perm = perm } }
end

--- The product of the extents from place `first` to `last` (from 1).
function compose.size(shape, first, last)
  local size = 1
  for i = first or 1, last or #shape do
    size = size * shape[i]
  end
  return size
end

--- A reduction over axes.
function compose.reduce(n, op, value, axes, keep)
  return compose.op(n, op, { value }, { axes = axes, keep = keep })
end

--- An entry whose output 1 is what `make(n)` gives.
function compose.entry(inputs, attributes, make)
  return {
    inputs = inputs,
    attributes = attributes,
    lower = function(n)
      n:result(1, make(n))
    end,
  }
end

return compose
