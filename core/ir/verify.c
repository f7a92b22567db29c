/* verify.c - checks what edits keep, and what they cannot: calls, places, references. */
#include "core/ir/graph_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct verifier {
    const aot_module *module;
    aot_arena *arena;
    size_t *uses; /* by value: operands that are the value */
    const aot_graph *graph;
    aot_error *err;
} verifier;

/* A broken invariant is a bug of ours. */
static bool broken(const verifier *v, const char *what, aot_id id)
{
    return aot_fail(v->err, AOT_ERROR_INTERNAL, "internal fault in the graph: %s (id %lu)",
                    what, (unsigned long)id);
}

static bool context(const verifier *v, const aot_node *node)
{
    aot_label graph = aot_name_label('@', v->graph->name);
    if (!node || node->op == AOT_OP_return)
        return aot_error_context(v->err, "%s", graph.text);
    return aot_error_context(v->err, "%s: %s = %s", graph.text,
                             aot_node_label(aot_node_get(v->module, node->id), v->module).text,
                             aot_op_get(node->op)->name);
}

/* Do the references in the value name a graph, pool or constant? It was copied: its depth is
 * bounded. */
static bool check_references(const verifier *v, const aot_attr *attr)
{
    bool found = true;
    if (attr->kind == AOT_ATTR_REF) {
        uint32_t scope = attr->string[0] == '$' ? AOT_SCOPE_CONST : AOT_SCOPE_GLOBAL;
        if (aot_names_find(&v->module->names, scope, attr->string + 1))
            return true;
        return aot_fail(v->err, AOT_ERROR_INPUT, "there is no %s, which an attribute refers to",
                        aot_name_label(attr->string[0], attr->string + 1).text);
    }
    if (attr->kind == AOT_ATTR_LIST)
        for (size_t i = 0; found && i < attr->length; i++)
            found = check_references(v, &attr->items[i]);
    else if (attr->kind == AOT_ATTR_DICT)
        for (size_t i = 0; found && i < attr->length; i++)
            found = check_references(v, &attr->fields[i].value);
    return found;
}

static const aot_entry *pool_of(const verifier *v, const aot_attr *ref)
{
    size_t count;
    const aot_entry *pools = aot_module_pools(v->module, &count);
    if (ref->kind != AOT_ATTR_REF || ref->string[0] != '@')
        return NULL;
    const aot_named *named =
        aot_names_find(&v->module->names, AOT_SCOPE_GLOBAL, ref->string + 1);
    return named && named->owner & AOT_POOL_BIT ? &pools[(named->owner & ~AOT_POOL_BIT) - 1]
                                                : NULL;
}

/* Does [@pool, offset] (`bytes` from there on) lie in the pool, as far as that has a size? */
static bool check_place(const verifier *v, const char *key, const aot_attr *place,
                        size_t entries, uint64_t bytes)
{
    const aot_entry *pool = NULL;
    if (place->kind == AOT_ATTR_LIST && place->length == entries &&
        place->items[1].kind == AOT_ATTR_INT && place->items[1].i >= 0)
        pool = pool_of(v, &place->items[0]);
    if (!pool)
        return aot_fail(v->err, AOT_ERROR_INPUT,
                        "attribute '%s' must be [@pool, offset%s] with a pool of the module",
                        key, entries == 3 ? ", bytes" : "");
    const aot_attr *size = aot_attr_get(&pool->attrs, "size");
    uint64_t start = (uint64_t)place->items[1].i;
    if (size && size->kind == AOT_ATTR_INT &&
        (size->i < 0 || start > (uint64_t)size->i || bytes > (uint64_t)size->i - start))
        return aot_fail(
            v->err, AOT_ERROR_INPUT,
            "attribute '%s': %llu bytes at %llu lie beyond the end of %s (%lld bytes)", key,
            (unsigned long long)bytes, (unsigned long long)start,
            aot_name_label('@', pool->name).text, (long long)size->i);
    return true;
}

static bool check_plan(const verifier *v, const aot_node *node)
{
    const aot_attr *at = aot_attr_get(&node->attrs, "at");
    const aot_attr *scratch = aot_attr_get(&node->attrs, "scratch");
    if (at && (at->kind != AOT_ATTR_LIST || at->length != node->output_count))
        return aot_fail(v->err, AOT_ERROR_INPUT,
                        "attribute 'at' must be a list with %lu places",
                        (unsigned long)node->output_count);
    for (size_t i = 0; at && i < at->length; i++) {
        size_t bytes;
        if (at->items[i].kind == AOT_ATTR_LIST && at->items[i].length == 0)
            continue; /* written straight to the graph's output or state */
        if (!aot_type_bytes(aot_module_value(v->module, node->outputs[i])->type, &bytes,
                            v->err) ||
            !check_place(v, "at", &at->items[i], 2, bytes))
            return false;
    }
    if (!scratch)
        return true;
    bool sized = scratch->kind == AOT_ATTR_LIST && scratch->length == 3 &&
                 scratch->items[2].kind == AOT_ATTR_INT && scratch->items[2].i >= 0;
    return check_place(v, "scratch", scratch, 3,
                       sized ? (uint64_t)scratch->items[2].i : UINT64_MAX);
}

