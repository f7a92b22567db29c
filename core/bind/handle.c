/* handle.c - Modules and the handles of graphs, nodes, values and entries.
 *
 * The registry holds, for each Module and kind, a table of the handles alive (weak values), so
 * that a thing has one handle; slot 0 of the values' table is the Module itself. */
#include "core/bind/bind.h"

static const char *const class_names[] = { "Graph", "Node", "Value", "Entry" };

bind_module *bind_push_module(lua_State *L)
{
    luaL_checkstack(L, 6, NULL);
    bind_module *owner = lua_newuserdatauv(L, sizeof *owner, 0);
    *owner = (bind_module){ 0 };
    luaL_setmetatable(L, "Module");
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    for (int kind = BIND_GRAPH; kind <= BIND_ENTRY; kind++) {
        lua_newtable(L);
        lua_pushvalue(L, -2);
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -3);
        lua_rawseti(L, -2, 0);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &owner->keys[kind]);
    }
    lua_pop(L, 1);
    return owner;
}

void bind_push_owner(lua_State *L, bind_module *owner)
{
    luaL_checkstack(L, 2, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &owner->keys[BIND_GRAPH]);
    lua_rawgeti(L, -1, 0);
    lua_remove(L, -2);
}

bind_module *bind_check_module(lua_State *L, int index)
{
    bind_module *owner = luaL_checkudata(L, index, "Module");
    if (owner->module == NULL)
        luaL_error(L, "the Module was collected");
    return owner;
}

void bind_push_handle(lua_State *L, bind_module *owner, bind_kind kind, aot_id id)
{
    luaL_checkstack(L, 5, NULL);
    if (id == 0) {
        lua_pushnil(L);
        return;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &owner->keys[kind]);
    if (lua_rawgeti(L, -1, id) == LUA_TNIL) {
        lua_pop(L, 1);
        bind_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
        *handle = (bind_handle){ owner, id };
        lua_rawgeti(L, -2, 0);
        lua_setiuservalue(L, -2, 1);
        luaL_setmetatable(L, class_names[kind]);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, id);
    }
    lua_remove(L, -2);
}

bool bind_is_handle(lua_State *L, int index, bind_kind kind)
{
    return luaL_testudata(L, index, class_names[kind]) != NULL;
}

bind_handle *bind_to_handle(lua_State *L, int index, bind_kind kind)
{
    bind_handle *handle = luaL_checkudata(L, index, class_names[kind]);
    if (handle->owner->module == NULL)
        luaL_error(L, "the Module was collected");
    return handle;
}

static void removed(lua_State *L, const bind_handle *handle, bind_kind kind)
{
    luaL_error(L, "this %s (id %d) was removed from its module", class_names[kind],
               (int)handle->id);
}

const aot_graph *bind_check_graph(lua_State *L, int index, bind_module **owner)
{
    bind_handle *handle = bind_to_handle(L, index, BIND_GRAPH);
    const aot_graph *graph = aot_module_graph(handle->owner->module, handle->id);
    if (graph == NULL)
        removed(L, handle, BIND_GRAPH);
    *owner = handle->owner;
    return graph;
}

const aot_node *bind_check_node(lua_State *L, int index, bind_module **owner)
{
    bind_handle *handle = bind_to_handle(L, index, BIND_NODE);
    const aot_node *node = aot_module_node(handle->owner->module, handle->id);
    if (node == NULL)
        removed(L, handle, BIND_NODE);
    *owner = handle->owner;
    return node;
}

const aot_value *bind_check_value(lua_State *L, int index, bind_module **owner)
{
    bind_handle *handle = bind_to_handle(L, index, BIND_VALUE);
    const aot_value *value = aot_module_value(handle->owner->module, handle->id);
    if (value == NULL)
        removed(L, handle, BIND_VALUE);
    *owner = handle->owner;
    return value;
}

aot_id bind_check_own(lua_State *L, int index, bind_kind kind, const bind_module *owner)
{
    const bind_handle *handle = bind_to_handle(L, index, kind);
    const aot_module *module = handle->owner->module;
    bool lives = kind == BIND_GRAPH  ? aot_module_graph(module, handle->id) != NULL
                 : kind == BIND_NODE ? aot_module_node(module, handle->id) != NULL
                                     : aot_module_value(module, handle->id) != NULL;
    if (!lives)
        removed(L, handle, kind);
    if (handle->owner != owner)
        luaL_error(L, "%s belongs to another Module", luaL_tolstring(L, index, NULL));
    return handle->id;
}

aot_id *bind_check_values(lua_State *L, int index, const bind_module *owner, bool absent,
                          size_t *count)
{
    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    *count = lua_rawlen(L, index);
    aot_id *ids = bind_room(L, *count, sizeof *ids);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        bool none = absent && lua_isboolean(L, -1) && !lua_toboolean(L, -1);
        if (!none && !bind_is_handle(L, -1, BIND_VALUE))
            luaL_error(L, "entry %d of the list is %s, not a Value", (int)i + 1,
                       luaL_tolstring(L, -1, NULL));
        ids[i] = none ? 0 : bind_check_own(L, -1, BIND_VALUE, owner);
        lua_pop(L, 1);
    }
    return ids;
}

void bind_push_handles(lua_State *L, bind_module *owner, bind_kind kind, const aot_id *ids,
                       size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        bind_push_handle(L, owner, kind, ids[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
