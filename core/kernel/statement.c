/* statement.c - the makers of statements and the blocks they are recorded in. */
#include "core/kernel/kernel_internal.h"

#include <string.h>

#include "core/emit/emit.h"

static aot_kscope *scope(aot_kernel *kernel)
{
    return &kernel->scopes[kernel->scope_count - 1];
}

static bool check_expr(const aot_kernel *kernel, aot_kid id, aot_error *err)
{
    return aot_kernel_expr(kernel, id) ||
           aot_kernel_fail(kernel, err, "there is no expression %u", (unsigned)id);
}

static aot_kstmt *record(aot_kernel *kernel, aot_kstmt_kind kind, aot_error *err)
{
    if (kernel->finished) {
        aot_kernel_fail(kernel, err, "is finished: nothing can be added");
        return NULL;
    }
    aot_kblock *block = scope(kernel)->block;
    aot_kstmt *s = aot_arena_alloc(kernel->arena, sizeof *s, err);
    if (!s || !aot_arena_grow(kernel->arena, (void **)&block->items, &block->capacity,
                              block->count + 1, sizeof *block->items, err))
        return NULL;
    s->kind = kind;
    block->items[block->count++] = s;
    return s;
}

static bool open_scope(aot_kernel *kernel, aot_kscope opened, aot_error *err)
{
    if (kernel->scope_count == AOT_K_MAX_NESTING)
        return aot_kernel_fail(kernel, err, "has more than %d blocks in one another",
                               AOT_K_MAX_NESTING - 1);
    opened.name_mark = kernel->name_count;
    if (!opened.block) {
        opened.block = opened.dropped ? &kernel->dropped : scope(kernel)->block;
        opened.spliced = !opened.dropped;
    }
    kernel->scopes[kernel->scope_count++] = opened;
    return true;
}

/* A variable with its expression; joins the names in scope. */
static aot_kid new_var(aot_kernel *kernel, const char *hint, aot_kvar var, uint32_t *index,
                       aot_error *err)
{
    if (!aot_arena_grow(kernel->arena, (void **)&kernel->vars, &kernel->var_capacity,
                        kernel->var_count + 1, sizeof *kernel->vars, err))
        return 0;
    var.name = aot_kernel_name(kernel, hint, false, err);
    if (!var.name)
        return 0;
    *index = (uint32_t)kernel->var_count;
    var.expr = aot_kernel_add(
        kernel,
        (aot_kexpr){ .op = AOT_K_VAR, .type = var.type, .ref = *index, .range = var.range },
        err);
    if (!var.expr)
        return 0;
    kernel->vars[kernel->var_count++] = var;
    return var.expr;
}

aot_kid aot_kernel_loop(aot_kernel *kernel, const char *name, aot_kid low, aot_kid high,
                        int64_t step, aot_error *err)
{
    if (!check_expr(kernel, low, err) || !check_expr(kernel, high, err))
        return 0;
    if (kernel->exprs[low].type.dtype != AOT_KINDEX ||
        kernel->exprs[high].type.dtype != AOT_KINDEX)
        return aot_kernel_fail(kernel, err, "the bounds of loop '%s' must be indices", name);
    if (step < 1)
        return aot_kernel_fail(kernel, err,
                               "the step of loop '%s' is %lld, it must be positive", name,
                               (long long)step);
    const aot_krange trips = aot_kernel_difference(kernel, high, low);
    const bool once = trips.low > 0 && trips.high <= step;
    if (once)
        return open_scope(kernel, (aot_kscope){ .block = NULL }, err) ? low : 0;
    const aot_krange from = aot_kernel_range(kernel, low), to = aot_kernel_range(kernel, high);
    aot_kvar var = { .type = aot_ktype_scalar(AOT_KINDEX), .counter = true, .constant = true };
    var.range.low = from.low;
    var.range.high = aot_k_add(to.high, -1);
    if (from.low == from.high && var.range.high > from.low)
        var.range.high = from.low + (var.range.high - from.low) / step * step;
    if (var.range.high < var.range.low)
        var.range.high = var.range.low;

    const bool never = trips.high <= 0;
    aot_kstmt *s = NULL;
    if (!never) {
        s = record(kernel, AOT_KS_LOOP, err);
        if (!s)
            return 0;
        s->low = low;
        s->high = high;
        s->step = step;
    }
    /* the counter belongs to the scope it opens */
    const size_t mark = kernel->name_count;
    uint32_t index;
    const aot_kid id = new_var(kernel, name, var, &index, err);
    if (!id || !open_scope(kernel,
                           (aot_kscope){
                               .block = s ? &s->body : NULL, .statement = s, .dropped = never },
                           err))
        return 0;
    scope(kernel)->name_mark = mark;
    if (s)
        s->var = index;
    return id;
}

