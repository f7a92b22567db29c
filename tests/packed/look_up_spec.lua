--- look_up_spec: each model of a program finds its own, and no two things of a model share a name.

local emit = require "aot.emit"
local generated = require "tests.tools.generated"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local packed = { kind = "packed", calls = "packed" }

local adding = [[
module MODEL { source = { format = tflite, inputs = ["in:0", "IN"], outputs = ["OUT"] } }
graph @main(%a : f32[2], %b : f32[2]) {
  %y = OP %a, %b : f32[2]
  return %y
}
]]

local function model(name, op, second)
  local values = { MODEL = name, OP = op, IN = second or "in:1", OUT = "out of " .. name }
  return (adding:gsub("%u%u+", values))
end

-- The files of several models in one folder.
local function together(sources)
  local all = {}
  for _, source in ipairs(sources) do
    local _, files = generated.compiled({}, source, packed)
    for path, content in pairs(files) do -- order: irrelevant, names differ or contents do not
      all[path] = content
    end
  end
  return all
end

describe("look-up by name", function()
  it("defect D11: is each model's own, also of two in a program", function()
    local files = together { model("sum", "add"), model("product", "mul") }
    assert.same({ 0, "" }, { generated.build_and_run("clang", files, [[
#include "tvmgen_sum.h"
#include "tvmgen_product.h"
static float a[2] = { 3.0f, 4.0f }, b[2] = { 5.0f, 6.0f }, y[2];
static int run(aotrt_packed_function function, const aotrt_metadata *m)
{
    aotrt_tensor t[3];
    aotrt_value v[3];
    aotrt_values_set(v, t, 3);
    aotrt_tensor_set(&t[0], &m->inputs[0].type, a);
    aotrt_tensor_set(&t[1], &m->inputs[1].type, b);
    aotrt_tensor_set(&t[2], &m->outputs[0].type, y);
    return function(v, aotrt_tensor_codes(), 3, NULL, NULL, NULL);
}
int main(void)
{
    if (run(tvmgen_sum_function("run"), tvmgen_sum_metadata()) != 0) return 1;
    if (y[0] != 8.0f || y[1] != 10.0f) return 2;
    if (run(tvmgen_product_function("run"), tvmgen_product_metadata()) != 0) return 3;
    if (y[0] != 15.0f || y[1] != 24.0f) return 4;
    if (tvmgen_sum_output_index("out of sum") != 0) return 5;
    if (tvmgen_sum_output_index("out of product") != -1) return 6;
    if (tvmgen_product_output_index("out of product") != 0) return 7;
    return tvmgen_sum_function("tvmgen_product_run") == NULL ? 0 : 8;
}
]]) })
  end)

  it("tvm 62: finds inputs by the model's name and by that in C, and no others", function()
    local names, sources, checks = { "input:0", "input@0", "input_0" }, {}, {}
    for index, name in ipairs(names) do
      sources[index] = model("m" .. index, "add"):gsub("in:0", name)
      checks[index] = ([[
    if (tvmgen_m%d_input_index("%s") != 0 || tvmgen_m%d_input_index("input_0") != 0) return %d;
    if (tvmgen_m%d_input_index("%s") != -1) return %d;]]):format(index, name, index, index, index,
        index == 1 and "input@0" or "input:0", 10 + index)
    end
    assert.same({ 0, "" }, { generated.build_and_run("gcc", together(sources), ([[
#include "tvmgen_m1.h"
#include "tvmgen_m2.h"
#include "tvmgen_m3.h"
int main(void)
{
%s
    return 0;
}
]]):format(table.concat(checks, "\n"))) })
  end)

  it("takes names of any bytes but zero", function()
    local names = { '"', "\\", "??/", "%s", "*/", "\u{e9}", "a\nb", "\127\1\255" }
    local params, quoted, adds, checks = {}, {}, {}, {}
    for index, name in ipairs(names) do
      params[index] = ("%%p%d : f32[1]"):format(index)
      quoted[index] = '"' .. name:gsub("[^%w]", function(c)
        return ("\\x%02x"):format(c:byte())
      end) .. '"'
      adds[index] = ("  %%s%d = add %s, %%p%d : f32[1]\n"):format(index,
        index == 1 and "%p1" or "%s" .. index - 1, index)
      checks[index] = ("    if (tvmgen_nasty_input_index(%s) != %d) return %d;"):format(
        emit.string(name), index - 1, index)
    end
    local module = ([[
module nasty { source = { format = tflite, inputs = [%s], outputs = [y] } }
graph @main(%s) {
%s  return %%s%d
}
]]):format(table.concat(quoted, ", "), table.concat(params, ", "), table.concat(adds), #names)
    local _, files = generated.compiled({}, module, packed)
    assert.same({ 0, "" }, { generated.build_and_run("clang", files, ([[
#include "tvmgen_nasty.h"
int main(void)
{
%s
    return 0;
}
]]):format(table.concat(checks, "\n"))) })
  end)

  it("works as lua/README.md shows", function()
    local readme = shell.read(program.root .. "/lua/README.md")
    local example = readme:match "\n## Calls with tensors\n.-```c\n(.-)```"
    local files = together { (model("sum", "add", "b"):gsub("in:0", "a")) }
    assert.same({ 0, "" }, { generated.build_and_run("gcc", files, example) })
  end)

  it("defect D7: two inputs that C would spell alike are refused in every interface", function()
    local alike = model("sum", "add", "in::0")
    for _, kind in ipairs { "c", "packed" } do
      assert.error_matches(function()
        generated.compiled({}, alike, { kind = kind, calls = "unpacked" })
      end, "pass names: names 'tvm': .*input 2.*'in::0'.*'in_0'.*input 1")
    end
  end)

  it("defect D7: the second input is found, by either name", function()
    local files = together { model("sum", "add"), model("odd", "add", "b") }
    assert.same({ 0, "" }, { generated.build_and_run("gcc", files, [[
#include "tvmgen_sum.h"
#include "tvmgen_odd.h"
int main(void)
{
    if (tvmgen_sum_input_index("in:0") != 0 || tvmgen_sum_input_index("in_0") != 0) return 1;
    if (tvmgen_sum_input_index("in:1") != 1 || tvmgen_sum_input_index("in_1") != 1) return 2;
    if (tvmgen_odd_input_index("b") != 1) return 3;
    return tvmgen_sum_input_index("in_2") == -1 && tvmgen_sum_input_index("a") == -1 ? 0 : 4;
}
]]) })
  end)
end)
