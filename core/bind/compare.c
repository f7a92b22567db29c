/* compare.c - t:compare: how far two tensors are apart.
 *
 * Element a of the tensor is right beside b of the reference if |a - b| <= atol + rtol * |b|;
 * NaN is right beside NaN, an infinity beside the same infinity, whatever the tolerances.
 * Integers are compared exactly, in 64 bits. A distance to or from a NaN, or between different
 * infinities, is infinite. ULPs are steps of the element type; -0 and 0 are 0 apart. The worst
 * element is the farthest of those that are not right; of all, where all are. */
#include "core/bind/bind.h"

#include <math.h>
#include <string.h>

typedef struct difference {
    double worst_abs, worst_ulp;
    double worst;            /* how far the worst element is */
    size_t worst_index, bad; /* worst_index: from 1; 0: no difference */
} difference;

/* Where element i, a float, stands among the numbers of its type, the smallest first. */
static uint64_t rank_of(const aot_tensor *tensor, size_t i)
{
    const size_t size = aot_dtype_bits(tensor->type.dtype) / 8;
    const uint64_t sign = UINT64_C(1) << (8 * size - 1);
    uint64_t bits = 0;
    memcpy(&bits, aot_tensor_bytes(tensor) + i * size, size);
    return bits & sign ? sign - (bits - sign) : sign + bits;
}

static double steps_between(const aot_tensor *a, const aot_tensor *b, size_t i)
{
    uint64_t x = rank_of(a, i), y = rank_of(b, i);
    return (double)(x > y ? x - y : y - x);
}

static void note(difference *out, size_t i, double distance, double steps, bool bad)
{
    bool first_bad = bad && out->bad == 0;
    out->bad += bad;
    if (first_bad || (bad == (out->bad > 0) && distance > out->worst)) {
        out->worst = distance;
        out->worst_index = i + 1;
    }
    if (distance > out->worst_abs)
        out->worst_abs = distance;
    if (steps > out->worst_ulp)
        out->worst_ulp = steps;
}

static void compare_floats(const aot_tensor *a, const aot_tensor *b, double rtol, double atol,
                           difference *out)
{
    size_t count = aot_tensor_count(a);
    for (size_t i = 0; i < count; i++) {
        double x = aot_load_f64(a, i), y = aot_load_f64(b, i);
        if (x == y || (isnan(x) && isnan(y)))
            continue;
        bool finite = isfinite(x) && isfinite(y);
        double distance = finite ? fabs(x - y) : INFINITY;
        note(out, i, distance, finite ? steps_between(a, b, i) : INFINITY,
             !finite || distance > atol + rtol * fabs(y));
    }
}

static void compare_integers(const aot_tensor *a, const aot_tensor *b, double rtol, double atol,
                             difference *out)
{
    size_t count = aot_tensor_count(a);
    bool is_unsigned = a->type.dtype == AOT_U64;
    for (size_t i = 0; i < count; i++) {
        uint64_t x = aot_load_u64(a, i), y = aot_load_u64(b, i);
        if (!is_unsigned) {
            x = (uint64_t)aot_load_i64(a, i) ^ (UINT64_C(1) << 63);
            y = (uint64_t)aot_load_i64(b, i) ^ (UINT64_C(1) << 63);
        }
        if (x == y)
            continue;
        double distance = (double)(x > y ? x - y : y - x);
        double size = fabs(is_unsigned ? (double)y : (double)aot_load_i64(b, i));
        note(out, i, distance, distance, distance > atol + rtol * size);
    }
}

static double tolerance(lua_State *L, const char *name)
{
    if (lua_isnoneornil(L, 3))
        return 0;
    double value = 0;
    if (lua_getfield(L, 3, name) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TNUMBER || !(lua_tonumber(L, -1) >= 0))
            luaL_error(L, "%s is %s, not a number from 0 on", name,
                       luaL_tolstring(L, -1, NULL));
        value = lua_tonumber(L, -1);
    }
    lua_pop(L, 1);
    return value;
}

int bind_tensor_compare(lua_State *L)
{
    static const char *const known[] = { "rtol", "atol", NULL };
    const aot_tensor *a = &bind_check_tensor(L, 1)->tensor;
    const aot_tensor *b = &bind_check_tensor(L, 2)->tensor;
    if (!lua_isnoneornil(L, 3))
        bind_check_fields(L, 3, "compare", known);
    if (!aot_type_same_data(&a->type, &b->type)) {
        char left[256], right[256];
        luaL_error(L, "%s cannot be compared with %s",
                   aot_type_show(&a->type, left, sizeof left),
                   aot_type_show(&b->type, right, sizeof right));
    }
    difference found = { 0 };
    double rtol = tolerance(L, "rtol"), atol = tolerance(L, "atol");
    if (aot_dtype_class(a->type.dtype) == AOT_CLASS_FLOAT)
        compare_floats(a, b, rtol, atol, &found);
    else
        compare_integers(a, b, rtol, atol, &found);
    lua_createtable(L, 0, 5);
    lua_pushboolean(L, found.bad == 0);
    lua_setfield(L, -2, "equal");
    lua_pushnumber(L, found.worst_abs);
    lua_setfield(L, -2, "worst_abs");
    lua_pushnumber(L, found.worst_ulp);
    lua_setfield(L, -2, "worst_ulp");
    lua_pushinteger(L, (lua_Integer)found.worst_index);
    lua_setfield(L, -2, "worst_index");
    lua_pushinteger(L, (lua_Integer)found.bad);
    lua_setfield(L, -2, "count_bad");
    return 1;
}
