/* node.c - the edits of nodes: insert, rewrite, attributes and operands, remove, move. */
#include "core/ir/graph_internal.h"

#include <string.h>

#include "core/ir/name.h"

aot_label aot_node_label(const aot_node_record *node, const aot_module *module)
{
    if (node->node.output_count)
        return aot_value_label(module, node->node.outputs[0]);
    const aot_graph_record *graph = aot_graph_get(module, node->node.graph);
    return aot_name_label('@', graph ? graph->graph.name : "?");
}

static void release_operands(aot_arena *arena, const aot_node_record *node)
{
    aot_arena_release(arena, node->node.inputs, node->capacity * sizeof(aot_id));
    aot_arena_release(arena, node->uses, node->capacity * sizeof(aot_use));
}

/* Makes the arrays of operands, `count` of them, and their uses; others in *node stay. */
static bool make_operands(aot_arena *arena, aot_node_record *node, const aot_id *inputs,
                          size_t count, size_t capacity, aot_error *err)
{
    if (capacity > UINT32_MAX)
        return aot_fail(err, AOT_ERROR_INPUT, "a node has too many operands");
    node->node.inputs = NULL;
    node->uses = NULL;
    node->node.input_count = (uint32_t)count;
    node->capacity = (uint32_t)capacity;
    if (capacity == 0)
        return true;
    node->node.inputs = aot_arena_array(arena, capacity, sizeof(aot_id), err);
    if (!node->node.inputs)
        return false;
    node->uses = aot_arena_array(arena, capacity, sizeof(aot_use), err);
    if (!node->uses) {
        aot_arena_release(arena, node->node.inputs, capacity * sizeof(aot_id));
        return false;
    }
    if (count)
        memcpy(node->node.inputs, inputs, count * sizeof *inputs);
    return true;
}

aot_node_record *aot_node_make(aot_module *module, aot_op op, const aot_id *inputs,
                               size_t input_count, size_t output_count, aot_error *err)
{
    aot_arena *arena = module->arena;
    if (output_count > UINT32_MAX) {
        aot_fail(err, AOT_ERROR_INPUT, "a node has too many results");
        return NULL;
    }
    aot_node_record *record = aot_arena_alloc(arena, sizeof *record, err);
    if (!record || !make_operands(arena, record, inputs, input_count, input_count, err))
        return NULL;
    aot_node *node = &record->node;
    if (output_count &&
        !(node->outputs = aot_arena_array(arena, output_count, sizeof(aot_id), err)))
        return NULL;
    node->op = op;
    node->output_count = (uint32_t)output_count;
    node->attrs.kind = AOT_ATTR_DICT;
    return record;
}

bool aot_node_operands(aot_module *module, aot_node_record *node, const aot_id *inputs,
                       size_t count, size_t capacity, aot_error *err)
{
    aot_node_record made = { 0 };
    if (!make_operands(module->arena, &made, inputs, count, capacity, err))
        return false;
    aot_uses_unlink(module, node);
    release_operands(module->arena, node);
    node->node.inputs = made.node.inputs;
    node->node.input_count = made.node.input_count;
    node->uses = made.uses;
    node->capacity = made.capacity;
    aot_uses_link(module, node);
    return true;
}

void aot_node_set_body(aot_module *module, aot_node_record *node, aot_id body)
{
    aot_graph_record *old = aot_graph_get(module, node->node.body);
    aot_graph_record *graph = aot_graph_get(module, body);
    if (graph)
        graph->calls++;
    if (old)
        old->calls--;
    node->node.body = body;
}

void aot_node_register(aot_module *module, aot_node_record *node, aot_graph_record *graph)
{
    node->node.id = (aot_id)module->node_count;
    node->node.graph = graph->graph.id;
    module->nodes[module->node_count++] = node;
}

void aot_node_unregister(aot_module *module, aot_node_record *node)
{
    aot_uses_unlink(module, node);
    aot_node_set_body(module, node, 0);
    aot_node_unlink(module, node);
    for (size_t i = 0; i < node->node.output_count; i++)
        aot_value_unregister(module, aot_value_get(module, node->node.outputs[i]));
    aot_node_drop(module, node);
}

