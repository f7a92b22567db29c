/* eval_graph.c - evaluates a graph node by node, the bodies of its calls with it.
 *
 * A value lives in the slot of its id from where it is computed to its last use. Since no graph
 * calls itself, one array of slots serves @main and all bodies. */
#include "core/op/op_internal.h"

#define DEEPEST_CALL 64

typedef struct slot {
    aot_tensor tensor; /* block NULL: no value */
    size_t uses;       /* still to come */
} slot;

/* The graphs being evaluated, innermost first. */
typedef struct level {
    const aot_graph *graph;
    const struct level *caller;
    int depth;
} level;

typedef struct evaluation {
    aot_module *module;
    aot_arena *arena; /* of the slots, freed at the end */
    slot *slots;
    size_t slot_count;
    /* the operands of the node being evaluated */
    aot_tensor *operands;
    const aot_tensor **inputs;
    const aot_type **types;
    size_t operand_capacity, input_capacity, type_capacity;
    aot_watch watch;
    void *context;
} evaluation;

static const aot_value *value_of(const evaluation *e, aot_id id)
{
    return aot_module_value(e->module, id);
}

/* Puts a reference to the block into the value's slot. */
static void put(evaluation *e, aot_id id, const aot_tensor *tensor)
{
    const aot_value *value = value_of(e, id);
    slot *s = &e->slots[id];
    aot_block_release(s->tensor.block);
    s->tensor = *tensor;
    s->tensor.type = *value->type;
    aot_block_retain(tensor->block);
    s->uses = value->use_count;
}

static void release(slot *s)
{
    aot_block_release(s->tensor.block);
    s->tensor.block = NULL;
}

/* The value's tensor, with the type it has in the graph. */
static bool fetch(evaluation *e, aot_id id, aot_tensor *out, aot_error *err)
{
    const aot_value *value = value_of(e, id);
    if (value->kind == AOT_VALUE_CONST) {
        return aot_materialize(e->module, id, out, err);
    }
    *out = e->slots[id].tensor;
    return out->block != NULL ||
           aot_fail(err, AOT_ERROR_INTERNAL, "%%%s is used before it is computed", value->name);
}

/* Counts one use of each of the node's inputs as done. */
static void consume(evaluation *e, const aot_node *node)
{
    for (size_t i = 0; i < node->input_count; i++) {
        aot_id id = node->inputs[i];
        slot *s = &e->slots[id];
        if (id != 0 && s->tensor.block != NULL && --s->uses == 0) {
            release(s);
        }
    }
}

/* Shows the result to the watcher, and drops it if nothing uses it. */
static bool publish(evaluation *e, aot_id id, aot_error *err)
{
    slot *s = &e->slots[id];
    bool go = e->watch == NULL || e->watch(e->context, id, &s->tensor);
    if (s->uses == 0) {
        release(s);
    }
    return go || aot_fail(err, AOT_ERROR_INPUT, "evaluation was stopped");
}

