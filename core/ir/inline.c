/* inline.c - puts the body of a call in its place. */
#include "core/ir/graph_internal.h"

/* Everything an inlining needs, made before anything is changed. */
typedef struct inlining {
    aot_module *module;
    aot_node_record *call;
    aot_graph_record *home, *body;
    aot_node_record **nodes; /* copies of the body's, in order */
    size_t node_count, node_room;
    aot_value_record **values; /* their results, in order; the id of the k-th is known: */
    size_t value_count, value_room;
    aot_id first_value;
    uint32_t stamp; /* of the values of the body: `image` is what stands for them */
} inlining;

/* What stands in the caller for a value that the body uses. */
static aot_id image_of(const inlining *in, aot_id id)
{
    const aot_value_record *value = aot_value_get(in->module, id);
    if (!value || value->value.kind == AOT_VALUE_CONST)
        return id;
    return value->image;
}

static bool check_call(const inlining *in, aot_error *err)
{
    const aot_node *call = &in->call->node;
    const aot_graph *body = &in->body->graph;
    if (call->input_count != body->param_count || call->output_count != body->return_count)
        return aot_fail(
            err, AOT_ERROR_INPUT,
            "the call has %lu operands and %lu results, its body takes %zu and gives %zu",
            (unsigned long)call->input_count, (unsigned long)call->output_count,
            body->param_count, body->return_count);
    if (body->next_count)
        return aot_fail(err, AOT_ERROR_INPUT, "its body has states");
    return true;
}

/* Maps the parameters, and the names of the call to the results that take its place. */
static void map_boundary(inlining *in)
{
    aot_module *module = in->module;
    in->stamp = ++module->stamp;
    for (size_t i = 0; i < in->body->graph.param_count; i++)
        aot_value_get(module, in->body->graph.params[i])->image = in->call->node.inputs[i];
    const aot_node *last = aot_module_node(module, in->body->graph.last);
    for (size_t i = 0; i < last->input_count; i++) {
        aot_value_record *value = aot_value_get(module, last->inputs[i]);
        if (value->value.kind != AOT_VALUE_RESULT || value->stamp == in->stamp)
            continue;
        value->stamp = in->stamp;
        value->new_name = aot_value_get(module, in->call->node.outputs[i])->named;
    }
}

/* Copies one result of the body. Its name is the call's, or claimed here. */
static aot_value_record *copy_value(inlining *in, aot_id id, aot_error *err)
{
    aot_module *module = in->module;
    aot_value_record *from = aot_value_get(module, id);
    aot_value_record *to = aot_arena_alloc(module->arena, sizeof *to, err);
    if (!to)
        return NULL;
    to->value.kind = AOT_VALUE_RESULT;
    to->value.graph = in->home->graph.id;
    to->value.index = from->value.index;
    to->value.type = from->value.type;
    from->image = (aot_id)(in->first_value + in->value_count);
    if (from->stamp == in->stamp) {
        to->new_name = from->new_name;
        to->stamp = in->stamp; /* marks the name as taken over */
        return to;
    }
    to->new_name = aot_names_claim(&module->names, in->home->scope, from->value.name, "x", err);
    return to->new_name ? to : NULL;
}

static bool copy_node(inlining *in, const aot_node *from, aot_error *err)
{
    aot_module *module = in->module;
    if (from->body == in->home->graph.id)
        return aot_fail(err, AOT_ERROR_INPUT, "its body calls the caller");
    aot_node_record *to = aot_node_make(module, from->op, from->inputs, from->input_count,
                                        from->output_count, err);
    if (!to)
        return false;
    for (size_t i = 0; i < from->input_count; i++)
        to->node.inputs[i] = image_of(in, from->inputs[i]);
    if (!aot_attr_copy(&module->shared, &from->attrs, &to->node.attrs, err))
        return false;
    to->node.by = from->by;
    to->node.body = from->body;
    for (size_t i = 0; i < from->output_count; i++) {
        aot_value_record *value = copy_value(in, from->outputs[i], err);
        if (!value)
            return false;
        to->node.outputs[i] = (aot_id)(in->first_value + in->value_count);
        in->values[in->value_count++] = value;
    }
    in->nodes[in->node_count++] = to;
    return true;
}

