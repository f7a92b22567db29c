--- aotlua.kernels: what a recipe, a function (k, op), is called with.
---@meta aotlua.kernels

--- The operation that a recipe is to compute.
---@class aotlua.Op
---@field k aotlua.Kernel
---@field name string of the core op, or of a script's own
---@field attrs table<string, aot.Attribute>
---@field schedule table<string, any> flat parameters
---@field types (aot.Type|false)[] of the operands
---@field meant (aot.Type|false)[] the same before weights were packed
---@field type aot.Type of the result, before what is fused behind it
---@field inputs (aotlua.Buffer|false)[] the operands
---@field outputs aotlua.Buffer[] the results, which `store` writes
local Op = {}

--- The zero point of operand `i`: an integer, or that of the element at the subscripts `at`.
---@param i integer
---@param at (aotlua.Expr|integer)[]
---@return aotlua.Expr|integer
function Op:zero(i, at) end

--- Operand `i` at the subscripts `at`, less its zero point, as a `dtype` that holds the difference.
---@param i integer
---@param dtype string
---@param at (aotlua.Expr|integer)[]
---@return aotlua.Expr
function Op:centered(i, dtype, at) end

--- A variable for so many products of operands 1 and 2, and the bias of output channel `at`.
---@param taps integer
---@param at aotlua.Expr|integer
---@return aotlua.Expr
function Op:sum(taps, at) end

--- The finished sum of output channel `at` as the result's type.
---@param sum aotlua.Expr
---@param at aotlua.Expr|integer
---@return aotlua.Expr
function Op:total(sum, at) end

--- Finishes an element: computes what is fused behind `value` at `index`, a list of subscripts or
--- { flat = i } or both, and stores it.
---@param index table
---@param value aotlua.Expr
function Op:store(index, value) end

local kernels = {}

--- The recipe of an op, { record, pack }: the target's own, or the portable one.
---@param name string
---@param target? table
---@return { record: fun(k: aotlua.Kernel, op: aotlua.Op), pack: function? }
function kernels.recipe(name, target) end

--- Whether a node is a call of a script's op for which the target has a recipe.
---@param node aot.Node
---@param target table
---@return boolean
function kernels.is_own(node, target) end

--- The kernel of a node of @main, recorded and proved.
---@param node aot.Node
---@param target table
---@return aotlua.Kernel
function kernels.build(node, target) end

return kernels
