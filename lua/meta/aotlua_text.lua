--- aotlua.text: reads and writes the IR text: core/README.md.
---@meta aotlua.text

local text = {}

--- Reads a module and checks structure and types. Fails with "chunk:line:column: ...".
---@param source string
---@param chunk? string the name in errors
---@param blobs? aot.View of the blob file
---@return aot.Module
function text.parse(source, chunk, blobs) end

--- Reads a shape of aotlua.rewrite and refuses one that could never fit.
---@param source string
---@return table
function text.parse_pattern(source) end

--- Reads a type, quantized per tensor or not at all.
---@param source string
---@return aot.Type
function text.parse_type(source) end

--- The text of a type.
---@param type aot.Type
---@return string
function text.show_type(type) end

return text
