--- tflite_network: TFLite networks of one operator, for tests.

local data = require "aot.data"
local ir = require "aot.ir"
local tflite = require "aotlua.import.tflite"
local writer = require "tests.tools.tflite_writer"

local M = {}

local FORMATS = { i8 = "<i1", u8 = "<I1", i16 = "<i2", i32 = "<i4", i64 = "<i8", f32 = "<f",
  bool = "<I1" }

--- A tensor's description: t("i8", { 2 }, { scale, zero }, numbers of a constant).
function M.t(dtype, shape, quant, numbers)
  return { name = "", dtype = dtype, shape = shape,
    quant = quant and { scale = { quant[1] }, zero = { quant[2] } },
    data = numbers and writer.pack(FORMATS[dtype], numbers) }
end

--- A network of one operator. Operands without data are inputs, in order.
function M.network(op, operands, results, options)
  local sub = { tensors = {}, inputs = {}, outputs = {}, operators = {
    { op = op, inputs = {}, outputs = {}, options = options } } }
  local function add(tensor, list)
    tensor.name = "t" .. #sub.tensors
    sub.tensors[#sub.tensors + 1] = tensor
    list[#list + 1] = #sub.tensors - 1
    return #sub.tensors - 1
  end
  for _, tensor in ipairs(operands) do
    local index = add(tensor, sub.operators[1].inputs)
    if not tensor.data then sub.inputs[#sub.inputs + 1] = index end
  end
  for _, tensor in ipairs(results) do
    sub.outputs[#sub.outputs + 1] = add(tensor, sub.operators[1].outputs)
  end
  return tflite.load(data.from_string(writer.write { sub }))
end

--- The results of a module for lists of numbers, as lists.
function M.run(module, ...)
  local inputs = { ... }
  for i, param in ipairs(module:main().params) do
    local type = param.type
    inputs[i] = ir.tensor({ dtype = type.dtype, shape = type.shape }, inputs[i])
  end
  module:verify()
  module:infer()
  local lists = {}
  for i, result in ipairs(module:main():eval(inputs)) do lists[i] = result:list() end
  return lists
end

return M
