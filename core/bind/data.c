/* data.c - aot.data: views of bytes, mapped from files or copied from strings. */
#include "core/bind/bind.h"

#include "core/base/hash.h"

#include <errno.h>
#include <string.h>

bind_view *bind_check_view(lua_State *L, int index)
{
    return luaL_checkudata(L, index, "View");
}

/* An empty View, so that a block has an owner before anything can raise. */
static bind_view *push_empty(lua_State *L)
{
    bind_view *view = lua_newuserdatauv(L, sizeof *view, 0);
    *view = (bind_view){ 0 };
    luaL_setmetatable(L, "View");
    return view;
}

void bind_push_view(lua_State *L, aot_block *block, size_t offset, size_t length)
{
    bind_view *view = push_empty(L);
    *view = (bind_view){ aot_block_retain(block), offset, length };
}

static int view_gc(lua_State *L)
{
    bind_view *view = bind_check_view(L, 1);
    aot_block_release(view->block);
    view->block = NULL;
    view->length = 0;
    return 0;
}

static const uint8_t *view_bytes(const bind_view *view)
{
    return view->block == NULL ? NULL : aot_block_bytes(view->block) + view->offset;
}

static int data_open(lua_State *L)
{
    aot_error err = { 0 };
    const char *path = bind_check_name(L, 1, "the path");
    bind_view *view = push_empty(L);
    view->block = aot_block_map(path, &err);
    bind_check(L, view->block != NULL, &err);
    view->length = aot_block_size(view->block);
    return 1;
}

static int data_open_beneath(lua_State *L)
{
    aot_error err = { 0 };
    const char *folder = bind_check_name(L, 1, "the folder");
    const char *path = bind_check_name(L, 2, "the path");
    bind_view *view = push_empty(L);
    view->block = aot_block_map_beneath(folder, path, &err);
    bind_check(L, view->block != NULL, &err);
    view->length = aot_block_size(view->block);
    return 1;
}

static int data_from_string(lua_State *L)
{
    aot_error err = { 0 };
    size_t length;
    const char *bytes = luaL_checklstring(L, 1, &length);
    bind_view *view = push_empty(L);
    bind_charge(L, length);
    view->block = aot_block_new(length, &err);
    bind_check(L, view->block != NULL, &err);
    if (length > 0)
        memcpy(aot_block_writable(view->block), bytes, length);
    view->length = length;
    return 1;
}

/* The string or View at `index`, which must stay where it is. */
static bind_piece check_piece(lua_State *L, int index)
{
    bind_piece piece = { 0 };
    if (lua_type(L, index) == LUA_TSTRING) {
        piece.bytes = lua_tolstring(L, index, &piece.length);
    } else {
        const bind_view *view = bind_check_view(L, index);
        piece.bytes = view_bytes(view);
        piece.length = view->length;
    }
    return piece;
}

/* A file's content at `index`: a string, a View, or a list of them (pushes 1). */
static bind_piece *check_content(lua_State *L, int index, size_t *count)
{
    bool list = lua_istable(L, index);
    *count = list ? lua_rawlen(L, index) : 1;
    bind_piece *pieces = bind_room(L, *count, sizeof *pieces);
    if (!list)
        pieces[0] = check_piece(L, index);
    for (size_t i = 0; list && i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        pieces[i] = check_piece(L, -1);
        lua_pop(L, 1); /* the list keeps it alive */
    }
    return pieces;
}

static int data_write(lua_State *L)
{
    aot_error err = { 0 };
    size_t count;
    const char *path = bind_check_name(L, 1, "the path");
    const bind_piece *pieces = check_content(L, 2, &count);
    bind_check(L, bind_write_file(path, pieces, count, &err), &err);
    return 0;
}

typedef struct stream { /* a file that a script's function fills */
    int file;           /* -1 once it is finished */
    int reason;         /* why it could not be written, or 0 */
} stream;

/* The function that the script's function hands the pieces to. */
static int stream_put(lua_State *L)
{
    stream *to = lua_touserdata(L, lua_upvalueindex(1));
    bind_piece piece = check_piece(L, 1);
    if (to->file < 0)
        luaL_error(L, "the file is finished");
    if (to->reason == 0 && !bind_append_file(to->file, &piece, 1))
        to->reason = errno;
    if (to->reason != 0)
        luaL_error(L, "the file cannot be written");
    return 0;
}

/* Writes what the function at 2 gives. What it raises is raised again, and no file is left. */
static int put_stream(lua_State *L, const char *path)
{
    aot_error err = { 0 };
    stream *to = lua_newuserdatauv(L, sizeof *to, 0);
    *to = (stream){ .file = bind_create_file(path, &err) };
    bind_check(L, to->file >= 0, &err);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2); /* of which one stays, so that it is not collected */
    lua_pushcclosure(L, stream_put, 1);
    bool made = lua_pcall(L, 1, 0, 0) == LUA_OK;
    int reason = to->reason != 0 ? to->reason : made ? 0 : ECANCELED;
    bool written = bind_finish_file(to->file, path, reason, &err);
    to->file = -1;
    if (!made && to->reason == 0)
        lua_error(L);
    bind_check(L, written, &err);
    return 0;
}

static int data_put(lua_State *L)
{
    aot_error err = { 0 };
    size_t count;
    const char *path = bind_check_name(L, 1, "the path");
    if (lua_isfunction(L, 2))
        return put_stream(L, path);
    const bind_piece *pieces = check_content(L, 2, &count);
    bind_check(L, bind_put_file(path, pieces, count, &err), &err);
    return 0;
}

