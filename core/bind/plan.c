/* plan.c - the Lua module `aot.plan`: offsets of buffers in one pool. */
#include "core/plan/plan.h"

#include "core/bind/bind.h"

/* A field of the table on top of the stack: bytes or a position. */
static size_t size_field(lua_State *L, lua_Integer index, const char *name)
{
    lua_getfield(L, -1, name);
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
        luaL_error(L, "buffer %I: '%s' must be an integer from 0", index, name);
    size_t value = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* The list of { size =, align =, first =, last = } at `arg` (pushes 1). */
static aot_plan_problem check_problem(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    size_t count = lua_rawlen(L, arg);
    aot_plan_buffer *buffers = bind_room(L, count, sizeof *buffers);
    for (size_t i = 0; i < count; i++) {
        lua_Integer index = (lua_Integer)i + 1;
        if (lua_rawgeti(L, arg, index) != LUA_TTABLE)
            luaL_error(L, "buffer %I is no table", index);
        buffers[i].size = size_field(L, index, "size");
        buffers[i].align = size_field(L, index, "align");
        buffers[i].first = size_field(L, index, "first");
        buffers[i].last = size_field(L, index, "last");
        lua_pop(L, 1);
    }
    return (aot_plan_problem){ buffers, count };
}

/* plan.assign({ buffers }) -> { offsets }, total bytes: the best legal plan that was found. */
static int plan_assign(lua_State *L)
{
    aot_error err = { 0 };
    aot_plan plan = { 0 };
    aot_plan_problem problem = check_problem(L, 1);
    aot_arena *arena = bind_scratch(L);
    bind_check(L, aot_plan_assign(&problem, arena, &plan, &err), &err);
    lua_newtable(L);
    for (size_t i = 0; i < problem.count; i++) {
        lua_pushinteger(L, (lua_Integer)plan.offsets[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)plan.total);
    return 2;
}

/* plan.bound({ buffers }) -> bytes, position: the most that is alive at once, and first where. */
static int plan_bound(lua_State *L)
{
    aot_error err = { 0 };
    size_t bytes = 0, position = 0;
    aot_plan_problem problem = check_problem(L, 1);
    aot_arena *arena = bind_scratch(L);
    bind_check(L, aot_plan_bound(&problem, arena, &bytes, &position, &err), &err);
    lua_pushinteger(L, (lua_Integer)bytes);
    lua_pushinteger(L, (lua_Integer)position);
    return 2;
}

/* plan.verify({ buffers }, { offsets }, total): raises unless the plan is legal. */
static int plan_verify(lua_State *L)
{
    aot_error err = { 0 };
    luaL_checktype(L, 2, LUA_TTABLE);
    aot_plan plan = { .total =
                          (size_t)bind_check_range(L, 3, "the pool's size", 0, INT64_MAX) };
    aot_plan_problem problem = check_problem(L, 1);
    plan.offsets = bind_room(L, problem.count, sizeof *plan.offsets);
    for (size_t i = 0; i < problem.count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
            luaL_error(L, "buffer %I has no offset", (lua_Integer)i + 1);
        plan.offsets[i] = (size_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    bind_check(L, aot_plan_verify(&problem, &plan, bind_scratch(L), &err), &err);
    return 0;
}

int luaopen_aot_plan(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "assign", plan_assign },
        { "bound", plan_bound },
        { "verify", plan_verify },
        { NULL, NULL },
    };
    luaL_newlib(L, functions);
    return 1;
}
