/* operand.c - operands as numbers: wide loads and stores, scales and zero points. */
#include "core/op/op_internal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

aot_wide aot_wide_load(const aot_tensor *tensor, size_t i)
{
    aot_wide value;
    switch (aot_dtype_class(tensor->type.dtype)) {
    case AOT_CLASS_SIGNED:
        value.i = aot_load_i64(tensor, i);
        break;
    case AOT_CLASS_UNSIGNED:
        value.u = aot_load_u64(tensor, i);
        break;
    default:
        value.f = aot_load_f64(tensor, i);
        break;
    }
    return value;
}

void aot_wide_store(aot_tensor *tensor, size_t i, aot_class class, aot_wide value)
{
    switch (class) {
    case AOT_CLASS_SIGNED:
        aot_store_i64(tensor, i, value.i);
        break;
    case AOT_CLASS_UNSIGNED:
        aot_store_u64(tensor, i, value.u);
        break;
    default:
        aot_store_f64(tensor, i, value.f);
        break;
    }
}

aot_wide aot_wide_zero(aot_class class)
{
    aot_wide zero;
    if (class == AOT_CLASS_FLOAT) {
        zero.f = 0;
    } else {
        zero.i = 0;
    }
    return zero;
}

aot_wide aot_wide_one(aot_class class)
{
    aot_wide one;
    if (class == AOT_CLASS_FLOAT) {
        one.f = 1;
    } else {
        one.i = 1;
    }
    return one;
}

aot_wide aot_wide_lowest(aot_class class)
{
    aot_wide lowest;
    switch (class) {
    case AOT_CLASS_SIGNED:
        lowest.i = INT64_MIN;
        break;
    case AOT_CLASS_UNSIGNED:
        lowest.u = 0;
        break;
    default:
        lowest.f = -(double)INFINITY;
        break;
    }
    return lowest;
}

aot_wide aot_wide_highest(aot_class class)
{
    aot_wide highest;
    switch (class) {
    case AOT_CLASS_SIGNED:
        highest.i = INT64_MAX;
        break;
    case AOT_CLASS_UNSIGNED:
        highest.u = UINT64_MAX;
        break;
    default:
        highest.f = (double)INFINITY;
        break;
    }
    return highest;
}

bool aot_check_same_dtype(const aot_type *a, const aot_type *b, aot_error *err)
{
    return a->dtype == b->dtype ||
           aot_fail(err, AOT_ERROR_INPUT,
                    "the operands are %s and %s, they must be of one element type",
                    aot_dtype_name(a->dtype), aot_dtype_name(b->dtype));
}

bool aot_check_floats(const aot_type *type, aot_error *err)
{
    return aot_dtype_class(type->dtype) == AOT_CLASS_FLOAT ||
           aot_fail(err, AOT_ERROR_INPUT, "the operand must be floats, it is %s",
                    aot_dtype_name(type->dtype));
}

void aot_eval_pairs(const aot_apply *apply, aot_tensor *out, aot_pair_function function)
{
    const aot_tensor *a = apply->inputs[0], *b = apply->inputs[1];
    aot_class class = aot_dtype_class(out->type.dtype);
    aot_walk walk = aot_walk_over(&out->type);
    aot_row_major_broadcast(&a->type, walk.rank, walk.dims, walk.strides[0]);
    aot_row_major_broadcast(&b->type, walk.rank, walk.dims, walk.strides[1]);
    size_t i = 0;
    do {
        aot_wide left = aot_wide_load(a, (size_t)walk.at[0]);
        aot_wide right = aot_wide_load(b, (size_t)walk.at[1]);
        aot_wide_store(out, i++, class, function(apply->op, &a->type, left, right));
    } while (aot_walk_next(&walk));
}

int64_t aot_sat_add(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

int64_t aot_sat_sub(int64_t a, int64_t b)
{
    int64_t difference;
    return __builtin_sub_overflow(a, b, &difference) ? (a < 0 ? INT64_MIN : INT64_MAX)
                                                     : difference;
}

int64_t aot_sat_mul(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? ((a < 0) != (b < 0) ? INT64_MIN : INT64_MAX)
                                                  : product;
}

int64_t aot_sat_shift_left(int64_t value, int64_t bits)
{
    return aot_sat_mul(value, INT64_C(1) << bits);
}

int64_t aot_sat_i32(int64_t value)
{
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : value;
}

int64_t aot_floor_shift(int64_t value, int64_t bits)
{
    int64_t divisor = INT64_C(1) << bits;
    return value / divisor - (value % divisor < 0);
}

/* A constant that a type refers to: rank 1, `extent` elements of `dtype`. */
static bool find_parameter(const aot_module *module, aot_id id, aot_dtype dtype, int32_t extent,
                           const char *what, const aot_value **out, aot_error *err)
{
    const aot_value *value = module == NULL ? NULL : aot_module_value(module, id);
    if (value == NULL || value->kind != AOT_VALUE_CONST) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the quantization's %s are not a constant of the "
                        "module",
                        what);
    }
    if (value->type->dtype != dtype || value->type->rank != 1 ||
        value->type->dims[0] != extent) {
        char shown[96];
        return aot_fail(err, AOT_ERROR_INPUT, "the quantization's %s $%s are %s, not %s[%d]",
                        what, value->name, aot_type_show(value->type, shown, sizeof shown),
                        aot_dtype_name(dtype), extent);
    }
    if (value->stored->data.block == NULL) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the quantization's %s $%s must be data, not an "
                        "expression",
                        what, value->name);
    }
    *out = value;
    return true;
}

