--- entry: the function that runs the model once, and what belongs to the model as a whole.

local calls = require "aotlua.writers.calls"
local memory = require "aotlua.writers.memory"
local page = require "aotlua.writers.page"

--- The expressions by which `run` of the `c` interface reaches what it is given.
local function struct_access(context)
  local record = context.record
  return {
    input = function(index) return "inputs->" .. record.inputs[index].member end,
    output = function(index) return "outputs->" .. record.outputs[index].member end,
    state = function(index) return "state->" .. record.states[index].member end,
    pool = function(index)
      return record.interface.workspace == "caller"
        and "workspace_pools->" .. record.pools[index].member
        or context.spelling("object", "memory", "pool", index)
    end,
  }
end

--- The conditions under which the call is refused: lists of C expressions.
local function conditions(record)
  local null, misaligned, short = {}, {}, {}
  local function pointer(expression, alignment)
    null[#null + 1] = expression .. " == NULL"
    if alignment then
      misaligned[#misaligned + 1] = ("(uintptr_t)%s %% %s != 0"):format(expression, alignment)
    end
  end
  for _, owner in ipairs { "inputs", "outputs" } do
    if record[owner .. "_type"] then
      pointer(owner)
    end
    for _, tensor in ipairs(record[owner]) do
      local wide = not tensor.ctype:find "int8_t$"
      pointer(("%s->%s"):format(owner, tensor.member),
        wide and ("sizeof(%s)"):format(tensor.ctype))
    end
  end
  if record.pools_type then
    pointer "workspace_pools"
    for _, pool in ipairs(record.pools) do
      pointer("workspace_pools->" .. pool.member, tostring(pool.alignment))
      short[#short + 1] = ("workspace_pools->%s < %d"):format(pool.size_member, pool.bytes)
    end
  end
  if record.state_type and record.interface.workspace == "caller" then
    pointer "state"
  end
  return { { null, "error_null" }, { misaligned, "error_alignment" },
    { short, "error_workspace" } }
end

local function write_checks(out, context)
  local record, spelling = context.record, context.spelling
  local lines = page.new()
  for _, check in ipairs(conditions(record)) do
    if #check[1] > 0 then
      lines:line("    if (%s)", table.concat(check[1], " ||\n        "))
      lines:line("        return %s;", spelling("macro", check[2]))
    end
  end
  if #lines > 0 then
    out:line("#ifndef %s", spelling("macro", "no_checks"))
    out:line("%s#endif", lines:text())
  end
end

local function write_run(out, context)
  local record = context.record
  out:line()
  out:prototype(record, "\n{")
  local object, locals = context.spelling("object", "state_memory"), {}
  for index, parameter in ipairs(record.parameters) do
    locals[index] = parameter.name
  end
  if object then
    locals[#locals + 1] = "state"
    out:line("    struct %s *const state = %s_get();", record.state_type, object)
  end
  local body = page.new()
  calls.write(body, context)
  local text = body:text()
  local ok = context.spelling("macro", "ok")
  out:line("    int32_t status = %s;", ok)
  write_checks(out, context)
  for _, name in ipairs(locals) do
    if not text:find(name .. "->", 1, true) then
      out:line("    (void)%s;", name)
    end
  end
  out:line("%s", (text:gsub("\n$", "")))
  out:line("    return status;\n}")
end

--- Gives the source's text. `context`: module, graph, list, record, spelling, `constants` (C
-- names by Value), internal_header, and `buffers`, an empty table where each has its array.
return function(context)
  local out, record = page.new(), context.record
  context.access = struct_access(context)
  out:head(record, ("The entry point of model '%s'."):format(record.model))
  out:line("#include \"%s\"\n#include \"%s\"\n#include \"aotrt_align.h\"", record.header,
    context.internal_header)
  out:line("\n#include <stddef.h>\n")
  memory.workspace(out, context)
  memory.state(out, context)
  write_run(out, context)
  return out:text()
end
