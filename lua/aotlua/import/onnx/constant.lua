--- onnx.constant: Constant and Shape, whose results are known while importing.
local ir = require "aot.ir"
local operand = require "aotlua.import.onnx.operand"
local tensor = require "aotlua.import.onnx.tensor"

-- Attributes other than `value`: the element type, and whether they hold a list.
local PLAIN = {
  value_float = { "f32" },
  value_floats = { "f32", list = true },
  value_int = { "i64" },
  value_ints = { "i64", list = true },
}

-- Binds output 1 to a Tensor that enters the module when it is used.
local function bind(n, data)
  local name = n:output_name(1)
  n:result(1, operand.constant(data, function()
    return n:constant(data, nil, name)
  end))
end

local function lower_constant(n)
  local made
  for name, value in pairs(n.attributes) do -- order: irrelevant, because more than one is refused
    if made then
      n:fail("it has more than one value")
    end
    local plain = PLAIN[name]
    if plain then
      local list = plain.list and value or { value }
      made = ir.tensor({ dtype = plain[1], shape = plain.list and { #list } or {} }, list)
    elseif name == "value" then
      made = n:checked(tensor.read, value, n.import.files)
    else
      n:unsupported("attribute '%s'", name)
    end
  end
  bind(n, made or n:fail("it has no value"))
end

local function lower_shape(n)
  local shape = n:operand(1):type().shape
  local rank = #shape
  local function bound(name, default)
    local index = n:attribute(name, default)
    return math.max(0, math.min(rank, index < 0 and index + rank or index))
  end
  local part = table.move(shape, bound("start", 0) + 1, bound("end", rank), 1, {})
  bind(n, ir.tensor({ dtype = "i64", shape = { #part } }, part))
end

return {
  Constant = {
    inputs = { 0, 0 },
    attributes = {
      value = "tensor",
      value_float = "float",
      value_floats = "floats",
      value_int = "int",
      value_ints = "ints",
      value_string = "string",
      value_strings = "strings",
    },
    lower = lower_constant,
  },
  Shape = {
    inputs = { 1, 1 },
    attributes = { start = "int", ["end"] = "int" },
    lower = lower_shape,
  },
}
