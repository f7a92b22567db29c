--- xnnpack: XNNPACK (Debian's libxnnpack-dev) computes convolutions, products and pooling.
--
-- It stands behind a target of the host: `--target x86_64_v3,xnnpack`. Generated code calls the
-- few functions of xnnpack/aotlua_xnnpack.h, which keep what XNNPACK made for a layer: xnnpack/
-- aotlua_xnnpack.c and -lXNNPACK belong to the program. Sums of floats come in an order of its
-- own; sums of integers are exact, and are scaled in floats, so that results may be one off.

local accelerator = require "aotlua.accelerator"
local emit = require "aot.emit"
local ir = require "aot.ir"

local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."

local largest_factor = 256 -- exclusive: what XNNPACK scales sums by

-- Conditions ------------------------------------------------------------------------------------

local function product_of(m) return m.node.c or m.node.y end

-- Products of rows and constant columns are layers, and so are convolutions.
local function is_layer(m)
  if product_of(m).op == "matmul" and (#m.x.type.shape ~= 2 or #m.w.type.shape ~= 2) then
    return false, "only products of two axes"
  end
  for _, value in ipairs { m.x, m.y } do
    for _, extent in ipairs(value.type.shape) do
      if extent == 0 then return false, "nothing to compute" end
    end
  end
  return true
end

local function are_floats(m)
  if m.x.type.dtype ~= "f32" or m.w.type.dtype ~= "f32" then return false, "only f32" end
  return is_layer(m)
end

-- The factors by which sums of integers are scaled, one for each output channel.
local function factors_of(m)
  local channels, numbers = m.y.type.shape[#m.y.type.shape], {}
  local function at(value, i) return value.data:get(#value.data > 1 and i or 1) end
  for i = 1, channels do
    numbers[i] = m.scale and at(m.scale, i) or at(m.mult, i) * 2.0 ^ (at(m.shift, i) - 31)
  end
  return numbers
end

local function are_bytes(m)
  local x, w, y, step = m.x.type, m.w.type, m.y.type, m.node.y
  if x.dtype ~= "i8" or w.dtype ~= "i8" or y.dtype ~= "i8" then return false, "only int8" end
  for _, type in ipairs { x, w, y } do
    if type.quant and type.quant.zeros then return false, "one zero point a tensor" end
  end
  if w.quant and w.quant.zero ~= 0 then return false, "weights around 0 only" end
  if (step:get "left_shift" or 0) ~= 0 then return false, "no left_shift" end
  if (step:get "axis" or #y.shape - 1) ~= #y.shape - 1 then
    return false, "scales of channels only"
  end
  for _, factor in ipairs(factors_of(m)) do
    if not (factor > 2.0 ^ -100 and factor < largest_factor) then
      return false, "scales beyond those of XNNPACK"
    end
  end
  return is_layer(m)
end

local function can_pool(m)
  local node, window = m.node.y, m.node.y:get "window"
  local pad = node:get "pad" or { 0, 0, 0, 0 }
  if window[1] * window[2] == 1 then return false, "windows of several elements only" end
  if node:get "count_pad" and table.concat(pad) ~= "0000" then
    return false, "padding never counts"
  end
  return is_layer(m)
end

local function can_pool_floats(m)
  if m.x.type.dtype ~= "f32" then return false, "only f32" end
  return can_pool(m)
end

local function can_pool_bytes(m)
  if m.x.type.dtype ~= "i8" then return false, "only int8" end
  return can_pool(m)
end

-- Layers in C -----------------------------------------------------------------------------------

-- struct aotlua_xnnpack_window: x as [image, height, width, channels].
local function window(x, channels, size, attrs)
  local stride, pad = attrs.stride or { 1, 1 }, attrs.pad or { 0, 0, 0, 0 }
  local dilation = attrs.dilation or { 1, 1 }
  return ("{ %s }"):format(table.concat({ x[1], x[2], x[3], x[4], channels, size[1], size[2],
    stride[1], stride[2], dilation[1], dilation[2], pad[1], pad[2], pad[3], pad[4] }, ", "))
end

local function limit(node, key, otherwise)
  local value = node.op == "clamp" and node:get(key)
  return value and emit.literal("f32", value) or otherwise
end

local function zero(type) return type.quant and type.quant.zero or 0 end

-- A product of matrices is a convolution of one tap over images of one pixel.
local function declare_conv(m)
  local node, x, w, y = product_of(m), m.x.type.shape, m.w.type.shape, m.y.type.shape
  local is_conv = node.op == "conv2d"
  local shape = is_conv and window(x, y[4], { w[2], w[3] }, node.attrs)
    or window({ x[1], 1, 1, x[2] }, y[2], { 1, 1 }, {})
  return ([[
static aotlua_xnnpack_layer layers;
static const struct aotlua_xnnpack_conv conv = {
    %s,
    %d, %s, %s, %d, %d
};
]]):format(shape, is_conv and node:get "groups" or 1, limit(m.node.y, "lo", "-HUGE_VALF"),
    limit(m.node.y, "hi", "HUGE_VALF"), zero(m.x.type), zero(m.y.type))
end

-- Weights as [output, ..., input]: those of a product may stand the other way round.
local function weights(m)
  local node = product_of(m)
  if node.op == "conv2d" or node:get "transpose_b" then return {} end
  return { turned = ir.apply("transpose", { m.w.data }, { perm = { 1, 0 } }) }
end

local function constants(m)
  local made, factors = weights(m), (m.scale or m.mult) and factors_of(m)
  made.factors = factors and ir.tensor({ dtype = "f32", shape = { #factors } }, factors)
  return made
end

local function emit_conv(form, more)
  return function(m)
    return ("%sstatus = aotlua_xnnpack_conv_%s(&layers, &conv, ${x}, %s, %s, %s${y});"):format(
      declare_conv(m), form, m.turned and "${turned}" or "${w}", m.b and "${b}" or "NULL", more)
  end
end

local function emit_pool(kind)
  return function(m)
    return ([[
static aotlua_xnnpack_layer layers;
static const struct aotlua_xnnpack_pool pool = {
    %s,
    AOTLUA_XNNPACK_%s
};
status = aotlua_xnnpack_pool(&layers, &pool, ${x}, ${y});]]):format(window(m.x.type.shape,
      m.x.type.shape[4], m.node.y:get "window", m.node.y.attrs), kind)
  end
end

-- Offers ----------------------------------------------------------------------------------------

local offers = {
  { name = "max_pool", match = "%y = max_pool2d %x", when = can_pool_floats,
    emit = emit_pool "MAX_F32" },
  { name = "max_pool_s8", match = "%y = max_pool2d %x", when = can_pool_bytes,
    emit = emit_pool "MAX_S8" },
  { name = "avg_pool", match = "%y = avg_pool2d %x", when = can_pool_floats,
    emit = emit_pool "MEAN_F32", changes = "float_order" },
}

for _, op in ipairs { "conv2d", "matmul" } do
  local function offer(name, match, form)
    offers[#offers + 1] = {
      name = op .. name, match = match:format(op .. " %x, $w, $b?"), constants = constants,
      when = form == "s8" and are_bytes or are_floats,
      changes = form == "s8" and { lsb = 1 } or "float_order",
      emit = emit_conv(form, form == "s8" and "${factors}, " or ""),
    }
  end
  offer("", "%%y = %s", "f32")
  offer("_clamp", "%%c = %s\n%%y = clamp %%c", "f32")
  offer("_even", "%%c = %s\n%%y = requantize %%c, $scale { rounding = even }", "s8")
  offer("_tflite", "%%c = %s\n%%y = requantize %%c, $mult, $shift { rounding = double|single }",
    "s8")
end

return accelerator {
  name = "xnnpack",
  headers = { "aotlua_xnnpack.h" },
  cc = {
    flags = { "-I", here .. "/xnnpack" },
    link = { here .. "/xnnpack/aotlua_xnnpack.c", "-lXNNPACK" },
  },
  offers = offers,
}
