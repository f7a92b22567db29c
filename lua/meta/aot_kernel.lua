--- aot.kernel: what aotlua.kernel is made of, expressions by their numbers; recipes use that.
---@meta aot.kernel

---@class aot.Kernel
local Kernel = {}

---@param name string
---@param type aot.Type
---@param role string
---@return integer
function Kernel:buffer(name, type, role) end

---@param dtype string
---@param value number
---@return integer
function Kernel:number(dtype, value) end

---@param op string
---@param a integer
---@return integer
function Kernel:unary(op, a) end

---@param op string
---@param a integer
---@param b integer
---@return integer
function Kernel:binary(op, a, b) end

---@param condition integer
---@param a integer
---@param b integer
---@return integer
function Kernel:select(condition, a, b) end

---@param dtype string
---@param a integer
---@param saturate boolean
---@return integer
function Kernel:cast(dtype, a, saturate) end

---@param name string
---@param header? string
---@param dtype string
---@param lanes integer
---@param arguments integer[]
---@return integer
function Kernel:call(name, header, dtype, lanes, arguments) end

---@param a integer
---@param b integer
---@param c integer
---@return integer
function Kernel:fma(a, b, c) end

---@param lanes integer
---@param a integer
---@return integer
function Kernel:splat(lanes, a) end

---@param vector integer
---@param i integer
---@return integer
function Kernel:lane(vector, i) end

---@param buffer integer
---@param at integer[]
---@param lanes integer
---@param flat? boolean
---@return integer
function Kernel:load(buffer, at, lanes, flat) end

---@param buffer integer
---@param at integer[]
---@param value integer
---@param flat? boolean
function Kernel:store(buffer, at, value, flat) end

---@param name string
---@param low integer
---@param high integer
---@param step integer
---@return integer
function Kernel:loop(name, low, high, step) end

---@param condition integer
function Kernel:begin_if(condition) end

function Kernel:begin_else() end

function Kernel:end_block() end

---@param name string
---@param value integer
---@param constant boolean
---@return integer
function Kernel:var(name, value, constant) end

---@param var integer
---@param value integer
function Kernel:assign(var, value) end

---@param name string
---@param op string
---@param vector integer
---@return integer
function Kernel:reduce(name, op, vector) end

---@param name string
---@param value integer
---@param extent integer
---@return integer
function Kernel:index(name, value, extent) end

---@param words string
function Kernel:comment(words) end

function Kernel:finish() end

---@param id integer
---@return string
function Kernel:show(id) end

---@param spelling string
---@param style table
---@return string
function Kernel:print(spelling, style) end

---@return table[]
function Kernel:params() end

---@return { headers: string[], scratch_bytes: integer, macs: integer }
function Kernel:facts() end

---@return table[]
function Kernel:accesses() end

local kernel = {}

---@param hint string
---@return aot.Kernel
function kernel.new(hint) end

return kernel
