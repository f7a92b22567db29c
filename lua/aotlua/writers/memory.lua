--- memory: what a model's program owns: workspace and state, and the functions of the state.

local emit = require "aot.emit"
local ir = require "aot.ir"
local metadata = require "aotlua.metadata"
local page = require "aotlua.writers.page"
local storage = require "aotlua.storage"

local memory = {}

--- Gives the declaration of the array `name` that is the pool of a record: { bytes, alignment,
-- section, if it has one }.
function memory.of_pool(pool, name)
  local section = pool.section and ("AOTRT_SECTION(\"%s\") "):format(pool.section) or ""
  return ("AOTRT_ALIGNED(%d) %suint8_t %s[%d];"):format(pool.alignment, section, name, pool.bytes)
end

--- Declares what stands for the pools: one array, or one for each buffer, whose names then are
-- in context.buffers.
function memory.workspace(out, context)
  local record, is_first = context.record, true
  local function declare(...)
    if is_first then out:line() end
    is_first = false
    out:line(...)
  end
  if context.buffers then
    for index, buffer in ipairs(storage.buffers(context.graph)) do
      local name = context.spelling("buffer", "buffer", nil, index)
      local type = buffer.result and buffer.result.type
        or { dtype = "u8", shape = { buffer.size } }
      declare("static AOTRT_ALIGNED(%d) %s %s[%d];", math.max(64, record.workspace_alignment),
        emit.ctype(type.dtype), name, metadata.array_length(type))
      context.buffers[buffer.result or buffer.node] = name
    end
  elseif record.interface.workspace == "static" then
    for index, pool in ipairs(record.pools) do
      if not pool.given then
        declare("static %s", memory.of_pool(pool,
          context.spelling("object", "memory", "pool", index)))
      end
    end
  end
end

local function is_uniform(tensor)
  local type = { dtype = tensor.type.dtype, shape = tensor.type.shape }
  return #tensor > 0
    and tensor:view():sha256() == ir.tensor(type, tensor:get(1)):view():sha256()
end

-- The statements that set `state->...` to the initial values; of no elements there are none. A
-- second result is whether they need math.h.
local function assignments(context)
  local out, needs_math = page.new(), false
  local function array(tensor)
    local text, math = emit.array(tensor)
    needs_math = needs_math or math
    return text
  end
  for index, state in ipairs(context.module:states()) do
    local member, tensor = "state->" .. context.record.states[index].member, state.data
    if is_uniform(tensor) then
      local one = ir.tensor({ dtype = tensor.type.dtype, shape = { 1 } }, tensor:get(1))
      local text = array(one):match "^%s*(.-),?%s*$"
      out:line("    for (i = 0; i < sizeof %s / sizeof *%s; i++)", member, member)
      out:line("        %s[i] = %s;", member, text)
    elseif #tensor > 0 then
      out:line("    {")
      out:line("        static const %s initial[] = {", context.record.states[index].ctype)
      out:line((array(tensor):gsub("\n$", ""):gsub("%f[^\0\n]    ", "            ")))
      out:line("        };")
      out:line("        for (i = 0; i < sizeof %s / sizeof *%s; i++)", member, member)
      out:line("            %s[i] = initial[i];", member)
      out:line("    }")
    end
  end
  return #out > 0 and "    size_t i;\n" .. out:text() or "    (void)state;\n", needs_math
end

--- Writes the functions of the state, and its memory where the program owns it. Returns whether
-- that needs math.h.
function memory.state(out, context)
  local record = context.record
  local struct, object = record.state_type, context.spelling("object", "state_memory")
  local get = context.spelling("function", "state_memory_get")
  if not struct then
    return false
  end
  local initial, needs_math = assignments(context)
  if not object then
    out:line("\nvoid %s(struct %s *state)\n{\n%s}", record.reset, struct, initial)
    return needs_math
  end
  out:line("\nstatic struct {\n    struct %s values;\n    int ready; /* 0 before the first use */",
    struct)
  out:line("} %s;", object)
  out:line("\nvoid %s(void)\n{\n    struct %s *const state = &%s.values;\n%s    %s.ready = 1;\n}",
    record.reset, struct, object, initial, object)
  out:line("\nstatic struct %s *%s(void)\n{", struct, get)
  out:line("    if (%s.ready == 0)\n        %s();\n    return &%s.values;\n}", object,
    record.reset, object)
  out:line("\nvoid %s(struct %s *to)\n{\n    *to = *%s();\n}", record.save, struct, get)
  out:line("\nvoid %s(const struct %s *from)\n{\n    %s.values = *from;\n    %s.ready = 1;\n}",
    record.restore, struct, object, object)
  return needs_math
end

return memory
