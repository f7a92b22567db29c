--- pools_spec: inputs, outputs and constants live in pools where that is asked for.

local command = require "tests.tools.command"
local failure = require "aotlua.failure"
local header_of = require "tests.tools.header"
local json = require "aotlua.json"
local programs = require "tests.tools.programs"

-- %y and %z are returned, %z is the sum of three; its middle needs memory beside them.
local function model(name)
  return ([[
module %s { source = { format = tflite, inputs = [a, b], outputs = [y, z] } }
const $w : f32[4] = dense [1.0, 2.0, 3.0, 4.0]
const $v : i16[3] = dense [1, 2, 3]
graph @main(%%a : f32[4], %%b : i16[3]) {
  %%n = neg %%a : f32[4]
  %%y = add %%n, $w : f32[4]
  %%m = add %%b, $v : i16[3]
  %%z = mul %%m, $v : i16[3]
  return %%y, %%z
}
]]):format(name)
end

-- What all programs below do once inputs and outputs are known.
local exchange = [[
    {
        static const float a[4] = { 10.0f, 20.0f, 30.0f, 40.0f };
        static const int16_t b[3] = { 4, 5, 6 };
        float y[4];
        int16_t z[3];
        int round;
        for (round = 0; round < 2; round++) {
            memcpy(inputs.a, a, sizeof a);
            memcpy(inputs.b, b, sizeof b);
            CHECK(@RUN@ == 0);
            memcpy(y, outputs.y, sizeof y);
            memcpy(z, outputs.z, sizeof z);
            CHECK(y[0] == -9.0f && y[1] == -18.0f && y[2] == -27.0f && y[3] == -36.0f);
            CHECK(z[0] == 5 && z[1] == 14 && z[2] == 27);
        }
    }
]]

local function exchanged(run) return (exchange:gsub("@RUN@", run)) end

local cases = {}

