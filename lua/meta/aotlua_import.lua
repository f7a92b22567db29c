--- Importers: what a rule of a build script for a model file's operator is called with.
---@meta _

--- Of TFLite: a tensor of the file.
---@class aotlua.TfliteTensor
---@field name string
---@field dtype? string nil: none of ours
---@field shape integer[]
---@field bytes? aot.View of a constant

---@class aotlua.TfliteOperator
---@field inputs (aotlua.TfliteTensor|false)[]
---@field outputs aotlua.TfliteTensor[]
---@field options? table those of a builtin operator, by name
---@field custom_options? aot.View bytes of a custom one's

--- Of TFLite: the graph under construction; a rule gets (b, op, make).
---@class aotlua.TfliteBuilder
---@field graph aot.Graph
---@field module aot.Module
local TfliteBuilder = {}

--- What a tensor is at this point.
---@param tensor aotlua.TfliteTensor
---@return aot.Value
function TfliteBuilder:value(tensor) end

--- Adds a node; gives its result. The type may lack its shape.
---@param op string
---@param inputs (aot.Value|false)[]
---@param attrs? table<string, aot.Attribute>
---@param type? aot.Type
---@return aot.Value
function TfliteBuilder:append(op, inputs, attrs, type) end

--- Makes a tensor stand for a value: every result of the operator.
---@param tensor aotlua.TfliteTensor
---@param value aot.Value
function TfliteBuilder:set(tensor, value) end

--- The type that the file declares, without its shape: for `append`.
---@param tensor aotlua.TfliteTensor
---@return aot.Type
function TfliteBuilder:declared(tensor) end

--- The numbers of a constant operand of integers: a shape, axes.
---@param tensor aotlua.TfliteTensor
---@param what string
---@return integer[]
function TfliteBuilder:numbers(tensor, what) end

--- A constant of one element.
---@param dtype string
---@param number number
---@return aot.Value
function TfliteBuilder:scalar(dtype, number) end

--- Ends the rule: the operator contradicts itself.
---@param format string
---@param ... any
function TfliteBuilder:fail(format, ...) end

--- Ends the rule: the operator is right, but this is not done.
---@param format string
---@param ... any
function TfliteBuilder:unsupported(format, ...) end

--- Of ONNX: a node of the file; a rule gets (n, make).
---@class aotlua.OnnxNode
---@field op string
---@field domain string
---@field opset integer
local OnnxNode = {}

--- Input `i`; floats for a dequantized one, nil where it is left out.
---@param i integer
---@return aot.Value?
function OnnxNode:value(i) end

--- The number of inputs.
---@return integer
function OnnxNode:input_count() end

--- An attribute that the rule lists in `attributes`, or the default.
---@param name string
---@param default? any
---@return any
function OnnxNode:attribute(name, default) end

--- An attribute that must be there.
---@param name string
---@return any
function OnnxNode:required(name) end

--- Input `i`, which must be constant, as a list of integers.
---@param i integer
---@param what string
---@return integer[]?
function OnnxNode:integers(i, what) end

--- Input `i`, which must be constant.
---@param i integer
---@param what string
---@return aot.Tensor
function OnnxNode:tensor(i, what) end

--- Makes a constant.
---@param type aot.Type
---@param numbers number[]
---@param name? string
---@return aot.Value
function OnnxNode:constant(type, numbers, name) end

--- Adds a node, { op, inputs, attrs, type, name, folds }; gives its result.
---@param spec aot.NodeSpec
---@return aot.Value
function OnnxNode:emit(spec) end

--- The name of output `i`.
---@param i integer
---@return string
function OnnxNode:output_name(i) end

--- Binds output `i` to a value: every one that is used.
---@param i integer
---@param result aot.Value
function OnnxNode:result(i, result) end

--- Ends the rule: the node breaks a rule of ONNX.
---@param message string
---@param ... any
function OnnxNode:fail(message, ...) end

--- Ends the rule: the node is right, but this is not done.
---@param message string
---@param ... any
function OnnxNode:unsupported(message, ...) end
