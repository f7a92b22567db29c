/* outline.c - moves nodes into a graph of their own, called in their place. */
#include "core/ir/graph_internal.h"

#include <stdlib.h>
#include <string.h>

/* Everything an outline needs, made before anything is changed. */
typedef struct outline {
    aot_module *module;
    aot_graph_record *home;
    aot_node_record **inner; /* in order of execution */
    size_t inner_count;
    uint32_t inner_stamp, late_stamp; /* of nodes */
    aot_node_record **late;           /* nodes among the inner ones that use their results */
    size_t late_count, late_capacity;
    aot_id *outside; /* values that become parameters */
    size_t outside_count, outside_capacity;
    aot_id *results; /* values that are used outside */
    size_t result_count, result_capacity;

    aot_graph_record *body;
    aot_node_record *last, *call;
    aot_named *body_name;
    aot_value_record *params, *outputs; /* of the body, of the call */
} outline;

static int by_order(const void *a, const void *b)
{
    uint64_t x = (*(aot_node_record *const *)a)->node.order;
    uint64_t y = (*(aot_node_record *const *)b)->node.order;
    return (x > y) - (x < y);
}

static bool push_id(aot_arena *arena, aot_id **ids, size_t *count, size_t *capacity, aot_id id,
                    aot_error *err)
{
    void *array = *ids;
    if (!aot_arena_grow(arena, &array, capacity, *count + 1, sizeof id, err))
        return false;
    *ids = array;
    (*ids)[(*count)++] = id;
    return true;
}

/* Checks and marks the nodes and sorts them. */
static bool collect(outline *o, const aot_id *nodes, size_t count, aot_error *err)
{
    aot_module *module = o->module;
    o->inner = aot_arena_array(module->arena, count, sizeof(aot_node_record *), err);
    if (!o->inner)
        return false;
    o->inner_stamp = ++module->stamp;
    o->late_stamp = ++module->stamp;
    for (size_t i = 0; i < count; i++) {
        aot_node_record *node = aot_node_need(module, nodes[i], err);
        if (!node)
            return false;
        if (node->node.op == AOT_OP_return || node->stamp == o->inner_stamp)
            return aot_fail(err, AOT_ERROR_INPUT, "%s is %s", aot_node_label(node, module).text,
                            node->node.op == AOT_OP_return ? "returned from, not outlined"
                                                           : "to be outlined twice");
        if (i && node->node.graph != o->inner[0]->node.graph)
            return aot_fail(err, AOT_ERROR_INPUT, "the nodes to outline are of several graphs");
        node->stamp = o->inner_stamp;
        o->inner[i] = node;
    }
    o->inner_count = count;
    o->home = aot_graph_get(module, o->inner[0]->node.graph);
    qsort(o->inner, count, sizeof *o->inner, by_order);
    return true;
}

/* The stamp of the node that computes an operand, 0 if none does. */
static uint32_t stamp_of(const aot_module *module, aot_id input)
{
    const aot_value_record *value = aot_value_get(module, input);
    const aot_node_record *node = value ? aot_node_get(module, value->value.node) : NULL;
    return node ? node->stamp : 0;
}

/* Finds the nodes between the inner ones that depend on them: they will come after the call, so
 * no inner node may depend on them. */
static bool find_late(outline *o, aot_error *err)
{
    aot_module *module = o->module;
    aot_node_record *end = o->inner[o->inner_count - 1];
    for (aot_node_record *node = o->inner[0]; node != end;) {
        node = aot_node_get(module, node->node.next);
        bool inner = node->stamp == o->inner_stamp;
        for (size_t i = 0; i < node->node.input_count; i++) {
            uint32_t stamp = stamp_of(module, node->node.inputs[i]);
            if (inner && stamp == o->late_stamp)
                return aot_fail(
                    err, AOT_ERROR_INPUT,
                    "the nodes to outline are not convex: %s depends on them through "
                    "%s, which is not among them",
                    aot_node_label(node, module).text,
                    aot_value_label(module, node->node.inputs[i]).text);
            if (inner || (stamp != o->inner_stamp && stamp != o->late_stamp))
                continue;
            node->stamp = o->late_stamp;
            void *array = o->late;
            if (!aot_arena_grow(module->arena, &array, &o->late_capacity, o->late_count + 1,
                                sizeof(aot_node_record *), err))
                return false;
            o->late = array;
            o->late[o->late_count++] = node;
            break;
        }
    }
    return true;
}

