--- packed_header: the part of the public header that the `packed` interface alone has.

local arguments_of = require "aotlua.writers.packed_arguments"
local describe = require "aotlua.writers.header.describe"

local header = {}

--- The headers that the declarations need, in order.
function header.includes()
  return { "stdint.h", "aotrt_packed.h" }
end

--- The interface has no types of its own: those of tensors are in aotrt_packed.h.
function header.types() end

local function argument_doc(argument, spelling)
  if argument.tensor then
    return ("%s %s: %s"):format(argument.owner, describe.quote(argument.tensor.name),
      describe.type(argument.tensor))
  elseif argument.pool and argument.pool.holds then
    return ("constant pool %s: u8[%d] or more, aligned to %d"):format(
      describe.quote(argument.pool.name), argument.pool.bytes, argument.pool.alignment)
  elseif argument.pool then
    return ("workspace pool %s: u8[%d] or more, aligned to %d; its content does not matter"):format(
      describe.quote(argument.pool.name), argument.pool.bytes, argument.pool.alignment)
  end
  return ("state: u8[%s], the bytes of a struct %s"):format(spelling("macro", "state_size"),
    argument.struct)
end

--- Writes the functions that this interface has.
function header.functions(out, record, spelling)
  local arguments = arguments_of(record)
  local doc = { ("Runs model %s once"):format(describe.quote(record.model)),
    describe.reentrancy(record), "",
    "Each argument is the address of a compact tensor in memory of the processor:" }
  for _, argument in ipairs(arguments) do
    doc[#doc + 1] = ("- %d: %s"):format(argument.position, argument_doc(argument, spelling))
  end
  doc[#doc + 1] = ""
  doc[#doc + 1] = "Outputs must overlap nothing else. What is of another kind, NULL or misaligned"
  doc[#doc + 1] = ("is refused; defining %s removes the checks."):format(
    spelling("macro", "no_checks"))
  for _, line in ipairs {
    ("\\param args an array of %d aotrt_value"):format(#arguments),
    ("\\param type_codes an array of %d int32_t, each AOTRT_TENSOR"):format(#arguments),
    ("\\param num_args %d"):format(#arguments),
    "\\param result not used", "\\param result_code not used",
    record.devices_type
      and ("\\param resource a struct %s"):format(record.devices_type)
      or "\\param resource not used",
    describe.status(record, spelling),
  } do
    doc[#doc + 1] = line
  end
  out:line()
  out:doc(table.unpack(doc))
  out:prototype(record, ";")
  for _, owner in ipairs { "input", "output" } do
    out:line()
    out:doc(("Finds an %s by its name"):format(owner), "\\param name as in the model file, or in C",
      "\\return its index; -1 if there is none of that name")
    out:line("int32_t %s(const char *name);", spelling("function", owner .. "_index"))
  end
  out:line()
  out:doc("Finds a function by its name", "\\param name \"run\", or as it is spelled here",
    "\\return the function; NULL if there is none of that name")
  out:line("aotrt_packed_function %s(const char *name);", spelling("function", "function"))
  out:line()
  out:doc("Tells what there is to know of the model",
    "\\return names, types and sizes of inputs, outputs and working memory")
  out:line("const aotrt_metadata *%s(void);", spelling("function", "metadata"))
end

return header
