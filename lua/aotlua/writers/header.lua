--- header: the public header of the `c` interface.

local emit = require "aot.emit"
local ir = require "aot.ir"
local page = require "aotlua.writers.page"

local function quote(name)
  return "'" .. emit.comment(name) .. "'"
end

local function show_type(tensor)
  local extents = table.concat(tensor.shape, ", ")
  local quant = ""
  if tensor.scale then
    local scale = emit.literal("f32", tensor.scale):gsub("f$", "")
    quant = (", real = %s * (stored - %d)"):format(scale, tensor.zero_point)
  end
  return ("%s[%s]%s"):format(tensor.dtype, extents, quant)
end

local function write_tensor_macros(out, spelling, owner, index, tensor)
  local function macro(role, value, doc)
    local name = spelling("macro", role, owner, index)
    if name then
      out:doc(doc)
      out:line("#define %s %s", name, value)
    end
  end
  local what = ("%s %s"):format(owner, quote(tensor.name))
  macro("size", tensor.bytes, "Bytes of " .. what)
  macro("count", tensor.count, "Elements of " .. what)
  macro("rank", #tensor.shape, "Dimensions of " .. what)
  macro("shape", ("{ %s }"):format(table.concat(tensor.shape, ", ")),
    ("Shape of %s, outermost first"):format(what))
  macro("scale", tensor.scale and emit.literal("f32", tensor.scale), "Scale of " .. what)
  macro("zero_point", tensor.scale and emit.literal("i32", tensor.zero_point),
    "Zero point of " .. what)
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
      quote(tensor.name), show_type(tensor))
  end
  out:line("};")
end

local function write_pools(out, record)
  if not record.pools_type then
    return
  end
  out:line()
  out:doc(("Workspace of model %s, given by the caller"):format(quote(record.model)))
  out:line("struct %s {", record.pools_type)
  for _, pool in ipairs(record.pools) do
    out:line("    uint8_t *%s; /*!< at least %d bytes, aligned to %d */", pool.member,
      pool.bytes, pool.alignment)
    out:line("    size_t %s; /*!< how many bytes there are */", pool.size_member)
  end
  out:line("};")
end

local function write_state(out, record)
  if not record.state_type then
    return
  end
  out:line()
  out:doc(("What model %s keeps from one call to the next"):format(quote(record.model)))
  out:line("struct %s {", record.state_type)
  for _, state in ipairs(record.states) do
    out:line("    %s %s[%d]; /*!< %s: %s */", state.ctype, state.member, state.length,
      quote(state.name), show_type(state))
  end
  out:line("};")
end

