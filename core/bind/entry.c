/* entry.c - pools and symbols: named attributes of a module. */
#include "core/bind/bind.h"

/* The entry behind the handle at 1. The core's array may move with each edit: look up late. */
static const aot_entry *check_entry(lua_State *L, bind_module **owner)
{
    bind_handle *handle = bind_to_handle(L, 1, BIND_ENTRY);
    *owner = handle->owner;
    for (int symbols = 0; symbols < 2; symbols++) {
        size_t count;
        const aot_module *module = handle->owner->module;
        const aot_entry *entries =
            symbols ? aot_module_symbols(module, &count) : aot_module_pools(module, &count);
        size_t low = 0, high = count;
        while (low < high) { /* ids grow along the list */
            size_t middle = low + (high - low) / 2;
            if (entries[middle].id < handle->id)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < count && entries[low].id == handle->id)
            return &entries[low];
    }
    luaL_error(L, "this Entry (id %d) was removed from its module", (int)handle->id);
    return NULL;
}

static int entry_get(lua_State *L)
{
    bind_module *owner;
    const char *key = bind_check_name(L, 2, "the attribute's name");
    const aot_attr *value = aot_attr_get(&check_entry(L, &owner)->attrs, key);
    if (value == NULL)
        lua_pushnil(L);
    else
        bind_push_attr(L, value);
    return 1;
}

static int entry_set(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner;
    aot_attr value;
    bool remove = lua_isnoneornil(L, 3);
    const char *key = bind_check_name(L, 2, "the attribute's name");
    const aot_entry *entry = check_entry(L, &owner);
    if (!remove)
        bind_check_attr(L, 3, key, &value);
    bind_check(
        L, aot_module_entry_set(owner->module, entry->id, key, remove ? NULL : &value, &err),
        &err);
    return 0;
}

static int entry_id(lua_State *L)
{
    bind_module *owner;
    lua_pushinteger(L, check_entry(L, &owner)->id);
    return 1;
}

static int entry_name(lua_State *L)
{
    bind_module *owner;
    lua_pushstring(L, check_entry(L, &owner)->name);
    return 1;
}

static int entry_attrs(lua_State *L)
{
    bind_module *owner;
    bind_push_attr(L, &check_entry(L, &owner)->attrs);
    return 1;
}

static int entry_tostring(lua_State *L)
{
    bind_module *owner;
    const aot_entry *entry = check_entry(L, &owner);
    if (entry->name[0] != '\0')
        lua_pushfstring(L, "pool @%s", entry->name);
    else
        lua_pushfstring(L, "symbol %d", (int)entry->id);
    return 1;
}

void bind_entry_open(lua_State *L)
{
    static const luaL_Reg methods[] = { { "get", entry_get },
                                        { "set", entry_set },
                                        { NULL, NULL } };
    static const luaL_Reg fields[] = {
        { "id", entry_id }, { "name", entry_name }, { "attrs", entry_attrs }, { NULL, NULL }
    };
    static const luaL_Reg meta[] = { { "__tostring", entry_tostring }, { NULL, NULL } };
    bind_class_new(L, &(bind_class){ "Entry", methods, fields, meta });
}
