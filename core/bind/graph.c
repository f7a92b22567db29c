/* graph.c - Graphs: signature, nodes and edits. */
#include "core/bind/bind.h"

#include "core/op/op.h"

/* --- reading --- */

static int graph_name(lua_State *L)
{
    bind_module *owner;
    lua_pushstring(L, bind_check_graph(L, 1, &owner)->name);
    return 1;
}

static int graph_id(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, bind_check_graph(L, 1, &owner)->id);
    return 1;
}

static int graph_module(lua_State *L)
{
    bind_module *owner;
    bind_check_graph(L, 1, &owner);
    bind_push_owner(L, owner);
    return 1;
}

static int graph_params(lua_State *L)
{
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    bind_push_handles(L, owner, BIND_VALUE, graph->params, graph->param_count);
    return 1;
}

static int graph_returns(lua_State *L)
{
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    const aot_node *end = aot_module_node(owner->module, graph->last);
    lua_createtable(L, (int)graph->return_count, 0);
    for (size_t i = 0; i < graph->return_count; i++) {
        if (end->inputs[i] == 0)
            lua_pushboolean(L, false);
        else
            bind_push_handle(L, owner, BIND_VALUE, end->inputs[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int graph_next(lua_State *L)
{
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    const aot_node *end = aot_module_node(owner->module, graph->last);
    lua_createtable(L, (int)graph->next_count, 0);
    for (size_t i = 0; i < graph->next_count; i++) {
        lua_createtable(L, 0, 2);
        bind_push_handle(L, owner, BIND_VALUE, graph->next_states[i]);
        lua_setfield(L, -2, "state");
        bind_push_handle(L, owner, BIND_VALUE, end->inputs[graph->return_count + i]);
        lua_setfield(L, -2, "value");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int graph_len(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, (lua_Integer)bind_check_graph(L, 1, &owner)->node_count);
    return 1;
}

static int graph_tostring(lua_State *L)
{
    bind_module *owner;
    lua_pushfstring(L, "@%s", bind_check_graph(L, 1, &owner)->name);
    return 1;
}

static int graph_nodes(lua_State *L)
{
    return bind_push_walk(L, false);
}

static int graph_backward(lua_State *L)
{
    return bind_push_walk(L, true);
}

static int graph_print(lua_State *L)
{
    aot_error err = { 0 };
    aot_text text;
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    aot_text_init(&text, bind_scratch(L), &err);
    bind_check(L, aot_graph_print(owner->module, graph->id, &text) && aot_text_ok(&text), &err);
    lua_pushlstring(L, text.length == 0 ? "" : text.bytes, text.length);
    return 1;
}

static int graph_infer(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    bind_check(L, aot_graph_infer(owner->module, graph->id, &err), &err);
    return 0;
}

/* --- signature --- */

static int graph_param(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_type type;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    const char *name = bind_check_name(L, 2, "the parameter's name");
    bind_check_type(L, 3, owner, false, NULL, &type);
    aot_id id = aot_graph_param(owner->module, graph->id, name, &type, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_VALUE, id);
    return 1;
}

static int graph_set_returns(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    size_t count;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    const aot_id *values = bind_check_values(L, 2, owner, true, &count);
    bind_check(L, aot_graph_returns(owner->module, graph, values, count, &err), &err);
    return 0;
}

static int graph_set_next(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    aot_id state = bind_check_own(L, 2, BIND_VALUE, owner);
    aot_id value = bind_check_own(L, 3, BIND_VALUE, owner);
    bind_check(L, aot_graph_next(owner->module, graph, state, value, &err), &err);
    return 0;
}

/* --- edits --- */

/* The node at `index`, which must be of this graph. */
static const aot_node *check_node(lua_State *L, int index, const bind_module *owner,
                                  aot_id graph)
{
    bind_module *of;
    const aot_node *node = bind_check_node(L, index, &of);
    if (of != owner || node->graph != graph)
        luaL_error(L, "%s is not in this graph", luaL_tolstring(L, index, NULL));
    return node;
}

/* The id of the node to be before; 0, the end, for nil and for the return node. */
static aot_id check_place(lua_State *L, int index, const bind_module *owner, aot_id graph)
{
    if (lua_isnoneornil(L, index))
        return 0;
    const aot_node *node = check_node(L, index, owner, graph);
    return node->op == AOT_OP_return ? 0 : node->id;
}

static int graph_append(lua_State *L)
{
    static const char *const known[] = { "op",    "inputs", "attrs", "type",   "types", "name",
                                         "names", "body",   "by",    "before", NULL };
    aot_error err = { 0 };
    bind_module *owner;
    bind_spec spec;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    bind_check_spec(L, 2, owner, "g:append", known, &spec);
    lua_getfield(L, 2, "before");
    aot_id before = check_place(L, lua_gettop(L), owner, graph);
    aot_id id = aot_graph_insert(owner->module, graph, before, &spec.spec, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_NODE, id);
    return 1;
}

static int graph_rewrite(lua_State *L)
{
    static const char *const known[] = { "op",    "inputs", "attrs", "type",
                                         "types", "body",   "by",    NULL };
    aot_error err = { 0 };
    bind_module *owner;
    bind_spec spec;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    aot_id node = check_node(L, 2, owner, graph)->id;
    bind_check_spec(L, 3, owner, "g:rewrite", known, &spec);
    bind_check(L, aot_node_rewrite(owner->module, node, &spec.spec, &err), &err);
    return 0;
}

static int graph_replace(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    bind_check_graph(L, 1, &owner);
    aot_id old = bind_check_own(L, 2, BIND_VALUE, owner);
    aot_id by = bind_check_own(L, 3, BIND_VALUE, owner);
    bind_check(L, aot_value_replace(owner->module, old, by, &err), &err);
    return 0;
}

static int graph_remove(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    aot_id node = check_node(L, 2, owner, graph)->id;
    bind_cursors_prepare(owner, &node, 1);
    bind_check(L, aot_node_remove(owner->module, node, &err), &err);
    bind_cursors_commit(owner);
    return 0;
}

static int graph_move(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    aot_id node = check_node(L, 2, owner, graph)->id;
    aot_id before = check_place(L, 3, owner, graph);
    bind_cursors_prepare(owner, &node, 1);
    bind_check(L, aot_node_move(owner->module, node, before, &err), &err);
    bind_cursors_commit(owner);
    return 0;
}

static int graph_outline(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    luaL_checktype(L, 2, LUA_TTABLE);
    const char *name = bind_check_name(L, 3, "the new graph's name");
    size_t count = lua_rawlen(L, 2);
    aot_id *nodes = bind_room(L, count, sizeof *nodes);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        nodes[i] = check_node(L, lua_gettop(L), owner, graph)->id;
        lua_pop(L, 1);
    }
    bind_cursors_prepare(owner, nodes, count);
    aot_id call = aot_graph_outline(owner->module, nodes, count, name, &err);
    bind_check(L, call != 0, &err);
    bind_cursors_commit(owner);
    bind_push_handle(L, owner, BIND_NODE, call);
    return 1;
}

static int graph_inline(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_id graph = bind_check_graph(L, 1, &owner)->id;
    aot_id call = check_node(L, 2, owner, graph)->id;
    bind_cursors_prepare(owner, &call, 1);
    bind_check(L, aot_graph_inline(owner->module, call, &err), &err);
    bind_cursors_commit(owner);
    return 0;
}

void bind_graph_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "nodes", graph_nodes },
        { "backward", graph_backward },
        { "print", graph_print },
        { "infer", graph_infer },
        { "eval", bind_graph_eval },
        { "param", graph_param },
        { "set_returns", graph_set_returns },
        { "set_next", graph_set_next },
        { "append", graph_append },
        { "rewrite", graph_rewrite },
        { "replace", graph_replace },
        { "remove", graph_remove },
        { "move", graph_move },
        { "outline", graph_outline },
        { "inline", graph_inline },
        { NULL, NULL },
    };
    static const luaL_Reg fields[] = {
        { "name", graph_name },
        { "id", graph_id },
        { "module", graph_module },
        { "params", graph_params },
        { "returns", graph_returns },
        { "next", graph_next },
        { NULL, NULL },
    };
    static const luaL_Reg meta[] = { { "__len", graph_len },
                                     { "__tostring", graph_tostring },
                                     { NULL, NULL } };
    bind_class_new(L, &(bind_class){ "Graph", methods, fields, meta });
}
