/* quantize.c - cast quantize dequantize requantize lookup: from one number format to another.
 *
 * The fixed-point forms agree bit for bit with TensorFlow Lite Micro's reference kernels
 * (tensorflow/lite/kernels/internal/common.cc and gemmlowp's fixed point). Where those would
 * overflow a 32-bit shift, which converted models never do, values saturate here. */
#include "core/op/op_internal.h"

#include <math.h>

static bool need_declared(const aot_apply *apply, aot_error *err)
{
    return apply->declared != NULL ||
           aot_fail(err, AOT_ERROR_INPUT, "the result's type must be declared");
}

static bool is_integer(aot_dtype dtype)
{
    return aot_dtype_class(dtype) != AOT_CLASS_FLOAT && dtype != AOT_BOOL;
}

/* cast */

bool aot_infer_cast(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    if (!need_declared(apply, err)) {
        return false;
    }
    bool wrap;
    if (!aot_attr_bool(apply->attrs, "wrap", false, &wrap, err)) {
        return false;
    }
    aot_dtype to = apply->declared->dtype;
    if (wrap && !(is_integer(x->dtype) && is_integer(to))) {
        return aot_fail(err, AOT_ERROR_INPUT, "only integers wrap, this is a cast of %s to %s",
                        aot_dtype_name(x->dtype), aot_dtype_name(to));
    }
    *out = aot_type_make(to, x->rank, x->dims);
    return true;
}

/* The low bits of an integer of class `from`, as many as `dtype` has, in two's complement. */
static aot_wide wrapped(aot_wide value, aot_class from, aot_dtype dtype)
{
    uint64_t highest = UINT64_MAX >> (64 - aot_dtype_bits(dtype));
    uint64_t low = (from == AOT_CLASS_SIGNED ? (uint64_t)value.i : value.u) & highest;
    if (aot_dtype_class(dtype) != AOT_CLASS_SIGNED) {
        return (aot_wide){ .u = low };
    }
    bool negative = low > highest / 2;
    return (aot_wide){ .i = negative ? -(int64_t)(highest - low) - 1 : (int64_t)low };
}

bool aot_eval_cast(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    bool wrap;
    if (!aot_attr_bool(apply->attrs, "wrap", false, &wrap, err)) {
        return false;
    }
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t count = aot_tensor_count(out);
    bool truncate = class == AOT_CLASS_FLOAT && is_integer(out->type.dtype);
    for (size_t i = 0; i < count; i++) {
        aot_wide value = aot_wide_load(x, i);
        if (truncate) {
            value.f = trunc(value.f);
        }
        if (wrap) {
            value = wrapped(value, class, out->type.dtype);
        }
        aot_wide_store(out, i, wrap ? aot_dtype_class(out->type.dtype) : class, value);
    }
    return true;
}

/* quantize, dequantize */

/* A quantization with which stored values can be computed: every scale above zero. */
static bool check_quantization(const aot_type *type, const char *what, aot_error *err)
{
    if (!is_integer(type->dtype) || aot_dtype_bits(type->dtype) > 32) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "%s must be integers of at most 32 bits, it is %s", what,
                        aot_dtype_name(type->dtype));
    }
    if (!type->quant.present) {
        return aot_fail(err, AOT_ERROR_INPUT, "%s has no quantization", what);
    }
    if (type->quant.axis < 0 && !(type->quant.scale > 0 && isfinite(type->quant.scale))) {
        return aot_fail(err, AOT_ERROR_INPUT, "%s has the scale %g, it must be above 0", what,
                        (double)type->quant.scale);
    }
    return true;
}

static bool read_rounding(const aot_apply *apply, const char *const *words, int *out,
                          aot_error *err)
{
    return aot_attr_word(apply->attrs, "rounding", words, -1, out, err);
}

enum { ROUND_AWAY, ROUND_EVEN };
static const char *const quantize_roundings[] = { "away", "even", NULL };

