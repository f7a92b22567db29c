/* softmax.c - softmax on floats, and TensorFlow Lite's fixed-point softmax on 8-bit integers.
 *
 * The integer form agrees bit for bit with TensorFlow Lite Micro's reference
 * (tensorflow/lite/kernels/internal/reference/softmax.h over gemmlowp's fixed point). A Qm.n
 * number below is an int32 with n fraction bits, kept in an int64; where gemmlowp's 32-bit sum
 * would wrap (more than 4095 equal maxima in a row) it saturates here. */
#include "core/op/op_internal.h"

#include <math.h>

typedef struct softmax {
    int64_t multiplier, shift, diff_min;
} softmax;

static bool read_fixed(const aot_apply *apply, softmax *out, aot_error *err)
{
    static const char *const names[] = { "multiplier", "shift", "diff_min" };
    for (int i = 0; i < 3; i++) {
        if (aot_attr_get(apply->attrs, names[i]) == NULL) {
            return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' is missing", names[i]);
        }
    }
    return aot_attr_int(apply->attrs, "multiplier", 0, INT32_MAX, 0, &out->multiplier, err) &&
           aot_attr_int(apply->attrs, "shift", 0, 31, 0, &out->shift, err) &&
           aot_attr_int(apply->attrs, "diff_min", INT32_MIN, 0, 0, &out->diff_min, err);
}

static bool read_float(const aot_apply *apply, int32_t *axis, double *beta, aot_error *err)
{
    return aot_attr_float(apply->attrs, "beta", 1.0, beta, err) &&
           aot_attr_axis(apply->attrs, "axis", apply->types[0]->rank, -1, axis, err);
}

/* The result's type of the integer form: probabilities over the whole range of its type. */
static bool infer_fixed(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *declared = apply->declared;
    softmax how;
    if (x->dtype != AOT_I8 && x->dtype != AOT_U8) {
        return aot_fail(err, AOT_ERROR_INPUT, "the operand must be floats, i8 or u8, it is %s",
                        aot_dtype_name(x->dtype));
    }
    if (x->rank == 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "a scalar (rank 0) has no axis");
    }
    if (!read_fixed(apply, &how, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    if (declared != NULL && x->dtype == AOT_I8 && declared->dtype == AOT_I16) {
        out->dtype = AOT_I16;
    }
    out->quant = (aot_quant){ .present = true, .axis = -1 };
    out->quant.scale = out->dtype == AOT_I16 ? 1.0f / 65536 : 1.0f / 256;
    out->quant.zero = aot_dtype_min(out->dtype);
    if (declared != NULL && declared->quant.present &&
        (declared->quant.axis >= 0 || declared->quant.zero != out->quant.zero ||
         !(fabsf(declared->quant.scale / out->quant.scale - 1) < 0.001f))) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the result must have the scale 1/%d and the zero "
                        "point %lld",
                        out->dtype == AOT_I16 ? 65536 : 256, (long long)out->quant.zero);
    }
    return true;
}

bool aot_infer_softmax(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    if (aot_dtype_class(x->dtype) != AOT_CLASS_FLOAT) {
        return infer_fixed(apply, out, err);
    }
    int32_t axis;
    double beta;
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    return read_float(apply, &axis, &beta, err);
}

static void softmax_floats(const aot_tensor *x, aot_tensor *out, size_t first, size_t extent,
                           size_t step, double beta)
{
    double largest = -(double)INFINITY, sum = 0;
    for (size_t i = 0; i < extent; i++) {
        largest = fmax(largest, aot_load_f64(x, first + i * step));
    }
    for (size_t i = 0; i < extent; i++) {
        sum += exp((aot_load_f64(x, first + i * step) - largest) * beta);
    }
    for (size_t i = 0; i < extent; i++) {
        double power = exp((aot_load_f64(x, first + i * step) - largest) * beta);
        aot_store_f64(out, first + i * step, power / sum);
    }
}

/* Fixed point */

#define ONE_Q31 INT64_C(2147483647) /* the largest number below 1 */

/* a * b / 2^31 rounded, halves up; both within 32 bits. The integer bits of a and b add up. */
static int64_t multiply(int64_t a, int64_t b)
{
    return aot_sat_i32(aot_floor_shift(a * b + (INT64_C(1) << 30), 31));
}

/* value / 2^bits rounded, halves away from zero; 0 <= bits <= 31. */
static int64_t divide_power(int64_t value, int64_t bits)
{
    int64_t divisor = INT64_C(1) << bits, half = divisor / 2;
    return value < 0 ? -((half - value) / divisor) : (value + half) / divisor;
}

