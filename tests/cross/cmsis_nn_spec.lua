--- cmsis_nn_spec: where CMSIS_NN_ROOT names a checkout of CMSIS-NN, it computes what the evaluator
--- does, to the bit, on cores of all variants, and takes as much memory as we say.

local cases = require "tests.tools.cmsis_nn"
local command = require "tests.tools.command"
local cross = require "tests.tools.cross"
local models = require "tests.tools.models"
local sizes = require "targets.cmsis_nn.sizes"

local root, without = cases.root()

-- Variants of the library by target; the first runs here.
local TARGETS = { "c", "cortex_m3", "cortex_m4", "cortex_m55" }

local NETWORKS = {
  "ds_cnn_s_int16x8.tflite", "mlperf_ad_int8.tflite", "mlperf_ic_int8.tflite",
  "mlperf_kws_int8.tflite", "mlperf_sww_int8.tflite", "mlperf_vww_int8.tflite",
}

-- Sizes ---------------------------------------------------------------------------------------

-- Asks the library for the sizes of each window.
local ASK = [[
#include <stdio.h>
#include "arm_nnfunctions.h"
int main(void)
{
    static const struct { cmsis_nn_dims x, w, d, y; cmsis_nn_tile stride, pad, dilation; } all[] = {
%s
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const cmsis_nn_dims x = all[i].x, w = all[i].w, y = all[i].y, d = all[i].d;
        const cmsis_nn_conv_params c = { .stride = all[i].stride, .padding = all[i].pad,
                                         .dilation = all[i].dilation };
        const cmsis_nn_dw_conv_params p = { .stride = all[i].stride, .padding = all[i].pad,
                                            .dilation = all[i].dilation, .ch_mult = d.c / x.c };
        const cmsis_nn_dims z = { y.n, y.h, y.w, d.c };
        printf("%%ld %%ld %%ld %%ld %%ld\n",
               (long)arm_convolve_wrapper_s8_get_buffer_size(&c, &x, &w, &y),
               (long)arm_depthwise_conv_wrapper_s8_get_buffer_size(&p, &x, &d, &z),
               (long)arm_convolve_wrapper_s16_get_buffer_size(&c, &x, &w, &y),
               (long)arm_depthwise_conv_wrapper_s16_get_buffer_size(&p, &x, &d, &z),
               (long)arm_avgpool_s8_get_buffer_size(y.w, x.c));
    }
    return 0;
}
]]

-- A window as sizes.lua has it, and as C.
local function window(random)
  local function pick(...) return random:pick { ... } end
  local row = pick(true, false, false)
  local v, h = random:window(row, { 1, 1, 2, 3, 5 }, { 1, 1, 2 })
  local inner, outer, multiplier = random:from(2, 150), random:from(1, 9), pick(1, 1, 2)
  local w = { batch = pick(1, 1, 2), in_h = v.extent, in_w = h.extent, in_c = inner, out_h = v.out,
    out_w = h.out, out_c = outer, kernel_h = v.kernel, kernel_w = h.kernel, kernel_c = inner,
    stride_h = v.stride, stride_w = h.stride, dilation_h = v.dilation, dilation_w = h.dilation,
    top = v.before, left = h.before }
  local text = ("        { { %d, %d, %d, %d }, { %d, %d, %d, %d }, { 1, %d, %d, %d }, "
    .. "{ %d, %d, %d, %d }, { %d, %d }, { %d, %d }, { %d, %d } },"):format(w.batch, v.extent,
    h.extent, inner, outer, v.kernel, h.kernel, inner, v.kernel, h.kernel, inner * multiplier,
    w.batch, v.out, h.out, outer, h.stride, v.stride, h.before, v.before, h.dilation, v.dilation)
  return w, text, inner * multiplier
end

local function expected(kind, w, depthwise)
  local deep = {}
  for key, value in pairs(w) do deep[key] = value end -- order: irrelevant, a copy
  deep.out_c = depthwise
  return ("%d %d %d %d %d"):format(sizes.convolve_s8(kind, w), sizes.depthwise_s8(kind, deep),
    sizes.convolve_s16(kind, w), sizes.depthwise_s16(kind, deep), sizes.average(kind, w))
end

describe("CMSIS-NN", function()
  if not root then
    it("is compared with the evaluator", function() pending(without) end)
    return
  end

  local random, lines, want = cases.random(7), {}, { plain = {}, dsp = {}, mve = {} }
  for i = 1, 300 do
    local w, text, depthwise = window(random)
    lines[i] = text
    for kind, list in pairs(want) do -- order: irrelevant, each has its list
      list[i] = expected(kind, w, depthwise)
    end
  end

  for _, case in ipairs { { "c", "plain" }, { "cortex_m4", "dsp" }, { "cortex_m55", "mve" } } do
    local name, kind = case[1], case[2]
    it(("tvm 111: takes the memory that is planned, %s"):format(kind), function()
      local missing = cross.missing(name)
      if missing then return pending(missing) end
      local main = ASK:format(table.concat(lines, "\n"))
      local code, said = cross.run(name .. ",cmsis_nn", { main = main })
      assert.equal(0, code, said)
      assert.equal(table.concat(want[kind], "\n") .. "\n", said)
    end)
  end

  local function computes(name, net)
    local missing = cross.missing(name)
    if missing then return pending(missing) end
    local folder = command.folder()
    folder:write("net.ir", net)
    local code, said = folder:run { "verify", "net.ir", "--target", name .. ",cmsis_nn" }
    folder:close()
    assert.equal(0, code, said)
  end

  for _, name in ipairs(TARGETS) do
    it("tvm 107, 108, 109: computes layers on " .. name, function()
      computes(name, cases.net(1, 60))
    end)
  end

  it("tvm 108: computes rows that Helium's variant cuts", function()
    computes("cortex_m55", cases.net(2, 120, { "row" }))
  end)

  local list, none = models.list { all = true }
  if none then it("has networks", function() pending(none) end) end
  for _, name in ipairs { "cortex_m4", "cortex_m55" } do
    for _, model in ipairs(list) do
      for _, wanted in ipairs(NETWORKS) do
        if wanted == model.name then
          it(("tvm 110: gives the numbers of %s on %s"):format(model.name, name), function()
            local missing = cross.missing(name)
            if missing then return pending(missing) end
            local words = { "verify", model.path, "--target", name .. ",cmsis_nn" }
            models.must(table.move(model.data, 1, #model.data, #words + 1, words))
          end)
        end
      end
    end
  end
end)