local function write_status(out, spelling)
  local codes = {
    { "ok", 0, "success" },
    { "error_null", -1, "a pointer is NULL" },
    { "error_alignment", -2, "a pointer is not aligned to its elements, or the workspace" },
    { "error_workspace", -3, "the workspace has too few bytes" },
  }
  out:line()
  out:doc "What the functions return"
  out:line("enum %s {", spelling("struct", "status"))
  for index, code in ipairs(codes) do
    out:line("    %s = %d%s /*!< %s */", spelling("macro", code[1]), code[2],
      index < #codes and "," or "", code[3])
  end
  out:line("};")
end

local parameter_docs = {
  inputs = "input tensors; they are not changed",
  outputs = "output tensors; they overlap nothing else",
  workspace_pools = "working memory; its content does not matter",
  state = "memory from one call to the next, to be reset before the first",
}

local function write_entry(out, record, spelling)
  local doc = { ("Runs model %s once"):format(quote(record.model)),
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

local function write_state_functions(out, record)
  local caller = record.interface.workspace == "caller"
  local struct = record.state_type
  if not struct then
    return
  end
  out:line()
  out:doc(caller and "Sets the state to its initial values; call it before the first run"
    or "Sets the state to its initial values, as before the first run")
  out:line("void %s(%s);", record.reset, caller and "struct " .. struct .. " *state" or "void")
  if not caller then
    out:doc "Copies the state"
    out:line("void %s(struct %s *to);", record.save, struct)
    out:doc "Goes back to a state that was copied"
    out:line("void %s(const struct %s *from);", record.restore, struct)
  end
end

local function write_sizes(out, record, spelling)
  out:line()
  out:doc "Bytes of working memory"
  out:line("#define %s %d", spelling("macro", "workspace_size"), record.workspace_bytes)
  local alignment = 1
  for index, pool in ipairs(record.pools) do
    alignment = math.max(alignment, pool.alignment)
    local name = spelling("macro", "workspace_pool_size", "pool", index)
    if name then
      out:doc(("Bytes of workspace pool %s"):format(quote(pool.name)))
      out:line("#define %s %d", name, pool.bytes)
    end
  end
  out:doc "What the working memory is aligned to, in bytes"
  out:line("#define %s %d", spelling("macro", "workspace_alignment"), alignment)
  if record.state_type then
    out:doc "Bytes of state"
    out:line("#define %s sizeof(struct %s)", spelling("macro", "state_size"),
      record.state_type)
  end
end

local function write_quantize(out, tensor, macro)
  local limits = ir.dtype(tensor.dtype)
  out:line()
  out:doc(("Converts a real number to a stored one of input %s"):format(quote(tensor.name)),
    "Rounds half away from zero; what does not fit becomes the nearest that does, NaN the least.")
  out:line("static inline %s %s(float real)", tensor.ctype, tensor.quantize)
  out:line("{")
  out:line("    const float steps = real / %s;", macro "scale")
  out:line("    float rest;\n    int32_t whole;")
  out:line("    if (!(steps > %d.0f)) return %d;", limits.min - tensor.zero_point, limits.min)
  out:line("    if (steps > %d.0f) return %d;", limits.max - tensor.zero_point, limits.max)
  out:line("    whole = (int32_t)steps;")
  out:line("    rest = steps - (float)whole;")
  out:line("    whole += rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0;")
  out:line("    return (%s)(whole + %s);", tensor.ctype, macro "zero_point")
  out:line("}")
end

local function write_dequantize(out, tensor, macro)
  out:line()
  out:doc(("Converts a stored number of output %s to a real one"):format(quote(tensor.name)))
  out:line("static inline float %s(%s stored)", tensor.dequantize, tensor.ctype)
  out:line("{")
  out:line("    return (float)((int32_t)stored - %s) * %s;", macro "zero_point", macro "scale")
  out:line("}")
end

local function each_tensor(record, visit)
  for _, owner in ipairs { "input", "output" } do
    for index, tensor in ipairs(record[owner .. "s"]) do
      visit(owner, index, tensor)
    end
  end
end

--- Gives the header's text.
return function(record, spelling)
  local out, guard = page.new(), spelling("guard", "h_")
  out:head(record, ("The interface of model '%s'."):format(record.model))
  out:line("#ifndef %s\n#define %s\n", guard, guard)
  if record.pools_type then
    out:line("#include <stddef.h>")
  end
  out:line("#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n")
  out:doc "Version of this interface: it changes when callers have to"
  out:line("#define %s %d\n", spelling("macro", "abi_version"), record.abi_version)
  each_tensor(record, function(owner, index, tensor)
    write_tensor_macros(out, spelling, owner, index, tensor)
  end)
  local model = quote(record.model)
  write_struct(out, record.inputs_type, record.inputs, "Inputs of model " .. model, "const ")
  write_struct(out, record.outputs_type, record.outputs, "Outputs of model " .. model, "")
  write_pools(out, record)
  write_state(out, record)
  write_status(out, spelling)
  write_entry(out, record, spelling)
  write_state_functions(out, record)
  write_sizes(out, record, spelling)
  each_tensor(record, function(owner, index, tensor)
    local function macro(role)
      return spelling("macro", role, owner, index)
    end
    if tensor.quantize then
      write_quantize(out, tensor, macro)
    elseif tensor.dequantize then
      write_dequantize(out, tensor, macro)
    end
  end)
  out:line("\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* %s */", guard)
  return out:text()
end
