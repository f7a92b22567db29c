/* elementwise.c - abs neg exp log sqrt rsqrt tanh logistic floor clamp, add sub mul div max min
 * pow.
 *
 * Floats are computed in double and rounded once. Integers are computed on stored values, in
 * int64 or uint64, saturating there and on the store. Integer division truncates; x / 0 is 0,
 * and so is a negative power of 0. max and min give NaN where an operand is NaN. */
#include "core/op/op_internal.h"

#include <math.h>

/* abs neg exp log sqrt rsqrt tanh logistic floor */

static bool infer_same(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    return aot_pass_quant(apply, NULL, out, err);
}

static bool infer_floats(const aot_apply *apply, aot_type *out, aot_error *err)
{
    return aot_check_floats(apply->types[0], err) && infer_same(apply, out, err);
}

static double unary_f64(aot_op op, double x)
{
    switch (op) {
    case AOT_OP_abs:
        return fabs(x);
    case AOT_OP_neg:
        return -x;
    case AOT_OP_exp:
        return exp(x);
    case AOT_OP_log:
        return log(x);
    case AOT_OP_sqrt:
        return sqrt(x);
    case AOT_OP_rsqrt:
        return 1 / sqrt(x);
    case AOT_OP_tanh:
        return tanh(x);
    case AOT_OP_logistic:
        return 1 / (1 + exp(-x));
    default:
        return floor(x);
    }
}

static aot_wide unary(aot_op op, aot_class class, aot_wide x)
{
    switch (class) {
    case AOT_CLASS_FLOAT:
        x.f = unary_f64(op, x.f);
        break;
    case AOT_CLASS_SIGNED:
        x.i = op == AOT_OP_neg || x.i < 0 ? aot_sat_sub(0, x.i) : x.i;
        break;
    default:
        x.u = op == AOT_OP_neg ? 0 : x.u;
        break;
    }
    return x;
}

static bool eval_unary(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        aot_wide_store(out, i, class, unary(apply->op, class, aot_wide_load(x, i)));
    }
    return true;
}

