--- packed_operators: operator functions that are called with tensors, around those that compute.

local page = require "aotlua.writers.page"

local packed = {}

local parameters = {
  "aotrt_value *args", "int32_t *type_codes", "int32_t num_args", "aotrt_value *result",
  "int32_t *result_code", "void *resource",
}

local function head(name, qualifier)
  local out = page.new()
  out:call("", qualifier .. "int32_t " .. name, parameters, "")
  return (out:text():gsub("\n$", ""))
end

--- Gives the prototype, without semicolon.
function packed.prototype(name)
  return head(name, "")
end

--- Gives the function of `operator`, { kernel, spelling, inner }, and before it `inner`, which is
-- the kernel. `style`: `comment` says what it computes; `static`: only its file sees it.
function packed.definition(operator, style)
  local kernel, inner, comment = operator.kernel, operator.inner, style.comment
  local name, qualifier = operator.spelling, style.static and "static " or ""
  local out, arguments, count, uses_resource = page.new(), {}, 0, false
  for index, param in ipairs(kernel.params) do
    if param.role == "context" then
      arguments[index], uses_resource = "resource", true
    else
      arguments[index] = ("aotrt_tensor_data(args, %d)"):format(count)
      count = count + 1
    end
  end
  out:line("%s", (kernel:definition(inner, { static = true, comment = comment }):gsub("\n+$", "")))
  out:line("\n/* %s, called with tensors */\n%s\n{", comment, head(name, qualifier))
  for _, unused in ipairs { count == 0 and "args" or false, "type_codes", "num_args", "result",
    "result_code", not uses_resource and "resource" or false } do
    if unused then
      out:line("    (void)%s;", unused)
    end
  end
  out:call("    ", "return " .. inner, arguments, ";")
  out:line("}")
  return out:text()
end

return packed