bool aot_kernel_if(aot_kernel *kernel, aot_kid condition, aot_error *err)
{
    if (!check_expr(kernel, condition, err))
        return false;
    const aot_kexpr *c = &kernel->exprs[condition];
    if (c->type.dtype != AOT_BOOL || c->type.lanes != 1)
        return aot_kernel_fail(kernel, err, "the condition of an if must be one bool");
    if (c->op == AOT_K_INT)
        return open_scope(
            kernel,
            (aot_kscope){
                .is_if = true, .known = true, .truth = c->i != 0, .dropped = c->i == 0 },
            err);
    aot_kstmt *s = record(kernel, AOT_KS_IF, err);
    if (!s)
        return false;
    s->value = condition;
    return open_scope(kernel, (aot_kscope){ .block = &s->body, .statement = s, .is_if = true },
                      err);
}

bool aot_kernel_end(aot_kernel *kernel, aot_error *err)
{
    if (kernel->scope_count == 1)
        return aot_kernel_fail(kernel, err, "no block is open");
    const aot_kscope *s = scope(kernel);
    if (!s->spliced) {
        kernel->name_count = s->name_mark;
        kernel->numbered = NULL;
    }
    if (s->dropped)
        kernel->dropped.count = 0;
    kernel->scope_count -= 1;
    return true;
}

bool aot_kernel_else(aot_kernel *kernel, aot_error *err)
{
    const aot_kscope before = *scope(kernel);
    if (!before.is_if || before.in_else)
        return aot_kernel_fail(kernel, err, "there is no open if for this else");
    if (!aot_kernel_end(kernel, err))
        return false;
    aot_kscope other = before;
    other.in_else = true;
    if (before.known) {
        other.block = NULL;
        other.dropped = before.truth;
        other.spliced = false;
    } else {
        before.statement->has_other = true;
        other.block = &before.statement->other;
    }
    return open_scope(kernel, other, err);
}

/* What a constant index variable stands for, so that proofs see through it. */
static bool define(aot_kernel *kernel, aot_kvar *var, aot_kid value, aot_error *err)
{
    aot_klinear written, expanded;
    if (!aot_klinear_of(kernel, value, &written) ||
        !aot_klinear_expand(kernel, &written, &expanded))
        return true; /* opaque: its range alone is known */
    var->definition = aot_arena_alloc(kernel->arena, sizeof *var->definition, err);
    if (!var->definition)
        return false;
    *var->definition = expanded;
    return true;
}

/* In plain C a vector statement is a loop over lanes, so it must not read lanes that it has
 * already written. */
static bool reads_lane_of(const aot_kernel *kernel, aot_kid id, uint32_t var)
{
    const aot_kexpr *e = &kernel->exprs[id];
    if (e->op == AOT_K_LANE && kernel->exprs[e->args[0]].ref == var)
        return true;
    for (size_t i = 0; i < aot_kexpr_part_count(e); ++i)
        if (reads_lane_of(kernel, aot_kexpr_part(e, i), var))
            return true;
    return false;
}

