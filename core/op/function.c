/* function.c - functions of one number: trigonometric and hyperbolic ones, erf, ceil, round, sign,
 * and the questions is_nan and is_inf.
 *
 * Floats are computed in double and rounded once; round goes to the nearest whole number, halves
 * to even. */
#include "core/op/op_internal.h"

#include <math.h>

static bool infer_floats(const aot_apply *apply, aot_dtype result, aot_type *out,
                         aot_error *err)
{
    const aot_type *x = apply->types[0];
    *out = aot_type_make(result, x->rank, x->dims);
    return aot_check_floats(x, err);
}

static void eval_f64(const aot_apply *apply, aot_tensor *out, double (*function)(double))
{
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        aot_store_f64(out, i, function(aot_load_f64(apply->inputs[0], i)));
    }
}

/* The default rounding mode is to the nearest, halves to even. */
#define FUNCTION(name, function)                                                               \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        return infer_floats(apply, apply->types[0]->dtype, out, err);                          \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        (void)err;                                                                             \
        eval_f64(apply, out, function);                                                        \
        return true;                                                                           \
    }
FUNCTION(sin, sin)
FUNCTION(cos, cos)
FUNCTION(tan, tan)
FUNCTION(asin, asin)
FUNCTION(acos, acos)
FUNCTION(atan, atan)
FUNCTION(sinh, sinh)
FUNCTION(cosh, cosh)
FUNCTION(asinh, asinh)
FUNCTION(acosh, acosh)
FUNCTION(atanh, atanh)
FUNCTION(erf, erf)
FUNCTION(ceil, ceil)
FUNCTION(round, rint)

/* sign */

bool aot_infer_sign(const aot_apply *apply, aot_type *out, aot_error *err)
{
    (void)err;
    *out = aot_type_make(apply->types[0]->dtype, apply->types[0]->rank, apply->types[0]->dims);
    return true;
}

bool aot_eval_sign(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        aot_wide value = aot_wide_load(x, i);
        switch (class) {
        case AOT_CLASS_FLOAT: /* zeros and NaN stay */
            value.f = value.f > 0 ? 1 : value.f < 0 ? -1 : value.f;
            break;
        case AOT_CLASS_SIGNED:
            value.i = (value.i > 0) - (value.i < 0);
            break;
        default:
            value.u = value.u > 0;
            break;
        }
        aot_wide_store(out, i, class, value);
    }
    return true;
}

/* is_nan is_inf */

bool aot_infer_is_nan(const aot_apply *apply, aot_type *out, aot_error *err)
{
    return infer_floats(apply, AOT_BOOL, out, err);
}

bool aot_eval_is_nan(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    size_t count = aot_tensor_count(out);
    for (size_t i = 0; i < count; i++) {
        bool yes = isnan(aot_load_f64(apply->inputs[0], i));
        aot_store_u64(out, i, yes);
    }
    return true;
}

static bool read_signs(const aot_apply *apply, bool *negative, bool *positive, aot_error *err)
{
    return aot_attr_bool(apply->attrs, "negative", true, negative, err) &&
           aot_attr_bool(apply->attrs, "positive", true, positive, err);
}

bool aot_infer_is_inf(const aot_apply *apply, aot_type *out, aot_error *err)
{
    bool negative, positive;
    return read_signs(apply, &negative, &positive, err) &&
           infer_floats(apply, AOT_BOOL, out, err);
}

bool aot_eval_is_inf(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    bool negative, positive;
    size_t count = aot_tensor_count(out);
    if (!read_signs(apply, &negative, &positive, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        double x = aot_load_f64(apply->inputs[0], i);
        bool yes = isinf(x) && (x < 0 ? negative : positive);
        aot_store_u64(out, i, yes);
    }
    return true;
}
