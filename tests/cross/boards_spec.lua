--- boards: what runtime/cortex_m brings up, on each board.

local cross = require "tests.tools.cross"

local BOARDS = {
  "cortex_m0plus", "cortex_m3", "cortex_m4", "cortex_m7", "cortex_m33", "cortex_m55",
}

-- A program that does as its first argument says.
local MAIN = [[
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int32_t data = 5;
static int32_t placed __attribute__((section(".tcm"))) = 7;
static int32_t bss[64];
static float values[64];

/* The nanoseconds that 20 million instructions take. */
static int count(void)
{
    struct timespec start, end;
    int32_t left = 10000000;
    clock_gettime(CLOCK_MONOTONIC, &start);
    __asm__ volatile(".syntax unified\n1:\n\tsubs %0, #1\n\tbne 1b" : "+l"(left) : : "cc");
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%ld\n", (long)(end.tv_sec - start.tv_sec) * 1000000000L + end.tv_nsec - start.tv_nsec);
    return 0;
}

static int unaligned(void)
{
    volatile uintptr_t address = (uintptr_t)bss + 1u;
    return *(volatile int32_t *)address == 0 ? 0 : 1;
}

static int language(int argc, char **argv)
{
    float sum = 0.0f;
    double exact = 0.5;
    int32_t zeros = 0;
    for (int32_t i = 0; i < 64; i++) {
        values[i] = (float)(i * argc) * 0.5f;
        zeros += bss[i];
    }
    for (int32_t i = 0; i < 64; i++) {
        sum += values[i];
        exact *= 1.0 + values[i] / 4096.0;
    }
    printf("%s %s, data %d %d, bss %d, sum %d, product %d\n", argv[0], argv[argc - 1],
           (int)data, (int)placed, (int)zeros, (int)sum, (int)(exact * 1e6));
    return 42;
}

int main(int argc, char **argv)
{
    if (strcmp(argv[1], "count") == 0) {
        return count();
    }
    if (strcmp(argv[1], "fault") == 0) {
        volatile uintptr_t nowhere = 0xF0000000u;
        *(volatile int32_t *)nowhere = 1;
    }
    if (strcmp(argv[1], "unaligned") == 0) {
        return unaligned();
    }
    return language(argc, argv);
}
]]

local function run(board, ...)
  return cross.run(board, { main = MAIN, arguments = { ... } })
end

for _, board in ipairs(BOARDS) do
  describe(board, function()
    local missing = cross.missing(board)
    if missing then
      it("has what it takes", function() pending(missing) end)
      return
    end

    it("has its data, its arguments and its numbers, and hands back main's result", function()
      local code, said = run(board, "say", "a,b")
      assert.equal("program a,b, data 5 7, bss 0, sum 3024, product 1040266\n", said)
      assert.equal(42, code)
    end)

    it("has a clock that counts instructions", function()
      local code, said = run(board, "count")
      assert.equal(0, code)
      local counted = assert(math.tointeger(tonumber(said)), said)
      assert.is_true(math.abs(counted - 20000000) < 1000, said)
    end)

    it("ends with a code of its own where the processor faults", function()
      local code, said = run(board, "fault")
      assert.equal("the processor stopped with a fault\n", said)
      assert.equal(121, code)
    end)

    it("reads unaligned words if its instructions may", function()
      assert.equal(board == "cortex_m0plus" and 121 or 0, (run(board, "unaligned")))
    end)
  end)
end
