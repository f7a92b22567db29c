--- tflite.tensors: what a subgraph's tensors are, checked when they are first asked for.

local flatbuffers_schema = require "aotlua.import.tflite.schema"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local words = require "aotlua.import.words"

local M = {}

local Tensor = {}
Tensor.__index = Tensor

local function fail(tensor, format, ...)
  error(string.format("%s: %s", tensor:show(), string.format(format, ...)), 0)
end

--- Returns "tensor 7 'conv/1'", for messages.
function Tensor:show()
  return string.format("tensor %d %s", self.index, words.quote(self.name))
end

local function element_count(tensor, shape)
  if #shape > limits.rank then
    fail(tensor, "has %d dimensions; the limit is %d", #shape, limits.rank)
  end
  local count, empty = 1, false
  for _, extent in ipairs(shape) do
    if extent < 0 then fail(tensor, "has the shape %s", words.list(shape)) end
    if extent == 0 then empty = true end
    count = count * math.max(extent, 1)
    if count > limits.elements then
      fail(tensor, "has the shape %s, more than %d elements", words.list(shape), limits.elements)
    end
  end
  return empty and 0 or count
end

-- The bytes of a constant tensor, or nil for one that is computed.
local function constant_bytes(tensor, buffers)
  local index = tensor.table.buffer
  if index >= #buffers then
    fail(tensor, "is in buffer %d; the file has %s", index, words.count(#buffers, "buffer"))
  end
  local buffer = buffers[index + 1]
  if buffer.offset > 1 or tensor.table.external_buffer ~= 0 then
    fail(tensor, "has its data outside the FlatBuffer, which is not supported")
  end
  local bytes = buffer.data
  if not bytes or #bytes == 0 then return nil end
  if index == 0 then fail(tensor, "is in buffer 0, which must be empty") end
  return bytes
end

local function check_length(tensor, bytes)
  local info = ir.dtype(tensor.dtype)
  local want = (tensor.count * info.bits + 7) // 8
  if #bytes ~= want then
    fail(tensor, "%s%s needs %d bytes, its buffer has %d", tensor.dtype,
      words.list(tensor.shape), want, #bytes)
  end
end

local function read(tables, buffers, index)
  local fields = tables[index + 1]
  local tensor = setmetatable({
    index = index,
    table = fields,
    name = (fields.name or ""):gsub("%z", "_"),
  }, Tensor)
  tensor.type_name = flatbuffers_schema.types[fields.type]
  if not tensor.type_name then
    fail(tensor, "has the element type %d, which TFLite does not know", fields.type)
  end
  tensor.dtype = tensor.type_name:match "^%l+%d*$"
  tensor.shape = fields.shape or {}
  tensor.count = element_count(tensor, tensor.shape)
  tensor.signature = fields.shape_signature or nil
  if tensor.signature and #tensor.signature ~= #tensor.shape then
    fail(tensor, "has the shape %s and the shape signature %s", words.list(tensor.shape),
      words.list(tensor.signature))
  end
  tensor.bytes = constant_bytes(tensor, buffers)
  if tensor.bytes and tensor.dtype then check_length(tensor, tensor.bytes) end
  return tensor
end

--- Returns a function from a tensor's index to the tensor: `index, name, dtype` (nil for an
-- element type the core has not), `type_name, shape, signature, count`, and `bytes`, a View,
-- where it is constant. `label` names the subgraph in messages.
function M.reader(tables, buffers, label)
  if #tables > limits.tensors then
    error(string.format("%s has %d tensors; the limit is %d", label, #tables, limits.tensors), 0)
  end
  local known = {}
  return function(index)
    if index < 0 or index >= #tables then
      error(string.format("there is no tensor %d; %s has %s", index, label,
        words.count(#tables, "tensor")), 0)
    end
    known[index] = known[index] or read(tables, buffers, index)
    return known[index]
  end
end

local function check_scale(tensor, scale)
  if not (scale > 0 and scale < math.huge) then
    fail(tensor, "has the quantization scale %s; it must be positive and finite", scale)
  end
end

local function check_zero(tensor, zero)
  local info = ir.dtype(tensor.dtype)
  if zero < info.min or zero > info.max then
    fail(tensor, "has the zero point %d, which %s does not hold", zero, tensor.dtype)
  end
end

-- Converters give constants of zeros the scale 0. The least normal f32 does the same: multipliers
-- come out as 0.
local function scales_of(tensor, scales)
  local list = {}
  for i, scale in ipairs(scales) do
    list[i] = scale == 0 and tensor.bytes and 2.0 ^ -126 or scale
  end
  return list
end

--- Returns { scale, zero } of a tensor quantized as a whole, { axis, scales = list } of one
-- quantized per channel, nil of one that is not quantized (floats never are).
-- Fails if its elements are no numbers, or scales and zero points do not fit the tensor; zero
-- points per channel must be 0.
function Tensor:quant()
  local fields = self.table.quantization
  if self.quant_known then return self.quant_known end
  if not self.dtype then fail(self, "has elements of type %s, not numbers", self.type_name) end
  local class = ir.dtype(self.dtype).class
  if not fields or not fields.scale or #fields.scale == 0 or class == "float" then return nil end
  if fields.details.code ~= 0 then
    fail(self, "has quantization of kind %d; only scales and zero points are supported",
      fields.details.code)
  end
  local scales, zeros = scales_of(self, fields.scale), fields.zero_point or {}
  if #zeros ~= 0 and #zeros ~= #scales then
    fail(self, "has %s and %s", words.count(#scales, "scale"), words.count(#zeros, "zero point"))
  end
  for i, scale in ipairs(scales) do
    check_scale(self, scale)
    check_zero(self, zeros[i] or 0)
  end
  if #scales == 1 then
    self.quant_known = { scale = scales[1], zero = zeros[1] or 0 }
    return self.quant_known
  end
  local axis = fields.quantized_dimension
  local extent = axis >= 0 and self.shape[axis + 1]
  if extent ~= #scales then
    fail(self, "has %d quantization scales for dimension %d of %s", #scales, axis,
      words.list(self.shape))
  end
  for _, zero in ipairs(zeros) do
    if zero ~= 0 then fail(self, "has the zero point %d in one channel; 0 is legal there", zero) end
  end
  self.quant_known = { axis = axis, scales = scales }
  return self.quant_known
end

--- Returns the quantization of a tensor that must be quantized as a whole.
function Tensor:scalar_quant()
  local quant = self:quant()
  if not quant then fail(self, "has no quantization") end
  if quant.scales then fail(self, "is quantized per channel; here it must be as a whole") end
  return quant
end

return M
