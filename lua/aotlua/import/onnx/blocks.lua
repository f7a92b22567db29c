--- onnx.blocks: DepthToSpace and SpaceToDepth, transposed convolution, elements kept by a list.
local compose = require "aotlua.import.onnx.compose"
local spatial = require "aotlua.import.onnx.spatial"
local words = require "aotlua.import.words"

local blocks = {}

local function read_block(n, shape)
  local size = n:required("blocksize")
  if #shape ~= 4 or size < 1 then
    n:fail("blocks of %d in the shape %s", size, words.list(shape))
  end
  return size
end

-- Reshapes to `apart`, transposes, reshapes to `whole`.
local function shuffle(n, apart, perm, whole)
  n:rearrange(function(value)
    return n:reshape(compose.transpose(n, n:reshape(value, apart), perm), whole)
  end)
end

blocks.DepthToSpace = {
  inputs = { 1, 1 },
  attributes = { blocksize = "int", mode = "string" },
  lower = function(n)
    local shape, mode = n:operand(1):type().shape, n:attribute("mode", "DCR")
    local size = read_block(n, shape)
    local depth = shape[2] // (size * size)
    if depth * size * size ~= shape[2] or mode ~= "DCR" and mode ~= "CRD" then
      n:fail("blocks of %d in the shape %s, mode %s", size, words.list(shape), words.quote(mode))
    end
    local whole = { shape[1], depth, shape[3] * size, shape[4] * size }
    if mode == "DCR" then
      shuffle(n, { shape[1], size, size, depth, shape[3], shape[4] }, { 0, 3, 4, 1, 5, 2 }, whole)
    else
      shuffle(n, { shape[1], depth, size, size, shape[3], shape[4] }, { 0, 1, 4, 2, 5, 3 }, whole)
    end
  end,
}

blocks.SpaceToDepth = {
  inputs = { 1, 1 },
  attributes = { blocksize = "int", mode = "string" },
  lower = function(n)
    local shape = n:operand(1):type().shape
    local size = read_block(n, shape)
    local rows, columns = shape[3] // size, shape[4] // size
    if rows * size ~= shape[3] or columns * size ~= shape[4] then
      n:fail("blocks of %d in the shape %s", size, words.list(shape))
    end
    local perm = n:attribute("mode", "DCR") == "CRD" and { 0, 1, 3, 5, 2, 4 }
      or { 0, 3, 5, 1, 2, 4 }
    shuffle(n, { shape[1], shape[2], rows, size, columns, size }, perm,
      { shape[1], shape[2] * size * size, rows, columns })
  end,
}

-- The elements along an axis, or of the flat tensor, for which a constant condition holds.
blocks.Compress = {
  inputs = { 2, 2 },
  attributes = { axis = "int" },
  lower = function(n)
    local axis, list = n:attribute("axis"), {}
    local shape = n:operand(1):type().shape
    axis = axis and n:axis(axis, #shape)
    local extent = axis and shape[axis + 1] or n:check_shape(shape)
    for i, kept in ipairs(n:tensor(2, "the condition"):list()) do
      if i > extent then
        n:fail("the condition has more than %d elements", extent)
      elseif kept ~= 0 then
        list[#list + 1] = i - 1
      end
    end
    local indices = compose.integers(n, list)
    n:rearrange(function(value)
      value = axis and value or n:reshape(value, { extent })
      return compose.op(n, "gather", { value, indices }, { axis = axis or 0 })
    end)
  end,
}

local function list_of(n, name, count, default)
  local list = n:attribute(name)
  if list and #list ~= count then
    n:fail("attribute '%s' has %d values; it needs %d", name, #list, count)
  end
  list = list or {}
  for i = 1, count do
    list[i] = list[i] or default
    if list[i] < 0 then
      n:fail("attribute '%s' is %s", name, words.list(list))
    end
  end
  return list
end

-- Padding at the start and the extent of the result, per axis: { stride, dilation, start, out }.
local function read_geometry(n, shape, kernel)
  local count, auto = #kernel, n:attribute("auto_pad", "NOTSET")
  local stride, dilation = list_of(n, "strides", count, 1), list_of(n, "dilations", count, 1)
  local pads, extra = list_of(n, "pads", 2 * count, 0), list_of(n, "output_padding", count, 0)
  local wanted = n:attribute("output_shape")
  local result = {}
  for i = 1, count do
    if stride[i] < 1 or dilation[i] < 1 then
      n:fail("strides %s, dilations %s", words.list(stride), words.list(dilation))
    end
    local full = stride[i] * (shape[i + 2] - 1) + extra[i] + (kernel[i] - 1) * dilation[i] + 1
    local start, out = pads[i], full - pads[i] - pads[i + count]
    local target = wanted and wanted[#wanted - count + i]
    if auto == "SAME_UPPER" or auto == "SAME_LOWER" then
      target = target or shape[i + 2] * stride[i]
    elseif auto == "VALID" then
      start, out = 0, full
    elseif auto ~= "NOTSET" then
      n:fail("attribute 'auto_pad' is %s", words.quote(auto))
    end
    if target then
      local total = math.max(0, full - target)
      start, out = auto == "SAME_UPPER" and total // 2 or total - total // 2, target
    end
    if out < 1 then
      n:fail("axis %d of the result would have %d elements", i + 1, out)
    end
    result[i] = { stride = stride[i], dilation = dilation[i], start = start, out = out }
  end
  return result
end

-- Weights [i, o / groups, h, w] as [o, h, w, i / groups].
local function weights_of(n, weights, groups)
  local s = weights.type.shape
  local apart = n:reshape(weights, { groups, s[1] // groups, s[2], s[3], s[4] or 1 })
  local turned = compose.transpose(n, apart, { 0, 2, 3, 4, 1 })
  return n:reshape(turned, { groups * s[2], s[3], s[4] or 1, s[1] // groups })
end

blocks.ConvTranspose = {
  inputs = { 2, 3 },
  attributes = {
    auto_pad = "string",
    dilations = "ints",
    group = "int",
    kernel_shape = "ints",
    output_padding = "ints",
    output_shape = "ints",
    pads = "ints",
    strides = "ints",
  },
  lower = function(n)
    local x, w = n:value(1), n:value(2)
    local shape, s, groups = x.type.shape, w.type.shape, n:attribute("group", 1)
    local axes = spatial.axes(n, shape)
    if #s ~= #shape or groups < 1 or s[1] ~= shape[2] or s[1] % groups ~= 0 then
      n:fail("weights %s in %d groups do not fit the input %s", words.list(s), groups,
        words.list(shape))
    end
    local kernel = table.move(s, 3, #s, 1, {})
    local g = read_geometry(n, shape, kernel)
    if axes == 1 then
      table.insert(g, 1, { stride = 1, dilation = 1, start = 0, out = 1 })
      w = n:reshape(w, { s[1], s[2], 1, s[3] })
    end
    local y = n:emit {
      op = "conv_transpose2d",
      inputs = { spatial.inward(n, x), weights_of(n, w, groups), n:value(3) or false },
      attrs = {
        stride = { g[1].stride, g[2].stride },
        dilation = { g[1].dilation, g[2].dilation },
        pad = { g[1].start, g[2].start },
        size = { g[1].out, g[2].out },
        groups = groups,
      },
    }
    n:result(1, spatial.outward(n, y, axes, n:output_name(1)))
  end,
}

return blocks
