/* tensor.c - Tensors: typed, immutable views of constant data. */
#include "core/bind/bind.h"

#include <math.h>
#include <string.h>

bind_tensor *bind_push_tensor(lua_State *L, bind_module *owner)
{
    luaL_checkstack(L, 4, NULL);
    bind_tensor *tensor = lua_newuserdatauv(L, sizeof *tensor, 1);
    *tensor = (bind_tensor){ .owner = owner };
    luaL_setmetatable(L, "Tensor");
    if (owner != NULL) {
        bind_push_owner(L, owner);
        lua_setiuservalue(L, -2, 1);
    }
    return tensor;
}

bind_tensor *bind_check_tensor(lua_State *L, int index)
{
    bind_tensor *tensor = luaL_checkudata(L, index, "Tensor");
    if (tensor->tensor.block == NULL)
        luaL_error(L, "this Tensor holds no data");
    return tensor;
}

bind_module *bind_tensor_owner(const bind_tensor *tensor)
{
    return tensor->tensor.type.quant.scales != 0 ? tensor->owner : NULL;
}

aot_tensor *bind_check_tensors(lua_State *L, int index, const char *what, size_t *count)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        luaL_error(L, "%s: %s is no list of Tensors", what, luaL_tolstring(L, index, NULL));
    *count = lua_rawlen(L, index);
    aot_tensor *tensors = bind_room(L, *count, sizeof *tensors);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        if (luaL_testudata(L, -1, "Tensor") == NULL)
            luaL_error(L, "%s: entry %d is %s, not a Tensor", what, (int)i + 1,
                       luaL_tolstring(L, -1, NULL));
        tensors[i] = bind_check_tensor(L, -1)->tensor;
        lua_pop(L, 1);
    }
    return tensors;
}

void bind_tensor_make(lua_State *L, bind_tensor *tensor, const aot_type *type)
{
    aot_error err = { 0 };
    size_t bytes = 0;
    bind_check(L, aot_type_bytes(type, &bytes, &err), &err);
    bind_charge(L, bytes);
    bind_check(L, aot_tensor_new(type, &tensor->tensor, &err), &err);
}

static int tensor_gc(lua_State *L)
{
    bind_tensor *tensor = luaL_checkudata(L, 1, "Tensor");
    aot_block_release(tensor->tensor.block);
    tensor->tensor.block = NULL;
    return 0;
}

/* --- ir.tensor --- */

/* Stores the number at the top of the stack; raises if the element type cannot hold it. */
static void store(lua_State *L, aot_tensor *tensor, size_t i)
{
    aot_dtype dtype = tensor->type.dtype;
    if (lua_isboolean(L, -1)) {
        lua_pushinteger(L, lua_toboolean(L, -1));
        lua_replace(L, -2);
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_error(L, "element %I is %s, not a number", (LUAI_UACINT)i + 1,
                   luaL_tolstring(L, -1, NULL));
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT) {
        aot_store_f64(tensor, i, lua_tonumber(L, -1));
        return;
    }
    int whole;
    lua_Integer value = lua_tointegerx(L, -1, &whole);
    bool fits = whole != 0;
    if (dtype != AOT_U64)
        fits = fits && value >= aot_dtype_min(dtype) &&
               (value < 0 || (uint64_t)value <= aot_dtype_max(dtype));
    if (!fits)
        luaL_error(L, "element %I: %s does not fit %s", (LUAI_UACINT)i + 1,
                   luaL_tolstring(L, -1, NULL), aot_dtype_name(dtype));
    if (dtype == AOT_U64)
        aot_store_u64(tensor, i, (uint64_t)value);
    else
        aot_store_i64(tensor, i, value);
}

static void fill_from_list(lua_State *L, aot_tensor *tensor)
{
    size_t count = aot_tensor_count(tensor);
    if (lua_rawlen(L, 2) != count)
        luaL_error(L, "the list has %I numbers, the type needs %I",
                   (LUAI_UACINT)lua_rawlen(L, 2), (LUAI_UACINT)count);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        store(L, tensor, i);
        lua_pop(L, 1);
    }
}

