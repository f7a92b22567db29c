--- onnx.operand: what a tensor name of an ONNX model stands for while it is imported.
-- A constant enters the module only when a node uses it. The result of a DequantizeLinear keeps
-- the integers beside the floats, and a sum of products of such integers waits for the
-- QuantizeLinear behind it: whoever asks for `value` gets floats, exactly as ONNX says, and who
-- can work on the integers asks for them.
local operand = {}

local Operand = {}
Operand.__index = Operand

--- The Value that computes the operand; floats where it is also known as integers.
function Operand:value()
  if not self.made then
    self.made, self.make = self.make(), nil
  end
  return self.made
end

--- The type of `value`.
function Operand:type()
  return self.known_type or self.data and self.data.type or self:value().type
end

--- Its numbers as a Tensor, or nil if they are not known while importing.
function Operand:tensor()
  if self.data then
    return self.data
  end
  local value = self.made
  return value and value.kind == "const" and value.data or nil
end

--- Whether x is an Operand.
function operand.is(x)
  return getmetatable(x) == Operand
end

--- A Value of the program.
function operand.plain(value)
  return setmetatable({ made = value }, Operand)
end

--- A constant, made by `make` on its first use.
function operand.constant(tensor, make)
  return setmetatable({ data = tensor, make = make }, Operand)
end

--- Integers with quantization: `integer` a Value, `make` dequantizes it.
function operand.quantized(integer, make)
  local type = { dtype = "f32", shape = integer.type.shape }
  return setmetatable({ integer = integer, known_type = type, make = make }, Operand)
end

--- A computation that can be done on floats (`make`) or, when a quantized result is wanted, on
-- integers: `requantized(request)` gives the Value of `request`: { node =, type =, name =, clips }.
function operand.waiting(make, requantized)
  return setmetatable({ make = make, requantized = requantized }, Operand)
end

return operand
