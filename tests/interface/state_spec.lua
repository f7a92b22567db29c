--- state_spec: what is kept between calls is reset, copied and restored, whoever owns it and
--- however it is reached.

local command = require "tests.tools.command"
local generated = require "tests.tools.generated"
local programs = require "tests.tools.programs"
local template = require "aotlua.template"

local model = [[
module @ { source = { format = tflite, inputs = [x, n], outputs = [y, old] } }
state %sum : i32[2] = dense [1, 2]
state %last : i8[3] = splat 7
graph @main(%x : i32[2], %n : i8[3]) {
  %next = add %sum, %x : i32[2]
  %y = neg %next : i32[2]
  %old = neg %last : i8[3]
  return %y, %old, next %sum = %next, next %last = %n
}
]]

local code = template [[
    static int32_t x[2] = { 10, 20 };
    static int8_t n[3] = { 1, 2, 3 };
    ${declare}
    CHECK(RUN == 0 && y[0] == -11 && y[1] == -22 && old[0] == -7);
    CHECK(RUN == 0 && y[0] == -21 && y[1] == -42 && old[0] == -1 && old[2] == -3);
    ${save}
    CHECK(saved.sum[0] == 21 && saved.last[2] == 3 && sizeof saved == MACRO_STATE_SIZE);
    CHECK(RUN == 0 && y[0] == -31);
    ${restore}
    CHECK(RUN == 0 && y[0] == -31);
    ${reset}
    CHECK(RUN == 0 && y[0] == -11 && y[1] == -22 && old[0] == -7);
]]

-- How the program reaches inputs and outputs, in memory of its own or in pools.
local exchanges = {
  caller = { declare = [[
int32_t y[2];
int8_t old[3];
struct NAME_inputs in;
struct NAME_outputs out;
in.x = x;
in.n = n;
out.y = y;
out.old = old;
]], fill = "(void)0", arguments = { "&in", "&out" } },
  pools = { declare = [[
struct NAME_inputs in = NAME_map_inputs();
struct NAME_outputs out = NAME_map_outputs();
int32_t *const y = (int32_t *)out.y;
int8_t *const old = (int8_t *)out.old;
]], fill = "memcpy(in.x, x, sizeof x), memcpy(in.n, n, sizeof n)", arguments = {} },
}

-- How it reaches the state.
local owners = {
  static = { declare = "struct NAME_state saved;\n", save = "NAME_save(&saved);",
    restore = "NAME_restore(&saved);", reset = "NAME_reset();", arguments = {} },
  caller = { declare = "struct NAME_state state, saved;\nNAME_reset(&state);\n",
    save = "saved = state;", restore = "state = saved;", reset = "NAME_reset(&state);",
    arguments = { "&pools", "&state" } },
}

local memory = [[
static __attribute__((aligned(16))) uint8_t memory[MACRO_WORKSPACE_SIZE];
]]

local function case(number, options)
  local name, words = "kept" .. number, {}
  for key, value in pairs(options) do words[#words + 1] = key .. "=" .. value end -- order: sorted
  table.sort(words)
  local exchange, owner = exchanges[options.io or "caller"], owners[options.workspace or "static"]
  local given = table.move(owner.arguments, 1, #owner.arguments, #exchange.arguments + 1,
    { table.unpack(exchange.arguments) })
  local caller = options.workspace == "caller"
  local pools = not caller and "" or "struct NAME_workspace_pools pools;\n"
    .. "pools.workspace = memory;\n"
    .. (options.pointers == "void" and "" or "pools.workspace_size = sizeof memory;\n")
  local globals = ("%s#undef RUN\n#define RUN (%s, NAME_run(%s))\n"):format(caller and memory or "",
    exchange.fill, table.concat(given, ", "))
  local text = code { declare = exchange.declare .. pools .. owner.declare, save = owner.save,
    restore = owner.restore, reset = owner.reset }
  local function named(c)
    return (c:gsub("NAME", "tvmgen_" .. name):gsub("MACRO", "TVMGEN_" .. name:upper()))
  end
  return { name = #words > 0 and table.concat(words, ", ") or "the default",
    models = { { text = model:gsub("@", name, 1), options = options } },
    globals = named(globals), code = named(text) }
end

local cases = {}
for number, options in ipairs { {}, { files = "single" }, { pointers = "void" },
  { workspace = "caller" }, { workspace = "caller", pointers = "void", files = "single" },
  { io = "pools" }, { arena = "separate" } } do
  cases[number] = case(number, options)
end

for _, way in ipairs { { "gcc", "c11" }, { "clang", "c11" }, { "gcc", "cxx" } } do
  describe(("what is kept between calls (%s, %s)"):format(way[1], way[2]), function()
    local built
    setup(function()
      built = programs.build { compiler = way[1], dialect = way[2], cases = cases }
    end)
    teardown(function() built:close() end)
    for number, one in ipairs(cases) do
      it("is reset, copied and restored with " .. one.name, function()
        assert.same({ 0, "" }, { built:run(number) })
      end)
    end
  end)
end

describe("a state without elements", function()
  for _, workspace in ipairs { "static", "caller" } do
    it("is no reason for a warning with workspace=" .. workspace, function()
      local _, files = generated.compiled({ workspace = workspace }, [[
module none
state %s : f32[0] = splat 0.0
graph @main(%x : f32[2]) {
  %y = neg %x : f32[2]
  return %y, next %s = %s
}
]])
      local given = workspace == "caller" and "&state" or ""
      assert.same({ 0, "" }, { generated.build_and_run("gcc", files, ([[
#include "tvmgen_none.h"
int main(void)
{
    struct tvmgen_none_state state = { { 0 } };
    tvmgen_none_reset(%s);
    return (int)state.s[0];
}
]]):format(given)) })
    end)
  end

  it("begins at infinity or without a number, too", function()
    local folder = command.folder()
    folder:write("net.ir", [[
module net
state %most : f32[3] = splat -inf
state %sum : f32[3] = dense [1.0, nan, -inf]
graph @main(%x : f32[3]) {
  %y = max %most, %x : f32[3]
  %z = add %sum, %x : f32[3]
  return %y, %z, next %most = %y, next %sum = %z
}
]])
    for _, option in ipairs { "files=split", "files=single", "workspace=caller" } do
      local status, said = folder:run { "verify", "net.ir", "--set", option }
      assert.equal(0, status, said)
    end
    folder:close()
  end)
end)
