--- c_header: the part of the public header that the `c` interface alone has.

local describe = require "aotlua.writers.header.describe"

local header = {}

--- The headers of the C library that the declarations need, in order.
function header.includes(record)
  return record.pools_type and { "stddef.h", "stdint.h" } or { "stdint.h" }
end

local function write_struct(out, name, tensors, doc, qualifier)
  if not name then
    return
  end
  out:line()
  out:doc(doc)
  out:line("struct %s {", name)
  for _, tensor in ipairs(tensors) do
    out:line("    %s%s *%s; /*!< %s: %s */", qualifier, tensor.ctype, tensor.member,
      describe.quote(tensor.name), describe.type(tensor))
  end
  out:line("};")
end

local function write_pools(out, record)
  if not record.pools_type then
    return
  end
  out:line()
  out:doc(("Workspace of model %s, given by the caller"):format(describe.quote(record.model)))
  out:line("struct %s {", record.pools_type)
  for _, pool in ipairs(record.pools) do
    out:line("    uint8_t *%s; /*!< at least %d bytes, aligned to %d */", pool.member,
      pool.bytes, pool.alignment)
    out:line("    size_t %s; /*!< how many bytes there are */", pool.size_member)
  end
  out:line("};")
end

--- Writes the types that the entry function needs.
function header.types(out, record)
  local model = describe.quote(record.model)
  write_struct(out, record.inputs_type, record.inputs, "Inputs of model " .. model, "const ")
  write_struct(out, record.outputs_type, record.outputs, "Outputs of model " .. model, "")
  write_pools(out, record)
end

local parameter_docs = {
  inputs = "input tensors; they are not changed",
  outputs = "output tensors; they overlap nothing else",
  workspace_pools = "working memory; its content does not matter",
  state = "memory from one call to the next, to be reset before the first",
  devices = "contexts of devices",
}

--- Writes the functions that this interface has.
function header.functions(out, record, spelling)
  local doc = { ("Runs model %s once"):format(describe.quote(record.model)),
    record.interface.workspace == "caller"
      and "Calls with other workspaces and states may run at the same time."
      or "Not re-entrant: workspace and state are static, one call at a time.",
    ("NULL and misaligned pointers are refused; defining %s removes the checks."):format(
      spelling("macro", "no_checks")) }
  for _, parameter in ipairs(record.parameters) do
    doc[#doc + 1] = ("\\param %s %s"):format(parameter.name, parameter_docs[parameter.name])
  end
  doc[#doc + 1] = ("\\return %s, or what is wrong"):format(spelling("macro", "ok"))
  out:line()
  out:doc(table.unpack(doc))
  out:prototype(record, ";")
end

return header
