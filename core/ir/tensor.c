/* tensor.c - typed views of blocks: wide loads, stores with one rounding, transposes. */
#include "core/ir/tensor.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "data is kept as in model files");

bool aot_tensor_new(const aot_type *type, aot_tensor *out, aot_error *err)
{
    size_t bytes;
    if (!aot_type_bytes(type, &bytes, err))
        return false;
    aot_block *block = aot_block_new(bytes, err);
    if (!block)
        return false;
    *out = (aot_tensor){ .type = *type, .block = block };
    return true;
}

bool aot_tensor_view(aot_block *block, size_t offset, size_t length, const aot_type *type,
                     aot_tensor *out, aot_error *err)
{
    size_t bytes, size = aot_block_size(block);
    if (!aot_type_bytes(type, &bytes, err))
        return false;
    char shape[128];
    if (length != bytes)
        return aot_fail(err, AOT_ERROR_INPUT, "%s needs %zu bytes, there are %zu",
                        aot_type_show(type, shape, sizeof shape), bytes, length);
    if (offset > size || length > size - offset)
        return aot_fail(err, AOT_ERROR_INPUT, "%zu bytes at %zu lie beyond the end of %zu",
                        length, offset, size);
    *out = (aot_tensor){ .type = *type, .block = aot_block_retain(block), .offset = offset };
    return true;
}

const uint8_t *aot_tensor_bytes(const aot_tensor *tensor)
{
    return aot_block_bytes(tensor->block) + tensor->offset;
}

uint8_t *aot_tensor_data(aot_tensor *tensor)
{
    return aot_block_writable(tensor->block) + tensor->offset;
}

size_t aot_tensor_count(const aot_tensor *tensor)
{
    size_t count;
    return aot_type_count(&tensor->type, &count, NULL) ? count : 0;
}

/* The bits of element i, zero-extended. */
static uint64_t load_bits(const aot_tensor *tensor, size_t i)
{
    const uint8_t *bytes = aot_tensor_bytes(tensor);
    size_t bits = aot_dtype_bits(tensor->type.dtype);
    uint64_t raw = 0;
    switch (bits) { /* a constant width makes each copy one move */
    case 4:
        return (uint64_t)(bytes[i / 2] >> (i % 2 * 4)) & 15;
    case 8:
        return bytes[i];
    case 16:
        memcpy(&raw, bytes + i * 2, 2);
        return raw;
    case 32:
        memcpy(&raw, bytes + i * 4, 4);
        return raw;
    default:
        memcpy(&raw, bytes + i * 8, 8);
        return raw;
    }
}

static void store_bits(aot_tensor *tensor, size_t i, uint64_t raw)
{
    uint8_t *bytes = aot_tensor_data(tensor);
    size_t bits = aot_dtype_bits(tensor->type.dtype);
    switch (bits) {
    case 4: {
        unsigned shift = i % 2 * 4;
        bytes[i / 2] = (uint8_t)((bytes[i / 2] & ~(15u << shift)) | (raw & 15) << shift);
        break;
    }
    case 8:
        bytes[i] = (uint8_t)raw;
        break;
    case 16:
        memcpy(bytes + i * 2, &raw, 2);
        break;
    case 32:
        memcpy(bytes + i * 4, &raw, 4);
        break;
    default:
        memcpy(bytes + i * 8, &raw, 8);
    }
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double from_half(uint32_t half)
{
    uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude;
    if (exponent == 31)
        magnitude = fraction ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        magnitude = ldexp(fraction, -24);
    else
        magnitude = ldexp(1024 + fraction, (int)exponent - 25);
    return half >> 15 ? -magnitude : magnitude;
}

/* `value` rounded once, to nearest even, to a 16-bit format with so many bits of fraction. */
static uint64_t to_narrow(double value, int fraction_bits)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent_bits = 15 - fraction_bits;
    int bias = (1 << (exponent_bits - 1)) - 1;
    uint64_t sign = bits >> 63 << 15;
    uint64_t infinity = ((UINT64_C(1) << exponent_bits) - 1) << fraction_bits;
    if (isnan(value))
        return sign | infinity | UINT64_C(1) << (fraction_bits - 1);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    if (exponent > bias)
        return sign | infinity;
    uint64_t whole = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    bool subnormal = exponent < 1 - bias;
    int shift = 52 - fraction_bits + (subnormal ? 1 - bias - exponent : 0);
    if (shift > 53)
        return sign;
    uint64_t kept = whole >> shift, rest = whole & ((UINT64_C(1) << shift) - 1);
    uint64_t half = UINT64_C(1) << (shift - 1);
    if (rest > half || (rest == half && kept % 2))
        kept++; /* a carry out of the fraction goes into the exponent, up to infinity */
    if (!subnormal)
        kept += (uint64_t)(exponent + bias - 1) << fraction_bits;
    return sign | kept;
}

