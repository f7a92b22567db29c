--- tflite_writer: bytes of small .tflite files for tests, from a description in Lua.

local fb = require "tests.tools.flatbuffer_writer"

local M = {}

local TYPES = { f32 = 0, f16 = 1, i32 = 2, u8 = 3, i64 = 4, bool = 6, i16 = 7, complex64 = 8,
  i8 = 9, resource = 13 }

--- Operators by name, with the type code of their options.
M.OPERATORS = {
  ADD = { 0, 11 }, AVERAGE_POOL_2D = { 1, 5 }, CONCATENATION = { 2, 10 }, CONV_2D = { 3, 1 },
  DEPTHWISE_CONV_2D = { 4, 2 }, DEQUANTIZE = { 6, 0 }, FULLY_CONNECTED = { 9, 8 },
  LOGISTIC = { 14, 0 }, MAX_POOL_2D = { 17, 5 }, MUL = { 18, 21 }, RELU = { 19, 0 },
  RELU6 = { 21, 0 }, RESHAPE = { 22, 17 }, SOFTMAX = { 25, 9 }, SVDF = { 27, 6 },
  CUSTOM = { 32, 0 }, PAD = { 34, 0 }, PADV2 = { 60, 0 },
  TRANSPOSE = { 39, 0 }, MEAN = { 40, 27 }, SUB = { 41, 28 },
  STRIDED_SLICE = { 45, 32 }, SPLIT = { 49, 35 }, WHILE = { 119, 0 }, SPLIT_V = { 102, 79 },
  QUANTIZE = { 114, 0 }, CALL_ONCE = { 129, 103 }, VAR_HANDLE = { 142, 111 },
  READ_VARIABLE = { 143, 0 }, ASSIGN_VARIABLE = { 144, 0 },
  SIN = { 66, 0 }, COS = { 108, 0 }, LOG = { 73, 0 }, SQRT = { 75, 0 }, EXP = { 47, 0 },
  SQUARE = { 92, 0 }, TANH = { 28, 0 }, POW = { 78, 0 }, PRELU = { 54, 0 },
  L2_NORMALIZATION = { 11, 12 }, LEAKY_RELU = { 98, 75 }, HARD_SWISH = { 117, 0 },
  LOGICAL_OR = { 84, 0 }, SELECT = { 64, 0 }, REDUCE_MIN = { 89, 27 }, REDUCE_PROD = { 81, 27 },
  REDUCE_ANY = { 91, 27 }, REDUCE_ALL = { 140, 27 }, FLOOR_DIV = { 90, 0 }, FLOOR_MOD = { 95, 0 },
  CAST = { 53, 0 }, MAXIMUM = { 55, 0 },
}

local function quantization(quant)
  local fields = {}
  if quant.scale then fields[2] = fb.list("f32", quant.scale) end
  if quant.zero then fields[3] = fb.list("i64", quant.zero) end
  fields[6] = fb.i32(quant.axis or 0)
  return fb.table(fields)
end

