--- flatbuffers: reads tables of a FlatBuffer from a View, driven by a small schema.
--
-- Nothing is trusted: each access checks that what it touches lies in the file, is aligned,
-- and agrees with its vtable. Tables are read when they are asked for, so that depth and the
-- number of visits can be bounded (a small file can refer to one table many times).

local limits = require "aotlua.import.limits"

local M = {}

local WIDTHS = {
  bool = 1, i8 = 1, u8 = 1, i16 = 2, u16 = 2, i32 = 4, u32 = 4, i64 = 8, u64 = 8,
  f32 = 4, f64 = 8,
}

-- Schema ------------------------------------------------------------------------------------

local function field_of(declaration, slot, where)
  local name, kind, default = declaration:match "^([%w_]+):([^=]+)=?(.*)$"
  assert(name, where .. ": '" .. declaration .. "' is not name:kind")
  local field = { name = name, slot = slot }
  local element = kind:match "^%[(%w+)%]$"
  if kind:match "^<%w+>$" then
    field.kind, field.of = "union", kind:sub(2, -2)
  elseif kind == "string" or kind == "bytes" then
    field.kind = kind
  elseif element then
    field.kind, field.of = WIDTHS[element] and "list" or "tables", element
  elseif WIDTHS[kind] then
    field.kind, field.of = "scalar", kind
    field.default = default ~= "" and math.tointeger(default) or 0
    if kind == "bool" then field.default = default == "true" end
    if kind == "f32" or kind == "f64" then field.default = tonumber(default) or 0.0 end
  else
    field.kind, field.of = "table", kind
  end
  return field
end

--- Compiles a schema: `tables` maps a table's name to its fields in the order of their slots,
-- words of the form name:kind with kind a scalar (i32, f32, bool, ...; `=N` is a default),
-- string, bytes (a View), [scalar], Table, [Table] or <Union>; `_` is a slot not read.
-- `unions` maps a union's name to { [type code] = table name }.
function M.schema(tables, unions)
  local compiled = { tables = {}, unions = unions }
  for name, text in pairs(tables) do -- order: irrelevant, because each entry stands alone
    local fields, slot = {}, 0
    for word in text:gmatch "%S+" do
      if word ~= "_" then
        local field = field_of(word, slot, name)
        fields[field.name] = field
        if field.kind == "union" then slot = slot + 1 end -- the type code has a slot of its own
      end
      slot = slot + 1
    end
    compiled.tables[name] = fields
  end
  return compiled
end

-- Reading -----------------------------------------------------------------------------------

local STATE = {} -- the key under which a table handle keeps where it is

