--- protobuf: reads protocol buffer messages from a View, driven by schema tables.
-- The bytes are not trusted: lengths, wire types, depth and the number of fields are checked
-- before anything is believed. Bulk data stays in the View; Lua sees only its structure.
local lazy = require "aotlua.lazy"
local limits = require "aotlua.import.limits"

local protobuf = {}

local VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

-- The wire type of one element of each kind of field. `int` is any varint, taken as signed.
local WIRE = {
  int = VARINT,
  float = FIXED32,
  double = FIXED64,
  string = BYTES,
  bytes = BYTES,
  message = BYTES,
}

local WIRE_NAMES = {
  [0] = "a varint",
  "8 bytes",
  "a length and bytes",
  "the start of a group",
  "the end of a group",
  "4 bytes",
  "a reserved wire type",
  "a reserved wire type",
}

--- Completes a schema: `{ name = "tensor", [1] = { "dims", "int", list = true }, ... }`.
-- A field is { name, kind }, with `list = true` where it repeats, `bulk = true` where a list of
-- numbers stays encoded, `of` the schema of a message, and `late = true` where a list of messages
-- is so long that each is read whenever it is looked at (an aotlua.lazy list; errors come then).
-- In what is read, lists are always there (a shared empty one must not be written to), other
-- fields are nil where absent.
function protobuf.schema(schema)
  local empty = {}
  for _, field in pairs(schema) do -- order: irrelevant, because each fills its own name
    if type(field) == "table" then
      field.wire = WIRE[field[2]]
      field.packs = field.list and field.wire ~= BYTES
      empty[field[1]] = field.list and {} or nil
    end
  end
  schema.meta = { __index = empty }
  return schema
end

local function fail(at, schema, message, ...)
  error(("byte %d, in a %s: "):format(at, schema.name) .. message:format(...), 0)
end

-- One varint as a signed 64-bit number, and the offset behind it.
local function read_varint(view, at, stop, schema)
  if at < stop then
    local byte = view:u8(at)
    if byte < 0x80 then
      return byte, at + 1
    end
  end
  local start, value, shift = at, 0, 0
  while true do
    if at >= stop then
      fail(start, schema, "a number goes on behind the end at byte %d", stop)
    end
    local byte = view:u8(at)
    at = at + 1
    if shift == 63 and byte > 1 then
      fail(start, schema, "a number has more than 64 bits or 10 bytes")
    end
    value = value | (byte & 0x7f) << shift
    if byte < 0x80 then
      return value, at
    end
    shift = shift + 7
  end
end

local function read_length(view, at, stop, schema)
  local length, start = read_varint(view, at, stop, schema)
  if length < 0 or length > stop - start then
    local claimed = length < 0 and "2^63 or more" or length
    fail(at, schema, "a length of %s bytes, but %d are left", claimed, stop - start)
  end
  return start, start + length
end

-- The end of the payload of one field and where it starts.
local function read_extent(view, wire, at, stop, schema)
  if wire == BYTES then
    return read_length(view, at, stop, schema)
  elseif wire == VARINT then
    local _, behind = read_varint(view, at, stop, schema)
    return at, behind
  elseif wire == FIXED32 or wire == FIXED64 then
    local behind = at + (wire == FIXED32 and 4 or 8)
    if behind > stop then
      fail(at, schema, "%s are needed, %d are left", WIRE_NAMES[wire], stop - at)
    end
    return at, behind
  end
  fail(at, schema, "%s, which this format does not use", WIRE_NAMES[wire])
end

local scalar = {
  int = read_varint,
  float = function(view, at)
    return view:f32(at), at + 4
  end,
  double = function(view, at)
    return view:f64(at), at + 8
  end,
}

