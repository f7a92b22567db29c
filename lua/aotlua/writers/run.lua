--- run: the body of the function that runs the model, the same in every interface.

local calls = require "aotlua.writers.calls"
local page = require "aotlua.writers.page"

local run = {}

--- Writes the checks of the arguments: `conditions` is a list of { C expressions, the role of the
-- code that is returned where one of them holds }.
local function write_checks(out, context, conditions)
  local lines = page.new()
  for _, check in ipairs(conditions) do
    if #check[1] > 0 then
      lines:line("    if (%s)", table.concat(check[1], " ||\n        "))
      lines:line("        return %s;", context.spelling("macro", check[2]))
    end
  end
  if #lines > 0 then
    out:line("#ifndef %s", context.spelling("macro", "no_checks"))
    out:line("%s#endif", lines:text())
  end
end

--- Writes the body behind its brace. `parts`: `conditions` as above; `pointers`, the names of
-- parameters and locals that nothing but the calls may use; `locals`, text that declares further
-- variables, and `prepare`, text that sets them once the arguments are checked (both optional).
function run.body(out, context, parts)
  local object, pointers = context.spelling("object", "state_memory"), parts.pointers
  if object then
    pointers = table.move(pointers, 1, #pointers, 1, {})
    pointers[#pointers + 1] = "state"
    out:line("    struct %s *const state = %s();", context.record.state_type,
      context.spelling("function", "state_memory_get"))
  end
  local body = page.new()
  if parts.prepare then
    body:line("%s", (parts.prepare:gsub("\n$", "")))
  end
  calls.write(body, context)
  out:line("    int32_t status = %s;", context.spelling("macro", "ok"))
  if #context.record.devices > 0 then
    out:line("    int32_t ended;")
  end
  if parts.locals then
    out:line("%s", (parts.locals:gsub("\n$", "")))
  end
  write_checks(out, context, parts.conditions)
  for _, name in ipairs(pointers) do
    if not body:mentions(name .. "->") then
      out:line("    (void)%s;", name)
    end
  end
  out:append(body)
  out:line("    return status;\n}")
end

return run
