/* op.c - the table of infer and eval functions, and the checks that all ops share. */
#include "core/op/op_internal.h"

typedef bool (*infer_function)(const aot_apply *apply, aot_type *out, aot_error *err);
typedef bool (*eval_function)(const aot_apply *apply, aot_tensor *out, aot_error *err);

/* Control ops have no meaning of their own: graphs give it to them. */
static bool refuse_control(aot_error *err)
{
    return aot_fail(err, AOT_ERROR_INTERNAL, "only a graph gives this its meaning");
}

#define CONTROL(name)                                                                          \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        (void)apply, (void)out;                                                                \
        return refuse_control(err);                                                            \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        (void)apply, (void)out;                                                                \
        return refuse_control(err);                                                            \
    }
CONTROL(call)
CONTROL(return )

static const infer_function infer_table[AOT_OP_COUNT] = {
#define AOT_OP(name, low, high, outputs, flags) aot_infer_##name,
#include "core/ir/ops.def"
#undef AOT_OP
};

static const eval_function eval_table[AOT_OP_COUNT] = {
#define AOT_OP(name, low, high, outputs, flags) aot_eval_##name,
#include "core/ir/ops.def"
#undef AOT_OP
};

static bool check_operands(const aot_apply *apply, const aot_op_info *info, aot_error *err)
{
    size_t low = (size_t)info->low;
    if (apply->input_count < low ||
        (info->high >= 0 && apply->input_count > (size_t)info->high)) {
        return aot_fail(err, AOT_ERROR_INPUT, "%zu operands, it takes %s%d", apply->input_count,
                        info->low == info->high ? ""
                        : info->high < 0        ? "at least "
                                                : "up to ",
                        info->high < 0 ? info->low : info->high);
    }
    for (size_t i = 0; i < apply->input_count; i++) {
        if (apply->types[i] == NULL) {
            if (i < low || info->high < 0) {
                return aot_fail(err, AOT_ERROR_INPUT, "operand %zu must not be absent", i + 1);
            }
        } else if (!aot_check_type(apply->module, apply->types[i], err)) {
            return aot_error_context(err, "operand %zu", i + 1);
        }
    }
    return true;
}

static bool infer(const aot_apply *apply, const aot_op_info *info, aot_type *out,
                  aot_error *err)
{
    if (!check_operands(apply, info, err) || !infer_table[apply->op](apply, out, err)) {
        return false;
    }
    if (apply->declared != NULL) {
        out->quant = apply->declared->quant;
    }
    return aot_check_type(apply->module, out, err) || aot_error_context(err, "the result");
}

bool aot_infer(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_op_info *info = aot_op_get(apply->op);
    aot_type type;
    if (!infer(apply, info, &type, err)) {
        return aot_error_context(err, "%s", info->name);
    }
    *out = type;
    return true;
}

/* The tensors must be what the types say, or loads would leave their blocks. */
static bool check_tensors(const aot_apply *apply, const aot_tensor *out, aot_error *err)
{
    for (size_t i = 0; i < apply->input_count; i++) {
        const aot_tensor *tensor = apply->inputs[i];
        const aot_type *type = apply->types[i];
        if ((tensor == NULL) != (type == NULL) ||
            (tensor != NULL &&
             (tensor->block == NULL || !aot_type_same_data(&tensor->type, type)))) {
            return aot_fail(err, AOT_ERROR_INTERNAL, "operand %zu is not of its type", i + 1);
        }
    }
    aot_apply declared = *apply;
    declared.declared = &out->type;
    aot_type expected;
    if (!infer(&declared, aot_op_get(apply->op), &expected, err)) {
        return false;
    }
    if (!aot_type_equal(&expected, &out->type)) {
        char left[128], right[128];
        return aot_fail(err, AOT_ERROR_INPUT, "the result is %s, not %s",
                        aot_type_show(&expected, left, sizeof left),
                        aot_type_show(&out->type, right, sizeof right));
    }
    return true;
}

bool aot_eval(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    bool done = check_tensors(apply, out, err) &&
                (aot_tensor_count(out) == 0 || eval_table[apply->op](apply, out, err));
    return done || aot_error_context(err, "%s", aot_op_get(apply->op)->name);
}

/* Constants that are expressions */

/* Evaluates one constant whose source has its data, and hands the data to the module. */
static bool materialize_one(aot_module *module, aot_id constant, aot_error *err)
{
    const aot_value *value = aot_module_value(module, constant);
    const aot_value *source = aot_module_value(module, value->stored->source);
    aot_tensor operand = source->stored->data, result;
    operand.type = *source->type;
    const aot_tensor *inputs[1] = { &operand };
    const aot_type *types[1] = { &operand.type };
    const aot_apply apply = {
        .module = module,
        .op = value->stored->expression,
        .input_count = 1,
        .types = types,
        .inputs = inputs,
        .attrs = &value->stored->attrs,
    };
    if (!aot_tensor_new(value->type, &result, err)) {
        return false;
    }
    bool done = aot_eval(&apply, &result, err) &&
                aot_module_materialized(module, constant, &result, err);
    aot_block_release(result.block);
    return done || aot_error_context(err, "$%s", value->name);
}

