/* signature.c - making and removing graphs, and what they take and give. */
#include "core/ir/graph_internal.h"

#include <string.h>

aot_named *aot_global_claim(aot_module *module, const char *name, aot_error *err)
{
    if (!name || !*name) {
        aot_fail(err, AOT_ERROR_INPUT, "a graph or pool needs a name");
        return NULL;
    }
    if (aot_names_find(&module->names, AOT_SCOPE_GLOBAL, name)) {
        aot_fail(err, AOT_ERROR_INPUT, "there is a graph or pool %s already",
                 aot_name_label('@', name).text);
        return NULL;
    }
    return aot_names_claim(&module->names, AOT_SCOPE_GLOBAL, name, name, err);
}

aot_graph_record *aot_graph_make(aot_module *module, const aot_id *returns, size_t return_count,
                                 aot_node_record **last, aot_error *err)
{
    aot_graph_record *graph = aot_arena_alloc(module->arena, sizeof *graph, err);
    *last = aot_node_make(module, AOT_OP_return, returns, return_count, 0, err);
    if (!graph || !*last)
        return NULL;
    graph->graph.return_count = return_count;
    return graph;
}

void aot_graph_register(aot_module *module, aot_graph_record *graph, aot_node_record *last,
                        aot_named *named)
{
    aot_id id = (aot_id)module->graph_count;
    module->graphs[module->graph_count++] = graph;
    module->graph_list->ids[module->graph_list->count++] = id;
    named->owner = id;
    graph->named = named;
    graph->graph.id = id;
    graph->graph.name = named->name;
    graph->scope = strcmp(named->name, "main") == 0 ? AOT_SCOPE_MAIN : id;
    aot_node_register(module, last, graph);
    last->node.order = AOT_LAST_ORDER;
    graph->graph.first = graph->graph.last = last->node.id;
}

aot_id aot_module_new_graph(aot_module *module, const char *name, aot_error *err)
{
    aot_node_record *last;
    if (!aot_graph_reserve(module, err) || !aot_module_reserve(module, 0, 1, err))
        return 0;
    aot_graph_record *graph = aot_graph_make(module, NULL, 0, &last, err);
    aot_named *named = graph ? aot_global_claim(module, name, err) : NULL;
    if (!named)
        return 0;
    aot_graph_register(module, graph, last, named);
    return graph->graph.id;
}

static aot_stored_record *stored_of(const aot_module *module, aot_id state)
{
    return aot_stored_get(aot_value_get(module, state));
}

bool aot_module_remove_graph(aot_module *module, aot_id graph, aot_error *err)
{
    aot_graph_record *record = aot_graph_need(module, graph, err);
    if (!record)
        return false;
    if (record->calls)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "%s is the body of %zu calls, it cannot be removed",
                        aot_name_label('@', record->graph.name).text, record->calls);
    aot_graph *g = &record->graph;
    aot_node_record *last = aot_node_get(module, g->last);
    aot_uses_unlink(module, last);
    while (last->node.previous)
        aot_node_unregister(module, aot_node_get(module, last->node.previous));
    aot_node_drop(module, last);
    for (size_t i = 0; i < g->next_count; i++)
        stored_of(module, g->next_states[i])->next_slot = 0;
    for (size_t i = 0; i < g->param_count; i++)
        aot_value_unregister(module, aot_value_get(module, g->params[i]));
    aot_names_release(&module->names, record->named);
    module->graphs[graph] = NULL;
    module->graph_list->removed++;
    aot_arena_release(module->arena, g->params, record->param_capacity * sizeof(aot_id));
    aot_arena_release(module->arena, g->next_states, record->next_capacity * sizeof(aot_id));
    aot_arena_release(module->arena, record, sizeof *record);
    return true;
}

aot_id aot_graph_param(aot_module *module, aot_id graph, const char *name, const aot_type *type,
                       aot_error *err)
{
    aot_graph_record *record = aot_graph_need(module, graph, err);
    if (!record)
        return 0;
    aot_graph *g = &record->graph;
    void *params = g->params;
    if (!aot_type_check(module, type, 0, err) || !aot_module_reserve(module, 1, 0, err) ||
        !aot_arena_grow(module->arena, &params, &record->param_capacity, g->param_count + 1,
                        sizeof(aot_id), err))
        return 0;
    g->params = params;
    const aot_type *shared = aot_type_share(module, type, err);
    aot_value_record *value =
        shared ? aot_arena_alloc(module->arena, sizeof *value, err) : NULL;
    aot_named *named =
        value ? aot_names_claim(&module->names, record->scope, name, "x", err) : NULL;
    if (!named)
        return 0;
    value->value.kind = AOT_VALUE_PARAM;
    value->value.graph = graph;
    value->value.index = (uint32_t)g->param_count;
    value->value.type = shared;
    aot_value_register(module, value, named);
    g->params[g->param_count++] = value->value.id;
    return value->value.id;
}

