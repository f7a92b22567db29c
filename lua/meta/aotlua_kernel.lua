--- aotlua.kernel: the language of recipes, a loop nest written in Lua that reads like the C it
--- becomes.
---@meta aotlua.kernel

--- A typed value of a kernel, with Lua's operators. What numbers are, it is as C has it.
---@class aotlua.Expr
---@field dtype string
---@field lanes integer 1: a scalar
---@operator add(aotlua.Expr|number): aotlua.Expr
---@operator sub(aotlua.Expr|number): aotlua.Expr
---@operator mul(aotlua.Expr|number): aotlua.Expr
---@operator div(aotlua.Expr|number): aotlua.Expr
---@operator unm: aotlua.Expr

--- A tensor of a kernel: `x(i, j)` is an element.
---@class aotlua.Buffer
---@field type aot.Type
---@operator call(...): aotlua.Expr
local Buffer = {}

--- Element number `i` of the whole buffer.
---@param i aotlua.Expr|integer
---@return aotlua.Expr
function Buffer:flat(i) end

--- `lanes` elements from `x(...)` on along the last dimension.
---@param lanes integer
---@param ... aotlua.Expr|integer
---@return aotlua.Expr
function Buffer:vec(lanes, ...) end

--- `lanes` elements from number `i` on.
---@param lanes integer
---@param i aotlua.Expr|integer
---@return aotlua.Expr
function Buffer:flat_vec(lanes, i) end

---@alias aotlua.Role "input"|"output"|"scratch"|"local"

---@class aotlua.Kernel
local Kernel = {}

--- Declares a tensor; inputs and outputs become parameters in this order.
---@param spec { name: string, type: aot.Type, role: aotlua.Role, value: any }
---@return aotlua.Buffer
function Kernel:buffer(spec) end

--- `for i in k:loop("i", high)` or `("i", low, high, step)`: a loop in C, recorded once.
---@param name string
---@param low aotlua.Expr|integer
---@param high? aotlua.Expr|integer
---@param step? integer
---@return fun(): aotlua.Expr?
function Kernel:loop(name, low, high, step) end

--- `for _ in k:when(condition)`: what is recorded inside runs only where it holds.
---@param condition aotlua.Expr|boolean
---@return fun(): boolean?
function Kernel:when(condition) end

--- Both arms of a condition.
---@param condition aotlua.Expr|boolean
---@param yes fun()
---@param no fun()
function Kernel:choose(condition, yes, no) end

--- A variable that can be set: k:var("f32", "acc", 0), k:var("f32x8", "acc", x:vec(8, 0)).
---@param dtype string
---@param name string
---@param value aotlua.Expr|number
---@return aotlua.Expr
function Kernel:var(dtype, name, value) end

--- A name for a value; index values stay known to the bounds proof.
---@param name string
---@param value aotlua.Expr
---@return aotlua.Expr
function Kernel:let(name, value) end

--- var = value
---@param var aotlua.Expr
---@param value aotlua.Expr|number
function Kernel:set(var, value) end

--- var += value
---@param var aotlua.Expr
---@param value aotlua.Expr|number
function Kernel:add(var, value) end

--- Stores to an element, k:store(y(i), value); a vector goes to y(i) and what follows it.
---@param to aotlua.Expr
---@param value aotlua.Expr|number
function Kernel:store(to, value) end

--- An index from data: `value` held to 0 .. extent - 1.
---@param value aotlua.Expr
---@param extent integer
---@param name? string
---@return aotlua.Expr
function Kernel:index(value, extent, name) end

--- The lanes of a vector variable combined, first to last.
---@param op "add"|"min"|"max"
---@param vector aotlua.Expr
---@param name? string
---@return aotlua.Expr
function Kernel:reduce(op, vector, name) end

--- A comment in the C.
---@param words string
function Kernel:comment(words) end

--- A constant: k:number("i32", 5), k:number("f32x8", 0).
---@param dtype string
---@param value number
---@return aotlua.Expr
function Kernel:number(dtype, value) end

--- Ends the recording: every access is proved in bounds. Sets params, headers, scratch_bytes, macs.
---@return aotlua.Kernel
function Kernel:finish() end

--- The head of the function, without semicolon.
---@param spelling string
---@param style? { static: boolean }
---@return string
function Kernel:prototype(spelling, style) end

--- The whole function.
---@param spelling string
---@param style? { static: boolean, comment: string }
---@return string
function Kernel:definition(spelling, style) end

--- The loads and stores in the order of the text.
---@return table[]
function Kernel:accesses() end

--- The greater one; a NaN in `a` stays.
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.max(a, b) end

--- The lesser one; a NaN in `a` stays.
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.min(a, b) end

--- a < b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.lt(a, b) end

--- a <= b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.le(a, b) end

--- a > b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.gt(a, b) end

--- a >= b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.ge(a, b) end

--- a == b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.eq(a, b) end

--- a ~= b
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.ne(a, b) end

--- Both conditions.
---@param a aotlua.Expr|boolean
---@param b aotlua.Expr|boolean
---@return aotlua.Expr
function Kernel.both(a, b) end

--- Either condition.
---@param a aotlua.Expr|boolean
---@param b aotlua.Expr|boolean
---@return aotlua.Expr
function Kernel.either(a, b) end

--- condition ? a : b; only the arm that is taken is computed.
---@param condition aotlua.Expr|boolean
---@param a aotlua.Expr|number
---@param b aotlua.Expr|number
---@return aotlua.Expr
function Kernel.select(condition, a, b) end

--- C's conversion: it must be known to fit where it narrows.
---@param dtype string
---@param a aotlua.Expr
---@return aotlua.Expr
function Kernel.cast(dtype, a) end

--- A conversion that clamps to the type's range; floats truncate, NaN gives 0. Scalars only.
---@param dtype string
---@param a aotlua.Expr
---@return aotlua.Expr
function Kernel.sat_cast(dtype, a) end

--- a * b + c with one rounding.
---@param a aotlua.Expr
---@param b aotlua.Expr|number
---@param c aotlua.Expr|number
---@return aotlua.Expr
function Kernel.fma(a, b, c) end

--- A scalar in every lane.
---@param lanes integer
---@param a aotlua.Expr
---@return aotlua.Expr
function Kernel.splat(lanes, a) end

--- Lane `i`, from 0, of a vector variable.
---@param vector aotlua.Expr
---@param i aotlua.Expr|integer
---@return aotlua.Expr
function Kernel.lane(vector, i) end

--- A named function's result: k.call { "expf", x, type = "f32", header = "math.h" }.
---@param spec table
---@return aotlua.Expr
function Kernel.call(spec) end

local kernel = {}

--- A kernel to record into.
---@param spec { name: string, target: table? }
---@return aotlua.Kernel
function kernel.new(spec) end

return kernel
