--- aotlua: what a build script requires.
---@meta aotlua

---@class aotlua.Build
---@field model string
---@field out? string a folder; may be absent where `mlf` is given
---@field mlf? string a Model Library Format archive
---@field style? "full-model"|"operator" of the archive
---@field name? string the model's name in C, by default from the file's
---@field target? string|aotlua.Target a name, a FILE.lua or a target
---@field names? string|aotlua.Policy a name, a FILE.lua or a policy
---@field interface? string
---@field calls? string
---@field set? table<string, any> options of the target and its passes
---@field dims? table<string, integer> extents that the model leaves open
---@field rounding? string of TFLite models
---@field pipeline? aotlua.Pipeline instead of the target's

local aot = {}

--- Compiles a model; paths are relative to the build script. Gives the module and its target.
---@param given aotlua.Build
---@return aot.Module module
---@return aotlua.Target target
function aot.build(given) end

return aot
