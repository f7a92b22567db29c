--- tflite.builder: the graph under construction, as the files of operators see it.

local fixed = require "aotlua.import.fixed_point"
local folding = require "aotlua.import.tflite.folding"
local ir = require "aot.ir"
local schema = require "aotlua.import.tflite.schema"
local words = require "aotlua.import.words"

local Builder = {}
Builder.__index = Builder

local M = {}

--- Returns a builder of `fields.graph` in `fields.module`. `tensor_at` gives the subgraph's
-- tensors by index, `rounding` is requantize's, `variables` holds the resource variables, `rules`
-- the operators that users import themselves, and `run_initializer` evaluates an initialization
-- subgraph (nil: not from here).
function M.new(fields)
  local builder = {
    values = {}, -- tensor index -> Value
    made = {}, -- key -> constant Value
    names = {}, -- taken by values of the graph
    fresh = {}, -- values of the operator at hand that no tensor stands for yet
    layer = nil, -- the operator at hand, in words
    name = nil, -- of its first result
  }
  for key, value in pairs(fields) do builder[key] = value end -- order: irrelevant, a copy
  return setmetatable(builder, Builder)
end

--- Raises that the operator at hand cannot be imported, though nothing is wrong with it.
function Builder.unsupported(_, format, ...)
  error({ unsupported = string.format(format, ...) }, 0)
end

--- Raises that the operator at hand contradicts itself or its operands.
function Builder.fail(_, format, ...)
  error(string.format(format, ...), 0)
end

--- Begins the operator `op`: nodes made from here on come from it.
function Builder:begin(op)
  self.layer = op.label
  self.name = op.outputs[1] and op.outputs[1].name or op.code
  self.fresh = {}
end

-- Constants ---------------------------------------------------------------------------------

--- Returns a constant of `type`; `content` is a list of numbers, one number for all, or a View.
function Builder:const(name, type, content)
  local plain = ir.tensor({ dtype = type.dtype, shape = type.shape }, content)
  return self.module:const { name = name, data = plain, type = type }
end

--- Returns what `make` gives, made once per key.
function Builder:once(key, make)
  self.made[key] = self.made[key] or make()
  return self.made[key]
end

