/* logic.c - equal less less_equal, select, bit_and bit_or bit_xor bit_not, shift_left
 * shift_right, mod: with NumPy broadcasting.
 *
 * On stored values. A comparison with NaN is false. */
#include "core/op/op_internal.h"

#include <math.h>

static bool infer_pair(const aot_apply *apply, aot_dtype result, aot_type *out, aot_error *err)
{
    *out = aot_type_make(result, 0, NULL);
    return aot_check_same_dtype(apply->types[0], apply->types[1], err) &&
           aot_broadcast_dims(apply->types[0], apply->types[1], 0, out, err);
}

#define PAIR(name, result, function)                                                           \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        return infer_pair(apply, result, out, err);                                            \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        (void)err;                                                                             \
        aot_eval_pairs(apply, out, function);                                                  \
        return true;                                                                           \
    }

/* equal less less_equal */

static aot_wide compare(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    bool less, equal;
    aot_wide result;
    switch (aot_dtype_class(type->dtype)) {
    case AOT_CLASS_FLOAT:
        less = a.f < b.f;
        equal = !(a.f < b.f) && !(a.f > b.f) && !isnan(a.f) && !isnan(b.f);
        break;
    case AOT_CLASS_SIGNED:
        less = a.i < b.i;
        equal = a.i == b.i;
        break;
    default:
        less = a.u < b.u;
        equal = a.u == b.u;
        break;
    }
    result.u = (op != AOT_OP_equal && less) || (op != AOT_OP_less && equal) ? 1 : 0;
    return result;
}
PAIR(equal, AOT_BOOL, compare)
PAIR(less, AOT_BOOL, compare)
PAIR(less_equal, AOT_BOOL, compare)

/* bit_and bit_or bit_xor bit_not: on bool the logical operations */

static bool no_floats(const aot_apply *apply, aot_error *err)
{
    aot_dtype dtype = apply->types[0]->dtype;
    return aot_dtype_class(dtype) != AOT_CLASS_FLOAT ||
           aot_fail(err, AOT_ERROR_INPUT, "the operands must be integers or bool, they are %s",
                    aot_dtype_name(dtype));
}

static aot_wide bitwise(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    (void)type;
    a.u = op == AOT_OP_bit_and ? a.u & b.u : op == AOT_OP_bit_or ? a.u | b.u : a.u ^ b.u;
    return a;
}

#define BITWISE(name)                                                                          \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        return no_floats(apply, err) && infer_pair(apply, apply->types[0]->dtype, out, err);   \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        (void)err;                                                                             \
        aot_eval_pairs(apply, out, bitwise);                                                   \
        return true;                                                                           \
    }
BITWISE(bit_and)
BITWISE(bit_or)
BITWISE(bit_xor)

bool aot_infer_bit_not(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    return no_floats(apply, err);
}

bool aot_eval_bit_not(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    aot_class class = aot_dtype_class(out->type.dtype);
    uint64_t ones = class == AOT_CLASS_SIGNED ? UINT64_MAX : aot_dtype_max(out->type.dtype);
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        aot_wide value = aot_wide_load(apply->inputs[0], i);
        value.u ^= ones;
        aot_wide_store(out, i, class, value);
    }
    return true;
}

/* shift_left shift_right */

static aot_wide shift(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    if (b.u >= aot_dtype_bits(type->dtype)) {
        a.u = 0;
    } else {
        a.u = op == AOT_OP_shift_left ? a.u << b.u & aot_dtype_max(type->dtype) : a.u >> b.u;
    }
    return a;
}

static bool infer_shift(const aot_apply *apply, aot_type *out, aot_error *err)
{
    aot_dtype dtype = apply->types[0]->dtype;
    if (aot_dtype_class(dtype) != AOT_CLASS_UNSIGNED || dtype == AOT_BOOL) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the operands must be unsigned integers, they are %s",
                        aot_dtype_name(dtype));
    }
    return infer_pair(apply, dtype, out, err);
}

#define SHIFT(name)                                                                            \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        return infer_shift(apply, out, err);                                                   \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        (void)err;                                                                             \
        aot_eval_pairs(apply, out, shift);                                                     \
        return true;                                                                           \
    }
SHIFT(shift_left)
SHIFT(shift_right)

/* mod */

static aot_wide floor_mod(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    (void)op;
    switch (aot_dtype_class(type->dtype)) {
    case AOT_CLASS_FLOAT:
        a.f = fmod(a.f, b.f);
        a.f = a.f < 0 ? (b.f > 0 ? a.f + b.f : a.f) : a.f > 0 && b.f < 0 ? a.f + b.f : a.f;
        break;
    case AOT_CLASS_SIGNED:
        a.i = b.i == 0 || b.i == -1 ? 0 : a.i % b.i;
        a.i += a.i != 0 && (a.i < 0) != (b.i < 0) ? b.i : 0;
        break;
    default:
        a.u = b.u == 0 ? 0 : a.u % b.u;
        break;
    }
    return a;
}

static aot_wide truncated_mod(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    switch (aot_dtype_class(type->dtype)) {
    case AOT_CLASS_FLOAT:
        a.f = fmod(a.f, b.f);
        return a;
    case AOT_CLASS_SIGNED:
        a.i = b.i == 0 || b.i == -1 ? 0 : a.i % b.i;
        return a;
    default:
        return floor_mod(op, type, a, b);
    }
}

bool aot_infer_mod(const aot_apply *apply, aot_type *out, aot_error *err)
{
    bool truncated;
    return aot_attr_bool(apply->attrs, "truncated", false, &truncated, err) &&
           infer_pair(apply, apply->types[0]->dtype, out, err);
}

bool aot_eval_mod(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    bool truncated;
    if (!aot_attr_bool(apply->attrs, "truncated", false, &truncated, err)) {
        return false;
    }
    aot_eval_pairs(apply, out, truncated ? truncated_mod : floor_mod);
    return true;
}

/* select */

bool aot_infer_select(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *condition = apply->types[0], *a = apply->types[1];
    aot_type both = aot_type_make(a->dtype, 0, NULL);
    if (condition->dtype != AOT_BOOL) {
        return aot_fail(err, AOT_ERROR_INPUT, "the condition must be bool, it is %s",
                        aot_dtype_name(condition->dtype));
    }
    *out = aot_type_make(a->dtype, 0, NULL);
    if (!aot_check_same_dtype(a, apply->types[2], err) ||
        !aot_broadcast_dims(a, apply->types[2], 0, &both, err) ||
        !aot_broadcast_dims(condition, &both, 0, out, err)) {
        return false;
    }
    if (apply->declared == NULL && a->quant.present && a->quant.axis < 0) {
        out->quant = a->quant;
    }
    return true;
}

bool aot_eval_select(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    for (size_t arm = 1; arm <= 2; arm++) {
        const aot_tensor *condition = apply->inputs[0], *from = apply->inputs[arm];
        aot_walk walk = aot_walk_over(&out->type);
        aot_row_major_broadcast(&condition->type, walk.rank, walk.dims, walk.strides[0]);
        aot_row_major_broadcast(&from->type, walk.rank, walk.dims, walk.strides[1]);
        size_t i = 0;
        do {
            bool yes = aot_load_u64(condition, (size_t)walk.at[0]) != 0;
            if (yes == (arm == 1)) {
                aot_copy_element(out, i, from, (size_t)walk.at[1]);
            }
            i++;
        } while (aot_walk_next(&walk));
    }
    return true;
}
