/* eval.c - reference numbers: one op on tensors, a whole graph on inputs and states. */
#include "core/bind/bind.h"

#include "core/op/op.h"

#include <stdlib.h>

/* --- ir.apply --- */

/* The one module that the tensors' types refer to, or NULL. */
static bind_module *common_owner(lua_State *L, int index, size_t count, bind_module *owner)
{
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        const bind_tensor *tensor = luaL_testudata(L, -1, "Tensor");
        bind_module *of = tensor == NULL ? NULL : bind_tensor_owner(tensor);
        if (of != NULL && owner != NULL && of != owner)
            luaL_error(L, "the types of the tensors refer to different Modules");
        owner = of == NULL ? owner : of;
        lua_pop(L, 1);
    }
    return owner;
}

int bind_apply(lua_State *L)
{
    aot_error err = { 0 };
    aot_op op;
    const char *word = bind_check_name(L, 1, "the op");
    if (!aot_op_parse(word, &op) || op == AOT_OP_return || op == AOT_OP_call)
        luaL_error(L, "there is no op '%s' to apply", word);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 4);
    size_t count = lua_rawlen(L, 2);
    aot_tensor *tensors = bind_room(L, count, sizeof *tensors);
    const aot_tensor **inputs = bind_room(L, count, sizeof *inputs);
    const aot_type **types = bind_room(L, count, sizeof *types);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        if (!lua_isboolean(L, -1) || lua_toboolean(L, -1)) {
            tensors[i] = bind_check_tensor(L, -1)->tensor;
            inputs[i] = &tensors[i];
            types[i] = &tensors[i].type;
        }
        lua_pop(L, 1);
    }
    aot_attr attrs;
    bind_check_attrs(L, 3, "the attributes", &attrs);
    aot_type declared, type;
    bind_module *owner = NULL;
    bool given = !lua_isnoneornil(L, 4);
    if (given)
        bind_check_type(L, 4, NULL, true, &owner, &declared);
    if (given && declared.rank < 0)
        declared.rank = 0;
    owner = common_owner(L, 2, count, owner);
    aot_apply apply = {
        .module = owner == NULL ? NULL : owner->module,
        .op = op,
        .input_count = count,
        .types = types,
        .inputs = inputs,
        .attrs = &attrs,
        .declared = given ? &declared : NULL,
    };
    bind_check(L, aot_infer(&apply, &type, &err), &err);
    bind_tensor *out = bind_push_tensor(L, owner);
    bind_tensor_make(L, out, &type);
    bind_check(L, aot_eval(&apply, &out->tensor, &err), &err);
    return 1;
}

/* --- g:eval --- */

typedef struct wanted {
    aot_id id;
    bind_tensor *tensor; /* in the list of results; owns what is caught */
} wanted;

typedef struct watcher {
    wanted *values; /* sorted by id */
    size_t count;
} watcher;

