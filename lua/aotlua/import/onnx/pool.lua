--- onnx.pool: pools over windows and over the whole image.
local compose = require "aotlua.import.onnx.compose"
local ir = require "aot.ir"
local spatial = require "aotlua.import.onnx.spatial"
local taps = require "aotlua.import.onnx.taps"
local words = require "aotlua.import.words"

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
  local axes = #shape - 2
  if axes < 1 then
    n:fail("the input %s has no spatial axis", words.list(shape))
  end
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
  local plain = axes <= 2 -- what the core's pools can do
  for i, dilation in ipairs(window.dilation) do
    plain = plain and (dilation == 1 or window.kernel[i] == 1)
  end
  return window, axes, plain
end

local function lowest(dtype)
  local info = ir.dtype(dtype)
  return info.class == "float" and -math.huge or info.min
end

local function lower_max(n)
  local window, axes, plain = read_window(n, n:operand(1):type().shape)
  local pool = { op = "max_pool2d", window = window, attrs = {}, axes = axes }
  n:rearrange(function(value, name) -- the largest integer is the largest number
    pool.name = name
    if not plain then
      return taps.fold(n, value, window, { op = "max", value = lowest(value.type.dtype) })
    end
    return emit(n, value, pool)
  end)
end

local function lower_average(n)
  local value = n:value(1)
  local window, axes, plain = read_window(n, value.type.shape)
  local count_pad = n:flag("count_include_pad", false)
  for _, rest in ipairs(window.rest) do
    plain = plain and not (count_pad and rest > 0)
  end
  if not plain then
    local sum = taps.fold(n, value, window, { op = "add", value = 0.0 })
    n:result(1, compose.op(n, "div", { sum, taps.counts(n, value, window, count_pad) }))
    return
  end
  n:result(1, emit(n, value, {
    op = "avg_pool2d",
    window = window,
    attrs = { count_pad = count_pad or nil },
    axes = axes,
    name = n:output_name(1),
  }))
end

-- (sum |x|^p)^(1/p) over the window
local function lower_lp(n)
  local value, p = n:value(1), n:attribute("p", 2)
  local window = read_window(n, value.type.shape)
  if p < 1 then
    n:fail("attribute 'p' is %d", p)
  end
  local power = compose.by(n, "pow", compose.op(n, "abs", { value }), p)
  local sum = taps.fold(n, power, window, { op = "add", value = 0.0 })
  n:result(1, compose.by(n, "pow", sum, 1 / p))
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

-- A pool over windows; `own` are the attributes that others do not have.
local function windowed(lower, own)
  own.auto_pad, own.ceil_mode, own.dilations = "string", "int", "ints"
  own.kernel_shape, own.pads, own.strides = "ints", "ints", "ints"
  return { inputs = { 1, 1 }, attributes = own, lower = lower }
end

return {
  MaxPool = windowed(lower_max, { storage_order = "int" }),
  AveragePool = windowed(lower_average, { count_include_pad = "int" }),
  LpPool = windowed(lower_lp, { p = "int" }),
  GlobalAveragePool = global("reduce_mean"),
  GlobalMaxPool = global("reduce_max"),
}
