--- expression: typed values of a kernel and the buffers they come from.

local M = {}

-- Expressions -----------------------------------------------------------------

local Expr = {}
Expr.__index = Expr

--- What the core's makers return, as a value of the language.
function M.wrap(k, id, dtype, lanes)
  return setmetatable({ kernel = k, id = id, dtype = dtype, lanes = lanes }, Expr)
end

function M.is(x) return getmetatable(x) == Expr end

--- `x`, a Lua number or boolean, as an expression of `dtype`; a scalar gets the `lanes`.
function M.lift(k, x, dtype, lanes)
  if M.is(x) then
    if x.lanes == 1 and lanes > 1 then return M.wrap(k, k.raw:splat(lanes, x.id)) end
    return x
  end
  if type(x) == "boolean" then x, dtype = x and 1 or 0, "bool" end
  if type(x) ~= "number" then
    error("a number or an expression was expected, got a " .. type(x), 0)
  end
  if math.type(x) == "float" and dtype ~= "f32" and dtype ~= "f64" then
    error(("%s is not a number of type %s"):format(x, dtype), 0)
  end
  local number = M.wrap(k, k.raw:number(dtype, x))
  return lanes > 1 and M.wrap(k, k.raw:splat(lanes, number.id)) or number
end

--- Two operands and their kernel, brought to one type; nil if neither is an expression.
function M.pair(a, b)
  local like = M.is(a) and a or b
  if not M.is(like) then return nil end
  local k = like.kernel
  local lanes = math.max(M.is(a) and a.lanes or 1, M.is(b) and b.lanes or 1)
  return k, M.lift(k, a, like.dtype, lanes), M.lift(k, b, like.dtype, lanes)
end

--- An operation on two operands; `plain` computes it on two Lua values.
function M.binary(op, plain)
  return function(a, b)
    local k, x, y = M.pair(a, b)
    if not k then return plain(a, b) end
    return M.wrap(k, k.raw:binary(op, x.id, y.id))
  end
end

local function only_expressions() error("an expression was expected", 0) end

for name, op in pairs {
  add = "add", sub = "sub", mul = "mul", div = "div", idiv = "div", mod = "rem",
  shl = "shl", shr = "shr", band = "and", bor = "or", bxor = "xor",
} do -- order: irrelevant, into a table
  Expr["__" .. name] = M.binary(op, only_expressions)
end

function Expr.__unm(a) return M.wrap(a.kernel, a.kernel.raw:unary("neg", a.id)) end
function Expr.__bnot(a) return M.wrap(a.kernel, a.kernel.raw:unary("not", a.id)) end
function Expr.__tostring(a) return a.kernel.raw:show(a.id) end

-- Buffers ---------------------------------------------------------------------

local Buffer = {}
Buffer.__index = Buffer

--- A buffer of the core: kernel, id, type, value.
function M.buffer(fields)
  fields.shape, fields.dtype = fields.type.shape, fields.type.dtype
  return setmetatable(fields, Buffer)
end

local function subscripts(k, ...)
  local ids = table.pack(...)
  for i = 1, ids.n do ids[i] = M.lift(k, ids[i], "index", 1).id end
  return ids
end

local function element(b, lanes, flat, ...)
  local at = subscripts(b.kernel, ...)
  local e = M.wrap(b.kernel, b.kernel.raw:load(b.id, at, lanes, flat))
  e.place = { buffer = b, at = at, flat = flat }
  return e
end

--- One element, `x(i, j)`: a subscript per dimension, rows last.
function Buffer.__call(b, ...) return element(b, 1, false, ...) end

--- Element number `i` of the whole buffer.
function Buffer:flat(i) return element(self, 1, true, i) end

--- `lanes` elements from `x(...)` on along the last dimension.
function Buffer:vec(lanes, ...) return element(self, lanes, false, ...) end

--- `lanes` elements from number `i` on.
function Buffer:flat_vec(lanes, i) return element(self, lanes, true, i) end

return M
