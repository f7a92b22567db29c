--- hooks_spec: whatever fails, devices are closed and deactivated as often as they must be, and
--- what failed first is what run returns.

local accelerator = require "aotlua.accelerator"
local generated = require "tests.tools.generated"
local pipeline = require "aotlua.pipeline"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

-- Two of a kind: they differ in a digit alone.
local function npu(name, op, scratch)
  return accelerator {
    name = name, device = true, headers = { "npu.h" },
    offers = { { name = op, match = ("%%y = %s %%a, %%b"):format(op),
      scratch = scratch and function() return 8 end or nil,
      emit = function()
        return ("status = npu_%s(${context}, ${a}, ${b}, ${y});"):format(op)
          .. (scratch and "\n((char *)${scratch})[7] = 1;" or "")
      end } },
  }
end

local devices = { npu("npu1", "add", true), npu("npu2", "mul", false) }

-- npu1, npu2, the host, npu1.
local source = [[
module net { source = { format = tflite, inputs = [a, b], outputs = [y] } }
graph @main(%a : f32[2], %b : f32[2]) {
  %s = add %a, %b : f32[2]
  %t = mul %s, %b : f32[2]
  %n = neg %t : f32[2]
  %y = add %n, %a : f32[2]
  return %y
}
]]

local header = [[
#include <stdint.h>
int32_t npu_add(void *context, const float *a, const float *b, float *y);
int32_t npu_mul(void *context, const float *a, const float *b, float *y);
]]

local function compiled(set, name)
  local module = text.parse((source:gsub("module net", "module " .. (name or "net"))), "in.ir")
  local kind, calls, options = set.interface, set.calls, {}
  for key, value in pairs(set) do -- order: irrelevant, into a table
    if key ~= "interface" and key ~= "calls" then options[key] = value end
  end
  local c = setmetatable({ interface = { kind = kind, calls = calls }, accelerators = devices },
    { __index = target.load "c" })
  pipeline.run(module, { target = c, options = options,
    pipeline = pipeline.new { "partition", "plan_memory", "interface", "names" } })
  local files = writers.files(module, c)
  files["src/npu.h"] = header
  return files
end

