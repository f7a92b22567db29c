--- flatbuffer_writer: bytes of FlatBuffers for tests, well formed or deliberately not.
--
-- Values are Lua tables that say their kind; `write(table)` lays them out one behind the other,
-- each table after its vtable, everything aligned to 8.

local M = {}

local FORMATS = { i8 = "<i1", u8 = "<I1", i32 = "<i4", u32 = "<I4", i64 = "<i8", f32 = "<f" }

for kind, format in pairs(FORMATS) do -- order: irrelevant, because names are distinct
  M[kind] = function(value)
    return { kind = "scalar", width = string.packsize(format), bytes = string.pack(format, value) }
  end
end

--- A table: fields by slot number.
function M.table(fields)
  return { kind = "table", fields = fields }
end

--- A vector of scalars: `M.list("i32", { 1, 2 })`; `count` overrides the length that is written.
function M.list(element, values, count)
  local parts = {}
  for i, value in ipairs(values) do parts[i] = string.pack(FORMATS[element], value) end
  return { kind = "vector", count = count or #values, bytes = table.concat(parts),
    width = string.packsize(FORMATS[element]) }
end

--- A string, NUL-terminated; a vector of bytes.
function M.string(text)
  return { kind = "vector", count = #text, bytes = text .. "\0", width = 1 }
end

function M.bytes(text)
  return { kind = "vector", count = #text, bytes = text, width = 1 }
end

--- A vector of tables.
function M.tables(items)
  return { kind = "tables", items = items }
end

-- Layout ------------------------------------------------------------------------------------

local function align(buffer, width)
  local padding = -buffer.size % width
  buffer[#buffer + 1] = ("\0"):rep(padding)
  buffer.size = buffer.size + padding
end

local function add(buffer, bytes)
  buffer[#buffer + 1] = bytes
  buffer.size = buffer.size + #bytes
  return #buffer
end

local put

-- Writes what `slots` (index in the buffer -> value) refer to, and the offsets to them.
local function put_references(buffer, slots)
  for _, slot in ipairs(slots) do
    local target = put(buffer, slot.value)
    buffer[slot.index] = string.pack("<I4", target - slot.at)
  end
end

local function put_table(buffer, value)
  local highest = -1
  for slot in pairs(value.fields) do -- order: irrelevant, because a maximum is taken
    highest = math.max(highest, slot)
  end
  local offsets, size = {}, 4
  for slot = 0, highest do
    local field = value.fields[slot]
    local width = field and (field.width and field.kind == "scalar" and field.width or 4)
    if field then
      size = size + -size % width
      offsets[slot], size = size, size + width
    end
  end
  align(buffer, 8)
  local vtable = buffer.size
  local entries = { string.pack("<I2I2", 4 + 2 * (highest + 1), size) }
  for slot = 0, highest do entries[#entries + 1] = string.pack("<I2", offsets[slot] or 0) end
  add(buffer, table.concat(entries))
  align(buffer, 8)
  local at, slots = buffer.size, {}
  add(buffer, string.pack("<i4", at - vtable))
  for slot = 0, highest do
    local field = value.fields[slot]
    if field then
      add(buffer, ("\0"):rep(at + offsets[slot] - buffer.size))
      local where = buffer.size
      local index = add(buffer, field.kind == "scalar" and field.bytes or "\0\0\0\0")
      if field.kind ~= "scalar" then
        slots[#slots + 1] = { index = index, at = where, value = field }
      end
    end
  end
  put_references(buffer, slots)
  return at
end

local function put_vector(buffer, value)
  align(buffer, 8)
  if value.width == 8 then add(buffer, "\0\0\0\0") end
  local at = buffer.size
  add(buffer, string.pack("<I4", value.count))
  add(buffer, value.bytes)
  return at
end

local function put_tables(buffer, value)
  align(buffer, 8)
  local at, slots = buffer.size, {}
  add(buffer, string.pack("<I4", #value.items))
  for i, item in ipairs(value.items) do
    local where = buffer.size
    slots[i] = { index = add(buffer, "\0\0\0\0"), at = where, value = item }
  end
  put_references(buffer, slots)
  return at
end

-- Shared values are written once.
function put(buffer, value)
  if not buffer.places[value] then
    local writers = { table = put_table, vector = put_vector, tables = put_tables }
    buffer.places[value] = writers[value.kind](buffer, value)
  end
  return buffer.places[value]
end

--- Returns the bytes of a FlatBuffer with the given root table and file identifier.
function M.write(root, identifier)
  local buffer = { size = 0, places = {} }
  add(buffer, "\0\0\0\0")
  add(buffer, identifier)
  local at = put(buffer, root)
  buffer[1] = string.pack("<I4", at)
  align(buffer, 8)
  return table.concat(buffer)
end

return M