local function add(name, models, globals, code)
  cases[#cases + 1] = { name = name, models = models, globals = globals, code = code }
end

add("tvm 66: inputs and outputs are mapped into one pool, filled and read by memcpy",
  { { text = model "one", options = { io = "pools", workspace = "caller" } } }, [[
static __attribute__((aligned(16))) uint8_t memory[TVMGEN_ONE_WORKSPACE_WORKSPACE_POOL_SIZE];
]], [[
    struct tvmgen_one_workspace_pools pools;
    struct tvmgen_one_inputs inputs;
    struct tvmgen_one_outputs outputs;
    pools.workspace = memory;
    @SIZE(pools.workspace, memory)
    inputs = tvmgen_one_map_inputs(&pools);
    outputs = tvmgen_one_map_outputs(&pools);
]] .. exchanged "tvmgen_one_run(&pools)")

add("tvm 66: inputs and outputs are mapped into two pools, the first of which is small",
  { { text = model "two", options = { io = "pools", workspace = "caller",
    pools = "fast:24,slow" } } }, [[
static __attribute__((aligned(16))) uint8_t fast[TVMGEN_TWO_FAST_WORKSPACE_POOL_SIZE];
static __attribute__((aligned(16))) uint8_t slow[TVMGEN_TWO_SLOW_WORKSPACE_POOL_SIZE];
]], [[
    struct tvmgen_two_workspace_pools pools;
    struct tvmgen_two_inputs inputs;
    struct tvmgen_two_outputs outputs;
    pools.fast = fast;
    pools.slow = slow;
    @SIZE(pools.fast, fast)
    @SIZE(pools.slow, slow)
    CHECK(sizeof fast <= 24);
    inputs = tvmgen_two_map_inputs(&pools);
    outputs = tvmgen_two_map_outputs(&pools);
]] .. exchanged "tvmgen_two_run(&pools)")

add("defect D12: inputs and outputs are mapped into memory that the program owns",
  { { text = model "owned", options = { io = "pools" } } }, "", [[
    struct tvmgen_owned_inputs inputs = tvmgen_owned_map_inputs();
    struct tvmgen_owned_outputs outputs = tvmgen_owned_map_outputs();
]] .. exchanged "tvmgen_owned_run()")

add("tvm 66: results and constants have pools of the caller's, called as in TVM", {
  { text = model "flashed", options = { io = "pools", workspace = "caller", constants = "pool" },
    memory = { pools = { { name = "global_workspace" },
      { name = "global_const_workspace", holds = "constants" } } } } }, [[
static __attribute__((aligned(16))) uint8_t sram[
    TVMGEN_FLASHED_GLOBAL_WORKSPACE_WORKSPACE_POOL_SIZE];
static __attribute__((aligned(16))) uint8_t flash[
    TVMGEN_FLASHED_GLOBAL_CONST_WORKSPACE_CONSTANT_POOL_SIZE] = {
    TVMGEN_FLASHED_GLOBAL_CONST_WORKSPACE_CONSTANT_POOL_DATA
};
]], [[
    struct tvmgen_flashed_workspace_pools pools;
    struct tvmgen_flashed_inputs inputs;
    struct tvmgen_flashed_outputs outputs;
    pools.global_workspace = sram;
    pools.global_const_workspace = flash;
    @SIZE(pools.global_workspace, sram)
    @SIZE(pools.global_const_workspace, flash)
    inputs = tvmgen_flashed_map_inputs(&pools);
    outputs = tvmgen_flashed_map_outputs(&pools);
]] .. exchanged "tvmgen_flashed_run(&pools)")

-- The names of pools have nothing to do with their order.
for _, names in ipairs { { "aws", "zconst" }, { "zws", "aconst" } } do
  local ws, const = table.unpack(names)
  local own = "order" .. ws:sub(1, 1)
  add(("defect D20: pools %s and %s are not taken for each other"):format(ws, const), {
    { text = model(own), options = { io = "pools", workspace = "caller", constants = "pool" },
      memory = { pools = { { name = const, holds = "constants" }, { name = ws } } } } }, ([[
static __attribute__((aligned(16))) uint8_t ram[TVMGEN_@_WS_WORKSPACE_POOL_SIZE];
static __attribute__((aligned(16))) uint8_t rom[] = { TVMGEN_@_CONST_CONSTANT_POOL_DATA };
]]):gsub("@_WS", own:upper() .. "_" .. ws:upper()):gsub("@_CONST",
    own:upper() .. "_" .. const:upper()), ([[
    struct tvmgen_@_workspace_pools pools;
    struct tvmgen_@_inputs inputs;
    struct tvmgen_@_outputs outputs;
    pools.#WS = ram;
    pools.#CONST = rom;
    @SIZE(pools.#WS, ram)
    @SIZE(pools.#CONST, rom)
    inputs = tvmgen_@_map_inputs(&pools);
    outputs = tvmgen_@_map_outputs(&pools);
]] .. exchanged("tvmgen_@_run(&pools)")):gsub("@SIZE", "%%SIZE"):gsub("@", own)
    :gsub("%%SIZE", "@SIZE"):gsub("#WS", ws):gsub("#CONST", const))
end

add("constants may be the only thing that the caller gives",
  { { text = model "given", options = { io = "pools", constants = "pool" } } }, [[
static __attribute__((aligned(16))) uint8_t rom[] = { TVMGEN_GIVEN_CONSTANTS_CONSTANT_POOL_DATA };
]], [[
    struct tvmgen_given_workspace_pools pools;
    struct tvmgen_given_inputs inputs = tvmgen_given_map_inputs();
    struct tvmgen_given_outputs outputs = tvmgen_given_map_outputs();
    pools.constants = rom;
    @SIZE(pools.constants, rom)
]] .. exchanged "tvmgen_given_run(&pools)")

add("tvm 66: two models take turns in one pool, which has the size of the larger", {
  { text = model "mod1", options = { io = "pools", workspace = "caller" } },
  { text = model "mod2":gsub("f32%[4%]", "f32[8]"):gsub("4%.0%]", "4.0, 0.0, 0.0, 0.0, 0.0]"),
    options = { io = "pools", workspace = "caller" } } }, [[
#define MAX(a, b) ((a) > (b) ? (a) : (b))
static __attribute__((aligned(16))) uint8_t memory[MAX(
    TVMGEN_MOD1_WORKSPACE_WORKSPACE_POOL_SIZE, TVMGEN_MOD2_WORKSPACE_WORKSPACE_POOL_SIZE)];
]], [[
    CHECK(TVMGEN_MOD1_WORKSPACE_WORKSPACE_POOL_SIZE < TVMGEN_MOD2_WORKSPACE_WORKSPACE_POOL_SIZE);
    {
        struct tvmgen_mod2_workspace_pools pools;
        struct tvmgen_mod2_inputs inputs;
        struct tvmgen_mod2_outputs outputs;
        pools.workspace = memory;
        @SIZE(pools.workspace, memory)
        inputs = tvmgen_mod2_map_inputs(&pools);
        outputs = tvmgen_mod2_map_outputs(&pools);
]] .. exchanged "tvmgen_mod2_run(&pools)" .. [[
    }
    {
        struct tvmgen_mod1_workspace_pools pools;
        struct tvmgen_mod1_inputs inputs;
        struct tvmgen_mod1_outputs outputs;
        pools.workspace = memory;
        @SIZE(pools.workspace, memory)
        inputs = tvmgen_mod1_map_inputs(&pools);
        outputs = tvmgen_mod1_map_outputs(&pools);
]] .. exchanged "tvmgen_mod1_run(&pools)" .. [[
    }
]])

-- Structs of element types have a size beside each pool.
local function in_style(case, pointers)
  local copy = {}
  for key, value in pairs(case) do copy[key] = value end -- order: irrelevant, a copy
  copy.code = case.code:gsub("    *@SIZE(%b())\n", function(words)
    local member, memory = words:match "%(([%w_.]+), ([%w_]+)%)"
    return pointers == "typed" and ("    %s_size = sizeof %s;\n"):format(member, memory) or ""
  end)
  return copy
end

for _, way in ipairs { { "void", "gcc", "c11" }, { "void", "gcc", "cxx" },
  { "typed", "clang", "c11", { "-fsanitize=address,undefined" } }, { "typed", "gcc", "cxx" } } do
  local pointers, compiler, dialect, flags = table.unpack(way)
  describe(("a caller of pools with %s pointers (%s, %s)"):format(pointers, compiler, dialect),
    function()
      local own, built = {}, nil
      for index, case in ipairs(cases) do own[index] = in_style(case, pointers) end
      setup(function()
        built = programs.build { compiler = compiler, dialect = dialect, cases = own, flags = flags,
          options = { pointers = pointers, files = "single" } }
      end)
      teardown(function() built:close() end)
      for number, case in ipairs(own) do
        it(case.name, function() assert.same({ 0, "" }, { built:run(number) }) end)
      end
    end)
end

describe("a pool of constants", function()
  local function header(memory)
    local files = programs.files({ text = model "m", options = { constants = "pool" },
      memory = memory })
    return files["include/tvmgen_m.h"], header_of.read(files["include/tvmgen_m.h"])
  end

  it("defect D23: has zeros between constants, always the same bytes", function()
    local said, read = header { pools = { { name = "ram" },
      { name = "rom", align = 64, holds = "constants" } } }
    assert.equal("70", read.macros.TVMGEN_M_ROM_CONSTANT_POOL_SIZE)
    local bytes = {}
    for byte in read.macros.TVMGEN_M_ROM_CONSTANT_POOL_DATA:gmatch "0x(%x%x)," do
      bytes[#bytes + 1] = byte
    end
    assert.equal("0000803f000000400000404000008040" .. ("00"):rep(48) .. "010002000300",
      table.concat(bytes))
    assert.equal(said, (header { pools = { { name = "ram" },
      { name = "rom", align = 64, holds = "constants" } } }))
  end)

  it("has no more than the target says, in as many pools as the target has", function()
    local _, read = header { pools = { { name = "ram" },
      { name = "itcm", size = 16, holds = "constants" }, { name = "rom", holds = "constants" } } }
    assert.same({ "16", "6" }, { read.macros.TVMGEN_M_ITCM_CONSTANT_POOL_SIZE,
      read.macros.TVMGEN_M_ROM_CONSTANT_POOL_SIZE })
    assert.error_matches(function()
      header { pools = { { name = "ram" }, { name = "rom", size = 20, holds = "constants" } } }
    end, "%$v %(6 bytes%) has no room: all constants need 22 bytes; pool @rom has 20")
  end)

  it("is no working memory", function()
    local folder = command.folder()
    local report = json.decode(folder:output { "analyze", "tiny.ir", "--json", "--set",
      "constants=pool" })
    folder:close()
    assert.same({ 0, 0, 16 }, { #report.ram.pools, report.ram.arena, report.flash.weights })
  end)

  it("is not one that has results as well", function()
    assert.error_matches(function() header { pools = { { name = "constants" } } } end,
      "pool @constants is for results")
  end)

  it("tvm 66, 30: does not go with what has no place for it, and says what would do", function()
    for _, row in ipairs {
      { { io = "pools" }, "packed", "%-%-interface packed and %-%-set io=pools do not go together: "
        .. "a packed call takes .*; legal would be %-%-interface c or %-%-set io=caller$" },
      { { constants = "pool", weights = "incbin" }, "c", "constants=pool and %-%-set weights="
        .. "incbin do .*; legal would be %-%-set constants=arrays or %-%-set weights=auto" },
    } do
      local refused = { pcall(require "aotlua.interfaces.options".choose, setmetatable(row[1],
        { __index = { pointers = "typed", workspace = "static", io = "caller",
          constants = "arrays", files = "split", weights = "auto", arena = "shared",
          application = "" } }), { kind = row[2] }) }
      assert.is_false(refused[1])
      assert.matches(row[3], failure.text(refused[2]))
    end
  end)
end)
