/* plan.c - the Lua module `aot.plan`: offsets of buffers in pools.
 *
 * Problems are given as { { size =, align =, first =, last = }, ... } and, in order of
 * preference, { { limit =, align = }, ... }: without a limit a pool has no end, without an
 * alignment any offset will do, without pools there is one such. */
#include "core/plan/plan.h"

#include "core/bind/bind.h"

/* A field of the table on top of the stack, bytes or a position; `absent` where it is nil. */
static size_t size_field(lua_State *L, const char *owner, lua_Integer index, const char *name,
                         const size_t *absent)
{
    if (lua_getfield(L, -1, name) == LUA_TNIL && absent != NULL) {
        lua_pop(L, 1);
        return *absent;
    }
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
        luaL_error(L, "%s %I: '%s' must be an integer from 0", owner, index, name);
    size_t value = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static void check_entry(lua_State *L, int arg, const char *owner, lua_Integer index)
{
    if (lua_rawgeti(L, arg, index) != LUA_TTABLE)
        luaL_error(L, "%s %I is no table", owner, index);
}

/* Reads the list of buffers at `arg` (pushes 1). */
static void check_buffers(lua_State *L, int arg, aot_plan_problem *out)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    out->count = lua_rawlen(L, arg);
    aot_plan_buffer *buffers = bind_room(L, out->count, sizeof *buffers);
    for (size_t i = 0; i < out->count; i++) {
        lua_Integer index = (lua_Integer)i + 1;
        check_entry(L, arg, "buffer", index);
        buffers[i].size = size_field(L, "buffer", index, "size", NULL);
        buffers[i].align = size_field(L, "buffer", index, "align", NULL);
        buffers[i].first = size_field(L, "buffer", index, "first", NULL);
        buffers[i].last = size_field(L, "buffer", index, "last", NULL);
        lua_pop(L, 1);
    }
    out->buffers = buffers;
}

/* Reads the buffers at 1 and the pools at 2 (pushes 2). */
static aot_plan_problem check_problem(lua_State *L)
{
    static const size_t endless = SIZE_MAX, loose = 1;
    static const aot_plan_pool one = { SIZE_MAX, 1 };
    aot_plan_problem problem = { .pools = &one, .pool_count = 1 };
    lua_settop(L, 5);
    check_buffers(L, 1, &problem);
    if (lua_isnil(L, 2))
        return problem;
    luaL_checktype(L, 2, LUA_TTABLE);
    problem.pool_count = lua_rawlen(L, 2);
    aot_plan_pool *pools = bind_room(L, problem.pool_count, sizeof *pools);
    for (size_t i = 0; i < problem.pool_count; i++) {
        lua_Integer index = (lua_Integer)i + 1;
        check_entry(L, 2, "pool", index);
        pools[i].limit = size_field(L, "pool", index, "limit", &endless);
        pools[i].align = size_field(L, "pool", index, "align", &loose);
        lua_pop(L, 1);
    }
    problem.pools = pools;
    return problem;
}

/* Pushes a list of sizes, or of places counted from 1 (`base` 1). */
static void push_sizes(lua_State *L, const size_t *sizes, size_t count, size_t base)
{
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)sizes[i] + (lua_Integer)base);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int push_plan(lua_State *L, const aot_plan_problem *problem, const aot_plan *plan)
{
    push_sizes(L, plan->offsets, problem->count, 0);
    push_sizes(L, plan->homes, problem->count, 1);
    push_sizes(L, plan->totals, problem->pool_count, 0);
    return 3;
}

/* plan.assign({ buffers }, { pools }?) -> { offsets }, { pools' indices }, { pools' bytes }: the
 * best legal plan that was found. Only the last pool may be planned beyond its limit. */
static int plan_assign(lua_State *L)
{
    aot_error err = { 0 };
    aot_plan plan = { 0 };
    aot_plan_problem problem = check_problem(L);
    bind_check(L, aot_plan_assign(&problem, bind_scratch(L), &plan, &err), &err);
    return push_plan(L, &problem, &plan);
}

