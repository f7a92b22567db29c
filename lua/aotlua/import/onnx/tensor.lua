--- onnx.tensor: TensorProto messages to Tensors.
-- A tensor's numbers stay in the mapped file (the model's, or an external one beneath the
-- model's folder) unless the format stores them as varints.
local data = require "aot.data"
local depends = require "aotlua.depends"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local protobuf = require "aotlua.import.protobuf"
local words = require "aotlua.import.words"
local schema = require "aotlua.import.onnx.schema"

local tensor = {}

-- ONNX's number of an element type: its name here, the field for its numbers where they are not
-- raw bytes, and the type as which that field's varints are stored.
local TYPES = {
  [1] = { "f32", "float_data" },
  [2] = { "u8", "int32_data", "u8" },
  [3] = { "i8", "int32_data", "i8" },
  [4] = { "u16", "int32_data", "u16" },
  [5] = { "i16", "int32_data", "i16" },
  [6] = { "i32", "int32_data", "i32" },
  [7] = { "i64", "int64_data", "i64" },
  [9] = { "bool", "int32_data", "u8", most = 1 },
  [10] = { "f16", "int32_data", "u16" },
  [11] = { "f64", "double_data" },
  [12] = { "u32", "uint64_data", "u32" },
  [13] = { "u64", "uint64_data", "i64" },
  [16] = { "bf16", "int32_data", "u16" },
  [21] = { "u4", "int32_data", "u8" },
  [22] = { "i4", "int32_data", "u8" },
}

local OTHER_NAMES = {
  [8] = "string",
  [14] = "complex64",
  [15] = "complex128",
  [17] = "float8e4m3fn",
  [18] = "float8e4m3fnuz",
  [19] = "float8e5m2",
  [20] = "float8e5m2fnuz",
  [23] = "float4e2m1",
}

local FIELDS = { "float_data", "int32_data", "int64_data", "double_data", "uint64_data" }

local function fail(...)
  error(string.format(...), 0)
end

--- The element type with ONNX's number. Fails with its name where it is not supported.
function tensor.dtype(number)
  local known = TYPES[number or 0]
  if not known then
    fail("the element type is number %d%s; supported are the float and integer types and bool",
      number or 0, OTHER_NAMES[number] and ", " .. OTHER_NAMES[number] .. "," or "")
  end
  return known[1]
end