static void fill_with_one(lua_State *L, aot_tensor *tensor)
{
    size_t count = aot_tensor_count(tensor);
    lua_pushvalue(L, 2);
    for (size_t i = 0; i < count; i++)
        store(L, tensor, i);
    lua_pop(L, 1);
}

int bind_tensor_new(lua_State *L)
{
    aot_error err = { 0 };
    aot_type type;
    bind_module *owner;
    bind_check_type(L, 1, NULL, false, &owner, &type);
    bind_tensor *tensor = bind_push_tensor(L, owner);
    if (luaL_testudata(L, 2, "View") != NULL) {
        const bind_view *view = bind_check_view(L, 2);
        if (view->block == NULL)
            luaL_error(L, "this View holds no data");
        bind_check(L,
                   aot_tensor_view(view->block, view->offset, view->length, &type,
                                   &tensor->tensor, &err),
                   &err);
        return 1;
    }
    bool list = lua_type(L, 2) == LUA_TTABLE;
    if (!list && lua_type(L, 2) != LUA_TNUMBER && !lua_isboolean(L, 2))
        luaL_error(L, "a tensor is made from a View, a list of numbers or a number, not %s",
                   luaL_tolstring(L, 2, NULL));
    bind_tensor_make(L, tensor, &type);
    if (list)
        fill_from_list(L, &tensor->tensor);
    else
        fill_with_one(L, &tensor->tensor);
    return 1;
}

/* --- reading --- */

static void push_element(lua_State *L, const aot_tensor *tensor, size_t i)
{
    aot_dtype dtype = tensor->type.dtype;
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT)
        lua_pushnumber(L, aot_load_f64(tensor, i));
    else if (dtype == AOT_U64)
        lua_pushinteger(L, (lua_Integer)aot_load_u64(tensor, i));
    else
        lua_pushinteger(L, aot_load_i64(tensor, i));
}

static int tensor_get(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    int64_t count = (int64_t)aot_tensor_count(&tensor->tensor);
    int64_t i = bind_check_range(L, 2, "the element's number", 1, count);
    push_element(L, &tensor->tensor, (size_t)i - 1);
    return 1;
}

