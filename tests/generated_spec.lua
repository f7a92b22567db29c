--- generated_spec: the generated code compiles without a word, and the interface keeps its word.

local generated = require "tests.tools.generated"

local head = [[
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "tvmgen_kws.h"

static float x[TVMGEN_KWS_SERVING_AUDIO_0_COUNT];
static int8_t i[TVMGEN_KWS_INPUT_INT_COUNT] = { 0, 9, 0, 9 };
static float z[TVMGEN_KWS_Y_COUNT];
static int8_t q[TVMGEN_KWS_X_B_COUNT];
static const struct tvmgen_kws_inputs in = { x, i };
static const struct tvmgen_kws_outputs out = { q, z };
#define CHECK(what) do { if (!(what)) { printf("%d: %s\n", __LINE__, #what); return 1; } } while (0)
]]

local static_main = head .. [[
int main(void)
{
    struct tvmgen_kws_state saved;
    struct tvmgen_kws_inputs none = { x, NULL };
    struct tvmgen_kws_inputs odd = { x, i };
    const int shape[] = TVMGEN_KWS_SERVING_AUDIO_0_SHAPE;
    x[0] = 2.0f;
    CHECK(tvmgen_kws_run(NULL, &out) == TVMGEN_KWS_ERROR_NULL);
    CHECK(tvmgen_kws_run(&in, NULL) == TVMGEN_KWS_ERROR_NULL);
    CHECK(tvmgen_kws_run(&none, &out) == TVMGEN_KWS_ERROR_NULL);
    odd.serving_audio_0 = (const float *)(const void *)((const char *)x + 1);
    CHECK(tvmgen_kws_run(&odd, &out) == TVMGEN_KWS_ERROR_ALIGNMENT);
    CHECK(tvmgen_kws_run(&in, &out) == TVMGEN_KWS_OK);
    CHECK(z[0] == 0.5f && z[1] == 0.5f);
    CHECK(q[0] == 1 && q[1] == 9 && q[2] == 3 && q[3] == 9);
    tvmgen_kws_save(&saved);
    CHECK(tvmgen_kws_run(&in, &out) == 0 && z[0] == 1.5f && z[1] == -0.5f);
    CHECK(tvmgen_kws_run(&in, &out) == 0 && z[0] == 0.5f);
    tvmgen_kws_restore(&saved);
    CHECK(tvmgen_kws_run(&in, &out) == 0 && z[0] == 1.5f);
    tvmgen_kws_reset();
    CHECK(tvmgen_kws_run(&in, &out) == 0 && z[0] == 0.5f);
    CHECK(sizeof x == TVMGEN_KWS_SERVING_AUDIO_0_SIZE && shape[1] == 4);
    CHECK(TVMGEN_KWS_SERVING_AUDIO_0_RANK == 3 && TVMGEN_KWS_STATE_SIZE >= 100);
    CHECK(tvmgen_kws_quantize_input_int(1.0f) == 5);
    CHECK(tvmgen_kws_quantize_input_int(1.25f) == 6);
    CHECK(tvmgen_kws_quantize_input_int(-1.25f) == 0);
    CHECK(tvmgen_kws_quantize_input_int(1e30f) == 127);
    CHECK(tvmgen_kws_quantize_input_int(-1e30f) == -128);
    CHECK(tvmgen_kws_quantize_input_int(62.0f) == 127);
    CHECK(tvmgen_kws_dequantize_x_b(5) == 1.0f);
    return 0;
}
]]