static bool check_value(const verifier *v, const aot_value_record *record)
{
    const aot_value *value = &record->value;
    aot_id before = value->kind == AOT_VALUE_CONST ? value->id : 0;
    if (!record->named || record->named->owner != value->id ||
        record->named->name != value->name)
        return broken(v, "a value does not own its name", value->id);
    if (!aot_type_check(v->module, value->type, before, v->err))
        return aot_error_context(v->err, "%s", aot_value_label(v->module, value->id).text);
    return true;
}

static bool check_operand(verifier *v, const aot_node_record *record, size_t slot)
{
    const aot_node *node = &record->node;
    aot_id id = node->inputs[slot];
    if (id == 0)
        return aot_slot_optional(node->op, slot) || broken(v, "an operand is absent", node->id);
    const aot_value_record *value = aot_value_get(v->module, id);
    if (!value)
        return broken(v, "an operand does not exist", id);
    if (record->uses[slot].node != node->id || record->uses[slot].slot != slot)
        return broken(v, "an operand is not in the list of uses", id);
    v->uses[id]++;
    return aot_value_visible(v->module, value, aot_graph_get(v->module, node->graph),
                             node->order, v->err);
}

static bool same_type(const verifier *v, const char *what, size_t i, aot_id outside,
                      aot_id inside)
{
    const aot_type *a = aot_module_value(v->module, outside)->type;
    const aot_type *b = aot_module_value(v->module, inside)->type;
    char here[128], there[128];
    if (aot_type_equal(a, b))
        return true;
    return aot_fail(
        v->err, AOT_ERROR_INPUT, "%s %zu is %s%s here and %s%s in the body", what, i + 1,
        aot_type_show(a, here, sizeof here), a->quant.present ? " (quantized)" : "",
        aot_type_show(b, there, sizeof there), b->quant.present ? " (quantized)" : "");
}

static bool check_call(const verifier *v, const aot_node *call)
{
    const aot_graph *body = aot_module_graph(v->module, call->body);
    if (!body)
        return broken(v, "a call's body does not exist", call->body);
    const aot_node *last = aot_module_node(v->module, body->last);
    if (call->input_count != body->param_count || call->output_count != body->return_count)
        return aot_fail(
            v->err, AOT_ERROR_INPUT,
            "%lu operands and %lu results do not fit %s, which takes %zu and gives %zu",
            (unsigned long)call->input_count, (unsigned long)call->output_count,
            aot_name_label('@', body->name).text, body->param_count, body->return_count);
    for (size_t i = 0; i < call->input_count; i++)
        if (!same_type(v, "operand", i, call->inputs[i], body->params[i]))
            return false;
    for (size_t i = 0; i < call->output_count; i++)
        if (!same_type(v, "result", i, call->outputs[i], last->inputs[i]))
            return false;
    return true;
}

static bool check_node(verifier *v, const aot_node_record *record)
{
    const aot_node *node = &record->node;
    const aot_op_info *info = aot_op_get(node->op);
    for (size_t i = 0; i < node->output_count; i++) {
        const aot_value_record *value = aot_value_get(v->module, node->outputs[i]);
        if (!value || value->value.node != node->id || value->value.index != i ||
            value->value.graph != node->graph || value->value.kind != AOT_VALUE_RESULT)
            return broken(v, "a result is not its node's", node->outputs[i]);
    }
    for (size_t i = 0; i < node->input_count; i++) {
        if (!check_operand(v, record, i))
            return false;
        const aot_value *value = aot_module_value(v->module, node->inputs[i]);
        bool given =
            value && (value->kind == AOT_VALUE_CONST ||
                      (value->kind == AOT_VALUE_PARAM && strcmp(v->graph->name, "main") != 0));
        if (info->flags & AOT_OP_CONSTANT && value && !given)
            return aot_fail(v->err, AOT_ERROR_INPUT,
                            "%s works on constants only, %s is computed", info->name,
                            aot_value_label(v->module, value->id).text);
    }
    return check_references(v, &node->attrs) && check_plan(v, node) &&
           (node->op != AOT_OP_call || check_call(v, node));
}

static bool check_signature(const verifier *v)
{
    const aot_graph *graph = v->graph;
    const aot_node *last = aot_module_node(v->module, graph->last);
    for (size_t i = 0; i < graph->param_count; i++) {
        const aot_value *value = aot_module_value(v->module, graph->params[i]);
        if (!value || value->kind != AOT_VALUE_PARAM || value->graph != graph->id ||
            value->index != i)
            return broken(v, "a parameter is not its graph's", graph->params[i]);
    }
    if (last->input_count != graph->return_count + graph->next_count)
        return broken(v, "a return has too many or too few operands", graph->last);
    for (size_t i = 0; i < graph->next_count; i++) {
        aot_id id = graph->next_states[i];
        const aot_value_record *state = aot_value_get(v->module, id);
        if (!state || state->value.kind != AOT_VALUE_STATE ||
            aot_stored_get(state)->next_slot != i + 1)
            return broken(v, "a state has more than one next value", id);
        const aot_type *next =
            aot_module_value(v->module, last->inputs[graph->return_count + i])->type;
        char here[128], there[128];
        if (!aot_type_same_data(next, state->value.type))
            return aot_fail(
                v->err, AOT_ERROR_INPUT, "the next value of %s is %s, the state is %s",
                aot_value_label(v->module, id).text, aot_type_show(next, here, sizeof here),
                aot_type_show(state->value.type, there, sizeof there));
    }
    return true;
}