local function tensor(description, buffers)
  local buffer = description.buffer or 0
  if description.data then
    buffers[#buffers + 1] = fb.table { [0] = fb.bytes(description.data) }
    buffer = #buffers - 1
  end
  local fields = { [0] = fb.list("i32", description.shape), [1] = fb.i8(TYPES[description.dtype]
    or description.dtype), [2] = fb.u32(buffer), [3] = fb.string(description.name) }
  if description.quant then fields[4] = quantization(description.quant) end
  if description.signature then fields[7] = fb.list("i32", description.signature) end
  return fb.table(fields)
end

local function operator(description, codes)
  local known = M.OPERATORS[description.op]
  codes[#codes + 1] = fb.table {
    [0] = fb.i8(math.min(known[1], 127)),
    [1] = description.custom and fb.string(description.custom) or nil,
    [2] = fb.i32(description.version or 1),
    [3] = fb.i32(known[1]),
  }
  local fields = {
    [0] = fb.u32(description.opcode or #codes - 1),
    [1] = fb.list("i32", description.inputs),
    [2] = fb.list("i32", description.outputs),
  }
  if description.options then
    fields[3], fields[4] = fb.u8(known[2]), fb.table(description.options)
  end
  if description.custom_options then fields[5] = fb.bytes(description.custom_options) end
  return fb.table(fields)
end

local function map(list, convert, state)
  local result = {}
  for i, item in ipairs(list) do result[i] = convert(item, state) end
  return fb.tables(result)
end

--- Returns the bytes of a model. `subgraphs` is a list of { tensors, operators, inputs,
-- outputs }: a tensor has name, dtype, shape and optionally data (bytes), buffer, signature
-- and quant { scale, zero, axis } (lists); an operator has op, inputs, outputs and optionally
-- version, custom, custom_options (bytes) and options (fields by slot). `changes`: `version` and
-- `identifier` of the file, `codes` by number, in place of those of the operators.
function M.write(subgraphs, changes)
  changes = changes or {}
  local buffers, codes, graphs = { fb.table {} }, {}, {}
  for i, sub in ipairs(subgraphs) do
    graphs[i] = fb.table {
      [0] = map(sub.tensors, tensor, buffers),
      [1] = fb.list("i32", sub.inputs),
      [2] = fb.list("i32", sub.outputs),
      [3] = map(sub.operators, operator, codes),
    }
  end
  for i, code in pairs(changes.codes or {}) do codes[i] = code end -- order: irrelevant
  local model = fb.table {
    [0] = fb.u32(changes.version or 3),
    [1] = fb.tables(codes),
    [2] = fb.tables(graphs),
    [4] = fb.tables(buffers),
  }
  return fb.write(model, changes.identifier or "TFL3")
end

--- Returns the bytes of integers or floats.
function M.pack(format, values)
  local parts = {}
  for i, value in ipairs(values) do parts[i] = string.pack(format, value) end
  return table.concat(parts)
end

-- A tensor quantized as a whole.
local function quantized(name, shape, scale, zero, bytes)
  return { name = name, dtype = "i8", shape = shape, data = bytes,
    quant = { scale = { scale }, zero = { zero } } }
end

--- Returns the description of a small int8 network: a convolution with 2 channels of an image
-- [1, 4, 4, 1] in layer 0, ADD to itself, RESHAPE and FULLY_CONNECTED.
function M.small()
  return {
    tensors = {
      quantized("image", { 1, 4, 4, 1 }, 0.5, 3),
      { name = "w", dtype = "i8", shape = { 2, 2, 2, 1 },
        data = M.pack("b", { 1, -2, 3, 4, 5, -6, 7, 8 }),
        quant = { scale = { 0.25, 0.125 }, zero = { 0, 0 }, axis = 0 } },
      { name = "bias", dtype = "i32", shape = { 2 }, data = M.pack("<i4", { 10, -20 }) },
      quantized("conv", { 1, 2, 2, 2 }, 0.5, -1),
      quantized("sum", { 1, 2, 2, 2 }, 1.0, 0),
      { name = "shape", dtype = "i32", shape = { 2 }, data = M.pack("<i4", { 1, -1 }) },
      quantized("flat", { 1, 8 }, 1.0, 0),
      quantized("fw", { 3, 8 }, 0.5, 0, ("\1\2\3\4\5\6\7\8"):rep(3)),
      quantized("scores", { 1, 3 }, 2.0, 5),
    },
    operators = {
      { op = "CONV_2D", version = 3, inputs = { 0, 1, 2 }, outputs = { 3 },
        options = { [0] = fb.i8(0), fb.i32(2), fb.i32(2), fb.i8(1), fb.i32(1), fb.i32(1) } },
      { op = "ADD", version = 2, inputs = { 3, 3 }, outputs = { 4 }, options = { [0] = fb.i8(0) } },
      { op = "RESHAPE", inputs = { 4, 5 }, outputs = { 6 } },
      { op = "FULLY_CONNECTED", version = 4, inputs = { 6, 7, -1 }, outputs = { 8 },
        options = { [0] = fb.i8(0) } },
    },
    inputs = { 0 },
    outputs = { 8 },
  }
end

return M
