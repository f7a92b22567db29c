--- match: what the offers of CMSIS-NN read in the nodes that they are asked about.

local ir = require "aot.ir"

local M = {}

local MOST = 0x7FFFFFFF -- what a sum in the library has room for
local SUFFIXES = { i8 = "s8", i16 = "s16" } -- of its functions

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

--- The library's function for the result's type; `name` is the beginning of its name.
function M.call(name, m)
  return ("arm_%s_%s"):format(name, SUFFIXES[m.y.type.dtype])
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

--- The result on its scale, before it is clamped: a clamp may call the same numbers otherwise.
function M.scaled(m)
  return m.q or m.y
end

--- Whether there is one multiplier and one shift for all results.
function M.has_one_factor(m)
  return #m.multiplier.data == 1 and not (m.shift and #m.shift.data > 1)
end

local function largest(tensor)
  local most = 0
  for _, number in ipairs(tensor and tensor:list() or {}) do
    most = math.max(most, math.abs(number))
  end
  return most
end

-- The largest amount of a weight.
local function largest_weight(weights)
  local list = weights:with_type { dtype = "i8", shape = { #weights } }
  local most = ir.apply("reduce_max", { list }, { axes = { 0 } }):get(1)
  return math.max(most, -ir.apply("reduce_min", { list }, { axes = { 0 } }):get(1))
end

-- The largest amounts that a sum of `taps` products with weights may have, without a bias and
-- with it.
local function largest_sum(m, taps)
  local limits, zero = ir.dtype(m.x.type.dtype), M.zero(m.x)
  local sum = taps * math.max(limits.max - zero, zero - limits.min) * largest_weight(m.w.data)
  return sum, sum + largest(m.b and m.b.data)
end

local function shifts_problem(m, fits)
  for _, shift in ipairs(m.shift.data:list()) do
    if not fits(shift) then return "sums may not fit in 32 bits" end
  end
end

-- What the library does not do with a sum before and while it is brought to its scale.
local function sum_problem(m, node)
  local rank = #node:output().type.shape
  if (node:get "left_shift" or 0) ~= 0 or M.zero(node.inputs[1]) ~= 0 then
    return "sums as they are"
  end
  if not M.has_one_factor(m) and (node:get "axis" or rank - 1) ~= rank - 1 then
    return "factors of channels only"
  end
end

--- Why the library would round otherwise, or lose bits of 32-bit sums up to `most`; nil if it would
-- not.
function M.rounding_problem(m, most)
  local node = M.requantize(m)
  if node:get "rounding" ~= "double" then
    return ("it rounds twice, as TensorFlow Lite does, not '%s'"):format(node:get "rounding")
  end
  return sum_problem(m, node) or shifts_problem(m, function(shift)
    return (most << math.max(shift, 0)) + 0xFFFF <= MOST
  end)
end

-- The same for 64-bit sums, which are brought to 16 bits by factors of 16 bits.
local function wide_rounding_problem(m, most)
  local node = M.requantize(m)
  if node:get "rounding" == "even" then return "it rounds halves up, not to even" end
  return sum_problem(m, node) or shifts_problem(m, function(shift)
    return (most * 0x7FFF) >> (14 - shift) < MOST
  end)
end

--- Why the types of operands and a result, a list of values, are not the library's; nil if they
-- are: i8, or i16 around 0.
function M.types_problem(values)
  local dtype = values[1].type.dtype
  for _, value in ipairs(values) do
    if not SUFFIXES[dtype] or value.type.dtype ~= dtype then return "only i8 and i16" end
    if not M.zero(value) then return "one zero point for a tensor" end
    if dtype == "i16" and M.zero(value) ~= 0 then return "16 bits around 0 only" end
  end
end

--- The same for products with constant weights.
function M.weights_problem(m)
  if m.w.type.dtype ~= "i8" or M.zero(m.w) ~= 0 then return "weights of i8 around 0 only" end
  return M.types_problem { m.x, M.scaled(m) }
end

--- Why sums of `taps` products are not for the library; `short`: how many of them it adds up in 32
-- bits where it has 64 for the rest.
function M.sums_problem(m, taps, short)
  local _, most = largest_sum(m, taps)
  if m.x.type.dtype == "i8" then return M.rounding_problem(m, most) end
  if largest_sum(m, short) > MOST then return "sums may not fit in 32 bits" end
  return wide_rounding_problem(m, most)
end

--- Constants of `count` elements for a multiplier and a shift that stand for all channels.
function M.spread(m, made, count)
  if #m.multiplier.data == count and #m.shift.data == count then return made end
  for name, plural in pairs { multiplier = "multipliers", shift = "shifts" } do -- order: a table
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
function M.add_bias(m, made, count)
  local dtype = m.x.type.dtype == "i8" and "i32" or "i64"
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
