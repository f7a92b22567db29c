--- callers: one C program around several models that compares what they compute with what is right.
--
-- For each model there is a function `check_<model>`, which runs it step by step.

local emit = require "aot.emit"
local surroundings = require "aotlua.harness.surroundings"
local template = require "aotlua.template"

local M = {}

-- Floats may differ in what the order of sums leaves open.
local head = [[
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int same_bytes(const void *a, const void *b, size_t count)
{
    return memcmp(a, b, count) == 0;
}

static int same_floats(const float *a, const float *b, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        const float gap = a[i] - b[i], size = b[i] < 0.0f ? -b[i] : b[i];
        if (gap > 1e-5f * (size + 1.0f) || -gap > 1e-5f * (size + 1.0f)) return 0;
    }
    return 1;
}
]]

local check = template [[
#include "${header}"

static int check_${model}(void)
{
    ${right}
    ${arrays}
    int step;
    ${structs}
    ${reset}
    for (step = 0; step < ${steps}; step++) {
        ${fill}
        if (${call} != 0) return 1;
        ${compare}
    }
    return 0;
}
]]

-- The tensors of all steps as rows of one constant array.
local function rows(name, record, steps, index)
  local lines = { ("static const %s %s[%d][%d] = {"):format(record.ctype, name, #steps,
    record.length) }
  for step, tensors in ipairs(steps) do
    lines[step + 1] = ("{\n%s},"):format(emit.array(tensors[index]))
  end
  lines[#lines + 1] = "};"
  return table.concat(lines, "\n")
end

local function check_of(model)
  local record, right, fill, compare = model.record, {}, {}, {}
  for index, tensor in ipairs(record.inputs) do
    local name = "right_input_" .. index - 1
    right[#right + 1] = rows(name, tensor, model.inputs, index)
    fill[index] = ("memcpy(input_%d, %s[step], %d);"):format(index - 1, name, tensor.bytes)
  end
  for index, tensor in ipairs(record.outputs) do
    local name, is_float = "right_output_" .. index - 1, tensor.dtype == "f32"
    right[#right + 1] = rows(name, tensor, model.outputs, index)
    compare[index] = ("if (!same_%s(output_%d, %s[step], %d)) return %d;"):format(
      is_float and "floats" or "bytes", index - 1, name, is_float and tensor.count or tensor.bytes,
      1 + index)
  end
  local values, call = surroundings(record)
  values.call, values.steps, values.right = call, #model.inputs, table.concat(right, "\n")
  values.fill, values.compare = table.concat(fill, "\n"), table.concat(compare, "\n")
  return check(values)
end

--- Gives a main.c. `models` is a list of { record (of aotlua.metadata), inputs, outputs }: lists,
-- one entry a step, of lists of Tensors. It prints what is wrong and returns 1.
function M.program(models)
  local out, calls = { head }, {}
  for index, model in ipairs(models) do
    out[index + 1] = check_of(model)
    calls[index] = ("    code = check_%s();\n    wrong |= code;\n"
      .. "    if (code != 0) printf(\"%s: %%d\\n\", code);"):format(model.record.model,
      model.record.model)
  end
  out[#out + 1] = ("int main(void)\n{\n    int wrong = 0, code;\n    (void)same_bytes;\n"
    .. "    (void)same_floats;\n%s\n    return wrong != 0;\n}\n"):format(table.concat(calls, "\n"))
  return table.concat(out, "\n")
end

return M
