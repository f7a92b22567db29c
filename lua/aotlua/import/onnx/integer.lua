--- onnx.integer: sums of products of dequantized integers, done on the integers.
-- x, w and the result are real = scale * (stored - zero). With s = scale_x * scale_w, the sum of
-- (x - zero_x)(w - zero_w) and of the bias in units of s is exact in i32; the result is
-- round_to_even(sum * s / scale_y) + zero_y. ONNX rounds each product and sum in f32 instead, so
-- the two may differ by one unit where the exact value lies half way between two.
local ir = require "aot.ir"

local integer = {}

local FIT = { i8 = true, u8 = true }

local function round_f32(x)
  return (string.unpack("<f", string.pack("<f", x)))
end

--- Rounds to the nearest integer, half to even, as a float.
local function round_even(x)
  local low = math.floor(x)
  local rest = x - low
  if rest > 0.5 or (rest == 0.5 and low % 2 ~= 0) then
    return low + 1.0
  end
  return low + 0.0
end

--- Quantizes a bound of a clip for a per-tensor type: round_to_even(x / scale) + zero as a float,
-- not yet saturated.
function integer.bound(x, quant)
  local steps = round_f32(x / quant.scale)
  if steps ~= steps or steps == math.huge or steps == -math.huge then
    return steps
  end
  return round_even(steps) + quant.zero
end

-- The clamp on stored values that a clip before the quantization to `kind` becomes: quantizing
-- never changes the order, so it is exact. `range` is { min, max } of the element type.
local function clamp_attrs(clip, kind, range)
  local attrs, any = {}, false
  for _, side in ipairs { "lo", "hi" } do
    local bound = clip[side]
    if bound then
      local stored = integer.bound(bound, kind.quant)
      stored = math.tointeger(math.min(math.max(stored, range.min), range.max))
      if stored ~= (side == "lo" and range.min or range.max) then
        attrs[side], any = stored, true
      end
    end
  end
  return any and attrs
end

local function per_tensor(kind)
  return kind.quant and not kind.quant.axis
end

-- The weights' scales as a list of one or `count`, nil if they do not suit the sum.
local function weight_scales(quant, axis)
  if not quant.axis then
    return { quant.scale }
  elseif quant.axis == axis and not quant.zeros then
    return quant.scales.data:list()
  end
end

--- Whether x and w (Operands) are integers that can be summed up: per-tensor x, and w per tensor
-- or along `axis`, its output channels; and the bias, if any, a constant.
function integer.suits(x, w, axis, bias)
  if not (x.integer and w.integer) then
    return false
  end
  local x_type, w_type = x.integer.type, w.integer.type
  return FIT[x_type.dtype] and FIT[w_type.dtype] and per_tensor(x_type)
    and weight_scales(w_type.quant, axis) ~= nil
    and (bias == nil or bias:tensor() ~= nil or (bias.integer and bias.integer.kind == "const"))
end

-- The bias in units of `units` (one, or one per channel) as integers; nil if one does not fit i32.
local function bias_steps(bias, units)
  local data = bias.integer and bias.integer.data or bias:tensor()
  local quant = bias.integer and bias.integer.type.quant or { scale = 1.0, zero = 0 }
  local scales = quant.axis and quant.scales.data:list() or { quant.scale }
  local zeros = quant.zeros and quant.zeros.data:list() or { quant.zero }
  local steps = {}
  for i, stored in ipairs(data:list()) do
    local unit, scale = units[i] or units[1], scales[i] or scales[1]
    local number = stored - (zeros[i] or zeros[1])
    local exact = bias.integer and round_f32(unit) == scale
    local step = exact and number or round_even(number * scale / unit)
    if not (step >= -(1 << 31) and step < 1 << 31) then
      return nil
    end
    steps[i] = math.tointeger(step)
  end
  return steps
end

-- The units of the sum's steps, and what turns a step into one of the result: per channel.
local function multipliers(x, w, parts, scale)
  local units, factors, same = {}, {}, true
  for i, weight in ipairs(weight_scales(w.type.quant, parts.axis)) do
    units[i] = x.type.quant.scale * weight
    factors[i] = round_f32(units[i] / scale)
    same = same and factors[i] == factors[1]
    if factors[i] == math.huge then
      return nil
    end
  end
  return units, same and { factors[1] } or factors
end

-- Emits what follows the sum; the last op gets the name.
local function finish(n, tail)
  local kind = tail.request.type
  local range, steps = ir.dtype(kind.dtype), {}
  steps[1] = {
    op = "requantize",
    inputs = { tail.sum, tail.multiplier },
    attrs = { rounding = "even" },
    type = { dtype = kind.dtype, quant = kind.quant },
  }
  for _, clip in ipairs(tail.request.clips) do
    local attrs = clamp_attrs(clip, kind, range)
    steps[#steps + 1] = attrs and { op = "clamp", attrs = attrs } or nil
  end
  steps[#steps].name = tail.name
  local result
  for _, step in ipairs(steps) do
    step.inputs = step.inputs or { result }
    result = n:emit(step)
  end
  return result
end

--- Emits the sum and its requantization to `request.type`, { node, type, name, clips }. `parts`
-- is a product (see onnx.products). Gives the Value, or nil if integers cannot express it.
function integer.emit(n, parts, request)
  local kind = request.type
  local x, w = parts.x.integer, parts.w.integer
  if not per_tensor(kind) then
    return nil
  end
  local units, factors = multipliers(x, w, parts, kind.quant.scale)
  if not units then
    return nil
  end
  local bias
  if parts.bias then
    local steps = bias_steps(parts.bias, units)
    if not steps then
      return nil
    end
    bias = n:constant({ dtype = "i32", shape = { #steps } }, steps, n:output_name(1) .. "_bias")
  end
  local q = request.node
  local multiplier = q:constant({ dtype = "f32", shape = { #factors } }, factors,
    request.name .. "_multiplier")
  return parts.emit(x, w, bias, {
    node = q,
    name = request.name,
    finish = function(sum, name)
      return finish(q, { sum = sum, multiplier = multiplier, request = request, name = name })
    end,
  })
end

return integer
