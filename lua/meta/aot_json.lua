--- aot.json: reads JSON; aotlua.json writes it too.
---@meta aot.json

---@class aot.Json
---@field null any what stands for null
local json = {}

--- The value; whole numbers are integers. Raises where the text is no JSON.
---@param text string
---@return any
function json.decode(text) end

return json
