--- kernel: the language of recipes, a loop nest written in Lua that reads like the C it becomes.
--
--     for i in k:loop("i", n) do
--       k:store(y(i), k.max(x(i), 0))
--     end
--
-- A loop's body runs once, to record it; a Lua loop around it is unrolling. Expressions are
-- typed: a Lua number takes the type of what it meets, a scalar beside a vector is spread over
-- its lanes, everything else is cast by name. What is recorded, folded, proved in bounds and
-- printed lives in the core (core/kernel).

local core = require "aot.kernel"

local expression = require "aotlua.kernel.expression"
local fields = require "aotlua.fields"

local M = {}

local wrap, is_expr, lift = expression.wrap, expression.is, expression.lift
local pair, binary = expression.pair, expression.binary

local Kernel = {}
Kernel.__index = Kernel

--- A kernel to record into: name = "hint for messages", target = the target's table.
function M.new(spec)
  fields.check("kernel.new", spec, { name = "string", target = "table?" })
  return setmetatable({
    raw = core.new(spec.name),
    name = spec.name,
    extensions = spec.target ~= nil and spec.target.vectors == "extensions",
    buffers = {},
  }, Kernel)
end

--- Declares a tensor: name, type (a type table), role = "input" | "output" | "scratch" | "local",
-- value (what a writer passes for it). Inputs and outputs become parameters in this order.
function Kernel:buffer(spec)
  fields.check("k:buffer", spec, {
    name = "string", type = "table", role = "string", value = "any?",
  })
  local plain = { dtype = spec.type.dtype, shape = spec.type.shape }
  local id = self.raw:buffer(spec.name, plain, spec.role)
  local b = expression.buffer { kernel = self, id = id, type = spec.type, value = spec.value }
  self.buffers[b.id] = b
  return b
end

-- An iterator that gives `value` once and ends the block when the loop is left.
local function once(k, value)
  local open = true
  local function close()
    if open then
      open = false
      k.raw:end_block()
    end
  end
  local given = false
  return function()
    if given then return close() end
    given = true
    return value
  end, nil, nil, setmetatable({}, { __close = close })
end

--- `for i in k:loop("i", high)`, `k:loop("i", low, high)`, `k:loop("i", low, high, step)`.
function Kernel:loop(name, low, high, step)
  if high == nil then low, high = 0, low end
  low, high = lift(self, low, "index", 1), lift(self, high, "index", 1)
  return once(self, wrap(self, self.raw:loop(name, low.id, high.id, step or 1)))
end

--- `for _ in k:when(condition)`: what is recorded inside runs only where it holds.
function Kernel:when(condition)
  self.raw:begin_if(lift(self, condition, "bool", 1).id)
  return once(self, true)
end

--- Both arms of a condition: k:choose(condition, function() ... end, function() ... end).
function Kernel:choose(condition, yes, no)
  self.raw:begin_if(lift(self, condition, "bool", 1).id)
  yes()
  self.raw:begin_else()
  no()
  self.raw:end_block()
end

local function split_dtype(dtype)
  local name, lanes = dtype:match "^(%w+)x(%d+)$"
  return name or dtype, tonumber(lanes) or 1
end

local function variable(e)
  e.is_variable = true
  return e
end

--- A variable that can be set: k:var("f32", "acc", 0), k:var("f32x8", "acc", x:vec(8, 0)).
function Kernel:var(dtype, name, value)
  local scalar, lanes = split_dtype(dtype)
  value = lift(self, value, scalar, lanes)
  if value.dtype ~= scalar or value.lanes ~= lanes then
    error(("kernel '%s': '%s' is %s, its value is %sx%d: cast it"):format(
      self.name, name, dtype, value.dtype, value.lanes), 0)
  end
  return variable(wrap(self, self.raw:var(name, value.id, false)))
end

--- A name for a value; index values stay known to the bounds proof.
function Kernel:let(name, value)
  return variable(wrap(self, self.raw:var(name, value.id, true)))
end

function Kernel:set(var, value)
  self.raw:assign(var.id, lift(self, value, var.dtype, var.lanes).id)
end

--- var += value
function Kernel:add(var, value) self:set(var, var + value) end

--- Stores to an element, k:store(y(i), value); a vector goes to y(i) and what follows it.
function Kernel:store(to, value)
  local place = to.place
  value = lift(self, value, to.dtype, to.lanes)
  self.raw:store(place.buffer.id, place.at, value.id, place.flat)
end

--- An index from data: `value` clamped to 0 .. extent - 1.
function Kernel:index(value, extent, name)
  return wrap(self, self.raw:index(name or "at", value.id, extent))
end

--- The lanes of a vector variable combined by "add", "min" or "max", first to last.
function Kernel:reduce(op, vector, name)
  return wrap(self, self.raw:reduce(name or op, op, vector.id))
