--- aotlua.accelerator: what a device takes over, and the C that calls it.
---@meta aotlua.accelerator

---@alias aotlua.Tensors table<string, aot.Tensor>

---@class aotlua.Offer
---@field name string
---@field match string a shape
---@field when? fun(m: aotlua.Match, t: aotlua.Target): any, string? whether, and why not
---@field changes? "nothing"|"float_order"|{ lsb: integer } how far its numbers may be off
---@field constants? fun(m: aotlua.Match, t: aotlua.Target): aotlua.Tensors made at compile time
---@field scratch? fun(m: aotlua.Match, t: aotlua.Target): integer bytes of working memory
---@field emit? fun(m: aotlua.Match, t: aotlua.Target): string C with holes that sets `status`

---@class aotlua.Accelerator
---@field name string
---@field offers aotlua.Offer[]
---@field headers? string[]
---@field device? boolean whether it has a context and hooks
---@field align? integer of everything it is passed, in bytes
---@field regions? boolean whether neighbors are called together
---@field cc? { flags: string[]?, link: string[]?, missing: string? } what building takes

--- Gives the accelerator, checked.
---@param device aotlua.Accelerator
---@return aotlua.Accelerator
local function accelerator(device) end

return accelerator
