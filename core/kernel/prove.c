/* prove.c - shows that every load and store stays within its buffer.
 *
 * A subscript is a sum L of loop counters. What holds around an access, loop bounds and
 * conditions, is kept as facts F >= 0. L >= 0 is shown by the counters' ranges, or by taking
 * away multiples of facts, at most three, that cancel a counter: L >= 0 follows from F >= 0 and
 * s * L - m * F >= 0 with s, m > 0. Minima and maxima are replaced by their arms. */
#include "core/kernel/kernel_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/emit/emit.h"

enum {
    FACTS_EACH = 8, /* facts that one condition may give, arms of min and max included */
    CANCELS = 3,    /* facts combined */
    SPLITS = 4,     /* minima and maxima replaced, one in another */
    EFFORT = 20000, /* sums tried for one subscript */
};

typedef struct aot_prover {
    aot_kernel *kernel;
    aot_klinear *facts;
    size_t count, capacity;
    size_t effort;
    aot_error *err;
} aot_prover;

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static int64_t magnitude(int64_t a)
{
    return a < 0 ? -a : a;
}

/* to = from with the term at `place` replaced by its factor times `by`. */
static bool substitute(const aot_kernel *kernel, const aot_klinear *from, size_t place,
                       aot_kid by, aot_klinear *to)
{
    aot_klinear arm, written;
    const int64_t factor = from->terms[place].factor;
    *to = *from;
    to->count -= 1;
    memmove(&to->terms[place], &to->terms[place + 1], (to->count - place) * sizeof *to->terms);
    return aot_klinear_of(kernel, by, &written) && aot_klinear_expand(kernel, &written, &arm) &&
           aot_klinear_add(to, &arm, factor);
}

static bool is_arm_op(const aot_kexpr *e)
{
    return e->op == AOT_K_MIN || e->op == AOT_K_MAX;
}

static bool cancel(aot_prover *p, const aot_klinear *goal, int depth)
{
    if (aot_klinear_range(p->kernel, goal).low >= 0)
        return true;
    if (depth == 0)
        return false;
    for (size_t f = p->count; f-- > 0;) {
        const aot_klinear *fact = &p->facts[f];
        for (size_t i = 0, j = 0; i < goal->count && j < fact->count;) {
            const aot_kterm a = goal->terms[i], b = fact->terms[j];
            if (a.atom != b.atom) {
                if (a.atom < b.atom)
                    ++i;
                else
                    ++j;
                continue;
            }
            ++i;
            ++j;
            if ((a.factor < 0) != (b.factor < 0) || a.factor == INT64_MIN ||
                b.factor == INT64_MIN)
                continue;
            if (p->effort == 0)
                return false;
            p->effort -= 1;
            const int64_t d = common_divisor(magnitude(a.factor), magnitude(b.factor));
            aot_klinear rest = { 0 };
            if (aot_klinear_add(&rest, goal, magnitude(b.factor) / d) &&
                aot_klinear_add(&rest, fact, -(magnitude(a.factor) / d)) &&
                cancel(p, &rest, depth - 1))
                return true;
        }
    }
    return false;
}

/* A maximum is at least each arm, so for a positive factor one arm that suffices is enough;
 * for a negative factor both must. Minima the other way round. */
static bool prove(aot_prover *p, const aot_klinear *goal, int splits)
{
    if (cancel(p, goal, CANCELS))
        return true;
    if (splits == 0)
        return false;
    for (size_t i = 0; i < goal->count; ++i) {
        const aot_kexpr *e = &p->kernel->exprs[goal->terms[i].atom];
        if (!is_arm_op(e))
            continue;
        const bool any = (e->op == AOT_K_MAX) == (goal->terms[i].factor > 0);
        aot_klinear left, right;
        if (!substitute(p->kernel, goal, i, e->args[0], &left) ||
            !substitute(p->kernel, goal, i, e->args[1], &right))
            return false;
        return any ? prove(p, &left, splits - 1) || prove(p, &right, splits - 1)
                   : prove(p, &left, splits - 1) && prove(p, &right, splits - 1);
    }
    return false;
}