static int64_t sign_extend(uint64_t raw, size_t bits)
{
    uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int64_t)((raw ^ sign) - sign);
}

static double load_float(const aot_tensor *tensor, size_t i)
{
    uint64_t raw = load_bits(tensor, i);
    switch (tensor->type.dtype) {
    case AOT_F32:
        return (double)float_of((uint32_t)raw);
    case AOT_F16:
        return from_half((uint32_t)raw);
    case AOT_BF16:
        return (double)float_of((uint32_t)raw << 16);
    default:
        return double_of(raw);
    }
}

double aot_load_f64(const aot_tensor *tensor, size_t i)
{
    switch (aot_dtype_class(tensor->type.dtype)) {
    case AOT_CLASS_FLOAT:
        return load_float(tensor, i);
    case AOT_CLASS_SIGNED:
        return (double)aot_load_i64(tensor, i);
    default:
        return (double)aot_load_u64(tensor, i);
    }
}

static int64_t saturate_i64(double value)
{
    if (isnan(value))
        return 0;
    if (value >= 0x1p63)
        return INT64_MAX;
    return value < -0x1p63 ? INT64_MIN : (int64_t)value;
}

static uint64_t saturate_u64(double value)
{
    if (!(value > 0))
        return 0;
    return value >= 0x1p64 ? UINT64_MAX : (uint64_t)value;
}

int64_t aot_load_i64(const aot_tensor *tensor, size_t i)
{
    switch (aot_dtype_class(tensor->type.dtype)) {
    case AOT_CLASS_FLOAT:
        return saturate_i64(load_float(tensor, i));
    case AOT_CLASS_SIGNED:
        return sign_extend(load_bits(tensor, i), aot_dtype_bits(tensor->type.dtype));
    default:
        return (int64_t)load_bits(tensor, i);
    }
}

uint64_t aot_load_u64(const aot_tensor *tensor, size_t i)
{
    switch (aot_dtype_class(tensor->type.dtype)) {
    case AOT_CLASS_FLOAT:
        return saturate_u64(load_float(tensor, i));
    case AOT_CLASS_SIGNED:
        return (uint64_t)aot_load_i64(tensor, i);
    default:
        return load_bits(tensor, i);
    }
}

/* Stores a double into an element of a float type. */
static void store_float(aot_tensor *tensor, size_t i, double value)
{
    uint64_t raw = 0;
    float single;
    switch (tensor->type.dtype) {
    case AOT_F32:
        single = (float)value;
        memcpy(&raw, &single, sizeof single);
        break;
    case AOT_F16:
        raw = to_narrow(value, 10);
        break;
    case AOT_BF16:
        raw = to_narrow(value, 7);
        break;
    default:
        memcpy(&raw, &value, sizeof value);
    }
    store_bits(tensor, i, raw);
}

void aot_store_f64(aot_tensor *tensor, size_t i, double value)
{
    aot_dtype dtype = tensor->type.dtype;
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT)
        store_float(tensor, i, value);
    else if (dtype == AOT_BOOL)
        store_bits(tensor, i, value != 0);
    else if (aot_dtype_class(dtype) == AOT_CLASS_SIGNED)
        aot_store_i64(tensor, i, saturate_i64(nearbyint(value)));
    else
        aot_store_u64(tensor, i, saturate_u64(nearbyint(value)));
}

/* `value` as a double that rounds as the integer itself would: what does not fit into 53 bits
 * is rounded to odd. */
static double sticky(uint64_t value)
{
    int shift = 0;
    uint64_t lost = 0;
    for (; value >> 53; shift++) {
        lost |= value & 1;
        value >>= 1;
    }
    return ldexp((double)(value | lost), shift);
}

/* Stores (negative ? -magnitude : magnitude) into an element of a float type. */
static void store_integer_as_float(aot_tensor *tensor, size_t i, uint64_t magnitude,
                                   bool negative)
{
    if (tensor->type.dtype == AOT_F64) {
        store_float(tensor, i, negative ? -(double)magnitude : (double)magnitude);
        return;
    }
    double value = sticky(magnitude);
    store_float(tensor, i, negative ? -value : value);
}