static bool becomes_param(const aot_value *value)
{
    size_t count;
    return value->kind != AOT_VALUE_CONST ||
           (aot_type_count(value->type, &count, NULL) && count > 1);
}

/* Lists the operands from outside and the results used outside, in order of execution. */
static bool find_boundary(outline *o, aot_error *err)
{
    aot_module *module = o->module;
    for (size_t n = 0; n < o->inner_count; n++) {
        const aot_node *node = &o->inner[n]->node;
        for (size_t i = 0; i < node->input_count; i++) {
            aot_value_record *value = aot_value_get(module, node->inputs[i]);
            if (!value || value->stamp == o->inner_stamp || !becomes_param(&value->value) ||
                stamp_of(module, node->inputs[i]) == o->inner_stamp)
                continue;
            value->stamp = o->inner_stamp;
            value->image = (aot_id)o->outside_count;
            if (!push_id(module->arena, &o->outside, &o->outside_count, &o->outside_capacity,
                         node->inputs[i], err))
                return false;
        }
        for (size_t i = 0; i < node->output_count; i++) {
            const aot_value *value = aot_module_value(module, node->outputs[i]);
            const aot_use *use = value->uses;
            while (use && aot_node_get(module, use->node)->stamp == o->inner_stamp)
                use = use->next;
            if (use && !push_id(module->arena, &o->results, &o->result_count,
                                &o->result_capacity, node->outputs[i], err))
                return false;
        }
    }
    if (o->result_count == 0)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "no result of the nodes to outline is used outside");
    return true;
}

static aot_value_record *make_values(outline *o, aot_value_kind kind, const aot_id *like,
                                     size_t count, aot_error *err)
{
    aot_value_record *values = aot_arena_array(o->module->arena, count, sizeof *values, err);
    for (size_t i = 0; values && i < count; i++) {
        values[i].value.kind = kind;
        values[i].value.index = (uint32_t)i;
        values[i].value.type = aot_value_get(o->module, like[i])->value.type;
    }
    return values;
}

/* Claims the names in the body: those of the inner values, which stay, then the parameters'.
 * The scope is new and has no other names. */
static bool claim_names(outline *o, const char *name, aot_error *err)
{
    aot_module *module = o->module;
    o->body_name = aot_global_claim(module, name, err);
    if (!o->body_name)
        return false;
    uint32_t scope = (uint32_t)module->graph_count;
    for (size_t n = 0; n < o->inner_count; n++)
        for (size_t i = 0; i < o->inner[n]->node.output_count; i++) {
            aot_value_record *value = aot_value_get(module, o->inner[n]->node.outputs[i]);
            value->new_name =
                aot_names_claim(&module->names, scope, value->value.name, "x", err);
            if (!value->new_name)
                return false;
        }
    for (size_t i = 0; i < o->outside_count; i++) {
        const aot_value *value = aot_module_value(module, o->outside[i]);
        o->params[i].new_name = aot_names_claim(&module->names, scope, value->name, "x", err);
        if (!o->params[i].new_name)
            return false;
    }
    return true;
}

/* Gives back what claim_names has claimed. */
static void unclaim_names(outline *o)
{
    aot_names *names = &o->module->names;
    aot_names_release(names, o->body_name);
    for (size_t n = 0; n < o->inner_count; n++)
        for (size_t i = 0; i < o->inner[n]->node.output_count; i++)
            aot_names_release(names,
                              aot_value_get(o->module, o->inner[n]->node.outputs[i])->new_name);
    for (size_t i = 0; i < o->outside_count; i++)
        aot_names_release(names, o->params[i].new_name);
}

static bool make_parts(outline *o, const char *name, aot_error *err)
{
    aot_module *module = o->module;
    size_t values;
    if (!aot_add(o->outside_count, o->result_count, &values) ||
        !aot_module_reserve(module, values, 2, err) || !aot_graph_reserve(module, err))
        return false;
    o->body = aot_graph_make(module, o->results, o->result_count, &o->last, err);
    if (!o->body)
        return false;
    o->body->param_capacity = o->outside_count;
    o->body->graph.params =
        aot_arena_array(module->arena, o->outside_count, sizeof(aot_id), err);
    o->call =
        aot_node_make(module, AOT_OP_call, o->outside, o->outside_count, o->result_count, err);
    o->params = make_values(o, AOT_VALUE_PARAM, o->outside, o->outside_count, err);
    o->outputs = make_values(o, AOT_VALUE_RESULT, o->results, o->result_count, err);
    if (!o->body->graph.params || !o->call || !o->params || !o->outputs)
        return false;
    for (size_t n = 0; n < o->inner_count; n++) /* so that unclaim_names sees no older claims */
        for (size_t i = 0; i < o->inner[n]->node.output_count; i++)
            aot_value_get(module, o->inner[n]->node.outputs[i])->new_name = NULL;
    if (claim_names(o, name, err))
        return true;
    unclaim_names(o);
    return false;
}