/* Adds the fact a - b + offset >= 0 and what follows from the arms of its minima and maxima. */
static bool learn(aot_prover *p, aot_kid a, aot_kid b, int64_t offset)
{
    aot_klinear queue[FACTS_EACH], right, written = { 0 };
    if (!aot_klinear_of(p->kernel, a, &written) || !aot_klinear_of(p->kernel, b, &right) ||
        !aot_klinear_add(&written, &right, -1) ||
        !aot_klinear_expand(p->kernel, &written, &queue[0]) ||
        __builtin_add_overflow(queue[0].constant, offset, &queue[0].constant))
        return true; /* no sum, no fact */
    size_t count = 1;
    for (size_t done = 0; done < count; ++done) {
        for (size_t i = 0; i < queue[done].count; ++i) {
            const aot_kexpr *e = &p->kernel->exprs[queue[done].terms[i].atom];
            if (!is_arm_op(e) || (e->op == AOT_K_MAX) == (queue[done].terms[i].factor > 0))
                continue;
            for (size_t arm = 0; arm < 2 && count < FACTS_EACH; ++arm)
                if (substitute(p->kernel, &queue[done], i, e->args[arm], &queue[count]))
                    ++count;
        }
    }
    if (!aot_arena_grow(p->kernel->arena, (void **)&p->facts, &p->capacity, p->count + count,
                        sizeof *p->facts, p->err))
        return false;
    memcpy(&p->facts[p->count], queue, count * sizeof *queue);
    p->count += count;
    return true;
}

/* Learns what a condition, or its opposite, says of indices. */
static bool learn_condition(aot_prover *p, aot_kid id, bool holds)
{
    const aot_kexpr *e = &p->kernel->exprs[id];
    if (e->op == AOT_K_NOT)
        return learn_condition(p, e->args[0], !holds);
    if (e->op == (holds ? AOT_K_BOTH : AOT_K_EITHER))
        return learn_condition(p, e->args[0], holds) && learn_condition(p, e->args[1], holds);
    if (e->op < AOT_K_LT || e->op > AOT_K_NE ||
        p->kernel->exprs[e->args[0]].type.dtype != AOT_KINDEX)
        return true;
    const aot_kid a = e->args[0], b = e->args[1];
    aot_kop op = e->op;
    if (!holds) {
        static const aot_kop opposite[] = {
            [AOT_K_LT] = AOT_K_GE, [AOT_K_LE] = AOT_K_GT, [AOT_K_GT] = AOT_K_LE,
            [AOT_K_GE] = AOT_K_LT, [AOT_K_EQ] = AOT_K_NE, [AOT_K_NE] = AOT_K_EQ
        };
        op = opposite[op];
    }
    switch (op) {
    case AOT_K_LT:
        return learn(p, b, a, -1);
    case AOT_K_LE:
        return learn(p, b, a, 0);
    case AOT_K_GT:
        return learn(p, a, b, -1);
    case AOT_K_GE:
        return learn(p, a, b, 0);
    case AOT_K_EQ:
        return learn(p, a, b, 0) && learn(p, b, a, 0);
    default:
        return true;
    }
}

static bool in_range(aot_prover *p, const aot_klinear *subscript, int64_t highest)
{
    aot_klinear above = { .constant = highest };
    p->effort = EFFORT;
    if (!prove(p, subscript, SPLITS))
        return false;
    return aot_klinear_add(&above, subscript, -1) && prove(p, &above, SPLITS);
}

static bool refuse(aot_prover *p, const aot_kbuffer *b, size_t dim, aot_kid at, int64_t extent,
                   int32_t lanes, bool flat)
{
    aot_text shown;
    aot_text_init(&shown, p->kernel->arena, p->err);
    if (!aot_kernel_show(p->kernel, at, &shown))
        return false;
    const aot_krange range = aot_kernel_range(p->kernel, at);
    char where[40] = "the whole buffer", may[80] = "anything";
    if (!flat)
        snprintf(where, sizeof where, "dimension %zu", dim);
    if (range.low > -AOT_K_FAR && range.high < AOT_K_FAR)
        snprintf(may, sizeof may, "%lld .. %lld", (long long)range.low, (long long)range.high);
    return aot_kernel_fail(p->kernel, p->err,
                           "subscript %.200s of %s (%s) is not proved to lie in 0 .. %lld%s; "
                           "all that is known is %s",
                           shown.bytes, b->name, where, (long long)(extent - lanes),
                           lanes > 1 ? " as lanes need" : "", may);
}

