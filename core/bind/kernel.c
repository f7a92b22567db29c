/* kernel.c - the Lua module `aot.kernel`: kernels by ids, under the language of lua/aotlua. */
#include "core/kernel/kernel.h"

#include <string.h>

#include "core/bind/bind.h"

static const char class_name[] = "Kernel";

enum { MOST_ARGS = 32 };

static aot_kernel *check_kernel(lua_State *L)
{
    aot_kernel **box = luaL_checkudata(L, 1, class_name);
    if (!*box)
        luaL_error(L, "the kernel was closed");
    return *box;
}

static aot_kid check_id(lua_State *L, int index)
{
    return (aot_kid)bind_check_range(L, index, "an expression", 1, UINT32_MAX);
}

static aot_dtype check_dtype(lua_State *L, int index)
{
    const char *name = luaL_checkstring(L, index);
    aot_dtype dtype;
    if (strcmp(name, "index") == 0)
        return AOT_KINDEX;
    if (!aot_dtype_parse(name, &dtype))
        luaL_error(L, "there is no element type '%s'", name);
    return dtype;
}

static aot_kop check_op(lua_State *L, int index)
{
    static const struct {
        const char *name;
        aot_kop op;
    } ops[] = {
        { "add", AOT_K_ADD }, { "and", AOT_K_AND },       { "both", AOT_K_BOTH },
        { "div", AOT_K_DIV }, { "either", AOT_K_EITHER }, { "eq", AOT_K_EQ },
        { "ge", AOT_K_GE },   { "gt", AOT_K_GT },         { "le", AOT_K_LE },
        { "lt", AOT_K_LT },   { "max", AOT_K_MAX },       { "min", AOT_K_MIN },
        { "mul", AOT_K_MUL }, { "ne", AOT_K_NE },         { "neg", AOT_K_NEG },
        { "not", AOT_K_NOT }, { "or", AOT_K_OR },         { "rem", AOT_K_REM },
        { "shl", AOT_K_SHL }, { "shr", AOT_K_SHR },       { "sub", AOT_K_SUB },
        { "xor", AOT_K_XOR },
    };
    const char *name = luaL_checkstring(L, index);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i)
        if (strcmp(ops[i].name, name) == 0)
            return ops[i].op;
    return (aot_kop)luaL_error(L, "there is no operation '%s'", name);
}

static size_t check_ids(lua_State *L, int index, aot_kid ids[MOST_ARGS])
{
    luaL_checktype(L, index, LUA_TTABLE);
    const size_t count = lua_rawlen(L, index);
    if (count > MOST_ARGS)
        luaL_error(L, "%d arguments, at most %d are allowed", (int)count, MOST_ARGS);
    for (size_t i = 0; i < count; ++i) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        ids[i] = check_id(L, -1);
        lua_pop(L, 1);
    }
    return count;
}

/* id, element type, lanes */
static int push_expr(lua_State *L, const aot_kernel *kernel, aot_kid id, const aot_error *err)
{
    bind_check(L, id != 0, err);
    const aot_ktype type = aot_kernel_type(kernel, id);
    lua_pushinteger(L, id);
    lua_pushstring(L, type.dtype == AOT_KINDEX ? "index" : aot_dtype_name(type.dtype));
    lua_pushinteger(L, type.lanes);
    return 3;
}

/* kernel.new(hint) */
static int kernel_new(lua_State *L)
{
    aot_error err = { 0 };
    const char *hint = bind_check_name(L, 1, "the kernel's name");
    aot_kernel **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, class_name);
    *box = aot_kernel_new(hint, &err);
    bind_check(L, *box != NULL, &err);
    return 1;
}

static int kernel_gc(lua_State *L)
{
    aot_kernel **box = luaL_checkudata(L, 1, class_name);
    aot_kernel_free(*box);
    *box = NULL;
    return 0;
}

