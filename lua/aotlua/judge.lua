--- judge: whether computed outputs are the expected ones, and how far they are apart.
--
-- Modes, as in golden.json: exact (bit for bit), exact_quantised and close (|a-b| <= atol +
-- rtol*|b|), quant_close (the same, and the greatest element of each row is where it was).

local M = {}

-- How far sums of floats in another order may move, as a part of the largest result.
local FLOAT_ORDER = 1e-5

--- The modes there are.
M.modes = { exact = true, exact_quantised = true, close = true, quant_close = true }

local function largest(tensor)
  local most = 0.0
  for _, x in ipairs(tensor:list()) do
    if math.abs(x) < math.huge then most = math.max(most, math.abs(x)) end
  end
  return most
end

-- Tolerances: the command line's, else the set's, else exact for integers and those of the ONNX
-- backend tests for floats. The evaluator adds up in f64: what is left where a sum cancels out is
-- as far off as the sums beside it.
local function tolerances(tensor, compare, options)
  local is_float = tensor.type.dtype:find "^b?f"
  local mode = compare.mode or (is_float and "close" or "exact")
  local loose = mode == "close" and is_float
  local rtol = options.rtol or compare.rtol or (loose and 1e-3 or 0)
  local atol = options.atol or compare.atol or (loose and 1e-7 or 0)
  if loose and compare.evaluated and not options.atol then
    atol = math.max(atol, FLOAT_ORDER * largest(tensor))
  end
  return { rtol = rtol + 0.0, atol = atol + 0.0 }, mode
end

local function argmax(list, first, count)
  local best = first
  for i = first + 1, first + count - 1 do
    if list[i] > list[best] then best = i end
  end
  return best
end

-- The first row (of the last axis) whose greatest element moved, or nil. Equal elements of the
-- expected row are as good as one another.
local function moved_row(got, want)
  local shape = want.type.shape
  local width = shape[#shape] or 1
  if #want == 0 or width < 2 then return nil end
  local a, b = got:list(), want:list()
  for first = 1, #want, width do
    if b[argmax(a, first, width)] ~= b[argmax(b, first, width)] then return first // width end
  end
end

local function same_shape(a, b)
  return a.type.dtype == b.type.dtype
    and table.concat(a.type.shape, ",") == table.concat(b.type.shape, ",")
end

local function show(tensor)
  return ("%s[%s]"):format(tensor.type.dtype, table.concat(tensor.type.shape, ", "))
end

--- Compares one output with the expected one under the set's `compare` and `options` { rtol,
-- atol }. Returns { equal, worst_abs, worst_ulp, worst_index, count_bad, problem = text }.
function M.compare(got, want, compare, options)
  if not same_shape(got, want) then
    return { equal = false, problem = ("it is %s, not %s"):format(show(got), show(want)) }
  end
  local allowed, mode = tolerances(want, compare, options)
  local found = got:compare(want, allowed)
  if not found.equal then
    local index = found.worst_index
    found.problem = ("%d of %d elements differ; the worst, element %d, is %s instead of %s"):format(
      found.count_bad, #want, index - 1, tostring(got:get(index)), tostring(want:get(index)))
  elseif mode == "quant_close" then
    local row = moved_row(got, want)
    if row then
      found.equal = false
      found.problem = ("the greatest element of row %d is another one"):format(row)
    end
  end
  return found
end

--- The tensor without its quantization: numbers are compared as they are stored.
function M.plain(tensor)
  return tensor:with_type { dtype = tensor.type.dtype, shape = tensor.type.shape }
end

--- Whether `promise` is one: nil, "nothing", "float_order" or { lsb = n }; else says what it is.
function M.is_promise(promise)
  if promise == nil or promise == "nothing" or promise == "float_order" then return true end
  if type(promise) == "table" and math.type(promise.lsb) == "integer" and promise.lsb >= 0 then
    return true
  end
  return false, 'is not "nothing", "float_order" or { lsb = n }'
end

--- How far numbers may be from `tensor` under a promise ("nothing", "float_order" or
-- { lsb = n }): { rtol, atol }.
function M.tolerance(promise, tensor)
  if promise == "float_order" then
    return { rtol = 10 * FLOAT_ORDER, atol = FLOAT_ORDER * largest(tensor) }
  end
  return { rtol = 0.0, atol = type(promise) == "table" and promise.lsb + 0.0 or 0.0 }
end

--- A promise in words.
function M.show(promise)
  return type(promise) == "table" and ("lsb = %d"):format(promise.lsb) or promise
end

--- The largest error of a comparison, in words: those of `prefix`, by default "largest error ",
-- and the number with its unit.
function M.describe(found, dtype, prefix)
  if not found.worst_abs then return "not comparable" end
  prefix = prefix or "largest error "
  if dtype:find "^b?f" then
    return ("%s%.3g (%.0f ULP)"):format(prefix, found.worst_abs, found.worst_ulp or 0)
  end
  return ("%s%.0f LSB"):format(prefix, found.worst_abs)
end

return M