static bool check_graph(verifier *v, const aot_graph *graph)
{
    v->graph = graph;
    size_t count = 0;
    aot_id previous = 0;
    uint64_t order = 0;
    for (aot_id id = graph->first; id;) {
        const aot_node_record *record = aot_node_get(v->module, id);
        const aot_node *node = record ? &record->node : NULL;
        if (!node || node->graph != graph->id || node->previous != previous ||
            (previous && node->order <= order) || count > graph->node_count ||
            (node->op == AOT_OP_return) != (id == graph->last))
            return broken(v, "the list of nodes is torn", id);
        if (!check_node(v, record))
            return context(v, node);
        previous = id;
        order = node->order;
        count++;
        id = node->next;
    }
    if (previous != graph->last || count != graph->node_count + 1)
        return broken(v, "the list of nodes has a wrong end", graph->last);
    return check_signature(v) || context(v, NULL);
}

/* Fails where following bodies comes back to a graph on the way: depth first, with a stack of
 * the nodes to go on with. */
static bool check_recursion(const verifier *v, const aot_id *graphs, size_t count)
{
    enum { NEW, OPEN, DONE };
    uint8_t *colors = aot_arena_array(v->arena, v->module->graph_count, 1, v->err);
    aot_id *stack = colors ? aot_arena_array(v->arena, count, sizeof *stack, v->err) : NULL;
    if (!stack)
        return false;
    for (size_t g = 0; g < count; g++) {
        size_t depth = 0;
        if (colors[graphs[g]] != NEW)
            continue;
        colors[graphs[g]] = OPEN;
        stack[depth++] = aot_module_graph(v->module, graphs[g])->first;
        while (depth) {
            const aot_node *node = aot_module_node(v->module, stack[depth - 1]);
            if (node->op == AOT_OP_return) {
                colors[node->graph] = DONE;
                depth--;
                continue;
            }
            stack[depth - 1] = node->next;
            if (!node->body || colors[node->body] == DONE)
                continue;
            const aot_graph *body = aot_module_graph(v->module, node->body);
            if (colors[node->body] == OPEN)
                return aot_fail(
                    v->err, AOT_ERROR_INPUT, "%s calls itself, through %s",
                    aot_name_label('@', body->name).text,
                    aot_name_label('@', aot_module_graph(v->module, node->graph)->name).text);
            colors[node->body] = OPEN;
            stack[depth++] = body->first;
        }
    }
    return true;
}

static bool check_module(verifier *v)
{
    const aot_module *module = v->module;
    size_t count;
    v->uses = aot_arena_array(v->arena, module->value_count, sizeof *v->uses, v->err);
    if (!v->uses)
        return false;
    for (size_t id = 1; id < module->value_count; id++)
        if (module->values[id] && !check_value(v, module->values[id]))
            return false;
    const aot_id *graphs = aot_module_graphs(module, &count);
    for (size_t i = 0; i < count; i++)
        if (!check_graph(v, aot_module_graph(module, graphs[i])))
            return false;
    for (size_t id = 1; id < module->value_count; id++) {
        const aot_value *value = aot_module_value(module, (aot_id)id);
        size_t listed = 0;
        for (const aot_use *use = value ? value->uses : NULL; use; use = use->next)
            listed++;
        if (value && (listed != v->uses[id] || value->use_count != v->uses[id]))
            return broken(v, "the list of uses is torn", (aot_id)id);
    }
    for (size_t i = 0; i < module->pools.count + module->symbols.count; i++) {
        bool pool = i < module->pools.count;
        const aot_entry *entry = pool ? &module->pools.entries[i]
                                      : &module->symbols.entries[i - module->pools.count];
        if (!check_references(v, &entry->attrs))
            return pool ? aot_error_context(v->err, "pool %s",
                                            aot_name_label('@', entry->name).text)
                        : aot_error_context(v->err, "symbol %lu", (unsigned long)entry->id);
    }
    return check_references(v, &module->attrs) && check_recursion(v, graphs, count);
}

bool aot_module_verify(const aot_module *module, aot_error *err)
{
    verifier v = { .module = module, .arena = aot_arena_new(0), .err = err };
    if (!v.arena)
        return aot_fail(err, AOT_ERROR_MEMORY, "no room for the verifier");
    bool sound = check_module(&v);
    aot_arena_free(v.arena);
    return sound;
}