/* plan.arrival({ buffers }, { pools }?): a plan as malloc and free would make it. */
static int plan_arrival(lua_State *L)
{
    aot_error err = { 0 };
    aot_plan plan = { 0 };
    aot_plan_problem problem = check_problem(L);
    aot_arena *arena = bind_scratch(L);
    bind_check(L,
               aot_plan_new(&problem, arena, &plan, &err) &&
                   aot_plan_arrival(&problem, arena, &plan, &err),
               &err);
    return push_plan(L, &problem, &plan);
}

/* Reads a list of sizes at `arg`, one per buffer or pool (pushes 1). */
static size_t *check_sizes(lua_State *L, int arg, size_t count, const char *owner,
                           const char *what, lua_Integer least)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    size_t *sizes = bind_room(L, count, sizeof *sizes);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < least)
            luaL_error(L, "%s %I has no %s", owner, (lua_Integer)i + 1, what);
        sizes[i] = (size_t)(lua_tointeger(L, -1) - least);
        lua_pop(L, 1);
    }
    return sizes;
}

/* Reads the list at `arg` that names each buffer once (pushes 2). */
static size_t *check_order(lua_State *L, int arg, size_t count)
{
    size_t *order = check_sizes(L, arg, count, "place", "buffer in the order", 1);
    bool *seen = bind_room(L, count, sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        if (order[i] >= count || seen[order[i]])
            luaL_error(L, "the order must name each of %I buffers once", (lua_Integer)count);
        seen[order[i]] = true;
    }
    return order;
}

/* plan.place({ buffers }, { pools }?, { order }, tight?): puts the buffers one after the other,
 * by their indices in `order`, at the lowest offset, or into the tightest gap, of the first pool
 * that has room. */
static int plan_place(lua_State *L)
{
    aot_error err = { 0 };
    aot_plan plan = { 0 };
    aot_placer *placer = NULL;
    aot_plan_problem problem = check_problem(L);
    const size_t *order = check_order(L, 3, problem.count);
    aot_arena *arena = bind_scratch(L);
    bind_check(L,
               aot_plan_check(&problem, &err) && aot_plan_new(&problem, arena, &plan, &err) &&
                   aot_placer_new(&problem, arena, &placer, &err),
               &err);
    aot_placer_run(placer, order, lua_toboolean(L, 4) != 0, &plan);
    return push_plan(L, &problem, &plan);
}

/* plan.bound({ buffers }) -> bytes, position: the most that is alive at once, and first where. */
static int plan_bound(lua_State *L)
{
    aot_error err = { 0 };
    size_t bytes = 0, position = 0;
    lua_settop(L, 1);
    aot_plan_problem problem = check_problem(L);
    bind_check(L, aot_plan_bound(&problem, bind_scratch(L), &bytes, &position, &err), &err);
    lua_pushinteger(L, (lua_Integer)bytes);
    lua_pushinteger(L, (lua_Integer)position);
    return 2;
}

/* plan.verify({ buffers }, { pools } or nil, { offsets }, { pools' indices }, { pools' bytes }):
 * raises unless the plan is legal. */
static int plan_verify(lua_State *L)
{
    aot_error err = { 0 };
    aot_plan_problem problem = check_problem(L);
    aot_plan plan = {
        .offsets = check_sizes(L, 3, problem.count, "buffer", "offset", 0),
        .homes = check_sizes(L, 4, problem.count, "buffer", "pool", 1),
        .totals = check_sizes(L, 5, problem.pool_count, "pool", "size", 0),
    };
    bind_check(L, aot_plan_verify(&problem, &plan, bind_scratch(L), &err), &err);
    return 0;
}

int luaopen_aot_plan(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "assign", plan_assign }, { "arrival", plan_arrival }, { "place", plan_place },
        { "bound", plan_bound },   { "verify", plan_verify },   { NULL, NULL },
    };
    luaL_newlib(L, functions);
    return 1;
}
