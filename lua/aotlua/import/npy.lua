--- npy: NumPy's file format for one array, read into a Tensor and written from one.
--
-- Reads versions 1 to 3, little-endian, in C or Fortran order; writes version 1 in C order.

local data = require "aot.data"
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local words = require "aotlua.import.words"

local M = {}

local MAGIC = "\x93NUMPY"

local DTYPES = {
  ["<f2"] = "f16", ["<f4"] = "f32", ["<f8"] = "f64",
  ["|i1"] = "i8", ["<i2"] = "i16", ["<i4"] = "i32", ["<i8"] = "i64",
  ["|u1"] = "u8", ["<u2"] = "u16", ["<u4"] = "u32", ["<u8"] = "u64",
  ["|b1"] = "bool", ["<i1"] = "i8", ["<u1"] = "u8",
}
local DESCRIPTIONS = {
  f16 = "<f2", f32 = "<f4", f64 = "<f8", i8 = "|i1", i16 = "<i2", i32 = "<i4", i64 = "<i8",
  u8 = "|u1", u16 = "<u2", u32 = "<u4", u64 = "<u8", bool = "|b1",
}

local function fail(format, ...)
  error(string.format(format, ...), 0)
end

-- The header's text and the offset of the first element.
local function split(view)
  if #view < 10 or view:string(0, #MAGIC) ~= MAGIC then fail "this is not a .npy file" end
  local version = view:u8(6)
  if version < 1 or version > 3 then
    fail("version %d of the .npy format; 1 to 3 can be read", version)
  end
  local start = version == 1 and 10 or 12
  if #view < start then fail("%d bytes are too short for the header", #view) end
  local length = version == 1 and view:u16(8) or view:u32(8)
  if length > #view - start then
    fail("a header of %d bytes in a file of %d", length, #view)
  end
  return view:string(start, length), start + length
end

local function shape_of(header)
  local text = header:match "['\"]shape['\"]%s*:%s*%(([%d,%sL]*)%)"
  if not text then fail("no shape in the header %s", words.quote(header)) end
  local shape = {}
  for number in text:gmatch "%d+" do
    shape[#shape + 1] = math.tointeger(tonumber(number))
      or fail("an extent of %s in the header", number)
  end
  return shape
end

local function reversed(list)
  local result = {}
  for i = #list, 1, -1 do result[#result + 1] = list[i] end
  return result
end

--- Reads the array of a View of a .npy file. Fails if it is not one, or of another length
-- than its header says, or of an element type that no Tensor has.
function M.decode(view)
  local header, start = split(view)
  local description = header:match "['\"]descr['\"]%s*:%s*['\"]([^'\"]*)['\"]"
  local dtype = DTYPES[description]
  if not dtype then
    fail("element type %s; it can be %s", words.quote(description or header), "f2 f4 f8, "
      .. "i1 to i8, u1 to u8, b1, little-endian")
  end
  local shape = shape_of(header)
  local bytes = view:sub(start, #view - start)
  if not header:match "['\"]fortran_order['\"]%s*:%s*True" then
    return ir.tensor({ dtype = dtype, shape = shape }, bytes)
  end
  local perm = {}
  for i = #shape - 1, 0, -1 do perm[#perm + 1] = i end
  return ir.tensor({ dtype = dtype, shape = reversed(shape) }, bytes):transpose(perm)
end

--- Reads the array in the file `path`. Errors begin with the path.
function M.read(path)
  local view = data.open(path)
  local ok, result = pcall(M.decode, view)
  if not ok then error(failure.prefixed(words.escape(path) .. ": ", result), 0) end
  return result
end

--- Returns the bytes of a .npy file that holds `tensor`; quantization is not kept.
function M.encode(tensor)
  local description = DESCRIPTIONS[tensor.type.dtype]
  if not description then fail("NumPy has no element type %s", tensor.type.dtype) end
  local shape = tensor.type.shape
  local header = string.format("{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
    description, table.concat(shape, ", "), #shape == 1 and "," or "")
  local padding = -(#header + 11) % 64
  header = header .. (" "):rep(padding) .. "\n"
  local view = tensor:view()
  return MAGIC .. "\1\0" .. string.pack("<I2", #header) .. header .. view:string(0, #view)
end

--- Writes `tensor` to the file `path`, whole or not at all.
function M.write(path, tensor)
  data.write(path, M.encode(tensor))
end

return M
