/* node.c - Nodes: one operation, its operands and attributes. */
#include "core/bind/bind.h"

static int node_op(lua_State *L)
{
    bind_module *owner;
    lua_pushstring(L, aot_op_get(bind_check_node(L, 1, &owner)->op)->name);
    return 1;
}

static int node_id(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, bind_check_node(L, 1, &owner)->id);
    return 1;
}

static int node_graph(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    bind_push_handle(L, owner, BIND_GRAPH, node->graph);
    return 1;
}

static int node_inputs(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    lua_createtable(L, (int)node->input_count, 0);
    for (uint32_t i = 0; i < node->input_count; i++) {
        if (node->inputs[i] == 0)
            lua_pushboolean(L, false);
        else
            bind_push_handle(L, owner, BIND_VALUE, node->inputs[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int node_outputs(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    bind_push_handles(L, owner, BIND_VALUE, node->outputs, node->output_count);
    return 1;
}

static int node_body(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    bind_push_handle(L, owner, BIND_GRAPH, node->body);
    return 1;
}

static int node_by(lua_State *L)
{
    bind_module *owner;
    lua_pushstring(L, bind_check_node(L, 1, &owner)->by);
    return 1;
}

static int node_attrs(lua_State *L)
{
    bind_module *owner;
    bind_push_attr(L, &bind_check_node(L, 1, &owner)->attrs);
    return 1;
}

/* The neighbor; nil at the ends (the return node is no neighbor). */
static int push_neighbor(lua_State *L, bool forward)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    const aot_graph *graph = aot_module_graph(owner->module, node->graph);
    aot_id id = forward ? node->next : node->previous;
    bind_push_handle(L, owner, BIND_NODE, id == graph->last ? 0 : id);
    return 1;
}

static int node_next(lua_State *L)
{
    return push_neighbor(L, true);
}

static int node_previous(lua_State *L)
{
    return push_neighbor(L, false);
}

static int node_get(lua_State *L)
{
    bind_module *owner;
    const char *key = bind_check_name(L, 2, "the attribute's name");
    const aot_attr *value = aot_attr_get(&bind_check_node(L, 1, &owner)->attrs, key);
    if (value == NULL)
        lua_pushnil(L);
    else
        bind_push_attr(L, value);
    return 1;
}

static int node_set(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_attr value;
    bool remove = lua_isnoneornil(L, 3);
    const aot_node *node = bind_check_node(L, 1, &owner);
    const char *key = bind_check_name(L, 2, "the attribute's name");
    if (!remove)
        bind_check_attr(L, 3, key, &value);
    bind_check(L, aot_node_set(owner->module, node->id, key, remove ? NULL : &value, &err),
               &err);
    return 0;
}

static int node_set_input(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    int64_t slot = bind_check_range(L, 2, "the input's number", 1, node->input_count);
    bool absent = lua_isboolean(L, 3) && !lua_toboolean(L, 3);
    aot_id value = absent ? 0 : bind_check_own(L, 3, BIND_VALUE, owner);
    bind_check(L, aot_node_set_input(owner->module, node->id, (size_t)slot - 1, value, &err),
               &err);
    return 0;
}

static int node_output(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    int64_t i = 1;
    if (!lua_isnoneornil(L, 2) || node->output_count == 0)
        i = bind_check_range(L, 2, "the output's number", 1, node->output_count);
    bind_push_handle(L, owner, BIND_VALUE, node->outputs[i - 1]);
    return 1;
}

static int node_tostring(lua_State *L)
{
    bind_module *owner;
    const aot_node *node = bind_check_node(L, 1, &owner);
    const char *op = aot_op_get(node->op)->name;
    if (node->output_count == 0)
        lua_pushstring(L, op);
    else
        lua_pushfstring(L, "%%%s = %s", aot_module_value(owner->module, node->outputs[0])->name,
                        op);
    return 1;
}

void bind_node_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "get", node_get },       { "set", node_set }, { "set_input", node_set_input },
        { "output", node_output }, { NULL, NULL },
    };
    static const luaL_Reg fields[] = {
        { "op", node_op },       { "id", node_id },
        { "graph", node_graph }, { "inputs", node_inputs },
        { "body", node_body },   { "outputs", node_outputs },
        { "by", node_by },       { "attrs", node_attrs },
        { "next", node_next },   { "previous", node_previous },
        { NULL, NULL },
    };
    static const luaL_Reg meta[] = { { "__tostring", node_tostring }, { NULL, NULL } };
    bind_class_new(L, &(bind_class){ "Node", methods, fields, meta });
}