/* k:buffer(name, type, role) -> id */
static int kernel_buffer(lua_State *L)
{
    static const char *const roles[] = { "input", "output", "scratch", "local", NULL };
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    aot_type type;
    const char *name = bind_check_name(L, 2, "the buffer's name");
    const aot_krole role = (aot_krole)luaL_checkoption(L, 4, NULL, roles);
    bind_check_type(L, 3, NULL, false, NULL, &type);
    const aot_kid id = aot_kernel_buffer(kernel, name, &type, role, &err);
    bind_check(L, id != 0, &err);
    lua_pushinteger(L, id);
    return 1;
}

/* k:number(dtype, value) */
static int kernel_number(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const aot_dtype dtype = check_dtype(L, 2);
    luaL_checktype(L, 3, LUA_TNUMBER);
    const aot_kid id = lua_isinteger(L, 3)
                           ? aot_kernel_int(kernel, dtype, lua_tointeger(L, 3), &err)
                           : aot_kernel_float(kernel, dtype, lua_tonumber(L, 3), &err);
    return push_expr(L, kernel, id, &err);
}

static int kernel_unary(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(L, kernel, aot_kernel_unary(kernel, check_op(L, 2), check_id(L, 3), &err),
                     &err);
}

static int kernel_binary(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(
        L, kernel,
        aot_kernel_binary(kernel, check_op(L, 2), check_id(L, 3), check_id(L, 4), &err), &err);
}

static int kernel_select(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(
        L, kernel,
        aot_kernel_select(kernel, check_id(L, 2), check_id(L, 3), check_id(L, 4), &err), &err);
}

/* k:cast(dtype, a, saturate) */
static int kernel_cast(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(L, kernel,
                     aot_kernel_cast(kernel, check_dtype(L, 2), check_id(L, 3),
                                     lua_toboolean(L, 4) != 0, &err),
                     &err);
}

/* k:call(function, header or nil, dtype, lanes, { args }) */
static int kernel_call(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    aot_kid args[MOST_ARGS];
    const char *function = bind_check_name(L, 2, "the function's name");
    const char *header = lua_isnil(L, 3) ? NULL : bind_check_name(L, 3, "the header");
    const aot_ktype type = { check_dtype(L, 4),
                             (int32_t)bind_check_range(L, 5, "the number of lanes", 1, 64), 0 };
    const size_t count = check_ids(L, 6, args);
    return push_expr(L, kernel,
                     aot_kernel_call(kernel, function, header, type, args, count, &err), &err);
}

static int kernel_fma(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(
        L, kernel, aot_kernel_fma(kernel, check_id(L, 2), check_id(L, 3), check_id(L, 4), &err),
        &err);
}

/* k:splat(lanes, a) */
static int kernel_splat(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const int32_t lanes = (int32_t)bind_check_range(L, 2, "the number of lanes", 2, 64);
    return push_expr(L, kernel, aot_kernel_splat(kernel, lanes, check_id(L, 3), &err), &err);
}

static int kernel_lane(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    return push_expr(L, kernel, aot_kernel_lane(kernel, check_id(L, 2), check_id(L, 3), &err),
                     &err);
}

/* k:load(buffer, { at }, lanes, flat) */
static int kernel_load(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    aot_kid at[MOST_ARGS];
    const size_t count = check_ids(L, 3, at);
    const int32_t lanes = (int32_t)bind_check_range(L, 4, "the number of lanes", 1, 64);
    return push_expr(L, kernel,
                     aot_kernel_load(kernel, check_id(L, 2), at, count, lanes,
                                     lua_toboolean(L, 5) != 0, &err),
                     &err);
}

/* k:loop(name, low, high, step) -> the counter */
static int kernel_loop(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const char *name = bind_check_name(L, 2, "the loop's name");
    return push_expr(L, kernel,
                     aot_kernel_loop(kernel, name, check_id(L, 3), check_id(L, 4),
                                     luaL_checkinteger(L, 5), &err),
                     &err);
}

static int kernel_if(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    bind_check(L, aot_kernel_if(kernel, check_id(L, 2), &err), &err);
    return 0;
}

static int kernel_else(lua_State *L)
{
    aot_error err = { 0 };
    bind_check(L, aot_kernel_else(check_kernel(L), &err), &err);
    return 0;
}