/* Can @graph return the value? */
static bool check_returned(const aot_module *module, const aot_graph_record *graph,
                           aot_id value, aot_error *err)
{
    const aot_value_record *record = aot_value_need(module, value, err);
    return record && aot_value_visible(module, record, graph, AOT_LAST_ORDER, err);
}

bool aot_graph_returns(aot_module *module, aot_id graph, const aot_id *values, size_t count,
                       aot_error *err)
{
    aot_graph_record *record = aot_graph_need(module, graph, err);
    if (!record)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!check_returned(module, record, values[i], err))
            return aot_error_context(err, "result %zu of %s", i + 1,
                                     aot_name_label('@', record->graph.name).text);
    aot_graph *g = &record->graph;
    aot_node_record *last = aot_node_get(module, g->last);
    size_t total;
    if (!aot_add(count, g->next_count, &total))
        return aot_fail(err, AOT_ERROR_MEMORY, "a graph has too many results");
    aot_id *all = aot_arena_array(module->arena, total, sizeof *all, err);
    if (!all)
        return false;
    if (count)
        memcpy(all, values, count * sizeof *all);
    if (g->next_count)
        memcpy(all + count, last->node.inputs + g->return_count, g->next_count * sizeof *all);
    bool done = aot_node_operands(module, last, all, total, total, err);
    aot_arena_release(module->arena, all, total * sizeof *all);
    if (done)
        g->return_count = count;
    return done;
}

/* Takes the next value of a state away. */
static void drop_next(aot_module *module, aot_graph *g, aot_stored_record *state)
{
    aot_node_record *last = aot_node_get(module, g->last);
    size_t gone = state->next_slot - 1;
    state->next_slot = 0;
    aot_uses_unlink(module, last);
    for (size_t i = gone; i + 1 < g->next_count; i++) {
        g->next_states[i] = g->next_states[i + 1];
        stored_of(module, g->next_states[i])->next_slot = i + 1;
        last->node.inputs[g->return_count + i] = last->node.inputs[g->return_count + i + 1];
    }
    g->next_count--;
    last->node.input_count--;
    aot_uses_link(module, last);
}

bool aot_graph_next(aot_module *module, aot_id graph, aot_id state, aot_id value,
                    aot_error *err)
{
    aot_graph_record *record = aot_graph_need(module, graph, err);
    aot_value_record *of = aot_value_need(module, state, err);
    if (!record || !of)
        return false;
    aot_label label = aot_value_label(module, state);
    if (of->value.kind != AOT_VALUE_STATE || !aot_module_is_main(record))
        return aot_fail(err, AOT_ERROR_INPUT,
                        "next values are for states in @main, %s in %s is none", label.text,
                        aot_name_label('@', record->graph.name).text);
    aot_graph *g = &record->graph;
    aot_stored_record *stored = aot_stored_get(of);
    if (value == 0) {
        if (stored->next_slot)
            drop_next(module, g, stored);
        return true;
    }
    if (!check_returned(module, record, value, err))
        return aot_error_context(err, "next %s", label.text);
    aot_node_record *last = aot_node_get(module, g->last);
    if (stored->next_slot) {
        aot_use_redirect(module, &last->uses[g->return_count + stored->next_slot - 1], value);
        return true;
    }
    void *states = g->next_states;
    if (!aot_arena_grow(module->arena, &states, &record->next_capacity, g->next_count + 1,
                        sizeof(aot_id), err))
        return false;
    g->next_states = states;
    size_t count = last->node.input_count;
    if (count == last->capacity &&
        !aot_node_operands(module, last, last->node.inputs, count, 2 * count + 4, err))
        return false;
    g->next_states[g->next_count++] = state;
    stored->next_slot = g->next_count;
    last->node.inputs[count] = value;
    last->node.input_count++;
    aot_use_link(module, last, count);
    return true;
}
