/* ir.c - aot.ir: opens the classes of the graph and the functions about ops and types. */
#include "core/bind/bind.h"

#include <string.h>

static int ir_dtype(lua_State *L)
{
    static const char *const classes[] = { "float", "signed", "unsigned" };
    aot_dtype dtype;
    const char *name = bind_check_name(L, 1, "the element type");
    if (!aot_dtype_parse(name, &dtype))
        luaL_error(L, "there is no element type '%s'", name);
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)aot_dtype_bits(dtype));
    lua_setfield(L, -2, "bits");
    lua_pushstring(L, classes[aot_dtype_class(dtype)]);
    lua_setfield(L, -2, "class");
    if (aot_dtype_class(dtype) != AOT_CLASS_FLOAT) {
        lua_pushinteger(L, aot_dtype_min(dtype));
        lua_setfield(L, -2, "min");
        lua_pushinteger(L, (lua_Integer)aot_dtype_max(dtype));
        lua_setfield(L, -2, "max");
    }
    return 1;
}

static void push_flags(lua_State *L, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        { AOT_OP_UNARY, "unary" },
        { AOT_OP_BINARY, "binary" },
        { AOT_OP_VIEW, "view" },
        { AOT_OP_CONTROL, "control" },
        { AOT_OP_CONSTANT, "constant" },
        { AOT_OP_TERNARY, "ternary" },
        { AOT_OP_COMMUTATIVE, "commutative" },
    };
    lua_newtable(L);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((flags & names[i].flag) == 0)
            continue;
        lua_pushboolean(L, true);
        lua_setfield(L, -2, names[i].name);
    }
}

/* Pushes the list of the names in `names`, which has blanks between them, or is NULL. */
static void push_words(lua_State *L, const char *names)
{
    lua_newtable(L);
    for (lua_Integer i = 1; names != NULL; i++) {
        const char *end = strchr(names, ' ');
        lua_pushlstring(L, names, end != NULL ? (size_t)(end - names) : strlen(names));
        lua_rawseti(L, -2, i);
        names = end != NULL ? end + 1 : NULL;
    }
}

static int ir_ops(lua_State *L)
{
    lua_createtable(L, AOT_OP_COUNT, 0);
    for (int op = 0; op < AOT_OP_COUNT; op++) {
        const aot_op_info *info = aot_op_get((aot_op)op);
        lua_createtable(L, 0, 6);
        lua_pushstring(L, info->name);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, info->low);
        lua_setfield(L, -2, "low");
        lua_pushinteger(L, info->high);
        lua_setfield(L, -2, "high");
        lua_pushinteger(L, info->outputs);
        lua_setfield(L, -2, "outputs");
        push_flags(L, info->flags);
        lua_setfield(L, -2, "flags");
        push_words(L, aot_op_attributes((aot_op)op));
        lua_setfield(L, -2, "attributes");
        lua_rawseti(L, -2, op + 1);
    }
    return 1;
}

int luaopen_aot_ir(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "module", bind_module_new },
        { "tensor", bind_tensor_new },
        { "apply", bind_apply },
        { "ref", bind_ref },
        { "dtype", ir_dtype },
        { "ops", ir_ops },
        { NULL, NULL },
    };
    bind_view_open(L);
    bind_tensor_open(L);
    bind_module_open(L);
    bind_graph_open(L);
    bind_node_open(L);
    bind_value_open(L);
    bind_entry_open(L);
    luaL_newlib(L, functions);
    return 1;
}
