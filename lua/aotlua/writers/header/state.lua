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

return state
