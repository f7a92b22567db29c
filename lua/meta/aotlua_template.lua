--- aotlua.template: text with holes.
---@meta aotlua.template

--- A function of a table of values that gives the text with its `${holes}` filled. Fails if a hole
--- has no value or a value no hole.
---@param text string
---@return fun(values: table<string, any>): string
local function template(text) end

return template
