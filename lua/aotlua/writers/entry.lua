--- entry: the function that runs the model once, and what belongs to the model as a whole.

local emit = require "aot.emit"
local ir = require "aot.ir"
local metadata = require "aotlua.metadata"
local page = require "aotlua.writers.page"
local storage = require "aotlua.storage"

--- Gives a function from an operator's argument to the C expression of its address.
local function address_of(context)
  local record, buffers = context.record, context.buffers
  local place_of = storage.places(context.graph)
  local pools = {}
  for index, pool in ipairs(record.pools) do
    pools[pool.name] = record.interface.workspace == "caller"
      and "workspace_pools->" .. pool.member
      or context.spelling("object", "memory", "pool", index)
  end
  local states = {}
  for index, state in ipairs(context.module:states()) do
    states[state] = record.states[index]
  end
  local function in_pool(pool, offset, param)
    local address = offset > 0 and ("(%s + %d)"):format(pools[pool], offset) or pools[pool]
    return param.role == "scratch" and address or ("(%s)(void *)%s"):format(param.ctype, address)
  end
  return function(argument, param, node)
    if argument == "scratch" then
      local own = node:get "scratch"
      return buffers and buffers[node] or in_pool(own[1].ref:sub(2), own[2], param)
    end
    local place, root = place_of(argument), storage.root(argument)
    local own = place.kind == "constant" or place.kind == "pool"
    if own and storage.byte_size(root.type) == 0 then
      return ("(%s)0"):format(param.ctype) -- nobody reads what has no elements
    elseif place.kind == "constant" then
      return context.constants[place.constant]
    elseif place.kind == "input" then
      return "inputs->" .. record.inputs[place.index].member
    elseif place.kind == "output" then
      return "outputs->" .. record.outputs[place.index].member
    elseif place.kind == "state" then
      return "state->" .. states[place.state].member
    end
    return buffers and buffers[root] or in_pool(place.pool, place.offset, param)
  end
end

--- Declares what stands for the pools: one array, or one for each buffer.
local function write_memory(out, context)
  local record = context.record
  if context.buffers then
    for index, buffer in ipairs(storage.buffers(context.graph)) do
      local name = context.spelling("buffer", "buffer", nil, index)
      local type = buffer.result and buffer.result.type
        or { dtype = "u8", shape = { buffer.size } }
      out:line("static AOTRT_ALIGNED(64) %s %s[%d];", emit.ctype(type.dtype), name,
        metadata.array_length(type))
      context.buffers[buffer.result or buffer.node] = name
    end
  elseif record.interface.workspace == "static" then
    for index, pool in ipairs(record.pools) do
      out:line("static AOTRT_ALIGNED(%d) uint8_t %s[%d];", pool.alignment,
        context.spelling("object", "memory", "pool", index), pool.bytes)
    end
  end
end

local function is_uniform(tensor)
  local type = { dtype = tensor.type.dtype, shape = tensor.type.shape }
  return #tensor > 0
    and tensor:view():sha256() == ir.tensor(type, tensor:get(1)):view():sha256()
end

--- Writes the body of the function that sets `state->...` to the initial values.
local function write_reset(out, context)
  for index, state in ipairs(context.module:states()) do
    local member, tensor = "state->" .. context.record.states[index].member, state.data
    if is_uniform(tensor) then
      local one = ir.tensor({ dtype = tensor.type.dtype, shape = { 1 } }, tensor:get(1))
      local text = emit.array(one):match "^%s*(.-),?%s*$"
      out:line("    for (i = 0; i < sizeof %s / sizeof *%s; i++)", member, member)
      out:line("        %s[i] = %s;", member, text)
    elseif #tensor > 0 then
      out:line("    {")
      out:line("        static const %s initial[] = {", context.record.states[index].ctype)
      out:line((emit.array(tensor):gsub("\n$", ""):gsub("%f[^\0\n]    ", "            ")))
      out:line("        };")
      out:line("        for (i = 0; i < sizeof %s / sizeof *%s; i++)", member, member)
      out:line("            %s[i] = initial[i];", member)
      out:line("    }")
    end
  end
end

local function write_state(out, context)
  local record = context.record
  local struct, memory = record.state_type, context.spelling("object", "state_memory")
  if not struct then
    return
  end
  if not memory then
    out:line("\nvoid %s(struct %s *state)\n{\n    size_t i;", record.reset, struct)
    write_reset(out, context)
    out:line("}")
    return
  end
  out:line("\nstatic struct {\n    struct %s values;\n    int ready; /* 0 before the first use */",
    struct)
  out:line("} %s;", memory)
  out:line("\nvoid %s(void)\n{\n    struct %s *const state = &%s.values;\n    size_t i;",
    record.reset, struct, memory)
  write_reset(out, context)
  out:line("    %s.ready = 1;\n}", memory)
  out:line("\nstatic struct %s *%s_get(void)\n{", struct, memory)
  out:line("    if (%s.ready == 0)\n        %s();\n    return &%s.values;\n}", memory,
    record.reset, memory)
  out:line("\nvoid %s(struct %s *to)\n{\n    *to = *%s_get();\n}", record.save, struct, memory)
  out:line("\nvoid %s(const struct %s *from)\n{\n    %s.values = *from;\n    %s.ready = 1;\n}",
    record.restore, struct, memory, memory)
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

local function write_calls(out, context)
  local record, address = context.record, address_of(context)
  for number, operator in ipairs(context.list) do
    local call, arguments = record.operators[number], {}
    for index, argument in ipairs(operator.arguments) do
      arguments[index] = address(argument, operator.kernel.params[index], operator.node)
    end
    out:line("    /* %s */", emit.comment(call.origin or call.node))
    out:call("    ", call["function"], arguments, ";")
  end
end

local function write_run(out, context)
  local record = context.record
  out:line()
  out:prototype(record, "\n{")
  local memory, locals = context.spelling("object", "state_memory"), {}
  for index, parameter in ipairs(record.parameters) do
    locals[index] = parameter.name
  end
  if memory then
    locals[#locals + 1] = "state"
    out:line("    struct %s *const state = %s_get();", record.state_type, memory)
  end
  write_checks(out, context)
  local calls = page.new()
  write_calls(calls, context)
  local text = calls:text()
  for _, name in ipairs(locals) do
    if not text:find(name .. "->", 1, true) then
      out:line("    (void)%s;", name)
    end
  end
  out:line("%s", (text:gsub("\n$", "")))
  out:line("    return %s;\n}", context.spelling("macro", "ok"))
end

--- Gives the source's text. `context`: module, graph, list, record, spelling, `constants` (C
-- names by Value), internal_header, and `buffers`, an empty table where each has its array.
return function(context)
  local out, record = page.new(), context.record
  out:head(record, ("The entry point of model '%s'."):format(record.model))
  out:line("#include \"%s\"\n#include \"%s\"\n#include \"aotrt_align.h\"", record.header,
    context.internal_header)
  out:line("\n#include <stddef.h>\n")
  write_memory(out, context)
  write_state(out, context)
  write_run(out, context)
  return out:text()
end
