/* fold.c - what is known while recording: constants, identities, comparisons of ranges. */
#include "core/kernel/kernel_internal.h"

#include <math.h>

static aot_kid truth(aot_kernel *kernel, bool value, aot_error *err)
{
    return aot_kernel_int(kernel, AOT_BOOL, value, err);
}

static aot_kid sum(aot_kernel *kernel, aot_kid a, aot_kid b, int64_t factor, bool *failed,
                   aot_error *err)
{
    aot_klinear left, right;
    if (!aot_klinear_of(kernel, a, &left) || !aot_klinear_of(kernel, b, &right) ||
        !aot_klinear_add(&left, &right, factor)) {
        *failed = true;
        return aot_kernel_fail(kernel, err,
                               "index arithmetic overflows or has more than %d terms",
                               AOT_K_MAX_TERMS);
    }
    const aot_kid id = aot_kernel_linear(kernel, &left, err);
    *failed = id == 0;
    return id;
}

static aot_kid product(aot_kernel *kernel, aot_kid a, aot_kid b, bool *failed, aot_error *err)
{
    if (kernel->exprs[a].op == AOT_K_INT) {
        const aot_kid other = a;
        a = b;
        b = other;
    }
    aot_klinear left, zero = { 0 };
    if (kernel->exprs[b].op != AOT_K_INT) {
        *failed = true;
        return aot_kernel_fail(kernel, err,
                               "an index can be multiplied by constants only, or no access "
                               "could be proved");
    }
    if (!aot_klinear_of(kernel, a, &left) ||
        !aot_klinear_add(&zero, &left, kernel->exprs[b].i)) {
        *failed = true;
        return aot_kernel_fail(kernel, err, "index arithmetic overflows");
    }
    const aot_kid id = aot_kernel_linear(kernel, &zero, err);
    *failed = id == 0;
    return id;
}

/* a = d * quotient + rest with 0 <= rest < d, split term by term: exact where it succeeds. */
static aot_kid quotient(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b, bool *failed,
                        aot_error *err)
{
    const int64_t d = kernel->exprs[b].op == AOT_K_INT ? kernel->exprs[b].i : 0;
    if (d <= 0 || aot_kernel_range(kernel, a).low < 0) {
        *failed = true;
        return aot_kernel_fail(
            kernel, err,
            "an index can be divided only if it is not negative, and only by "
            "a positive constant");
    }
    aot_klinear from, whole = { 0 }, rest = { 0 };
    if (!aot_klinear_of(kernel, a, &from))
        return 0;
    whole.constant = from.constant / d;
    rest.constant = from.constant % d;
    for (size_t i = 0; i < from.count; ++i) {
        const aot_kterm term = from.terms[i];
        if (term.factor % d == 0)
            whole.terms[whole.count++] = (aot_kterm){ term.atom, term.factor / d };
        else
            rest.terms[rest.count++] = term;
    }
    const aot_krange range = aot_klinear_range(kernel, &rest);
    if (range.low < 0 || range.high >= d)
        return 0;
    const aot_kid id = aot_kernel_linear(kernel, op == AOT_K_DIV ? &whole : &rest, err);
    *failed = id == 0;
    return id;
}

aot_kid aot_kernel_fold_index(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b,
                              bool *failed, aot_error *err)
{
    const aot_krange d = aot_kernel_difference(kernel, a, b);
    aot_kid id = 0;
    switch (op) {
    case AOT_K_ADD:
        return sum(kernel, a, b, 1, failed, err);
    case AOT_K_SUB:
        return sum(kernel, a, b, -1, failed, err);
    case AOT_K_MUL:
        return product(kernel, a, b, failed, err);
    case AOT_K_DIV:
    case AOT_K_REM:
        return quotient(kernel, op, a, b, failed, err);
    case AOT_K_MIN:
        return d.high <= 0 ? a : d.low >= 0 ? b : 0;
    case AOT_K_MAX:
        return d.high <= 0 ? b : d.low >= 0 ? a : 0;
    case AOT_K_LT:
        if (d.high < 0 || d.low >= 0)
            id = truth(kernel, d.high < 0, err);
        break;
    case AOT_K_LE:
        if (d.high <= 0 || d.low > 0)
            id = truth(kernel, d.high <= 0, err);
        break;
    case AOT_K_GT:
        if (d.low > 0 || d.high <= 0)
            id = truth(kernel, d.low > 0, err);
        break;
    case AOT_K_GE:
        if (d.low >= 0 || d.high < 0)
            id = truth(kernel, d.low >= 0, err);
        break;
    case AOT_K_EQ:
    case AOT_K_NE:
        if (d.low > 0 || d.high < 0)
            id = truth(kernel, op == AOT_K_NE, err);
        else if (d.low == 0 && d.high == 0)
            id = truth(kernel, op == AOT_K_EQ, err);
        else
            return 0;
        break;
    default:
        *failed = true;
        return aot_kernel_fail(kernel, err, "there is no such operation on an index");
    }
    return id;
}

/* Whether `value` (u64: by its bits) is one of the dtype. */
static bool fits(aot_dtype dtype, int64_t value)
{
    if (dtype == AOT_I64 || dtype == AOT_U64)
        return true;
    if (dtype == AOT_BOOL)
        return value == 0 || value == 1;
    return value >= aot_dtype_min(dtype) && value <= (int64_t)aot_dtype_max(dtype);
}