-- Appends the elements of one occurrence of a list of numbers, packed or not.
local function read_numbers(reader, list, field, at, stop, schema)
  local read, view = scalar[field[2]], reader.view
  if field.bulk then
    list[#list + 1] = view:sub(at, stop - at)
    return
  end
  local size = field[2] == "float" and 4 or field[2] == "double" and 8
  if size and (stop - at) % size ~= 0 then
    fail(at, schema, "'%s' has %d bytes, which is no multiple of %d", field[1], stop - at, size)
  end
  while at < stop do
    list[#list + 1], at = read(view, at, stop, schema)
    reader.fields = reader.fields - 1
    if reader.fields < 0 then
      fail(at, schema, "more than %d fields", limits.protobuf_fields)
    end
  end
end

local read_message

-- The messages of a list that are read when they are looked at.
local function new_late_list(view, schema, depth)
  local starts, stops = {}, {}
  local list = lazy.map(starts, function(start, index)
    local reader = { view = view, fields = limits.protobuf_fields, late = {} }
    return read_message(reader, schema, start, stops[index], depth)
  end)
  return list, function(start, stop)
    starts[#starts + 1], stops[#stops + 1] = start, stop
  end
end

local function read_late(reader, record, field, at, stop, depth)
  local list = rawget(record, field[1])
  if not list then
    local add
    list, add = new_late_list(reader.view, field.of, depth + 1)
    record[field[1]], reader.late[list] = list, add
  end
  reader.late[list](at, stop)
end

local function read_element(reader, field, at, stop, schema, depth, before)
  local kind, view = field[2], reader.view
  if kind == "message" then
    return read_message(reader, field.of, at, stop, depth + 1, before)
  elseif kind == "string" then
    local length = stop - at
    if length > limits.name_bytes then
      fail(at, schema, "'%s' has %d bytes, more than %d", field[1], length, limits.name_bytes)
    end
    return view:string(at, length)
  elseif kind == "bytes" then
    return view:sub(at, stop - at)
  end
  return (scalar[kind](view, at, stop, schema))
end

-- Adds one occurrence of a field to the record.
local function read_field(reader, record, field, at, stop, schema, depth)
  local name = field[1]
  if not field.list then
    record[name] = read_element(reader, field, at, stop, schema, depth, record[name])
    return
  end
  if field.late then return read_late(reader, record, field, at, stop, depth) end
  local list = rawget(record, name)
  if not list then
    list = {}
    record[name] = list
  end
  if field.packs then
    read_numbers(reader, list, field, at, stop, schema)
  else
    list[#list + 1] = read_element(reader, field, at, stop, schema, depth)
  end
end

-- A singular message that comes twice is merged, another field's last occurrence counts.
function read_message(reader, schema, at, stop, depth, into)
  if depth > limits.protobuf_depth then
    fail(at, schema, "messages are nested deeper than %d", limits.protobuf_depth)
  end
  local view = reader.view
  local record = into or setmetatable({}, schema.meta)
  while at < stop do
    local tag, start = read_varint(view, at, stop, schema)
    local number, wire = tag >> 3, tag & 7
    if number == 0 or number > 0x1fffffff then
      fail(at, schema, "there is no field number %d", number)
    end
    reader.fields = reader.fields - 1
    if reader.fields < 0 then
      fail(at, schema, "more than %d fields", limits.protobuf_fields)
    end
    local behind
    start, behind = read_extent(view, wire, start, stop, schema)
    local field = schema[number]
    if field then
      if wire ~= field.wire and not (field.packs and wire == BYTES) then
        fail(at, schema, "'%s' is %s, but has to be %s", field[1], WIRE_NAMES[wire],
          WIRE_NAMES[field.wire])
      end
      read_field(reader, record, field, start, behind, schema, depth)
    end
    at = behind
  end
  return record
end

--- Reads the whole View as one message of the schema.
-- Fails, with the byte's offset and the message's name, where the bytes are not that.
function protobuf.read(view, schema)
  local reader = { view = view, fields = limits.protobuf_fields, late = {} }
  return read_message(reader, schema, 0, #view, 1)
end

--- Decodes a bulk list of varints into numbers, signed. Fails if there are more than `most`.
function protobuf.numbers(runs, schema, most)
  local list, count = {}, 0
  for _, view in ipairs(runs) do
    local at, stop = 0, #view
    while at < stop do
      count = count + 1
      if count > most then
        fail(at, schema, "more than the %d numbers that the shape allows", most)
      end
      list[count], at = read_varint(view, at, stop, schema)
    end
  end
  return list
end

return protobuf
