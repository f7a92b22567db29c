--- tflite.gather: elements by number, places of extremes, running totals.
--
-- GATHER without batch dimensions, GATHER_ND, ARG_MAX, ARG_MIN and CUMSUM.

local words = require "aotlua.import.words"

local INDICES = { i32 = true, i64 = true }

local function indices(b, tensor)
  if not INDICES[b:dtype(tensor)] then b:unsupported("indices of type %s", tensor.dtype) end
  return b:value(tensor)
end

local function gather(b, op)
  if op.options.batch_dims ~= 0 then b:unsupported "batch dimensions" end
  b:check_same_quant(op.inputs[1], op.outputs[1])
  local x = b:value(op.inputs[1])
  local axis = b:axis(op.options.axis, #x.type.shape)
  local index = indices(b, op.inputs[2])
  b:set(op.outputs[1], b:append("gather", { x, index }, { axis = axis }))
end

-- The last axis of the indices holds as many subscripts, which become the number of a row.
local function gather_nd(b, op)
  b:check_same_quant(op.inputs[1], op.outputs[1])
  local x, index = b:value(op.inputs[1]), indices(b, op.inputs[2])
  local shape, places = x.type.shape, table.move(index.type.shape, 1, #index.type.shape, 1, {})
  local depth = table.remove(places)
  if not depth or depth > #shape then
    b:fail("%s subscripts of a tensor of %s", depth or "no", words.count(#shape, "dimension"))
  end
  local rows, strides, result = 1, {}, table.move(places, 1, #places, 1, {})
  for i = depth, 1, -1 do
    strides[i] = rows
    rows = rows * shape[i]
  end
  local flat = { rows }
  for i = depth + 1, #shape do
    flat[#flat + 1], result[#result + 1] = shape[i], shape[i]
  end
  local dtype = index.type.dtype
  local factors = b:const(b.name .. ".strides", { dtype = dtype, shape = { depth } }, strides)
  local row = b:append("mul", { index, factors })
  row = b:append("reduce_sum", { row }, { axes = { -1 }, keep = false })
  x = b:append("reshape", { x }, { shape = flat })
  x = b:append("gather", { x, row }, { axis = 0 })
  b:set(op.outputs[1], b:append("reshape", { x }, { shape = result }))
end

local function place_of(name)
  return function(b, op)
    local x, y = b:value(op.inputs[1]), op.outputs[1]
    local axis = b:axis(b:number(op.inputs[2], "the axis"), #x.type.shape)
    b:set(y, b:append(name, { x }, { axis = axis, keep = false }, { dtype = b:dtype(y) }))
  end
end

local function cumsum(b, op)
  if op.inputs[1]:quant() then b:unsupported "quantized elements" end
  local x = b:value(op.inputs[1])
  local axis = b:axis(b:number(op.inputs[2], "the axis"), #x.type.shape)
  b:set(op.outputs[1], b:append("cum_sum", { x },
    { axis = axis, exclusive = op.options.exclusive, reverse = op.options.reverse }))
end

return {
  GATHER = { versions = 7, inputs = { 2, 2 }, options = "GatherOptions", convert = gather },
  GATHER_ND = { versions = 5, inputs = { 2, 2 }, convert = gather_nd },
  ARG_MAX = { versions = 3, inputs = { 2, 2 }, convert = place_of "arg_max" },
  ARG_MIN = { versions = 3, inputs = { 2, 2 }, convert = place_of "arg_min" },
  CUMSUM = { versions = 1, inputs = { 2, 2 }, options = "CumsumOptions", convert = cumsum },
}