void aot_store_i64(aot_tensor *tensor, size_t i, int64_t value)
{
    aot_dtype dtype = tensor->type.dtype;
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT) {
        store_integer_as_float(tensor, i, value < 0 ? 0 - (uint64_t)value : (uint64_t)value,
                               value < 0);
    } else if (dtype == AOT_BOOL) {
        store_bits(tensor, i, value != 0);
    } else if (value < 0) {
        int64_t low = aot_dtype_min(dtype);
        store_bits(tensor, i, (uint64_t)(value < low ? low : value));
    } else {
        aot_store_u64(tensor, i, (uint64_t)value);
    }
}

void aot_store_u64(aot_tensor *tensor, size_t i, uint64_t value)
{
    aot_dtype dtype = tensor->type.dtype;
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT) {
        store_integer_as_float(tensor, i, value, false);
    } else if (dtype == AOT_BOOL) {
        store_bits(tensor, i, value != 0);
    } else {
        uint64_t high = aot_dtype_max(dtype);
        store_bits(tensor, i, value > high ? high : value);
    }
}

void aot_copy_element(aot_tensor *to, size_t k, const aot_tensor *from, size_t i)
{
    store_bits(to, k, load_bits(from, i));
}

/* Copies elements of `width` bytes that lie `step` elements apart. */
static void copy_row(uint8_t *to, const uint8_t *from, size_t count, size_t step, size_t width)
{
    for (size_t i = 0; i < count; i++)
        memcpy(to + i * width, from + i * step * width, width);
}

/* Fills out->type; fails unless `perm` names every axis once. */
static bool permute_type(const aot_type *in, const int32_t *perm, aot_type *out, aot_error *err)
{
    bool seen[AOT_MAX_RANK] = { false };
    *out = *in;
    for (int32_t k = 0; k < in->rank; k++) {
        int32_t axis = perm[k];
        if (axis < 0 || axis >= in->rank || seen[axis])
            return aot_fail(
                err, AOT_ERROR_INPUT,
                "the permutation must name each of the %d axes once; entry %d is %d",
                (int)in->rank, (int)k, (int)axis);
        seen[axis] = true;
        out->dims[k] = in->dims[axis];
        if (in->quant.present && in->quant.axis == axis)
            out->quant.axis = k;
    }
    return true;
}

bool aot_tensor_transpose(const aot_tensor *in, const int32_t *perm, aot_tensor *out,
                          aot_error *err)
{
    aot_type type;
    size_t count;
    if (!aot_type_count(&in->type, &count, err) || !permute_type(&in->type, perm, &type, err) ||
        !aot_tensor_new(&type, out, err))
        return false;
    int32_t rank = type.rank;
    if (count == 0 || rank == 0) {
        size_t bytes = aot_block_size(out->block);
        if (bytes)
            memcpy(aot_tensor_data(out), aot_tensor_bytes(in), bytes);
        return true;
    }
    size_t strides[AOT_MAX_RANK], steps[AOT_MAX_RANK], index[AOT_MAX_RANK] = { 0 };
    size_t stride = 1;
    for (int32_t i = rank; i-- > 0; stride *= (size_t)in->type.dims[i])
        strides[i] = stride;
    for (int32_t k = 0; k < rank; k++)
        steps[k] = strides[perm[k]];

    size_t width = aot_dtype_bits(type.dtype) / 8;
    size_t row = (size_t)type.dims[rank - 1], step = steps[rank - 1];
    const uint8_t *source = aot_tensor_bytes(in);
    uint8_t *target = aot_tensor_data(out);
    for (size_t done = 0, from = 0; done < count; done += row) {
        switch (width) { /* a constant width makes each copy one move */
        case 0:
            for (size_t i = 0; i < row; i++)
                aot_copy_element(out, done + i, in, from + i * step);
            break;
        case 1:
            copy_row(target + done, source + from, row, step, 1);
            break;
        case 2:
            copy_row(target + done * 2, source + from * 2, row, step, 2);
            break;
        case 4:
            copy_row(target + done * 4, source + from * 4, row, step, 4);
            break;
        default:
            copy_row(target + done * 8, source + from * 8, row, step, 8);
        }
        for (int32_t k = rank - 1; k-- > 0;) {
            from += steps[k];
            if (++index[k] < (size_t)type.dims[k])
                break;
            index[k] = 0;
            from -= steps[k] * (size_t)type.dims[k];
        }
    }
    return true;
}
