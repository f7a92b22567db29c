--- Graph, Node, Value: what passes read and edit.
---@meta _

-- Graph ------------------------------------------------------------------------------------------

---@class aot.Graph
---@field name string without @
---@field id integer never used again
---@field module aot.Module whose it is
---@field params aot.Value[] its parameters
---@field returns aot.Value[] what it returns
---@field next { state: aot.Value, value: aot.Value }[] the states' next values
---@operator len: integer the number of nodes
local Graph = {}

--- Adds a parameter.
---@param name string
---@param type aot.Type
---@return aot.Value
function Graph:param(name, type) end

--- Makes a node at the end, or `before` another. A whole type stands as it is; infer compares.
---@param spec aot.NodeSpec
---@return aot.Node
function Graph:append(spec) end

--- Makes another node of this one, in its place; results keep names and users.
---@param node aot.Node
---@param spec aot.NodeSpec
function Graph:rewrite(node, spec) end

--- Says what the graph returns.
---@param values aot.Value[]
function Graph:set_returns(values) end

--- Says what a state is at the next call.
---@param state aot.Value
---@param value aot.Value
function Graph:set_next(state, value) end

--- Iterates over the nodes but the return. The graph may be edited meanwhile: what is inserted
--- ahead comes up, what is removed does not.
---@return fun(): aot.Node?
function Graph:nodes() end

--- The same from the last node to the first.
---@return fun(): aot.Node?
function Graph:backward() end

--- Replaces all uses of a value by another.
---@param old aot.Value
---@param by aot.Value
function Graph:replace(old, by) end

--- Removes a node whose results nothing uses.
---@param node aot.Node
function Graph:remove(node) end

--- Moves a node to before another.
---@param node aot.Node
---@param before aot.Node
function Graph:move(node, before) end

--- Makes a body of the nodes and gives the call of it.
---@param nodes aot.Node[]
---@param name string
---@return aot.Node
function Graph:outline(nodes, name) end

--- Puts the nodes of a call's body in its place.
---@param call aot.Node
function Graph:inline(call) end

--- Infers types and raises where one is another.
function Graph:infer() end

--- Its text.
---@return string
function Graph:print() end

--- Evaluates: outputs, next states, and the numbers of the values in `watch`.
---@param inputs aot.Tensor[]
---@param states? aot.Tensor[] by default the initial ones
---@param watch? aot.Value[]
---@return aot.Tensor[] outputs
---@return aot.Tensor[] states
---@return aot.Tensor[] watched
function Graph:eval(inputs, states, watch) end

-- Node -------------------------------------------------------------------------------------------

---@class aot.Node
---@field op string "return" for the return node
---@field id integer never used again
---@field graph aot.Graph whose it is
---@field inputs (aot.Value|false)[] its operands, false: absent
---@field outputs aot.Value[] its results
---@field body aot.Graph? of a call
---@field by string? the accelerator of a call
---@field attrs table<string, aot.Attribute> a fresh table
---@field next aot.Node? the neighbor, nil at the end
---@field previous aot.Node? the neighbor, nil at the beginning
local Node = {}

--- An attribute, or nil.
---@param key string
---@return aot.Attribute?
function Node:get(key) end

--- Sets an attribute; nil removes it.
---@param key string
---@param value aot.Attribute?
function Node:set(key, value) end

--- Makes the value operand `i` (from 1).
---@param i integer
---@param value aot.Value|false
function Node:set_input(i, value) end

--- Result `i`, by default the first.
---@param i? integer
---@return aot.Value
function Node:output(i) end

-- Value ------------------------------------------------------------------------------------------

---@class aot.Value
---@field name string without its sigil
---@field id integer never used again
---@field kind "param"|"result"|"const"|"state" what it is
---@field type aot.Type its type, a fresh table
---@field graph aot.Graph? of a param or result
---@field node aot.Node? the one that computes it
---@field index integer? of a param or result, from 1
---@field uses integer how often it is an operand
---@field data aot.Tensor? of a constant (made now if it is an expression) or state
---@field expression { op: string, source: string, attrs: table }? of a constant that is one
local Value = {}

--- The nodes that have it as an operand, in order of execution; the return node is one.
---@return aot.Node[]
function Value:users() end

--- Declares another type.
---@param type aot.Type
function Value:set_type(type) end

--- Gives it another name.
---@param name string
function Value:rename(name) end
