--- place: where in a result a formula is computed, and what its operands are there.
--
-- A place is { index = { subscripts of the result }, flat = i, shape = its shape, lanes }: `flat`
-- counts its elements, and may stand alone where all operands have its shape.

local types = require "aotlua.types"

local M = {}

--- A constant of one element: takes any subscripts, as a buffer of it would.
local Literal = {}
Literal.__index = Literal
function Literal.__call(literal)
  return literal.kernel:number(literal.dtype, literal.number)
end
Literal.flat = Literal.__call
function Literal.vec(literal, lanes)
  return literal.kernel:number(literal.dtype .. "x" .. lanes, literal.number)
end
Literal.flat_vec = Literal.vec

function M.literal(k, type, number)
  return setmetatable({
    kernel = k, type = type, shape = type.shape, dtype = type.dtype, number = number,
  }, Literal)
end

--- The operand's element that NumPy broadcasting puts at this place; a vector of them where
-- the place has lanes and the operand runs along the last axis.
function M.element(place, operand)
  if operand.number then return operand() end
  if place.flat and types.same_list(operand.shape, place.shape) then
    return operand:flat_vec(place.lanes, place.flat)
  end
  local at, skip = {}, #place.shape - #operand.shape
  for axis, extent in ipairs(operand.shape) do
    at[axis] = extent == 1 and place.shape[axis + skip] ~= 1 and 0 or place.index[axis + skip]
  end
  local last = operand.shape[#operand.shape]
  if place.lanes > 1 and last and last == place.shape[#place.shape] then
    return operand:vec(place.lanes, table.unpack(at))
  end
  return operand(table.unpack(at))
end

--- The element of a list that has one entry, or one for each position along `axis` (from 0;
-- nil: the last).
function M.along(place, operand, axis)
  if operand.number then return operand() end
  if types.count(operand.type) == 1 then return operand:flat(0) end
  return operand:flat(place.index[(axis or #place.shape - 1) + 1])
end

return M
