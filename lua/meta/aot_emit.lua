--- aot.emit: what is legal C.
---@meta aot.emit

local emit = {}

--- Why the name is no legal identifier, in words that complete "the name ..."; nil if it is one.
---@param name string
---@param significant? integer characters that count, by default 63
---@return string?
function emit.identifier_problem(name, significant) end

--- The C type of an element: "int8_t".
---@param dtype string
---@return string
function emit.ctype(dtype) end

--- A C constant of exactly this value.
---@param dtype string
---@param number number
---@return string
function emit.literal(dtype, number) end

--- The words, harmless in a comment.
---@param words string
---@return string
function emit.comment(words) end

--- A C string literal.
---@param bytes string
---@return string
function emit.string(bytes) end

--- The inside of an initializer list, and whether it needs math.h.
---@param tensor aot.Tensor
---@return string text
---@return boolean needs_math
function emit.array(tensor) end

return emit
