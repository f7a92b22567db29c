--- writers_spec: the generated files compile without a word, and the interface keeps its word.

local cc = require "aotlua.cc"
local data = require "aot.data"
local json = require "aotlua.json"
local output = require "aotlua.output"
local pipeline = require "aotlua.pipeline"
local system = require "aot.system"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

-- An input read with a constant, a state written straight, and names that C does not take.
local source = [[
module kws { source = { format = tflite, inputs = ["serving/audio:0", int], outputs = ["a*/b", y]}}
const $w : f32[4, 3] = dense [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
state %ring : f32[2, 4, 3] = splat 0.5
state %start : i8[4] q(0.5, 3) = dense [1, 2, 3, 4]
graph @main(%x : f32[2, 4, 3], %i : i8[4] q(0.5, 3)) {
  %y = mul %x, $w : f32[2, 4, 3]
  %old = neg %ring : f32[2, 4, 3]
  %new = add %y, %old : f32[2, 4, 3]
  %r = reshape %old { shape = [24] } : f32[24]
  %q = max %i, %start : i8[4] q(0.5, 3)
  %z = neg %r : f32[24]
  return %q, %z, next %ring = %new
}
]]

local function compiled(options, ir_text)
  local module = text.parse(ir_text or source, "in.ir")
  local c = target.load "c"
  pipeline.run(module, { target = c, options = options, pipeline = pipeline.new {
    "plan_memory", "interface", "names" } })
  return module, writers.files(module, c)
end

local function write(path, words)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(words))
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- Runs a command and returns its exit code and what it printed.
local function run(words, folder)
  local log = folder .. "/log"
  local code = system.run(words, log)
  return code, read(log)
end

--- Compiles the files with `main` (C text) under strict flags and runs the program.
local function build_and_run(compiler, files, main, flags)
  local folder <close> = setmetatable({ path = system.temporary_folder() }, {
    __close = function(self) system.remove(self.path) end })
  output.write(folder.path, files)
  write(folder.path .. "/main.c", main)
  local words = { compiler, "-O1", "-Wsign-conversion", table.unpack(cc.strict) }
  table.move(flags or {}, 1, #(flags or {}), #words + 1, words)
  table.move({ "-I", folder.path .. "/include", "-I", folder.path .. "/src", "-o",
    folder.path .. "/main", folder.path .. "/main.c" }, 1, 7, #words + 1, words)
  local paths = {}
  for path in pairs(files) do -- order: sorted on the next lines
    paths[#paths + 1] = path:find "%.[cS]$" and folder.path .. "/" .. path or nil
  end
  table.sort(paths)
  table.move(paths, 1, #paths, #words + 1, words)
  words[#words + 1] = "-lm"
  local code, said = run(words, folder.path)
  assert.equal("", said)
  assert.equal(0, code)
  return run({ folder.path .. "/main" }, folder.path)
end

local head = [[
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "tvmgen_kws.h"

static float x[TVMGEN_KWS_SERVING_AUDIO_0_COUNT];
static int8_t i[TVMGEN_KWS_INPUT_INT_COUNT] = { 0, 9, 0, 9 };
static float z[TVMGEN_KWS_Y_COUNT];
static int8_t q[TVMGEN_KWS_A_B_COUNT];
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
    CHECK(tvmgen_kws_dequantize_a_b(5) == 1.0f);
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

describe("generated files", function()
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
        local _, files = compiled(variant[2])
        local code, said = build_and_run(compiler, files, variant[3], variant[4])
        assert.equal("", said)
        assert.equal(0, code)
      end)
    end
  end

  it("copy what is returned, and states in an order that keeps old values", function()
    for _, options in ipairs { {}, { arena = "separate" } } do
      local _, files = compiled(options, circle)
      local code = build_and_run("gcc", files, circle_main, { "-fsanitize=address,undefined" })
      assert.equal(0, code)
    end
  end)

  it("are the same for the same text, whatever ran before", function()
    local module, files = compiled()
    local again = text.parse(module:print(), "again")
    assert.equal(module:print(), again:print())
    assert.same(files, writers.files(again, target.load "c"))
  end)

  it("say in metadata.json what the header says", function()
    local _, files = compiled()
    local record = json.decode(files["metadata.json"])
    local header = files["include/" .. record.header]
    assert.equal("tvmgen_kws_run", record.entry)
    for _, owner in ipairs { "inputs", "outputs" } do
      for _, tensor in ipairs(record[owner]) do
        local macro = ("TVMGEN_KWS_%s_SIZE"):format(tensor.member:upper())
        assert.matches(("#define %s %d\n"):format(macro, tensor.bytes), header)
        assert.matches((" *%s;"):format(tensor.member), header, 1, true)
      end
    end
    assert.equal(record.workspace_bytes, tonumber(header:match "WORKSPACE_SIZE (%d+)"))
    assert.equal(5, #record.operators)
    assert.equal("serving/audio:0", record.inputs[1].name)
  end)

  it("have no word of the model outside of escaped comments", function()
    local nasty = source:gsub("a%*/b", "*/ int pwned; /*\\n#define int long\\\\")
    local _, files = compiled({}, nasty)
    local code, said = build_and_run("gcc", files, "int main(void) { return 0; }\n")
    assert.equal("", said)
    assert.equal(0, code)
    for path, content in pairs(files) do -- order: irrelevant, each is checked
      if path:find "%.[chS]$" then
        assert.is_nil(content:find("*/ int pwned", 1, true))
        assert.is_nil(content:find "[^\n\32-\126]")
      end
    end
  end)

  it("name the buffers that do not fit a pool", function()
    local small = setmetatable({ memory = { pools = { { name = "sram", size = 100 } } } },
      { __index = target.load "c" })
    local module = text.parse(source, "in.ir")
    assert.error_matches(function()
      pipeline.run(module, { target = small, pipeline = pipeline.new { "plan_memory" } })
    end, "pass plan_memory: %%old %(96%), %%y %(96%) need 192 bytes at once, the plan has 192; "
      .. "pool @sram has 100")
  end)

  it("hold every constant once", function()
    local twice = source:gsub("graph @main", "const $v : f32[4, 3] = dense [1.0, 2.0, 3.0, 4.0, "
      .. "5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]\n%0"):gsub("(%%z = neg [^\n]*)",
      "%1\n  %%w2 = mul %%x, $v : f32[2, 4, 3]")
    local _, files = compiled({ weights = "incbin" }, twice)
    local size = 0
    for _, piece in ipairs(files["src/kws_data.bin"]) do
      size = size + #piece
    end
    assert.equal(48, size)
    assert.equal("string", type(files["src/kws_data.S"]))
    assert.is_nil(files["src/kws_data.S"]:find("/tmp", 1, true))
  end)

  it("compile as C++ where they are headers", function()
    local _, files = compiled { workspace = "caller" }
    local folder = system.temporary_folder()
    data.write(folder .. "/h.cpp", files["include/tvmgen_kws.h"])
    local code, said = run({ "g++", "-x", "c++", "-Wall", "-Wextra", "-Wconversion", "-pedantic",
      "-Werror", "-fsyntax-only", folder .. "/h.cpp" }, folder)
    system.remove(folder)
    assert.equal("", said)
    assert.equal(0, code)
  end)
end)
