--- internal: the header that the generated sources of one model share.

local page = require "aotlua.writers.page"

--- Gives the header's text. `functions` has the operators' prototypes, by number.
return function(record, spelling, functions)
  local out, guard = page.new(), spelling("guard", "lib_h_")
  out:head(record, ("What the sources of model '%s' share; no interface."):format(record.model))
  out:line("#ifndef %s\n#define %s\n", guard, guard)
  out:line("#include <stdint.h>\n")
  if record.interface.calls == "packed" then
    out:line("#include \"aotrt_packed.h\"\n")
  end
  local shared = spelling("file", "internal", "application", 1)
  if shared then
    out:line("#include \"%s\"\n", shared)
  end
  out:line("/* One model's functions and constants are not seen by others in a shared library. */")
  out:line("#if defined(__GNUC__) && defined(__ELF__)\n#pragma GCC visibility push(hidden)\n#endif")
  local arrays = record.interface.constants == "arrays" and record.constants or {}
  if #arrays > 0 then
    out:line()
  end
  for _, constant in ipairs(arrays) do
    out:line("extern const %s %s[%d];", constant.ctype, constant.symbol, constant.length)
  end
  out:line()
  for _, operator in ipairs(functions) do
    out:line("%s;", operator.prototype)
  end
  out:line("\n#if defined(__GNUC__) && defined(__ELF__)\n#pragma GCC visibility pop\n#endif")
  out:line("\n#endif /* %s */", guard)
  return out:content()
end