AOT_OP_OF_FAMILY(abs, infer_same, eval_unary)
AOT_OP_OF_FAMILY(neg, infer_same, eval_unary)
AOT_OP_OF_FAMILY(exp, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(log, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(sqrt, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(rsqrt, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(tanh, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(logistic, infer_floats, eval_unary)
AOT_OP_OF_FAMILY(floor, infer_floats, eval_unary)

/* clamp */

/* A bound as a number of the class; absent: the end of the class's range. Negative bounds of
 * unsigned values are 0, which is where they would saturate. */
static bool read_bound(const aot_apply *apply, const char *name, bool upper, aot_wide *out,
                       aot_error *err)
{
    aot_class class = aot_dtype_class(apply->types[0]->dtype);
    const aot_attr *bound = aot_attr_get(apply->attrs, name);
    if (class == AOT_CLASS_FLOAT) {
        if (!aot_attr_float(apply->attrs, name, upper ? (double)INFINITY : -(double)INFINITY,
                            &out->f, err)) {
            return false;
        }
        return !isnan(out->f) || aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' is nan", name);
    }
    int64_t value;
    if (!aot_attr_int(apply->attrs, name, INT64_MIN, INT64_MAX, upper ? INT64_MAX : INT64_MIN,
                      &value, err)) {
        return false;
    }
    if (class == AOT_CLASS_SIGNED) {
        out->i = value;
    } else if (bound == NULL) {
        out->u = upper ? UINT64_MAX : 0;
    } else {
        out->u = value < 0 ? 0 : (uint64_t)value;
    }
    return true;
}

bool aot_infer_clamp(const aot_apply *apply, aot_type *out, aot_error *err)
{
    aot_wide bound;
    return read_bound(apply, "lo", false, &bound, err) &&
           read_bound(apply, "hi", true, &bound, err) && infer_same(apply, out, err);
}

static aot_wide clamp(aot_class class, aot_wide x, aot_wide lo, aot_wide hi)
{
    switch (class) {
    case AOT_CLASS_FLOAT: /* comparisons with NaN are false: it stays */
        x = x.f < lo.f ? lo : x;
        return x.f > hi.f ? hi : x;
    case AOT_CLASS_SIGNED:
        x = x.i < lo.i ? lo : x;
        return x.i > hi.i ? hi : x;
    default:
        x = x.u < lo.u ? lo : x;
        return x.u > hi.u ? hi : x;
    }
}

bool aot_eval_clamp(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t count = aot_tensor_count(out);
    aot_wide lo, hi;
    if (!read_bound(apply, "lo", false, &lo, err) || !read_bound(apply, "hi", true, &hi, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        aot_wide_store(out, i, class, clamp(class, aot_wide_load(x, i), lo, hi));
    }
    return true;
}

/* add sub mul div max min pow */

static bool infer_binary(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *a = apply->types[0], *b = apply->types[1];
    *out = aot_type_make(a->dtype, 0, NULL);
    if (!aot_check_same_dtype(a, b, err) || !aot_broadcast_dims(a, b, 0, out, err)) {
        return false;
    }
    int32_t map[AOT_MAX_RANK];
    for (int32_t axis = 0; axis < AOT_MAX_RANK; axis++) {
        map[axis] = axis + out->rank - a->rank;
    }
    return aot_pass_quant(apply, map, out, err);
}

static double binary_f64(aot_op op, double a, double b)
{
    switch (op) {
    case AOT_OP_add:
        return a + b;
    case AOT_OP_sub:
        return a - b;
    case AOT_OP_mul:
        return a * b;
    case AOT_OP_div:
        return a / b;
    case AOT_OP_max:
        return isnan(a) || a > b ? a : b;
    case AOT_OP_min:
        return isnan(a) || a < b ? a : b;
    default:
        return pow(a, b);
    }
}

static int64_t power_i64(int64_t base, int64_t exponent)
{
    if (exponent < 0) {
        return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    }
    int64_t power = 1;
    for (; exponent > 0; exponent /= 2) {
        power = exponent % 2 == 1 ? aot_sat_mul(power, base) : power;
        base = aot_sat_mul(base, base);
    }
    return power;
}

static int64_t binary_i64(aot_op op, int64_t a, int64_t b)
{
    switch (op) {
    case AOT_OP_add:
        return aot_sat_add(a, b);
    case AOT_OP_sub:
        return aot_sat_sub(a, b);
    case AOT_OP_mul:
        return aot_sat_mul(a, b);
    case AOT_OP_div:
        return b == 0 ? 0 : b == -1 ? aot_sat_sub(0, a) : a / b;
    case AOT_OP_max:
        return a > b ? a : b;
    case AOT_OP_min:
        return a < b ? a : b;
    default:
        return power_i64(a, b);
    }
}

static uint64_t sat_mul_u64(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t power_u64(uint64_t base, uint64_t exponent)
{
    uint64_t power = 1;
    for (; exponent > 0; exponent /= 2) {
        power = exponent % 2 == 1 ? sat_mul_u64(power, base) : power;
        base = sat_mul_u64(base, base);
    }
    return power;
}

static uint64_t binary_u64(aot_op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case AOT_OP_add:
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
    case AOT_OP_sub:
        return a < b ? 0 : a - b;
    case AOT_OP_mul:
        return sat_mul_u64(a, b);
    case AOT_OP_div:
        return b == 0 ? 0 : a / b;
    case AOT_OP_max:
        return a > b ? a : b;
    case AOT_OP_min:
        return a < b ? a : b;
    default:
        return power_u64(a, b);
    }
}

aot_wide aot_wide_binary(aot_op op, aot_class class, aot_wide a, aot_wide b)
{
    switch (class) {
    case AOT_CLASS_FLOAT:
        a.f = binary_f64(op, a.f, b.f);
        break;
    case AOT_CLASS_SIGNED:
        a.i = binary_i64(op, a.i, b.i);
        break;
    default:
        a.u = binary_u64(op, a.u, b.u);
        break;
    }
    return a;
}

static aot_wide binary(aot_op op, const aot_type *type, aot_wide a, aot_wide b)
{
    return aot_wide_binary(op, aot_dtype_class(type->dtype), a, b);
}

static bool eval_binary(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    aot_eval_pairs(apply, out, binary);
    return true;
}

AOT_OP_OF_FAMILY(add, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(sub, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(mul, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(div, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(max, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(min, infer_binary, eval_binary)
AOT_OP_OF_FAMILY(pow, infer_binary, eval_binary)
