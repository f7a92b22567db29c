--- packed_operators: operator functions that are called with tensors, around those that compute.

local page = require "aotlua.writers.page"

local packed = {}

local parameters = {
  "aotrt_value *args", "int32_t *type_codes", "int32_t num_args", "aotrt_value *result",
  "int32_t *result_code", "void *resource",
}

local function head(name, last)
  local out = page.new()
  out:call("", "int32_t " .. name, parameters, last)
  return (out:text():gsub("\n$", ""))
end

--- Gives the prototype, without semicolon.
function packed.prototype(name)
  return head(name, "")
end

--- Gives the function `name` and, before it, `inner`, which is the kernel; `comment` says what it
-- computes.
function packed.definition(kernel, name, inner, comment)
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
  out:line("\n/* %s, called with tensors */\n%s\n{", comment, head(name, ""))
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