static bool reads_elsewhere(const aot_kernel *kernel, aot_kid id, aot_kid buffer,
                            const aot_klinear *offset)
{
    const aot_kexpr *e = &kernel->exprs[id];
    if (e->op == AOT_K_LOAD && e->ref == buffer) {
        aot_klinear other;
        if (e->type.lanes == 1 || !offset ||
            !aot_kernel_offset(kernel, &kernel->buffers[buffer], e->args, e->arg_count, e->flat,
                               &other) ||
            !aot_klinear_add(&other, offset, -1) || other.count > 0 || other.constant != 0)
            return true;
    }
    for (size_t i = 0; i < aot_kexpr_part_count(e); ++i)
        if (reads_elsewhere(kernel, aot_kexpr_part(e, i), buffer, offset))
            return true;
    return false;
}

aot_kid aot_kernel_var(aot_kernel *kernel, const char *name, aot_kid value, bool constant,
                       aot_error *err)
{
    if (!check_expr(kernel, value, err))
        return 0;
    const aot_kexpr *e = &kernel->exprs[value];
    if (e->type.dtype == AOT_KINDEX && !constant)
        return aot_kernel_fail(
            kernel, err, "'%s' is an index: those are loop counters or constant (let)", name);
    if (e->type.width != 0)
        return aot_kernel_fail(kernel, err, "'%s': comparisons of vectors are not stored",
                               name);
    if (constant && (e->op == AOT_K_INT || e->op == AOT_K_FLOAT))
        return value;
    aot_kvar var = { .type = e->type, .constant = constant, .range = e->range };
    if (e->type.dtype == AOT_KINDEX && !define(kernel, &var, value, err))
        return 0;
    aot_kstmt *s = record(kernel, AOT_KS_VAR, err);
    if (!s)
        return 0;
    s->value = value;
    return new_var(kernel, name, var, &s->var, err);
}

bool aot_kernel_assign(aot_kernel *kernel, aot_kid target, aot_kid value, aot_error *err)
{
    if (!check_expr(kernel, target, err) || !check_expr(kernel, value, err))
        return false;
    const aot_kexpr *e = &kernel->exprs[target];
    char left[32], right[32];
    if (e->op != AOT_K_VAR || kernel->vars[e->ref].constant)
        return aot_kernel_fail(kernel, err, "only variables made by var() can be set");
    if (!aot_ktype_same(e->type, kernel->exprs[value].type))
        return aot_kernel_fail(kernel, err, "'%s' is %s, the value is %s: cast it",
                               kernel->vars[e->ref].name, aot_ktype_show(e->type, left),
                               aot_ktype_show(kernel->exprs[value].type, right));
    if (e->type.lanes > 1 && reads_lane_of(kernel, value, e->ref))
        return aot_kernel_fail(kernel, err,
                               "'%s' is set from one of its own lanes: let() it first",
                               kernel->vars[e->ref].name);
    const uint32_t var = e->ref;
    aot_kstmt *s = record(kernel, AOT_KS_ASSIGN, err);
    if (!s)
        return false;
    s->var = var;
    s->value = value;
    return true;
}

bool aot_kernel_store(aot_kernel *kernel, aot_kid buffer, const aot_kid *at, size_t count,
                      aot_kid value, bool flat, aot_error *err)
{
    if (!check_expr(kernel, value, err))
        return false;
    const aot_ktype type = kernel->exprs[value].type;
    char shown[32];
    if (!aot_kernel_check_subscripts(kernel, buffer, at, count, type.lanes, flat, err))
        return false;
    const aot_kbuffer *b = &kernel->buffers[buffer];
    if (b->role == AOT_K_INPUT)
        return aot_kernel_fail(kernel, err, "%s is an input: it cannot be stored to", b->name);
    if (type.dtype != b->dtype || type.width != 0)
        return aot_kernel_fail(kernel, err, "%s holds %s, the value is %s: cast it", b->name,
                               aot_dtype_name(b->dtype), aot_ktype_show(type, shown));
    if (type.lanes > 1) {
        aot_klinear offset;
        const bool sum = aot_kernel_offset(kernel, b, at, count, flat, &offset);
        if (reads_elsewhere(kernel, value, buffer, sum ? &offset : NULL))
            return aot_kernel_fail(kernel, err,
                                   "the value stored to %s reads it at another place: let() it "
                                   "first",
                                   b->name);
    }
    aot_kstmt *s = record(kernel, AOT_KS_STORE, err);
    aot_kid *copy = aot_arena_array(kernel->arena, count, sizeof *copy, err);
    if (!s || !copy)
        return false;
    if (count > 0)
        memcpy(copy, at, count * sizeof *copy);
    s->buffer = buffer;
    s->at = copy;
    s->at_count = count;
    s->flat = flat;
    s->value = value;
    return true;
}

