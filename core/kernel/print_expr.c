/* print_expr.c - expressions as C, with the parentheses that C and its compilers ask for. */
#include "core/kernel/kernel_internal.h"

#include <inttypes.h>

#include "core/emit/emit.h"

/* How tightly an expression binds; smaller is tighter. */
enum { PRIMARY, UNARY, PRODUCT, SUM, SHIFT, ORDER, EQUALITY, BITS, AND_ALSO, OR_ELSE, CHOICE };

typedef struct aot_kspelling {
    const char *c; /* the operator */
    int level;
} aot_kspelling;

static const aot_kspelling spellings[AOT_K_OP_COUNT] = {
    [AOT_K_ADD] = { "+", SUM },        [AOT_K_SUB] = { "-", SUM },
    [AOT_K_MUL] = { "*", PRODUCT },    [AOT_K_DIV] = { "/", PRODUCT },
    [AOT_K_REM] = { "%", PRODUCT },    [AOT_K_SHL] = { "<<", SHIFT },
    [AOT_K_SHR] = { ">>", SHIFT },     [AOT_K_AND] = { "&", BITS },
    [AOT_K_OR] = { "|", BITS },        [AOT_K_XOR] = { "^", BITS },
    [AOT_K_LT] = { "<", ORDER },       [AOT_K_LE] = { "<=", ORDER },
    [AOT_K_GT] = { ">", ORDER },       [AOT_K_GE] = { ">=", ORDER },
    [AOT_K_EQ] = { "==", EQUALITY },   [AOT_K_NE] = { "!=", EQUALITY },
    [AOT_K_BOTH] = { "&&", AND_ALSO }, [AOT_K_EITHER] = { "||", OR_ELSE },
};

const char *aot_kernel_ctype(const aot_kernel *kernel, aot_dtype dtype)
{
    if (dtype == AOT_KINDEX)
        return kernel->wide ? "int64_t" : "int32_t";
    return aot_emit_ctype(dtype);
}

/* "f32", the suffix of the runtime's functions for a type. */
static const char *suffix(const aot_kernel *kernel, aot_dtype dtype)
{
    if (dtype == AOT_KINDEX)
        return kernel->wide ? "i64" : "i32";
    return aot_dtype_name(dtype);
}

static void print_at(const aot_kprinter *p, aot_kid id, int level);

static void print_linear(const aot_kprinter *p, const aot_klinear *sum)
{
    /* positive terms first, so that a sum does not begin with a minus where it need not */
    bool first = true;
    for (int pass = 0; pass < 2; ++pass) {
        if (pass == 1 && sum->constant > 0 && first) {
            aot_text_addf(p->text, "%" PRId64, sum->constant);
            first = false;
        }
        for (size_t i = 0; i < sum->count; ++i) {
            const int64_t factor = sum->terms[i].factor;
            if ((factor < 0) != (pass == 1))
                continue;
            const int64_t size = factor < 0 ? -factor : factor;
            aot_text_add(p->text,
                         first ? (factor < 0 ? "-" : "") : (factor < 0 ? " - " : " + "));
            print_at(p, sum->terms[i].atom, size == 1 ? SUM - 1 : PRODUCT);
            if (size != 1)
                aot_text_addf(p->text, " * %" PRId64, size);
            first = false;
        }
        if (pass == 0 && sum->constant > 0 && !first)
            aot_text_addf(p->text, " + %" PRId64, sum->constant);
    }
    if (sum->constant < 0 || first)
        aot_text_addf(p->text, first ? "%" PRId64 : " - %" PRId64,
                      first ? sum->constant : -sum->constant);
}

/* Whether base + a + b + ... passes through no place that base + (a + b + ...) does not. */
static bool only_adds(const aot_klinear *sum)
{
    for (size_t i = 0; i < sum->count; ++i)
        if (sum->terms[i].factor < 0)
            return false;
    return sum->constant >= 0;
}

void aot_kernel_print_element(const aot_kprinter *p, aot_kid buffer, const aot_kid *at,
                              size_t count, bool flat, bool pointer)
{
    const aot_kbuffer *b = &p->kernel->buffers[buffer];
    aot_klinear offset;
    aot_text_add(p->text, b->name);
    /* finish has shown that this is a sum; before it, in messages, dimensions stay apart */
    if (!p->kernel->finished || !aot_kernel_offset(p->kernel, b, at, count, flat, &offset)) {
        for (size_t i = 0; i < count; ++i) {
            aot_text_add(p->text, i == 0 ? "[" : ", ");
            print_at(p, at[i], CHOICE);
        }
        aot_text_add(p->text, count > 0 ? "]" : "");
        return;
    }
    if (!pointer) {
        aot_text_add(p->text, "[");
        print_linear(p, &offset);
        if (p->lane)
            aot_text_addf(p->text, " + %s", p->lane);
        aot_text_add(p->text, "]");
    } else if (offset.count > 0 || offset.constant != 0) {
        aot_text_add(p->text, only_adds(&offset) ? " + " : " + (");
        print_linear(p, &offset);
        aot_text_add(p->text, only_adds(&offset) ? "" : ")");
    }
}

