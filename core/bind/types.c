/* types.c - type tables of Lua to aot_type and back. */
#include "core/bind/bind.h"

int32_t bind_check_dims(lua_State *L, int index, const char *what, int32_t low, int32_t high,
                        int32_t out[AOT_MAX_RANK])
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        luaL_error(L, "%s is %s, not a list of integers", what, luaL_tolstring(L, index, NULL));
    size_t count = lua_rawlen(L, index);
    if (count > AOT_MAX_RANK)
        luaL_error(L, "%s has %I entries; %d axes are the most", what, (LUAI_UACINT)count,
                   AOT_MAX_RANK);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        lua_pushfstring(L, "%s[%d]", what, (int)i + 1);
        out[i] = (int32_t)bind_check_range(L, -2, lua_tostring(L, -1), low, high);
        lua_pop(L, 2);
    }
    for (size_t i = count; i < AOT_MAX_RANK; i++)
        out[i] = 0;
    return (int32_t)count;
}

/* The id of the constant in field `name` of the table on top of the stack; 0 if absent. */
static aot_id check_constant(lua_State *L, const char *name, bind_module **owner)
{
    aot_id id = 0;
    if (lua_getfield(L, -1, name) != LUA_TNIL) {
        bind_module *of;
        const aot_value *value = bind_check_value(L, -1, &of);
        if (value->kind != AOT_VALUE_CONST)
            luaL_error(L, "quant.%s: %%%s is no constant", name, value->name);
        if (*owner != NULL && *owner != of)
            luaL_error(L, "quant.%s: $%s belongs to another Module", name, value->name);
        *owner = of;
        id = value->id;
    }
    lua_pop(L, 1);
    return id;
}

/* The quant table is on top of the stack. */
static void check_quant(lua_State *L, bind_module **owner, aot_type *type)
{
    static const char *const known[] = { "scale", "zero", "axis", "scales", "zeros", NULL };
    bind_check_fields(L, -1, "quant", known);
    type->quant = (aot_quant){ .present = true, .axis = -1 };
    if (lua_getfield(L, -1, "zero") != LUA_TNIL)
        type->quant.zero = bind_check_range(L, -1, "quant.zero", INT64_MIN, INT64_MAX);
    lua_pop(L, 1);
    if (lua_getfield(L, -1, "axis") == LUA_TNIL) {
        lua_pop(L, 1);
        if (lua_getfield(L, -1, "scale") != LUA_TNUMBER)
            luaL_error(L, "quant.scale is %s, not a number", luaL_tolstring(L, -1, NULL));
        type->quant.scale = (float)lua_tonumber(L, -1);
        lua_pop(L, 1);
        return;
    }
    int32_t last = type->rank < 0 ? AOT_MAX_RANK - 1 : type->rank - 1;
    type->quant.axis = (int32_t)bind_check_range(L, -1, "quant.axis", 0, last);
    lua_pop(L, 1);
    type->quant.scales = check_constant(L, "scales", owner);
    type->quant.zeros = check_constant(L, "zeros", owner);
    if (type->quant.scales == 0)
        luaL_error(L, "quant.scales: a quantization with an axis needs a constant");
}

void bind_check_type(lua_State *L, int index, const bind_module *owner, bool open,
                     bind_module **found, aot_type *out)
{
    static const char *const known[] = { "dtype", "shape", "quant", NULL };
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    if (lua_type(L, index) != LUA_TTABLE)
        luaL_error(L, "a type is a table { dtype, shape, quant }, not %s",
                   luaL_tolstring(L, index, NULL));
    bind_check_fields(L, index, "a type", known);
    *out = (aot_type){ .rank = -1, .quant = { .axis = -1 } };
    lua_getfield(L, index, "dtype");
    if (!aot_dtype_parse(bind_check_name(L, -1, "dtype"), &out->dtype))
        luaL_error(L, "there is no element type '%s'", lua_tostring(L, -1));
    lua_pop(L, 1);
    if (lua_getfield(L, index, "shape") != LUA_TNIL || !open)
        out->rank = bind_check_dims(L, -1, "shape", 0, INT32_MAX, out->dims);
    lua_pop(L, 1);
    bind_module *of = NULL;
    if (lua_getfield(L, index, "quant") != LUA_TNIL)
        check_quant(L, &of, out);
    lua_pop(L, 1);
    if (of != NULL && owner != NULL && of != owner)
        luaL_error(L, "the constants of quant belong to another Module");
    if (found != NULL)
        *found = of;
}

static void push_quant(lua_State *L, bind_module *owner, const aot_quant *quant)
{
    lua_createtable(L, 0, 4);
    if (quant->axis < 0) {
        lua_pushnumber(L, (lua_Number)quant->scale);
        lua_setfield(L, -2, "scale");
    } else {
        lua_pushinteger(L, quant->axis);
        lua_setfield(L, -2, "axis");
        bind_push_handle(L, owner, BIND_VALUE, quant->scales);
        lua_setfield(L, -2, "scales");
    }
    if (quant->zeros != 0) {
        bind_push_handle(L, owner, BIND_VALUE, quant->zeros);
        lua_setfield(L, -2, "zeros");
    } else {
        lua_pushinteger(L, quant->zero);
        lua_setfield(L, -2, "zero");
    }
}

void bind_push_type(lua_State *L, bind_module *owner, const aot_type *type)
{
    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, 0, type->quant.present ? 3 : 2);
    lua_pushstring(L, aot_dtype_name(type->dtype));
    lua_setfield(L, -2, "dtype");
    lua_createtable(L, type->rank, 0);
    for (int32_t i = 0; i < type->rank; i++) {
        lua_pushinteger(L, type->dims[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "shape");
    if (type->quant.present) {
        push_quant(L, owner, &type->quant);
        lua_setfield(L, -2, "quant");
    }
}
