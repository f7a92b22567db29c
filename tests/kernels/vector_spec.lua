--- vector_spec: vectors as extensions and as loops over lanes agree, with and without FMA.

local data = require "aot.data"
local program = require "aot.program"
local system = require "aot.system"

local cc = require "aotlua.cc"
local kernel = require "aotlua.kernel"

-- Everything that vectors can do, in one kernel.
local function record(vectors)
  local k = kernel.new { name = "vectors", target = { name = "c", vectors = vectors } }
  local x = k:buffer { name = "x", type = { dtype = "f32", shape = { 4, 20 } }, role = "input" }
  local b = k:buffer { name = "b", type = { dtype = "i8", shape = { 32 } }, role = "input" }
  local y = k:buffer { name = "y", type = { dtype = "f32", shape = { 4, 24 } }, role = "output" }
  for i in k:loop("i", 4) do
    local acc = k:var("f32x8", "acc", 0)
    for j in k:loop("j", 0, 12, 4) do k:set(acc, k.fma(x:vec(8, i, j), x(i, j), acc)) end
    k:add(acc, k.max(x:vec(8, i, 3), 0.25))
    local other = k:let("other", k.min(acc * 2 - 1, x:vec(8, i, 1) / 3))
    k:store(y(i, 0), k.select(k.both(k.lt(acc, other), k.ge(acc, -2)), acc, -other))
    k:store(y(i, 8), other + k.lane(acc, 3))
    local whole = k:let("whole", k.cast("i32", b:vec(8, i * 8)))
    k:store(y(i, 16), k.cast("f32", k.max(whole * whole - 5, whole)))
    k:store(y(i, 23), k:reduce("add", acc, "sum") + k:reduce("min", other, "least"))
  end
  return k:finish()
end

local main = [[
#include <stdio.h>
int main(void)
{
    static float x[80], plain[96], extended[96];
    static int8_t b[32];
    int bad = 0;
    for (int i = 0; i < 80; ++i) x[i] = (float)(i * 37 % 101 - 50) / 7.0f;
    for (int i = 0; i < 32; ++i) b[i] = (int8_t)(i * 11 % 255 - 127);
    vectors_plain(x, b, plain);
    vectors_extended(x, b, extended);
    for (int i = 0; i < 96; ++i)
        if (plain[i] != extended[i] && bad++ < 5)
            printf("%d: %.9g %.9g\n", i, (double)plain[i], (double)extended[i]);
    return bad;
}
]]

local function supports(flag)
  local info <close> = io.open("/proc/cpuinfo", "r")
  return info ~= nil and info:read("a"):find(flag, 1, true) ~= nil
end

describe("vectors", function()
  local extended, plain = record "extensions", record "plain"
  local source = '#include "aotrt_math.h"\n#include "aotrt_vector.h"\n#include <math.h>\n'
    .. plain:definition("vectors_plain", { static = true })
    .. extended:definition("vectors_extended", { static = true }) .. main

  local function agree(compiler, flags)
    local folder = system.temporary_folder()
    data.write(folder .. "/case.c", source)
    local line = table.move(cc.strict, 1, #cc.strict, 2, { compiler })
    table.move(flags, 1, #flags, #line + 1, line)
    local rest = {
      "-ffp-contract=off", "-I", program.root .. "/runtime", folder .. "/case.c",
      "-o", folder .. "/case", "-lm",
    }
    table.move(rest, 1, #rest, #line + 1, line)
    local function said()
      local log <close> = io.open(folder .. "/log", "r")
      return log:read "a"
    end
    assert(system.run(line, folder .. "/log") == 0, said())
    assert(system.run({ folder .. "/case" }, folder .. "/log") == 0, said())
    system.remove(folder)
  end

  for _, compiler in ipairs { "gcc", "clang" } do
    it("agree without any instruction set, " .. compiler, function()
      agree(compiler, { "-O1" })
      agree(compiler, { "-O0", "-fsanitize=address,undefined", "-Wno-frame-larger-than" })
    end)

    it("agree with AVX2 and FMA, " .. compiler, function()
      if not supports "avx2" then pending "this machine has no AVX2" end
      agree(compiler, { "-O2", "-mavx" })
      agree(compiler, { "-O2", "-mavx2", "-mfma" })
    end)
  end
end)