/* Moves one inner node to the end of the body. */
static void move_inside(outline *o, aot_node_record *node)
{
    aot_module *module = o->module;
    aot_node_unlink(module, node);
    aot_node_link(module, node, o->last);
    for (size_t i = 0; i < node->node.input_count; i++) {
        const aot_value_record *value = aot_value_get(module, node->node.inputs[i]);
        if (value && value->stamp == o->inner_stamp)
            aot_use_redirect(module, &node->uses[i], o->params[value->image].value.id);
    }
    for (size_t i = 0; i < node->node.output_count; i++)
        aot_value_get(module, node->node.outputs[i])->value.graph = o->body->graph.id;
}

/* Gives the uses of a result outside, and its old name, to the call. */
static void hand_over(outline *o, size_t index)
{
    aot_module *module = o->module;
    aot_value_record *from = aot_value_get(module, o->results[index]);
    aot_value_record *to = &o->outputs[index];
    to->value.graph = o->home->graph.id;
    to->value.node = o->call->node.id;
    aot_value_register(module, to, from->named);
    from->named = NULL;
    o->call->node.outputs[index] = to->value.id;
    for (aot_use *use = from->value.uses, *next; use; use = next) {
        next = use->next;
        if (aot_node_get(module, use->node)->stamp != o->inner_stamp)
            aot_use_redirect(module, use, to->value.id);
    }
}

static aot_id commit(outline *o)
{
    aot_module *module = o->module;
    aot_node_record *end = o->inner[o->inner_count - 1];
    aot_node_record *after = aot_node_get(module, end->node.next);
    aot_graph_register(module, o->body, o->last, o->body_name);
    aot_node_register(module, o->call, o->home);
    aot_node_set_body(module, o->call, o->body->graph.id);
    aot_node_link(module, o->call, after);
    for (size_t i = 0; i < o->late_count; i++) {
        aot_node_unlink(module, o->late[i]);
        aot_node_link(module, o->late[i], after);
    }
    for (size_t i = 0; i < o->outside_count; i++) {
        o->params[i].value.graph = o->body->graph.id;
        aot_value_register(module, &o->params[i], o->params[i].new_name);
        o->body->graph.params[o->body->graph.param_count++] = o->params[i].value.id;
    }
    for (size_t i = 0; i < o->inner_count; i++)
        move_inside(o, o->inner[i]);
    for (size_t i = 0; i < o->result_count; i++)
        hand_over(o, i);
    for (size_t n = 0; n < o->inner_count; n++)
        for (size_t i = 0; i < o->inner[n]->node.output_count; i++) {
            aot_value_record *value = aot_value_get(module, o->inner[n]->node.outputs[i]);
            aot_names_release(&module->names, value->named);
            value->named = value->new_name;
            value->named->owner = value->value.id;
            value->value.name = value->named->name;
        }
    aot_uses_link(module, o->last);
    aot_uses_link(module, o->call);
    return o->call->node.id;
}

static void release_lists(outline *o, size_t count)
{
    aot_arena *arena = o->module->arena;
    aot_arena_release(arena, o->inner, count * sizeof(aot_node_record *));
    aot_arena_release(arena, o->late, o->late_capacity * sizeof(aot_node_record *));
    aot_arena_release(arena, o->outside, o->outside_capacity * sizeof(aot_id));
    aot_arena_release(arena, o->results, o->result_capacity * sizeof(aot_id));
}

aot_id aot_graph_outline(aot_module *module, const aot_id *nodes, size_t count,
                         const char *name, aot_error *err)
{
    outline o = { .module = module };
    if (count == 0 || (name && strcmp(name, "main") == 0)) {
        aot_fail(err, AOT_ERROR_INPUT,
                 count ? "a body cannot be @main" : "there are no nodes to outline");
        return 0;
    }
    bool made = collect(&o, nodes, count, err) && find_late(&o, err) &&
                find_boundary(&o, err) && make_parts(&o, name, err);
    aot_id call = made ? commit(&o) : 0;
    release_lists(&o, count);
    if (!made)
        aot_error_context(err, "outlining @%s", name ? name : "");
    return call;
}
