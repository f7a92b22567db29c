--- softmax: y = exp(beta * (x - max)) / sum of these, along one axis; on 8-bit integers TensorFlow
--- Lite's fixed-point form, bit for bit.

local ir = require "aot.ir"

local extreme = require "aotlua.kernels.extreme"
local nest = require "aotlua.kernels.nest"

local HEADER = "aotrt_softmax.h"

-- Calls body(element) in a loop along `axis`; `element` is the index of one element.
local function along(k, shape, axis, index, name, body)
  for e in k:loop(name, shape[axis]) do
    local element = table.move(index, 1, #shape, 1, {})
    element[axis] = e
    body(element)
  end
end

local function floats(k, op, axis, index)
  local x, dtype, beta = op.inputs[1], op.type.dtype, op.attrs.beta or 1.0
  local shape = op.type.shape
  local powers = op.powers
  local most = k:var(dtype, "most", extreme.lowest(k, dtype))
  along(k, shape, axis, index, "m", function(element)
    extreme.keep_max(k, most, x(table.unpack(element)))
  end)
  local sum = k:var(dtype, "sum", 0)
  along(k, shape, axis, index, "e", function(element)
    local power = k:let("power", k.call { dtype == "f32" and "expf" or "exp", type = dtype,
      (x(table.unpack(element)) - most) * beta, header = "math.h" })
    k:store(powers(element[axis]), power)
    k:add(sum, power)
  end)
  along(k, shape, axis, index, "d", function(element)
    op:store(element, powers(element[axis]) / sum)
  end)
end

local function integers(k, op, axis, index)
  local x, shape, attrs = op.inputs[1], op.type.shape, op.attrs
  local out = ir.dtype(op.type.dtype)
  local most = k:var("i32", "most", ir.dtype(x.dtype).min)
  along(k, shape, axis, index, "m", function(element)
    k:set(most, k.max(most, k.cast("i32", x(table.unpack(element)))))
  end)
  local function power_of(element)
    local difference = k.cast("i32", x(table.unpack(element))) - most
    return k.call { "aotrt_softmax_exp", difference, attrs.multiplier, attrs.shift,
      attrs.diff_min, type = "i32", header = HEADER }
  end
  local sum = k:var("i32", "sum", 0)
  along(k, shape, axis, index, "e", function(element)
    k:set(sum, k.call { "aotrt_softmax_add", sum, power_of(element), type = "i32",
      header = HEADER })
  end)
  local bits = k:let("bits", k.call { "aotrt_softmax_bits", sum, type = "i32", header = HEADER })
  local scale = k:let("scale", k.call { "aotrt_softmax_scale", sum, bits, type = "i32",
    header = HEADER })
  along(k, shape, axis, index, "d", function(element)
    local share = k.call { "aotrt_softmax_share", scale, power_of(element), bits - out.bits,
      type = "i32", header = HEADER }
    op:store(element, k.sat_cast(op.type.dtype, share + out.min))
  end)
end

return function(k, op)
  local shape = op.type.shape
  local is_float = ir.dtype(op.type.dtype).class == "float"
  local axis = is_float and op.attrs.axis or -1
  axis = axis < 0 and #shape + axis + 1 or axis + 1
  local others = {}
  for i = 1, #shape do others[#others + 1] = i ~= axis and i or nil end
  if is_float then
    op.powers = k:buffer { name = "powers", role = "scratch",
      type = { dtype = op.type.dtype, shape = { shape[axis] } } }
  end
  nest.over(k, shape, others, function(index)
    (is_float and floats or integers)(k, op, axis, index)
  end)
end
