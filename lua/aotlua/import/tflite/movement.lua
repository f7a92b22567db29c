--- tflite.movement: operators that move elements and compute nothing.
--
-- Any element type. Shapes, axes and paddings must be constant.

local words = require "aotlua.import.words"

local function element_count(shape)
  local count = 1
  for _, extent in ipairs(shape) do count = count * extent end
  return count
end

-- Reshape -----------------------------------------------------------------------------------

-- The shape that `wanted`, with at most one -1, stands for.
local function resolved(b, wanted, count)
  local shape, rest, open = {}, 1, nil
  for i, extent in ipairs(wanted) do
    shape[i] = extent
    if extent == -1 and not open then
      open = i
    elseif extent < 0 or extent > 0 and rest > count then
      b:fail("the new shape is %s", words.list(wanted))
    else
      rest = rest * extent
    end
  end
  if open and rest ~= 0 and count % rest == 0 then
    shape[open] = count // rest
  elseif open or rest ~= count then
    b:fail("%s do not fill the new shape %s", words.count(count, "element"), words.list(wanted))
  end
  return shape
end

local function reshape(b, op)
  local x = b:value(op.inputs[1])
  local wanted
  if op.inputs[2] then
    wanted = b:numbers(op.inputs[2], "the new shape")
  else
    wanted = op.options and op.options.new_shape or b:fail "there is no new shape"
  end
  local shape = resolved(b, wanted, element_count(x.type.shape))
  b:set(op.outputs[1], b:append("reshape", { x }, { shape = shape }))
end

local function transpose(b, op)
  local x = b:value(op.inputs[1])
  local rank, seen, perm = #x.type.shape, {}, {}
  for i, axis in ipairs(b:numbers(op.inputs[2], "the permutation")) do
    axis = b:axis(axis, rank)
    if seen[axis] then b:fail("the permutation names dimension %d twice", axis) end
    seen[axis], perm[i] = true, axis
  end
  if #perm ~= rank then
    b:fail("a permutation of %s for a tensor of %s", words.count(#perm, "axis"),
      words.count(rank, "dimension"))
  end
  b:set(op.outputs[1], b:append("transpose", { x }, { perm = perm }))
end

-- Joining and cutting -----------------------------------------------------------------------

local function concatenation(b, op)
  if b:activation(op.options.activation) ~= "NONE" then b:unsupported("a fused activation") end
  local values = {}
  for i, tensor in ipairs(op.inputs) do
    values[i] = b:value(tensor)
    b:check_same_quant(tensor, op.outputs[1])
  end
  local axis = b:axis(op.options.axis, #values[1].type.shape)
  b:set(op.outputs[1], b:append("concat", values, { axis = axis }))
end

-- Cuts `x` along `axis` (from 0) into parts of the given sizes, one per result.
local function cut(b, op, x, axis, sizes)
  if #sizes ~= #op.outputs or op.options.num_splits ~= #sizes then
    b:fail("%d parts, %s and num_splits %d", #sizes, words.count(#op.outputs, "result"),
      op.options.num_splits)
  end
  local shape, from = x.type.shape, 0
  for i, size in ipairs(sizes) do
    local start, stop, step = {}, {}, {}
    for k, extent in ipairs(shape) do start[k], stop[k], step[k] = 0, extent, 1 end
    start[axis + 1], stop[axis + 1] = from, from + size
    local attrs = { start = start, stop = stop, step = step }
    b:set(op.outputs[i], b:append("slice", { x }, attrs))
    from = from + size
  end
end

local function split(b, op)
  local x = b:value(op.inputs[2])
  local axis = b:axis(b:number(op.inputs[1], "the axis"), #x.type.shape)
  local extent, parts = x.type.shape[axis + 1], op.options.num_splits
  if parts < 1 or extent % parts ~= 0 then
    b:fail("an extent of %d cannot be split into %s", extent, words.count(parts, "part"))
  end
  local sizes = {}
  for i = 1, math.min(parts, #op.outputs + 1) do sizes[i] = extent // parts end
  cut(b, op, x, axis, sizes)
end

local function split_v(b, op)
  local x = b:value(op.inputs[1])
  local sizes = b:numbers(op.inputs[2], "the sizes")
  local axis = b:axis(b:number(op.inputs[3], "the axis"), #x.type.shape)
  local extent, sum, open = x.type.shape[axis + 1], 0, nil
  for i, size in ipairs(sizes) do
    if size == -1 and not open then
      open = i
    elseif size < 0 or size > extent - sum then
      b:fail("sizes %s of an extent of %d", words.list(sizes), extent)
    else
      sum = sum + size
    end
  end
  if open then
    sizes[open] = extent - sum
  elseif sum ~= extent then
    b:fail("sizes %s of an extent of %d", words.list(sizes), extent)
  end
  cut(b, op, x, axis, sizes)
end

-- Padding -----------------------------------------------------------------------------------

local function pad(b, op)
  local x, y = b:value(op.inputs[1]), op.outputs[1]
  local rank, amounts = #x.type.shape, b:numbers(op.inputs[2], "the paddings")
  if #amounts ~= 2 * rank then
    b:fail("%s for a tensor of %s", words.count(#amounts, "padding"),
      words.count(rank, "dimension"))
  end
  b:check_same_quant(op.inputs[1], y)
  local before, after = {}, {}
  for i = 1, rank do
    before[i], after[i] = amounts[2 * i - 1], amounts[2 * i]
    if before[i] < 0 or after[i] < 0 then b:fail("the paddings are %s", words.list(amounts)) end
  end
  local quant = op.inputs[1]:quant()
  local value = quant and op.inputs[1]:scalar_quant().zero or 0
  local constant = op.inputs[3]
  if constant then
    local data = b:data(constant)
    if not data or constant.count ~= 1 then
      b:unsupported("the value, %s, is not one constant", constant:show())
    end
    if b:dtype(constant) ~= x.type.dtype then
      b:fail("the value is %s, the input %s", constant.dtype, x.type.dtype)
    end
    b:check_same_quant(constant, y)
    value = data:get(1)
  end
  b:set(y, b:append("pad", { x }, { before = before, after = after, value = value }))
end

return {
  RESHAPE = { versions = 1, inputs = { 1, 2 }, convert = reshape },
  TRANSPOSE = { versions = 6, inputs = { 2, 2 }, convert = transpose },
  CONCATENATION = { versions = 5, inputs = { 1, math.maxinteger },
    options = "ConcatenationOptions", convert = concatenation },
  SPLIT = { versions = 4, inputs = { 2, 2 }, outputs = math.maxinteger, options = "SplitOptions",
    convert = split },
  SPLIT_V = { versions = 2, inputs = { 3, 3 }, outputs = math.maxinteger,
    options = "SplitVOptions", convert = split_v },
  PAD = { versions = 5, inputs = { 2, 2 }, convert = pad },
  PADV2 = { versions = 5, inputs = { 3, 3 }, convert = pad },
}
