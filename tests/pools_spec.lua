--- pools_spec: models whose memory is several pools: what goes where, what is refused, and that
--- the numbers stay right.

local generated = require "tests.tools.generated"
local pipeline = require "aotlua.pipeline"
local plan = require "aot.plan"
local storage = require "aotlua.storage"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local GIB = 1 << 30

-- Plans IR text. `memory`: the target's, if not that of `c`.
local function planned(source, options, memory)
  local module = text.parse(source, "in.ir")
  local own = setmetatable({ memory = memory }, { __index = target.load "c" })
  pipeline.run(module, { target = own, options = options,
    pipeline = pipeline.new { "plan_memory" } })
  return module
end

local chain = [[
module m
graph @main(%x : f32[8]) {
  %a = neg %x : f32[8]
  %b = neg %a : f32[8]
  %c = add %a, %b : f32[8]
  return %c
}
]]

-- A graph of `inputs` inputs and `outputs` outputs, each through a few nodes.
local function wide(inputs, outputs)
  local params, lines, returns = {}, {}, {}
  for i = 1, inputs do
    params[i] = ("%%in%d : f32[%d]"):format(i, 8 * i)
    lines[i] = ("  %%sum%d = reduce_sum %%in%d { axes = [0], keep = true } : f32[1]"):format(i, i)
  end
  lines[#lines + 1] = ("  %%all = add %%sum1, %%sum%d : f32[1]"):format(inputs)
  for i = 1, outputs do
    lines[#lines + 1] = ("  %%out%d = neg %%%s : f32[1]"):format(i,
      i == 1 and "all" or "out" .. i - 1)
    returns[i] = "%out" .. i
  end
  return ("module m\ngraph @main(%s) {\n%s\n  return %s\n}\n"):format(table.concat(params, ", "),
    table.concat(lines, "\n"), table.concat(returns, ", "))
end

-- What a planned module needs at once, worked out from its text and from nothing of plan_memory:
-- { name, pool, offset, size, first, last }.
local function residents(module)
  local graph, position, last, list = module:main(), {}, {}, {}
  local count = 0
  for node in graph:nodes() do
    count = count + 1
    position[node] = count
    for _, value in ipairs(node.inputs) do
      if value then last[storage.root(value)] = count end
    end
  end
  for _, value in ipairs(graph.returns) do last[storage.root(value)] = count + 1 end
  local place_of = storage.places(graph)
  local function add(value, first)
    local place = place_of(value)
    if place.kind == "pool" then
      list[#list + 1] = { name = value.name, pool = place.pool, offset = place.offset,
        size = storage.byte_size(value.type), first = first, last = last[value] or first }
    end
  end
  for _, param in ipairs(graph.params) do add(param, 0) end
  for node in graph:nodes() do
    if not storage.is_view(node) then
      for _, value in ipairs(node.outputs) do add(value, position[node]) end
    end
  end
  return list
end

describe("plan_memory", function()
  it("tvm 80: says which pools there are, and what does not fit", function()
    assert.error_matches(function()
      planned(chain, {}, { pools = { { name = "sram", size = 40 } } })
    end, "pass plan_memory: %%a %(32%), %%b %(32%) need 64 bytes at once, the plan has 64; "
      .. "pool @sram has 40")
    assert.error_matches(function()
      planned(chain, { pools = "fast:20,slow:60" })
    end, "need 64 bytes at once, the plan has 0 in @fast, 64 in @slow; pool @fast has 20, "
      .. "pool @slow has 60")
  end)

  it("tvm 81: goes by the order of nodes, not by their names", function()
    local renamed = chain:gsub("%%a", "%%z"):gsub("%%b", "%%a")
    local module, other = planned(chain), planned(renamed)
    assert.equal(module:print(), (other:print():gsub("%%a", "%%b"):gsub("%%z", "%%a")))
  end)

  it("tvm 66: fills pools in the order in which they are named", function()
    local function sizes(pools)
      local found = {}
      for index, pool in ipairs(planned(chain, { pools = pools }):pools()) do
        found[index] = pool.name .. " " .. pool:get "size"
      end
      return table.concat(found, ", ")
    end
    assert.equal("fast 32, slow 32", sizes "fast:40,slow:40")
    assert.equal("slow 32, fast 32", sizes "slow:40,fast:40")
    assert.equal("fast 64, slow 0", sizes "fast:64,slow")
    assert.equal("fast 0, slow 64", sizes "fast:31,slow")
  end)

  it("tvm 85: lets a target plan by itself, and checks its plan", function()
    local asked
    local function own(buffers, pools)
      asked = { #buffers, buffers[1].name, pools[1].name }
      return plan.place(buffers, pools, { 2, 1 })
    end
    local module = planned(chain, {}, { pools = { { name = "sram" } }, plan = own })
    assert.same({ 2, "%a", "sram" }, asked)
    assert.equal(32, module:main().params[1]:users()[1]:get "at"[1][2])
    assert.error_matches(function()
      planned(chain, {}, { pools = { { name = "sram" } }, plan = function()
        return { 0, 16 }, { 1, 1 }, { 64 }
      end })
    end, "the target's own planner: %%a at %[0, 32%) and %%b at offset 16 are alive together")
    assert.error_matches(function()
      target.check { name = "t", pipeline = {}, names = "tvm",
        memory = { pools = {}, plan = "hill_climb" } }
    end, "target t: memory: field 'plan' is \"hill_climb\", not function")
  end)

  it("tvm 89: puts one and two inputs and outputs into the pools", function()
    for _, case in ipairs { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 2 } } do
      for _, pools in ipairs { "", "fast:48,slow" } do
        local module = planned(wide(table.unpack(case)), { io = "pools", pools = pools })
        assert.equal(case[1], #module:get "inputs_at")
        local list, seen = residents(module), 0
        for i, a in ipairs(list) do
          seen = seen + (a.name:find "^in" and 1 or 0) + (a.name:find "^out" and 1 or 0)
          for j = 1, i - 1 do
            local b = list[j]
            assert.is_true(a.pool ~= b.pool or a.last < b.first or b.last < a.first
              or a.offset + a.size <= b.offset or b.offset + b.size <= a.offset)
          end
        end
        assert.equal(case[1] + case[2], seen)
      end
    end
  end)

  it("reads back, and leaves nothing of an earlier plan", function()
    local module = planned(chain, { io = "pools", pools = "fast:40,slow" })
    local again = text.parse(module:print(), "in.ir")
    assert.equal(module:print(), again:print())
    assert.same({ input = 1, pool = "fast", offset = 0, size = 32 },
      storage.buffers(module:main())[1])
    pipeline.run(again, { target = target.load "c", options = { io = "caller", pools = "" },
      pipeline = pipeline.new { "plan_memory" }, anew = true })
    assert.is_nil(again:get "inputs_at")
    local sizes = {}
    for _, pool in ipairs(again:pools()) do sizes[pool.name] = pool:get "size" end
    assert.same({ fast = 0, slow = 0, workspace = 64 }, sizes)
  end)

  it("keeps weights out of the pools for results", function()
    local pools = { { name = "flash", holds = "constants" }, { name = "sram" } }
    assert.equal("sram", planned(chain, {}, { pools = pools }):pools()[1].name)
    assert.error_matches(function() planned(chain, {}, { pools = { pools[1] } }) end,
      "there is no pool for results")
  end)

  it("refuses pools that make no sense", function()
    local wrong = {
      ["fast:0,slow"] = "pool 'fast' has 0 bytes; a size is an integer from 1, or is left out",
      ["fast:99999999999999999999,slow"] = "pool 'fast' has 1e%+20 bytes",
      ["fast:64:12,slow"] = "pool 'fast' is aligned to 12; an alignment is a power of two",
      ["fast:64,fast"] = "there are two pools 'fast'",
      ["fast:64:16:1,slow"] = "'fast:64:16:1' is no pool: name, name:bytes, ",
      ["fast:,slow"] = "'fast:' is no pool", ["fast::,slow"] = "'fast::' is no pool",
      ["fast:64,"] = "'' is no pool",
      ["2fast:64,slow"] = "'2fast:64' is no pool", ["fast:-1,slow"] = "'fast:%-1' is no pool",
    }
    for pools, message in pairs(wrong) do -- order: irrelevant, each by itself
      assert.error_matches(function() planned(chain, { pools = pools }) end,
        "pass plan_memory: %-%-set pools=.*" .. message)
    end
  end)

  it("defect D15: addresses pools beyond 4 GiB", function()
    local module, files = generated.compiled({ workspace = "caller" }, [[
module big
graph @main(%x : i8[1]) {
  %a = broadcast %x { shape = [3, 1073741824] } : i8[3, 1073741824]
  %b = neg %a : i8[3, 1073741824]
  %y = reduce_max %b { axes = [0, 1], keep = true } : i8[1, 1]
  return %y
}
]])
    assert.equal(6 * GIB, module:pools()[1]:get "size")
    for path, text_of in pairs { -- order: irrelevant, each by itself
      ["include/tvmgen_big.h"] = "WORKSPACE_POOL_SIZE 6442450944",
      ["metadata.json"] = "6442450944",
      ["src/big_lib0.c"] = "workspace_pools->workspace + 3221225472",
      ["src/big_lib1.c"] = "for (int64_t i = 0; i < 3221225472; ++i)",
    } do
      assert.is_truthy(files[path]:find(text_of, 1, true), path)
    end
    local code, said = generated.build_and_run("gcc", files, "int main(void) { return 0; }\n")
    assert.same({ 0, "" }, { code, said })
  end)
end)

local pooled_main = [[
#include "tvmgen_kws.h"

static float x[TVMGEN_KWS_SERVING_AUDIO_0_COUNT];
static int8_t i[TVMGEN_KWS_INPUT_INT_COUNT] = { 0, 9, 0, 9 };
static float z[TVMGEN_KWS_Y_COUNT];
static int8_t q[TVMGEN_KWS_X_B_COUNT];

int main(void)
{
    const struct tvmgen_kws_inputs in = { x, i };
    const struct tvmgen_kws_outputs out = { q, z };
    @RUN@
    x[0] = 2.0f;
    if (RUN != TVMGEN_KWS_OK || z[0] != 0.5f || z[1] != 0.5f || q[1] != 9) return 1;
    return RUN == TVMGEN_KWS_OK && z[0] == 1.5f && z[1] == -0.5f ? 0 : 2;
}
]]

local runs = {
  static = "#define RUN tvmgen_kws_run(&in, &out)",
  caller = [[
    static union { double align; uint8_t bytes[TVMGEN_KWS_FAST_WORKSPACE_POOL_SIZE]; } fast;
    static union { double align; uint8_t bytes[TVMGEN_KWS_SLOW_WORKSPACE_POOL_SIZE]; } slow;
    static struct tvmgen_kws_state state;
    struct tvmgen_kws_workspace_pools pools;
    pools.fast = fast.bytes;
    pools.fast_size = sizeof fast.bytes;
    pools.slow = slow.bytes;
    pools.slow_size = sizeof slow.bytes;
    tvmgen_kws_reset(&state);
#define RUN tvmgen_kws_run(&in, &out, &pools, &state)]],
}

describe("two pools", function()
  it("lie in the sections that the target names", function()
    local module = text.parse(generated.source, "in.ir")
    local own = setmetatable({ memory = { pools = {
      { name = "fast", size = 100, section = ".bss.tcm" },
      { name = "slow", size = 1000, section = ".bss.sdram" } } } },
      { __index = target.load "c" })
    pipeline.run(module, { target = own, pipeline = pipeline.new {
      "plan_memory", "interface", "names" } })
    local files = writers.files(module, own)
    local source, sections = files["src/kws_lib0.c"], {}
    for section, name in source:gmatch 'AOTRT_SECTION%("([^"]+)"%) uint8_t ([%w_]+)%[' do
      sections[#sections + 1] = section .. " " .. name:match "_(%l+)_memory$"
    end
    assert.same({ ".bss.tcm fast", ".bss.sdram slow" }, sections)
    local code, said = generated.build_and_run("gcc", files,
      (pooled_main:gsub("@RUN@", runs.static)))
    assert.equal("", said)
    assert.equal(0, code)
    own.memory.pools[1].section = 'a"b'
    assert.error_matches(function()
      pipeline.run(text.parse(generated.source, "in.ir"), { target = own,
        pipeline = pipeline.new { "plan_memory" } })
    end, "target c: pool 'fast' has section 'a\"b', which no linker takes")
  end)

  for _, owner in ipairs { "static", "caller" } do
    it("compute the right numbers with workspace=" .. owner, function()
      local module, files = generated.compiled { pools = "fast:100:8,slow::8", workspace = owner }
      assert.equal(2, #module:pools())
      local main = pooled_main:gsub("@RUN@", runs[owner])
      local code, said = generated.build_and_run("gcc", files, main,
        { "-fsanitize=address,undefined" })
      assert.equal("", said)
      assert.equal(0, code)
    end)
  end
end)
