/* attrs.c - attribute values of Lua to aot_attr and back.
 *
 * Strings stay where they are, in the Lua value being read; lists and dicts get room that is
 * anchored on the stack. Depth is bounded, so recursion is. */
#include "core/bind/bind.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

static void check_attr(lua_State *L, int index, const char *what, int depth, aot_attr *out);

static uint32_t check_length(lua_State *L, size_t length, const char *what)
{
    if (length > UINT32_MAX)
        luaL_error(L, "%s: an attribute is too long", what);
    return (uint32_t)length;
}

static int compare_fields(const void *a, const void *b)
{
    return strcmp(((const aot_field *)a)->name, ((const aot_field *)b)->name);
}

static void check_dict(lua_State *L, int index, const char *what, int depth, aot_attr *out)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1))
        count++;
    aot_field *fields = bind_room(L, count, sizeof *fields);
    size_t i = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1), i++) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "%s: a table is either a list or has named fields; here is key %s",
                       what, luaL_tolstring(L, -2, NULL));
        fields[i].name = bind_check_name(L, -2, what);
    }
    qsort(fields, count, sizeof *fields, compare_fields);
    out->kind = AOT_ATTR_DICT;
    out->length = check_length(L, count, what);
    out->fields = fields;
    for (i = 0; i < count; i++) {
        luaL_checkstack(L, 4, what);
        lua_pushstring(L, fields[i].name);
        lua_rawget(L, index);
        check_attr(L, lua_gettop(L), what, depth + 1, &fields[i].value);
    }
}

static void check_list(lua_State *L, int index, const char *what, int depth, aot_attr *out)
{
    size_t count = lua_rawlen(L, index);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (key < 1 || (size_t)key > count)
            luaL_error(L,
                       "%s: a table is either a list without holes or has named fields;"
                       " here is key %s",
                       what, luaL_tolstring(L, -2, NULL));
    }
    aot_attr *items = bind_room(L, count, sizeof *items);
    out->kind = AOT_ATTR_LIST;
    out->length = check_length(L, count, what);
    out->items = items;
    for (size_t i = 0; i < count; i++) {
        luaL_checkstack(L, 4, what);
        int top = lua_gettop(L);
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        check_attr(L, top + 1, what, depth + 1, &items[i]);
        if (items[i].kind <= AOT_ATTR_BOOL)
            lua_settop(L, top);
    }
}

static bool is_ref(lua_State *L, int index)
{
    bool ref = false;
    if (lua_getmetatable(L, index)) {
        luaL_getmetatable(L, "Ref");
        ref = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    return ref;
}

static void check_table(lua_State *L, int index, const char *what, int depth, aot_attr *out)
{
    if (is_ref(L, index)) {
        lua_getfield(L, index, "ref");
        out->kind = AOT_ATTR_REF;
        out->string = bind_check_name(L, -1, what);
        out->length = check_length(L, strlen(out->string), what);
        return;
    }
    if (depth > MAX_DEPTH)
        luaL_error(L, "%s: tables are nested more than %d deep", what, MAX_DEPTH);
    lua_pushnil(L);
    bool empty = lua_next(L, index) == 0;
    bool list = empty || lua_type(L, -2) != LUA_TSTRING;
    if (!empty)
        lua_pop(L, 2);
    if (list)
        check_list(L, index, what, depth, out);
    else
        check_dict(L, index, what, depth, out);
}

static void check_attr(lua_State *L, int index, const char *what, int depth, aot_attr *out)
{
    size_t length;
    *out = (aot_attr){ 0 };
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        out->kind = lua_isinteger(L, index) ? AOT_ATTR_INT : AOT_ATTR_FLOAT;
        if (out->kind == AOT_ATTR_INT)
            out->i = lua_tointeger(L, index);
        else
            out->f = lua_tonumber(L, index);
        return;
    case LUA_TBOOLEAN:
        out->kind = AOT_ATTR_BOOL;
        out->i = lua_toboolean(L, index);
        return;
    case LUA_TSTRING:
        out->kind = AOT_ATTR_STRING;
        out->string = lua_tolstring(L, index, &length);
        out->length = check_length(L, length, what);
        return;
    case LUA_TTABLE:
        check_table(L, index, what, depth, out);
        return;
    default:
        luaL_error(L, "%s: an attribute cannot hold %s", what, luaL_tolstring(L, index, NULL));
    }
}

void bind_check_attr(lua_State *L, int index, const char *what, aot_attr *out)
{
    luaL_checkstack(L, 8, what);
    check_attr(L, lua_absindex(L, index), what, 0, out);
}

void bind_check_attrs(lua_State *L, int index, const char *what, aot_attr *out)
{
    *out = (aot_attr){ .kind = AOT_ATTR_DICT };
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    bind_check_attr(L, index, what, out);
    if (out->kind == AOT_ATTR_LIST && out->length == 0)
        *out = (aot_attr){ .kind = AOT_ATTR_DICT };
    if (out->kind != AOT_ATTR_DICT)
        luaL_error(L, "%s is a list, not a table of named attributes", what);
}

void bind_push_attr(lua_State *L, const aot_attr *attr)
{
    luaL_checkstack(L, 6, "attributes are nested too deep");
    switch (attr->kind) {
    case AOT_ATTR_INT:
        lua_pushinteger(L, attr->i);
        break;
    case AOT_ATTR_FLOAT:
        lua_pushnumber(L, attr->f);
        break;
    case AOT_ATTR_BOOL:
        lua_pushboolean(L, attr->i != 0);
        break;
    case AOT_ATTR_STRING:
        lua_pushlstring(L, attr->string, attr->length);
        break;
    case AOT_ATTR_REF:
        lua_pushcfunction(L, bind_ref);
        lua_pushlstring(L, attr->string, attr->length);
        lua_call(L, 1, 1);
        break;
    case AOT_ATTR_LIST:
        lua_createtable(L, (int)attr->length, 0);
        for (size_t i = 0; i < attr->length; i++) {
            bind_push_attr(L, &attr->items[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        break;
    case AOT_ATTR_DICT:
        lua_createtable(L, 0, (int)attr->length);
        for (size_t i = 0; i < attr->length; i++) {
            bind_push_attr(L, &attr->fields[i].value);
            lua_setfield(L, -2, attr->fields[i].name);
        }
        break;
    }
}

static int ref_equal(lua_State *L)
{
    bool both = is_ref(L, 1) && is_ref(L, 2);
    if (both) {
        lua_getfield(L, 1, "ref");
        lua_getfield(L, 2, "ref");
        both = lua_rawequal(L, -1, -2);
    }
    lua_pushboolean(L, both);
    return 1;
}

static int ref_tostring(lua_State *L)
{
    lua_getfield(L, 1, "ref");
    return 1;
}

int bind_ref(lua_State *L)
{
    static const luaL_Reg meta[] = { { "__eq", ref_equal },
                                     { "__tostring", ref_tostring },
                                     { NULL, NULL } };
    const char *text = luaL_checkstring(L, 1);
    if ((text[0] != '@' && text[0] != '$') || text[1] == '\0')
        luaL_error(L, "'%s' is no reference: @graph, @pool or $constant", text);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "ref");
    if (luaL_newmetatable(L, "Ref"))
        luaL_setfuncs(L, meta, 0);
    lua_setmetatable(L, -2);
    return 1;
}
