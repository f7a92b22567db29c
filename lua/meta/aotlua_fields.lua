--- aotlua.fields: checks of tables with named arguments.
---@meta aotlua.fields

local fields = {}

--- Checks `given` against `known`: name to a kind ("string", "integer?", "table|string"), a list of
--- legal values, or a function that gives ok and why not. Gives `given`; fails naming `what`.
---@param what string
---@param given table?
---@param known table<string, string|any[]|function>
---@return table
function fields.check(what, given, known) end

--- A function for `known`: whether what is given is a list of strings, or nil.
---@param given any
---@return boolean ok
---@return string? why not
function fields.strings(given) end

return fields
