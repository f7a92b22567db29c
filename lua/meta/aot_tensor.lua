--- Tensor: numbers of a type; they never change.
---@meta _

---@class aot.Comparison
---@field equal boolean
---@field worst_abs number
---@field worst_ulp number
---@field worst_index integer from 1, of what is too far apart if anything is
---@field count_bad integer

---@class aot.Tensor
---@field type aot.Type its type, a fresh table
---@operator len: integer the number of elements
local Tensor = {}

--- Element `i`, from 1.
---@param i integer
---@return number
function Tensor:get(i) end

--- All elements, a flat row-major list.
---@return number[]
function Tensor:list() end

--- Its bytes.
---@return aot.View
function Tensor:view() end

--- Whether type and bytes are the same.
---@param other aot.Tensor
---@return boolean
function Tensor:equal(other) end

--- How far two tensors are apart: equal where |a - b| <= atol + rtol * |b|, NaN equal to NaN.
---@param other aot.Tensor
---@param tolerance { rtol: number, atol: number }
---@return aot.Comparison
function Tensor:compare(other, tolerance) end

--- The same bytes in another shape.
---@param shape integer[]
---@return aot.Tensor
function Tensor:reshape(shape) end

--- The same bytes as another type of the same size.
---@param type aot.Type
---@return aot.Tensor
function Tensor:with_type(type) end

--- A copy with its axes, counted from 0, in another order.
---@param perm integer[]
---@return aot.Tensor
function Tensor:transpose(perm) end

--- `count` slices of the leading axis, from `first` (from 1) on.
---@param first integer
---@param count integer
---@return aot.Tensor
function Tensor:rows(first, count) end
