--- windows: CMSIS-NN's convolutions and pools.

local match = require "targets.cmsis_nn.match"
local core = require "targets.cmsis_nn.core"
local sizes = require "targets.cmsis_nn.sizes"
local text = require "targets.cmsis_nn.text"

local LIMIT = 0xFFFF -- of an extent: the library counts some in 16 bits

-- What sizes.lua and the calls read of a node: extents, kernel, strides, padding.
local function window_of(node, x, y)
  local attrs, kernel = node.attrs, node.inputs[2] and node.inputs[2].type.shape
  local stride, dilation = attrs.stride or { 1, 1 }, attrs.dilation or { 1, 1 }
  local pad, window = attrs.pad or { 0, 0, 0, 0 }, attrs.window or { kernel[2], kernel[3] }
  return {
    batch = x[1], in_h = x[2], in_w = x[3], in_c = x[4], out_h = y[2], out_w = y[3], out_c = y[4],
    kernel_h = window[1], kernel_w = window[2], kernel_c = kernel and kernel[4],
    stride_h = stride[1], stride_w = stride[2], dilation_h = dilation[1], dilation_w = dilation[2],
    top = pad[1], left = pad[2], bottom = pad[3], right = pad[4],
  }
end

local function convolution_of(m)
  return window_of(m.node.sum, m.x.type.shape, m.y.type.shape)
end

local function dims(w, kernel_n, kernel_c)
  return table.concat({
    text.dims("x_dims", w.batch, w.in_h, w.in_w, w.in_c),
    text.dims("w_dims", kernel_n, w.kernel_h, w.kernel_w, kernel_c),
    text.dims("y_dims", w.batch, w.out_h, w.out_w, w.out_c),
  }, "\n")
end

-- What all of them refuse.
local function extents_problem(w)
  for _, extent in pairs(w) do -- order: irrelevant, any will do
    if extent > LIMIT then return "extents of at most 65535 only" end
  end
  if w.batch * w.out_h * w.out_w * w.out_c * w.in_c == 0 then return "nothing empty" end
end

-- The kinds of convolution --------------------------------------------------------------------

-- With Helium, a row is cut: windows that padding on the left touches, those inside, those that
-- padding on the right touches. For these the library copies as many columns as a window has but
-- one; all else is to be padding, of which it has as much as on the left, or a column for each.
local function is_cut_right(w)
  local left, inside, right, lacking = sizes.row_parts(w)
  if left + inside + right ~= w.out_w then return true end -- it cuts nothing, but gathers
  if w.in_w < w.kernel_w then return false end
  if right == 0 then return w.kernel_w == 1 or w.stride_w == 1 end -- it reads on all the same
  local columns = w.in_w - (w.stride_w * (left + inside) - w.left)
  local padding = lacking ~= 0 and right or w.left
  return columns == w.kernel_w - 1 and (right - 1) * w.stride_w < padding
end

-- Functions of 8 bits for single pixels and for rows take for granted how they are padded.
local function padding_problem(variant, w)
  if sizes.is_pointwise(w) then
    local is_padded = (w.out_w - 1) * w.stride_w >= w.in_w or (w.out_h - 1) * w.stride_h >= w.in_h
    return is_padded and "single pixels without padding only" or nil
  end
  if variant ~= "mve" or not sizes.is_row(w) then return nil end
  local _, _, _, lacking = sizes.row_parts(w)
  local padding = (w.out_w - 1) * w.stride_w + w.kernel_w - w.in_w
  if w.out_h ~= 1 or padding < 0 or 2 * w.left + lacking ~= padding then
    return "a row that is not padded as TensorFlow Lite does"
  end
  return not is_cut_right(w) and "a row where it would mistake other columns for padding" or nil
end

local function is_depthwise(m)
  return m.node.sum:get "groups" == m.x.type.shape[4]
end

local function convolution_problem(m, target)
  local w = convolution_of(m)
  local taps = w.kernel_h * w.kernel_w * w.kernel_c
  local wrong = match.weights_problem(m) or extents_problem(w)
  if wrong then return wrong end
  if taps > LIMIT then return "at most 65535 taps" end
  return m.x.type.dtype == "i8" and padding_problem(core(target), w)
    or match.sums_problem(m, taps, taps)
end

-- Whether an offer of `kind` takes the match, and why not.
local function takes(kind, m, target)
  local depthwise = is_depthwise(m) and m.x.type.shape[4] > 1
  if kind.depthwise ~= depthwise then
    return false, depthwise and "each channel by itself" or "not each channel by itself"
  end
  if not depthwise and (m.node.sum:get "groups" or 1) ~= 1 then return false, "no groups" end
  local wrong = convolution_problem(m, target)
  return wrong == nil, wrong
