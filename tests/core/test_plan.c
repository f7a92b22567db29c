/* test_plan.c - plans are legal, close to their bound, and wrong ones are found. */
#include "check.h"

#include "core/plan/plan.h"

static uint64_t seed = 1;

static size_t below(size_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % limit;
}

/* The problem of these buffers in one pool without an end. */
static aot_plan_problem in_one(const aot_plan_buffer *buffers, size_t count)
{
    static const aot_plan_pool pool = { SIZE_MAX, 1 };
    return (aot_plan_problem){ buffers, count, &pool, 1 };
}

/* Plans and verifies; returns the total, and the bound. */
static size_t solve(const aot_plan_buffer *buffers, size_t count, size_t *bound)
{
    aot_error err = { AOT_OK, "" };
    aot_arena *arena = aot_arena_new(0);
    aot_plan_problem problem = in_one(buffers, count);
    aot_plan plan = { 0 };
    size_t position;
    CHECK(aot_plan_assign(&problem, arena, &plan, &err));
    CHECK_TEXT(err.message, "");
    CHECK(aot_plan_verify(&problem, &plan, arena, &err));
    CHECK(aot_plan_bound(&problem, arena, bound, &position, &err));
    size_t total = plan.totals[0];
    CHECK(total >= *bound);
    aot_arena_free(arena);
    return total;
}

static void test_small(void)
{
    size_t bound;
    CHECK(solve(NULL, 0, &bound) == 0);
    const aot_plan_buffer chain[] = {
        { 100, 4, 0, 1 }, { 200, 4, 1, 2 }, { 50, 4, 2, 3 }, { 0, 4, 0, 3 }
    };
    CHECK(solve(chain, 4, &bound) == 300 && bound == 300);
    /* TVM's greedy planner let the last of these overlap the one before it */
    const aot_plan_buffer star[] = { { 48, 16, 2, 4 }, { 16, 16, 2, 4 }, { 16, 16, 1, 2 } };
    CHECK(solve(star, 3, &bound) == 80 && bound == 80);
    const aot_plan_buffer bridge[] = { { 10, 1, 0, 1 }, { 30, 1, 1, 2 }, { 10, 1, 2, 3 } };
    CHECK(solve(bridge, 3, &bound) == 40 && bound == 40);
}

static void test_random(void)
{
    double ratio = 0;
    enum { ROUNDS = 300 };
    for (int round = 0; round < ROUNDS; round++) {
        aot_plan_buffer buffers[40];
        size_t bound, count = 1 + below(40);
        for (size_t i = 0; i < count; i++) {
            size_t first = below(60);
            buffers[i] = (aot_plan_buffer){ below(5) == 0 ? 0 : 16 * below(64), 16, first,
                                            first + below(20) };
        }
        size_t total = solve(buffers, count, &bound);
        ratio += bound == 0 ? 1 : (double)total / (double)bound;
    }
    CHECK(ratio / ROUNDS < 1.01);
}

/* Fills buffers with random sizes, alignments and lives. */
static void draw_buffers(aot_plan_buffer *buffers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = below(30), align = (size_t)1 << below(7);
        buffers[i] = (aot_plan_buffer){ below(8) == 0 ? 0 : 1 + below(400), align, first,
                                        first + below(15) };
    }
}

/* Every planner by itself is legal in bounded pools, and the best is no worse than arrival. */
static void check_pools(const aot_plan_problem *problem)
{
    aot_error err = { AOT_OK, "" };
    aot_arena *arena = aot_arena_new(0);
    size_t last = problem->pool_count - 1, order[40];
    aot_plan plan, best;
    aot_placer *placer = NULL;
    CHECK(aot_plan_assign(problem, arena, &best, &err));
    CHECK(aot_plan_verify(problem, &best, arena, &err));
    CHECK(aot_plan_new(problem, arena, &plan, &err));
    CHECK(aot_plan_arrival(problem, arena, &plan, &err));
    CHECK(aot_plan_verify(problem, &plan, arena, &err));
    CHECK(best.totals[last] <= plan.totals[last]);
    CHECK(aot_placer_new(problem, arena, &placer, &err));
    for (size_t i = 0; i < problem->count; i++)
        order[i] = i;
    for (int tight = 0; tight < 2; tight++)
        for (int reversed = 0; reversed < 2; reversed++) {
            aot_placer_run(placer, order, tight != 0, &plan);
            CHECK(aot_plan_verify(problem, &plan, arena, &err));
            for (size_t i = 0; i < problem->count; i++)
                order[i] = problem->count - 1 - order[i];
        }
    CHECK_TEXT(err.message, "");
    aot_arena_free(arena);
}

static void test_pools(void)
{
    for (int round = 0; round < 20; round++) {
        aot_plan_buffer buffers[40];
        size_t count = 1 + below(30);
        aot_plan_pool pools[3] = { { below(1500), (size_t)1 << below(7) },
                                   { below(1500), (size_t)1 << below(7) },
                                   { SIZE_MAX, (size_t)1 << below(7) } };
        draw_buffers(buffers, count);
        check_pools(&(aot_plan_problem){ buffers, count, pools + below(3), 1 });
        check_pools(&(aot_plan_problem){ buffers, count, pools + 1, 2 });
        check_pools(&(aot_plan_problem){ buffers, count, pools, 3 });
    }
    aot_plan_buffer all[] = { { 48, 16, 1, 2 }, { 48, 16, 2, 3 } };
    aot_plan_pool two[] = { { 96, 1 }, { 10, 1 } };
    check_pools(&(aot_plan_problem){ all, 2, two, 2 });
}

