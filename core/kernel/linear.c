/* linear.c - index arithmetic as sums of products, and the ranges of such sums. */
#include "core/kernel/kernel_internal.h"

#include <string.h>

int64_t aot_k_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? -AOT_K_FAR : AOT_K_FAR;
    return sum > AOT_K_FAR ? AOT_K_FAR : sum < -AOT_K_FAR ? -AOT_K_FAR : sum;
}

int64_t aot_k_mul(int64_t a, int64_t b)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return (a < 0) != (b < 0) ? -AOT_K_FAR : AOT_K_FAR;
    return product > AOT_K_FAR ? AOT_K_FAR : product < -AOT_K_FAR ? -AOT_K_FAR : product;
}

/* Adds factor * atom, keeping the terms sorted and without zeros. */
static bool add_term(aot_klinear *to, aot_kid atom, int64_t factor)
{
    size_t at = 0;
    while (at < to->count && to->terms[at].atom < atom)
        ++at;
    if (at < to->count && to->terms[at].atom == atom) {
        if (__builtin_add_overflow(to->terms[at].factor, factor, &to->terms[at].factor))
            return false;
        if (to->terms[at].factor == 0) {
            to->count -= 1;
            memmove(&to->terms[at], &to->terms[at + 1], (to->count - at) * sizeof *to->terms);
        }
        return true;
    }
    if (factor == 0)
        return true;
    if (to->count == AOT_K_MAX_TERMS)
        return false;
    memmove(&to->terms[at + 1], &to->terms[at], (to->count - at) * sizeof *to->terms);
    to->terms[at] = (aot_kterm){ atom, factor };
    to->count += 1;
    return true;
}

bool aot_klinear_add(aot_klinear *to, const aot_klinear *from, int64_t factor)
{
    int64_t product;
    if (__builtin_mul_overflow(from->constant, factor, &product) ||
        __builtin_add_overflow(to->constant, product, &to->constant))
        return false;
    for (size_t i = 0; i < from->count; ++i)
        if (__builtin_mul_overflow(from->terms[i].factor, factor, &product) ||
            !add_term(to, from->terms[i].atom, product))
            return false;
    return true;
}

bool aot_klinear_of(const aot_kernel *kernel, aot_kid id, aot_klinear *out)
{
    const aot_kexpr *e = &kernel->exprs[id];
    out->constant = 0;
    out->count = 0;
    if (e->op == AOT_K_INT || e->op == AOT_K_LINEAR) {
        out->constant = e->i;
        out->count = e->term_count;
        if (e->term_count > 0)
            memcpy(out->terms, e->terms, e->term_count * sizeof *e->terms);
        return true;
    }
    return add_term(out, id, 1);
}

bool aot_klinear_expand(const aot_kernel *kernel, const aot_klinear *from, aot_klinear *out)
{
    out->constant = from->constant;
    out->count = 0;
    for (size_t i = 0; i < from->count; ++i) {
        const aot_kexpr *e = &kernel->exprs[from->terms[i].atom];
        const aot_kvar *var = e->op == AOT_K_VAR ? &kernel->vars[e->ref] : NULL;
        const bool done = var && var->definition
                              ? aot_klinear_add(out, var->definition, from->terms[i].factor)
                              : add_term(out, from->terms[i].atom, from->terms[i].factor);
        if (!done)
            return false;
    }
    return true;
}

/* The sum of two bounds; one that is out of sight stays so, whatever is added. */
static int64_t add_bounds(int64_t a, int64_t b, int64_t far)
{
    return a == far || b == far ? far : aot_k_add(a, b);
}

aot_krange aot_klinear_range(const aot_kernel *kernel, const aot_klinear *linear)
{
    aot_krange range = { linear->constant, linear->constant };
    for (size_t i = 0; i < linear->count; ++i) {
        const int64_t factor = linear->terms[i].factor;
        const aot_krange atom = kernel->exprs[linear->terms[i].atom].range;
        const int64_t a = aot_k_mul(factor, atom.low), b = aot_k_mul(factor, atom.high);
        range.low = add_bounds(range.low, a < b ? a : b, -AOT_K_FAR);
        range.high = add_bounds(range.high, a < b ? b : a, AOT_K_FAR);
    }
    return range;
}

static aot_krange meet(aot_krange a, aot_krange b)
{
    return (aot_krange){ a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high };
}

/* Of a sum as it is written and with its constant variables replaced. */
static aot_krange best_range(const aot_kernel *kernel, const aot_klinear *linear)
{
    const aot_krange range = aot_klinear_range(kernel, linear);
    aot_klinear expanded;
    if (!aot_klinear_expand(kernel, linear, &expanded))
        return range;
    return meet(range, aot_klinear_range(kernel, &expanded));
}

aot_krange aot_kernel_range(const aot_kernel *kernel, aot_kid id)
{
    return kernel->exprs[id].range;
}

aot_krange aot_kernel_difference(const aot_kernel *kernel, aot_kid a, aot_kid b)
{
    aot_klinear difference, other;
    if (!aot_klinear_of(kernel, a, &difference) || !aot_klinear_of(kernel, b, &other) ||
        !aot_klinear_add(&difference, &other, -1))
        return (aot_krange){ -AOT_K_FAR, AOT_K_FAR };
    return best_range(kernel, &difference);
}

aot_kid aot_kernel_linear(aot_kernel *kernel, const aot_klinear *linear, aot_error *err)
{
    if (linear->count == 1 && linear->constant == 0 && linear->terms[0].factor == 1)
        return linear->terms[0].atom;
    const aot_kexpr sum = { .op = linear->count ? AOT_K_LINEAR : AOT_K_INT,
                            .type = aot_ktype_scalar(AOT_KINDEX),
                            .i = linear->constant,
                            .terms = linear->terms,
                            .term_count = (uint32_t)linear->count,
                            .range = best_range(kernel, linear) };
    if (sum.range.low <= -AOT_K_FAR || sum.range.high >= AOT_K_FAR)
        return aot_kernel_fail(kernel, err, "index arithmetic overflows");
    return aot_kernel_add(kernel, sum, err);
}

bool aot_kernel_offset(const aot_kernel *kernel, const aot_kbuffer *buffer, const aot_kid *at,
                       size_t count, bool flat, aot_klinear *out)
{
    out->constant = 0;
    out->count = 0;
    int64_t stride = 1;
    for (size_t i = count; i-- > 0;) {
        aot_klinear one;
        if (!aot_klinear_of(kernel, at[i], &one) || !aot_klinear_add(out, &one, stride))
            return false;
        if (!flat && __builtin_mul_overflow(stride, (int64_t)buffer->dims[i], &stride))
            return false;
    }
    return true;
}
