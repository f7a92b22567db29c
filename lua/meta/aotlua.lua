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
---@field kernels? table<string|integer, function|aotlua.OwnRecipe> recipes by op, or in a row
---@field schedules? table<string, table|function> parameters of recipes, by op or by "%value"
---@field ops? aotlua.OwnOp[] ops of the script's own
---@field import? { tflite: table?, onnx: table? } importers' rules, by operator and by domain

---@class aotlua.OwnRecipe
---@field record fun(k: aotlua.Kernel, op: aotlua.Op)
---@field op? string of a recipe in a row
---@field when? fun(op: aotlua.Facts): any which ones it is for
---@field pack? function of the node and its schedule, gives a layout of the weights

---@class aotlua.Facts
---@field name string of the op
---@field attrs table<string, aot.Attribute>
---@field types (aot.Type|false)[] of the operands, before weights are packed
---@field type aot.Type of the result

---@class aotlua.OwnOp
---@field name string with a dot
---@field body string core ops, written like a shape
---@field params? table<string, number> with their defaults
---@field recipe? fun(k: aotlua.Kernel, op: aotlua.Op) without one, the body is compiled

---@class aotlua.Application
---@field name string
---@field out? string a folder; may be absent where `mlf` is given
---@field mlf? string a Model Library Format archive
---@field example? boolean whether to write a main.c too
---@field models aotlua.Build[] what is compiled and how, without `out`
---@field names? string|aotlua.Policy of all models
---@field share? "concurrent"|"exclusive" exclusive: no two run at a time, they have one workspace
---@field operators? "own"|"shared" shared: functions that are the same are there once

local aot = {}

--- Compiles a model; paths are relative to the build script. Gives the module and its target.
---@param given aotlua.Build
---@return aot.Module module
---@return aotlua.Target target
function aot.build(given) end

--- Compiles several models as one application: one library, one common header, names that are
--- proved distinct. Gives the modules.
---@param given aotlua.Application
---@return aot.Module[]
function aot.application(given) end

return aot
