--- entry: the source of what belongs to the model as a whole. The function that runs it comes
--- from writers/<style>_entry.lua: `access(context)`, for writers/places.lua, and
--- `write(out, context)`.

local memory = require "aotlua.writers.memory"
local page = require "aotlua.writers.page"

local entry = {}

--- Writes memory and functions. `context` is that of entry.source. Returns whether that needs
-- math.h.
function entry.definitions(out, context)
  local style = require(("aotlua.writers.%s_entry"):format(context.record.interface.style))
  context.access = style.access(context)
  memory.workspace(out, context)
  local needs_math = memory.state(out, context)
  style.write(out, context)
  return needs_math
end

--- Gives the source, as page:content does. `context`: module, graph, list, record, spelling,
-- `number_of` (metadata.describe), internal_header, and `buffers`, an empty
-- table where each has its array.
function entry.source(context)
  local out, body, record = page.new(), page.new(), context.record
  local needs_math = entry.definitions(body, context)
  out:head(record, ("The entry point of model '%s'."):format(record.model))
  out:line("#include \"%s\"\n#include \"%s\"\n#include \"aotrt_align.h\"", record.header,
    context.internal_header)
  out:line("\n%s#include <stddef.h>", needs_math and "#include <math.h>\n" or "")
  out:append(body)
  return out:content()
end

return entry
