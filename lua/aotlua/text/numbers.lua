--- numbers: the data of constants and states, checked against their types.

local data = require "aot.data"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local stop = require "aotlua.text.problem".stop
local words = require "aotlua.import.words"

local function count_of(t)
  local count = 1
  for _, extent in ipairs(t.shape) do
    if extent > 0 and count > 2 ^ 48 // extent then stop "there are too many elements" end
    count = count * extent
  end
  return count
end

local function show_number(x) return (math.type(x) == "integer" and "%d" or "%.17g"):format(x) end

-- The number, which the element type can hold. From 2^63 on the reader has { digits, bits }.
local function checked(dtype, number)
  local held = ir.dtype(dtype)
  if type(number) == "table" then
    if dtype == "u64" then return number.bits end
    stop(("%s does not fit %s"):format(number.digits, dtype), number.digits)
  end
  if held.class == "float" then return number end
  local whole = math.tointeger(number)
  local fits = whole and whole >= held.min and (dtype == "u64" or whole <= held.max)
  return fits and whole or stop(("%s does not fit %s"):format(show_number(number), dtype))
end

local function all_checked(t, numbers, count)
  if #numbers ~= count then
    stop(("the list has %s, the type needs %d"):format(words.count(#numbers, "number"), count))
  end
  for i, number in ipairs(numbers) do numbers[i] = checked(t.dtype, number) end
  return numbers
end

local function from_bits(t, list)
  local width = ir.dtype(t.dtype).bits // 8
  local bytes = {}
  for i, digits in ipairs(list) do
    if #digits > 2 * width then
      stop(("%s has more than %d bytes"):format(digits, width), digits)
    end
    bytes[i] = ("<I" .. width):pack(tonumber(digits, 16))
  end
  return data.from_string(table.concat(bytes))
end

--- The Tensor of a statement of type `t`: its numbers, bits, or bytes of the View `blobs`.
return function(statement, blobs)
  local t = statement.type
  local plain = { dtype = t.dtype, shape = t.shape }
  local count = count_of(plain)
  local size = (count * ir.dtype(t.dtype).bits + 7) // 8
  if statement.blob then
    if not blobs then
      stop "its data is in a blob file, and there is none beside this text"
    end
    local at = statement.blob
    if at < 0 or at > #blobs or size > #blobs - at then
      stop(("%d bytes from byte %d on are not within the %d bytes of the blob file"):format(size,
        at, #blobs))
    end
    return ir.tensor(plain, blobs:sub(at, size))
  end
  if statement.bits then return ir.tensor(plain, from_bits(t, statement.bits)) end
  if statement.splat and size > limits.spread_bytes then
    stop(("one number for %d bytes; the limit is %d"):format(size, limits.spread_bytes))
  end
  if statement.dense then return ir.tensor(plain, all_checked(t, statement.dense, count)) end
  return ir.tensor(plain, checked(t.dtype, statement.splat))
end
