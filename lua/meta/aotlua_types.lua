--- aotlua.types: questions about types and shapes, and what a permutation does to them.
---@meta aotlua.types

local types = {}

--- Whether two lists of integers are equal.
---@param a integer[]
---@param b integer[]
---@return boolean
function types.same_list(a, b) end

--- Whether two types are the same, quantization included.
---@param a aot.Type
---@param b aot.Type
---@return boolean
function types.same(a, b) end

--- Whether two quantizations are the same, or neither is there.
---@param a aot.Quant?
---@param b aot.Quant?
---@return boolean
function types.same_quant(a, b) end

--- Whether there are integers of element type `from` that `to`, of integers too, does not have.
---@param from string
---@param to string
---@return boolean
function types.narrows(from, to) end

--- The number of elements.
---@param t aot.Type
---@return integer
function types.count(t) end

--- The number of bytes.
---@param t aot.Type
---@return integer
function types.bytes(t) end

--- The shape as NumPy broadcasting sees it beside one of `rank` axes: with ones in front.
---@param shape integer[]
---@param rank integer
---@return integer[]
function types.lift(shape, rank) end

--- The list with entry k taken from place perm[k], counted from 0.
---@param list any[]
---@param perm integer[]
---@return any[]
function types.permute(list, perm) end

--- The permutation that undoes `perm`.
---@param perm integer[]
---@return integer[]
function types.inverse(perm) end

--- `first`, then `second`, as one permutation.
---@param first integer[]
---@param second integer[]
---@return integer[]
function types.compose(first, second) end

--- Whether every axis stays where it is.
---@param perm integer[]
---@return boolean
function types.is_identity(perm) end

--- Whether only axes of extent 1 move, so that no byte does.
---@param shape integer[]
---@param perm integer[]
---@return boolean
function types.moves_nothing(shape, perm) end

--- The type of a value of type `t` transposed by `perm`.
---@param t aot.Type
---@param perm integer[]
---@return aot.Type
function types.transposed(t, perm) end

return types