end

function Kernel:comment(words) self.raw:comment(words) end

--- A constant: k:number("i32", 5), k:number("f32x8", 0).
function Kernel:number(dtype, value)
  local scalar, lanes = split_dtype(dtype)
  return lift(self, value, scalar, lanes)
end

-- Functions of expressions, k.max(a, b): they belong to no kernel but their operands'.

Kernel.max = binary("max", function(a, b) return a < b and b or a end) -- a NaN in a stays
Kernel.min = binary("min", function(a, b) return b < a and b or a end)
Kernel.lt = binary("lt", function(a, b) return a < b end)
Kernel.le = binary("le", function(a, b) return a <= b end)
Kernel.gt = binary("gt", function(a, b) return a > b end)
Kernel.ge = binary("ge", function(a, b) return a >= b end)
Kernel.eq = binary("eq", function(a, b) return a == b end)
Kernel.ne = binary("ne", function(a, b) return a ~= b end)
Kernel.both = binary("both", function(a, b) return a and b end)
Kernel.either = binary("either", function(a, b) return a or b end)

--- condition ? a : b; only the arm that is taken is computed.
function Kernel.select(condition, a, b)
  if type(condition) == "boolean" then return condition and a or b end
  local k, x, y = pair(a, b)
  if not k then error("select: one of the arms must be an expression", 0) end
  if condition.lanes > x.lanes then
    x, y = lift(k, x, x.dtype, condition.lanes), lift(k, y, y.dtype, condition.lanes)
  end
  return wrap(k, k.raw:select(condition.id, x.id, y.id))
end

--- C's conversion: it must be known to fit where it narrows.
function Kernel.cast(dtype, a) return wrap(a.kernel, a.kernel.raw:cast(dtype, a.id, false)) end

--- A conversion that clamps to the type's range; floats truncate, NaN gives 0. Scalars only.
function Kernel.sat_cast(dtype, a)
  return wrap(a.kernel, a.kernel.raw:cast(dtype, a.id, true))
end

--- a * b + c with one rounding.
function Kernel.fma(a, b, c)
  local k, x, y = pair(a, b)
  local z = lift(k, c, x.dtype, x.lanes)
  return wrap(k, k.raw:fma(x.id, y.id, z.id))
end

--- k.splat(8, x): a scalar in every lane.
function Kernel.splat(lanes, a) return wrap(a.kernel, a.kernel.raw:splat(lanes, a.id)) end

--- Lane `i` (a number from 0, or an index) of a vector variable.
function Kernel.lane(vector, i)
  local k = vector.kernel
  return wrap(k, k.raw:lane(vector.id, lift(k, i, "index", 1).id))
end

--- A named function's result: k.call { "expf", x, type = "f32", header = "math.h" }. Lua
-- integers among the arguments are i32. `type` may be a vector's, "f32x8".
function Kernel.call(spec)
  local ids, k = {}, nil
  for i = 2, #spec do k = k or is_expr(spec[i]) and spec[i].kernel end
  for i = 2, #spec do ids[i - 1] = lift(k, spec[i], "i32", 1).id end
  local scalar, lanes = split_dtype(spec.type)
  return wrap(k, k.raw:call(spec[1], spec.header, scalar, lanes, ids))
end

-- What a finished kernel is -------------------------------------------------------

--- Ends the recording: every access is proved in bounds. Sets
--   params        { { name, ctype, const, role, value } }; role = "input" | "output" | "scratch"
--   headers       sorted names of the headers that the code needs, "math.h", "aotrt_math.h"
--   scratch_bytes of the parameter `scratch`, to be aligned to 64
--   macs          multiplications of values
-- Fails, naming buffer, dimension and subscript, if an access is not proved.
function Kernel:finish()
  self.raw:finish()
  local facts = self.raw:facts()
  self.headers = facts.headers
  self.scratch_bytes, self.macs = facts.scratch_bytes, facts.macs
  self.params = self.raw:params()
  for _, param in ipairs(self.params) do
    param.const = param.role == "input"
    param.ctype = (param.const and "const " or "") .. param.type .. " *"
    param.value = param.buffer > 0 and self.buffers[param.buffer].value or nil
  end
  return self
end

--- "static int32_t f(const float *restrict x, float *restrict y)", without semicolon: it returns 0.
function Kernel:prototype(spelling, style)
  return self.raw:print(spelling, { head = true, static = style and style.static })
end

--- The whole function. style: static, comment (words that are harmless in a comment).
function Kernel:definition(spelling, style)
  style = style or {}
  return self.raw:print(spelling, {
    static = style.static, comment = style.comment, extensions = self.extensions,
  })
end

--- The loads and stores in the order of the text; see core/bind/kernel.c.
function Kernel:accesses() return self.raw:accesses() end

return M
