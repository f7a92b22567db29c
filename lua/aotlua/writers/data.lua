--- data: the constants, as C arrays or as a binary file with an assembler source around it.

local emit = require "aot.emit"
local page = require "aotlua.writers.page"
local template = require "aotlua.template"

local data = {}

local alignment = 64 -- bytes, where the target does not say: a cache line, and the widest vector

local function alignment_of(record)
  local place = record.interface.constants_place or {}
  return place.align or alignment
end

-- What comes before the declaration of a constant.
local function attributes(record)
  local section = (record.interface.constants_place or {}).section
  return (section and ("AOTRT_SECTION(%s) "):format(emit.string(section)) or "")
    .. ("AOTRT_ALIGNED(%d)"):format(alignment_of(record))
end

--- Writes the constants as C arrays. `tensors` are in the order of record.constants; with
-- `style.static` only the source itself sees them, and those without bytes are left out. Returns
-- whether that needs math.h.
function data.definitions(out, record, tensors, style)
  local needs_math = false
  for index, constant in ipairs(record.constants) do
    if not style.static or constant.bytes > 0 then
      local text, math = emit.array(tensors[index])
      needs_math = needs_math or math
      out:line()
      for _, name in ipairs(constant.names) do
        out:line("/* %s */", emit.comment(name))
      end
      out:line("%s%s const %s %s[%d] = {", style.static and "static " or "", attributes(record),
        constant.ctype, constant.symbol, constant.length)
      out:line("%s", (text:gsub("\n$", "")))
      out:line("};")
    end
  end
  return needs_math
end

--- Gives the C source with all constants, as page:content does.
function data.c_source(record, tensors, internal_header)
  local out, body = page.new(), page.new()
  local needs_math = data.definitions(body, record, tensors, { static = false })
  out:head(record, ("The constants of model '%s'."):format(record.model))
  if needs_math then
    out:line("#include <math.h>\n")
  end
  out:line("#include \"%s\"\n#include \"aotrt_align.h\"", internal_header)
  out:append(body)
  return out:content()
end

-- A function that gives each constant in order: its index, its record, the bytes before it that
-- align it, and its offset in the binary file.
local function placed(record)
  local index, last = 0, 0
  return function()
    index = index + 1
    local constant = record.constants[index]
    if not constant then return nil end
    local padding = -last % alignment_of(record)
    local offset = last + padding
    last = offset + constant.bytes
    return index, constant, padding, offset
  end
end

--- Gives the binary file, a content (see aotlua.content): the bytes of every constant, each
-- aligned.
function data.blob(record, tensors)
  return function(put)
    for index, _, padding in placed(record) do
      if padding > 0 then put(("\0"):rep(padding)) end
      put(tensors[index]:view())
    end
  end
end

local assembler_head = template [[

/* ${blob} is looked for in the include folders: compile with -I and the folder of this file. */

#if defined(__APPLE__) || (defined(_WIN32) && defined(__i386__))
#define AOT_NAME(name) _##name
#else
#define AOT_NAME(name) name
#endif

#if defined(__APPLE__)
    .const
#elif defined(_WIN32)
    .section .rdata, "dr"
#else
    .section ${section}, "a"
#endif]]

local assembler_tail = [[

#if defined(__linux__) && defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif]]

local function write_assembler(out, record, blob_name)
  out:head(record, ("The constants of model '%s': names for the bytes of a file."):format(
    record.model))
  local section = (record.interface.constants_place or {}).section
  out:line("%s", assembler_head { blob = blob_name, section = section or ".rodata" })
  for _, constant, _, offset in placed(record) do
    out:line("\n    .balign %d", alignment_of(record))
    out:line("    .globl AOT_NAME(%s)", constant.symbol)
    out:line("#if defined(__ELF__)")
    out:line("    .hidden AOT_NAME(%s)", constant.symbol)
    out:line("    .type AOT_NAME(%s), %%object", constant.symbol)
    out:line("    .size AOT_NAME(%s), %d", constant.symbol, constant.bytes)
    out:line("#endif")
    out:line("AOT_NAME(%s):", constant.symbol)
    -- nobody reads an empty constant, but it needs an address of its own
    out:line(constant.bytes > 0 and "    .incbin \"%s\", %d, %d" or "    .byte 0", blob_name,
      offset, constant.bytes)
  end
  out:line("%s", assembler_tail)
end

--- Gives, as a content, the assembler source that names the constants within the binary file. The
-- file is found beside the source, by its bare name: compile with -I and the folder.
function data.assembler_source(record, blob_name)
  return function(put)
    local out = page.new(put)
    write_assembler(out, record, blob_name)
    out:finish()
  end
end

return data