static bool check_access(aot_prover *p, aot_kid buffer, const aot_kid *at, size_t count,
                         int32_t lanes, bool flat)
{
    const aot_kbuffer *b = &p->kernel->buffers[buffer];
    for (size_t i = 0; i < count; ++i) {
        const int64_t extent = flat ? (int64_t)b->count : b->dims[i];
        const int32_t here = i + 1 == count ? lanes : 1;
        aot_klinear written, subscript;
        const bool sum = aot_klinear_of(p->kernel, at[i], &written) &&
                         aot_klinear_expand(p->kernel, &written, &subscript);
        const aot_krange range = aot_kernel_range(p->kernel, at[i]);
        if (range.low >= 0 && range.high <= extent - here)
            continue;
        if (!sum || !in_range(p, &subscript, extent - here))
            return refuse(p, b, i, at[i], extent, here, flat);
    }
    return true;
}

/* The range of a variable says nothing once another one may have its name. */
static bool check_alive(const aot_prover *p, uint32_t index)
{
    const aot_kvar *var = &p->kernel->vars[index];
    return var->alive ||
           aot_kernel_fail(p->kernel, p->err, "'%s' is used outside of the block it belongs to",
                           var->name);
}

/* The arms of select, and the right side of both and either, run only where C runs them. */
static bool walk_expr(aot_prover *p, aot_kid id)
{
    const aot_kexpr *e = &p->kernel->exprs[id];
    const size_t mark = p->count;
    const bool lazy = e->type.lanes == 1;
    if (e->op == AOT_K_VAR)
        return check_alive(p, e->ref);
    for (size_t i = 0; i < aot_kexpr_part_count(e); ++i) {
        bool learnt = true;
        if (lazy && e->op == AOT_K_SELECT && i > 0)
            learnt = learn_condition(p, e->args[0], i == 1);
        else if (lazy && (e->op == AOT_K_BOTH || e->op == AOT_K_EITHER) && i == 1)
            learnt = learn_condition(p, e->args[0], e->op == AOT_K_BOTH);
        const bool fine = learnt && walk_expr(p, aot_kexpr_part(e, i));
        p->count = mark;
        if (!fine)
            return false;
    }
    return e->op != AOT_K_LOAD ||
           check_access(p, e->ref, e->args, e->arg_count, e->type.lanes, e->flat);
}

static bool walk_store(aot_prover *p, const aot_kstmt *s)
{
    for (size_t i = 0; i < s->at_count; ++i)
        if (!walk_expr(p, s->at[i]))
            return false;
    return walk_expr(p, s->value) &&
           check_access(p, s->buffer, s->at, s->at_count, p->kernel->exprs[s->value].type.lanes,
                        s->flat);
}

static bool walk(aot_prover *p, const aot_kblock *block);

static bool walk_loop(aot_prover *p, const aot_kstmt *s)
{
    aot_kvar *counter = &p->kernel->vars[s->var];
    if (!walk_expr(p, s->low) || !walk_expr(p, s->high))
        return false;
    counter->alive = true;
    const bool fine = learn(p, counter->expr, s->low, 0) &&
                      learn(p, s->high, counter->expr, -1) && walk(p, &s->body);
    counter->alive = false;
    return fine;
}

static bool walk(aot_prover *p, const aot_kblock *block)
{
    for (size_t i = 0; i < block->count; ++i) {
        const aot_kstmt *s = block->items[i];
        const size_t mark = p->count;
        bool fine = true;
        switch (s->kind) {
        case AOT_KS_LOOP:
            fine = walk_loop(p, s);
            break;
        case AOT_KS_IF:
            fine = walk_expr(p, s->value) && learn_condition(p, s->value, true) &&
                   walk(p, &s->body);
            p->count = mark;
            fine = fine && learn_condition(p, s->value, false) && walk(p, &s->other);
            break;
        case AOT_KS_STORE:
            fine = walk_store(p, s);
            break;
        case AOT_KS_VAR:
        case AOT_KS_REDUCE:
            fine = walk_expr(p, s->value);
            p->kernel->vars[s->var].alive = true;
            break;
        case AOT_KS_ASSIGN:
            fine = check_alive(p, s->var) && walk_expr(p, s->value);
            break;
        case AOT_KS_COMMENT:
            break;
        }
        p->count = mark;
        if (!fine)
            return false;
    }
    for (size_t i = 0; i < block->count; ++i)
        if (block->items[i]->kind == AOT_KS_VAR || block->items[i]->kind == AOT_KS_REDUCE)
            p->kernel->vars[block->items[i]->var].alive = false;
    return true;
}

bool aot_kernel_prove(aot_kernel *kernel, aot_error *err)
{
    aot_prover prover = { .kernel = kernel, .err = err };
    return walk(&prover, &kernel->body);
}
