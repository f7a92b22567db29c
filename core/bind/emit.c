/* emit.c - the Lua module `aot.emit`: what is legal C. */
#include "core/emit/emit.h"

#include "core/bind/bind.h"

static aot_dtype check_dtype(lua_State *L, int index)
{
    aot_dtype dtype;
    if (!aot_dtype_parse(luaL_checkstring(L, index), &dtype))
        luaL_error(L, "there is no element type '%s'", lua_tostring(L, index));
    return dtype;
}

static int finish(lua_State *L, const aot_text *text, const aot_error *err)
{
    bind_check(L, aot_text_ok(text), err);
    lua_pushlstring(L, text->length > 0 ? text->bytes : "", text->length);
    return 1;
}

/* emit.identifier_problem(name, significant = 63) -> nil, or why the name is not legal: words
 * that complete "the name ... ". */
static int emit_identifier_problem(lua_State *L)
{
    size_t length;
    const char *name = luaL_checklstring(L, 1, &length);
    const lua_Integer significant = luaL_optinteger(L, 2, 63);
    luaL_argcheck(L, significant > 0, 2, "must be positive");
    lua_pushstring(L, aot_emit_identifier_problem(name, length, (size_t)significant));
    return 1;
}

/* emit.ctype(dtype) -> "int8_t", ... */
static int emit_ctype(lua_State *L)
{
    lua_pushstring(L, aot_emit_ctype(check_dtype(L, 1)));
    return 1;
}

/* emit.literal(dtype, number) -> a C constant of exactly this value. */
static int emit_literal(lua_State *L)
{
    aot_error err = { 0 };
    aot_text text;
    const aot_dtype dtype = check_dtype(L, 1);
    const lua_Number number = luaL_checknumber(L, 2);
    const bool is_float = dtype == AOT_F32 || dtype == AOT_F64;
    const lua_Integer integer = is_float ? 0 : luaL_checkinteger(L, 2);
    aot_text_init(&text, bind_scratch(L), &err);
    if (is_float)
        aot_emit_float(&text, dtype, number);
    else
        aot_emit_int(&text, dtype, integer);
    return finish(L, &text, &err);
}

static int escape(lua_State *L, void (*add)(aot_text *, const char *, size_t))
{
    aot_error err = { 0 };
    aot_text text;
    size_t length;
    const char *bytes = luaL_checklstring(L, 1, &length);
    aot_text_init(&text, bind_scratch(L), &err);
    add(&text, bytes, length);
    return finish(L, &text, &err);
}

/* emit.comment(words) -> the words, harmless in a comment. */
static int emit_comment(lua_State *L)
{
    return escape(L, aot_emit_comment);
}

/* emit.string(bytes) -> a C string literal. */
static int emit_string(lua_State *L)
{
    return escape(L, aot_emit_string);
}

/* emit.array(tensor) -> the inside of an initializer list, and whether it needs math.h. */
static int emit_array(lua_State *L)
{
    aot_error err = { 0 };
    aot_text text;
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    aot_text_init(&text, bind_scratch(L), &err);
    bind_check(L, aot_emit_array(&text, &tensor->tensor), &err);
    finish(L, &text, &err);
    lua_pushboolean(L, aot_emit_array_needs_math(&tensor->tensor));
    return 2;
}

int luaopen_aot_emit(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "array", emit_array },
        { "comment", emit_comment },
        { "ctype", emit_ctype },
        { "identifier_problem", emit_identifier_problem },
        { "literal", emit_literal },
        { "string", emit_string },
        { NULL, NULL },
    };
    luaL_newlib(L, functions);
    return 1;
}