-- What a run calls, in order, where event number `fault` fails; 0: none does. In `calls` stand
-- the devices of its calls.
local function expected(calls, count, fault)
  local said, failed, active = {}, false, {}
  local function call(letter, device)
    said[#said + 1] = letter .. device
    failed = failed or #said == fault
    return #said ~= fault
  end
  for device = 1, count do
    if not failed and call("A", device) then active[#active + 1] = device end
  end
  for _, device in ipairs(calls) do
    if not failed and call("O", device) then
      call("+", device)
      call("C", device)
    end
  end
  for index = #active, 1, -1 do call("D", active[index]) end
  return table.concat(said)
end

local rows, longest = {}, #expected({ 1, 2, 1 }, 2, 0) // 2
for fault = 0, longest do rows[fault + 1] = ('"%s"'):format(expected({ 1, 2, 1 }, 2, fault)) end

-- Notes a letter and the number of the device for each call; call number fails_at returns a code.
local main = [[
#include <stdio.h>
#include <string.h>
INCLUDES
int32_t npu_add(void *context, const float *a, const float *b, float *y);
int32_t npu_mul(void *context, const float *a, const float *b, float *y);

static char said[99];
static int fails_at, calls, number[2] = { 1, 2 };
static int32_t note(void *context, const char *what)
{
    strcat(said, *(int *)context == what[1] - '0' ? what : "??");
    return ++calls == fails_at ? 100 + calls : 0;
}
int32_t TVMDeviceNpu1Activate(void *context) { return note(context, "A1"); }
int32_t TVMDeviceNpu1Open(void *context) { return note(context, "O1"); }
int32_t TVMDeviceNpu1Close(void *context) { return note(context, "C1"); }
int32_t TVMDeviceNpu1Deactivate(void *context) { return note(context, "D1"); }
int32_t TVMDeviceNpu2Activate(void *context) { return note(context, "A2"); }
int32_t TVMDeviceNpu2Open(void *context) { return note(context, "O2"); }
int32_t TVMDeviceNpu2Close(void *context) { return note(context, "C2"); }
int32_t TVMDeviceNpu2Deactivate(void *context) { return note(context, "D2"); }
int32_t npu_add(void *context, const float *a, const float *b, float *y)
{
    for (int i = 0; i < 2; i++) y[i] = a[i] + b[i];
    return note(context, "+1");
}
int32_t npu_mul(void *context, const float *a, const float *b, float *y)
{
    for (int i = 0; i < 2; i++) y[i] = a[i] * b[i];
    return note(context, "+2");
}

static float a[2] = { 3.0f, 4.0f }, b[2] = { 5.0f, 6.0f }, y[2];

RUNS

static int check(int32_t (*run)(void))
{
    static const char *const right[] = { TABLE };
    for (fails_at = 0; fails_at < (int)(sizeof right / sizeof *right); fails_at++) {
        said[0] = '\0';
        calls = 0;
        y[0] = 0.0f;
        if (run() != (fails_at > 0 ? 100 + fails_at : 0) || strcmp(said, right[fails_at]) != 0)
            return printf("%d: %s, not %s\n", fails_at, said, right[fails_at]);
        if (fails_at == 0 && (y[0] > -37.0f || y[0] < -37.0f)) return printf("%g\n", (double)y[0]);
    }
    return 0;
}

int main(void)
{
    return CHECKS;
}
]]

-- Bodies of `run` by the style of the interface.
local ways = {
  c = [[
    const struct tvmgen_NET_inputs in = { a, b };
    const struct tvmgen_NET_outputs out = { y };
    const struct tvmgen_NET_devices devices = { &number[0], &number[1] };
    return tvmgen_NET_run(&in, &out, &devices);]],
  caller = [[
    static uint8_t memory[TVMGEN_NET_WORKSPACE_SIZE + 64];
    uint8_t *start = memory + (64 - (uintptr_t)memory % 64);
    const struct tvmgen_NET_workspace_pools pools = { start, TVMGEN_NET_WORKSPACE_SIZE };
    const struct tvmgen_NET_inputs in = { a, b };
    const struct tvmgen_NET_outputs out = { y };
    const struct tvmgen_NET_devices devices = { &number[0], &number[1] };
    return tvmgen_NET_run(&in, &out, &pools, &devices);]],
  packed = [[
    struct tvmgen_NET_devices devices = { &number[0], &number[1] };
    aotrt_tensor t[3];
    aotrt_value v[3];
    aotrt_values_set(v, t, 3);
    aotrt_tensor_set(&t[0], &tvmgen_NET_metadata()->inputs[0].type, a);
    aotrt_tensor_set(&t[1], &tvmgen_NET_metadata()->inputs[1].type, b);
    aotrt_tensor_set(&t[2], &tvmgen_NET_metadata()->outputs[0].type, y);
    return tvmgen_NET_run(v, aotrt_tensor_codes(), 3, NULL, NULL, &devices);]],
}

-- A program that runs each of the models { name, way } with a fault at every place.
local function program(models)
  local includes, runs, checks = {}, {}, {}
  for i, model in ipairs(models) do
    local name, way = table.unpack(model)
    includes[i] = ('#include "tvmgen_%s.h"'):format(name)
    runs[i] = ("static int32_t run_%s(void)\n{\n%s\n}"):format(name,
      (ways[way]:gsub("_NET_", { _NET_ = "_" .. name .. "_" })
        :gsub("TVMGEN_" .. name, "TVMGEN_" .. name:upper())))
    checks[i] = ("check(run_%s) != 0"):format(name)
  end
  local words = { INCLUDES = table.concat(includes, "\n"), RUNS = table.concat(runs, "\n"),
    TABLE = table.concat(rows, ",\n"), CHECKS = table.concat(checks, " || ") }
  return (main:gsub("%u+", words))
end

local function outcome(compiler, models, flags)
  local files = {}
  for _, model in ipairs(models) do
    for path, bytes in pairs(compiled(model[3], model[1])) do -- order: irrelevant, into a table
      files[path] = bytes
    end
  end
  return { generated.build_and_run(compiler, files, program(models), flags) }
end

describe("a failure at any place of a run", function()
  it("tvm 60: (the order without one)", function()
    assert.equal("A1A2O1+1C1O2+2C2O1+1C1D2D1", expected({ 1, 2, 1 }, 2, 0))
    assert.equal("A1", expected({ 1, 2, 1 }, 2, 1))
    assert.equal("A1A2O1+1C1O2+2C2D2D1", expected({ 1, 2, 1 }, 2, 7))
    assert.equal(13, longest)
  end)

  it("defect D9: closes and deactivates what it must, the first code is returned", function()
    assert.same({ 0, "" }, outcome("gcc", { { "plain", "c", {} },
      { "boxed", "c", { calls = "packed" } }, { "one", "c", { files = "single" } },
      { "given", "caller", { workspace = "caller" } },
      { "apart", "c", { arena = "separate" } },
      { "packed", "packed", { interface = "packed" } },
      { "tensors", "packed", { interface = "packed", calls = "packed" } },
    }, { "-fsanitize=address,undefined", "-Wno-frame-larger-than" }))
  end)

  it("defect D9: the same from another compiler", function()
    assert.same({ 0, "" }, outcome("clang", { { "plain", "c", {} },
      { "packed", "packed", { interface = "packed", calls = "packed" } } }))
  end)

  it("defect D10: (devices npu1 and npu2 have hooks of their own)", function()
    local files = compiled({}, "net")
    for _, hook in ipairs { "Activate", "Open", "Close", "Deactivate" } do
      for number = 1, 2 do
        local name = ("int32_t TVMDeviceNpu%d%s(void *context);"):format(number, hook)
        assert.is_truthy(files["include/tvmgen_net.h"]:find(name, 1, true), name)
      end
    end
  end)
end)