static int kernel_end(lua_State *L)
{
    aot_error err = { 0 };
    bind_check(L, aot_kernel_end(check_kernel(L), &err), &err);
    return 0;
}

/* k:var(name, value, constant) */
static int kernel_var(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const char *name = bind_check_name(L, 2, "the variable's name");
    return push_expr(
        L, kernel, aot_kernel_var(kernel, name, check_id(L, 3), lua_toboolean(L, 4) != 0, &err),
        &err);
}

static int kernel_assign(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    bind_check(L, aot_kernel_assign(kernel, check_id(L, 2), check_id(L, 3), &err), &err);
    return 0;
}

/* k:store(buffer, { at }, value, flat) */
static int kernel_store(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    aot_kid at[MOST_ARGS];
    const size_t count = check_ids(L, 3, at);
    bind_check(L,
               aot_kernel_store(kernel, check_id(L, 2), at, count, check_id(L, 4),
                                lua_toboolean(L, 5) != 0, &err),
               &err);
    return 0;
}

/* k:reduce(name, op, vector) */
static int kernel_reduce(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const char *name = bind_check_name(L, 2, "the variable's name");
    return push_expr(
        L, kernel, aot_kernel_reduce(kernel, name, check_op(L, 3), check_id(L, 4), &err), &err);
}

/* k:index(name, value, extent) */
static int kernel_index(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    const char *name = bind_check_name(L, 2, "the index's name");
    return push_expr(
        L, kernel,
        aot_kernel_clamp_index(kernel, name, check_id(L, 3), luaL_checkinteger(L, 4), &err),
        &err);
}

static int kernel_comment(lua_State *L)
{
    aot_error err = { 0 };
    aot_kernel *kernel = check_kernel(L);
    size_t length;
    const char *words = luaL_checklstring(L, 2, &length);
    bind_check(L, aot_kernel_comment(kernel, words, length, &err), &err);
    return 0;
}

static int kernel_finish(lua_State *L)
{
    aot_error err = { 0 };
    bind_check(L, aot_kernel_finish(check_kernel(L), &err), &err);
    return 0;
}

/* k:show(id) -> the expression as C */
static int kernel_show(lua_State *L)
{
    aot_error err = { 0 };
    aot_text text;
    const aot_kernel *kernel = check_kernel(L);
    const aot_kid id = check_id(L, 2);
    aot_text_init(&text, bind_scratch(L), &err);
    bind_check(L, aot_kernel_show(kernel, id, &text), &err);
    lua_pushlstring(L, text.bytes, text.length);
    return 1;
}

/* k:print(spelling, { static =, comment =, extensions =, head = }): head: the prototype only */
static int kernel_print(lua_State *L)
{
    static const char *const known[] = { "comment", "extensions", "head", "static", NULL };
    aot_error err = { 0 };
    aot_text text;
    const aot_kernel *kernel = check_kernel(L);
    aot_kstyle style = { .spelling = bind_check_name(L, 2, "the function's name") };
    bind_check_fields(L, 3, "the style of a kernel", known);
    lua_settop(L, 3);
    style.internal = lua_getfield(L, 3, "static") != LUA_TNIL && lua_toboolean(L, -1);
    style.extensions = lua_getfield(L, 3, "extensions") != LUA_TNIL && lua_toboolean(L, -1);
    if (lua_getfield(L, 3, "comment") != LUA_TNIL)
        style.comment = bind_check_name(L, -1, "the comment");
    const bool head = lua_getfield(L, 3, "head") != LUA_TNIL && lua_toboolean(L, -1);
    aot_text_init(&text, bind_scratch(L), &err);
    bind_check(L,
               head ? aot_kernel_print_head(kernel, &style, &text)
                    : aot_kernel_print(kernel, &style, &text),
               &err);
    lua_pushlstring(L, text.bytes, text.length);
    return 1;
}

