--- aotlua.rewrite: rules that find a shape in a graph and change it; passes/README.md says how
--- shapes are written.
---@meta aotlua.rewrite

--- What a shape bound: values by name, and `node`, its nodes by the names of their results.
---@alias aotlua.Match table<string, any>

---@class aotlua.Rule
---@field match string|string[]
---@field when? fun(m: aotlua.Match): any
---@field replace fun(graph: aot.Graph, m: aotlua.Match)
---@field ordered? boolean operands of commutative operations stand as written
---@field name? string

local rewrite = {}

--- Makes the body of a pass, which applies the rules until none fits.
---@param rules aotlua.Rule[]
---@return fun(graph: aot.Graph)
function rewrite.rules(rules) end

--- A function from a node to the match of the shape whose last root it is, or nil.
---@param match string
---@param when? fun(m: aotlua.Match): any
---@return fun(node: aot.Node): aotlua.Match?
function rewrite.matcher(match, when) end

return rewrite
