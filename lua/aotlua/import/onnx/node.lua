--- onnx.node: one node of an ONNX graph as the lowering of its operator sees it.
-- It reads operands and attributes with the model's words in every complaint, and emits core ops.
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local folding = require "aotlua.import.onnx.folding"
local limits = require "aotlua.import.limits"
local attributes = require "aotlua.import.onnx.attributes"
local operand = require "aotlua.import.onnx.operand"
local signature = require "aotlua.import.onnx.signature"
local tensor = require "aotlua.import.onnx.tensor"
local words = require "aotlua.import.words"

local Node = {}
Node.__index = Node

--- Ends the node's lowering: the model breaks a rule of ONNX or of the core ops.
function Node.fail(_, message, ...)
  error({ problem = message:format(...) }, 0)
end

--- Ends the node's lowering: the model is right, but this is not supported.
function Node.unsupported(_, message, ...)
  error({ problem = message:format(...), unsupported = true }, 0)
end

--- Calls what may refuse the model's numbers; the message becomes the node's.
function Node:checked(call, ...)
  local ok, result = pcall(call, ...)
  if not ok then
    if type(result) ~= "string" or failure.is_fault(result) then
      error(result, 0)
    end
    self:fail("%s", result)
  end
  return result
end

--- What the model calls its node number `index`: "node 17 'conv_3' Conv".
function Node.describe(index, proto)
  local domain = proto.domain or ""
  local op = (domain == "" and "" or domain .. ".") .. (proto.op_type or "")
  local name = (proto.name or "") == "" and "" or words.quote(proto.name) .. " "
  return ("node %d %s%s"):format(index, name, words.escape(op))
end

--- Wraps a NodeProto. `import` is the state of onnx.init: module, graph, opsets, operands, uses.
function Node.new(import, proto, index)
  local domain = (proto.domain or "") == "" and "ai.onnx" or proto.domain
  return setmetatable({
    import = import,
    proto = proto,
    number = index + 1, -- in its graph
    op = proto.op_type or "",
    domain = domain,
    opset = import.opsets[domain] or 0,
    origin = Node.describe(index, proto),
    inputs = {}, -- Operands, false where left out
  }, Node)
end

--- Reads all attributes; `allowed` maps their names to kinds.
function Node:read_attributes(allowed)
  self.attributes = attributes.read(self, allowed)
end

--- An attribute's value, or the default.
function Node:attribute(name, default)
  local value = self.attributes[name]
  if value == nil then
    return default
  end
  return value
end

--- An attribute that must be there.
function Node:required(name)
  local value = self.attributes[name]
  if value == nil then
    self:fail("attribute '%s' is missing", name)
  end
  return value
end

--- An attribute of the kind int that is 0 or 1.
function Node:flag(name, default)
  local value = self:attribute(name, default and 1 or 0)
  if value ~= 0 and value ~= 1 then
    self:fail("attribute '%s' is %d; it may be 0 or 1", name, value)
  end
  return value == 1
end

--- The number of inputs, trailing absent ones left out.
function Node:input_count()
  return #self.inputs
end

--- The i-th input as an Operand, or nil where it is left out.
function Node:operand(i)
  return self.inputs[i] or nil
end

--- The i-th input as a Value; floats for a dequantized one.
function Node:value(i)
  return self.inputs[i] and self.inputs[i]:value()
end

--- The i-th input as a Tensor; `what` names it in the refusal if it is not constant.
function Node:tensor(i, what)
  local data = self.inputs[i]:tensor()
  if not data then
    signature.note_wanted(self.import, self:value(i))
    self:unsupported("%s is computed when the network runs; it has to be constant", what)
  end
  return data
end

