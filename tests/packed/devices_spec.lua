--- devices_spec: what devices compute is called with tensors, within their hooks, and a failure
--- closes what is open.

local accelerator = require "aotlua.accelerator"
local generated = require "tests.tools.generated"
local pipeline = require "aotlua.pipeline"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local probe = accelerator {
  name = "probe_u55",
  device = true,
  offers = {
    { name = "add", match = "%y = add %a, %b", emit = function()
      return "status = probe_add(${context}, ${a}, ${b}, ${y}, ${scratch});"
    end, scratch = function() return 8 end },
  },
  headers = { "probe.h" },
}

local source = [[
module net { source = { format = tflite, inputs = [a, b], outputs = [y] } }
graph @main(%a : f32[2], %b : f32[2]) {
  %s = add %a, %b : f32[2]
  %t = mul %s, %b : f32[2]
  %y = add %t, %a : f32[2]
  return %y
}
]]

local header = [[
#include <stdint.h>
int32_t probe_add(void *context, const float *a, const float *b, float *y, void *scratch);
]]

local function compiled(kind)
  local module = text.parse(source, "in.ir")
  local c = setmetatable({ interface = { kind = kind, calls = "packed" },
    accelerators = { probe } }, { __index = target.load "c" })
  pipeline.run(module, { target = c, pipeline = pipeline.new { "partition", "plan_memory",
    "interface", "names" } })
  local files = writers.files(module, c)
  files["src/probe.h"] = header
  return files
end

-- The program writes down what is called: a letter each, in order.
local main = [[
#include <stdio.h>
#include <string.h>
#include "tvmgen_net.h"
int32_t probe_add(void *context, const float *a, const float *b, float *y, void *scratch);

static char said[32];
static int fails_at;
static int32_t note(void *context, char letter)
{
    said[strlen(said)] = (char)(context == &fails_at ? letter : '?');
    return fails_at == (int)strlen(said) ? 100 + fails_at : 0;
}
int32_t TVMDeviceProbeU55Activate(void *context) { return note(context, 'A'); }
int32_t TVMDeviceProbeU55Open(void *context) { return note(context, 'O'); }
int32_t TVMDeviceProbeU55Close(void *context) { return note(context, 'C'); }
int32_t TVMDeviceProbeU55Deactivate(void *context) { return note(context, 'D'); }
int32_t probe_add(void *context, const float *a, const float *b, float *y, void *scratch)
{
    ((char *)scratch)[7] = 1;
    y[0] = a[0] + b[0];
    y[1] = a[1] + b[1];
    return note(context, '+');
}

static float a[2] = { 3.0f, 4.0f }, b[2] = { 5.0f, 6.0f }, y[2];
static struct tvmgen_net_devices devices;

static int32_t run(void)
{
CALL
}

int main(void)
{
    static const char *const calls[] = { "AO+CO+CD", "A", "AOD", "AO+CD", "AO+CD", "AO+COD",
        "AO+CO+CD", "AO+CO+CD", "AO+CO+CD" };
    devices.probe_u55 = &fails_at;
    for (fails_at = 0; fails_at < 9; fails_at++) {
        memset(said, 0, sizeof said);
        if (run() != (fails_at > 0 ? 100 + fails_at : 0) || strcmp(said, calls[fails_at]) != 0) {
            printf("%d: %s\n", fails_at, said);
            return 1;
        }
        if (fails_at == 0 && (y[0] != 43.0f || y[1] != 64.0f)) return 2;
    }
    return 0;
}
]]

local ways = {
  c = [[
    const struct tvmgen_net_inputs in = { a, b };
    const struct tvmgen_net_outputs out = { y };
    return tvmgen_net_run(&in, &out, &devices);]],
  packed = [[
    aotrt_tensor t[3];
    aotrt_value v[3];
    aotrt_values_set(v, t, 3);
    aotrt_tensor_set(&t[0], &tvmgen_net_metadata()->inputs[0].type, a);
    aotrt_tensor_set(&t[1], &tvmgen_net_metadata()->inputs[1].type, b);
    aotrt_tensor_set(&t[2], &tvmgen_net_metadata()->outputs[0].type, y);
    if (tvmgen_net_run(v, aotrt_tensor_codes(), 3, NULL, NULL, NULL) != TVMGEN_NET_ERROR_NULL)
        return -99;
    return tvmgen_net_run(v, aotrt_tensor_codes(), 3, NULL, NULL, &devices);]],
}

describe("devices and packed calls", function()
  for _, kind in ipairs { "c", "packed" } do
    it(("tvm 60: are activated, opened, called, closed, deactivated (%s)"):format(kind), function()
      local program = main:gsub("CALL", function() return ways[kind] end)
      assert.same({ 0, "" }, { generated.build_and_run("gcc", compiled(kind), program) })
    end)
  end
end)