void aot_node_drop(aot_module *module, aot_node_record *node)
{
    aot_arena *arena = module->arena;
    module->nodes[node->node.id] = NULL;
    release_operands(arena, node);
    aot_arena_release(arena, node->node.outputs, node->node.output_count * sizeof(aot_id));
    aot_attr_drop(&module->shared, &node->node.attrs);
    aot_arena_release(arena, node, sizeof *node);
}

static bool check_counts(const aot_op_info *info, const aot_node_spec *spec, aot_error *err)
{
    if (spec->input_count < (size_t)info->low ||
        (info->high >= 0 && spec->input_count > (size_t)info->high)) {
        if (info->high == info->low)
            return aot_fail(err, AOT_ERROR_INPUT, "%s takes %d operands, there are %zu",
                            info->name, info->low, spec->input_count);
        if (info->high < 0)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "%s takes at least %d operands, there are %zu", info->name,
                            info->low, spec->input_count);
        return aot_fail(err, AOT_ERROR_INPUT, "%s takes %d to %d operands, there are %zu",
                        info->name, info->low, info->high, spec->input_count);
    }
    size_t wanted = info->outputs < 0 ? 1 : (size_t)info->outputs;
    if (spec->output_count < wanted || (info->outputs >= 0 && spec->output_count > wanted))
        return aot_fail(err, AOT_ERROR_INPUT, "%s gives %zu%s results, %zu are asked for",
                        info->name, wanted, info->outputs < 0 ? " or more" : "",
                        spec->output_count);
    return true;
}

static bool check_body(const aot_module *module, const aot_graph_record *graph,
                       const aot_node_spec *spec, aot_error *err)
{
    if (spec->op != AOT_OP_call) {
        if (spec->body || spec->by)
            return aot_fail(err, AOT_ERROR_INPUT, "only a call has a body, %s has not",
                            aot_op_get(spec->op)->name);
        return true;
    }
    const aot_graph_record *body = aot_graph_need(module, spec->body, err);
    if (!body)
        return aot_error_context(err, "call");
    if (spec->body == graph->graph.id)
        return aot_fail(err, AOT_ERROR_INPUT, "%s cannot call itself",
                        aot_name_label('@', graph->graph.name).text);
    if (aot_module_is_main(body))
        return aot_fail(err, AOT_ERROR_INPUT,
                        "a body cannot be @main, whose states are its own");
    if (spec->by && !aot_name_is_word(spec->by, strlen(spec->by)))
        return aot_fail(err, AOT_ERROR_INPUT, "'%s' is no name of an accelerator", spec->by);
    return true;
}

bool aot_slot_optional(aot_op op, size_t slot)
{
    const aot_op_info *info = aot_op_get(op);
    return !(info->flags & AOT_OP_CONTROL) && slot >= (size_t)info->low;
}

static bool check_slot(const aot_module *module, const aot_graph_record *graph, aot_op op,
                       size_t slot, aot_id input, uint64_t order, aot_error *err)
{
    const aot_op_info *info = aot_op_get(op);
    if (input == 0) {
        if (aot_slot_optional(op, slot))
            return true;
        return aot_fail(err, AOT_ERROR_INPUT, "%s: operand %zu must not be absent", info->name,
                        slot + 1);
    }
    const aot_value_record *value = aot_value_need(module, input, err);
    if (!value || !aot_value_visible(module, value, graph, order, err))
        return aot_error_context(err, "operand %zu of %s", slot + 1, info->name);
    return true;
}

static bool check_spec(const aot_module *module, const aot_graph_record *graph,
                       const aot_node_spec *spec, uint64_t order, aot_error *err)
{
    const aot_op_info *info = aot_op_get(spec->op);
    if (!info || spec->op == AOT_OP_return)
        return aot_fail(err, AOT_ERROR_INPUT, "%s is no operation that can be added",
                        info ? info->name : "?");
    if (!check_counts(info, spec, err) || !check_body(module, graph, spec, err))
        return false;
    for (size_t i = 0; i < spec->input_count; i++)
        if (!check_slot(module, graph, spec->op, i, spec->inputs[i], order, err))
            return false;
    for (size_t i = 0; spec->types && i < spec->output_count; i++)
        if (!aot_type_check(module, &spec->types[i], 0, err))
            return aot_error_context(err, "result %zu of %s", i + 1, info->name);
    if (spec->attrs && spec->attrs->kind != AOT_ATTR_DICT)
        return aot_fail(err, AOT_ERROR_INPUT, "%s: the attributes must be a dict", info->name);
    return true;
}

