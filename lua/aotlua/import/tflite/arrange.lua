--- tflite.arrange: operators that give elements another shape or order, and repeat them.
--
-- Any element type. Axes, sizes and multiples must be constant.

local words = require "aotlua.import.words"

local function reshape(b, x, shape)
  return b:append("reshape", { x }, { shape = shape })
end

local function copy(list)
  return table.move(list, 1, #list, 1, {})
end

-- Axes of extent 1 ----------------------------------------------------------------------------

local function squeeze(b, op)
  local x, gone = b:value(op.inputs[1]), {}
  local shape, kept = x.type.shape, {}
  for _, axis in ipairs(op.options.squeeze_dims or {}) do gone[b:axis(axis, #shape) + 1] = true end
  local all = next(gone) == nil
  for axis, extent in ipairs(shape) do
    if gone[axis] and extent ~= 1 then
      b:fail("dimension %d has the extent %d; only 1 can go", axis - 1, extent)
    end
    if not gone[axis] and not (all and extent == 1) then kept[#kept + 1] = extent end
  end
  b:set(op.outputs[1], reshape(b, x, kept))
end

local function with_axis(shape, axis)
  local new = copy(shape)
  table.insert(new, axis + 1, 1)
  return new
end

local function expand_dims(b, op)
  local x = b:value(op.inputs[1])
  local axis = b:axis(b:number(op.inputs[2], "the axis"), #x.type.shape + 1)
  b:set(op.outputs[1], reshape(b, x, with_axis(x.type.shape, axis)))
end

local function pack(b, op)
  if op.options.values_count ~= #op.inputs then
    b:fail("%s, but values_count %d", words.count(#op.inputs, "operand"), op.options.values_count)
  end
  local values = {}
  local axis = b:axis(op.options.axis, #b:value(op.inputs[1]).type.shape + 1)
  for i, tensor in ipairs(op.inputs) do
    b:check_same_quant(tensor, op.outputs[1])
    local x = b:value(tensor)
    values[i] = reshape(b, x, with_axis(x.type.shape, axis))
  end
  b:set(op.outputs[1], b:append("concat", values, { axis = axis }))
end

-- The part [from, to) of an axis (counted from 0).
local function part(b, x, axis, from, to)
  local start, stop = {}, copy(x.type.shape)
  for i = 1, #stop do start[i] = 0 end
  start[axis + 1], stop[axis + 1] = from, to
  return b:append("slice", { x }, { start = start, stop = stop })
end

local function unpack(b, op)
  local x = b:value(op.inputs[1])
  local axis = b:axis(op.options.axis, #x.type.shape)
  local extent = x.type.shape[axis + 1]
  if extent ~= #op.outputs or op.options.num ~= extent then
    b:fail("an extent of %d, %s and num %d", extent, words.count(#op.outputs, "result"),
      op.options.num)
  end
  local shape = copy(x.type.shape)
  table.remove(shape, axis + 1)
  for i, tensor in ipairs(op.outputs) do
    b:set(tensor, reshape(b, part(b, x, axis, i - 1, i), shape))
  end
end

-- The shape as numbers, which shape arithmetic begins with.
local function shape_of(b, op)
  local shape, y = b:value(op.inputs[1]).type.shape, op.outputs[1]
  b:set(y, b:const(y.name, { dtype = b:dtype(y), shape = { #shape } }, shape))
end

-- Repetition ----------------------------------------------------------------------------------

local function broadcast_to(b, op)
  local shape = b:numbers(op.inputs[2], "the shape")
  b:set(op.outputs[1], b:append("broadcast", { b:value(op.inputs[1]) }, { shape = shape }))
end

local function fill(b, op)
  local shape = b:numbers(op.inputs[1], "the shape")
  if op.inputs[2].count ~= 1 then b:fail("%s is no scalar", op.inputs[2]:show()) end
  local x = reshape(b, b:value(op.inputs[2]), {})
  b:set(op.outputs[1], b:append("broadcast", { x }, { shape = shape }))
end

local function zeros_like(b, op)
  local shape, y = b:value(op.inputs[1]).type.shape, op.outputs[1]
  b:set(y, b:const(y.name, { dtype = b:dtype(y), shape = shape, quant = b:quant(y) }, 0))
end

local function tile(b, op)
  local x, multiples = b:value(op.inputs[1]), b:numbers(op.inputs[2], "the multiples")
  local shape = x.type.shape
  if #multiples ~= #shape then
    b:fail("%s for a tensor of %s", words.count(#multiples, "multiple"),
      words.count(#shape, "dimension"))
  end
  for axis, multiple in ipairs(multiples) do
    if multiple < 0 then b:fail("the multiples are %s", words.list(multiples)) end
    if multiple ~= 1 then
      local outer, inner = 1, 1
      for i, extent in ipairs(shape) do
        if i < axis then outer = outer * extent else inner = inner * extent end
      end
      x = reshape(b, x, { outer, 1, inner })
      x = b:append("broadcast", { x }, { shape = { outer, multiple, inner } })
      shape = copy(shape)
      shape[axis] = shape[axis] * multiple
      x = reshape(b, x, shape)
    end
  end
  b:set(op.outputs[1], x)
end

-- Order ---------------------------------------------------------------------------------------

local function reverse(b, op)
  local x = b:value(op.inputs[1])
  local start, stop, step = {}, copy(x.type.shape), {}
  for i = 1, #stop do start[i], step[i] = 0, 1 end
  for _, axis in ipairs(b:numbers(op.inputs[2], "the axes")) do
    local i = b:axis(axis, #stop) + 1
    local extent = x.type.shape[i]
    if extent > 0 then start[i], stop[i], step[i] = extent - 1, -1, -1 end
  end
  b:set(op.outputs[1], b:append("slice", { x }, { start = start, stop = stop, step = step }))
end

local function slice(b, op)
  local x = b:value(op.inputs[1])
  local shape = x.type.shape
  local start, sizes = b:numbers(op.inputs[2], "the begin"), b:numbers(op.inputs[3], "the size")
  if #start ~= #shape or #sizes ~= #shape then
    b:fail("%d begins and %d sizes for a tensor of %s", #start, #sizes,
      words.count(#shape, "dimension"))
  end
  local stop = {}
  for i, extent in ipairs(shape) do
    stop[i] = sizes[i] == -1 and extent or start[i] + sizes[i]
    if start[i] < 0 or stop[i] < start[i] or stop[i] > extent then
      b:fail("begins %s and sizes %s of %s", words.list(start), words.list(sizes),
        words.list(shape))
    end
  end
  b:set(op.outputs[1], b:append("slice", { x }, { start = start, stop = stop }))
end

-- What an update leaves of the operand stands around it, axis by axis from the last.
local function dynamic_update_slice(b, op)
  local x, piece = b:value(op.inputs[1]), b:value(op.inputs[2])
  local shape, window = x.type.shape, piece.type.shape
  local first = b:numbers(op.inputs[3], "the start")
  if #window ~= #shape or #first ~= #shape then
    b:fail("an update %s at %s of %s", words.list(window), words.list(first), words.list(shape))
  end
  for i, extent in ipairs(shape) do
    if window[i] > extent then
      b:fail("an update %s of %s", words.list(window), words.list(shape))
    end
    first[i] = math.max(0, math.min(first[i], extent - window[i]))
  end
  local around = { x }
  for i in ipairs(shape) do
    around[i + 1] = part(b, around[i], i - 1, first[i], first[i] + window[i])
  end
  for i = #shape, 1, -1 do
    piece = b:append("concat", { part(b, around[i], i - 1, 0, first[i]), piece,
      part(b, around[i], i - 1, first[i] + window[i], shape[i]) }, { axis = i - 1 })
  end
  b:set(op.outputs[1], piece)
end

-- Positions along an axis that its borders mirror: `offset` 1 leaves the border itself out.
local function mirrored(before, extent, after, offset)
  local list = {}
  for i = before, 1, -1 do list[#list + 1] = i - 1 + offset end
  for i = 0, extent - 1 do list[#list + 1] = i end
  for i = 1, after do list[#list + 1] = extent - i - offset end
  return list
end

local function mirror_pad(b, op)
  local x, amounts = b:value(op.inputs[1]), b:numbers(op.inputs[2], "the paddings")
  local shape, mode = x.type.shape, op.options.mode
  if mode ~= 0 and mode ~= 1 then b:fail("there is no mode %d", mode) end
  if #amounts ~= 2 * #shape then
    b:fail("%s for a tensor of %s", words.count(#amounts, "padding"),
      words.count(#shape, "dimension"))
  end
  b:check_same_quant(op.inputs[1], op.outputs[1])
  for i, extent in ipairs(shape) do
    local before, after, offset = amounts[2 * i - 1], amounts[2 * i], 1 - mode
    if before < 0 or after < 0 or math.max(before, after) > math.max(0, extent - offset) then
      b:fail("the paddings %s of %s", words.list(amounts), words.list(shape))
    end
    if before + after > 0 then
      local list = mirrored(before, extent, after, offset)
      local index = b:const(b.name .. ".index", { dtype = "i32", shape = { #list, 1 } }, list)
      x = b:append("resample", { x, index }, { axis = i - 1 })
    end
  end
  b:set(op.outputs[1], x)
end

local function operator(versions, least, most, convert, options, outputs)
  return { versions = versions, inputs = { least, most }, convert = convert, options = options,
    outputs = outputs }
end

return {
  SQUEEZE = operator(2, 1, 1, squeeze, "SqueezeOptions"),
  EXPAND_DIMS = operator(1, 2, 2, expand_dims),
  PACK = operator(4, 1, math.maxinteger, pack, "PackOptions"),
  UNPACK = operator(4, 1, 1, unpack, "UnpackOptions", math.maxinteger),
  SHAPE = operator(1, 1, 1, shape_of),
  BROADCAST_TO = operator(3, 2, 2, broadcast_to),
  FILL = operator(4, 2, 2, fill),
  ZEROS_LIKE = operator(2, 1, 1, zeros_like),
  TILE = operator(3, 2, 2, tile),
  REVERSE_V2 = operator(3, 2, 2, reverse),
  SLICE = operator(6, 3, 3, slice),
  DYNAMIC_UPDATE_SLICE = operator(4, 3, 3, dynamic_update_slice),
  MIRROR_PAD = operator(3, 2, 2, mirror_pad, "MirrorPadOptions"),
}