static int tensor_list(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    size_t count = aot_tensor_count(&tensor->tensor);
    if (count > INT32_MAX)
        luaL_error(L, "%I elements are too many for a list", (LUAI_UACINT)count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_element(L, &tensor->tensor, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static size_t byte_count(lua_State *L, const bind_tensor *tensor)
{
    aot_error err = { 0 };
    size_t bytes;
    bind_check(L, aot_type_bytes(&tensor->tensor.type, &bytes, &err), &err);
    return bytes;
}

static int tensor_view(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    bind_push_view(L, tensor->tensor.block, tensor->tensor.offset, byte_count(L, tensor));
    return 1;
}

static int tensor_equal(lua_State *L)
{
    const bind_tensor *a = bind_check_tensor(L, 1);
    const bind_tensor *b = bind_check_tensor(L, 2);
    bool same = bind_tensor_owner(a) == bind_tensor_owner(b) &&
                aot_type_equal(&a->tensor.type, &b->tensor.type);
    if (same) {
        size_t bytes = byte_count(L, a);
        same = bytes == 0 ||
               memcmp(aot_tensor_bytes(&a->tensor), aot_tensor_bytes(&b->tensor), bytes) == 0;
    }
    lua_pushboolean(L, same);
    return 1;
}

/* --- views and copies --- */

/* Pushes the same bytes as another type of the same size. */
static int push_as(lua_State *L, const bind_tensor *tensor, bind_module *owner,
                   const aot_type *type)
{
    aot_error err = { 0 };
    bind_tensor *out = bind_push_tensor(L, owner);
    bind_check(L,
               aot_tensor_view(tensor->tensor.block, tensor->tensor.offset,
                               byte_count(L, tensor), type, &out->tensor, &err),
               &err);
    return 1;
}

static int tensor_reshape(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    aot_type type = tensor->tensor.type;
    if (type.quant.present && type.quant.axis >= 0)
        luaL_error(L, "a tensor quantized per axis needs a whole type: use with_type");
    type.rank = bind_check_dims(L, 2, "shape", 0, INT32_MAX, type.dims);
    return push_as(L, tensor, tensor->owner, &type);
}

static int tensor_with_type(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    aot_type type;
    bind_module *owner;
    bind_check_type(L, 2, NULL, false, &owner, &type);
    return push_as(L, tensor, owner, &type);
}

static int tensor_transpose(lua_State *L)
{
    aot_error err = { 0 };
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    int32_t perm[AOT_MAX_RANK], rank = tensor->tensor.type.rank;
    bool seen[AOT_MAX_RANK] = { false };
    if (bind_check_dims(L, 2, "perm", 0, rank - 1, perm) != rank)
        luaL_error(L, "perm needs one entry for each of the %d axes", (int)rank);
    for (int32_t k = 0; k < rank; k++) {
        if (seen[perm[k]])
            luaL_error(L, "perm names axis %d twice", (int)perm[k]);
        seen[perm[k]] = true;
    }
    bind_tensor *out = bind_push_tensor(L, tensor->owner);
    bind_charge(L, byte_count(L, tensor));
    bind_check(L, aot_tensor_transpose(&tensor->tensor, perm, &out->tensor, &err), &err);
    return 1;
}

/* Rows that do not begin on a byte (4-bit types) are copied, all others viewed. */
static int tensor_rows(lua_State *L)
{
    aot_error err = { 0 };
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    const aot_tensor *from = &tensor->tensor;
    aot_type type = from->type;
    if (type.rank == 0)
        luaL_error(L, "a scalar has no rows");
    if (type.quant.present && type.quant.axis == 0)
        luaL_error(L, "a tensor quantized along its rows cannot be cut into rows");
    int64_t first = bind_check_range(L, 2, "the first row", 1, (int64_t)type.dims[0] + 1);
    int64_t count = bind_check_range(L, 3, "the number of rows", 0, type.dims[0] - first + 1);
    size_t row = type.dims[0] == 0 ? 0 : aot_tensor_count(from) / (size_t)type.dims[0];
    size_t start = row * (size_t)(first - 1), elements = row * (size_t)count;
    type.dims[0] = (int32_t)count;
    size_t bits = aot_dtype_bits(type.dtype), bytes;
    bind_check(L, aot_type_bytes(&type, &bytes, &err), &err);
    bind_tensor *out = bind_push_tensor(L, tensor->owner);
    if (bits >= 8 || start % 2 == 0) {
        size_t offset = from->offset + (bits >= 8 ? start * (bits / 8) : start / 2);
        bind_check(L, aot_tensor_view(from->block, offset, bytes, &type, &out->tensor, &err),
                   &err);
        return 1;
    }
    bind_tensor_make(L, out, &type);
    for (size_t i = 0; i < elements; i++)
        aot_copy_element(&out->tensor, i, from, start + i);
    return 1;
}

/* --- the class --- */

static int tensor_type(lua_State *L)
{
    const bind_tensor *tensor = bind_check_tensor(L, 1);
    bind_push_type(L, tensor->owner, &tensor->tensor.type);
    return 1;
}

static int tensor_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)aot_tensor_count(&bind_check_tensor(L, 1)->tensor));
    return 1;
}

static int tensor_tostring(lua_State *L)
{
    char type[256];
    const bind_tensor *tensor = luaL_checkudata(L, 1, "Tensor");
    lua_pushfstring(L, "Tensor %s", aot_type_show(&tensor->tensor.type, type, sizeof type));
    return 1;
}

void bind_tensor_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "get", tensor_get },
        { "list", tensor_list },
        { "view", tensor_view },
        { "equal", tensor_equal },
        { "compare", bind_tensor_compare },
        { "reshape", tensor_reshape },
        { "with_type", tensor_with_type },
        { "transpose", tensor_transpose },
        { "rows", tensor_rows },
        { NULL, NULL },
    };
    static const luaL_Reg fields[] = { { "type", tensor_type }, { NULL, NULL } };
    static const luaL_Reg meta[] = {
        { "__gc", tensor_gc },
        { "__len", tensor_len },
        { "__tostring", tensor_tostring },
        { NULL, NULL },
    };
    bind_class_new(L, &(bind_class){ "Tensor", methods, fields, meta });
}