bool aot_materialize(aot_module *module, aot_id constant, aot_tensor *out, aot_error *err)
{
    aot_arena *arena = aot_arena_new(0);
    if (arena == NULL) {
        return aot_fail(err, AOT_ERROR_MEMORY, "no room for temporary memory");
    }
    aot_id *chain = NULL; /* from the constant down to the first with data */
    size_t count = 0, capacity = 0;
    bool done = true;
    for (aot_id id = constant; done;) {
        const aot_value *value = aot_module_value(module, id);
        if (value == NULL || value->kind != AOT_VALUE_CONST) {
            done = aot_fail(err, AOT_ERROR_INTERNAL, "value %u is no constant", (unsigned)id);
        } else if (value->stored->data.block != NULL) {
            break;
        } else if (!value->stored->has_expression || count > aot_module_value_limit(module)) {
            done = aot_fail(err, AOT_ERROR_INTERNAL, "$%s has no data", value->name);
        } else {
            done = aot_arena_grow(arena, (void **)&chain, &capacity, count + 1, sizeof *chain,
                                  err);
            if (done) {
                chain[count++] = id;
                id = value->stored->source;
            }
        }
    }
    while (done && count > 0) {
        done = materialize_one(module, chain[--count], err);
    }
    aot_arena_free(arena);
    if (done) {
        const aot_value *value = aot_module_value(module, constant);
        *out = value->stored->data;
        out->type = *value->type;
    }
    return done;
}

/* Graphs */

/* What is printed must be what follows. */
static bool check_printed(const aot_value *value, const aot_type *follows, aot_error *err)
{
    if (aot_type_equal(value->type, follows)) {
        return true;
    }
    char printed[128], right[128];
    return aot_fail(err, AOT_ERROR_INPUT, "the type is written as %s, it must be %s%s",
                    aot_type_show(value->type, printed, sizeof printed),
                    aot_type_show(follows, right, sizeof right),
                    aot_type_same_data(value->type, follows) ? " with another quantization"
                                                             : "");
}

/* A call's operands are its body's parameters, its results what the body returns. */
static bool infer_call(const aot_module *module, const aot_node *node, aot_error *err)
{
    const aot_graph *body = aot_module_graph(module, node->body);
    if (body == NULL) {
        return aot_fail(err, AOT_ERROR_INTERNAL, "the call has no body");
    }
    if (node->input_count != body->param_count || node->output_count != body->return_count) {
        return aot_fail(
            err, AOT_ERROR_INPUT,
            "@%s takes %zu operands and gives %zu results, the call has %zu and %zu",
            body->name, body->param_count, body->return_count, (size_t)node->input_count,
            (size_t)node->output_count);
    }
    for (size_t i = 0; i < body->param_count; i++) {
        const aot_value *param = aot_module_value(module, body->params[i]);
        const aot_value *given = aot_module_value(module, node->inputs[i]);
        if (given == NULL || !aot_type_equal(given->type, param->type)) {
            char left[128], right[128];
            return aot_fail(err, AOT_ERROR_INPUT, "operand %zu is %s, @%s takes %s%s", i + 1,
                            given == NULL ? "absent"
                                          : aot_type_show(given->type, left, sizeof left),
                            body->name, aot_type_show(param->type, right, sizeof right),
                            given != NULL && aot_type_same_shape(given->type, param->type)
                                ? " (element type or quantization differ)"
                                : "");
        }
    }
    const aot_node *end = aot_module_node(module, body->last);
    for (size_t i = 0; i < body->return_count; i++) {
        if (!check_printed(aot_module_value(module, node->outputs[i]),
                           aot_module_value(module, end->inputs[i])->type, err)) {
            return aot_error_context(err, "result %zu of @%s", i + 1, body->name);
        }
    }
    return true;
}

static bool infer_return(const aot_module *module, const aot_graph *graph, aot_error *err)
{
    const aot_node *end = aot_module_node(module, graph->last);
    for (size_t i = 0; i < graph->next_count; i++) {
        const aot_value *state = aot_module_value(module, graph->next_states[i]);
        const aot_value *next = aot_module_value(module, end->inputs[graph->return_count + i]);
        if (!aot_type_same_data(next->type, state->type)) {
            char left[128], right[128];
            return aot_fail(err, AOT_ERROR_INPUT,
                            "the next value of %%%s is %s, the state is %s", state->name,
                            aot_type_show(next->type, left, sizeof left),
                            aot_type_show(state->type, right, sizeof right));
        }
    }
    return true;
}

static bool infer_node(const aot_module *module, const aot_node *node, const aot_type **types,
                       aot_error *err)
{
    if (node->op == AOT_OP_call) {
        return infer_call(module, node, err);
    }
    for (size_t i = 0; i < node->input_count; i++) {
        types[i] =
            node->inputs[i] == 0 ? NULL : aot_module_value(module, node->inputs[i])->type;
    }
    const aot_value *result = aot_module_value(module, node->outputs[0]);
    const aot_apply apply = {
        .module = module,
        .op = node->op,
        .input_count = node->input_count,
        .types = types,
        .attrs = &node->attrs,
        .declared = result->type,
    };
    aot_type follows;
    return aot_infer(&apply, &follows, err) && check_printed(result, &follows, err);
}

bool aot_graph_infer(const aot_module *module, aot_id graph, aot_error *err)
{
    const aot_graph *g = aot_module_graph(module, graph);
    if (g == NULL) {
        return aot_fail(err, AOT_ERROR_INTERNAL, "graph %u does not exist", (unsigned)graph);
    }
    aot_arena *arena = aot_arena_new(0);
    if (arena == NULL) {
        return aot_fail(err, AOT_ERROR_MEMORY, "no room for temporary memory");
    }
    const aot_type **types = NULL;
    size_t capacity = 0;
    bool done = true;
    for (aot_id id = g->first; done && id != g->last;) {
        const aot_node *node = aot_module_node(module, id);
        done = aot_arena_grow(arena, (void **)&types, &capacity, node->input_count,
                              sizeof *types, err);
        if (done && !infer_node(module, node, types, err)) {
            done = aot_error_context(err, "@%s: %%%s", g->name,
                                     aot_module_value(module, node->outputs[0])->name);
        }
        id = node->next;
    }
    aot_arena_free(arena);
    return done && (infer_return(module, g, err) || aot_error_context(err, "@%s", g->name));
}
