--- look_up_spec: each model of a program finds its own, and no two things of a model share a name.

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
