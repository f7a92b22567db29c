--- example: a main.c around a compiled model that a user may start from.

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

int main(void)
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

--- The text of the main.c for a metadata record.
return function(record)
  local values, call = surroundings(record)
  local lines = {}
  for k, tensor in ipairs(record.outputs) do lines[k] = printing(tensor, k - 1) end
  values.call, values.print = call, table.concat(lines, "\n")
  return starting(values)
end
