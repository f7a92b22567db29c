/* object.c - classes of userdata, errors and temporary memory of the bindings. */
#include "core/bind/bind.h"

#include <string.h>

/* Upvalues: methods, fields, name. Methods first: they are what is asked for most. */
static int object_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(2));
    lua_CFunction field = lua_tocfunction(L, -1);
    lua_settop(L, 2);
    if (field != NULL)
        return field(L);
    const char *name = lua_tostring(L, lua_upvalueindex(3));
    return luaL_error(L, "a %s has no field '%s'", name, luaL_tolstring(L, 2, NULL));
}

static int object_newindex(lua_State *L)
{
    return luaL_error(L, "fields of a %s are read-only: use its methods",
                      lua_tostring(L, lua_upvalueindex(1)));
}

void bind_class_new(lua_State *L, const bind_class *class)
{
    luaL_newmetatable(L, class->name);
    lua_newtable(L);
    luaL_setfuncs(L, class->methods, 0);
    lua_newtable(L);
    if (class->fields != NULL)
        luaL_setfuncs(L, class->fields, 0);
    lua_pushstring(L, class->name);
    lua_pushcclosure(L, object_index, 3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, class->name);
    lua_pushcclosure(L, object_newindex, 1);
    lua_setfield(L, -2, "__newindex");
    if (class->meta != NULL)
        luaL_setfuncs(L, class->meta, 0);
    lua_pop(L, 1);
}

void bind_check(lua_State *L, bool ok, const aot_error *err)
{
    if (ok)
        return;
    static const char *const words[] = { NULL, NULL, "out of memory: ", "",
                                         "internal fault: " };
    const char *prefix = words[err->kind];
    lua_pushfstring(L, "%s%s", prefix == NULL ? "" : prefix, err->message);
    lua_error(L);
}

void *bind_room(lua_State *L, size_t count, size_t size)
{
    size_t bytes;
    luaL_checkstack(L, 8, "too many values at once");
    if (!aot_mul(count, size, &bytes))
        luaL_error(L, "%s", "a list is too long");
    void *room = lua_newuserdatauv(L, bytes == 0 ? 1 : bytes, 0);
    memset(room, 0, bytes == 0 ? 1 : bytes);
    return room;
}

static int scratch_free(lua_State *L)
{
    aot_arena **arena = lua_touserdata(L, 1);
    aot_arena_free(*arena);
    *arena = NULL;
    return 0;
}

aot_arena *bind_scratch(lua_State *L)
{
    static const luaL_Reg meta[] = { { "__gc", scratch_free },
                                     { "__close", scratch_free },
                                     { NULL, NULL } };
    luaL_checkstack(L, 4, NULL);
    aot_arena **arena = lua_newuserdatauv(L, sizeof *arena, 0);
    *arena = NULL;
    if (luaL_newmetatable(L, "Scratch"))
        luaL_setfuncs(L, meta, 0);
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    *arena = aot_arena_new(0);
    if (*arena == NULL)
        luaL_error(L, "out of memory");
    return *arena;
}

void bind_charge(lua_State *L, size_t bytes)
{
    static const size_t enough = (size_t)32 << 20;
    size_t held;
    memcpy(&held, lua_getextraspace(L), sizeof held);
    held += bytes < enough ? bytes : enough;
    if (held >= enough) {
        held = 0;
        lua_gc(L, LUA_GCCOLLECT);
    }
    memcpy(lua_getextraspace(L), &held, sizeof held);
}

void bind_check_fields(lua_State *L, int index, const char *what, const char *const *known)
{
    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        size_t i = 0;
        while (name != NULL && known[i] != NULL && strcmp(known[i], name) != 0)
            i++;
        if (name != NULL && known[i] != NULL)
            continue;
        luaL_Buffer list;
        lua_pushstring(L, luaL_tolstring(L, -2, NULL));
        name = lua_tostring(L, -1);
        luaL_buffinit(L, &list);
        for (i = 0; known[i] != NULL; i++) {
            luaL_addstring(&list, i == 0 ? "" : ", ");
            luaL_addstring(&list, known[i]);
        }
        luaL_pushresult(&list);
        luaL_error(L, "%s has no field '%s'; there are: %s", what, name, lua_tostring(L, -1));
    }
}

int64_t bind_check_range(lua_State *L, int index, const char *what, int64_t low, int64_t high)
{
    int whole;
    lua_Integer value = lua_tointegerx(L, index, &whole);
    if (!whole || lua_type(L, index) != LUA_TNUMBER)
        luaL_error(L, "%s is %s, not an integer", what, luaL_tolstring(L, index, NULL));
    if (value < low || value > high)
        luaL_error(L, "%s is %I, not in [%I, %I]", what, (LUAI_UACINT)value, (LUAI_UACINT)low,
                   (LUAI_UACINT)high);
    return value;
}

const char *bind_check_name(lua_State *L, int index, const char *what)
{
    size_t length = 0;
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "%s is %s, not a string", what, luaL_tolstring(L, index, NULL));
    const char *name = lua_tolstring(L, index, &length);
    if (strlen(name) != length)
        luaL_error(L, "%s has a zero byte in it", what);
    return name;
}
