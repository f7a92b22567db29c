--- elementwise: CMSIS-NN's sums and products of two tensors of one shape.

local ir = require "aot.ir"

local match = require "targets.cmsis_nn.match"
local text = require "targets.cmsis_nn.text"

local MOST = 0x7FFFFFFF

-- The largest amount that a value has less its zero point.
local function largest(value, zero)
  local limits = ir.dtype(value.type.dtype)
  return math.max(limits.max - zero, zero - limits.min)
end

-- What is refused of operands %a and %b and a result %y.
local function types_problem(m)
  if not match.same_shape(m.a.type.shape, m.b.type.shape) then return "operands of one shape" end
  if match.count(m.y.type.shape) == 0 then return "no empty results" end
  return match.types_problem { m.a, m.b, match.scaled(m) }
end

-- The last arguments of a call: the result's scale, range and size.
local function result_of(m)
  local zero, low, high = match.zero(match.scaled(m)), match.range(m)
  return { "${y}", zero, m.multiplier.data:get(1), m.shift.data:get(1), low, high,
    match.count(m.y.type.shape) }
end

local function append(list, more)
  return table.move(more, 1, #more, #list + 1, list)
end

-- Sums ----------------------------------------------------------------------------------------

-- The largest amount of an operand on the common scale; nil where the library may lose bits. It
-- raises 16 bits of 8-bit operands without their sign, which only 16 more bits make good.
local function raised(value, node, multiplier, shift)
  local bits = node:get "left_shift" or 0
  if node:get "rounding" ~= "double" or #multiplier > 1 or #shift > 1 or shift:get(1) > 0 then
    return nil
  end
  local most = largest(value, match.zero(value)) << bits
  if most > MOST or value.type.dtype == "i8" and bits < 16 then return nil end
  return (most * multiplier:get(1) >> 31 - shift:get(1)) + 1
end

local function sum_takes(m)
  local wrong = types_problem(m)
    or (match.zero(m.p) ~= 0 or match.zero(m.r) ~= 0) and "a common scale around 0"
  if wrong then return false, wrong end
  if m.node.p.attrs.left_shift ~= m.node.r.attrs.left_shift or not m.p_shift or not m.r_shift
    or not match.has_one_factor(m) then
    return false, "operands that are raised alike"
  end
  local p = raised(m.a, m.node.p, m.p_multiplier.data, m.p_shift.data)
  local r = raised(m.b, m.node.r, m.r_multiplier.data, m.r_shift.data)
  if not p or not r then return false, "operands on a common, finer scale, rounded twice" end
  wrong = match.rounding_problem(m, p + r)
  return wrong == nil, wrong
end

local function operand(m, value, name)
  return { -match.zero(value), m[name .. "_multiplier"].data:get(1),
    m[name .. "_shift"].data:get(1) }
end

local function sum()
  return match.clamped {
    name = "add",
    match = [[
      %p = requantize %a, $p_multiplier, $p_shift? : i32[...]
      %r = requantize %b, $r_multiplier, $r_shift? : i32[...]
      %s = add %p, %r : i32[...]
      %y = requantize %s, $multiplier, $shift?]],
    when = sum_takes,
    emit = function(m)
      local arguments = append({ "${a}", "${b}" }, operand(m, m.a, "p"))
      append(arguments, operand(m, m.b, "r"))
      arguments[#arguments + 1] = m.node.p:get "left_shift" or 0
      return text.call("status = ", match.call("elementwise_add", m),
        append(arguments, result_of(m)))
    end,
  }
end

-- Products ------------------------------------------------------------------------------------

-- What is taken from an operand before it is multiplied.
local function offset(constant)
  return constant and constant.data:get(1) or 0
end

local function product_takes(m)
  local wrong = types_problem(m)
  if wrong then return false, wrong end
  if m.za and #m.za.data > 1 or m.zb and #m.zb.data > 1 or not match.has_one_factor(m) then
    return false, "one zero point for a tensor"
  end
  if offset(m.za) ~= match.zero(m.a) or offset(m.zb) ~= match.zero(m.b) then
    return false, "operands less their zero points"
  end
  wrong = match.rounding_problem(m, largest(m.a, offset(m.za)) * largest(m.b, offset(m.zb)))
  return wrong == nil, wrong
end

-- Offers of products where a zero point is taken from the first operand, or from both.
local function product(has_za, has_zb)
  local lines = { "%p = cast %a : i32[...]", "%r = cast %b : i32[...]" }
  if has_za then lines[#lines + 1] = "%pz = sub %p, $za" end
  if has_zb then lines[#lines + 1] = "%rz = sub %r, $zb" end
  lines[#lines + 1] = ("%%s = mul %s, %s : i32[...]"):format(has_za and "%pz" or "%p",
    has_zb and "%rz" or "%r")
  lines[#lines + 1] = "%y = requantize %s, $multiplier, $shift?"
  return match.clamped {
    name = "mul" .. (has_za and "_zero" or "") .. (has_zb and "s" or ""),
    match = table.concat(lines, "\n"),
    when = product_takes,
    emit = function(m)
      local arguments = { "${a}", "${b}", -offset(m.za), -offset(m.zb) }
      return text.call("status = ", match.call("elementwise_mul", m),
        append(arguments, result_of(m)))
    end,
  }
end

return { sum = sum, product = product }