/* Copies what a node keeps of the spec besides operands and types. */
static bool copy_words(aot_module *module, const aot_node_spec *spec, aot_attr *attrs,
                       const char **by, aot_error *err)
{
    *attrs = (aot_attr){ .kind = AOT_ATTR_DICT };
    *by = NULL;
    return (!spec->by || (*by = aot_share(&module->shared, spec->by, strlen(spec->by), err))) &&
           (!spec->attrs || aot_attr_copy(&module->shared, spec->attrs, attrs, err));
}

/* Makes the results of an unregistered node and claims their names. */
static aot_value_record *make_results(aot_module *module, const aot_graph_record *graph,
                                      const aot_node_spec *spec, aot_error *err)
{
    aot_value_record *values =
        aot_arena_array(module->arena, spec->output_count, sizeof *values, err);
    for (size_t i = 0; values && i < spec->output_count; i++) {
        values[i].value.kind = AOT_VALUE_RESULT;
        values[i].value.graph = graph->graph.id;
        values[i].value.index = (uint32_t)i;
        values[i].value.type = aot_type_share(module, &spec->types[i], err);
        values[i].new_name = !values[i].value.type
                                 ? NULL
                                 : aot_names_claim(&module->names, graph->scope,
                                                   spec->names ? spec->names[i] : NULL,
                                                   aot_op_get(spec->op)->name, err);
        if (values[i].new_name)
            continue;
        while (i-- > 0)
            aot_names_release(&module->names, values[i].new_name);
        return NULL;
    }
    return values;
}

aot_id aot_graph_insert(aot_module *module, aot_id graph, aot_id before,
                        const aot_node_spec *spec, aot_error *err)
{
    aot_graph_record *home = aot_graph_need(module, graph, err);
    if (!home)
        return 0;
    aot_node_record *next = aot_node_need(module, before ? before : home->graph.last, err);
    if (!next)
        return 0;
    if (next->node.graph != graph || (spec->output_count && !spec->types)) {
        aot_fail(err, AOT_ERROR_INPUT, "%s: %s", aot_name_label('@', home->graph.name).text,
                 spec->types ? "the node to insert before is of another graph"
                             : "a node needs the types of its results");
        return 0;
    }
    if (!check_spec(module, home, spec, next->node.order, err)) {
        aot_error_context(err, "%s", aot_name_label('@', home->graph.name).text);
        return 0;
    }
    aot_node_record *node = aot_node_make(module, spec->op, spec->inputs, spec->input_count,
                                          spec->output_count, err);
    if (!node || !copy_words(module, spec, &node->node.attrs, &node->node.by, err) ||
        !aot_module_reserve(module, spec->output_count, 1, err))
        return 0;
    aot_value_record *values = make_results(module, home, spec, err);
    if (!values)
        return 0;

    aot_node_register(module, node, home);
    for (size_t i = 0; i < spec->output_count; i++) {
        values[i].value.node = node->node.id;
        aot_value_register(module, &values[i], values[i].new_name);
        node->node.outputs[i] = values[i].value.id;
    }
    aot_node_set_body(module, node, spec->body);
    aot_node_link(module, node, next);
    aot_uses_link(module, node);
    return node->node.id;
}

bool aot_node_rewrite(aot_module *module, aot_id node, const aot_node_spec *spec,
                      aot_error *err)
{
    aot_node_record *record = aot_node_need(module, node, err);
    if (!record)
        return false;
    aot_node *n = &record->node;
    aot_graph_record *graph = aot_graph_get(module, n->graph);
    aot_label label = aot_node_label(record, module);
    if (n->op == AOT_OP_return)
        return aot_fail(err, AOT_ERROR_INPUT, "the return of %s cannot be rewritten",
                        label.text);
    if (spec->output_count != n->output_count)
        return aot_fail(err, AOT_ERROR_INPUT, "%s has %lu results, the rewritten node %zu",
                        label.text, (unsigned long)n->output_count, spec->output_count);
    aot_attr attrs;
    const char *by;
    if (!check_spec(module, graph, spec, n->order, err) ||
        !copy_words(module, spec, &attrs, &by, err))
        return aot_error_context(err, "%s", label.text);
    bool shared = true;
    for (size_t i = 0; spec->types && shared && i < n->output_count; i++)
        shared = aot_type_share(module, &spec->types[i], err) != NULL;
    if (!shared || !aot_node_operands(module, record, spec->inputs, spec->input_count,
                                      spec->input_count, err)) {
        aot_attr_drop(&module->shared, &attrs);
        return false;
    }

    n->op = spec->op;
    aot_attr_drop(&module->shared, &n->attrs);
    n->attrs = attrs;
    n->by = by;
    aot_node_set_body(module, record, spec->body);
    for (size_t i = 0; spec->types && i < n->output_count; i++)
        aot_value_retype(module, aot_value_get(module, n->outputs[i]),
                         aot_type_share(module, &spec->types[i], err));
    return true;
}

