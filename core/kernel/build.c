/* build.c - a kernel's storage: expressions, names, buffers, headers. */
#include "core/kernel/kernel_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/emit/emit.h"

aot_kernel *aot_kernel_new(const char *hint, aot_error *err)
{
    aot_arena *arena = aot_arena_new(0);
    if (!arena) {
        aot_fail(err, AOT_ERROR_MEMORY, "no room for a kernel");
        return NULL;
    }
    aot_kernel *kernel = aot_arena_alloc(arena, sizeof *kernel, err);
    if (!kernel) {
        aot_arena_free(arena);
        return NULL;
    }
    kernel->arena = arena;
    kernel->hint = aot_arena_copy(arena, hint, strlen(hint), err);
    const bool ready =
        kernel->hint &&
        aot_arena_grow(arena, (void **)&kernel->exprs, &kernel->expr_capacity, 64,
                       sizeof *kernel->exprs, err) &&
        aot_arena_grow(arena, (void **)&kernel->buffers, &kernel->buffer_capacity, 8,
                       sizeof *kernel->buffers, err) &&
        aot_kernel_name(kernel, "lane", false, err) &&
        aot_kernel_name(kernel, "scratch", false, err);
    if (!ready) {
        aot_arena_free(arena);
        return NULL;
    }
    kernel->expr_count = 1;
    kernel->buffer_count = 1;
    kernel->scopes[0].block = &kernel->body;
    kernel->scope_count = 1;
    return kernel;
}

void aot_kernel_free(aot_kernel *kernel)
{
    if (kernel)
        aot_arena_free(kernel->arena);
}

bool aot_kernel_fail(const aot_kernel *kernel, aot_error *err, const char *format, ...)
{
    char words[800];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return aot_fail(err, AOT_ERROR_INPUT, "kernel '%.200s': %s", kernel->hint, words);
}

const aot_kexpr *aot_kernel_expr(const aot_kernel *kernel, aot_kid id)
{
    return id > 0 && id < kernel->expr_count ? &kernel->exprs[id] : NULL;
}

aot_ktype aot_kernel_type(const aot_kernel *kernel, aot_kid expr)
{
    const aot_kexpr *e = aot_kernel_expr(kernel, expr);
    return e ? e->type : (aot_ktype){ AOT_KINDEX, 0, 0 };
}

size_t aot_kexpr_part_count(const aot_kexpr *expr)
{
    return expr->arg_count + expr->term_count;
}

aot_kid aot_kexpr_part(const aot_kexpr *expr, size_t i)
{
    return i < expr->arg_count ? expr->args[i] : expr->terms[i - expr->arg_count].atom;
}

aot_kid aot_kernel_add(aot_kernel *kernel, aot_kexpr expr, aot_error *err)
{
    if (kernel->finished)
        return aot_kernel_fail(kernel, err, "is finished: nothing can be added");
    uint32_t depth = 0, size = 1;
    for (size_t i = 0; i < aot_kexpr_part_count(&expr); ++i) {
        const aot_kexpr *part = &kernel->exprs[aot_kexpr_part(&expr, i)];
        if (part->depth > depth)
            depth = part->depth;
        size += part->size;
    }
    if (depth >= AOT_K_MAX_DEPTH || size > AOT_K_MAX_SIZE)
        return aot_kernel_fail(kernel, err,
                               "an expression is too long: bind a part of it to a variable");
    expr.depth = depth + 1;
    expr.size = size;
    if (!aot_arena_grow(kernel->arena, (void **)&kernel->exprs, &kernel->expr_capacity,
                        kernel->expr_count + 1, sizeof *kernel->exprs, err))
        return 0;
    if (expr.arg_count > 0) {
        aot_kid *args = aot_arena_array(kernel->arena, expr.arg_count, sizeof *args, err);
        if (!args)
            return 0;
        memcpy(args, expr.args, expr.arg_count * sizeof *args);
        expr.args = args;
    }
    if (expr.term_count > 0) {
        aot_kterm *terms = aot_arena_array(kernel->arena, expr.term_count, sizeof *terms, err);
        if (!terms)
            return 0;
        memcpy(terms, expr.terms, expr.term_count * sizeof *terms);
        expr.terms = terms;
    }
    kernel->exprs[kernel->expr_count] = expr;
    return (aot_kid)kernel->expr_count++;
}

/* `everywhere`: also in blocks that have ended, where it would shadow. */
static bool taken(const aot_kernel *kernel, const char *name, bool everywhere)
{
    for (size_t i = 0; i < kernel->name_count; ++i)
        if (strcmp(kernel->names[i], name) == 0)
            return true;
    for (size_t i = 0; everywhere && i < kernel->var_count; ++i)
        if (strcmp(kernel->vars[i].name, name) == 0)
            return true;
    return false;
}

const char *aot_kernel_name(aot_kernel *kernel, const char *hint, bool everywhere,
                            aot_error *err)
{
    enum { LONGEST = 48 }; /* leaves room for a number within the 63 significant characters */
    const size_t length = strlen(hint);
    char name[LONGEST + 16];
    const bool legal = length <= LONGEST;
    snprintf(name, sizeof name, "%.*s", LONGEST, hint);
    if (legal && aot_emit_identifier_problem(hint, length, LONGEST)) {
        /* a word of C or its library becomes legal with a number; other words do not */
        snprintf(name, sizeof name, "%s_1", hint);
        if (aot_emit_identifier_problem(name, strlen(name), 63)) {
            aot_kernel_fail(kernel, err, "'%.60s' cannot name a variable: it %s", hint,
                            aot_emit_identifier_problem(hint, length, LONGEST));
            return NULL;
        }
    }
    const bool again = everywhere && kernel->numbered && strcmp(kernel->numbered, hint) == 0;
    size_t number = again ? kernel->number : 1;
    while (taken(kernel, name, everywhere)) {
        snprintf(name, sizeof name, "%.*s_%zu", LONGEST, hint, number);
        ++number;
    }
    if (everywhere && !again &&
        !(kernel->numbered = aot_arena_copy(kernel->arena, hint, length, err)))
        return NULL;
    if (everywhere)
        kernel->number = number;
    char *copy = aot_arena_copy(kernel->arena, name, strlen(name), err);
    if (!copy || !aot_arena_grow(kernel->arena, (void **)&kernel->names, &kernel->name_capacity,
                                 kernel->name_count + 1, sizeof *kernel->names, err))
        return NULL;
    kernel->names[kernel->name_count++] = copy;
    return copy;
}

