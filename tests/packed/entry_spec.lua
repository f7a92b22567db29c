--- entry_spec: models of the packed interface run on tensors, refuse what is none of theirs, and
--- are found by name.

local emit = require "aot.emit"
local generated = require "tests.tools.generated"
local json = require "aotlua.json"

local kinds = {
  { kind = "packed", calls = "unpacked" },
  { kind = "packed", calls = "packed" },
}

-- A caller of generated.source: t[] are its arguments, run() calls the model.
local head = [[
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "tvmgen_kws.h"

#define CHECK(what) do { if (!(what)) { printf("%d: %s\n", __LINE__, #what); return 1; } } while (0)
#define COUNT (int32_t)(sizeof t / sizeof *t)

static float x[TVMGEN_KWS_SERVING_AUDIO_0_COUNT];
static int8_t i[TVMGEN_KWS_INPUT_INT_COUNT] = { 0, 9, 0, 9 };
static float z[TVMGEN_KWS_Y_COUNT];
static int8_t q[TVMGEN_KWS_Q_COUNT];
static union { double align; uint8_t bytes[TVMGEN_KWS_WORKSPACE_SIZE + 64]; } memory;
static aotrt_tensor t[MOST];
static aotrt_value v[MOST];
static int32_t codes[MOST];

static int32_t run(void)
{
    return tvmgen_kws_run(v, codes, COUNT, NULL, NULL, NULL);
}

static void set_up(void)
{
    const aotrt_metadata *const m = tvmgen_kws_metadata();
    int k;
    aotrt_values_set(v, t, COUNT);
    for (k = 0; k < COUNT; k++) codes[k] = 7;
    aotrt_tensor_set(&t[0], &m->inputs[0].type, x);
    aotrt_tensor_set(&t[1], &m->inputs[1].type, i);
    aotrt_tensor_set(&t[2], &m->outputs[0].type, q);
    aotrt_tensor_set(&t[3], &m->outputs[1].type, z);
    x[0] = 2.0f;
    (void)memory;
}
]]

local look_up = [[
    const aotrt_metadata *const m = tvmgen_kws_metadata();
    CHECK(tvmgen_kws_input_index("serving/audio:0") == 0);
    CHECK(tvmgen_kws_input_index("serving_audio_0") == 0);
    CHECK(tvmgen_kws_input_index("int") == 1 && tvmgen_kws_input_index("input_int") == 1);
    CHECK(tvmgen_kws_input_index("y") == -1 && tvmgen_kws_input_index(NULL) == -1);
    CHECK(tvmgen_kws_output_index("y") == 1 && tvmgen_kws_output_index("q*/") == 0);
    CHECK(tvmgen_kws_output_index("") == -1 && tvmgen_kws_output_index("int") == -1);
    CHECK(tvmgen_kws_function("run") == tvmgen_kws_run);
    CHECK(tvmgen_kws_function("tvmgen_kws_run") == tvmgen_kws_run);
    CHECK(tvmgen_kws_function("reset") == NULL && tvmgen_kws_function(NULL) == NULL);
    CHECK(m->version == 1 && m->num_inputs == 2 && m->num_outputs == 2 && m->num_pools == 1);
    CHECK(strcmp(m->model, "kws") == 0 && strcmp(m->pools[0].name, "workspace") == 0);
    CHECK(m->pools[0].argument == (MOST == 6 ? 4 : -1));
    CHECK(m->pools[0].bytes == TVMGEN_KWS_WORKSPACE_SIZE);
    CHECK(m->pools[0].alignment == TVMGEN_KWS_WORKSPACE_ALIGNMENT);
    CHECK(m->inputs[0].bytes == sizeof x && m->inputs[0].type.ndim == 3);
    CHECK(m->inputs[0].type.shape[1] == 4 && m->inputs[1].type.dtype.code == AOTRT_INT);
]]