bool aot_infer_quantize(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int rounding;
    if (x->dtype != AOT_F32) {
        return aot_fail(err, AOT_ERROR_INPUT, "the operand must be f32, it is %s",
                        aot_dtype_name(x->dtype));
    }
    if (!read_rounding(apply, quantize_roundings, &rounding, err) ||
        !need_declared(apply, err) || !check_quantization(apply->declared, "the result", err)) {
        return false;
    }
    *out = aot_type_make(apply->declared->dtype, x->rank, x->dims);
    return true;
}

bool aot_eval_quantize(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    size_t count = aot_tensor_count(out);
    aot_quantizer quantizer;
    int rounding;
    if (!read_rounding(apply, quantize_roundings, &rounding, err) ||
        !aot_quantizer_of(apply->module, &out->type, &quantizer, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        float quotient = (float)aot_load_f64(x, i) / aot_scale_at(&quantizer, i);
        double rounded =
            rounding == ROUND_AWAY ? round((double)quotient) : nearbyint((double)quotient);
        aot_store_f64(out, i, rounded + (double)aot_zero_at(&quantizer, i));
    }
    return true;
}

bool aot_infer_dequantize(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    *out = aot_type_make(AOT_F32, x->rank, x->dims);
    return check_quantization(x, "the operand", err);
}

bool aot_eval_dequantize(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    size_t count = aot_tensor_count(out);
    aot_quantizer quantizer;
    if (!aot_quantizer_of(apply->module, &x->type, &quantizer, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        float difference = (float)(aot_load_i64(x, i) - aot_zero_at(&quantizer, i));
        aot_store_f64(out, i, (double)(difference * aot_scale_at(&quantizer, i)));
    }
    return true;
}

/* requantize */

enum { REQUANTIZE_DOUBLE, REQUANTIZE_SINGLE, REQUANTIZE_EVEN };
static const char *const requantize_roundings[] = { "double", "single", "even", NULL };

typedef struct requantize {
    int rounding;
    int64_t left_shift;
    int32_t axis;
} requantize;

static bool read_requantize(const aot_apply *apply, requantize *out, aot_error *err)
{
    int64_t last = apply->types[0]->rank > 0 ? apply->types[0]->rank - 1 : 0, axis;
    if (!read_rounding(apply, requantize_roundings, &out->rounding, err) ||
        !aot_attr_int(apply->attrs, "left_shift", 0, 31, 0, &out->left_shift, err) ||
        !aot_attr_int(apply->attrs, "axis", 0, last, last, &axis, err)) {
        return false;
    }
    out->axis = (int32_t)axis;
    return true;
}

/* One element, or one for each position along the axis. */
static bool check_factor(const aot_type *factor, aot_dtype dtype, const aot_type *x,
                         int32_t axis, const char *what, aot_error *err)
{
    size_t count;
    if (!aot_type_count(factor, &count, err)) {
        return false;
    }
    if (factor->dtype != dtype) {
        return aot_fail(err, AOT_ERROR_INPUT, "the %s must be %s, it is %s", what,
                        aot_dtype_name(dtype), aot_dtype_name(factor->dtype));
    }
    if (count != 1 && (x->rank == 0 || count != (size_t)x->dims[axis])) {
        char shown[128];
        return aot_fail(
            err, AOT_ERROR_INPUT,
            "the %s has %zu elements, it must have 1 or the extent of axis %d of %s", what,
            count, axis, aot_type_show(x, shown, sizeof shown));
    }
    return true;
}

bool aot_infer_requantize(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    const aot_type *shift = apply->input_count > 2 ? apply->types[2] : NULL;
    requantize how;
    if (!read_requantize(apply, &how, err) || !need_declared(apply, err)) {
        return false;
    }
    bool even = how.rounding == REQUANTIZE_EVEN;
    if (!is_integer(x->dtype) || x->dtype == AOT_U64) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the operand must be i64 or integers of at most 32 bits, it is %s",
                        aot_dtype_name(x->dtype));
    }
    if (!is_integer(apply->declared->dtype)) {
        return aot_fail(err, AOT_ERROR_INPUT, "the result must be integers, it is declared %s",
                        aot_dtype_name(apply->declared->dtype));
    }
    if (even == (shift != NULL)) {
        return aot_fail(err, AOT_ERROR_INPUT, "rounding = %s %s",
                        requantize_roundings[how.rounding],
                        even ? "takes no shift" : "needs a shift");
    }
    *out = aot_type_make(apply->declared->dtype, x->rank, x->dims);
    return check_factor(apply->types[1], even ? AOT_F32 : AOT_I32, x, how.axis, "multiplier",
                        err) &&
           (even || check_factor(shift, AOT_I32, x, how.axis, "shift", err));
}

