--- aot.program: where this program and its scripts are.
---@meta aot.program

---@class aot.Program
---@field path string the executable
---@field root string the folder that holds lua, passes, targets and runtime
---@field version string
local program = {}

--- Collects garbage, and gives memory that nothing uses back to the system.
function program.collect() end

return program