local refusals = [[
    CHECK(tvmgen_kws_run(v, codes, COUNT - 1, NULL, NULL, NULL) == TVMGEN_KWS_ERROR_ARGUMENTS);
    CHECK(tvmgen_kws_run(v, codes, COUNT + 1, NULL, NULL, NULL) == TVMGEN_KWS_ERROR_ARGUMENTS);
    CHECK(tvmgen_kws_run(NULL, codes, COUNT, NULL, NULL, NULL) == TVMGEN_KWS_ERROR_NULL);
    CHECK(tvmgen_kws_run(v, NULL, COUNT, NULL, NULL, NULL) == TVMGEN_KWS_ERROR_NULL);
    for (k = 0; k < COUNT; k++) {
        void *const data = t[k].data;
        t[k].data = NULL;
        CHECK(run() == TVMGEN_KWS_ERROR_NULL);
        t[k].data = data;
        codes[k] = 3;
        CHECK(run() == TVMGEN_KWS_ERROR_ARGUMENTS);
        codes[k] = 7;
        t[k].dtype.bits = 64;
        CHECK(run() == TVMGEN_KWS_ERROR_ARGUMENTS);
        t[k].dtype.bits = k == 0 || k == 3 ? 32 : 8;
        t[k].ndim++;
        CHECK(run() == TVMGEN_KWS_ERROR_ARGUMENTS);
        t[k].ndim--;
    }
    t[0].byte_offset = 1;
    CHECK(run() == TVMGEN_KWS_ERROR_ALIGNMENT);
    t[0].byte_offset = 0;
    t[0].strides = strides;
    CHECK(run() == TVMGEN_KWS_OK);
    strides[0] = 1;
    CHECK(run() == TVMGEN_KWS_ERROR_ARGUMENTS);
    t[0].strides = NULL;
    t[3].shape = strides;
    CHECK(run() == TVMGEN_KWS_ERROR_ARGUMENTS);
    t[3].shape = (int64_t *)(uintptr_t)tvmgen_kws_metadata()->outputs[1].type.shape;
]]

local static_main = "#define MOST 4\n" .. head .. [[
int main(void)
{
    struct tvmgen_kws_state saved;
    int64_t strides[] = { 12, 3, 1 };
    int k;
]] .. look_up .. [[
    set_up();
]] .. refusals .. [[
    tvmgen_kws_reset();
    CHECK(run() == TVMGEN_KWS_OK && z[0] == 0.5f && z[1] == 0.5f);
    CHECK(q[0] == 1 && q[1] == 9 && q[2] == 3 && q[3] == 9);
    tvmgen_kws_save(&saved);
    CHECK(run() == 0 && z[0] == 1.5f && z[1] == -0.5f);
    CHECK(run() == 0 && z[0] == 0.5f);
    tvmgen_kws_restore(&saved);
    CHECK(run() == 0 && z[0] == 1.5f);
    CHECK(tvmgen_kws_quantize_input_int(1.25f) == 6 && tvmgen_kws_dequantize_q(5) == 1.0f);
    return 0;
}
]]

local caller_main = "#define MOST 6\n" .. head .. [[
int main(void)
{
    static struct tvmgen_kws_state one, two;
    static int64_t pool_size[] = { TVMGEN_KWS_WORKSPACE_WORKSPACE_POOL_SIZE };
    static int64_t state_size[] = { TVMGEN_KWS_STATE_SIZE };
    static const aotrt_tensor_type pool = { pool_size, 1, { AOTRT_UINT, 8, 1 } };
    static const aotrt_tensor_type state = { state_size, 1, { AOTRT_UINT, 8, 1 } };
    int64_t strides[] = { 12, 3, 1 };
    const size_t skip = (TVMGEN_KWS_WORKSPACE_ALIGNMENT - (size_t)memory.bytes
        % TVMGEN_KWS_WORKSPACE_ALIGNMENT) % TVMGEN_KWS_WORKSPACE_ALIGNMENT;
    int k;
]] .. look_up .. [[
    set_up();
    aotrt_tensor_set(&t[4], &pool, memory.bytes + skip);
    aotrt_tensor_set(&t[5], &state, &one);
]] .. refusals .. [[
    tvmgen_kws_reset(&one);
    two = one;
    CHECK(run() == 0 && z[0] == 0.5f && run() == 0 && z[0] == 1.5f);
    t[5].data = &two;
    CHECK(run() == 0 && z[0] == 0.5f);
    t[4].byte_offset = 1;
    CHECK(run() == TVMGEN_KWS_ERROR_ALIGNMENT);
    t[4].byte_offset = 0;
    for (k = 4; k < 6; k++) {
        t[k].shape[0]--;
        CHECK(run() == TVMGEN_KWS_ERROR_WORKSPACE);
        t[k].shape[0]++;
    }
    CHECK(run() == 0 && z[0] == 1.5f);
    return 0;
}
]]

