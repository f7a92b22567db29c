--- example: programs around compiled models that a user may start from.

local ir = require "aot.ir"
local surroundings = require "aotlua.harness.surroundings"
local template = require "aotlua.template"

local starting = template [[
/* Runs ${model} once and prints what it computes: a place to start from.
 *
 * This file belongs to the user of aotlua without condition. */
#include <stdio.h>

#include "${header}"

${arrays}

${head}
{
    int32_t status;
    long i;
    ${structs}
    ${reset}
    /* Fill the inputs here: they are all 0. */
    status = ${call};
    if (status != 0) {
        fprintf(stderr, "${model} returned %ld\n", (long)status);
        return 1;
    }
    ${print}
    return 0;
}
]]

-- Prints an output, an element a line.
local function printing(tensor, k)
  local class = ir.dtype(tensor.dtype).class
  local format = class == "float" and "%g" or class == "signed" and "%lld" or "%llu"
  local as = class == "float" and "double" or class == "signed" and "long long"
    or "unsigned long long"
  local line = ('    printf("output_%d[%%ld] = %s\\n", i, (%s)output_%d[i]);'):format(
    k, format, as, k)
  return ("for (i = 0; i < %d; i++) {\n%s\n}"):format(tensor.count, line)
end

local several = template [[
/* Runs each model of ${application} once: a place to start from.
 *
 * This file belongs to the user of aotlua without condition. */
#include <stdio.h>

#include "${header}"

${declared}

int main(void)
{
    ${calls}
    return 0;
}
]]

local M = {}

--- The text of a main.c for a metadata record; with `name`, of a function of that name.
function M.program(record, name)
  local values, call = surroundings(record)
  values.head = name and ("int %s(void);\n\nint %s(void)"):format(name, name) or "int main(void)"
  local lines = {}
  for k, tensor in ipairs(record.outputs) do lines[k] = printing(tensor, k - 1) end
  values.call, values.print = call, table.concat(lines, "\n")
  return starting(values)
end

--- The text of a main.c for an application that includes `header`, with the functions `names`.
function M.main(application, header, names)
  local declared, calls = {}, {}
  for i, name in ipairs(names) do
    declared[i] = ("int %s(void);"):format(name)
    calls[i] = ("printf(\"%s\\n\");\nif (%s() != 0) {\n    return 1;\n}"):format(name, name)
  end
  return several { application = application, header = header,
    declared = table.concat(declared, "\n"), calls = table.concat(calls, "\n") }
end

return M
