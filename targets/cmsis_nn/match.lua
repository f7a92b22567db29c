--- match: what the offers of CMSIS-NN read in the nodes that they are asked about.

local ir = require "aot.ir"

local M = {}

local MOST = 0x7FFFFFFF -- what a sum in the library has room for

--- The zero point of a value: 0 where its type has none, nil where channels have their own.
function M.zero(value)
  local quant = value.type.quant
  if not quant then return 0 end
  return math.type(quant.zero) == "integer" and quant.zero or nil
end

--- The number of elements of a shape, or of its part from `first` to `last`.
function M.count(shape, first, last)
  local count = 1
  for i = first or 1, last or #shape do count = count * shape[i] end
  return count
end

--- Two offers: `offer`, whose shape ends in %y, and the same with a clamp behind it.
function M.clamped(offer)
  local longer = {}
  for key, value in pairs(offer) do longer[key] = value end -- order: irrelevant, a copy
  longer.name = offer.name .. "_clamp"
  longer.match = offer.match:gsub("%%y", "%%q") .. "\n%y = clamp %q"
  return longer, offer
end

--- The least and the largest result: those of the element type, or of the clamp.
function M.range(m)
  local limits, low, high = ir.dtype(m.y.type.dtype)
  if m.node.y.op == "clamp" then low, high = m.node.y:get "lo", m.node.y:get "hi" end
  return math.max(limits.min, low or limits.min), math.min(limits.max, high or limits.max)
end

--- The node that brings the result to its scale.
function M.requantize(m)
  return m.node.q or m.node.y
end

local function largest(tensor)
  local most = 0
  for _, number in ipairs(tensor and tensor:list() or {}) do
    most = math.max(most, math.abs(number))
  end
  return most
end

--- The largest amount that a sum of `taps` products with weights may have.
function M.largest_sum(m, taps)
  local limits, zero = ir.dtype(m.x.type.dtype), M.zero(m.x)
  return taps * math.max(limits.max - zero, zero - limits.min) * 128 + largest(m.b and m.b.data)
end

--- Why the library would round otherwise, or lose bits of sums up to `most`; nil if it would not.
function M.rounding_problem(m, most)
  local node = M.requantize(m)
  if node:get "rounding" ~= "double" then
    return ("it rounds twice, as TensorFlow Lite does, not '%s'"):format(node:get "rounding")
  end
  if (node:get "left_shift" or 0) ~= 0 then return "it does not shift sums" end
  for _, shift in ipairs(m.shift.data:list()) do
    if (most << math.max(shift, 0)) + 0xFFFF > MOST then return "sums may not fit in 32 bits" end
  end
end

--- Constants of `count` elements for a multiplier and a shift that stand for all channels.
function M.spread(m, made, count)
  if #m.multiplier.data == count and #m.shift.data == count then return made end
  for name, plural in pairs { multiplier = "multipliers", shift = "shifts" } do -- order: two tables
    made[plural] = ir.apply("broadcast", { m[name].data }, { shape = { count } })
  end
  return made
end

--- The names of the constants that hold a multiplier and a shift for each channel.
function M.spread_names(m)
  return { multiplier = m.multipliers and "multipliers" or "multiplier",
    shift = m.shifts and "shifts" or "shift" }
end

--- A bias of the type that the library reads, if it is not there as it is.
function M.add_bias(m, made, count, dtype)
  if not m.b then
    made.bias = ir.tensor({ dtype = dtype, shape = { count } }, 0)
  elseif m.b.type.dtype ~= dtype then
    made.bias = ir.apply("cast", { m.b.data }, {}, { dtype = dtype })
  end
  return made
end

--- Whether two shapes are the same.
function M.same_shape(a, b)
  if #a ~= #b then return false end
  for i, extent in ipairs(a) do
    if extent ~= b[i] then return false end
  end
  return true
end

return M