/* data.matches(path, content): true if the file is there and holds exactly these bytes. */
static int data_matches(lua_State *L)
{
    size_t count;
    const char *path = bind_check_name(L, 1, "the path");
    const bind_piece *pieces = check_content(L, 2, &count);
    aot_block *block = aot_block_map(path, NULL);
    if (block == NULL) {
        lua_pushboolean(L, false);
        return 1;
    }
    bool same = true;
    size_t at = 0, size = aot_block_size(block);
    for (size_t i = 0; i < count && same; i++) {
        const bind_piece *piece = &pieces[i];
        same = piece->length <= size - at;
        if (same && piece->length > 0)
            same = memcmp(aot_block_bytes(block) + at, piece->bytes, piece->length) == 0;
        at += piece->length;
    }
    aot_block_release(block);
    lua_pushboolean(L, same && at == size);
    return 1;
}

/* Offset and length arguments at `index`, checked against the view. */
static size_t check_span(lua_State *L, const bind_view *view, int index, size_t *length)
{
    lua_Integer offset = luaL_checkinteger(L, index);
    lua_Integer bytes = luaL_optinteger(L, index + 1, -1);
    bool inside = offset >= 0 && (size_t)offset <= view->length;
    if (inside && lua_isnoneornil(L, index + 1))
        bytes = (lua_Integer)(view->length - (size_t)offset);
    if (!inside || bytes < 0 || (size_t)bytes > view->length - (size_t)offset)
        luaL_error(L, "%I bytes at offset %I are not within the %I bytes there are",
                   (LUAI_UACINT)bytes, (LUAI_UACINT)offset, (LUAI_UACINT)view->length);
    *length = (size_t)bytes;
    return (size_t)offset;
}

static int view_sub(lua_State *L)
{
    const bind_view *view = bind_check_view(L, 1);
    size_t length, offset = check_span(L, view, 2, &length);
    bind_push_view(L, view->block, view->offset + offset, length);
    return 1;
}

static int view_string(lua_State *L)
{
    const bind_view *view = bind_check_view(L, 1);
    size_t length = view->length, offset = 0;
    if (!lua_isnoneornil(L, 2))
        offset = check_span(L, view, 2, &length);
    lua_pushlstring(L, length == 0 ? "" : (const char *)view_bytes(view) + offset, length);
    return 1;
}

static int view_sha256(lua_State *L)
{
    char hex[65];
    const bind_view *view = bind_check_view(L, 1);
    aot_sha256_hex(view->length == 0 ? (const void *)"" : view_bytes(view), view->length, hex);
    lua_pushstring(L, hex);
    return 1;
}

static int view_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)bind_check_view(L, 1)->length);
    return 1;
}

static int view_tostring(lua_State *L)
{
    lua_pushfstring(L, "View of %I bytes", (LUAI_UACINT)bind_check_view(L, 1)->length);
    return 1;
}

/* The little-endian number of `size` bytes at the offset in argument 2. */
static uint64_t load(lua_State *L, size_t size)
{
    const bind_view *view = bind_check_view(L, 1);
    lua_Integer offset = luaL_checkinteger(L, 2);
    if (offset < 0 || size > view->length || (size_t)offset > view->length - size)
        luaL_error(L, "%d bytes at offset %I are not within the %I bytes there are", (int)size,
                   (LUAI_UACINT)offset, (LUAI_UACINT)view->length);
    const uint8_t *bytes = view_bytes(view) + offset;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static int push_signed(lua_State *L, size_t size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    lua_pushinteger(L, (lua_Integer)((load(L, size) ^ sign) - sign));
    return 1;
}

static int push_unsigned(lua_State *L, size_t size)
{
    lua_pushinteger(L, (lua_Integer)load(L, size));
    return 1;
}

static int view_u8(lua_State *L)
{
    return push_unsigned(L, 1);
}

static int view_i8(lua_State *L)
{
    return push_signed(L, 1);
}

static int view_u16(lua_State *L)
{
    return push_unsigned(L, 2);
}

static int view_i16(lua_State *L)
{
    return push_signed(L, 2);
}

static int view_u32(lua_State *L)
{
    return push_unsigned(L, 4);
}

static int view_i32(lua_State *L)
{
    return push_signed(L, 4);
}

static int view_64(lua_State *L)
{
    return push_unsigned(L, 8);
}

static int view_f32(lua_State *L)
{
    uint32_t bits = (uint32_t)load(L, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(L, (lua_Number)value);
    return 1;
}

static int view_f64(lua_State *L)
{
    uint64_t bits = load(L, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(L, value);
    return 1;
}

void bind_view_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "sub", view_sub },       { "string", view_string },
        { "sha256", view_sha256 }, { "u8", view_u8 },
        { "i8", view_i8 },         { "u16", view_u16 },
        { "i16", view_i16 },       { "u32", view_u32 },
        { "i32", view_i32 },       { "u64", view_64 },
        { "i64", view_64 },        { "f32", view_f32 },
        { "f64", view_f64 },       { NULL, NULL },
    };
    static const luaL_Reg meta[] = {
        { "__gc", view_gc },
        { "__len", view_len },
        { "__tostring", view_tostring },
        { NULL, NULL },
    };
    bind_class_new(L, &(bind_class){ "View", methods, NULL, meta });
}

int luaopen_aot_data(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "open", data_open },
        { "open_beneath", data_open_beneath },
        { "from_string", data_from_string },
        { "write", data_write },
        { "put", data_put },
        { "matches", data_matches },
        { NULL, NULL },
    };
    bind_view_open(L);
    luaL_newlib(L, functions);
    return 1;
}
