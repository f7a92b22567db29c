/* cursor.c - iterators over the nodes of a graph that survive its edits.
 *
 * A cursor stands at a node and goes on to that node's neighbor. When the node leaves its
 * place the cursor steps back to the neighbor on the side it came from, so that what is
 * inserted ahead comes up, and what was passed does not. */
#include "core/bind/bind.h"

struct bind_cursor {
    bind_module *owner;
    bind_cursor *previous, *next; /* in the Module's list */
    aot_id graph;
    aot_id at;    /* 0: before the first node (forward), behind the last (backward) */
    aot_id later; /* what `at` becomes when the edit under way succeeds */
    bool backward, done;
};

static int cursor_unlink(lua_State *L)
{
    bind_cursor *cursor = lua_touserdata(L, 1);
    if (!cursor->done) {
        if (cursor->previous != NULL)
            cursor->previous->next = cursor->next;
        else
            cursor->owner->cursors = cursor->next;
        if (cursor->next != NULL)
            cursor->next->previous = cursor->previous;
    }
    cursor->done = true;
    return 0;
}

static int cursor_step(lua_State *L)
{
    bind_cursor *cursor = lua_touserdata(L, lua_upvalueindex(1));
    const aot_module *module = cursor->owner->module;
    const aot_graph *graph =
        module == NULL || cursor->done ? NULL : aot_module_graph(module, cursor->graph);
    const aot_node *at = graph == NULL ? NULL : aot_module_node(module, cursor->at);
    aot_id id = 0;
    if (at != NULL)
        id = cursor->backward ? at->previous : at->next;
    else if (graph != NULL && cursor->at == 0)
        id = cursor->backward ? aot_module_node(module, graph->last)->previous : graph->first;
    if (graph == NULL || id == 0 || id == graph->last) {
        lua_pushnil(L);
        return 1;
    }
    cursor->at = id;
    bind_push_handle(L, cursor->owner, BIND_NODE, id);
    return 1;
}

int bind_push_walk(lua_State *L, bool backward)
{
    static const luaL_Reg meta[] = { { "__gc", cursor_unlink },
                                     { "__close", cursor_unlink },
                                     { NULL, NULL } };
    bind_module *owner;
    const aot_graph *graph = bind_check_graph(L, 1, &owner);
    bind_cursor *cursor = lua_newuserdatauv(L, sizeof *cursor, 1);
    *cursor = (bind_cursor){ .owner = owner, .graph = graph->id, .backward = backward };
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    cursor->done = true;
    if (luaL_newmetatable(L, "Cursor"))
        luaL_setfuncs(L, meta, 0);
    lua_setmetatable(L, -2);
    cursor->done = false;
    cursor->next = owner->cursors;
    if (cursor->next != NULL)
        cursor->next->previous = cursor;
    owner->cursors = cursor;
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, cursor_step, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -4); /* closed when the loop is left */
    return 4;
}

static bool contains(const aot_id *nodes, size_t count, aot_id id)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i] == id)
            return true;
    return false;
}

void bind_cursors_prepare(bind_module *owner, const aot_id *nodes, size_t count)
{
    for (bind_cursor *cursor = owner->cursors; cursor != NULL; cursor = cursor->next) {
        cursor->later = cursor->at;
        while (cursor->later != 0 && contains(nodes, count, cursor->later)) {
            const aot_node *node = aot_module_node(owner->module, cursor->later);
            if (node == NULL)
                break;
            cursor->later = cursor->backward ? node->next : node->previous;
        }
    }
}

void bind_cursors_commit(bind_module *owner)
{
    for (bind_cursor *cursor = owner->cursors; cursor != NULL; cursor = cursor->next)
        cursor->at = cursor->later;
}
