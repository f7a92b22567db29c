--- macros: the part of the header that tells sizes, shapes and quantization.

local bytes = require "aotlua.writers.header.bytes"
local describe = require "aotlua.writers.header.describe"
local emit = require "aot.emit"

local macros = {}

--- Writes the macros of input or output (`owner`) number `index`.
function macros.tensor(out, spelling, owner, index, tensor)
  local function macro(role, value, doc)
    local name = spelling("macro", role, owner, index)
    if name then
      out:doc(doc)
      out:line("#define %s %s", name, value)
    end
  end
  local what = ("%s %s"):format(owner, describe.quote(tensor.name))
  macro("size", tensor.bytes, "Bytes of " .. what)
  macro("count", tensor.count, "Elements of " .. what)
  macro("rank", #tensor.shape, "Dimensions of " .. what)
  macro("shape", ("{ %s }"):format(table.concat(tensor.shape, ", ")),
    ("Shape of %s, outermost first"):format(what))
  macro("scale", tensor.scale and emit.literal("f32", tensor.scale), "Scale of " .. what)
  macro("zero_point", tensor.scale and
    (tensor.zero_point < 0 and "(%s)" or "%s"):format(emit.literal("i32", tensor.zero_point)),
    "Zero point of " .. what)
end

--- Writes how many bytes the caller needs or the program has, and their alignment.
function macros.memory(out, record, spelling)
  out:line()
  out:doc "Bytes of working memory"
  out:line("#define %s %d", spelling("macro", "workspace_size"), record.workspace_bytes)
  for index, pool in ipairs(record.pools) do
    local name = spelling("macro", "workspace_pool_size", "pool", index)
    if name then
      out:doc(("Bytes of workspace pool %s"):format(describe.quote(pool.name)))
      out:line("#define %s %d", name, pool.bytes)
    end
  end
  out:doc "What the working memory is aligned to, in bytes"
  out:line("#define %s %d", spelling("macro", "workspace_alignment"), record.workspace_alignment)
  if record.state_type then
    out:doc "Bytes of state"
    out:line("#define %s sizeof(struct %s)", spelling("macro", "state_size"),
      record.state_type)
  end
end

--- Writes the bytes of the pools that hold constants: `images` has the pieces of each, by its
-- number, as { offset, view }, without overlap and in order.
function macros.constants(out, record, spelling, images)
  for index, pool in ipairs(record.pools) do
    local name = spelling("macro", "constant_pool_size", "pool", index)
    if name then
      local what = ("constant pool %s"):format(describe.quote(pool.name))
      out:line()
      out:doc("Bytes of " .. what)
      out:line("#define %s %d", name, pool.bytes)
      out:doc(("What is in %s: initializes an array of bytes aligned to %d"):format(what,
        pool.alignment))
      out:line("#define %s \\", spelling("macro", "constant_pool_data", "pool", index))
      bytes.write(out, images[index], pool.bytes)
    end
  end
end

return macros
