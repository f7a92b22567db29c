--- packed_types: static tables of the types of tensors, each shape and each type once.

local emit = require "aot.emit"
local ir = require "aot.ir"

local Types = {}
Types.__index = Types

local codes = { signed = "AOTRT_INT", unsigned = "AOTRT_UINT", float = "AOTRT_FLOAT" }
local special = { bf16 = "{ AOTRT_BFLOAT, 16, 1 }", bool = "{ AOTRT_BOOL, 8, 1 }" }

-- The initializer of an aotrt_dtype.
local function dtype_text(dtype)
  local facts = ir.dtype(dtype)
  return special[dtype] or ("{ %s, %d, 1 }"):format(codes[facts.class], facts.bits)
end

--- Makes empty tables. `shapes` and `types` are the names of the C arrays.
local function new(shapes, types)
  return setmetatable({ shapes_name = shapes, types_name = types, extents = {}, at = {},
    rows = {}, row_of = {} }, Types)
end

-- The C expression of where the extents stand.
function Types:place(shape)
  if #shape == 0 then return "NULL" end
  local text = table.concat(shape, ", ")
  if not self.at[text] then
    self.at[text] = #self.extents
    table.move(shape, 1, #shape, #self.extents + 1, self.extents)
  end
  return self.at[text] == 0 and self.shapes_name
    or ("%s + %d"):format(self.shapes_name, self.at[text])
end

--- Gives the initializer of the aotrt_tensor_type of `type`.
function Types:initializer(type)
  return ("{ %s, %d, %s }"):format(self:place(type.shape), #type.shape, dtype_text(type.dtype))
end

--- Gives the C expression of the aotrt_tensor_type of `type`.
function Types:of(type)
  local key = ("%s[%s]"):format(type.dtype, table.concat(type.shape, ", "))
  if not self.row_of[key] then
    self.rows[#self.rows + 1] = { text = self:initializer(type), comment = emit.comment(key) }
    self.row_of[key] = #self.rows
  end
  return ("&%s[%d]"):format(self.types_name, self.row_of[key] - 1)
end

--- Writes the array of extents, if there are any.
function Types:write_shapes(out, indent)
  if #self.extents == 0 then return end
  local line = indent .. "   "
  out:line("%sstatic const int64_t %s[] = {", indent, self.shapes_name)
  for _, extent in ipairs(self.extents) do
    local piece = (" %d,"):format(extent)
    if #line + #piece > 96 then
      out:line("%s", line)
      line = indent .. "   "
    end
    line = line .. piece
  end
  out:line("%s\n%s};", line, indent)
end

--- Writes both arrays.
function Types:write(out, indent)
  self:write_shapes(out, indent)
  if #self.rows == 0 then return end
  out:line("%sstatic const aotrt_tensor_type %s[] = {", indent, self.types_name)
  for index, row in ipairs(self.rows) do
    out:line("%s    %s%s /* %s */", indent, row.text, index < #self.rows and "," or "",
      row.comment)
  end
  out:line("%s};", indent)
end

return new