/* A chain of 50 000 and a fan of 5000 buffers: near linear time, the fan without its pairs. */
static void test_large(void)
{
    static aot_plan_buffer buffers[50000];
    size_t bound;
    for (size_t i = 0; i < 50000; i++)
        buffers[i] = (aot_plan_buffer){ 64, 16, i, i + 1 };
    CHECK(solve(buffers, 50000, &bound) == 128);
    for (size_t i = 0; i < 5000; i++)
        buffers[i].last = 5000;
    CHECK(solve(buffers, 5000, &bound) == 5000 * 64);
}

/* The verifier's word on offsets a and b of two buffers of 32 bytes that are alive together, a
 * in the first pool, b in pool `home`; the first of the two pools has 64 bytes. */
static const char *refusal_in(size_t a, size_t home, size_t b, size_t total)
{
    static aot_error err;
    const aot_plan_buffer buffers[] = { { 32, 16, 0, 1 }, { 32, 16, 1, 2 }, { 0, 16, 0, 9 } };
    const aot_plan_pool pools[] = { { 64, 1 }, { SIZE_MAX, 64 } };
    size_t offsets[] = { a, b, 7 }, homes[] = { 0, home, 5 }, totals[] = { total, 160 };
    aot_arena *arena = aot_arena_new(0);
    aot_plan plan = { homes, offsets, totals };
    err.message[0] = '\0';
    bool legal =
        aot_plan_verify(&(aot_plan_problem){ buffers, 3, pools, 2 }, &plan, arena, &err);
    CHECK(legal == (err.message[0] == '\0'));
    aot_arena_free(arena);
    return err.message;
}

static const char *refusal(size_t a, size_t b, size_t total)
{
    return refusal_in(a, 0, b, total);
}

static void test_verifier(void)
{
    CHECK_TEXT(refusal(0, 32, 64), "");
    CHECK_TEXT(refusal(32, 0, 64), "");
    CHECK_TEXT(refusal(0, 16, 64), "buffer 0 at [0, 32) and buffer 1 at offset 16 are alive "
                                   "together and overlap");
    CHECK_TEXT(refusal(32, 32, 64), "buffer 1 at [32, 64) and buffer 0 at offset 32 are alive "
                                    "together and overlap");
    CHECK_TEXT(refusal(8, 48, 64), "buffer 0: offset 8 is no multiple of 16");
    CHECK_TEXT(refusal(0, 32, 63), "buffer 1: 32 bytes at offset 32 leave the pool of 63");
    CHECK_TEXT(refusal(0, SIZE_MAX - 15, 64),
               "buffer 1: 32 bytes at offset 18446744073709551600 leave the pool of 64");
    CHECK_TEXT(refusal_in(0, 1, 0, 32), "");
    CHECK_TEXT(refusal_in(0, 1, 32, 32), "buffer 1: offset 32 is no multiple of 64");
    CHECK_TEXT(refusal_in(0, 1, 192, 32),
               "buffer 1: 32 bytes at offset 192 leave the pool of 160");
    CHECK_TEXT(refusal_in(0, 2, 0, 32), "buffer 1: there is no pool 2");
    CHECK_TEXT(refusal_in(0, 0, 32, 65), "pool 0: 65 bytes are planned, it has 64");
}

static void test_refused(void)
{
    const aot_plan_buffer odd = { 4, 3, 0, 0 }, backward = { 4, 4, 2, 1 };
    const aot_plan_buffer huge[] = { { SIZE_MAX / 2, 1, 0, 1 }, { SIZE_MAX / 2, 1, 0, 1 } };
    aot_error err = { AOT_OK, "" };
    const aot_plan_pool odd_pool = { SIZE_MAX, 12 };
    aot_plan_problem problem = in_one(&odd, 1);
    CHECK(!aot_plan_check(&problem, &err));
    CHECK_TEXT(err.message, "buffer 0: alignment 3 is no power of two");
    problem = in_one(&backward, 1);
    CHECK(!aot_plan_check(&problem, &err));
    CHECK_TEXT(err.message, "buffer 0: its last position 1 is before its first, 2");
    problem = in_one(huge, 2);
    CHECK(!aot_plan_check(&problem, &err));
    CHECK(!aot_plan_check(&(aot_plan_problem){ NULL, 0, &odd_pool, 1 }, &err));
    CHECK_TEXT(err.message, "pool 0: alignment 12 is no power of two");
    CHECK(!aot_plan_check(&(aot_plan_problem){ NULL, 0, NULL, 0 }, &err));
    CHECK_TEXT(err.message, "there is no pool to put buffers into");
}

/* Makes the n-th allocation fail, for all n, until there are none left to fail. */
static void test_memory(void)
{
    const aot_plan_buffer bridge[] = {
        { 10, 1, 0, 1 }, { 30, 1, 1, 2 }, { 10, 1, 2, 3 }, { 20, 1, 0, 2 }, { 7, 1, 3, 3 }
    };
    const aot_plan_pool pools[] = { { 35, 1 }, { SIZE_MAX, 1 } };
    bool done = false;
    for (size_t n = 1; !done && n < 1000; n++) {
        aot_error err = { AOT_OK, "" };
        aot_arena *arena = aot_arena_new(0);
        aot_plan plan = { 0 };
        aot_alloc_fail_at(n, true);
        done = aot_plan_assign(&(aot_plan_problem){ bridge, 5, pools, 2 }, arena, &plan, &err);
        aot_alloc_fail_at(0, false);
        CHECK(done || err.kind == AOT_ERROR_MEMORY);
        aot_arena_free(arena);
    }
    CHECK(done);
}

int main(void)
{
    test_small();
    test_random();
    test_pools();
    test_large();
    test_verifier();
    test_refused();
    test_memory();
    return check_done();
}