/* Zero points lie in the range of the stored values, so that no difference overflows. */
static bool check_zero(const aot_type *type, int64_t zero, aot_error *err)
{
    int64_t low = aot_dtype_min(type->dtype);
    uint64_t high = aot_dtype_max(type->dtype);
    if (zero < low || (zero > 0 && (uint64_t)zero > high)) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "zero point %" PRId64 " does not fit %s (%" PRId64 " to %" PRIu64 ")",
                        zero, aot_dtype_name(type->dtype), low, high);
    }
    return true;
}

bool aot_check_type(const aot_module *module, const aot_type *type, aot_error *err)
{
    size_t bytes;
    const aot_value *value;
    const aot_quant *quant = &type->quant;
    if (!aot_type_bytes(type, &bytes, err)) {
        return false;
    }
    if (!quant->present) {
        return true;
    }
    if (aot_dtype_class(type->dtype) == AOT_CLASS_FLOAT) {
        return aot_fail(err, AOT_ERROR_INPUT, "%s values have no quantization",
                        aot_dtype_name(type->dtype));
    }
    if (quant->axis < 0) {
        return check_zero(type, quant->zero, err);
    }
    if (quant->axis >= type->rank) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "quantization along axis %d of a tensor of rank %d", quant->axis,
                        type->rank);
    }
    int32_t extent = type->dims[quant->axis];
    return find_parameter(module, quant->scales, AOT_F32, extent, "scales", &value, err) &&
           (quant->zeros == 0 ? check_zero(type, quant->zero, err)
                              : find_parameter(module, quant->zeros, AOT_I64, extent,
                                               "zero points", &value, err));
}

bool aot_quantizer_of(const aot_module *module, const aot_type *type, aot_quantizer *out,
                      aot_error *err)
{
    const aot_quant *quant = &type->quant;
    memset(out, 0, sizeof *out);
    out->inner = out->extent = 1;
    out->scale = 1;
    if (!quant->present) {
        return true;
    }
    if (!aot_check_type(module, type, err)) {
        return false;
    }
    out->scale = quant->scale;
    out->zero = quant->zero;
    if (quant->axis < 0) {
        return true;
    }
    size_t outer;
    aot_axis_split(type, quant->axis, &outer, &out->extent, &out->inner);
    out->scales = &aot_module_value(module, quant->scales)->stored->data;
    if (quant->zeros == 0) {
        return true;
    }
    out->zeros = &aot_module_value(module, quant->zeros)->stored->data;
    for (size_t i = 0; i < out->extent; i++) {
        if (!check_zero(type, aot_load_i64(out->zeros, i), err)) {
            return false;
        }
    }
    return true;
}

int64_t aot_zero_at(const aot_quantizer *quantizer, size_t i)
{
    if (quantizer->zeros == NULL) {
        return quantizer->zero;
    }
    return aot_load_i64(quantizer->zeros, i / quantizer->inner % quantizer->extent);
}

float aot_scale_at(const aot_quantizer *quantizer, size_t i)
{
    if (quantizer->scales == NULL) {
        return quantizer->scale;
    }
    return (float)aot_load_f64(quantizer->scales, i / quantizer->inner % quantizer->extent);
}

bool aot_pass_quant(const aot_apply *apply, const int32_t *map, aot_type *out, aot_error *err)
{
    const aot_type *from = apply->types[0];
    if (apply->declared != NULL || !from->quant.present) {
        return true;
    }
    aot_quant quant = from->quant;
    if (quant.axis >= 0) {
        int32_t axis = map == NULL ? quant.axis : map[quant.axis];
        if (axis < 0 || axis >= out->rank || out->dims[axis] != from->dims[quant.axis]) {
            return aot_fail(err, AOT_ERROR_INPUT,
                            "the operand's quantization along axis %d does not carry over; "
                            "declare the result's",
                            quant.axis);
        }
        quant.axis = axis;
    }
    out->quant = quant;
    return true;
}

bool aot_wide_new(size_t count, aot_block **block, aot_wide **values, aot_error *err)
{
    size_t size;
    if (!aot_mul(count, sizeof **values, &size)) {
        return aot_fail(err, AOT_ERROR_MEMORY, "%zu numbers do not fit in memory", count);
    }
    *block = aot_block_new(size, err);
    if (*block == NULL) {
        return false;
    }
    *values = (aot_wide *)(void *)aot_block_writable(*block);
    return true;
}

bool aot_widen(const aot_module *module, const aot_tensor *tensor, aot_block **block,
               aot_wide **values, aot_error *err)
{
    aot_quantizer quantizer;
    size_t count = aot_tensor_count(tensor);
    if (!aot_quantizer_of(module, &tensor->type, &quantizer, err) ||
        !aot_wide_new(count, block, values, err)) {
        return false;
    }
    if (tensor->type.dtype == AOT_F32) { /* most of all weights, and a call for each is slow */
        const uint8_t *bytes = aot_tensor_bytes(tensor);
        for (size_t i = 0; i < count; i++) {
            float value;
            memcpy(&value, bytes + i * sizeof value, sizeof value);
            (*values)[i].f = (double)value;
        }
    } else if (aot_dtype_class(tensor->type.dtype) == AOT_CLASS_FLOAT) {
        for (size_t i = 0; i < count; i++) {
            (*values)[i].f = aot_load_f64(tensor, i);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            (*values)[i].i = aot_sat_sub(aot_load_i64(tensor, i), aot_zero_at(&quantizer, i));
        }
    }
    return true;
}