/* round(round(x * 2^max(shift, 0) * multiplier / 2^31) / 2^max(-shift, 0)): the product rounds
 * halves up, the division halves away from zero. */
static int64_t scale_double(int64_t x, int64_t multiplier, int64_t shift)
{
    int64_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    int64_t shifted = aot_sat_i32(aot_sat_shift_left(aot_sat_i32(x), left));
    int64_t high = aot_sat_i32(aot_floor_shift(shifted * multiplier + (INT64_C(1) << 30), 31));
    if (right == 0) {
        return high;
    }
    return aot_floor_shift(high + (INT64_C(1) << (right - 1)) - (high < 0), right);
}

/* round(x * multiplier / 2^(31 - shift)), halves up. */
static int64_t scale_single(int64_t x, int64_t multiplier, int64_t shift)
{
    return aot_floor_shift(aot_sat_i32(x) * multiplier + (INT64_C(1) << (30 - shift)),
                           31 - shift);
}

/* The 64-bit form: the multiplier is rounded to 16 bits. Sums of 16-bit networks stay within
 * 47 bits, what is larger saturates there. */
static int64_t scale_wide(int64_t x, int64_t multiplier, int64_t shift)
{
    const int64_t limit = INT64_C(1) << 47;
    int64_t reduced =
        multiplier < 0x7fff0000 ? aot_floor_shift(multiplier + 0x8000, 16) : 0x7fff;
    int64_t bounded = x < -limit ? -limit : x >= limit ? limit - 1 : x;
    return aot_floor_shift(bounded * reduced + (INT64_C(1) << (14 - shift)), 15 - shift);
}

/* rint((f32)x * factor), saturated to 64 bits; NaN gives 0. */
static int64_t scale_even(int64_t x, float factor)
{
    float product = (float)x * factor;
    double rounded = nearbyint((double)product);
    if (isnan(rounded)) {
        return 0;
    }
    return rounded >= 0x1p63 ? INT64_MAX : rounded < -0x1p63 ? INT64_MIN : (int64_t)rounded;
}

static bool check_shifts(const aot_tensor *shift, int64_t high, aot_error *err)
{
    size_t count = aot_tensor_count(shift);
    for (size_t i = 0; i < count; i++) {
        int64_t value = aot_load_i64(shift, i);
        if (value < -31 || value > high) {
            return aot_fail(err, AOT_ERROR_INPUT,
                            "shift %zu is %lld, it must be in -31 to %lld", i, (long long)value,
                            (long long)high);
        }
    }
    return true;
}

