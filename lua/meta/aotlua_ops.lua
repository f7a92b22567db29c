--- aotlua.ops: what passes ask about core ops.
---@meta aotlua.ops

---@class aotlua.Ops
---@field elementwise table<string, boolean> each element is a formula of those at the same place
---@field view table<string, boolean> the same bytes under another type
---@field constant table<string, boolean> says how constants are laid out, and needs no code
---@field unary string all of one operand, as shapes write them: "abs|neg"
---@field binary string all of two operands
local ops = {}

--- A function from a stem to a name for a new graph: the stem and a number.
---@param module aot.Module
---@return fun(stem: string): string
function ops.graph_names(module) end

--- The multiply-accumulates of a core op; 0 of what is no product.
---@param node aot.Node
---@return integer
function ops.macs(node) end

--- The node of a body that is not elementwise, or its first; of another node: itself.
---@param node aot.Node
---@return aot.Node
function ops.anchor(node) end

--- The nodes of a set in order of execution: those at most `reach` nodes away from `node`.
---@param set table<aot.Node, boolean>
---@param node aot.Node?
---@param reach? integer by default all
---@return aot.Node[]
function ops.in_order(set, node, reach) end

return ops