--- The i-th input as a list of integers, nil where it is left out.
function Node:integers(i, what)
  if not self.inputs[i] then
    return nil
  end
  local data = self:tensor(i, what)
  local kind = data.type
  if (kind.dtype ~= "i64" and kind.dtype ~= "i32") or #kind.shape > 1 then
    self:fail("%s has to be a list of i64 or i32, it is %s[%s]", what, kind.dtype,
      table.concat(kind.shape, ", "))
  elseif #data > limits.folded_elements then
    self:fail("%s has %d elements", what, #data)
  end
  return data:list()
end

--- An axis of a value of this rank, counted from 0. Fails if there is no such axis.
function Node:axis(axis, rank, what)
  if axis < -rank or axis >= rank then
    self:fail("%s is %d; the rank is %d", what or "axis", axis, rank)
  end
  return axis < 0 and axis + rank or axis
end

--- Axes of a value of this rank, counted from 0, in rising order. Fails if one comes twice.
function Node:axes(axes, rank)
  local seen, list = {}, {}
  for _, given in ipairs(axes) do
    local axis = self:axis(given, rank, "an axis")
    if seen[axis] then
      self:fail("axes %s name axis %d twice", words.list(axes), axis)
    end
    seen[axis] = true
    list[#list + 1] = axis
  end
  table.sort(list)
  return list
end

--- The name of the i-th output; "" where nobody wants it.
function Node:output_name(i)
  return self.proto.output[i] or ""
end

--- How often the i-th output is used, as an output of the graph too.
function Node:uses(i)
  return self.import.uses[self:output_name(i)] or 0
end

--- Makes a constant of a Tensor, or of numbers and a type.
function Node:constant(type, numbers, name)
  local made = numbers and self:checked(ir.tensor, type, numbers) or type
  local module = self.import.module
  return self:checked(module.const, module, {
    name = name or self:output_name(1) .. "_constant",
    data = made,
  })
end

--- Makes a constant of a Tensor's bytes, of another type.
function Node:typed_constant(data, type, name)
  local module = self.import.module
  return self:checked(module.const, module, { name = name, data = data, type = type })
end

--- Appends a core op: `{ op =, inputs = { Values }, attrs =, type =, name =, folds = true }`.
-- `folds` allows to compute it now if its inputs are small constants and it makes nothing larger
-- of them. Gives its result. Fails if the core refuses it.
function Node:emit(spec)
  local name = spec.name ~= "" and spec.name or nil
  local data = spec.folds and folding.result(self, spec)
  if data then
    return self:constant(data, nil, name)
  end
  local attrs = spec.attrs or {}
  attrs.origin = self.origin
  local graph = self.import.graph
  local node = self:checked(graph.append, graph, {
    op = spec.op,
    inputs = spec.inputs,
    attrs = attrs,
    type = spec.type,
    name = name,
  })
  return node:output()
end

--- Appends a script's op (see aotlua.own_op). Gives its result.
function Node:own(op, inputs, params, type)
  return self:checked(op.append, op, self.import.graph, { inputs = inputs, params = params,
    origin = self.origin, name = self:output_name(1), type = type })
end

--- Appends an op that only moves elements. On a constant it is done at once where that is small,
-- or else becomes a constant expression: weights are neither copied nor converted before they
-- are needed.
function Node:move(spec)
  local source = spec.inputs[1]
  if source.kind ~= "const" then
    return self:emit(spec)
  end
  local name = spec.name ~= "" and spec.name or source.name .. "_" .. spec.op
  local data = folding.result(self, spec)
  if data then
    return self:constant(data, nil, name)
  end
  local module = self.import.module
  return self:checked(module.const, module, {
    name = name,
    op = spec.op,
    source = source,
    attrs = spec.attrs,
    type = spec.type,
  })
end

--- The number of elements of a shape. Fails if it breaks a limit.
function Node:check_shape(shape)
  return self:checked(tensor.count, shape)
end

--- Reshapes a Value; the same Value if it has that shape and no name is asked for.
function Node:reshape(value, shape, name)
  local kind = value.type
  self:check_shape(shape)
  if not name and table.concat(kind.shape, ",") == table.concat(shape, ",") then
    return value
  end
  return self:move {
    op = "reshape",
    inputs = { value },
    attrs = { shape = shape },
    type = kind.quant and { dtype = kind.dtype, quant = kind.quant },
    name = name,
  }
end

--- Binds the i-th output to integers with quantization, of which ONNX sees floats.
function Node:dequantized(i, integers)
  self:result(i, operand.quantized(integers, function()
    return self:emit { op = "dequantize", inputs = { integers }, name = self:output_name(i) }
  end))
end

--- Binds output 1 to what `move(value, name)` makes of input 1, and which keeps its numbers: of
-- its integers, if they have one scale and zero point.
function Node:rearrange(move)
  local x = self:operand(1)
  if x.integer and not x.integer.type.quant.axis then
    self:dequantized(1, move(x.integer, nil))
  else
    self:result(1, move(x:value(), self:output_name(1)))
  end
end

--- Binds the i-th output to a Value or an Operand.
function Node:result(i, result)
  local name = self:output_name(i)
  if result == nil then self:fail("its output %d is given no value", i - 1) end
  if name ~= "" then
    self.import.operands[name] = operand.is(result) and result or operand.plain(result)
  end
end

return Node