bool aot_eval_requantize(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0], *multiplier = apply->inputs[1];
    const aot_tensor *shift = apply->input_count > 2 ? apply->inputs[2] : NULL;
    bool wide = x->type.dtype == AOT_I64;
    aot_quantizer from, to;
    requantize how;
    if (!read_requantize(apply, &how, err) ||
        !aot_quantizer_of(apply->module, &x->type, &from, err) ||
        !aot_quantizer_of(apply->module, &out->type, &to, err) ||
        (shift != NULL && !check_shifts(shift, wide ? 7 : 30, err))) {
        return false;
    }
    size_t outer = 1, extent = 1, inner = 1;
    if (x->type.rank > 0) {
        aot_axis_split(&x->type, how.axis, &outer, &extent, &inner);
    }
    bool one_multiplier = aot_tensor_count(multiplier) == 1;
    bool one_shift = shift == NULL || aot_tensor_count(shift) == 1;
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        size_t channel = i / inner % extent;
        size_t m = one_multiplier ? 0 : channel, s = one_shift ? 0 : channel;
        int64_t value = aot_sat_sub(aot_load_i64(x, i), aot_zero_at(&from, i));
        value = aot_sat_shift_left(value, how.left_shift);
        if (how.rounding == REQUANTIZE_EVEN) {
            value = scale_even(value, (float)aot_load_f64(multiplier, m));
        } else {
            int64_t by = aot_load_i64(multiplier, m), bits = aot_load_i64(shift, s);
            value = wide                                ? scale_wide(value, by, bits)
                    : how.rounding == REQUANTIZE_DOUBLE ? scale_double(value, by, bits)
                                                        : scale_single(value, by, bits);
        }
        aot_store_i64(out, i, aot_sat_add(value, aot_zero_at(&to, i)));
    }
    return true;
}

/* lookup */

#define MOST_ENTRIES 32768 /* of an interpolated table: positions of 14 bits more fit an i32 */

/* The operand of an interpolating lookup is in units of 2^-bits entries. */
static bool infer_interpolated(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *table = apply->types[1];
    int64_t bits;
    char shown[128];
    if (!aot_attr_int(apply->attrs, "bits", 1, 14, 0, &bits, err)) {
        return false;
    }
    if (x->dtype != AOT_I32 || bits == 0) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the operand must be i8, u8, or i32 with attribute 'bits', it is %s",
                        aot_dtype_name(x->dtype));
    }
    if (table->rank != 1 || table->dims[0] < 2 || table->dims[0] > MOST_ENTRIES ||
        (table->dtype != AOT_I16 && table->dtype != AOT_U16)) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the table must be i16 or u16 of 2 to %d elements, it is %s",
                        MOST_ENTRIES, aot_type_show(table, shown, sizeof shown));
    }
    *out = aot_type_make(AOT_I32, x->rank, x->dims);
    return true;
}

bool aot_infer_lookup(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *table = apply->types[1];
    char shown[128];
    if (x->dtype != AOT_I8 && x->dtype != AOT_U8) {
        return infer_interpolated(apply, out, err);
    }
    if (table->rank != 1 || table->dims[0] != 256) {
        return aot_fail(err, AOT_ERROR_INPUT, "the table must have the shape [256], it is %s",
                        aot_type_show(table, shown, sizeof shown));
    }
    *out = aot_type_make(table->dtype, x->rank, x->dims);
    if (apply->declared == NULL && table->quant.axis < 0) {
        out->quant = table->quant;
    }
    return true;
}

/* (1 - f) * table[i] + f * table[i + 1] in units of 2^-bits, i + f = x / 2^bits within the table. */
static int64_t interpolated(const aot_tensor *table, int64_t x, int64_t bits)
{
    int64_t last = table->type.dims[0] - 2, unit = INT64_C(1) << bits;
    int64_t held = x < 0 ? 0 : x > (last + 1) * unit ? (last + 1) * unit : x;
    int64_t entry = held / unit < last ? held / unit : last;
    int64_t from = aot_load_i64(table, (size_t)entry);
    return from * unit +
           (held - entry * unit) * (aot_load_i64(table, (size_t)entry + 1) - from);
}

bool aot_eval_lookup(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0], *table = apply->inputs[1];
    int64_t bits;
    if (!aot_attr_int(apply->attrs, "bits", 1, 14, 0, &bits, err)) {
        return false;
    }
    if (x->type.dtype == AOT_I32) {
        for (size_t i = 0; i < aot_tensor_count(out); i++) {
            aot_store_i64(out, i, interpolated(table, aot_load_i64(x, i), bits));
        }
        return true;
    }
    aot_class class = aot_dtype_class(table->type.dtype);
    int64_t first = aot_dtype_min(x->type.dtype);
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        size_t entry = (size_t)(aot_load_i64(x, i) - first);
        aot_wide_store(out, i, class, aot_wide_load(table, entry));
    }
    return true;
}
