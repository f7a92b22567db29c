--- single: the source of a model in one file, in which all but the interface is static.

local entry = require "aotlua.writers.entry"
local data = require "aotlua.writers.data"
local operators = require "aotlua.writers.operators"
local page = require "aotlua.writers.page"

--- Gives the source's text. `context` is that of entry.source; `parts`: the operators' `functions`,
-- the constants' `tensors`, and `headers`, a set that gets the runtime headers it includes.
return function(context, parts)
  local out, body, record = page.new(), page.new(), context.record
  local range, static = { first = 1, last = #parts.functions }, { static = true }
  local needs_math = record.interface.constants == "arrays"
    and data.definitions(body, record, parts.tensors, static)
  operators.definitions(body, parts.functions, range, static)
  needs_math = entry.definitions(body, context) or needs_math
  out:head(record, ("The sources of model '%s'."):format(record.model))
  out:line("#include \"%s\"\n#include \"aotrt_align.h\"", record.header)
  if record.interface.calls == "packed" then
    out:line("#include \"aotrt_packed.h\"")
  end
  local shared = context.spelling("file", "internal", "application", 1)
  if shared then
    out:line("#include \"%s\"", shared)
  end
  operators.includes(out, parts.functions, range, parts.headers)
  out:line("%s#include <stddef.h>", needs_math and "#include <math.h>\n" or "")
  out:line("%s", (body:text():gsub("\n$", ""):gsub("\n\n\n+", "\n\n")))
  return out:text()
end
