--- types_spec: tensors of every computed element type, rank and extent are arguments.

local generated = require "tests.tools.generated"
local shell = require "tests.tools.shell"

-- Elements that kernels compute with, and how DLPack describes them.
local TYPES = {
  { "f32", "AOTRT_FLOAT", 32 },
  { "f64", "AOTRT_FLOAT", 64 }, { "i8", "AOTRT_INT", 8 }, { "i16", "AOTRT_INT", 16 },
  { "i32", "AOTRT_INT", 32 }, { "i64", "AOTRT_INT", 64 }, { "u8", "AOTRT_UINT", 8 },
  { "u16", "AOTRT_UINT", 16 }, { "u32", "AOTRT_UINT", 32 }, { "u64", "AOTRT_UINT", 64 },
  { "bool", "AOTRT_BOOL", 8 },
}

-- A model that returns its inputs: of each type a scalar, a matrix and one without elements.
local function identity()
  local params, names, inputs = {}, {}, {}
  for _, type in ipairs(TYPES) do
    for form, shape in ipairs { "", "[2, 3]", "[0, 4]" } do
      local name = ("%s_%d"):format(type[1], form)
      params[#params + 1] = ("%%%s : %s%s"):format(name, type[1], shape == "" and "[]" or shape)
      names[#names + 1], inputs[#inputs + 1] = "%" .. name, name
    end
  end
  return ([[
module same { source = { format = onnx, inputs = [%s], outputs = [%s] } }
graph @main(%s) {
  return %s
}
]]):format(table.concat(inputs, ", "), table.concat(inputs, ", "), table.concat(params, ", "),
    table.concat(names, ", "))
end

local program = [[
#include <stdio.h>
#include <string.h>
#include "tvmgen_same.h"

static const aotrt_dtype dtypes[] = {
DTYPES
};
enum { COUNT = 3 * sizeof dtypes / sizeof *dtypes };
static union { uint64_t align; unsigned char bytes[48]; } in[COUNT], out[COUNT];
static aotrt_tensor t[2 * COUNT];
static aotrt_value v[2 * COUNT];
static int32_t codes[2 * COUNT];

int main(void)
{
    const aotrt_metadata *const m = tvmgen_same_metadata();
    int k;
    if (m->num_inputs != COUNT || m->num_outputs != COUNT) return 1;
    aotrt_values_set(v, t, 2 * COUNT);
    for (k = 0; k < COUNT; k++) {
        const aotrt_dtype *const dtype = &dtypes[k / 3];
        const size_t size = k % 3 == 0 ? dtype->bits / 8u : k % 3 == 1 ? dtype->bits * 6u / 8u : 0;
        if (m->inputs[k].bytes != size || m->outputs[k].bytes != size) return 2;
        if (memcmp(&m->inputs[k].type.dtype, dtype, sizeof *dtype) != 0) return 3;
        memset(in[k].bytes, dtype->code == AOTRT_BOOL ? 1 : k, size);
        aotrt_tensor_set(&t[k], &m->inputs[k].type, size > 0 ? &in[k] : NULL);
        aotrt_tensor_set(&t[COUNT + k], &m->outputs[k].type, size > 0 ? &out[k] : NULL);
        codes[k] = codes[COUNT + k] = AOTRT_TENSOR;
    }
    k = tvmgen_same_run(v, codes, 2 * COUNT, NULL, NULL, NULL);
    if (k != TVMGEN_SAME_OK) return 10 - k;
    for (k = 0; k < COUNT; k++) {
        if (memcmp(&in[k], &out[k], sizeof in[k]) != 0) {
            printf("%d differs\n", k);
            return 4;
        }
    }
    return 0;
}
]]

local constant = [[
module alone { source = { format = tflite, inputs = [], outputs = [y] } }
const $c : f32[3] = dense [1.0, 2.0, 3.0]
graph @main() {
  %y = neg $c : f32[3]
  return %y
}
]]

describe("arguments", function()
  it("may be of every element type, scalars, and without elements", function()
    local rows = {}
    for index, type in ipairs(TYPES) do
      rows[index] = ("    { %s, %d, 1 },"):format(type[2], type[3])
    end
    for _, calls in ipairs { "unpacked", "packed" } do
      local _, files = generated.compiled({}, identity(), { kind = "packed", calls = calls })
      assert.same({ 0, "" }, { generated.build_and_run("gcc", files,
        (program:gsub("DTYPES", table.concat(rows, "\n"))),
        { "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
          "-Wno-frame-larger-than" }) })
    end
  end)

  it("may be an output alone", function()
    local _, files = generated.compiled({}, constant, { kind = "packed", calls = "packed" })
    assert.same({ 0, "" }, { generated.build_and_run("clang", files, [[
#include "tvmgen_alone.h"
int main(void)
{
    static float y[3];
    aotrt_tensor t;
    aotrt_value v;
    aotrt_values_set(&v, &t, 1);
    aotrt_tensor_set(&t, &tvmgen_alone_metadata()->outputs[0].type, y);
    if (tvmgen_alone_input_index("y") != -1 || tvmgen_alone_metadata()->inputs != NULL) return 1;
    if (tvmgen_alone_run(&v, aotrt_tensor_codes(), 1, NULL, NULL, NULL) != 0) return 2;
    return y[2] == -3.0f ? 0 : 3;
}
]]) })
  end)

  it("are for C++ as well, without a warning", function()
    for _, owner in ipairs { "static", "caller" } do
      local _, files = generated.compiled({ workspace = owner }, nil,
        { kind = "packed", calls = "packed" })
      local folder <close> = shell.folder()
      for path, content in pairs(files) do -- order: irrelevant, each is a file
        if path:find "^include/" then shell.write(folder.path .. path:sub(8), content) end
      end
      shell.write(folder.path .. "/main.cpp", '#include "tvmgen_kws.h"\n#include "tvmgen_kws.h"\n'
        .. "int main()\n{\n    return tvmgen_kws_input_index(\"int\") - 1;\n}\n")
      for _, words in ipairs { { "g++", "-std=c++11" }, { "clang++", "-std=c++17" } } do
        table.move({ "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror",
          "-fsyntax-only", folder.path .. "/main.cpp" }, 1, 8, 3, words)
        assert.equal("", shell.must(words))
      end
    end
  end)

  it("are not found by names that C cannot spell as one string", function()
    assert.error_matches(function()
      generated.compiled({}, (constant:gsub("outputs = %[y%]",
        "outputs = [" .. ("y"):rep(5000) .. "]")), { kind = "packed", calls = "unpacked" })
    end, "pass interface: output 1 has a name of 5000 bytes; look%-up by name takes 4095")
  end)
end)