end

local function params(kind, m, w)
  local fields = {
    { "input_offset", -match.zero(m.x) }, { "output_offset", match.zero(match.scaled(m)) },
    { "stride", text.tile(w.stride_h, w.stride_w) }, { "padding", text.tile(w.top, w.left) },
    { "dilation", text.tile(w.dilation_h, w.dilation_w) },
    { "activation", text.range(match.range(m)) },
  }
  if kind.depthwise then table.insert(fields, 3, { "ch_mult", w.out_c // w.in_c }) end
  return text.struct(kind.depthwise and "cmsis_nn_dw_conv_params" or "cmsis_nn_conv_params",
    "params", fields)
end

local function bytes_of(kind, m, variant)
  return kind.bytes[m.x.type.dtype](variant, convolution_of(m))
end

local function emit(kind, m, target)
  local w = convolution_of(m)
  local bias = ("${%s}"):format(m.bias and "bias" or "b")
  local lines = {
    text.context(core(target), function(variant) return bytes_of(kind, m, variant) end),
    params(kind, m, w),
    text.channels(match.spread_names(m)),
    kind.depthwise and dims(w, 1, w.out_c) or dims(w, w.out_c, w.kernel_c),
    text.dims("b_dims", 1, 1, 1, w.out_c),
  }
  if m.x.type.dtype == "i16" and not kind.depthwise then
    lines[#lines + 1] = ("const cmsis_nn_bias_data bias_data = { %s, false };"):format(bias)
    bias = "&bias_data"
  end
  lines[#lines + 1] = text.call("status = ", match.call(kind.call, m), {
    "&ctx", "&params", "&quant", "&x_dims", "${x}", "&w_dims",
    kind.depthwise and "${taps}" or "${w}", "&b_dims", bias, "&y_dims", "${y}",
  })
  return table.concat(lines, "\n")
end

local function constants(kind, m)
  local made = match.add_bias(m, {}, m.y.type.shape[4])
  if kind.depthwise then made.taps = m.w.data:transpose { 3, 1, 2, 0 } end
  return match.spread(m, made, m.y.type.shape[4])
end

-- Offers of convolutions; `kind`: `name`, `call`, `depthwise`, `bytes` by element type.
local function convolution(kind)
  return match.clamped {
    name = kind.name,
    match = "%sum = conv2d %x, $w, $b?\n%y = requantize %sum, $multiplier, $shift?",
    when = function(m, target) return takes(kind, m, target) end,
    constants = function(m) return constants(kind, m) end,
    scratch = function(m, target) return bytes_of(kind, m, core(target)) end,
    emit = function(m, target) return emit(kind, m, target) end,
  }
end

-- Pools ---------------------------------------------------------------------------------------

local function pool_window(m)
  return window_of(m.node.q or m.node.y, m.x.type.shape, m.y.type.shape)
end

local function pool_takes(m)
  if (m.node.q or m.node.y):get "count_pad" then return false, "padding does not count" end
  local w = pool_window(m)
  local wrong = match.types_problem { m.x } or extents_problem(w)
  if w.kernel_h * w.kernel_w > LIMIT then wrong = "windows of at most 65535 elements" end
  return wrong == nil, wrong
end

-- Offers of pools; `kind`: `name`, `op`, `call`, `bytes`.
local function pool(kind)
  local function pool_bytes(m, variant)
    return kind.bytes and kind.bytes(variant, pool_window(m)) or 0
  end
  return match.clamped {
    name = kind.name,
    match = ("%%y = %s %%x"):format(kind.op),
    when = pool_takes,
    scratch = function(m, target) return pool_bytes(m, core(target)) end,
    emit = function(m, target)
      local w = pool_window(m)
      return table.concat({
        text.context(core(target), function(variant) return pool_bytes(m, variant) end),
        text.struct("cmsis_nn_pool_params", "params", {
          { "stride", text.tile(w.stride_h, w.stride_w) },
          { "padding", text.tile(w.top, w.left) },
          { "activation", text.range(match.range(m)) },
        }),
        dims(w, 1, 1),
        text.call("status = ", match.call(kind.call, m),
          { "&ctx", "&params", "&x_dims", "${x}", "&w_dims", "&y_dims", "${y}" }),
      }, "\n")
    end,
  }
end

return { convolution = convolution, pool = pool }