static aot_kid fold_ints(aot_kernel *kernel, aot_kop op, aot_dtype dtype, int64_t x, int64_t y,
                         bool *failed, aot_error *err)
{
    int64_t r = 0;
    bool overflow = false;
    switch (op) {
    case AOT_K_ADD:
        overflow = __builtin_add_overflow(x, y, &r);
        break;
    case AOT_K_SUB:
        overflow = __builtin_sub_overflow(x, y, &r);
        break;
    case AOT_K_MUL:
        overflow = __builtin_mul_overflow(x, y, &r);
        break;
    case AOT_K_MIN:
        r = x < y ? x : y;
        break;
    case AOT_K_MAX:
        r = x > y ? x : y;
        break;
    case AOT_K_LT:
        return truth(kernel, x < y, err);
    case AOT_K_LE:
        return truth(kernel, x <= y, err);
    case AOT_K_GT:
        return truth(kernel, x > y, err);
    case AOT_K_GE:
        return truth(kernel, x >= y, err);
    case AOT_K_EQ:
        return truth(kernel, x == y, err);
    case AOT_K_NE:
        return truth(kernel, x != y, err);
    default:
        return 0;
    }
    if (overflow || !fits(dtype, r)) {
        if (dtype == AOT_U32)
            return 0; /* wraps, at run time */
        *failed = true;
        return aot_kernel_fail(kernel, err, "arithmetic of constants overflows %s",
                               aot_dtype_name(dtype));
    }
    const aot_kid id = aot_kernel_int(kernel, dtype, r, err);
    *failed = id == 0;
    return id;
}

static bool is_int(const aot_kexpr *e, int64_t value)
{
    return e->op == AOT_K_INT && e->i == value;
}

aot_kid aot_kernel_fold_value(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b,
                              bool *failed, aot_error *err)
{
    const aot_kexpr *x = &kernel->exprs[a], *y = &kernel->exprs[b];
    if (op == AOT_K_BOTH || op == AOT_K_EITHER) {
        const int64_t neutral = op == AOT_K_BOTH; /* the other one decides */
        if (x->op == AOT_K_INT)
            return x->i == neutral ? b : a;
        if (y->op == AOT_K_INT)
            return y->i == neutral ? a : b;
        return 0;
    }
    if (x->op == AOT_K_FLOAT || y->op == AOT_K_FLOAT) {
        if (op == AOT_K_MUL && y->op == AOT_K_FLOAT && y->f == 1.0)
            return a;
        if (op == AOT_K_MUL && x->op == AOT_K_FLOAT && x->f == 1.0)
            return b;
        if (op == AOT_K_SUB && y->op == AOT_K_FLOAT && y->f == 0.0 && !signbit(y->f))
            return a; /* -0 stays -0: adding 0 would not do */
        return 0;
    }
    if (x->type.dtype == AOT_U64)
        return 0; /* kept as bits: its order is another */
    if (x->op == AOT_K_INT && y->op == AOT_K_INT)
        return fold_ints(kernel, op, x->type.dtype, x->i, y->i, failed, err);
    if ((op == AOT_K_ADD || op == AOT_K_SUB) && is_int(y, 0))
        return a;
    if ((op == AOT_K_ADD || op == AOT_K_SUB) && y->op == AOT_K_INT && y->i < 0 &&
        y->i > INT32_MIN) {
        const aot_kop other = op == AOT_K_ADD ? AOT_K_SUB : AOT_K_ADD;
        const aot_kid size = aot_kernel_int(kernel, y->type.dtype, -y->i, err);
        const aot_kid id = size ? aot_kernel_binary(kernel, other, a, size, err) : 0;
        *failed = id == 0;
        return id;
    }
    if (op == AOT_K_ADD && is_int(x, 0))
        return b;
    if (op == AOT_K_MUL && (is_int(y, 1) || is_int(x, 0)))
        return a;
    if (op == AOT_K_MUL && (is_int(x, 1) || is_int(y, 0)))
        return b;
    return 0;
}

aot_kid aot_kernel_fold_cast(aot_kernel *kernel, aot_dtype dtype, const aot_kexpr *a,
                             bool saturate, bool *failed, aot_error *err)
{
    aot_kid id = 0;
    if (a->op == AOT_K_INT && a->type.dtype != AOT_U64) {
        if (aot_kdtype_is_float(dtype)) {
            /* one rounding, to the type itself */
            id = aot_kernel_float(kernel, dtype,
                                  dtype == AOT_F32 ? (double)(float)a->i : (double)a->i, err);
        } else if (dtype != AOT_U64 && fits(dtype, a->i)) {
            id = aot_kernel_int(kernel, dtype, a->i, err);
        } else if (saturate && dtype != AOT_U64) {
            id = aot_kernel_int(kernel, dtype,
                                a->i < 0 ? aot_dtype_min(dtype) : (int64_t)aot_dtype_max(dtype),
                                err);
        } else
            return 0;
    } else if (a->op == AOT_K_FLOAT && aot_kdtype_is_float(dtype)) {
        id =
            aot_kernel_float(kernel, dtype, dtype == AOT_F32 ? (double)(float)a->f : a->f, err);
    } else
        return 0;
    *failed = id == 0;
    return id;
}
