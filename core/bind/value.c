/* value.c - Values: parameters, results, constants and states. */
#include "core/bind/bind.h"

#include "core/op/op.h"

#include <stdlib.h>

static int value_name(lua_State *L)
{
    bind_module *owner;
    lua_pushstring(L, bind_check_value(L, 1, &owner)->name);
    return 1;
}

static int value_id(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, bind_check_value(L, 1, &owner)->id);
    return 1;
}

static int value_type(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    bind_push_type(L, owner, value->type);
    return 1;
}

static int value_graph(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    bind_push_handle(L, owner, BIND_GRAPH, value->graph);
    return 1;
}

static int value_node(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    bind_push_handle(L, owner, BIND_NODE, value->kind == AOT_VALUE_RESULT ? value->node : 0);
    return 1;
}

static int value_index(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    if (value->kind == AOT_VALUE_RESULT || value->kind == AOT_VALUE_PARAM)
        lua_pushinteger(L, (lua_Integer)value->index + 1);
    else
        lua_pushnil(L);
    return 1;
}

static int value_uses(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, (lua_Integer)bind_check_value(L, 1, &owner)->use_count);
    return 1;
}

static int value_kind(lua_State *L)
{
    static const char *const words[] = { "param", "result", "const", "state" };
    bind_module *owner;
    lua_pushstring(L, words[bind_check_value(L, 1, &owner)->kind]);
    return 1;
}

/* nil for what is computed; of a constant made from an expression the numbers are made now. */
static int value_data(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    if (value->kind != AOT_VALUE_CONST && value->kind != AOT_VALUE_STATE) {
        lua_pushnil(L);
        return 1;
    }
    bind_tensor *tensor = bind_push_tensor(L, owner);
    aot_tensor data = value->stored->data;
    if (data.block == NULL)
        bind_check(L, aot_materialize(owner->module, value->id, &data, &err), &err);
    data.type = *value->type;
    aot_block_retain(data.block);
    tensor->tensor = data;
    return 1;
}

/* { op, source, attrs } of a constant that is an expression, else nil. */
static int value_expression(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    const aot_stored *stored = value->stored;
    if (stored == NULL || !stored->has_expression) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 3);
    lua_pushstring(L, aot_op_get(stored->expression)->name);
    lua_setfield(L, -2, "op");
    bind_push_handle(L, owner, BIND_VALUE, stored->source);
    lua_setfield(L, -2, "source");
    bind_push_attr(L, &stored->attrs);
    lua_setfield(L, -2, "attrs");
    return 1;
}

typedef struct user {
    aot_id graph, node;
    uint64_t order;
} user;

static int compare_users(const void *a, const void *b)
{
    const user *x = a, *y = b;
    if (x->graph != y->graph)
        return x->graph < y->graph ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int value_users(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    user *users = bind_room(L, value->use_count, sizeof *users);
    size_t count = 0;
    for (const aot_use *use = value->uses; use != NULL; use = use->next) {
        const aot_node *node = aot_module_node(owner->module, use->node);
        users[count++] = (user){ node->graph, node->id, node->order };
    }
    qsort(users, count, sizeof *users, compare_users);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0, n = 0; i < count; i++) {
        if (i > 0 && users[i].node == users[i - 1].node)
            continue;
        bind_push_handle(L, owner, BIND_NODE, users[i].node);
        lua_rawseti(L, -2, (lua_Integer)++n);
    }
    return 1;
}

static int value_set_type(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_type type;
    const aot_value *value = bind_check_value(L, 1, &owner);
    bind_check_type(L, 2, owner, false, NULL, &type);
    bind_check(L, aot_value_set_type(owner->module, value->id, &type, &err), &err);
    return 0;
}

static int value_rename(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    const char *name = bind_check_name(L, 2, "the new name");
    bind_check(L, aot_value_rename(owner->module, value->id, name, &err), &err);
    return 0;
}

static int value_tostring(lua_State *L)
{
    bind_module *owner;
    const aot_value *value = bind_check_value(L, 1, &owner);
    lua_pushfstring(L, "%s%s", value->kind == AOT_VALUE_CONST ? "$" : "%", value->name);
    return 1;
}

void bind_value_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "users", value_users },
        { "set_type", value_set_type },
        { "rename", value_rename },
        { NULL, NULL },
    };
    static const luaL_Reg fields[] = {
        { "name", value_name },   { "id", value_id },
        { "type", value_type },   { "node", value_node },
        { "graph", value_graph }, { "index", value_index },
        { "uses", value_uses },   { "kind", value_kind },
        { "data", value_data },   { "expression", value_expression },
        { NULL, NULL },
    };
    static const luaL_Reg meta[] = { { "__tostring", value_tostring }, { NULL, NULL } };
    bind_class_new(L, &(bind_class){ "Value", methods, fields, meta });
}
