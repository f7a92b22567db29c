/* type.c - facts about element types, and counts of shapes that cannot overflow. */
#include "core/ir/type.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"

static const struct dtype_info {
    const char *name;
    aot_class class;
    size_t bits;
    int64_t min; /* integers only */
    uint64_t max;
} dtypes[AOT_DTYPE_COUNT] = {
    [AOT_F32] = { "f32", AOT_CLASS_FLOAT, 32, 0, 0 },
    [AOT_F64] = { "f64", AOT_CLASS_FLOAT, 64, 0, 0 },
    [AOT_F16] = { "f16", AOT_CLASS_FLOAT, 16, 0, 0 },
    [AOT_BF16] = { "bf16", AOT_CLASS_FLOAT, 16, 0, 0 },
    [AOT_I8] = { "i8", AOT_CLASS_SIGNED, 8, INT8_MIN, INT8_MAX },
    [AOT_I16] = { "i16", AOT_CLASS_SIGNED, 16, INT16_MIN, INT16_MAX },
    [AOT_I32] = { "i32", AOT_CLASS_SIGNED, 32, INT32_MIN, INT32_MAX },
    [AOT_I64] = { "i64", AOT_CLASS_SIGNED, 64, INT64_MIN, INT64_MAX },
    [AOT_U8] = { "u8", AOT_CLASS_UNSIGNED, 8, 0, UINT8_MAX },
    [AOT_U16] = { "u16", AOT_CLASS_UNSIGNED, 16, 0, UINT16_MAX },
    [AOT_U32] = { "u32", AOT_CLASS_UNSIGNED, 32, 0, UINT32_MAX },
    [AOT_U64] = { "u64", AOT_CLASS_UNSIGNED, 64, 0, UINT64_MAX },
    [AOT_BOOL] = { "bool", AOT_CLASS_UNSIGNED, 8, 0, 1 },
    [AOT_I4] = { "i4", AOT_CLASS_SIGNED, 4, -8, 7 },
    [AOT_U4] = { "u4", AOT_CLASS_UNSIGNED, 4, 0, 15 },
};

static bool known(aot_dtype dtype)
{
    return (unsigned)dtype < AOT_DTYPE_COUNT;
}

const char *aot_dtype_name(aot_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].name : "?";
}

bool aot_dtype_parse(const char *name, aot_dtype *out)
{
    for (int i = 0; i < AOT_DTYPE_COUNT; i++)
        if (strcmp(name, dtypes[i].name) == 0) {
            *out = (aot_dtype)i;
            return true;
        }
    return false;
}

aot_class aot_dtype_class(aot_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].class : AOT_CLASS_FLOAT;
}

size_t aot_dtype_bits(aot_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].bits : 0;
}

int64_t aot_dtype_min(aot_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].min : 0;
}

uint64_t aot_dtype_max(aot_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].max : 0;
}

aot_type aot_type_make(aot_dtype dtype, int32_t rank, const int32_t *dims)
{
    aot_type type = { .dtype = dtype, .rank = rank, .quant = { .axis = -1 } };
    for (int32_t i = 0; i < rank && i < AOT_MAX_RANK; i++)
        type.dims[i] = dims[i];
    return type;
}

bool aot_type_count(const aot_type *type, size_t *count, aot_error *err)
{
    if (!known(type->dtype))
        return aot_fail(err, AOT_ERROR_INTERNAL, "%d is no element type", (int)type->dtype);
    if (type->rank < 0 || type->rank > AOT_MAX_RANK)
        return aot_fail(err, AOT_ERROR_INPUT, "a shape has %d dimensions, at most %d can be",
                        (int)type->rank, AOT_MAX_RANK);
    size_t product = 1;
    bool empty = false, fits = true;
    for (int32_t i = 0; i < type->rank; i++) {
        if (type->dims[i] < 0)
            return aot_fail(err, AOT_ERROR_INPUT, "dimension %d is %d, it must not be negative",
                            (int)i, (int)type->dims[i]);
        empty = empty || type->dims[i] == 0;
        fits = fits && aot_mul(product, (size_t)type->dims[i], &product);
    }
    if (empty) {
        *count = 0;
        return true;
    }
    char shape[128];
    if (!fits || product > SIZE_MAX / 2)
        return aot_fail(err, AOT_ERROR_INPUT, "%s has more elements than memory can hold",
                        aot_type_show(type, shape, sizeof shape));
    *count = product;
    return true;
}

bool aot_type_bytes(const aot_type *type, size_t *bytes, aot_error *err)
{
    size_t count;
    if (!aot_type_count(type, &count, err))
        return false;
    size_t bits = aot_dtype_bits(type->dtype);
    char shape[128];
    if (bits < 8)
        *bytes = count / 2 + count % 2;
    else if (!aot_mul(count, bits / 8, bytes) || *bytes > SIZE_MAX / 2)
        return aot_fail(err, AOT_ERROR_INPUT, "%s has more bytes than memory can hold",
                        aot_type_show(type, shape, sizeof shape));
    return true;
}

bool aot_type_same_shape(const aot_type *a, const aot_type *b)
{
    if (a->rank != b->rank)
        return false;
    for (int32_t i = 0; i < a->rank && i < AOT_MAX_RANK; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

bool aot_type_same_data(const aot_type *a, const aot_type *b)
{
    return a->dtype == b->dtype && aot_type_same_shape(a, b);
}

static bool quant_equal(const aot_quant *a, const aot_quant *b)
{
    if (a->present != b->present)
        return false;
    if (!a->present)
        return true;
    if (a->axis != b->axis || a->zero != b->zero || a->scales != b->scales ||
        a->zeros != b->zeros)
        return false;
    return a->scales || memcmp(&a->scale, &b->scale, sizeof a->scale) == 0;
}

bool aot_type_equal(const aot_type *a, const aot_type *b)
{
    return aot_type_same_data(a, b) && quant_equal(&a->quant, &b->quant);
}

const char *aot_type_show(const aot_type *type, char *out, size_t size)
{
    /* the longest text is bf16 and 8 dimensions of 11 characters and 2 between them */
    char text[128];
    size_t at = (size_t)snprintf(text, sizeof text, "%s[", aot_dtype_name(type->dtype));
    for (int32_t i = 0; i < type->rank && i < AOT_MAX_RANK; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, i ? ", %d" : "%d",
                               (int)type->dims[i]);
    (void)snprintf(text + at, sizeof text - at, "]");
    if (size)
        (void)snprintf(out, size, "%s", text);
    return out;
}
