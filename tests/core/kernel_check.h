/* kernel_check.h - kernels written briefly, for the unit tests of core/kernel. */
#ifndef AOT_TESTS_KERNEL_CHECK_H
#define AOT_TESTS_KERNEL_CHECK_H

#include "check.h"
#include "core/kernel/kernel.h"

static aot_error err;
static aot_kernel *k;

static inline aot_kid index_of(int64_t value)
{
    return aot_kernel_int(k, AOT_KINDEX, value, &err);
}

static inline aot_kid f32(double value)
{
    return aot_kernel_float(k, AOT_F32, value, &err);
}

static inline aot_kid buffer(const char *name, aot_krole role, aot_dtype dtype, int32_t rows,
                             int32_t columns)
{
    const int32_t dims[2] = { rows, columns };
    const aot_type type = aot_type_make(dtype, 2, dims);
    return aot_kernel_buffer(k, name, &type, role, &err);
}

static inline aot_kid two(aot_kop op, aot_kid a, aot_kid b)
{
    return aot_kernel_binary(k, op, a, b, &err);
}

/* a + b for an index and a number */
static inline aot_kid plus(aot_kid a, int64_t b)
{
    return two(AOT_K_ADD, a, index_of(b));
}

static inline aot_kid times(aot_kid a, int64_t b)
{
    return two(AOT_K_MUL, a, index_of(b));
}

static inline aot_kid loop(const char *name, aot_kid low, aot_kid high)
{
    return aot_kernel_loop(k, name, low, high, 1, &err);
}

static inline bool end(void)
{
    return aot_kernel_end(k, &err);
}

static inline aot_kid load(aot_kid b, aot_kid row, aot_kid column, int32_t lanes)
{
    const aot_kid at[2] = { row, column };
    return aot_kernel_load(k, b, at, 2, lanes, false, &err);
}

static inline bool store(aot_kid b, aot_kid row, aot_kid column, aot_kid value)
{
    const aot_kid at[2] = { row, column };
    return aot_kernel_store(k, b, at, 2, value, false, &err);
}

/* Starts a new kernel in `k`. */
static inline void begin(void)
{
    err = (aot_error){ 0 };
    k = aot_kernel_new("probe", &err);
}

/* Finishes `k`; its text lives until the arena is freed. */
static inline const char *text_of(aot_arena *arena, bool extensions)
{
    const aot_kstyle style = { .spelling = "f", .internal = true, .extensions = extensions };
    aot_text text;
    aot_text_init(&text, arena, &err);
    if (!aot_kernel_finish(k, &err) || !aot_kernel_print(k, &style, &text))
        return err.message;
    return text.bytes;
}

#endif
