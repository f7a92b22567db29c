/* json.c - aot.json: reads JSON. (It is written by lua/aotlua/json.lua, with sorted keys.) */
#include "core/bind/bind.h"

#include <cjson/cJSON.h>
#include <math.h>

enum { MAX_DEPTH = 64 };

static int document_gc(lua_State *L)
{
    cJSON **document = lua_touserdata(L, 1);
    cJSON_Delete(*document);
    *document = NULL;
    return 0;
}

static void push_number(lua_State *L, double value)
{
    if (value == floor(value) && fabs(value) < 9007199254740992.0)
        lua_pushinteger(L, (lua_Integer)value);
    else
        lua_pushnumber(L, value);
}

/* Recursion is bounded: the nesting was counted before. */
static void push_item(lua_State *L, const cJSON *item)
{
    luaL_checkstack(L, 4, NULL);
    if (cJSON_IsString(item)) {
        lua_pushstring(L, item->valuestring);
    } else if (cJSON_IsNumber(item)) {
        push_number(L, item->valuedouble);
    } else if (cJSON_IsBool(item)) {
        lua_pushboolean(L, cJSON_IsTrue(item));
    } else if (cJSON_IsArray(item)) {
        lua_Integer i = 0;
        lua_newtable(L);
        for (const cJSON *child = item->child; child != NULL; child = child->next) {
            push_item(L, child);
            lua_rawseti(L, -2, ++i);
        }
    } else if (cJSON_IsObject(item)) {
        lua_newtable(L);
        for (const cJSON *child = item->child; child != NULL; child = child->next) {
            push_item(L, child);
            lua_setfield(L, -2, child->string);
        }
    } else {
        lua_pushlightuserdata(L, NULL); /* json.null */
    }
}

/* The depth of brackets outside strings: cJSON itself recurses, so it is asked first. */
static int nesting(const char *text, size_t length)
{
    int depth = 0, most = 0;
    bool string = false;
    for (size_t i = 0; i < length; i++) {
        if (string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            string = !string;
        else if (!string && (text[i] == '[' || text[i] == '{'))
            most = ++depth > most ? depth : most;
        else if (!string && (text[i] == ']' || text[i] == '}'))
            depth--;
    }
    return most;
}

/* decode(text): the value; numbers that are whole are integers, null is json.null. */
static int json_decode(lua_State *L)
{
    size_t length;
    const char *end = NULL, *text = luaL_checklstring(L, 1, &length);
    if (nesting(text, length) > MAX_DEPTH) {
        lua_pushfstring(L, "JSON is nested more than %d deep", MAX_DEPTH);
        return lua_error(L);
    }
    cJSON **document = lua_newuserdatauv(L, sizeof *document, 0);
    *document = NULL;
    luaL_setmetatable(L, "Json");
    lua_toclose(L, -1);
    *document = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
    if (*document == NULL) {
        lua_pushfstring(L, "this is no JSON from byte %d on",
                        end == NULL ? 0 : (int)(end - text));
        return lua_error(L);
    }
    push_item(L, *document);
    return 1;
}

int luaopen_aot_json(lua_State *L)
{
    static const luaL_Reg functions[] = { { "decode", json_decode }, { NULL, NULL } };
    static const luaL_Reg meta[] = { { "__gc", document_gc },
                                     { "__close", document_gc },
                                     { NULL, NULL } };
    luaL_newmetatable(L, "Json");
    luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