/* k:params() -> { { name, type (C, without *), buffer (0: scratch), role } } */
static int kernel_params(lua_State *L)
{
    static const char *const roles[] = { "input", "output", "scratch", "local" };
    const aot_kernel *kernel = check_kernel(L);
    const size_t count = aot_kernel_param_count(kernel);
    lua_newtable(L);
    for (size_t i = 0; i < count; ++i) {
        const aot_kparam param = aot_kernel_param(kernel, i);
        lua_createtable(L, 0, 4);
        lua_pushstring(L, param.name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, param.ctype);
        lua_setfield(L, -2, "type");
        lua_pushinteger(L, param.buffer);
        lua_setfield(L, -2, "buffer");
        lua_pushstring(L, roles[param.role]);
        lua_setfield(L, -2, "role");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* k:facts() -> { headers, scratch_bytes, macs } of a finished kernel */
static int kernel_facts(lua_State *L)
{
    const aot_kernel *kernel = check_kernel(L);
    const uint64_t macs = aot_kernel_macs(kernel);
    lua_newtable(L);
    lua_newtable(L);
    for (size_t i = 0; i < aot_kernel_header_count(kernel); ++i) {
        lua_pushstring(L, aot_kernel_header(kernel, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "headers");
    lua_pushinteger(L, (lua_Integer)aot_kernel_scratch_bytes(kernel));
    lua_setfield(L, -2, "scratch_bytes");
    lua_pushinteger(L, macs > INT64_MAX ? LUA_MAXINTEGER : (lua_Integer)macs);
    lua_setfield(L, -2, "macs");
    return 1;
}

static void set_integer(lua_State *L, const char *name, int64_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

/* k:accesses() -> { { buffer, store, lanes, low, high, constant, terms = { { loop, factor } }
 * or nil } }: offsets in elements, see core/kernel/kernel.h */
static int kernel_accesses(lua_State *L)
{
    const aot_kernel *kernel = check_kernel(L);
    lua_newtable(L);
    for (size_t i = 0; i < aot_kernel_access_count(kernel); ++i) {
        const aot_kaccess *access = aot_kernel_access(kernel, i);
        lua_createtable(L, 0, 7);
        set_integer(L, "buffer", access->buffer);
        set_integer(L, "lanes", access->lanes);
        set_integer(L, "low", access->low);
        set_integer(L, "high", access->high);
        lua_pushboolean(L, access->store);
        lua_setfield(L, -2, "store");
        if (access->affine) {
            set_integer(L, "constant", access->constant);
            lua_newtable(L);
            for (size_t t = 0; t < access->term_count; ++t) {
                lua_createtable(L, 0, 2);
                set_integer(L, "loop", access->terms[t].atom);
                set_integer(L, "factor", access->terms[t].factor);
                lua_rawseti(L, -2, (lua_Integer)t + 1);
            }
            lua_setfield(L, -2, "terms");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int luaopen_aot_kernel(lua_State *L)
{
    static const luaL_Reg functions[] = { { "new", kernel_new }, { NULL, NULL } };
    static const luaL_Reg methods[] = {
        { "accesses", kernel_accesses }, { "assign", kernel_assign },
        { "begin_else", kernel_else },   { "begin_if", kernel_if },
        { "binary", kernel_binary },     { "buffer", kernel_buffer },
        { "call", kernel_call },         { "cast", kernel_cast },
        { "comment", kernel_comment },   { "end_block", kernel_end },
        { "facts", kernel_facts },       { "finish", kernel_finish },
        { "fma", kernel_fma },           { "index", kernel_index },
        { "lane", kernel_lane },         { "load", kernel_load },
        { "loop", kernel_loop },         { "number", kernel_number },
        { "params", kernel_params },     { "print", kernel_print },
        { "reduce", kernel_reduce },     { "select", kernel_select },
        { "show", kernel_show },         { "splat", kernel_splat },
        { "store", kernel_store },       { "unary", kernel_unary },
        { "var", kernel_var },           { NULL, NULL },
    };
    static const luaL_Reg meta[] = { { "__gc", kernel_gc }, { NULL, NULL } };
    const bind_class class = { class_name, methods, NULL, meta };
    bind_class_new(L, &class);
    luaL_newlib(L, functions);
    return 1;
}
