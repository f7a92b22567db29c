--- protobuf_writer: makes protocol buffer messages, broken ones too.
local writer = {}

--- A varint of the 64 bits of `value`.
function writer.varint(value)
  local bytes = {}
  while math.ult(0x7f, value) do
    bytes[#bytes + 1] = string.char(value & 0x7f | 0x80)
    value = value >> 7
  end
  return table.concat(bytes) .. string.char(value)
end

--- The tag of a field with this wire type.
function writer.tag(field, wire)
  return writer.varint(field << 3 | wire)
end

function writer.int(field, value)
  return writer.tag(field, 0) .. writer.varint(value)
end

function writer.float(field, value)
  return writer.tag(field, 5) .. string.pack("<f", value)
end

--- A string, bytes, or a message made of other fields.
function writer.bytes(field, content)
  return writer.tag(field, 2) .. writer.varint(#content) .. content
end

--- One field per element of the list, made by `make(field, element)`.
function writer.each(field, list, make)
  local parts = {}
  for i, element in ipairs(list or {}) do
    parts[i] = make(field, element)
  end
  return table.concat(parts)
end

--- A list of integers, packed.
function writer.packed(field, list)
  local parts = {}
  for i, element in ipairs(list) do
    parts[i] = writer.varint(element)
  end
  return writer.bytes(field, table.concat(parts))
end

return writer
