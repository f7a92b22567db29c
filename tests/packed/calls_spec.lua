--- calls_spec: operators that are called with tensors, from either interface.

local generated = require "tests.tools.generated"

local packed_calls = { kind = "c", calls = "packed" }

-- Counts the words `name` in C sources, comments left out.
local function count(files, name, pattern)
  local found = 0
  for path, content in pairs(files) do -- order: irrelevant, a sum
    if path:find(pattern) and type(content) == "string" then
      local code = content:gsub("/%*.-%*/", "")
      for word in code:gmatch "[%a_][%w_]*" do
        found = found + (word == name and 1 or 0)
      end
    end
  end
  return found
end

-- A model that joins `inputs` rows, so that its one operator takes one tensor more.
local function joining(inputs)
  local names, params, joined = {}, {}, {}
  for index = 1, inputs do
    names[index], params[index] = "in" .. index, ("%%in%d : f32[1, 2]"):format(index)
    joined[index] = "%in" .. index
  end
  return ([[
module join { source = { format = tflite, inputs = [%s], outputs = [out] } }
graph @main(%s) {
  %%out = concat %s { axis = 0 } : f32[%d, 2]
  return %%out
}
]]):format(table.concat(names, ", "), table.concat(params, ", "), table.concat(joined, ", "),
    inputs)
end

local states = [[
#include "tvmgen_kws.h"
static float x[TVMGEN_KWS_SERVING_AUDIO_0_COUNT], z[TVMGEN_KWS_Y_COUNT];
static int8_t i[4] = { 0, 9, 0, 9 }, q[4];
int main(void)
{
    const struct tvmgen_kws_inputs in = { x, i };
    const struct tvmgen_kws_outputs out = { q, z };
    struct tvmgen_kws_inputs none = { x, i };
    x[0] = 2.0f;
    if (tvmgen_kws_run(&in, &out) != 0 || z[0] != 0.5f || q[2] != 3) return 1;
    if (tvmgen_kws_run(&in, &out) != 0 || z[0] != 1.5f) return 2;
    none.input_int = 0;
    return tvmgen_kws_run(&none, &out) == TVMGEN_KWS_ERROR_NULL ? 0 : 3;
}
]]

describe("operators called with tensors", function()
  it("tvm 30: run under the c interface, from a pool and from one array a buffer", function()
    for _, compiler in ipairs { "gcc", "clang" } do
      local _, files = generated.compiled({ arena = compiler == "gcc" and "separate" or "shared" },
        generated.source:gsub('outputs = %[[^,]*,', 'outputs = ["q",'), packed_calls)
      assert.same({ 0, "" }, { generated.build_and_run(compiler, files, states,
        { "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
          "-Wno-frame-larger-than" }) })
    end
  end)

  it("tvm 43: define every constant once", function()
    for _, kind in ipairs { "c", "packed" } do
      local _, files = generated.compiled({}, nil, { kind = kind, calls = "packed" })
      assert.equal(1, count(files, "tvmgen_kws_data1", "data%.c$"))
      assert.equal(1, count(files, "tvmgen_kws_data1", "%.h$"))
      assert.equal(1, count(files, "tvmgen_kws_data1", "lib0%.c$"))
    end
  end)

  it("share the descriptors of tensors that are alike", function()
    local _, files = generated.compiled({}, nil, packed_calls)
    local run = files["src/kws_lib0.c"]
    local rows, kinds = run:match "aotrt_tensor_type types%[%] = (%b{})", {}
    for kind in rows:gmatch "/%* (.-) %*/" do kinds[#kinds + 1] = kind end
    assert.same({ "f32[2, 4, 3]", "f32[4, 3]", "i8[4]", "f32[24]" }, kinds)
    assert.equal("{ 2, 4, 3, 4, 3, 4, 24, }",
      (run:match("int64_t shapes%[%] = (%b{})"):gsub("%s+", " ")))
    assert.matches("aotrt_tensor tensors%[3%];", run)
  end)

  it("tvm 61: are declared before they are used, each word as often as it is needed", function()
    for _, calls in ipairs { "unpacked", "packed" } do
      for _, kind in ipairs { "c", "packed" } do
        local _, files = generated.compiled({}, nil, { kind = kind, calls = calls })
        assert.same({ 0, "" }, { generated.build_and_run("gcc", files,
          "int main(void) { return 0; }\n", { "-Wmissing-prototypes", "-Wredundant-decls",
            "-Wimplicit-function-declaration", "-Wstrict-prototypes", "-Wold-style-definition" }) })
        assert.equal(1, count(files, "tvmgen_kws_op1_mul", "%.h$"))
        assert.equal(1, count(files, "tvmgen_kws_op1_mul", "lib1%.c$"))
        assert.equal(1, count(files, "tvmgen_kws_op1_mul", "lib0%.c$"))
        assert.equal(2, count(files, "tvmgen_kws_op2_neg", "lib0%.c$"))
        assert.equal(calls == "packed" and 2 or 0,
          count(files, "tvmgen_kws_compute_mul", "%.[ch]$"))
        assert.equal(kind == "packed" and 1 or 0, count(files, "tvmgen_kws_input_index", "%.h$"))
      end
    end
  end)

  it("defect D14: take sixteen tensors in a small frame, and no more", function()
    local _, files = generated.compiled({}, joining(15), { kind = "packed", calls = "packed" })
    assert.same({ 0, "" }, { generated.build_and_run("gcc", files, [[
#include "tvmgen_join.h"
int main(void)
{
    static float rows[15][2], out[30];
    static aotrt_tensor t[16];
    static aotrt_value v[16];
    int32_t k;
    aotrt_values_set(v, t, 16);
    for (k = 0; k < 15; k++) {
        rows[k][1] = (float)k;
        aotrt_tensor_set(&t[k], &tvmgen_join_metadata()->inputs[k].type, rows[k]);
    }
    aotrt_tensor_set(&t[15], &tvmgen_join_metadata()->outputs[0].type, out);
    k = tvmgen_join_run(v, aotrt_tensor_codes(), 16, NULL, NULL, NULL);
    return k != 0 ? 1 : out[29] == 14.0f && out[3] == 1.0f ? 0 : 2;
}
]], { "-O0" }) })
    assert.error_matches(function()
      generated.compiled({}, joining(16), packed_calls)
    end, "pass interface: %%out %(concat%) takes 17 tensors, and packed calls have 16 at most; "
      .. "%-%-calls unpacked has no limit")
    generated.compiled({}, joining(40), { kind = "packed", calls = "unpacked" })
  end)
end)