/* exp(a) in Q0.31 for a in [-1/4, 0) in Q0.31: four terms of the Taylor series around -1/8. */
static int64_t exp_quarter(int64_t a)
{
    const int64_t exp_of_minus_eighth = 1895147668, third = 715827883;
    int64_t x = a + (INT64_C(1) << 28);
    int64_t x2 = multiply(x, x), x3 = multiply(x2, x), x4 = multiply(x2, x2);
    int64_t tail = divide_power(multiply(divide_power(x4, 2) + x3, third) + x2, 1);
    return exp_of_minus_eighth + multiply(exp_of_minus_eighth, x + tail);
}

/* exp(a) in Q0.31 for a <= 0 in Q5.26: the part below 1/4 by the series, each binary digit of
 * the rest by a factor exp(-2^k). */
static int64_t exp_negative(int64_t a)
{
    static const int64_t factors[] = { /* exp(-2^k) in Q0.31, k = -2 to 4 */
                                       1672461947, 1302514674, 790015084, 290630308,
                                       39332535,   720401,     242
    };
    const int64_t quarter = INT64_C(1) << 24;
    if (a == 0) {
        return ONE_Q31;
    }
    int64_t rest = -a - 1; /* a == -(rest + 1), so that the series' part is in [-1/4, 0) */
    int64_t fraction = -(rest % quarter) - 1, digits = rest / quarter;
    int64_t power = exp_quarter(fraction * 32);
    for (int k = 0; k < 7; k++) {
        power = digits >> k & 1 ? multiply(power, factors[k]) : power;
    }
    return power;
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31, by three steps of Newton's division. */
static int64_t reciprocal_of_one_plus(int64_t a)
{
    const int64_t start = 1515870810, slope = -1010580540; /* 48/17 and -32/17 in Q2.29 */
    const int64_t one = INT64_C(1) << 29;
    int64_t half = (a + ONE_Q31 + 1) / 2; /* (1 + a) / 2 */
    int64_t x = start + multiply(half, slope);
    for (int i = 0; i < 3; i++) {
        x += aot_sat_i32(multiply(x, one - multiply(half, x)) * 4);
    }
    return aot_sat_i32(x * 2); /* half of x, from Q2.29 to Q0.31 */
}

/* exp of a difference of stored values in Q0.31. */
static int64_t exp_difference(int64_t difference, const softmax *how)
{
    int64_t scaled = aot_sat_i32(aot_sat_shift_left(difference, how->shift));
    return exp_negative(multiply(scaled, how->multiplier));
}

static void softmax_fixed(const aot_tensor *x, aot_tensor *out, size_t first, size_t extent,
                          const softmax *how)
{
    int64_t largest = INT64_MIN, sum = 0, lowest = aot_dtype_min(out->type.dtype);
    for (size_t i = 0; i < extent; i++) {
        int64_t value = aot_load_i64(x, first + i);
        largest = value > largest ? value : largest;
    }
    for (size_t i = 0; i < extent; i++) { /* in Q12.19 */
        int64_t difference = aot_load_i64(x, first + i) - largest;
        if (difference >= how->diff_min) {
            sum = aot_sat_i32(sum + divide_power(exp_difference(difference, how), 12));
        }
    }
    /* The sum is 2^over times a number in [1, 2), whose reciprocal is taken. */
    int64_t over = 12, mantissa = sum;
    for (; mantissa < INT64_C(1) << 31; over--) {
        mantissa *= 2;
    }
    int64_t scale = reciprocal_of_one_plus(mantissa - (INT64_C(1) << 31));
    int64_t bits = over + 31 - (int64_t)aot_dtype_bits(out->type.dtype);
    for (size_t i = 0; i < extent; i++) {
        int64_t difference = aot_load_i64(x, first + i) - largest, value = 0;
        if (difference >= how->diff_min) {
            value = divide_power(multiply(scale, exp_difference(difference, how)), bits);
        }
        aot_store_i64(out, first + i, value + lowest);
    }
}

bool aot_eval_softmax(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    bool floats = aot_dtype_class(x->type.dtype) == AOT_CLASS_FLOAT;
    size_t outer, extent, inner;
    int32_t axis = x->type.rank - 1;
    double beta = 1;
    softmax how = { 0, 0, 0 };
    if (floats ? !read_float(apply, &axis, &beta, err) : !read_fixed(apply, &how, err)) {
        return false;
    }
    aot_axis_split(&x->type, axis, &outer, &extent, &inner);
    for (size_t o = 0; o < outer; o++) {
        for (size_t i = 0; i < inner; i++) {
            size_t first = o * extent * inner + i;
            if (floats) {
                softmax_floats(x, out, first, extent, inner, beta);
            } else {
                softmax_fixed(x, out, first, extent, &how);
            }
        }
    }
    return true;
}
