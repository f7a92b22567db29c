--- onnx.pool: pools over windows and over the whole image.
local spatial = require "aotlua.import.onnx.spatial"

-- Appends a pool of `value`; `pool` is { op, window, attrs, axes, name }.
local function emit(n, value, pool)
  local window = pool.window
  local attrs = pool.attrs
  attrs.window, attrs.stride, attrs.pad = window.kernel, window.stride, spatial.pad(window)
  local result = n:emit {
    op = pool.op,
    inputs = { spatial.inward(n, value) },
    attrs = attrs,
    name = n:output_name(1) .. "_nhwc",
  }
  return spatial.outward(n, result, pool.axes, pool.name)
end

local function read_window(n, shape)
  local axes = spatial.axes(n, shape)
  local kernel = n:required("kernel_shape")
  if #kernel ~= axes then
    n:fail("attribute 'kernel_shape' has %d values; the input has %d spatial axes", #kernel, axes)
  end
  for _, extent in ipairs(kernel) do
    if extent < 1 then
      n:fail("attribute 'kernel_shape' has %d; each value has to be at least 1", extent)
    end
  end
  local window = spatial.window(n, { shape = shape, kernel = kernel })
  for i, dilation in ipairs(window.dilation) do
    if dilation ~= 1 and window.kernel[i] ~= 1 then
      n:unsupported("attribute 'dilations' is other than 1")
    end
  end
  return window, axes
end

local function lower_max(n)
  local window, axes = read_window(n, n:operand(1):type().shape)
  local pool = { op = "max_pool2d", window = window, attrs = {}, axes = axes }
  n:rearrange(function(value, name) -- the largest integer is the largest number
    pool.name = name
    return emit(n, value, pool)
  end)
end

local function lower_average(n)
  local value = n:value(1)
  local window, axes = read_window(n, value.type.shape)
  local count_pad = n:flag("count_include_pad", false)
  if count_pad and (window.rest[1] > 0 or window.rest[2] > 0) then
    n:unsupported("ceil_mode adds a window beyond the padding, which count_include_pad counts")
  end
  n:result(1, emit(n, value, {
    op = "avg_pool2d",
    window = window,
    attrs = { count_pad = count_pad or nil },
    axes = axes,
    name = n:output_name(1),
  }))
end

local function global(op)
  return {
    inputs = { 1, 1 },
    attributes = {},
    lower = function(n)
      local value, axes = n:value(1), {}
      if #value.type.shape < 3 then
        n:fail("the input has rank %d; it needs a batch, channels and a spatial axis",
          #value.type.shape)
      end
      for axis = 2, #value.type.shape - 1 do
        axes[#axes + 1] = axis
      end
      n:result(1, n:emit {
        op = op,
        inputs = { value },
        attrs = { axes = axes, keep = true },
        name = n:output_name(1),
      })
    end,
  }
end

return {
  MaxPool = {
    inputs = { 1, 1 },
    attributes = {
      auto_pad = "string",
      ceil_mode = "int",
      dilations = "ints",
      kernel_shape = "ints",
      pads = "ints",
      storage_order = "int",
      strides = "ints",
    },
    lower = lower_max,
  },
  AveragePool = {
    inputs = { 1, 1 },
    attributes = {
      auto_pad = "string",
      ceil_mode = "int",
      count_include_pad = "int",
      dilations = "ints",
      kernel_shape = "ints",
      pads = "ints",
      strides = "ints",
    },
    lower = lower_average,
  },
  GlobalAveragePool = global("reduce_mean"),
  GlobalMaxPool = global("reduce_max"),
}
