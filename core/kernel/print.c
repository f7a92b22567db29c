/* print.c - statements and the whole kernel as C99. */
#include "core/kernel/kernel_internal.h"

#include <inttypes.h>
#include <string.h>

#include "core/emit/emit.h"

enum { LINE = 96 }; /* columns */

static void indent(const aot_kprinter *p, int depth)
{
    for (int i = 0; i < depth; ++i)
        aot_text_add(p->text, "    ");
}

/* The type of a vector variable as an extension; scalars and plain lanes: of one element. */
static void print_type(const aot_kprinter *p, aot_ktype type)
{
    if (type.lanes > 1 && p->extensions)
        aot_text_addf(p->text, "aotrt_%sx%d", aot_dtype_name(type.dtype), (int)type.lanes);
    else
        aot_text_add(p->text, aot_kernel_ctype(p->kernel, type.dtype));
}

/* `for` over the lanes of a statement, in plain C; the returned printer prints one of them. */
static aot_kprinter open_lanes(const aot_kprinter *p, int32_t lanes, int depth)
{
    aot_kprinter lane = *p;
    indent(p, depth);
    aot_text_addf(p->text, "for (int32_t lane = 0; lane < %d; ++lane) ", (int)lanes);
    lane.lane = "lane";
    return lane;
}

static void print_var(const aot_kprinter *p, const aot_kstmt *s, int depth)
{
    const aot_kvar *var = &p->kernel->vars[s->var];
    if (var->type.lanes > 1 && !p->extensions) {
        indent(p, depth);
        print_type(p, var->type);
        aot_text_addf(p->text, " %s[%d];\n", var->name, (int)var->type.lanes);
        const aot_kprinter lane = open_lanes(p, var->type.lanes, depth);
        aot_text_addf(p->text, "%s[lane] = ", var->name);
        aot_kernel_print_value(&lane, s->value);
    } else {
        indent(p, depth);
        if (var->constant)
            aot_text_add(p->text, "const ");
        print_type(p, var->type);
        aot_text_addf(p->text, " %s = ", var->name);
        aot_kernel_print_value(p, s->value);
    }
    aot_text_add(p->text, ";\n");
}

/* `v = v + e` as `v += e`, where the sum begins with the variable. */
static void print_assign(const aot_kprinter *p, const aot_kstmt *s, int depth)
{
    const aot_kvar *var = &p->kernel->vars[s->var];
    const aot_kexpr *e = &p->kernel->exprs[s->value];
    const bool lanes = var->type.lanes > 1 && !p->extensions;
    aot_kprinter printer = *p;
    if (lanes)
        printer = open_lanes(p, var->type.lanes, depth);
    else
        indent(p, depth);
    aot_text_addf(p->text, "%s%s", var->name, lanes ? "[lane]" : "");
    if (e->op == AOT_K_ADD && e->args[0] == var->expr) {
        aot_text_add(p->text, " += ");
        aot_kernel_print_value(&printer, e->args[1]);
    } else {
        aot_text_add(p->text, " = ");
        aot_kernel_print_value(&printer, s->value);
    }
    aot_text_add(p->text, ";\n");
}

static void print_store(const aot_kprinter *p, const aot_kstmt *s, int depth)
{
    const aot_ktype type = p->kernel->exprs[s->value].type;
    if (type.lanes > 1 && p->extensions) {
        indent(p, depth);
        aot_text_addf(p->text, "aotrt_store_%sx%d(", aot_dtype_name(type.dtype),
                      (int)type.lanes);
        aot_kernel_print_element(p, s->buffer, s->at, s->at_count, s->flat, true);
        aot_text_add(p->text, ", ");
        aot_kernel_print_value(p, s->value);
        aot_text_add(p->text, ");\n");
        return;
    }
    aot_kprinter printer = *p;
    if (type.lanes > 1)
        printer = open_lanes(p, type.lanes, depth);
    else
        indent(p, depth);
    aot_kernel_print_element(&printer, s->buffer, s->at, s->at_count, s->flat, false);
    aot_text_add(p->text, " = ");
    aot_kernel_print_value(&printer, s->value);
    aot_text_add(p->text, ";\n");
}

static void print_reduce(const aot_kprinter *p, const aot_kstmt *s, int depth)
{
    const aot_kvar *var = &p->kernel->vars[s->var];
    const aot_kexpr *vector = &p->kernel->exprs[s->value];
    const char *from = p->kernel->vars[vector->ref].name;
    indent(p, depth);
    print_type(p, var->type);
    aot_text_addf(p->text, " %s = %s[0];\n", var->name, from);
    indent(p, depth);
    aot_text_addf(p->text, "for (int32_t lane = 1; lane < %d; ++lane) ",
                  (int)vector->type.lanes);
    if (s->op == AOT_K_ADD)
        aot_text_addf(p->text, "%s += %s[lane];\n", var->name, from);
    else
        aot_text_addf(p->text, "%s = aotrt_%s_%s(%s, %s[lane]);\n", var->name,
                      s->op == AOT_K_MIN ? "min" : "max", aot_dtype_name(var->type.dtype),
                      var->name, from);
}

