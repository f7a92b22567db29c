--- aotlua.spelling: the parts that naming policies are made of.
---@meta aotlua.spelling

--- A policy: `spell(symbol, context)` gives a symbol's name in C.
---@class aotlua.Policy
---@field name string
---@field spell fun(symbol: table, context: table): string
---@field refuses? table<string, boolean> kinds of which a clash is an error, not renamed
---@field limit? integer characters
---@field deny? string[] words it must not spell; one that ends in * stands for all that begin so

local spelling = {}

--- So many hex digits that depend on the bytes alone.
---@param string string
---@param digits integer
---@return string
function spelling.hash(string, digits) end

--- Replaces what no identifier may have by underscores: never two in a row, none at the ends.
---@param string string
---@return string
function spelling.sanitize(string) end

--- Lowers letters; where that loses something, a hash keeps names apart.
---@param name string
---@return string
function spelling.fold(name) end

--- Words as types are often spelled: `kws_inputs` becomes `KwsInputs`; different ones stay so.
---@param words string
---@return string
function spelling.camel(words) end

--- A tensor, state, pool or device: its name in the model, made an identifier.
---@param symbol table
---@param context table
---@param options table
---@return string
function spelling.hint(symbol, context, options) end

--- `<model>_<rest>` in so many characters: words that no symbol of another model has.
---@param symbol table
---@param context table
---@param room integer
---@param options table
---@return string
function spelling.words(symbol, context, room, options) end

--- The file of a symbol, with `prefix` before the header's name.
---@param symbol table
---@param context table
---@param prefix string
---@return string
function spelling.file(symbol, context, prefix) end

--- A hook of an accelerator, the same for all models: `TVMDeviceEthosUOpen`.
---@param symbol table
---@return string
function spelling.hook(symbol) end

--- A policy that puts `prefix` before everything. `options`: refuses, limit, deny, unnamed_outputs,
--- reserve, lower, spell.
---@param name string
---@param prefix string
---@param options table
---@return aotlua.Policy
function spelling.policy(name, prefix, options) end

return spelling