--- Returns the quantization of `tensor` as types hold it, the channels along `axis` (default:
-- as in the file), or nil.
function Builder:quant(tensor, axis)
  local quant = tensor:quant()
  if not quant or not quant.scales then return quant end
  local scales = self:once("scales " .. tensor.index, function()
    return self:const(tensor.name .. ".scales", { dtype = "f32", shape = { #quant.scales } },
      quant.scales)
  end)
  return { axis = axis or quant.axis, scales = scales, zero = 0 }
end

-- Fails where the core has no such element type.
function Builder:dtype(tensor)
  if not tensor.dtype then
    self:unsupported("%s has the element type %s", tensor:show(), tensor.type_name)
  end
  return tensor.dtype
end

--- Returns the Tensor of a constant operand, in the file or computed from such; nil: it is none.
function Builder:data(tensor)
  if tensor.bytes then
    return ir.tensor({ dtype = self:dtype(tensor), shape = tensor.shape }, tensor.bytes)
  end
  local value = self.values[tensor.index]
  return value and value.kind == "const" and value.data or nil
end

--- Returns the numbers of a small constant operand: a shape, axes, paddings.
function Builder:numbers(tensor, what)
  local data = self:data(tensor)
  if not data then self:unsupported("%s, %s, is not constant", what, tensor:show()) end
  if tensor.dtype ~= "i32" and tensor.dtype ~= "i64" then
    self:fail("%s, %s, is %s; i32 or i64 is legal", what, tensor:show(), tensor.dtype)
  end
  return data:list()
end

--- Returns the only number of a constant operand.
function Builder:number(tensor, what)
  if tensor.count ~= 1 then
    self:fail("%s, %s, has %s; 1 is legal", what, tensor:show(),
      words.count(tensor.count, "element"))
  end
  return self:numbers(tensor, what)[1]
end

--- Returns a constant of one element and rank 0.
function Builder:scalar(dtype, number)
  return self:const(self.name .. "." .. dtype, { dtype = dtype, shape = {} }, { number })
end

--- Returns `axis` counted from the front. Fails if a tensor of `rank` has no such axis.
function Builder:axis(axis, rank)
  if axis < -rank or axis >= rank then
    self:fail("axis %d of a tensor of %s", axis, words.count(rank, "dimension"))
  end
  return axis % rank
end

--- Refuses two tensors of which an operator moves elements, but which are quantized differently.
function Builder:check_same_quant(tensor, result)
  local x, y = tensor:quant(), result:quant()
  if not x and not y then return end
  if not x or not y or x.scale ~= y.scale or x.zero ~= y.zero then
    self:unsupported("%s and %s are quantized differently", tensor:show(), result:show())
  end
end

-- Values ------------------------------------------------------------------------------------

--- Returns the Value a tensor has at this point; constants are made when first used.
function Builder:value(tensor)
  local value = self.values[tensor.index]
  if value then return value end
  if not tensor.bytes then
    self:fail("reads %s, which nothing before it writes", tensor:show())
  end
  local type = { dtype = self:dtype(tensor), shape = tensor.shape, quant = self:quant(tensor) }
  value = self:const(tensor.name, type, tensor.bytes)
  self.values[tensor.index] = value
  return value
end

function Builder:unique(name)
  local free, k = name, 0
  while free == "" or self.names[free] do
    k = k + 1
    free = name .. "_" .. k
  end
  self.names[free] = true
  return free
end

--- Adds a node; returns its result. `type` is the declared type, its shape may be missing. What
-- is only arithmetic on shapes, or the real value of stored constants, is done at once.
function Builder:append(op, inputs, attrs, type)
  attrs = attrs or {}
  attrs.origin = self.layer
  local node = self.graph:append {
    op = op,
    inputs = inputs,
    attrs = attrs,
    type = type,
    name = self:unique(self.name .. "." .. op),
  }
  local value = folding.constant(self.module, self.graph, node, attrs)
  if value then return value end
  value = node:output()
  self.fresh[value] = true
  return value
end

--- Adds a script's op (see aotlua.own_op); returns its result. `type` is that which its last line
-- does not tell.
function Builder:own(op, inputs, params, type)
  local value = op:append(self.graph, { inputs = inputs, params = params, origin = self.layer,
    name = self:unique(self.name .. "." .. op.name), type = type })
  self.fresh[value] = true
  return value
end

--- Returns the type of a result that stands for `tensor`, of whatever shape is inferred.
function Builder:declared(tensor)
  return { dtype = self:dtype(tensor), quant = self:quant(tensor) }
end

local function same_quant(a, b)
  if not a or not b then return a == b end
  return a.scale == b.scale and a.zero == b.zero and a.axis == b.axis and a.scales == b.scales
end

--- Returns `value` as one of `type`, which differs at most in quantization: the same stored
-- numbers, meant otherwise.
function Builder:as(value, type)
  if same_quant(value.type.quant, type.quant) then return value end
  if not self.fresh[value] then
    return self:append("reshape", { value }, { shape = type.shape }, type)
  end
  value:set_type(type)
  return value
end

local function check_shape(self, tensor, shape)
  local same = #shape == #tensor.shape
  for i, extent in ipairs(shape) do
    local free = tensor.signature and tensor.signature[i] == -1
    same = same and (extent == tensor.shape[i] or free)
  end
  if not same then
    self:fail("gives %s, but the model says that %s is %s", words.list(shape), tensor:show(),
      words.list(tensor.shape))
  end
end

--- Makes `tensor` stand for `value`: its name and quantization become the tensor's.
-- Fails if the tensor has a value already, or another shape or element type.
function Builder:set(tensor, value)
  if self.values[tensor.index] or tensor.bytes then
    self:fail("writes %s, which has a value already", tensor:show())
  end
  local type = value.type
  if type.dtype ~= self:dtype(tensor) then
    self:fail("gives %s, but the model says that %s is %s", type.dtype, tensor:show(),
      tensor.dtype)
  end
  check_shape(self, tensor, type.shape)
  value = self:as(value, { dtype = type.dtype, shape = type.shape, quant = self:quant(tensor) })
  if self.fresh[value] then
    value:rename(self:unique(tensor.name))
    self.fresh[value] = nil
  end
  self.values[tensor.index] = value
end

-- Shared arithmetic -------------------------------------------------------------------------

--- Returns the name of a fused activation; those that no core op stands for are refused.
function Builder:activation(code)
  local name = schema.activations[code]
  if not name then self:fail("there is no activation %d", code) end
  if not fixed.REAL_RANGES[name] then self:unsupported("fused activation %s", name) end
  return name
end

--- Returns `value`, which stands for `tensor`, held to the range of an activation.
function Builder:activate(value, activation, tensor)
  local info = ir.dtype(value.type.dtype)
  local lo, hi
  if info.class == "float" then
    local range = fixed.REAL_RANGES[activation]
    lo, hi = range.lo, range.hi
  elseif activation ~= "NONE" then
    lo, hi = fixed.stored_range(activation, tensor:scalar_quant(), info.min, info.max)
  end
  if not lo and not hi then return value end
  return self:append("clamp", { value }, { lo = lo, hi = hi })
end

--- Returns integers scaled to the quantization of `tensor`: requantize with the real factors
-- `reals`, one or one per channel of the last axis.
function Builder:requantize(value, reals, tensor)
  local multipliers, shifts = {}, {}
  for i, real in ipairs(reals) do
    multipliers[i], shifts[i] = fixed.quantize_multiplier(real, self.rounding)
  end
  return self:requantize_by(value, multipliers, shifts, { type = self:declared(tensor) })
end

--- The same with multipliers and shifts as they are; `fields` has the result's type and,
-- optionally, requantize's left_shift.
function Builder:requantize_by(value, multipliers, shifts, fields)
  local type = { dtype = "i32", shape = { #multipliers } }
  local attrs = { rounding = self.rounding, left_shift = fields.left_shift }
  return self:append("requantize", {
    value,
    self:const(self.name .. ".multiplier", type, multipliers),
    self:const(self.name .. ".shift", type, shifts),
  }, attrs, fields.type)
end

return M
