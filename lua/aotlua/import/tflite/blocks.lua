--- tflite.blocks: blocks of pixels become channels or batch entries, and back.
--
-- Any element type: SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND.
-- Sources: TFLite's space_to_depth.h, depth_to_space.h, space_to_batch_nd.h, batch_to_space_nd.h.

local words = require "aotlua.import.words"

local function reshape(b, x, shape)
  return b:append("reshape", { x }, { shape = shape })
end

local function image(b, op)
  local x, block = b:value(op.inputs[1]), op.options.block_size
  local shape = x.type.shape
  if #shape ~= 4 then
    b:fail("the input is %s; 4 dimensions are legal", words.list(shape))
  end
  if block < 1 then b:fail("the block size is %d", block) end
  return x, block, shape[1], shape[2], shape[3], shape[4]
end

local function space_to_depth(b, op)
  local x, block, n, h, w, c = image(b, op)
  if h % block ~= 0 or w % block ~= 0 then
    b:fail("blocks of %d do not fill %d rows and %d columns", block, h, w)
  end
  x = reshape(b, x, { n, h // block, block, w // block, block, c })
  x = b:append("transpose", { x }, { perm = { 0, 1, 3, 2, 4, 5 } })
  b:set(op.outputs[1], reshape(b, x, { n, h // block, w // block, block * block * c }))
end

local function depth_to_space(b, op)
  local x, block, n, h, w, c = image(b, op)
  if c % (block * block) ~= 0 then
    b:fail("%s do not make blocks of %d", words.count(c, "channel"), block)
  end
  x = reshape(b, x, { n, h, w, block, block, c // (block * block) })
  x = b:append("transpose", { x }, { perm = { 0, 1, 3, 2, 4, 5 } })
  b:set(op.outputs[1], reshape(b, x, { n, h * block, w * block, c // (block * block) }))
end

-- The blocks' extents, and pairs of numbers for the same axes: paddings or crops.
local function read_blocks(b, op, what)
  local blocks = b:numbers(op.inputs[2], "the block shape")
  local pairs_ = b:numbers(op.inputs[3], what)
  local shape = b:value(op.inputs[1]).type.shape
  if #pairs_ ~= 2 * #blocks or #blocks >= #shape then
    b:fail("%s and %d numbers of %s for a tensor of %s", words.count(#blocks, "block extent"),
      #pairs_, what, words.count(#shape, "dimension"))
  end
  for i, extent in ipairs(blocks) do
    if extent < 1 then b:fail("the block shape is %s", words.list(blocks)) end
    if pairs_[2 * i - 1] < 0 or pairs_[2 * i] < 0 then
      b:fail("%s are %s", what, words.list(pairs_))
    end
  end
  return blocks, pairs_
end

local function product(list)
  local count = 1
  for _, extent in ipairs(list) do count = count * extent end
  return count
end

local function space_to_batch(b, op)
  local blocks, paddings = read_blocks(b, op, "the paddings")
  local x, before, after = b:value(op.inputs[1]), {}, {}
  local shape, quant = x.type.shape, op.inputs[1]:quant()
  for axis = 1, #shape do
    local i = axis - 1
    local inside = i >= 1 and i <= #blocks
    before[axis] = inside and paddings[2 * i - 1] or 0
    after[axis] = inside and paddings[2 * i] or 0
  end
  x = b:append("pad", { x }, { before = before, after = after,
    value = quant and op.inputs[1]:scalar_quant().zero or 0 })
  local padded = x.type.shape
  local cut, perm, result = { padded[1] }, {}, { padded[1] * product(blocks) }
  for i, block in ipairs(blocks) do
    local extent = padded[i + 1]
    if extent % block ~= 0 then
      b:fail("blocks of %d do not fill the padded extent %d", block, extent)
    end
    cut[2 * i], cut[2 * i + 1], perm[i] = extent // block, block, 2 * i
    result[i + 1] = extent // block
  end
  perm[#perm + 1] = 0
  for i = 1, #blocks do perm[#perm + 1] = 2 * i - 1 end
  for axis = #blocks + 2, #padded do
    perm[#perm + 1], cut[#cut + 1], result[#result + 1] = #cut, padded[axis], padded[axis]
  end
  x = b:append("transpose", { reshape(b, x, cut) }, { perm = perm })
  b:set(op.outputs[1], reshape(b, x, result))
end

local function batch_to_space(b, op)
  local blocks, crops = read_blocks(b, op, "the crops")
  local x = b:value(op.inputs[1])
  local shape, count, whole = x.type.shape, product(blocks), {}
  if shape[1] % count ~= 0 then
    b:fail("a batch of %d does not make blocks of %s", shape[1], words.list(blocks))
  end
  local cut, perm, start, stop = table.move(blocks, 1, #blocks, 1, {}), { #blocks }, {}, {}
  cut[#blocks + 1], whole[1] = shape[1] // count, shape[1] // count
  for axis = 2, #shape do
    local block = blocks[axis - 1]
    cut[#blocks + axis], whole[axis] = shape[axis], shape[axis] * (block or 1)
    perm[#perm + 1] = #blocks + axis - 1
    if block then perm[#perm + 1] = axis - 2 end
  end
  for axis, extent in ipairs(whole) do
    local i = axis - 1
    local inside = i >= 1 and i <= #blocks
    start[axis] = inside and crops[2 * i - 1] or 0
    stop[axis] = extent - (inside and crops[2 * i] or 0)
    if start[axis] > stop[axis] then
      b:fail("the crops %s of %s", words.list(crops), words.list(whole))
    end
  end
  x = b:append("transpose", { reshape(b, x, cut) }, { perm = perm })
  b:set(op.outputs[1], b:append("slice", { reshape(b, x, whole) }, { start = start, stop = stop }))
end

return {
  SPACE_TO_DEPTH = { versions = 2, inputs = { 1, 1 }, options = "SpaceToDepthOptions",
    convert = space_to_depth },
  DEPTH_TO_SPACE = { versions = 2, inputs = { 1, 1 }, options = "DepthToSpaceOptions",
    convert = depth_to_space },
  SPACE_TO_BATCH_ND = { versions = 4, inputs = { 3, 3 }, convert = space_to_batch },
  BATCH_TO_SPACE_ND = { versions = 4, inputs = { 3, 3 }, convert = batch_to_space },
}
