--- aot.ir: modules, and what they are made of.
---@meta aot.ir

--- An element type, a shape in elements, outermost first, and quantization.
---@class aot.Type
---@field dtype string "f32", "i8", ...
---@field shape integer[]
---@field quant? aot.Quant

--- real = scale * (stored - zero): one `scale` and `zero`, or one for each place along an axis.
---@class aot.Quant
---@field scale? number
---@field zero? integer
---@field axis? integer from 0
---@field scales? aot.Value a constant of f32
---@field zeros? aot.Value a constant of i64

---@alias aot.Attribute integer|number|boolean|string|table|aot.Reference

--- "@pool" or "$constant" as an attribute.
---@class aot.Reference
---@field ref string

---@class aot.Op
---@field name string
---@field low integer operands that are always there
---@field high integer all operands, -1: any number
---@field outputs integer results, -1: any number
---@field flags table<string, boolean> unary, binary, ternary, commutative, view, control, constant
---@field attributes string[] the names of those it reads

---@class aot.NodeSpec
---@field op string
---@field inputs? (aot.Value|false)[] false: absent
---@field attrs? table<string, aot.Attribute>
---@field type? aot.Type inferred where there is none, or one without `shape`
---@field types? aot.Type[]
---@field name? string
---@field names? string[]
---@field body? aot.Graph of a call
---@field by? string the accelerator that computes a call
---@field before? aot.Node nil: at the end

---@class aot.ConstSpec
---@field name? string
---@field data? aot.Tensor
---@field op? string of an expression on `source`, evaluated when needed
---@field source? aot.Value
---@field attrs? table<string, aot.Attribute>
---@field type? aot.Type

-- Module -----------------------------------------------------------------------------------------

---@class aot.Module
---@field name string its name
---@field attrs table<string, aot.Attribute> its attributes, a fresh table
local Module = {}

--- An attribute, or nil.
---@param key string
---@return aot.Attribute?
function Module:get(key) end

--- Sets an attribute; nil removes it.
---@param key string
---@param value aot.Attribute?
function Module:set(key, value) end

--- Makes a constant of `data`, or an expression `op` on the constant `source`.
---@param spec aot.ConstSpec
---@return aot.Value
function Module:const(spec) end

--- Makes a state with its initial `data`.
---@param spec { name: string?, data: aot.Tensor, type: aot.Type? }
---@return aot.Value
function Module:state(spec) end

--- Makes a pool.
---@param name string
---@param attrs table<string, aot.Attribute>
---@return aot.Entry
function Module:pool(name, attrs) end

--- Makes a symbol.
---@param attrs table<string, aot.Attribute>
---@return aot.Entry
function Module:symbol(attrs) end

--- Makes a graph.
---@param name string
---@return aot.Graph
function Module:graph(name) end

--- @main. Raises if there is none.
---@return aot.Graph
function Module:main() end

--- The graph of that name, or nil.
---@param name string
---@return aot.Graph?
function Module:find(name) end

--- The node of that id, or nil.
---@param id integer
---@return aot.Node?
function Module:node(id) end

--- The value of that id, or the constant of that name, "$name"; or nil.
---@param key integer|string
---@return aot.Value?
function Module:value(key) end

--- All constants.
---@return aot.Value[]
function Module:consts() end

--- All states.
---@return aot.Value[]
function Module:states() end

--- All pools.
---@return aot.Entry[]
function Module:pools() end

--- All symbols.
---@return aot.Entry[]
function Module:symbols() end

--- All graphs, bodies too.
---@return aot.Graph[]
function Module:graphs() end

--- Removes an unused constant or graph.
---@param what aot.Value|aot.Graph
function Module:remove(what) end

--- The canonical text.
---@return string
function Module:print() end

--- Writes the data that the text refers to, FILE.bin beside FILE.ir.
---@param path string
function Module:write_blobs(path) end

--- Raises on the first thing in its structure that is not so.
function Module:verify() end

--- Infers all types anew and raises where one is another.
function Module:infer() end

-- Entry ------------------------------------------------------------------------------------------

--- A pool or symbol.
---@class aot.Entry
---@field id integer of a symbol: its number
---@field name string of a pool
---@field attrs table<string, aot.Attribute> a fresh table
local Entry = {}

--- An attribute, or nil.
---@param key string
---@return aot.Attribute?
function Entry:get(key) end

--- Sets an attribute; nil removes it.
---@param key string
---@param value aot.Attribute?
function Entry:set(key, value) end

-- Functions --------------------------------------------------------------------------------------

local ir = {}

--- A new module; `budget`: the bytes it may take.
---@param name string
---@param limits? { budget: integer }
---@return aot.Module
function ir.module(name, limits) end

--- A tensor: a view of bytes (the length is checked), a flat list, or one number for all.
--- Raises where the type cannot hold a number.
---@param type aot.Type
---@param content aot.View|number[]|number
---@return aot.Tensor
function ir.tensor(type, content) end

--- Evaluates one op on tensors; false is an absent one.
---@param op string
---@param inputs (aot.Tensor|false)[]
---@param attrs? table<string, aot.Attribute>
---@param declared? aot.Type
---@return aot.Tensor
function ir.apply(op, inputs, attrs, declared) end

--- A reference as an attribute: ir.ref "@pool".
---@param name string
---@return aot.Reference
function ir.ref(name) end

--- What an element type holds; floats have no limits.
---@param name string
---@return { bits: integer, class: "float"|"signed"|"unsigned", min: integer?, max: integer? }
function ir.dtype(name) end

--- All core ops, a fresh list.
---@return aot.Op[]
function ir.ops() end

return ir