static bool gather(evaluation *e, const aot_node *node, aot_error *err)
{
    size_t count = node->input_count;
    if (!aot_arena_grow(e->arena, (void **)&e->operands, &e->operand_capacity, count,
                        sizeof *e->operands, err) ||
        !aot_arena_grow(e->arena, (void **)&e->inputs, &e->input_capacity, count,
                        sizeof *e->inputs, err) ||
        !aot_arena_grow(e->arena, (void **)&e->types, &e->type_capacity, count,
                        sizeof *e->types, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool absent = node->inputs[i] == 0;
        if (!absent && !fetch(e, node->inputs[i], &e->operands[i], err)) {
            return false;
        }
        e->inputs[i] = absent ? NULL : &e->operands[i];
        e->types[i] = absent ? NULL : &e->operands[i].type;
    }
    return true;
}

static bool eval_node(evaluation *e, const aot_node *node, aot_error *err)
{
    aot_tensor result;
    if (!gather(e, node, err)) {
        return false;
    }
    aot_id id = node->outputs[0];
    const aot_apply apply = {
        .module = e->module,
        .op = node->op,
        .input_count = node->input_count,
        .types = e->types,
        .inputs = e->inputs,
        .attrs = &node->attrs,
    };
    if ((aot_op_get(node->op)->flags & AOT_OP_VIEW) != 0) {
        aot_type type;
        aot_apply declared = apply;
        declared.declared = value_of(e, id)->type;
        if (!aot_infer(&declared, &type, err)) {
            return false;
        }
        if (!aot_type_equal(&type, declared.declared)) {
            return aot_fail(err, AOT_ERROR_INPUT, "the type does not follow from the operand");
        }
        put(e, id, &e->operands[0]);
    } else {
        if (!aot_tensor_new(value_of(e, id)->type, &result, err)) {
            return false;
        }
        bool done = aot_eval(&apply, &result, err);
        if (done) {
            put(e, id, &result);
        }
        aot_block_release(result.block);
        if (!done) {
            return false;
        }
    }
    consume(e, node);
    return publish(e, id, err);
}

static bool eval_graph(evaluation *e, const level *at, aot_error *err);

/* Gives the body its arguments, evaluates it, and takes what it returns. */
static bool eval_call(evaluation *e, const aot_node *node, const level *caller, aot_error *err)
{
    const aot_graph *body = aot_module_graph(e->module, node->body);
    const level here = { body, caller, caller->depth + 1 };
    aot_tensor tensor;
    if (body == NULL || body->param_count != node->input_count ||
        body->return_count != node->output_count || body->next_count != 0) {
        return aot_fail(err, AOT_ERROR_INTERNAL, "the call does not fit its body");
    }
    if (here.depth > DEEPEST_CALL) {
        return aot_fail(err, AOT_ERROR_INPUT, "calls nest deeper than %d", DEEPEST_CALL);
    }
    for (const struct level *f = caller; f != NULL; f = f->caller) {
        if (f->graph == body) {
            return aot_fail(err, AOT_ERROR_INPUT, "@%s calls itself", body->name);
        }
    }
    for (size_t i = 0; i < body->param_count; i++) {
        const aot_value *param = value_of(e, body->params[i]);
        if (node->inputs[i] == 0) {
            return aot_fail(err, AOT_ERROR_INPUT, "operand %zu of @%s is absent", i + 1,
                            body->name);
        }
        if (!fetch(e, node->inputs[i], &tensor, err)) {
            return false;
        }
        if (!aot_type_same_data(&tensor.type, param->type)) {
            return aot_fail(err, AOT_ERROR_INPUT, "operand %zu is not what @%s takes", i + 1,
                            body->name);
        }
        put(e, param->id, &tensor);
    }
    consume(e, node);
    if (!eval_graph(e, &here, err)) {
        return false;
    }
    const aot_node *end = aot_module_node(e->module, body->last);
    for (size_t i = 0; i < body->return_count; i++) {
        const aot_value *result = value_of(e, node->outputs[i]);
        if (!fetch(e, end->inputs[i], &tensor, err)) {
            return false;
        }
        if (!aot_type_same_data(&tensor.type, result->type)) {
            return aot_fail(err, AOT_ERROR_INPUT, "result %zu is not what @%s gives", i + 1,
                            body->name);
        }
        put(e, result->id, &tensor);
    }
    consume(e, end);
    for (size_t i = 0; i < node->output_count; i++) {
        if (!publish(e, node->outputs[i], err)) {
            return false;
        }
    }
    return true;
}

/* Evaluates all nodes; what the return node returns stays in its slots. */
static bool eval_graph(evaluation *e, const level *at, aot_error *err)
{
    const aot_graph *graph = at->graph;
    for (size_t i = 0; i < graph->param_count; i++) {
        if (e->slots[graph->params[i]].uses == 0) {
            release(&e->slots[graph->params[i]]);
        }
    }
    for (aot_id id = graph->first; id != graph->last;) {
        const aot_node *node = aot_module_node(e->module, id);
        bool done =
            node->op == AOT_OP_call ? eval_call(e, node, at, err) : eval_node(e, node, err);
        if (!done) {
            const char *name =
                node->output_count > 0 ? value_of(e, node->outputs[0])->name : "";
            return aot_error_context(err, "@%s: %%%s", graph->name, name);
        }
        id = node->next;
    }
    return true;
}

/* Puts what the caller gives for a parameter or state into its slot. */
static bool give(evaluation *e, aot_id id, const aot_tensor *tensor, const char *what,
                 aot_error *err)
{
    const aot_value *value = value_of(e, id);
    if (tensor->block == NULL || !aot_type_same_data(&tensor->type, value->type)) {
        char left[128], right[128];
        return aot_fail(err, AOT_ERROR_INPUT, "%s %%%s is %s, the data is %s", what,
                        value->name, aot_type_show(value->type, left, sizeof left),
                        aot_type_show(&tensor->type, right, sizeof right));
    }
    put(e, id, tensor);
    return true;
}

static bool open_evaluation(evaluation *e, const aot_graph *graph, const aot_tensor *inputs,
                            const aot_tensor *states, aot_error *err)
{
    e->slot_count = aot_module_value_limit(e->module);
    e->slots = aot_arena_array(e->arena, e->slot_count, sizeof *e->slots, err);
    if (e->slots == NULL) {
        e->slot_count = 0;
        return false;
    }
    for (size_t i = 0; i < graph->param_count; i++) {
        if (!give(e, graph->params[i], &inputs[i], "input", err)) {
            return false;
        }
    }
    size_t count;
    const aot_id *ids = aot_module_states(e->module, &count);
    for (size_t i = 0; i < count; i++) {
        const aot_tensor *state =
            states != NULL ? &states[i] : &value_of(e, ids[i])->stored->data;
        if (!give(e, ids[i], state, "state", err)) {
            return false;
        }
    }
    return true;
}

/* Hands the results over: the outputs, and the next values of the states. All that can fail
 * comes first. */
static bool collect(evaluation *e, const aot_graph *graph, aot_tensor *states, aot_arena *arena,
                    aot_tensor **outputs, aot_error *err)
{
    const aot_node *end = aot_module_node(e->module, graph->last);
    aot_tensor *results = aot_arena_array(arena, graph->return_count, sizeof *results, err);
    aot_tensor *next = aot_arena_array(e->arena, graph->next_count, sizeof *next, err);
    if (results == NULL || next == NULL) {
        return false;
    }
    for (size_t i = 0; i < end->input_count; i++) {
        bool returned = i < graph->return_count;
        aot_tensor *to = returned ? &results[i] : &next[i - graph->return_count];
        if (!fetch(e, end->inputs[i], to, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < graph->return_count; i++) {
        aot_block_retain(results[i].block);
    }
    size_t count;
    const aot_id *ids = aot_module_states(e->module, &count);
    for (size_t k = 0; states != NULL && k < graph->next_count; k++) {
        for (size_t i = 0; i < count; i++) {
            if (ids[i] == graph->next_states[k]) {
                aot_block_retain(next[k].block);
                aot_block_release(states[i].block);
                states[i] = next[k];
                states[i].type = *value_of(e, ids[i])->type;
            }
        }
    }
    *outputs = results;
    return true;
}

bool aot_graph_eval(aot_module *module, aot_id graph, const aot_tensor *inputs,
                    aot_tensor *states, aot_arena *arena, aot_tensor **outputs, aot_watch watch,
                    void *context, aot_error *err)
{
    const aot_graph *g = aot_module_graph(module, graph);
    if (g == NULL) {
        return aot_fail(err, AOT_ERROR_INTERNAL, "graph %u does not exist", (unsigned)graph);
    }
    evaluation e = { .module = module, .watch = watch, .context = context };
    e.arena = aot_arena_new(0);
    if (e.arena == NULL) {
        return aot_fail(err, AOT_ERROR_MEMORY, "no room for temporary memory");
    }
    const level here = { g, NULL, 0 };
    bool done = open_evaluation(&e, g, inputs, states, err) && eval_graph(&e, &here, err) &&
                collect(&e, g, states, arena, outputs, err);
    for (size_t i = 0; i < e.slot_count; i++) {
        release(&e.slots[i]);
    }
    aot_arena_free(e.arena);
    return done;
}