static int compare_wanted(const void *a, const void *b)
{
    const wanted *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static bool catch_value(void *context, aot_id value, const aot_tensor *tensor)
{
    const watcher *watch = context;
    wanted key = { value, NULL };
    wanted *found = watch->count == 0 ? NULL
                                      : bsearch(&key, watch->values, watch->count, sizeof key,
                                                compare_wanted);
    if (found != NULL) {
        aot_block_retain(tensor->block);
        aot_block_release(found->tensor->tensor.block);
        found->tensor->tensor = *tensor;
    }
    return true;
}

/* Pushes a list of `count` empty Tensors and room for pointers to them (pushes 2). */
static bind_tensor **push_results(lua_State *L, bind_module *owner, size_t count)
{
    bind_tensor **results = bind_room(L, count, sizeof *results);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        results[i] = bind_push_tensor(L, owner);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return results;
}

/* Charges what the results hold, once each is in its place. */
static void charge_results(lua_State *L, bind_tensor *const *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bind_charge(L, aot_block_size(results[i]->tensor.block));
}

/* What to see, from the list of Values at 4; each gets a place in the list of results. */
static void prepare_watch(lua_State *L, bind_module *owner, watcher *watch)
{
    const aot_id *ids = NULL;
    if (!lua_isnoneornil(L, 4))
        ids = bind_check_values(L, 4, owner, false, &watch->count);
    watch->values = bind_room(L, watch->count, sizeof *watch->values);
    bind_tensor **results = push_results(L, owner, watch->count);
    for (size_t i = 0; i < watch->count; i++)
        watch->values[i] = (wanted){ ids[i], results[i] };
    if (watch->count > 0)
        qsort(watch->values, watch->count, sizeof *watch->values, compare_wanted);
    for (size_t i = 1; i < watch->count; i++)
        if (watch->values[i].id == watch->values[i - 1].id)
            luaL_error(L, "a value is asked for twice");
}

/* Parameters, constants and states are there before anything is computed. */
static void watch_given(lua_State *L, const bind_module *owner, const aot_graph *graph,
                        const aot_tensor *inputs, bind_tensor *const *states, watcher *watch)
{
    aot_error err = { 0 };
    for (size_t i = 0; i < graph->param_count; i++)
        catch_value(watch, graph->params[i], &inputs[i]);
    size_t count;
    const aot_id *ids = aot_module_states(owner->module, &count);
    for (size_t i = 0; i < count; i++)
        catch_value(watch, ids[i], &states[i]->tensor);
    for (size_t i = 0; i < watch->count; i++) {
        const aot_value *value = aot_module_value(owner->module, watch->values[i].id);
        if (value == NULL || value->kind != AOT_VALUE_CONST)
            continue;
        aot_tensor data;
        bind_check(L, aot_materialize(owner->module, value->id, &data, &err), &err);
        catch_value(watch, value->id, &data);
    }
}

/* Fills the states from the list at 3, or with their initial data. */
static void fill_states(lua_State *L, const bind_module *owner, bind_tensor **states,
                        size_t count)
{
    size_t given = 0;
    const aot_tensor *tensors = NULL;
    if (!lua_isnoneornil(L, 3)) {
        tensors = bind_check_tensors(L, 3, "the states", &given);
        if (given != count)
            luaL_error(L, "the module has %d states, here are %d", (int)count, (int)given);
    }
    const aot_id *ids = aot_module_states(owner->module, &count);
    for (size_t i = 0; i < count; i++) {
        states[i]->tensor = tensors != NULL
                                ? tensors[i]
                                : aot_module_value(owner->module, ids[i])->stored->data;
        aot_block_retain(states[i]->tensor.block);
    }
}

int bind_graph_eval(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    lua_settop(L, 4);
    aot_arena *arena = bind_scratch(L);
    size_t count, state_count;
    aot_tensor *inputs = bind_check_tensors(L, 2, "the inputs", &count);
    if (count != graph->param_count)
        luaL_error(L, "@%s has %d inputs, here are %d", graph->name, (int)graph->param_count,
                   (int)count);
    aot_module_states(owner->module, &state_count);
    bind_tensor **outputs = push_results(L, owner, graph->return_count);
    int outputs_at = lua_gettop(L);
    bind_tensor **states = push_results(L, owner, state_count);
    int states_at = lua_gettop(L);
    watcher watch = { 0 };
    prepare_watch(L, owner, &watch);
    int watched_at = lua_gettop(L);
    fill_states(L, owner, states, state_count);
    watch_given(L, owner, graph, inputs, states, &watch);
    aot_tensor *next = bind_room(L, state_count, sizeof *next), *results;
    for (size_t i = 0; i < state_count; i++)
        next[i] = states[i]->tensor;
    bool ok = aot_graph_eval(owner->module, graph->id, inputs, next, arena, &results,
                             catch_value, &watch, &err);
    for (size_t i = 0; i < state_count; i++) /* eval has released what it replaced */
        states[i]->tensor = next[i];
    for (size_t i = 0; ok && i < graph->return_count; i++)
        outputs[i]->tensor = results[i];
    bind_check(L, ok, &err);
    charge_results(L, outputs, graph->return_count);
    charge_results(L, states, state_count);
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.values[i].tensor->tensor.block == NULL)
            return luaL_error(L, "%%%s is not computed by @%s",
                              aot_module_value(owner->module, watch.values[i].id)->name,
                              graph->name);
        charge_results(L, &watch.values[i].tensor, 1);
    }
    lua_pushvalue(L, outputs_at);
    lua_pushvalue(L, states_at);
    lua_pushvalue(L, watched_at);
    return 3;
}