static bool make_copies(inlining *in, aot_error *err)
{
    aot_module *module = in->module;
    size_t values = 0, nodes = in->body->graph.node_count;
    const aot_node *node = aot_module_node(module, in->body->graph.first);
    for (; node->op != AOT_OP_return; node = aot_module_node(module, node->next))
        values += node->output_count;
    if (!aot_module_reserve(module, values, nodes, err))
        return false;
    in->node_room = nodes;
    in->value_room = values;
    in->nodes = aot_arena_array(module->arena, nodes, sizeof(aot_node_record *), err);
    in->values = aot_arena_array(module->arena, values, sizeof(aot_value_record *), err);
    if (!in->nodes || !in->values)
        return false;
    in->first_value = (aot_id)module->value_count;
    node = aot_module_node(module, in->body->graph.first);
    for (; node->op != AOT_OP_return; node = aot_module_node(module, node->next)) {
        if (copy_node(in, node, err))
            continue;
        for (size_t i = 0; i < in->value_count; i++)
            if (in->values[i]->stamp != in->stamp)
                aot_names_release(&module->names, in->values[i]->new_name);
        return false;
    }
    return true;
}

static void commit(inlining *in)
{
    aot_module *module = in->module;
    const aot_node *last = aot_module_node(module, in->body->graph.last);
    aot_node *call = &in->call->node;
    for (size_t i = 0; i < call->output_count; i++) { /* names that are taken over stay owned */
        const aot_value_record *result = aot_value_get(module, last->inputs[i]);
        aot_value_record *output = aot_value_get(module, call->outputs[i]);
        if (result->stamp == in->stamp && result->new_name == output->named)
            output->named = NULL;
    }
    for (size_t i = 0; i < in->value_count; i++)
        aot_value_register(module, in->values[i], in->values[i]->new_name);
    for (size_t n = 0; n < in->node_count; n++) {
        aot_node_record *node = in->nodes[n];
        aot_id body = node->node.body;
        node->node.body = 0;
        aot_node_register(module, node, in->home);
        aot_node_set_body(module, node, body);
        aot_node_link(module, node, in->call);
        aot_uses_link(module, node);
        for (size_t i = 0; i < node->node.output_count; i++)
            aot_value_get(module, node->node.outputs[i])->value.node = node->node.id;
    }
    for (size_t i = 0; i < call->output_count; i++) {
        aot_id by = image_of(in, last->inputs[i]);
        const aot_value_record *output = aot_value_get(module, call->outputs[i]);
        while (output->value.uses)
            aot_use_redirect(module, output->value.uses, by);
    }
    aot_node_unregister(module, in->call);
}

bool aot_graph_inline(aot_module *module, aot_id call, aot_error *err)
{
    aot_node_record *record = aot_node_need(module, call, err);
    if (!record)
        return false;
    if (record->node.op != AOT_OP_call)
        return aot_fail(err, AOT_ERROR_INPUT, "%s is no call, it cannot be inlined",
                        aot_node_label(record, module).text);
    inlining in = { .module = module,
                    .call = record,
                    .home = aot_graph_get(module, record->node.graph),
                    .body = aot_graph_get(module, record->node.body) };
    bool checked = check_call(&in, err);
    if (checked)
        map_boundary(&in);
    bool made = checked && make_copies(&in, err);
    if (made)
        commit(&in);
    aot_arena_release(module->arena, in.nodes, in.node_room * sizeof(aot_node_record *));
    aot_arena_release(module->arena, in.values, in.value_room * sizeof(aot_value_record *));
    return made || aot_error_context(err, "inlining %s", aot_node_label(record, module).text);
}
