/* query.c - what a finished kernel uses and does: variables, headers, work, accesses. */
#include "core/kernel/kernel_internal.h"

#include <string.h>

static void count_uses(aot_kernel *kernel, aot_kid id)
{
    const aot_kexpr *e = &kernel->exprs[id];
    if (e->op == AOT_K_VAR)
        kernel->vars[e->ref].uses += 1;
    if (e->op == AOT_K_LOAD)
        kernel->buffers[e->ref].uses += 1;
    for (size_t i = 0; i < aot_kexpr_part_count(e); ++i)
        count_uses(kernel, aot_kexpr_part(e, i));
}

/* From the last statement to the first: a variable's uses all come after it. */
static void drop_unused(aot_kernel *kernel, aot_kblock *block)
{
    for (size_t i = block->count; i-- > 0;) {
        aot_kstmt *s = block->items[i];
        bool keep = true;
        switch (s->kind) {
        case AOT_KS_LOOP:
            drop_unused(kernel, &s->body);
            keep = s->body.count > 0;
            break;
        case AOT_KS_IF:
            drop_unused(kernel, &s->other);
            drop_unused(kernel, &s->body);
            keep = s->body.count > 0 || s->other.count > 0;
            s->has_other = s->other.count > 0;
            break;
        case AOT_KS_VAR:
        case AOT_KS_REDUCE:
            keep = kernel->vars[s->var].uses > 0;
            break;
        case AOT_KS_STORE:
            kernel->buffers[s->buffer].uses += 1;
            break;
        case AOT_KS_ASSIGN:
            kernel->vars[s->var].uses += 1;
            break;
        case AOT_KS_COMMENT:
            break;
        }
        if (!keep) {
            block->count -= 1;
            memmove(&block->items[i], &block->items[i + 1],
                    (block->count - i) * sizeof *block->items);
            continue;
        }
        if (s->kind == AOT_KS_LOOP) {
            count_uses(kernel, s->low);
            count_uses(kernel, s->high);
        }
        if (s->value)
            count_uses(kernel, s->value);
        for (size_t k = 0; k < s->at_count; ++k)
            count_uses(kernel, s->at[k]);
    }
}

void aot_kernel_drop_unused(aot_kernel *kernel)
{
    drop_unused(kernel, &kernel->body);
}

static uint64_t saturating(uint64_t a, uint64_t b, bool product)
{
    uint64_t r;
    return (product ? __builtin_mul_overflow(a, b, &r) : __builtin_add_overflow(a, b, &r))
               ? UINT64_MAX
               : r;
}

static void fits_32(aot_kernel *kernel, const aot_klinear *sum)
{
    /* the largest value that any order of adding the terms can pass through */
    int64_t most = sum->constant < 0 ? -sum->constant : sum->constant;
    for (size_t i = 0; i < sum->count; ++i) {
        const aot_krange range = kernel->exprs[sum->terms[i].atom].range;
        const int64_t far = -range.low > range.high ? -range.low : range.high;
        const int64_t factor = sum->terms[i].factor;
        most = aot_k_add(most, aot_k_mul(factor < 0 ? -factor : factor, far));
    }
    if (most > INT32_MAX)
        kernel->wide = true;
}

static bool add_access(aot_kernel *kernel, aot_kid buffer, const aot_kid *at, size_t count,
                       int32_t lanes, bool flat, bool store, aot_error *err)
{
    const aot_kbuffer *b = &kernel->buffers[buffer];
    aot_klinear written, offset;
    aot_kaccess access = { .buffer = buffer, .store = store, .lanes = lanes, .high = -1 };
    access.high = b->count > 0 ? (int64_t)b->count - 1 : 0;
    if (aot_kernel_offset(kernel, b, at, count, flat, &written)) {
        fits_32(kernel, &written);
        if (aot_klinear_expand(kernel, &written, &offset)) {
            const aot_krange range = aot_klinear_range(kernel, &offset);
            access.affine = true;
            access.constant = offset.constant;
            access.term_count = offset.count;
            for (size_t i = 0; i < offset.count; ++i) {
                const aot_kexpr *atom = &kernel->exprs[offset.terms[i].atom];
                if (atom->op != AOT_K_VAR || !kernel->vars[atom->ref].counter)
                    access.affine = false;
            }
            /* proved: within the buffer, however wide the sum of ranges is */
            if (range.low > access.low)
                access.low = range.low;
            if (range.high + lanes - 1 < access.high)
                access.high = range.high + lanes - 1;
            aot_kterm *terms = aot_arena_array(kernel->arena, offset.count, sizeof *terms, err);
            if (!terms)
                return false;
            if (offset.count > 0)
                memcpy(terms, offset.terms, offset.count * sizeof *terms);
            access.terms = terms;
        }
    } else
        kernel->wide = true;
    if (!aot_arena_grow(kernel->arena, (void **)&kernel->accesses, &kernel->access_capacity,
                        kernel->access_count + 1, sizeof *kernel->accesses, err))
        return false;
    kernel->accesses[kernel->access_count++] = access;
    return true;
}

