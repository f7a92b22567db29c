--- cmsis_nn: random layers for CMSIS-NN, many in one network, and where its checkout is.

local M = {}

--- The checkout of CMSIS-NN; nil and why where there is none.
function M.root()
  local root = os.getenv "CMSIS_NN_ROOT"
  if root and root ~= "" then return root end
  return nil, "CMSIS_NN_ROOT names no checkout of CMSIS-NN"
end

local Net = {}
Net.__index = Net

-- The same on every machine, unlike math.random.
function Net:below(count)
  self.seed = (self.seed * 6364136223846793005 + 1442695040888963407) & 0x7FFFFFFFFFFFFFFF
  return (self.seed >> 33) % count
end

function Net:from(low, high) return low + self:below(high - low + 1) end

function Net:pick(list) return list[self:from(1, #list)] end

local function shape_text(shape) return table.concat(shape, ", ") end

local function type_text(dtype, shape, zero)
  return ("%s[%s]%s"):format(dtype, shape_text(shape), zero and (" q(0.5, %d)"):format(zero) or "")
end

function Net:const(name, dtype, shape, low, high, quant)
  local count, numbers = 1, {}
  for _, extent in ipairs(shape) do count = count * extent end
  for i = 1, count do numbers[i] = self:from(low, high) end
  self.consts[#self.consts + 1] = ("const $%s : %s%s = dense [%s]"):format(name,
    type_text(dtype, shape), quant or "", table.concat(numbers, ", "))
  return "$" .. name
end

function Net:param(name, type)
  self.params[#self.params + 1] = ("%%%s : %s"):format(name, type)
  return "%" .. name
end

function Net:line(result, ...)
  self.lines[#self.lines + 1] = ("  %%%s = "):format(result) .. string.format(...)
end

-- Returns %y, or what a clamp makes of it.
function Net:done(number, y)
  local result = "y" .. number
  if self:below(3) == 0 then
    result = "c" .. number
    self:line(result, "clamp %%y%d { lo = %d, hi = %d } : %s", number, self:from(-100, -1),
      self:from(0, 100), y)
  end
  self.returns[#self.returns + 1] = "%" .. result
end

-- Brings sums of `bits` bits to the type `y`; factors are those of `channels`, or one.
function Net:requantize(number, bits, channels, y)
  local m = self:const("m" .. number, "i32", { channels }, 1 << 30, 0x7FFFFFFF)
  local s = self:const("s" .. number, "i32", { channels }, -bits - 2, -bits)
  self:line("y" .. number, "requantize %%u%d, %s, %s { rounding = double } : %s", number, m, s, y)
  self:done(number, y)
end

local function bits_of(number)
  local bits = 0
  while number > 0 do number, bits = number // 2, bits + 1 end
  return bits
end

-- The bits that are too many of sums of `taps` products.
local function spare_bits(dtype, taps)
  return math.max(0, bits_of(taps * 127 * (dtype == "i8" and 128 or 32768))
    - (dtype == "i8" and 10 or 18))
end

function Net:zero(dtype) return dtype == "i8" and self:from(-128, 127) or 0 end

function Net:bias(number, dtype, count)
  if self:below(4) == 0 then return "_" end
  return self:const("b" .. number, dtype, { count }, -9000, 9000)
end

-- Extents of an image and a window, padding and strides of both axes.
function Net:window(is_row, windows, dilations)
  local w = {}
  for axis = 1, 2 do
    local flat = is_row and axis == 1
    local kernel = flat and 1 or self:pick(windows)
    local dilation = flat and 1 or self:pick(dilations)
    local span = (kernel - 1) * dilation + 1
    local before, after = self:below(kernel), self:below(kernel)
    if is_row then after = flat and 0 or before + self:below(2) end -- as TensorFlow Lite pads
    local extent = math.max(flat and 1 or self:from(1, 9), span - before - after)
    local stride = self:from(1, 3)
    w[axis] = { kernel = kernel, dilation = dilation, stride = stride, before = before,
      after = after, extent = extent, out = (extent + before + after - span) // stride + 1 }
  end
  return w[1], w[2]
end

local function window_text(v, h)
  return ("stride = [%d, %d], pad = [%d, %d, %d, %d]"):format(v.stride, h.stride, v.before,
    h.before, v.after, h.after)
end

local layers = {}

local function convolution(net, number, dtype, kind)
  local depthwise, batch = kind == "depthwise", net:pick { 1, 1, 1, 2 }
  local v, h = net:window(kind == "row", { 1, 1, 2, 3, 3, 4, 5 }, { 1, 1, 1, 2 })
  local inner = depthwise and net:pick { net:from(2, 20), net:from(100, 140) }
    or net:pick { 4, 8, 3, net:from(1, 20) }
  local outer = depthwise and inner * net:pick { 1, 1, 2, 3, 4 } or net:from(1, 9)
  local x = net:param("x" .. number, type_text(dtype, { batch, v.extent, h.extent, inner },
    net:zero(dtype)))
  local taps = depthwise and 1 or inner
  local w = net:const("w" .. number, "i8", { outer, v.kernel, h.kernel, taps }, -127, 127,
    " q(0.5, 0)")
  local b = net:bias(number, dtype == "i8" and "i32" or net:pick { "i32", "i64" }, outer)
  net:line("u" .. number, "conv2d %s, %s, %s { %s, dilation = [%d, %d], groups = %d } : %s",
    x, w, b, window_text(v, h), v.dilation, h.dilation, depthwise and inner or 1,
    type_text(dtype == "i8" and "i32" or "i64", { batch, v.out, h.out, outer }))
  net:requantize(number, spare_bits(dtype, v.kernel * h.kernel * taps), net:pick { 1, outer },
    type_text(dtype, { batch, v.out, h.out, outer }, net:zero(dtype)))
end

function layers.conv(net, number, dtype) convolution(net, number, dtype, "conv") end
function layers.row(net, number, dtype) convolution(net, number, dtype, "row") end
function layers.depthwise(net, number, dtype) convolution(net, number, dtype, "depthwise") end

function layers.full(net, number, dtype)
  local rows, columns, results = net:from(1, 3), net:pick { net:from(1, 70), 600 }, net:from(1, 20)
  local x = net:param("x" .. number, type_text(dtype, { rows, columns }, net:zero(dtype)))
  local w = net:const("w" .. number, "i8", { results, columns }, -127, 127, " q(0.5, 0)")
  net:line("u" .. number, "matmul %s, %s, %s { transpose_b = true } : %s", x, w,
    net:bias(number, dtype == "i8" and "i32" or "i64", results),
    type_text(dtype == "i8" and "i32" or "i64", { rows, results }))
  net:requantize(number, spare_bits(dtype, columns), dtype == "i8" and net:pick { 1, results } or 1,
    type_text(dtype, { rows, results }, net:zero(dtype)))
end

function layers.pool(net, number, dtype)
  local v, h = net:window(false, { 1, 2, 3, 4 }, { 1 })
  local batch, channels, zero = net:pick { 1, 2 }, net:from(1, 40), net:zero(dtype)
  local x = net:param("x" .. number, type_text(dtype, { batch, v.extent, h.extent, channels },
    zero))
  local y = type_text(dtype, { batch, v.out, h.out, channels }, zero)
  net:line("y" .. number, "%s_pool2d %s { window = [%d, %d], %s } : %s", net:pick { "max", "avg" },
    x, v.kernel, h.kernel, window_text(v, h), y)
  net:done(number, y)
end

function layers.sum(net, number, dtype)
  local shape, raised = { 1, net:from(1, 7), net:from(1, 9) }, {}
  for i = 1, 2 do
    local name = ("x%d_%d"):format(number, i)
    local x = net:param(name, type_text(dtype, shape, net:zero(dtype)))
    raised[i] = "r" .. name
    net:line(raised[i], "requantize %s, %s, %s { left_shift = %d, rounding = double } : %s", x,
      net:const("m" .. name, "i32", { 1 }, 1 << 30, 0x7FFFFFFF),
      net:const("s" .. name, "i32", { 1 }, -4, -1), dtype == "i8" and 20 or 15,
      type_text("i32", shape))
  end
  net:line("u" .. number, "add %%%s, %%%s : %s", raised[1], raised[2], type_text("i32", shape))
  net:requantize(number, dtype == "i8" and 19 or 14, 1, type_text(dtype, shape, net:zero(dtype)))
end

function layers.product(net, number, dtype)
  local shape, factors = { 1, net:from(1, 7), net:from(1, 9) }, {}
  for i = 1, 2 do
    local name, zero = ("x%d_%d"):format(number, i), net:zero(dtype)
    local x = net:param(name, type_text(dtype, shape, zero))
    factors[i] = "r" .. name
    net:line(factors[i], "cast %s : %s", x, type_text("i32", shape))
    if zero ~= 0 then
      net:line("z" .. name, "sub %%%s, %s : %s", factors[i],
        net:const("z" .. name, "i32", {}, zero, zero), type_text("i32", shape))
      factors[i] = "z" .. name
    end
  end
  net:line("u" .. number, "mul %%%s, %%%s : %s", factors[1], factors[2], type_text("i32", shape))
  net:requantize(number, dtype == "i8" and 8 or 15, 1, type_text(dtype, shape, net:zero(dtype)))
end

function layers.softmax(net, number, dtype)
  local shape, shift = { net:from(1, 4), net:from(1, 30) }, net:from(20, 26)
  local x = net:param("x" .. number, type_text("i8", shape, net:zero "i8"))
  net:line("y" .. number, "softmax %s { diff_min = %d, multiplier = %d, shift = %d } : %s", x,
    -(31 << (26 - shift)), net:from(1 << 30, 0x7FFFFFFF), shift,
    type_text(dtype, shape) .. (dtype == "i8" and " q(0.00390625, -128)"
      or " q(1.52587891e-05, -32768)"))
  net.returns[#net.returns + 1] = "%y" .. number
end

local KINDS = { "conv", "conv", "row", "depthwise", "depthwise", "full", "pool", "sum", "product",
  "softmax" }

--- A source of random numbers: `pick(list)`, `from(low, high)`, and extents of windows: `window`.
function M.random(seed)
  return setmetatable({ seed = seed, consts = {}, params = {}, lines = {}, returns = {} }, Net)
end

--- A network of `count` layers side by side, as IR text: each of `kinds` in turn (by default, of
--- all), else by chance.
function M.net(seed, count, kinds)
  kinds = kinds or KINDS
  local net = M.random(seed)
  for number = 1, count do
    layers[kinds[(number - 1) % #kinds + 1]](net, number, net:pick { "i8", "i8", "i16" })
  end
  return ("module net\n\n%s\n\ngraph @main(%s) {\n%s\n  return %s\n}\n"):format(
    table.concat(net.consts, "\n"), table.concat(net.params, ", "),
    table.concat(net.lines, "\n"), table.concat(net.returns, ", "))
end

return M
