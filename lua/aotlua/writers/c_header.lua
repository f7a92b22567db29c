--- c_header: the part of the public header that the `c` interface alone has.

local describe = require "aotlua.writers.header.describe"

local header = {}

--- The headers of the C library that the declarations need, in order.
function header.includes(record)
  local sizes = record.pools_type and record.interface.pointers == "typed"
  return sizes and { "stddef.h", "stdint.h" } or { "stdint.h" }
end

local function write_tensors(out, record, owner, const)
  local name, typed = record[owner .. "_type"], record.interface.pointers == "typed"
  if not name then
    return
  end
  out:line()
  out:doc(("%s of model %s"):format(owner:gsub("^%l", string.upper), describe.quote(record.model)))
  out:line("struct %s {", name)
  for _, tensor in ipairs(record[owner]) do
    out:line("    %s *%s; /*!< %s: %s */", typed and const .. tensor.ctype or "void",
      tensor.member, describe.quote(tensor.name), describe.type(tensor))
  end
  out:line("};")
end

local function write_pools(out, record)
  if not record.pools_type then
    return
  end
  local typed = record.interface.pointers == "typed"
  out:line()
  out:doc(("Memory of model %s, given by the caller"):format(describe.quote(record.model)))
  out:line("struct %s {", record.pools_type)
  for _, pool in ipairs(record.pools) do
    local ctype = typed and (pool.holds and "const uint8_t" or "uint8_t") or "void"
    if pool.given then
      out:line("    %s *%s; /*!< %s %d bytes, aligned to %d */", ctype, pool.member,
        pool.holds and "constants:" or "at least", pool.bytes, pool.alignment)
    end
    if pool.size_member then
      out:line("    size_t %s; /*!< how many bytes there are */", pool.size_member)
    end
  end
  out:line("};")
end

--- Writes the types that the entry function needs.
function header.types(out, record)
  write_tensors(out, record, "inputs", record.interface.io == "caller" and "const " or "")
  write_tensors(out, record, "outputs", "")
  write_pools(out, record)
end

local function pools_doc(record)
  local constants, workspace = false, false
  for _, pool in ipairs(record.pools) do
    constants = constants or pool.holds
    workspace = workspace or (pool.given and not pool.holds)
  end
  local both = constants and workspace
  return (both and "working memory and constants" or constants and "constants"
    or "working memory")
    .. (not workspace and "" or record.interface.io == "pools" and "; it holds inputs and outputs"
    or "; its content does not matter")
end

local function parameter_docs(record)
  return {
    inputs = "input tensors; they are not changed",
    outputs = "output tensors; they must overlap nothing else",
    workspace_pools = pools_doc(record),
    state = "memory from one call to the next, to be reset before the first",
    devices = "contexts of devices",
  }
end

local function write_run(out, record, spelling)
  local doc = { ("Runs model %s once"):format(describe.quote(record.model)),
    describe.reentrancy(record) }
  if record.interface.io == "pools" then
    doc[#doc + 1] = "Inputs may be overwritten: set all of them before each run."
  end
  if #record.parameters > 0 then
    doc[#doc + 1] = ("NULL and misaligned pointers are refused; defining %s removes the checks.")
      :format(spelling("macro", "no_checks"))
  end
  local docs = parameter_docs(record)
  for _, parameter in ipairs(record.parameters) do
    doc[#doc + 1] = ("\\param %s %s"):format(parameter.name, docs[parameter.name])
  end
  for _, line in ipairs { describe.status(record, spelling) } do
    doc[#doc + 1] = line
  end
  out:line()
  out:doc(table.unpack(doc))
  out:prototype(record, ";")
end

--- Writes the head of the function that tells where inputs or outputs (`owner`) are, with `last`
-- behind it.
function header.map(out, record, owner, last)
  local const = record.interface.pointers == "typed" and "const " or ""
  local given = record.interface.workspace == "caller" and record.pools_type
  out:call("", ("struct %s %s"):format(record[owner .. "_type"], record["map_" .. owner]),
    { given and ("%sstruct %s *workspace_pools"):format(const, given) or "void" }, last)
end

local function write_maps(out, record)
  for _, owner in ipairs { "inputs", "outputs" } do
    if record["map_" .. owner] then
      local given = record.interface.workspace == "caller"
      out:line()
      out:doc(("Tells where the %s of model %s are in working memory"):format(owner,
        describe.quote(record.model)),
        given and "\\param workspace_pools the memory of the run, not NULL"
          or "They stay there as long as the program runs.",
        ("\\return pointers to the %s%s"):format(owner,
          owner == "outputs" and "; what is there holds until the next run" or ""))
      header.map(out, record, owner, ";")
    end
  end
end

--- Writes the functions that this interface has.
function header.functions(out, record, spelling)
  write_maps(out, record)
  write_run(out, record, spelling)
end

return header