static void print_loop_head(const aot_kprinter *p, const aot_kstmt *s)
{
    const char *name = p->kernel->vars[s->var].name;
    aot_text_addf(p->text, "for (%s %s = ", aot_kernel_ctype(p->kernel, AOT_KINDEX), name);
    aot_kernel_print_expr(p, s->low);
    aot_text_addf(p->text, "; %s < ", name);
    aot_kernel_print_bound(p, s->high);
    if (s->step == 1)
        aot_text_addf(p->text, "; ++%s) {\n", name);
    else
        aot_text_addf(p->text, "; %s += %" PRId64 ") {\n", name, s->step);
}

static void print_block(const aot_kprinter *p, const aot_kblock *block, int depth)
{
    for (size_t i = 0; i < block->count && aot_text_ok(p->text); ++i) {
        const aot_kstmt *s = block->items[i];
        switch (s->kind) {
        case AOT_KS_LOOP:
            indent(p, depth);
            print_loop_head(p, s);
            print_block(p, &s->body, depth + 1);
            indent(p, depth);
            aot_text_add(p->text, "}\n");
            break;
        case AOT_KS_IF:
            indent(p, depth);
            aot_text_add(p->text, "if (");
            aot_kernel_print_expr(p, s->value);
            aot_text_add(p->text, ") {\n");
            print_block(p, &s->body, depth + 1);
            if (s->has_other) {
                indent(p, depth);
                aot_text_add(p->text, "} else {\n");
                print_block(p, &s->other, depth + 1);
            }
            indent(p, depth);
            aot_text_add(p->text, "}\n");
            break;
        case AOT_KS_VAR:
            print_var(p, s, depth);
            break;
        case AOT_KS_ASSIGN:
            print_assign(p, s, depth);
            break;
        case AOT_KS_STORE:
            print_store(p, s, depth);
            break;
        case AOT_KS_REDUCE:
            print_reduce(p, s, depth);
            break;
        case AOT_KS_COMMENT:
            indent(p, depth);
            aot_text_addf(p->text, "/* %s */\n", s->words);
            break;
        }
    }
}

bool aot_kernel_print_head(const aot_kernel *kernel, const aot_kstyle *style, aot_text *text)
{
    if (!kernel->finished)
        return aot_kernel_fail(kernel, text->err, "is not finished");
    const size_t start = text->length;
    aot_text_addf(text, "%sint32_t %s(", style->internal ? "static " : "", style->spelling);
    const size_t count = aot_kernel_param_count(kernel);
    size_t line = text->length - start;
    for (size_t i = 0; i < count; ++i) {
        const aot_kparam param = aot_kernel_param(kernel, i);
        const char *qualifier = param.role == AOT_K_INPUT ? "const " : "";
        const size_t length = strlen(qualifier) + strlen(param.ctype) + strlen(param.name) +
                              strlen(", "
                                     " *restrict ");
        if (i > 0)
            aot_text_add(text, ",");
        if (i > 0 && line + length > LINE) {
            aot_text_add(text, "\n    ");
            line = 4;
        } else if (i > 0)
            aot_text_add(text, " ");
        aot_text_addf(text, "%s%s *restrict %s", qualifier, param.ctype, param.name);
        line += length;
    }
    aot_text_add(text, count == 0 ? "void)" : ")");
    return aot_text_ok(text);
}

/* Arrays of the function, places in the scratch block, and parameters that are never read. */
static void print_buffers(const aot_kernel *kernel, aot_text *text)
{
    for (size_t i = 1; i < kernel->buffer_count; ++i) {
        const aot_kbuffer *b = &kernel->buffers[i];
        const char *type = aot_emit_ctype(b->dtype);
        if (b->role == AOT_K_LOCAL && b->uses > 0)
            aot_text_addf(text, "    %s %s[%zu];\n", type, b->name,
                          b->count > 0 ? b->count : 1);
        else if (b->role == AOT_K_SCRATCH && b->uses > 0 && b->offset == 0)
            aot_text_addf(text, "    %s *restrict %s = (%s *)scratch;\n", type, b->name, type);
        else if (b->role == AOT_K_SCRATCH && b->uses > 0)
            aot_text_addf(text,
                          "    %s *restrict %s = (%s *)(void *)((uint8_t *)scratch + %zu);\n",
                          type, b->name, type, b->offset);
    }
    bool scratch = kernel->scratch_bytes == 0;
    for (size_t i = 1; i < kernel->buffer_count; ++i) {
        const aot_kbuffer *b = &kernel->buffers[i];
        if (b->role == AOT_K_SCRATCH && b->uses > 0)
            scratch = true;
        if (b->uses == 0 && (b->role == AOT_K_INPUT || b->role == AOT_K_OUTPUT))
            aot_text_addf(text, "    (void)%s;\n", b->name);
    }
    if (!scratch)
        aot_text_add(text, "    (void)scratch;\n");
}

bool aot_kernel_print(const aot_kernel *kernel, const aot_kstyle *style, aot_text *text)
{
    if (style->comment)
        aot_text_addf(text, "/* %s */\n", style->comment);
    if (!aot_kernel_print_head(kernel, style, text))
        return false;
    aot_text_add(text, "\n{\n");
    print_buffers(kernel, text);
    const aot_kprinter printer = { kernel, text, style->extensions, NULL };
    print_block(&printer, &kernel->body, 1);
    aot_text_add(text, "    return 0;\n}\n");
    return aot_text_ok(text);
}
