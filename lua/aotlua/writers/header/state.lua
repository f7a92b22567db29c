--- state: the part of the header about what a model keeps from one call to the next.

local describe = require "aotlua.writers.header.describe"

local state = {}

--- Writes the struct, if the model has state.
function state.struct(out, record)
  if not record.state_type then
    return
  end
  out:line()
  out:doc(("What model %s keeps from one call to the next"):format(describe.quote(record.model)))
  out:line("struct %s {", record.state_type)
  for _, member in ipairs(record.states) do
    out:line("    %s %s[%d]; /*!< %s: %s */", member.ctype, member.member, member.length,
      describe.quote(member.name), describe.type(member))
  end
  out:line("};")
end

--- Writes the functions that set, copy and restore it.
function state.functions(out, record)
  local caller = record.interface.workspace == "caller"
  local struct = record.state_type
  if not struct then
    return
  end
  local function declare(name, parameter, what, ...)
    out:line()
    out:doc(what, ...)
    out:line("void %s(%s);", name, parameter or "void")
  end
  if caller then
    declare(record.reset, ("struct %s *state"):format(struct),
      "Sets the state to its initial values; call it before the first run",
      "\\param state what is set, not NULL")
    return
  end
  declare(record.reset, nil, "Sets the state to its initial values, as before the first run")
  declare(record.save, ("struct %s *to"):format(struct), "Copies the state",
    "\\param to where to, not NULL")
  declare(record.restore, ("const struct %s *from"):format(struct),
    "Goes back to a state that was copied", "\\param from the copy, not NULL")
end

return state