local source = generated.source:gsub('outputs = %[[^,]*,', 'outputs = ["q*/",')

local function describe_kind(kind)
  return ("%s, operators %s"):format(kind.kind, kind.calls)
end

describe("the packed interface", function()
  for number, kind in ipairs(kinds) do
    for _, owner in ipairs { "static", "caller" } do
      it(("runs, refuses and is looked up: %s, memory %s"):format(describe_kind(kind), owner),
        function()
          local _, files = generated.compiled({ workspace = owner }, source, kind)
          local code, said = generated.build_and_run(number == 1 and "gcc" or "clang", files,
            owner == "static" and static_main or caller_main, { "-O0", "-fsanitize=undefined",
              "-fno-sanitize-recover=all", "-Wno-frame-larger-than" })
          assert.equal("", said)
          assert.equal(0, code)
        end)
    end
  end

  it("runs without checks, from one array a buffer, without a word of the compiler", function()
    local main = "#define MOST 4\n" .. head .. [[
int main(void)
{
    set_up();
    CHECK(run() == 0 && z[0] == 0.5f && q[2] == 3);
    return 0;
}
]]
    for _, kind in ipairs(kinds) do
      local _, files = generated.compiled({ arena = "separate" }, source, kind)
      assert.same({ 0, "" }, { generated.build_and_run("gcc", files, main,
        { "-O0", "-DTVMGEN_KWS_NO_CHECKS", "-Wmissing-prototypes", "-Wredundant-decls" }) })
    end
  end)

  it("defect D8: has the same names in header, JSON and descriptor", function()
    local _, files = generated.compiled({}, source, kinds[2])
    local record, lines = json.decode(files["metadata.json"]), {}
    local header = files["include/" .. record.header]
    for _, owner in ipairs { "input", "output" } do
      for index, tensor in ipairs(record[owner .. "s"]) do
        assert.truthy(header:find(("%d: %s '%s'"):format(#lines, owner, emit.comment(tensor.name)),
          1, true))
        assert.truthy(header:find(("_%s_SIZE %d"):format(tensor.member:upper(), tensor.bytes), 1,
          true))
        lines[#lines + 1] = ("%s %d %s %s %d\n"):format(owner, index - 1, tensor.name,
          tensor.member, tensor.bytes)
      end
    end
    local code, said = generated.build_and_run("gcc", files, [[
#include <stdio.h>
#include "tvmgen_kws.h"
static void show(const char *owner, const aotrt_tensor_metadata *tensors, int count)
{
    int k;
    for (k = 0; k < count; k++)
        printf("%s %d %s %s %d\n", owner, k, tensors[k].name, tensors[k].identifier,
            (int)tensors[k].bytes);
}
int main(void)
{
    const aotrt_metadata *const m = tvmgen_kws_metadata();
    show("input", m->inputs, m->num_inputs);
    show("output", m->outputs, m->num_outputs);
    return 0;
}
]])
    assert.equal(table.concat(lines), said)
    assert.equal(0, code)
    assert.same({ "tvmgen_kws_input_index", "tvmgen_kws_metadata" },
      { record.look_up.input_index, record.look_up.metadata })
  end)
end)