--- The number of elements of a shape. Fails if it breaks a limit, or an extent is negative.
function tensor.count(dims)
  if #dims > limits.rank then
    fail("the rank is %d; at most %d are supported", #dims, limits.rank)
  end
  local count = 1
  for axis, extent in ipairs(dims) do
    if extent < 0 or extent > limits.elements then
      fail("dimension %d has extent %d, which is not between 0 and %d", axis - 1, extent,
        limits.elements)
    end
    count = count * extent -- at most 2^31 times 2^31
    if count > limits.elements then
      fail("the shape has more than %d elements", limits.elements)
    end
  end
  return count
end

local KNOWN_ENTRIES = { location = true, offset = true, length = true, checksum = true }

local function whole(entries, key, default)
  local text = entries[key]
  if not text then
    return default
  elseif not text:find("^%d+$") or #text > 18 then
    fail("its external data has %s %s, which is no byte count", key, words.quote(text))
  end
  return math.tointeger(text)
end

-- The View of external data: `files` is { folder =, views = { [location] = View } }.
local function read_external(proto, files)
  local entries = {}
  for _, entry in ipairs(proto.external_data) do
    local key = entry.key or ""
    if not KNOWN_ENTRIES[key] or entries[key] then
      fail("its external data has %s %s; it may have location, offset, length, checksum, once",
        entries[key] and "a second" or "the key", words.quote(key))
    end
    entries[key] = entry.value or ""
  end
  local location = entries.location
  if not location or location == "" or location:find("\0", 1, true) then
    fail("its external data has no location that is a file's name")
  elseif not files.folder then
    fail("its data is in the file %s, but there is no folder to look in", words.quote(location))
  end
  local view = files.views[location]
  if not view then
    view = data.open_beneath(files.folder, location)
    depends.on(files.folder:gsub("/$", "") .. "/" .. location)
    files.views[location] = view
  end
  local size = #view
  local offset = whole(entries, "offset", 0)
  local length = whole(entries, "length", math.max(0, size - offset))
  if length > size or offset > size - length then
    fail("its external data is %d bytes at %d of %s, which has %d", length, offset,
      words.quote(location), size)
  end
  return view:sub(offset, length)
end

-- The bytes of floats or doubles, which the format stores as they are.
local function join(runs)
  if #runs == 1 then
    return runs[1]
  end
  local pieces = {}
  for i, view in ipairs(runs) do
    pieces[i] = view:string(0, #view)
  end
  return data.from_string(table.concat(pieces))
end

local function decode(proto, known, bytes)
  local stored = known[3]
  local numbers = bytes * 8 // ir.dtype(stored).bits
  if numbers > limits.decoded_elements then
    fail("%s has %d numbers; at most %d are supported there, raw_data has no limit", known[2],
      numbers, limits.decoded_elements)
  end
  local list = protobuf.numbers(proto[known[2]], schema.tensor, numbers)
  if #list ~= numbers then
    fail("%s has %d numbers, the shape needs %d", known[2], #list, numbers)
  end
  local low, high = ir.dtype(stored).min, known.most or ir.dtype(stored).max
  for _, number in ipairs(list) do
    if number < low or number > high then
      fail("%s holds %d, which does not fit %s", known[2], number, known[1])
    end
  end
  local shape = stored == known[1] and proto.dims or { numbers }
  local made = ir.tensor({ dtype = stored, shape = shape }, list)
  if stored == known[1] then
    return made
  end
  return ir.tensor({ dtype = known[1], shape = proto.dims }, made:view())
end

-- Which one of the places for numbers is used: "raw_data", "external_data", a typed field.
local function find_place(proto)
  local places = {}
  for _, field in ipairs(FIELDS) do
    if #proto[field] > 0 then
      places[#places + 1] = field
    end
  end
  if proto.raw_data and (#proto.raw_data > 0 or #places == 0) then
    places[#places + 1] = "raw_data"
  end
  if proto.data_location == 1 then
    places[#places + 1] = "external_data"
  end
  if #places > 1 then
    fail("it has both %s and %s; one of them holds the numbers", places[1], places[2])
  end
  return places[1]
end

--- Reads a TensorProto. `files` is { folder, views }: the model's folder (nil: external data is
-- refused) and a table that remembers the files opened there.
-- Fails, without naming the tensor, if the data is not exactly what the type and shape need.
function tensor.read(proto, files)
  local dtype = tensor.dtype(proto.data_type)
  local known = TYPES[proto.data_type]
  local count = tensor.count(proto.dims)
  local kind = { dtype = dtype, shape = proto.dims }
  if proto.segment then
    fail("it is stored in segments, which are not supported")
  end
  local bytes = (count * ir.dtype(dtype).bits + 7) // 8
  local place = find_place(proto)
  local view
  if place == "raw_data" then
    view = proto.raw_data
  elseif place == "external_data" then
    view = read_external(proto, files)
  elseif not place then
    if count > 0 then
      fail("it has no data, its shape needs %d bytes", bytes)
    end
    view = data.from_string("")
  elseif place ~= known[2] then
    fail("it has %s, but type %s is stored in %s or raw_data", place, dtype, known[2])
  elseif known[3] then
    return decode(proto, known, bytes)
  else
    view = join(proto[place])
  end
  if #view ~= bytes then
    fail("%s has %d bytes, %s[%s] needs %d", place or "it", #view, dtype,
      table.concat(proto.dims, ", "), bytes)
  end
  return ir.tensor(kind, view)
end

return tensor