static void print_args(const aot_kprinter *p, const aot_kexpr *e)
{
    aot_text_add(p->text, "(");
    for (size_t i = 0; i < e->arg_count; ++i) {
        if (i > 0)
            aot_text_add(p->text, ", ");
        aot_kernel_print_value(p, e->args[i]);
    }
    aot_text_add(p->text, ")");
}

/* The vector forms that are not those of scalars; false: print it as a scalar is. */
static bool print_vector(const aot_kprinter *p, const aot_kexpr *e)
{
    const char *type = aot_dtype_name(e->type.dtype);
    const int lanes = (int)e->type.lanes;
    if (e->op == AOT_K_LOAD) {
        aot_text_addf(p->text, "aotrt_load_%sx%d(", type, lanes);
        aot_kernel_print_element(p, e->ref, e->args, e->arg_count, e->flat, true);
        aot_text_add(p->text, ")");
    } else if (e->op == AOT_K_CAST) {
        aot_text_add(p->text, "__builtin_convertvector(");
        print_at(p, e->args[0], CHOICE);
        aot_text_addf(p->text, ", aotrt_%sx%d)", type, lanes);
    } else if (e->op == AOT_K_SPLAT || e->op == AOT_K_MIN || e->op == AOT_K_MAX ||
               e->op == AOT_K_FMA || e->op == AOT_K_SELECT) {
        aot_text_addf(p->text, "aotrt_%s_%sx%d",
                      e->op == AOT_K_SPLAT ? "splat"
                      : e->op == AOT_K_MIN ? "min"
                      : e->op == AOT_K_MAX ? "max"
                      : e->op == AOT_K_FMA ? "fma"
                                           : "select",
                      type, lanes);
        print_args(p, e);
    } else
        return false;
    return true;
}

static int level_of(const aot_kprinter *p, const aot_kexpr *e)
{
    const bool vector = e->type.lanes > 1 && p->extensions;
    switch (e->op) {
    case AOT_K_LINEAR:
        return e->term_count == 1 && e->i == 0 ? PRODUCT : SUM;
    case AOT_K_NEG:
    case AOT_K_NOT:
        return UNARY;
    case AOT_K_CAST:
        return vector ? PRIMARY : UNARY;
    case AOT_K_INT:
        /* emit puts the two smallest numbers in parentheses itself */
        return e->i < 0 && e->type.dtype != AOT_U64 ? UNARY : PRIMARY;
    case AOT_K_FLOAT:
        return e->f < 0 ? UNARY : PRIMARY;
    case AOT_K_SELECT:
        return vector ? PRIMARY : CHOICE;
    case AOT_K_BOTH:
    case AOT_K_EITHER:
        return vector ? BITS : spellings[e->op].level;
    case AOT_K_SPLAT:
        return PRIMARY; /* in loops over lanes: its argument's, see print_at */
    default:
        return spellings[e->op].level;
    }
}

static void print_binary(const aot_kprinter *p, const aot_kexpr *e)
{
    const bool vector = e->type.lanes > 1 && p->extensions;
    const char *c = spellings[e->op].c;
    int level = level_of(p, e), right = level - 1;
    if (vector && e->op == AOT_K_BOTH)
        c = "&";
    if (vector && e->op == AOT_K_EITHER)
        c = "|";
    int left = level;
    /* where compilers warn of a mix, everything but single operands gets parentheses */
    if (level == SHIFT || level == BITS || level == ORDER || level == EQUALITY) {
        left = level == ORDER || level == EQUALITY ? SHIFT : UNARY;
        right = left;
    }
    if (level == OR_ELSE)
        left = right = EQUALITY;
    print_at(p, e->args[0], left);
    aot_text_addf(p->text, " %s ", c);
    print_at(p, e->args[1], right);
}

/* What is the call of a function; false: it is not. */
static bool print_call(const aot_kprinter *p, const aot_kexpr *e)
{
    const char *type = suffix(p->kernel, e->type.dtype);
    switch (e->op) {
    case AOT_K_MIN:
    case AOT_K_MAX:
        aot_text_addf(p->text, "aotrt_%s_%s", e->op == AOT_K_MIN ? "min" : "max", type);
        break;
    case AOT_K_SAT_CAST:
        aot_text_addf(p->text, "aotrt_%s_from_%s", type,
                      aot_dtype_name(p->kernel->exprs[e->args[0]].type.dtype));
        break;
    case AOT_K_CALL:
        aot_text_add(p->text, e->name);
        break;
    case AOT_K_FMA:
        aot_text_add(p->text, e->type.dtype == AOT_F32 ? "fmaf" : "fma");
        break;
    default:
        return false;
    }
    print_args(p, e);
    return true;
}