aot_kid aot_kernel_reduce(aot_kernel *kernel, const char *name, aot_kop op, aot_kid vector,
                          aot_error *err)
{
    if (!check_expr(kernel, vector, err))
        return 0;
    const aot_kexpr *e = &kernel->exprs[vector];
    if (e->op != AOT_K_VAR || e->type.lanes < 2)
        return aot_kernel_fail(kernel, err, "'%s': only a vector variable is reduced", name);
    if (op != AOT_K_MIN && op != AOT_K_MAX &&
        (op != AOT_K_ADD || aot_kdtype_is_narrow(e->type.dtype)))
        return aot_kernel_fail(kernel, err, "'%s': lanes are reduced by add, min or max", name);
    const aot_kvar var = { .type = aot_ktype_scalar(e->type.dtype),
                           .range = { -AOT_K_FAR, AOT_K_FAR } };
    aot_kstmt *s = record(kernel, AOT_KS_REDUCE, err);
    if (!s)
        return 0;
    s->op = op;
    s->value = vector;
    return new_var(kernel, name, var, &s->var, err);
}

aot_kid aot_kernel_clamp_index(aot_kernel *kernel, const char *name, aot_kid value,
                               int64_t extent, aot_error *err)
{
    if (!check_expr(kernel, value, err))
        return 0;
    const aot_ktype type = kernel->exprs[value].type;
    if (extent < 1 || extent > AOT_K_FAR)
        return aot_kernel_fail(kernel, err, "'%s': there is no index below %lld", name,
                               (long long)extent);
    if (!aot_kdtype_is_int(type.dtype) || type.lanes != 1)
        return aot_kernel_fail(kernel, err, "'%s': an index comes from one integer", name);
    aot_kid wide = aot_kernel_cast(kernel, AOT_I64, value, true, err);
    const aot_kid zero = wide ? aot_kernel_int(kernel, AOT_I64, 0, err) : 0;
    const aot_kid last = zero ? aot_kernel_int(kernel, AOT_I64, extent - 1, err) : 0;
    wide = last ? aot_kernel_binary(kernel, AOT_K_MIN, wide, last, err) : 0;
    wide = wide ? aot_kernel_binary(kernel, AOT_K_MAX, wide, zero, err) : 0;
    if (!wide)
        return 0;
    const aot_krange range = { 0, extent - 1 };
    const aot_kid clamped = aot_kernel_add(kernel,
                                           (aot_kexpr){ .op = AOT_K_CAST,
                                                        .type = aot_ktype_scalar(AOT_KINDEX),
                                                        .args = &wide,
                                                        .arg_count = 1,
                                                        .range = range },
                                           err);
    return clamped ? aot_kernel_var(kernel, name, clamped, true, err) : 0;
}

bool aot_kernel_comment(aot_kernel *kernel, const char *words, size_t length, aot_error *err)
{
    aot_text text;
    aot_text_init(&text, kernel->arena, err);
    aot_emit_comment(&text, words, length);
    aot_kstmt *s = aot_text_ok(&text) ? record(kernel, AOT_KS_COMMENT, err) : NULL;
    if (!s)
        return false;
    s->words = length > 0 ? text.bytes : "";
    return true;
}