local function path_of(state, name)
  local parts = {}
  while state do
    if state.label then table.insert(parts, 1, state.label) end
    state = state.parent
  end
  if name then parts[#parts + 1] = name end
  return #parts > 0 and table.concat(parts, ".") or "root table"
end

local function fail(state, name, format, ...)
  error(string.format("%s: %s", path_of(state, name), string.format(format, ...)), 0)
end

-- Checks that `length` bytes at `at` lie in the file and that `at` is a multiple of `width`.
local function check(state, name, at, length, width)
  local size = #state.reader.view
  if at < 0 or at > size or length > size - at then
    fail(state, name, "%d bytes at offset %d reach beyond the file's %d bytes", length, at, size)
  end
  if at % width ~= 0 then
    fail(state, name, "offset %d is not a multiple of %d", at, width)
  end
end

local Table = {}

local function open_table(reader, at, type_name, parent, label)
  local depth = parent and parent.depth + 1 or 1
  local state = { reader = reader, at = at, parent = parent, label = label, depth = depth,
    fields = assert(reader.schema.tables[type_name], type_name) }
  if depth > limits.flatbuffers_depth then
    fail(state, nil, "tables are nested more than %d deep", limits.flatbuffers_depth)
  end
  reader.visits = reader.visits + 1
  if reader.visits > limits.flatbuffers_tables then
    fail(state, nil, "more than %d tables are referred to", limits.flatbuffers_tables)
  end
  check(state, nil, at, 4, 4)
  local vtable = at - reader.view:i32(at)
  check(state, nil, vtable, 4, 2)
  local vtable_size, size = reader.view:u16(vtable), reader.view:u16(vtable + 2)
  if vtable_size < 4 or vtable_size % 2 ~= 0 then
    fail(state, nil, "its vtable at offset %d has %d bytes; even and at least 4 are legal", vtable,
      vtable_size)
  end
  check(state, nil, vtable, vtable_size, 2)
  if size < 4 then fail(state, nil, "a table of %d bytes cannot be", size) end
  check(state, nil, at, size, 4)
  state.vtable, state.vtable_size, state.size = vtable, vtable_size, size
  return setmetatable({ [STATE] = state }, Table)
end

-- The file offset of a field's inline part of `width` bytes, or nil where it is absent.
local function place(state, name, slot, width)
  local entry = 4 + 2 * slot
  if entry + 2 > state.vtable_size then return nil end
  local offset = state.reader.view:u16(state.vtable + entry)
  if offset == 0 then return nil end
  if offset < 4 or offset + width > state.size then
    fail(state, name, "lies at %d of a table of %d bytes", offset, state.size)
  end
  check(state, name, state.at + offset, width, width)
  return state.at + offset
end

local function follow(state, name, at)
  local offset = state.reader.view:u32(at)
  if offset == 0 then fail(state, name, "the offset at %d points to itself", at) end
  check(state, name, at + offset, 4, 4)
  return at + offset
end

-- The first element's offset and the number of elements of the vector a field refers to.
local function vector(state, name, slot, width)
  local at = place(state, name, slot, 4)
  if not at then return nil end
  at = follow(state, name, at)
  local length = state.reader.view:u32(at)
  check(state, name, at + 4, length * width, 1)
  if length > 0 then check(state, name, at + 4, width, width) end
  return at + 4, length
end

local READ = {}

function READ.scalar(state, field)
  local at = place(state, field.name, field.slot, WIDTHS[field.of])
  if not at then return field.default end
  if field.of == "bool" then return state.reader.view:u8(at) ~= 0 end
  return state.reader.view[field.of](state.reader.view, at)
end

READ["string"] = function(state, field)
  local at, length = vector(state, field.name, field.slot, 1)
  if not at then return nil end
  if length > limits.name_bytes then
    fail(state, field.name, "a string of %d bytes; the limit is %d", length, limits.name_bytes)
  end
  return state.reader.view:string(at, length)
end

function READ.bytes(state, field)
  local at, length = vector(state, field.name, field.slot, 1)
  return at and state.reader.view:sub(at, length)
end

function READ.list(state, field)
  local width = WIDTHS[field.of]
  local at, length = vector(state, field.name, field.slot, width)
  if not at then return nil end
  if length > limits.decoded_elements then
    fail(state, field.name, "%d numbers; the limit is %d", length, limits.decoded_elements)
  end
  local view, list = state.reader.view, {}
  local read = view[field.of == "bool" and "u8" or field.of]
  for i = 1, length do list[i] = read(view, at + (i - 1) * width) end
  return list
end

function READ.table(state, field)
  local at = place(state, field.name, field.slot, 4)
  if not at then return nil end
  return open_table(state.reader, follow(state, field.name, at), field.of, state, field.name)
end

function READ.tables(state, field)
  local at, length = vector(state, field.name, field.slot, 4)
  if not at then return nil end
  if length > limits.flatbuffers_tables then
    fail(state, field.name, "%d tables; the limit is %d", length, limits.flatbuffers_tables)
  end
  local list = {}
  for i = 1, length do
    local label = string.format("%s[%d]", field.name, i - 1)
    local target = follow(state, label, at + (i - 1) * 4)
    list[i] = open_table(state.reader, target, field.of, state, label)
  end
  return list
end

-- A union reads as { code, its table or nil if the schema has no table of that code }.
function READ.union(state, field)
  local at = place(state, field.name, field.slot, 1)
  local code = at and state.reader.view:u8(at) or 0
  local type_name = state.reader.schema.unions[field.of][code]
  local value
  at = place(state, field.name, field.slot + 1, 4)
  if at and type_name then
    value = open_table(state.reader, follow(state, field.name, at), type_name, state, field.name)
  end
  return { code = code, name = type_name, value = value }
end

-- A field is read once: what was read stays in the handle.
function Table.__index(handle, name)
  local state = handle[STATE]
  local field = state.fields[name]
  assert(field, "the schema has no field " .. tostring(name))
  local value = READ[field.kind](state, field)
  if value == nil then value = false end -- absent, and remembered so
  rawset(handle, name, value)
  return value
end

--- Opens the root table of a FlatBuffer. Fields are read by indexing (`t.shape`): scalars with
-- their defaults; strings, lists, bytes (Views) and tables are `false` where absent.
-- Fails, there and at each access, with the path of what is wrong.
function M.root(view, schema, type_name)
  local reader = { view = view, schema = schema, visits = 0 }
  local size = #view
  if size < 8 then error(string.format("%d bytes are too short for a FlatBuffer", size), 0) end
  local at = view:u32(0)
  if at > size - 4 then
    error(string.format("the root table's offset %d lies beyond the file's %d bytes", at, size), 0)
  end
  return open_table(reader, at, type_name)
end

return M