static bool gather_expr(aot_kernel *kernel, aot_kid id, uint64_t trips, aot_error *err)
{
    const aot_kexpr e = kernel->exprs[id];
    bool fine = true;
    const bool number = e.type.dtype != AOT_KINDEX;
    if (e.type.lanes > 1)
        fine = aot_kernel_need(kernel, "aotrt_vector.h", err);
    if (e.op == AOT_K_MIN || e.op == AOT_K_MAX || e.op == AOT_K_SAT_CAST)
        fine = fine && aot_kernel_need(kernel, "aotrt_math.h", err);
    if (e.op == AOT_K_FMA || (e.op == AOT_K_FLOAT && !(e.f - e.f == 0)))
        fine = fine && aot_kernel_need(kernel, "math.h", err);
    if (e.op == AOT_K_CALL && e.header)
        fine = fine && aot_kernel_need(kernel, e.header, err);
    if (e.op == AOT_K_FMA || (e.op == AOT_K_MUL && number))
        kernel->macs =
            saturating(kernel->macs, saturating(trips, (uint64_t)e.type.lanes, true), false);
    if (e.op == AOT_K_LINEAR) {
        aot_klinear written;
        if (aot_klinear_of(kernel, id, &written))
            fits_32(kernel, &written);
    }
    if (!number && (e.range.high > INT32_MAX || e.range.low < -INT32_MAX))
        kernel->wide = true;
    if (e.op == AOT_K_LOAD)
        fine = fine &&
               add_access(kernel, e.ref, e.args, e.arg_count, e.type.lanes, e.flat, false, err);
    for (size_t i = 0; fine && i < aot_kexpr_part_count(&e); ++i)
        fine = gather_expr(kernel, aot_kexpr_part(&e, i), trips, err);
    return fine;
}

static bool gather(aot_kernel *kernel, const aot_kblock *block, uint64_t trips, aot_error *err)
{
    bool fine = true;
    for (size_t i = 0; fine && i < block->count; ++i) {
        const aot_kstmt *s = block->items[i];
        if (s->kind == AOT_KS_LOOP) {
            const int64_t span = aot_kernel_difference(kernel, s->high, s->low).high;
            const uint64_t most = span > 0 ? (uint64_t)((span - 1) / s->step + 1) : 0;
            fine = gather_expr(kernel, s->low, trips, err) &&
                   gather_expr(kernel, s->high, trips, err) &&
                   gather(kernel, &s->body, saturating(trips, most, true), err);
            /* the counter passes its last value by less than a step */
            if (kernel->vars[s->var].range.high > INT32_MAX - s->step)
                kernel->wide = true;
        }
        if (s->value)
            fine = fine && gather_expr(kernel, s->value, trips, err);
        for (size_t k = 0; fine && k < s->at_count; ++k)
            fine = gather_expr(kernel, s->at[k], trips, err);
        if (s->kind == AOT_KS_STORE)
            fine = fine && add_access(kernel, s->buffer, s->at, s->at_count,
                                      kernel->exprs[s->value].type.lanes, s->flat, true, err);
        if (s->kind == AOT_KS_REDUCE && s->op != AOT_K_ADD)
            fine = fine && aot_kernel_need(kernel, "aotrt_math.h", err);
        if (s->kind == AOT_KS_IF)
            fine = fine && gather(kernel, &s->body, trips, err) &&
                   gather(kernel, &s->other, trips, err);
    }
    return fine;
}

bool aot_kernel_gather(aot_kernel *kernel, aot_error *err)
{
    return aot_kernel_need(kernel, "stdint.h", err) && gather(kernel, &kernel->body, 1, err);
}

bool aot_kernel_finish(aot_kernel *kernel, aot_error *err)
{
    if (kernel->finished)
        return true;
    if (kernel->scope_count != 1)
        return aot_kernel_fail(kernel, err, "%zu blocks are still open",
                               kernel->scope_count - 1);
    aot_kernel_drop_unused(kernel);
    if (!aot_kernel_prove(kernel, err) || !aot_kernel_gather(kernel, err))
        return false;
    kernel->finished = true;
    return true;
}

static bool is_param(const aot_kbuffer *buffer)
{
    return buffer->role == AOT_K_INPUT || buffer->role == AOT_K_OUTPUT;
}

size_t aot_kernel_param_count(const aot_kernel *kernel)
{
    size_t count = kernel->scratch_bytes > 0;
    for (size_t i = 1; i < kernel->buffer_count; ++i)
        count += is_param(&kernel->buffers[i]);
    return count;
}

aot_kparam aot_kernel_param(const aot_kernel *kernel, size_t index)
{
    for (size_t i = 1; i < kernel->buffer_count; ++i) {
        const aot_kbuffer *b = &kernel->buffers[i];
        if (!is_param(b) || index-- > 0)
            continue;
        return (aot_kparam){ b->name, aot_kernel_ctype(kernel, b->dtype), (aot_kid)i, b->role };
    }
    return (aot_kparam){ "scratch", "void", 0, AOT_K_SCRATCH };
}

size_t aot_kernel_scratch_bytes(const aot_kernel *kernel)
{
    return kernel->scratch_bytes;
}

uint64_t aot_kernel_macs(const aot_kernel *kernel)
{
    return kernel->macs;
}

size_t aot_kernel_header_count(const aot_kernel *kernel)
{
    return kernel->header_count;
}

const char *aot_kernel_header(const aot_kernel *kernel, size_t i)
{
    return kernel->headers[i];
}

size_t aot_kernel_access_count(const aot_kernel *kernel)
{
    return kernel->access_count;
}

const aot_kaccess *aot_kernel_access(const aot_kernel *kernel, size_t i)
{
    return &kernel->accesses[i];
}
