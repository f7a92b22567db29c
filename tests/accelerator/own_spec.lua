--- own_spec: the example of accelerators of one's own: short, right, and checked by drivers that
--- refuse what the hardware would choke on.

local command = require "tests.tools.command"
local data = require "aot.data"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local example = program.root .. "/examples/own_accelerator"
local acme, bolt = example .. "/acme_npu.lua", example .. "/bolt_dsp.lua"
local digits = program.root .. "/examples/digits/digits_int8.onnx"

local function read(path)
  local view = data.open(path)
  return view:string(0, #view)
end

-- Calls the drivers with what they are to refuse, one thing wrong at a time.
local misuse = [[
#include <stdio.h>
#include <stdint.h>
#include "acme_npu.h"
#include "bolt_dsp.h"

int32_t TVMDeviceAcmeNpuActivate(void *context);
int32_t TVMDeviceAcmeNpuOpen(void *context);
int32_t TVMDeviceAcmeNpuClose(void *context);
int32_t TVMDeviceAcmeNpuDeactivate(void *context);
int32_t TVMDeviceBoltDspActivate(void *context);
int32_t TVMDeviceBoltDspOpen(void *context);

static int wrong;
static void is(int line, long got, long want)
{
    if (got != want) wrong = printf("line %d: %ld, not %ld\n", line, got, want);
}
#define IS(want, got) is(__LINE__, got, want)

static _Alignas(16) int8_t in[64], blocks[64], out[64], rows[64];
static _Alignas(16) int32_t bias[16];
static _Alignas(16) float scale[16];
static struct acme_npu npu;
static struct bolt_dsp dsp;

static const struct acme_conv good = { 2, 2, 2, 2, 2, 8, 1, 1, 0, 0, 1, 1, 0, 0, 1, 4 };

static int32_t with(int field, int32_t value)
{
    struct acme_conv c = good;
    ((int32_t *)&c)[field] = value;
    return acme_npu_conv(&npu, &c, in, blocks, bias, scale, out, rows);
}

static int32_t at(int moved)
{
    return acme_npu_conv(&npu, &good, in + 4 * (moved == 0), blocks + 4 * (moved == 1),
                         bias + (moved == 2), scale + (moved == 3), out + 8 * (moved == 4),
                         rows + (moved == 5));
}

int main(void)
{
    static const int32_t bad[][2] = { { 0, 0 }, { 3, 9 }, { 5, 7 }, { 6, 0 }, { 8, 1 }, { 10, 0 },
        { 11, -1 }, { 14, 2 }, { 15, 3 }, { 15, 5 } };
    const struct bolt_pool pool = { 4, 4, 2, 2, 2, 2, 2, 0, 0, 2, 2 };
    const struct bolt_pool outside = { 4, 4, 2, 3, 2, 2, 2, 0, 0, 2, 2 };
    const struct bolt_move move = { { 1, 1, 2, 4 }, { 0, 0, 1, 2 }, 8 };
    const struct bolt_move beyond = { { 1, 1, 2, 4 }, { 0, 0, 2, 2 }, 8 };
    const struct bolt_move small = { { 1, 1, 2, 4 }, { 0, 0, 1, 2 }, 9 };
    IS(ACME_ERROR_CLOSED, at(-1));
    IS(ACME_ERROR_CLOSED, TVMDeviceAcmeNpuOpen(&npu));
    IS(ACME_OK, TVMDeviceAcmeNpuActivate(&npu));
    IS(ACME_ERROR_CLOSED, TVMDeviceAcmeNpuActivate(&npu));
    IS(ACME_ERROR_CLOSED, TVMDeviceAcmeNpuClose(&npu));
    IS(ACME_ERROR_CLOSED, at(-1));
    IS(ACME_OK, TVMDeviceAcmeNpuOpen(&npu));
    IS(ACME_ERROR_CLOSED, TVMDeviceAcmeNpuOpen(&npu));
    IS(ACME_ERROR_CLOSED, acme_npu_conv(NULL, &good, in, blocks, bias, scale, out, rows));
    IS(ACME_OK, at(-1));
    for (int moved = 0; moved < 6; moved++) IS(ACME_ERROR_ADDRESS, at(moved));
    for (int i = 0; i < 10; i++) IS(ACME_ERROR_SHAPE, with(bad[i][0], bad[i][1]));
    IS(ACME_ERROR_SHAPE, acme_npu_relu(&npu, scale, scale, 0));
    IS(ACME_ERROR_ADDRESS, acme_npu_relu(&npu, scale + 1, scale, 1));
    IS(ACME_ERROR_CLOSED, TVMDeviceAcmeNpuDeactivate(&npu));
    IS(1, npu.commands);
    IS(BOLT_ERROR_CLOSED, bolt_dsp_pool(&dsp, &pool, in, out));
    IS(BOLT_OK, TVMDeviceBoltDspActivate(&dsp));
    IS(BOLT_OK, TVMDeviceBoltDspOpen(&dsp));
    IS(BOLT_OK, bolt_dsp_pool(&dsp, &pool, in, out));
    IS(BOLT_ERROR_SHAPE, bolt_dsp_pool(&dsp, &outside, in, out));
    IS(BOLT_ERROR_ADDRESS, bolt_dsp_pool(&dsp, &pool, in + 4, out));
    IS(BOLT_OK, bolt_dsp_move(&dsp, &move, in, out));
    IS(BOLT_ERROR_SHAPE, bolt_dsp_move(&dsp, &beyond, in, out));
    IS(BOLT_ERROR_SHAPE, bolt_dsp_move(&dsp, &small, in, out));
    IS(BOLT_ERROR_ADDRESS, bolt_dsp_move(&dsp, &move, in, out + 1));
    IS(2, dsp.jobs);
    return wrong != 0;
}
]]

describe("accelerators of one's own", function()
  local folder = command.folder()
  folder:output { example .. "/build.lua", folder.path .. "/model" }
  teardown(function() folder:close() end)

  -- The program of the example, around what is in `model`.
  local function build(model)
    return shell.must({ "sh", "-c", [[
      set -e
      flags="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off"
      cc $flags -I$1/include -I$1/src -I$0 $1/src/*.c $0/*.c -lm -o main
      for digit in 0 3 7; do ./main $0/../digits/images/$digit.pgm; done]], example, model },
      { folder = folder.path })
  end

  local function expected(opens)
    local said = {}
    for i, digit in ipairs { 0, 3, 7 } do
      said[i] = ([[
this is a %d
acme_npu: activated 1, opened 2, 2 commands
bolt_dsp: activated 1, opened %d, 3 jobs
]]):format(digit, opens)
    end
    return table.concat(said)
  end

  it("take at most 150 lines of at most 100 columns from a vendor", function()
    for _, path in ipairs { acme, bolt } do
      local count = 0
      for line in read(path):gmatch "[^\n]+" do
        count = count + (line:find "%S" and 1 or 0)
        assert.is_true(#line <= 100, line)
      end
      assert.is_true(count <= 150, path)
    end
  end)

  it("tvm 45: find the digits, neighbors handed over together", function()
    assert.equal(expected(2), build "model")
  end)

  it("tvm 45: find the digits, each node handed over by itself", function()
    local alone = read(bolt):gsub("\n  regions = true,", "")
    folder:write("bolt_dsp.lua", alone)
    folder:output { digits, "--name", "digits", "--target", "c," .. acme .. ",bolt_dsp.lua", "-o",
      "alone" }
    assert.equal(expected(3), build "alone")
  end)

  it("tvm 46: agree with the evaluator, in every order", function()
    for _, target in ipairs { { acme, bolt }, { bolt, acme } } do
      folder:output { "verify", digits, "--target", "c," .. table.concat(target, ",") }
    end
  end)

  it("are built by CMake as the README says", function()
    shell.must({ "cmake", "-S", example, "-B", "app", "-DMODEL=" .. folder.path .. "/model" },
      { folder = folder.path })
    shell.must({ "cmake", "--build", "app" }, { folder = folder.path })
    assert.matches("^this is a 7\n", shell.must({ "app/own_accelerator",
      example .. "/../digits/images/7.pgm" }, { folder = folder.path }))
  end)

  it("are shared by the models of an application, whose hooks are the same", function()
    folder:write("build.lua", ([[
local target = "c,%s,%s"
local function model(name) return { model = "%s", name = name, target = target } end
require "aotlua".application { name = "both", out = "both", operators = "shared",
  models = { model "one", model "two" } }
]]):format(acme, bolt, digits))
    folder:write("both.c", [[
#include "acme_npu.h"
#include "bolt_dsp.h"
#include "tvmgen_both.h"

static struct acme_npu npu;
static struct bolt_dsp dsp;
static float image[64] = { 0.5f, 0.25f }, first[10], second[10];

int main(void)
{
    const struct tvmgen_one_inputs a = { image };
    const struct tvmgen_one_outputs b = { first };
    const struct tvmgen_one_devices c = { &npu, &dsp };
    const struct tvmgen_two_inputs d = { image };
    const struct tvmgen_two_outputs e = { second };
    const struct tvmgen_two_devices f = { &npu, &dsp };
    if (tvmgen_one_run(&a, &b, &c) != 0 || tvmgen_two_run(&d, &e, &f) != 0) return 1;
    for (int i = 0; i < 10; i++)
        if (first[i] < second[i] || first[i] > second[i]) return 2;
    return npu.activations == 2 && npu.commands == 4 && dsp.opens == 4 ? 0 : 3;
}
]])
    folder:output { "build.lua" }
    shell.must({ "sh", "-c", [[
      cc -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off \
        -fsanitize=address,undefined -I"$0" -Iboth/include -Iboth/src both.c both/src/*.c \
        "$0/acme_npu.c" "$0/bolt_dsp.c" -lm -o both.out && ./both.out]], example },
      { folder = folder.path })
  end)

  it("have drivers that check what they are handed", function()
    folder:write("misuse.c", misuse)
    shell.must({ "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined",
      "-I", example, "misuse.c", example .. "/acme_npu.c", example .. "/bolt_dsp.c", "-lm", "-o",
      "misuse" }, { folder = folder.path })
    assert.equal("", shell.must({ "./misuse" }, { folder = folder.path }))
  end)
end)