local caller_main = head .. [[
static union { double align; uint8_t bytes[TVMGEN_KWS_WORKSPACE_SIZE + 64]; } memory;

int main(void)
{
    static struct tvmgen_kws_state one, two;
    size_t skip = (TVMGEN_KWS_WORKSPACE_ALIGNMENT - (size_t)memory.bytes
        % TVMGEN_KWS_WORKSPACE_ALIGNMENT) % TVMGEN_KWS_WORKSPACE_ALIGNMENT;
    struct tvmgen_kws_workspace_pools pools;
    pools.workspace = memory.bytes + skip;
    pools.workspace_size = TVMGEN_KWS_WORKSPACE_WORKSPACE_POOL_SIZE;
    x[0] = 2.0f;
    tvmgen_kws_reset(&one);
    two = one;
    CHECK(tvmgen_kws_run(&in, &out, &pools, &one) == 0 && z[0] == 0.5f);
    CHECK(tvmgen_kws_run(&in, &out, &pools, &one) == 0 && z[0] == 1.5f);
    CHECK(tvmgen_kws_run(&in, &out, &pools, &two) == 0 && z[0] == 0.5f);
    CHECK(tvmgen_kws_run(&in, &out, NULL, &two) == TVMGEN_KWS_ERROR_NULL);
    CHECK(tvmgen_kws_run(&in, &out, &pools, NULL) == TVMGEN_KWS_ERROR_NULL);
    pools.workspace += 1;
    CHECK(tvmgen_kws_run(&in, &out, &pools, &two) == TVMGEN_KWS_ERROR_ALIGNMENT);
    pools.workspace -= 1;
    pools.workspace_size -= 1;
    CHECK(tvmgen_kws_run(&in, &out, &pools, &two) == TVMGEN_KWS_ERROR_WORKSPACE);
    return 0;
}
]]

-- States that go round in a circle, and everything that has to be copied to be returned.
local circle = [[
module kws { source = { format = tflite, inputs = [x], outputs = [x, w, a, y, z] } }
const $w : f32[2] = dense [5.0, 6.0]
state %a : f32[2] = splat 1.0
state %b : f32[2] = splat 2.0
state %c : f32[2] = splat 3.0
state %d : f32[2] = splat 4.0
graph @main(%x : f32[2]) {
  %y = add %x, %a : f32[2]
  %z = reshape %y { shape = [1, 2] } : f32[1, 2]
  return %x, $w, %a, %y, %z, next %a = %b, next %b = %c, next %c = %a, next %d = %a
}
]]

local circle_main = [[
#include "tvmgen_kws.h"

int main(void)
{
    const float x[2] = { 10.0f, 20.0f };
    float r[5][2];
    const struct tvmgen_kws_inputs in = { x };
    const struct tvmgen_kws_outputs out = { r[0], r[1], r[2], r[3], r[4] };
    struct tvmgen_kws_state s;
    int step, k;
    for (step = 0; step < 7; step++) {
        const float a = (float)(step % 3 + 1);
        if (tvmgen_kws_run(&in, &out) != 0) return 1;
        tvmgen_kws_save(&s);
        for (k = 0; k < 2; k++) {
            if (r[0][k] != x[k] || r[1][k] != (float)(5 + k) || r[2][k] != a) return 2;
            if (r[3][k] != x[k] + a || r[4][k] != x[k] + a || s.d[k] != a) return 3;
        }
    }
    return 0;
}
]]

describe("generated code", function()
  local variants = {
    { "static memory", {}, static_main },
    { "a binary file of weights", { weights = "incbin" }, static_main },
    { "an array for each buffer, sanitized", { arena = "separate" }, static_main,
      { "-fsanitize=address,undefined", "-fno-sanitize-recover=all" } },
    { "memory of the caller", { workspace = "caller" }, caller_main },
  }
  for _, variant in ipairs(variants) do
    for _, compiler in ipairs { "gcc", "clang" } do
      it(("compile and run with %s (%s)"):format(variant[1], compiler), function()
        local _, files = generated.compiled(variant[2])
        local code, said = generated.build_and_run(compiler, files, variant[3], variant[4])
        assert.equal("", said)
        assert.equal(0, code)
      end)
    end
  end

  it("copy what is returned, and states in an order that keeps old values", function()
    for _, options in ipairs { {}, { arena = "separate" } } do
      local _, files = generated.compiled(options, circle)
      local code = generated.build_and_run("gcc", files, circle_main,
        { "-fsanitize=address,undefined" })
      assert.equal(0, code)
    end
  end)
end)
