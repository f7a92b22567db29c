--- onnx.movement: operators that move, copy or drop elements but compute none.
-- On dequantized integers they work on the integers: their floats move the same way.
local words = require "aotlua.import.words"

local movement = {}

local function bind_reshape(n, shape)
  n:rearrange(function(value, name)
    return n:reshape(value, shape, name)
  end)
end

local function shape_of(n)
  return n:operand(1):type().shape
end

-- Works out the 0 and -1 of a Reshape.
local function resolve(n, given, shape)
  local total, known, open = n:check_shape(shape), 1, nil
  local keep_zero = n:flag("allowzero", false)
  local target = {}
  for i, extent in ipairs(given) do
    if extent == 0 and not keep_zero then
      extent = shape[i]
        or n:fail("shape %s keeps axis %d; the input %s has none", words.list(given), i - 1,
          words.list(shape))
    elseif extent == -1 then
      if open then
        n:fail("shape %s has two -1", words.list(given))
      end
      open, extent = i, 1
    elseif extent < 0 then
      n:fail("shape %s has %d", words.list(given), extent)
    end
    target[i] = extent
    known = n:check_shape { known, extent }
  end
  if open and known > 0 then
    target[open] = total // known
    known = known * target[open]
  elseif open then
    n:fail("shape %s leaves an axis open beside one of extent 0", words.list(given))
  end
  if known ~= total then
    n:fail("the input %s has %d elements, which shape %s cannot hold", words.list(shape), total,
      words.list(given))
  end
  return target
end

movement.Reshape = {
  inputs = { 2, 2 },
  attributes = { allowzero = "int" },
  lower = function(n)
    bind_reshape(n, resolve(n, n:integers(2, "the shape"), shape_of(n)))
  end,
}

movement.Flatten = {
  inputs = { 1, 1 },
  attributes = { axis = "int" },
  lower = function(n)
    local shape, axis = shape_of(n), n:attribute("axis", 1)
    local rank = #shape
    if axis ~= rank then
      axis = n:axis(axis, rank)
    end
    local rows, columns = 1, 1
    for i, extent in ipairs(shape) do
      if i <= axis then
        rows = rows * extent
      else
        columns = columns * extent
      end
    end
    bind_reshape(n, { rows, columns })
  end,
}

-- The axes of Squeeze and Unsqueeze: an attribute, since operator set 13 an input.
local function given_axes(n)
  if n.opset < 13 then
    return n:attribute("axes")
  end
  return n:integers(2, "axes")
end

movement.Squeeze = {
  inputs = { 1, 2 },
  attributes = { axes = "ints" },
  lower = function(n)
    local shape, given, drop, kept = shape_of(n), given_axes(n), {}, {}
    for _, axis in ipairs(given and n:axes(given, #shape) or {}) do
      if shape[axis + 1] ~= 1 then
        n:fail("axis %d of %s has extent %d; only 1 can be taken out", axis, words.list(shape),
          shape[axis + 1])
      end
      drop[axis + 1] = true
    end
    for i, extent in ipairs(shape) do
      if not (drop[i] or (not given and extent == 1)) then
        kept[#kept + 1] = extent
      end
    end
    bind_reshape(n, kept)
  end,
}

movement.Unsqueeze = {
  inputs = { 1, 2 },
  attributes = { axes = "ints" },
  lower = function(n)
    local shape = shape_of(n)
    local given = given_axes(n) or n:fail("there are no axes")
    local added, result, from = {}, {}, 1
    for _, axis in ipairs(n:axes(given, #shape + #given)) do
      added[axis + 1] = true
    end
    for i = 1, #shape + #given do
      if added[i] then
        result[i] = 1
      else
        result[i], from = shape[from], from + 1
      end
    end
    bind_reshape(n, result)
  end,
}

movement.Transpose = {
  inputs = { 1, 1 },
  attributes = { perm = "ints" },
  lower = function(n)
    local rank = #shape_of(n)
    local perm = n:attribute("perm")
    if not perm then
      perm = {}
      for i = 1, rank do
        perm[i] = rank - i
      end
    elseif #perm ~= rank or #n:axes(perm, rank) ~= rank or math.min(0, table.unpack(perm)) < 0 then
      n:fail("attribute 'perm' is %s; the rank is %d", words.list(perm), rank)
    end
    n:rearrange(function(value, name)
      return n:move { op = "transpose", inputs = { value }, attrs = { perm = perm }, name = name }
    end)
  end,
}

movement.Identity = {
  inputs = { 1, 1 },
  attributes = {},
  lower = function(n)
    n:result(1, n:operand(1))
  end,
}

movement.Dropout = {
  inputs = { 1, 3 },
  attributes = { ratio = "float", seed = "int" },
  lower = function(n)
    if n:operand(3) and n:tensor(3, "training_mode"):get(1) ~= 0 then
      n:unsupported("training_mode is true; networks are compiled for inference")
    end
    n:result(1, n:operand(1))
  end,
}

movement.Expand = {
  inputs = { 2, 2 },
  attributes = {},
  lower = function(n)
    local shape, given = shape_of(n), n:integers(2, "the shape")
    local rank = math.max(#shape, #given)
    local result = {}
    for i = 1, rank do
      local own, wanted = shape[i - rank + #shape] or 1, given[i - rank + #given] or 1
      if own ~= wanted and own ~= 1 and wanted ~= 1 then
        n:fail("the input %s does not broadcast to %s", words.list(shape), words.list(given))
      end
      result[i] = own == 1 and wanted or own
    end
    n:check_shape(result)
    n:rearrange(function(value, name)
      return n:emit {
        op = "broadcast",
        inputs = { value },
        attrs = { shape = result },
        name = name,
      }
    end)
  end,
}

-- Whether all inputs are integers of the same type and quantization.
local function same_integers(n)
  local first = n:operand(1).integer
  if not first or first.type.quant.axis then
    return false
  end
  for i = 2, n:input_count() do
    local other = n:operand(i).integer
    local quant = other and other.type.quant
    if not other or other.type.dtype ~= first.type.dtype or quant.axis
      or quant.scale ~= first.type.quant.scale or quant.zero ~= first.type.quant.zero then
      return false
    end
  end
  return true
end

movement.Concat = {
  inputs = { 1, math.huge },
  attributes = { axis = "int" },
  lower = function(n)
    local axis = n:axis(n:required("axis"), #shape_of(n))
    local integers, values = same_integers(n), {}
    for i = 1, n:input_count() do
      values[i] = integers and n:operand(i).integer or n:value(i)
    end
    local result = n:emit {
      op = "concat",
      inputs = values,
      attrs = { axis = axis },
      name = not integers and n:output_name(1) or nil,
      folds = true,
    }
    if integers then
      n:dequantized(1, result)
    else
      n:result(1, result)
    end
  end,
}

return movement