static void print(const aot_kprinter *p, const aot_kexpr *e, aot_kid id)
{
    const aot_kernel *kernel = p->kernel;
    aot_klinear sum;
    if ((e->type.lanes > 1 && p->extensions && print_vector(p, e)) || print_call(p, e))
        return;
    switch (e->op) {
    case AOT_K_INT:
        if (e->type.dtype == AOT_KINDEX)
            aot_text_addf(p->text, "%" PRId64, e->i);
        else
            aot_emit_int(p->text, e->type.dtype, e->i);
        break;
    case AOT_K_FLOAT:
        aot_emit_float(p->text, e->type.dtype, e->f);
        break;
    case AOT_K_VAR:
        aot_text_add(p->text, kernel->vars[e->ref].name);
        if (e->type.lanes > 1 && !p->extensions && p->lane)
            aot_text_addf(p->text, "[%s]", p->lane);
        break;
    case AOT_K_LINEAR:
        if (aot_klinear_of(kernel, id, &sum))
            print_linear(p, &sum);
        break;
    case AOT_K_LOAD: {
        aot_kprinter scalar = *p;
        if (e->type.lanes == 1)
            scalar.lane = NULL;
        aot_kernel_print_element(&scalar, e->ref, e->args, e->arg_count, e->flat, false);
        break;
    }
    case AOT_K_NEG:
    case AOT_K_NOT: {
        const bool logical = e->type.dtype == AOT_BOOL && !(e->type.lanes > 1 && p->extensions);
        aot_text_add(p->text, e->op == AOT_K_NEG ? "-" : logical ? "!" : "~");
        print_at(p, e->args[0], PRIMARY);
        break;
    }
    case AOT_K_SELECT:
        print_at(p, e->args[0], OR_ELSE);
        aot_text_add(p->text, " ? ");
        print_at(p, e->args[1], OR_ELSE);
        aot_text_add(p->text, " : ");
        print_at(p, e->args[2], OR_ELSE);
        break;
    case AOT_K_CAST:
        aot_text_addf(p->text, "(%s)", aot_kernel_ctype(kernel, e->type.dtype));
        print_at(p, e->args[0], UNARY);
        break;
    case AOT_K_SPLAT: {
        aot_kprinter scalar = *p;
        scalar.lane = NULL;
        print_at(&scalar, e->args[0], PRIMARY);
        break;
    }
    case AOT_K_LANE: {
        aot_text_addf(p->text, "%s[", kernel->vars[kernel->exprs[e->args[0]].ref].name);
        print_at(p, e->args[1], CHOICE);
        aot_text_add(p->text, "]");
        break;
    }
    default:
        print_binary(p, e);
        break;
    }
}

static void print_at(const aot_kprinter *p, aot_kid id, int level)
{
    const aot_kexpr *e = &p->kernel->exprs[id];
    const bool brackets = level_of(p, e) > level;
    if (brackets)
        aot_text_add(p->text, "(");
    print(p, e, id);
    if (brackets)
        aot_text_add(p->text, ")");
}

void aot_kernel_print_expr(const aot_kprinter *p, aot_kid id)
{
    print_at(p, id, CHOICE);
}

void aot_kernel_print_bound(const aot_kprinter *p, aot_kid id)
{
    print_at(p, id, SHIFT);
}

void aot_kernel_print_value(const aot_kprinter *p, aot_kid id)
{
    const aot_kexpr *e = &p->kernel->exprs[id];
    const bool promoted = e->op == AOT_K_SELECT ||
                          (e->op >= AOT_K_LT && e->op <= AOT_K_EITHER) || e->op == AOT_K_NOT ||
                          e->op == AOT_K_NEG;
    if (!promoted || !aot_kdtype_is_narrow(e->type.dtype) ||
        (e->type.lanes > 1 && p->extensions)) {
        print_at(p, id, CHOICE);
        return;
    }
    aot_text_addf(p->text, "(%s)", aot_emit_ctype(e->type.dtype));
    print_at(p, id, UNARY);
}

bool aot_kernel_show(const aot_kernel *kernel, aot_kid expr, aot_text *text)
{
    const aot_kprinter printer = { .kernel = kernel, .text = text, .extensions = true };
    if (!aot_kernel_expr(kernel, expr))
        return aot_kernel_fail(kernel, text->err, "there is no expression %u", (unsigned)expr);
    print_at(&printer, expr, CHOICE);
    return aot_text_ok(text);
}