bool aot_kernel_need(aot_kernel *kernel, const char *header, aot_error *err)
{
    size_t at = 0;
    while (at < kernel->header_count && strcmp(kernel->headers[at], header) < 0)
        ++at;
    if (at < kernel->header_count && strcmp(kernel->headers[at], header) == 0)
        return true;
    char *copy = aot_arena_copy(kernel->arena, header, strlen(header), err);
    if (!copy ||
        !aot_arena_grow(kernel->arena, (void **)&kernel->headers, &kernel->header_capacity,
                        kernel->header_count + 1, sizeof *kernel->headers, err))
        return false;
    memmove(&kernel->headers[at + 1], &kernel->headers[at],
            (kernel->header_count - at) * sizeof *kernel->headers);
    kernel->headers[at] = copy;
    kernel->header_count++;
    return true;
}

aot_kid aot_kernel_buffer(aot_kernel *kernel, const char *name, const aot_type *type,
                          aot_krole role, aot_error *err)
{
    if (kernel->finished)
        return aot_kernel_fail(kernel, err, "is finished: nothing can be added");
    if (type->dtype == AOT_F16 || type->dtype == AOT_BF16 || type->dtype == AOT_I4 ||
        type->dtype == AOT_U4)
        return aot_kernel_fail(kernel, err, "buffer '%s': C has no arithmetic for %s", name,
                               aot_dtype_name(type->dtype));
    aot_kbuffer buffer = { .dtype = type->dtype, .rank = type->rank, .role = role };
    memcpy(buffer.dims, type->dims, sizeof buffer.dims);
    if (!aot_type_count(type, &buffer.count, err) || !aot_type_bytes(type, &buffer.bytes, err))
        return aot_error_context(err, "kernel '%s': buffer '%s'", kernel->hint, name);
    if (buffer.bytes > (size_t)AOT_K_FAR / 2 ||
        (role == AOT_K_SCRATCH && kernel->scratch_bytes > (size_t)AOT_K_FAR / 2))
        return aot_kernel_fail(kernel, err, "buffer '%s' is too large", name);
    if (role == AOT_K_LOCAL && buffer.bytes > AOT_K_LOCAL_BYTES)
        return aot_kernel_fail(kernel, err,
                               "local array '%s' has %zu bytes; at most %d are allowed, larger "
                               "ones belong in scratch",
                               name, buffer.bytes, AOT_K_LOCAL_BYTES);
    if (!aot_arena_grow(kernel->arena, (void **)&kernel->buffers, &kernel->buffer_capacity,
                        kernel->buffer_count + 1, sizeof *kernel->buffers, err))
        return 0;
    buffer.name = aot_kernel_name(kernel, name, true, err);
    if (!buffer.name)
        return 0;
    /* buffers are visible in the whole function: their names must outlive the open blocks */
    for (size_t i = 1; i < kernel->scope_count; ++i)
        kernel->scopes[i].name_mark += 1;
    const size_t last = kernel->name_count - 1;
    if (kernel->scope_count > 1) {
        const size_t first = kernel->scopes[1].name_mark - 1;
        memmove(&kernel->names[first + 1], &kernel->names[first],
                (last - first) * sizeof *kernel->names);
        kernel->names[first] = buffer.name;
    }
    if (role == AOT_K_SCRATCH) {
        buffer.offset = kernel->scratch_bytes;
        kernel->scratch_bytes += (buffer.bytes + AOT_K_ALIGN - 1) / AOT_K_ALIGN * AOT_K_ALIGN;
    }
    kernel->buffers[kernel->buffer_count] = buffer;
    return (aot_kid)kernel->buffer_count++;
}

aot_ktype aot_ktype_scalar(aot_dtype dtype)
{
    return (aot_ktype){ dtype, 1, 0 };
}

bool aot_ktype_same(aot_ktype a, aot_ktype b)
{
    return a.dtype == b.dtype && a.lanes == b.lanes && a.width == b.width;
}

const char *aot_ktype_show(aot_ktype type, char out[32])
{
    const char *name = type.dtype == AOT_KINDEX ? "index" : aot_dtype_name(type.dtype);
    if (type.lanes == 1)
        snprintf(out, 32, "%s", name);
    else
        snprintf(out, 32, "%sx%d", name, (int)type.lanes);
    return out;
}

size_t aot_kdtype_bits(aot_dtype dtype)
{
    return dtype == AOT_KINDEX ? 64 : aot_dtype_bits(dtype);
}

bool aot_kdtype_is_int(aot_dtype dtype)
{
    return dtype != AOT_KINDEX && dtype != AOT_BOOL &&
           aot_dtype_class(dtype) != AOT_CLASS_FLOAT;
}

bool aot_kdtype_is_float(aot_dtype dtype)
{
    return dtype == AOT_F32 || dtype == AOT_F64;
}

bool aot_kdtype_is_narrow(aot_dtype dtype)
{
    return dtype != AOT_KINDEX && aot_dtype_bits(dtype) < 32;
}