bool aot_node_set(aot_module *module, aot_id node, const char *key, const aot_attr *value,
                  aot_error *err)
{
    aot_node_record *record = aot_node_need(module, node, err);
    if (!record)
        return false;
    if (record->node.op == AOT_OP_return)
        return aot_fail(err, AOT_ERROR_INPUT, "a return has no attributes");
    return aot_attr_set(&module->shared, &record->node.attrs, key, value, err);
}

bool aot_node_set_input(aot_module *module, aot_id node, size_t slot, aot_id value,
                        aot_error *err)
{
    aot_node_record *record = aot_node_need(module, node, err);
    if (!record)
        return false;
    aot_node *n = &record->node;
    aot_label label = aot_node_label(record, module);
    if (slot >= n->input_count)
        return aot_fail(err, AOT_ERROR_INPUT, "%s: %s has %lu operands, there is no number %zu",
                        label.text, aot_op_get(n->op)->name, (unsigned long)n->input_count,
                        slot + 1);
    if (!check_slot(module, aot_graph_get(module, n->graph), n->op, slot, value, n->order, err))
        return aot_error_context(err, "%s", label.text);
    aot_use_redirect(module, &record->uses[slot], value);
    return true;
}

bool aot_node_remove(aot_module *module, aot_id node, aot_error *err)
{
    aot_node_record *record = aot_node_need(module, node, err);
    if (!record)
        return false;
    if (record->node.op == AOT_OP_return)
        return aot_fail(err, AOT_ERROR_INPUT, "the return of %s cannot be removed",
                        aot_node_label(record, module).text);
    for (size_t i = 0; i < record->node.output_count; i++) {
        const aot_value *value = aot_module_value(module, record->node.outputs[i]);
        if (value->use_count)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "%s is used by %zu operands, it cannot be removed",
                            aot_value_label(module, value->id).text, (size_t)value->use_count);
    }
    aot_node_unregister(module, record);
    return true;
}

/* Would every user of the node's results still come after it, were it before `order`? */
static bool check_users(const aot_module *module, const aot_node *node, uint64_t order,
                        aot_error *err)
{
    for (size_t i = 0; i < node->output_count; i++) {
        const aot_value *value = aot_module_value(module, node->outputs[i]);
        for (const aot_use *use = value->uses; use; use = use->next)
            if (aot_module_node(module, use->node)->order < order)
                return aot_fail(err, AOT_ERROR_INPUT, "%s would be used before it is computed",
                                aot_value_label(module, value->id).text);
    }
    return true;
}

bool aot_node_move(aot_module *module, aot_id node, aot_id before, aot_error *err)
{
    aot_node_record *record = aot_node_need(module, node, err);
    if (!record)
        return false;
    aot_graph_record *graph = aot_graph_get(module, record->node.graph);
    aot_node_record *next = aot_node_need(module, before ? before : graph->graph.last, err);
    if (!next)
        return false;
    aot_label label = aot_node_label(record, module);
    if (record->node.op == AOT_OP_return || next->node.graph != record->node.graph)
        return aot_fail(err, AOT_ERROR_INPUT, "%s: %s", label.text,
                        record->node.op == AOT_OP_return
                            ? "the return stays at the end"
                            : "a node cannot move into another graph");
    if (record == next || record->node.next == next->node.id)
        return true;
    for (size_t i = 0; i < record->node.input_count; i++) {
        const aot_value_record *input = aot_value_get(module, record->node.inputs[i]);
        if (input && !aot_value_visible(module, input, graph, next->node.order, err))
            return aot_error_context(err, "moving %s", label.text);
    }
    if (!check_users(module, &record->node, next->node.order, err))
        return aot_error_context(err, "moving %s", label.text);
    aot_node_unlink(module, record);
    aot_node_link(module, record, next);
    return true;
}
