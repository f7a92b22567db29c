--- runtime_spec: aotrt_packed.h has the layout that others agreed on, and its checks refuse.

local program = require "aot.program"
local shell = require "tests.tools.shell"

local head = [[
#include "aotrt_packed.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CHECK(what) do { if (!(what)) { printf("%d: %s\n", __LINE__, #what); return 1; } } while (0)
]]

-- The structs as DLPack and TVM document them, in our words.
local layout = head .. [[
typedef enum { theirs_cpu = 1 } theirs_device_type;
typedef struct { theirs_device_type device_type; int32_t device_id; } theirs_device;
typedef struct { uint8_t code; uint8_t bits; uint16_t lanes; } theirs_dtype;
typedef struct {
    void *data; theirs_device device; int32_t ndim; theirs_dtype dtype;
    int64_t *shape; int64_t *strides; uint64_t byte_offset;
} theirs_tensor;
typedef union {
    int64_t v_int64; double v_float64; void *v_handle; const char *v_str;
    theirs_dtype v_type; theirs_device v_device;
} theirs_value;

#define SAME(field) CHECK(offsetof(theirs_tensor, field) == offsetof(aotrt_tensor, field) && \
    sizeof(((theirs_tensor *)0)->field) == sizeof(((aotrt_tensor *)0)->field))

int main(void)
{
    CHECK(sizeof(theirs_tensor) == sizeof(aotrt_tensor));
    CHECK(sizeof(theirs_value) == sizeof(aotrt_value));
    CHECK(sizeof(theirs_device) == sizeof(aotrt_device));
    CHECK(sizeof(theirs_dtype) == sizeof(aotrt_dtype));
    SAME(data); SAME(device); SAME(ndim); SAME(dtype); SAME(shape); SAME(strides);
    SAME(byte_offset);
    CHECK(offsetof(theirs_device, device_id) == offsetof(aotrt_device, device_id));
    CHECK(offsetof(theirs_dtype, bits) == offsetof(aotrt_dtype, bits));
    CHECK(offsetof(theirs_dtype, lanes) == offsetof(aotrt_dtype, lanes));
    CHECK(AOTRT_TENSOR == 7 && AOTRT_INT == 0 && AOTRT_UINT == 1 && AOTRT_FLOAT == 2);
    CHECK(AOTRT_BFLOAT == 4 && AOTRT_BOOL == 6 && AOTRT_CPU == 1);
    return 0;
}
]]

local checks = head .. [[
static int64_t extents[] = { 2, 3 };
static const aotrt_tensor_type wanted = { extents, 2, { AOTRT_FLOAT, 32, 1 } };
static float data[7];

int main(void)
{
    static const aotrt_tensor_metadata named[] = {
        { "a:0", "a_0", { extents, 2, { AOTRT_FLOAT, 32, 1 } }, 24 },
        { "a_0", "a_0_2", { extents, 2, { AOTRT_FLOAT, 32, 1 } }, 24 },
    };
    const aotrt_dtype one_bit = { AOTRT_UINT, 1, 1 }, boolean = { AOTRT_BOOL, 8, 1 };
    int64_t strides[] = { 3, 1 }, other[] = { 3, 2 };
    int32_t codes[] = { AOTRT_TENSOR };
    aotrt_tensor t;
    aotrt_value v[1];
    aotrt_values_set(v, &t, 1);
    aotrt_tensor_set(&t, &wanted, data);
#define STATUS aotrt_check_tensor(v, codes, 0, &wanted, sizeof(float))
    CHECK(STATUS == AOTRT_OK);
    t.strides = strides;
    CHECK(STATUS == AOTRT_OK);
    strides[0] = 4;
    CHECK(STATUS == AOTRT_ERROR_ARGUMENTS);
    extents[0] = 1;
    CHECK(STATUS == AOTRT_OK);
    extents[0] = 2;
    t.strides = NULL;
    t.byte_offset = 4;
    CHECK(STATUS == AOTRT_OK && aotrt_tensor_data(v, 0) == &data[1]);
    t.byte_offset = 2;
    CHECK(STATUS == AOTRT_ERROR_ALIGNMENT);
    t.byte_offset = 0;
    t.shape = other;
    CHECK(STATUS == AOTRT_ERROR_ARGUMENTS);
    t.shape = NULL;
    CHECK(STATUS == AOTRT_ERROR_NULL);
    t.shape = extents;
    t.ndim = 1;
    CHECK(STATUS == AOTRT_ERROR_ARGUMENTS);
    t.ndim = 2;
    t.dtype.bits = 64;
    CHECK(STATUS == AOTRT_ERROR_ARGUMENTS);
    t.dtype.bits = 32;
    t.data = NULL;
    CHECK(STATUS == AOTRT_ERROR_NULL);
    extents[1] = 0;
    CHECK(STATUS == AOTRT_OK && aotrt_tensor_data(v, 0) == NULL);
    extents[1] = 3;
    t.data = data;
    codes[0] = 3;
    CHECK(STATUS == AOTRT_ERROR_ARGUMENTS);
    codes[0] = AOTRT_TENSOR;
    v[0].v_handle = NULL;
    CHECK(STATUS == AOTRT_ERROR_NULL);
    v[0].v_handle = &t;
    CHECK(STATUS == AOTRT_OK);
#define MEMORY(bytes) aotrt_check_memory(v, codes, 0, bytes, 4)
    CHECK(MEMORY(2) == AOTRT_ERROR_ARGUMENTS);
    t.ndim = 1;
    t.dtype.code = AOTRT_UINT;
    t.dtype.bits = 8;
    CHECK(MEMORY(2) == AOTRT_OK && MEMORY(3) == AOTRT_ERROR_WORKSPACE);
    t.byte_offset = 1;
    CHECK(MEMORY(2) == AOTRT_ERROR_ALIGNMENT);
    extents[0] = -1;
    CHECK(MEMORY(2) == AOTRT_ERROR_WORKSPACE);
    CHECK(aotrt_dtype_equal(one_bit, boolean) && !aotrt_dtype_equal(one_bit, t.dtype));
    CHECK(aotrt_tensor_index(named, 2, "a:0") == 0 && aotrt_tensor_index(named, 2, "a_0") == 1);
    CHECK(aotrt_tensor_index(named, 2, "a_0_2") == 1 && aotrt_tensor_index(named, 1, "a_0") == 0);
    CHECK(aotrt_tensor_index(named, 2, "a") == -1 && aotrt_tensor_index(named, 2, NULL) == -1);
    return 0;
}
]]

local strict = { "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual",
  "-Werror" }

local function run(compiler, standard, source)
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/main.c", source)
  local words = { compiler, "-std=" .. standard, "-fsanitize=undefined",
    "-fno-sanitize-recover=all" }
  table.move(strict, 1, #strict, #words + 1, words)
  table.move({ "-I", program.root .. "/runtime", folder.path .. "/main.c", "-o",
    folder.path .. "/main" }, 1, 5, #words + 1, words)
  assert.equal("", shell.must(words))
  assert.same({ 0, "" }, { shell.run { folder.path .. "/main" } })
end

describe("aotrt_packed.h", function()
  it("has the layout of DLPack's tensor and of TVM's value", function()
    run("gcc", "c99", layout)
    run("clang", "c11", layout)
  end)

  it("refuses what is not the tensor that was asked for, and finds names", function()
    run("gcc", "c99", checks)
    run("clang", "c99", checks)
    run("g++", "c++11", checks)
  end)
end)
