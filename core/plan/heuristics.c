/* heuristics.c - the best of several plans: orders, ways to fit, and a bounded local search. */
#include "core/plan/plan.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_PAIRS = 2000000,    /* beyond that only the planner for very large problems runs */
    SEARCH_PAIRS = 4000000, /* the search's effort: rounds times pairs */
    SEARCH_ROUNDS = 2000,   /* in one pool */
    SPREAD_ROUNDS = 10000,  /* in several, where there is more to find */
    PATIENCE = 200,         /* rounds without a gain before a walk starts anew */
};

typedef struct search {
    const aot_plan_problem *problem;
    aot_arena *arena;
    const aot_placer *placer;
    size_t bound;               /* of all pools together */
    aot_plan best, trial, here; /* `here`: where a walk over several pools stands */
    size_t *order, *best_order, *here_order;
    bool best_tight;
} search;

static int compare_sizes(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

/* The bytes of all buffers that live in the first pool. */
static size_t preferred_bytes(const aot_plan_problem *problem, const aot_plan *plan)
{
    size_t sum = 0;
    for (size_t i = 0; i < problem->count; i++)
        if (plan->homes[i] == 0)
            sum += problem->buffers[i].size;
    return sum;
}

/* Below 0 if the later pools of `a` are smaller, the last one counting most; a pool that is
 * alone is the last one. */
static int compare_later(const aot_plan_problem *problem, const aot_plan *a, const aot_plan *b)
{
    size_t first = problem->pool_count > 1 ? 1 : 0;
    for (size_t i = problem->pool_count; i-- > first;)
        if (a->totals[i] != b->totals[i])
            return compare_sizes(a->totals[i], b->totals[i]);
    return 0;
}

/* Below 0 if `a` is the better plan: its later pools are smaller; then more of the buffers live
 * in the first one; then that is smaller. */
static int compare_plans(const aot_plan_problem *problem, const aot_plan *a, const aot_plan *b)
{
    int order = compare_later(problem, a, b);
    if (order == 0 && problem->pool_count > 1)
        order = compare_sizes(preferred_bytes(problem, b), preferred_bytes(problem, a));
    return order != 0 ? order : compare_sizes(a->totals[0], b->totals[0]);
}

static void copy_plan(const aot_plan_problem *problem, aot_plan *to, const aot_plan *from)
{
    size_t bytes = problem->count * sizeof(size_t);
    if (bytes > 0) {
        memcpy(to->homes, from->homes, bytes);
        memcpy(to->offsets, from->offsets, bytes);
    }
    memcpy(to->totals, from->totals, problem->pool_count * sizeof(size_t));
}

/* Keeps the trial unless it is worse than the best: among equals the search moves on. */
static void keep_if_better(search *state, bool tight)
{
    if (compare_plans(state->problem, &state->trial, &state->best) > 0)
        return;
    copy_plan(state->problem, &state->best, &state->trial);
    memcpy(state->best_order, state->order, state->problem->count * sizeof(size_t));
    state->best_tight = tight;
}

/* Tells whether the best plan cannot be improved: it needs one pool, and that is at the bound. */
static bool is_perfect(const search *state)
{
    for (size_t i = 1; i < state->problem->pool_count; i++)
        if (state->best.totals[i] > 0)
            return false;
    return state->best.totals[0] <= state->bound;
}

/* What an order goes by, largest key first, then the larger size, then the earlier buffer. */
typedef struct rank {
    uint64_t key;
    size_t size, index;
} rank;

static int compare_ranks(const void *left, const void *right)
{
    const rank *a = left, *b = right;
    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

typedef uint64_t (*rank_key)(const search *state, size_t index);

static uint64_t by_size(const search *state, size_t index)
{
    return state->problem->buffers[index].size;
}

static uint64_t by_lifetime(const search *state, size_t index)
{
    return state->problem->buffers[index].last - state->problem->buffers[index].first;
}

/* Size times lifetime, saturated. */
static uint64_t by_area(const search *state, size_t index)
{
    uint64_t length = by_lifetime(state, index), size = by_size(state, index);
    if (length == UINT64_MAX || size > UINT64_MAX / (length + 1))
        return UINT64_MAX;
    return size * (length + 1);
}

static uint64_t by_arrival(const search *state, size_t index)
{
    return UINT64_MAX - state->problem->buffers[index].first;
}

/* The smallest first: the more of them a small pool takes. */
static uint64_t by_smallness(const search *state, size_t index)
{
    return UINT64_MAX - state->problem->buffers[index].size;
}

static uint64_t by_conflicts(const search *state, size_t index)
{
    return aot_placer_degree(state->placer, index);
}

static bool try_orders(search *state, aot_placer *placer, aot_error *err)
{
    static const rank_key keys[] = { by_size,    by_area,      by_lifetime,
                                     by_arrival, by_smallness, by_conflicts };
    size_t count = state->problem->count;
    /* the last two orders are for filling pools: in one pool they find nothing more */
    size_t key_count = sizeof keys / sizeof *keys - (state->problem->pool_count > 1 ? 0 : 2);
    rank *ranks = aot_arena_array(state->arena, count, sizeof *ranks, err);
    if (ranks == NULL)
        return false;
    for (size_t k = 0; k < key_count; k++) {
        for (size_t i = 0; i < count; i++)
            ranks[i] = (rank){ keys[k](state, i), state->problem->buffers[i].size, i };
        if (count > 0)
            qsort(ranks, count, sizeof *ranks, compare_ranks);
        for (size_t i = 0; i < count; i++)
            state->order[i] = ranks[i].index;
        for (int tight = 0; tight < 2; tight++) {
            aot_placer_run(placer, state->order, tight != 0, &state->trial);
            keep_if_better(state, tight != 0);
        }
    }
    return true;
}

/* xorshift64*: a fixed sequence, the same on every machine. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* The place in the order of a buffer that ends where the last pool in use does. */
static size_t find_top(const aot_plan_problem *problem, const aot_plan *plan,
                       const size_t *order)
{
    size_t pool = problem->pool_count - 1;
    while (pool > 0 && plan->totals[pool] == 0)
        pool--;
    for (size_t i = 0; i < problem->count; i++) {
        size_t index = order[i], size = problem->buffers[index].size;
        if (size > 0 && plan->homes[index] == pool &&
            plan->offsets[index] + size == plan->totals[pool])
            return i;
    }
    return 0;
}

/* Moves order[from] to the earlier place `to`. */
static void promote(size_t *order, size_t from, size_t to)
{
    size_t index = order[from];
    memmove(&order[to + 1], &order[to], (from - to) * sizeof *order);
    order[to] = index;
}

static uint64_t count_rounds(const search *state, uint64_t pairs, uint64_t most)
{
    uint64_t rounds = SEARCH_PAIRS / (pairs + state->problem->count);
    return rounds < most ? rounds : most;
}

/* One pool: promotes buffers from its top, with a second random move to leave dead ends. */
static void climb(search *state, aot_placer *placer, uint64_t pairs)
{
    size_t count = state->problem->count;
    if (count < 2)
        return;
    uint64_t rounds = count_rounds(state, pairs, SEARCH_ROUNDS);
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);
    for (uint64_t round = 0; round < rounds && !is_perfect(state); round++) {
        memcpy(state->order, state->best_order, count * sizeof *state->order);
        size_t top = find_top(state->problem, &state->best, state->order);
        if (top > 0)
            promote(state->order, top, (size_t)(next_random(&seed) % top));
        if (round % 2 == 1) {
            size_t from = (size_t)(next_random(&seed) % count);
            promote(state->order, from, (size_t)(next_random(&seed) % (from + 1)));
        }
        aot_placer_run(placer, state->order, state->best_tight, &state->trial);
        keep_if_better(state, state->best_tight);
    }
}

/* Swaps `swaps` random pairs of the order. */
static void shuffle(size_t *order, size_t count, uint64_t swaps, uint64_t *seed)
{
    for (uint64_t i = 0; i < swaps; i++) {
        size_t a = (size_t)(next_random(seed) % count), b = (size_t)(next_random(seed) % count);
        size_t index = order[a];
        order[a] = order[b];
        order[b] = index;
    }
}

/* Makes a neighbor of the order where the walk stands: the top of the last pool promoted, or
 * buffers swapped, or both. */
static void step(search *state, uint64_t *seed)
{
    size_t count = state->problem->count;
    uint64_t kind = next_random(seed) % 8;
    memcpy(state->order, state->here_order, count * sizeof *state->order);
    if (kind < 3) {
        size_t top = find_top(state->problem, &state->here, state->order);
        if (top > 0)
            promote(state->order, top, (size_t)(next_random(seed) % top));
    }
    if (kind >= 2)
        shuffle(state->order, count, 1 + next_random(seed) % 2, seed);
}

/* Several pools, or one that is too small: walks among orders whose later pools are no larger,
 * whatever else they are, and starts anew near the best where that leads nowhere. */
static void spread(search *state, aot_placer *placer, uint64_t pairs)
{
    size_t count = state->problem->count;
    uint64_t rounds = count < 2 ? 0 : count_rounds(state, pairs, SPREAD_ROUNDS), stalled = 0;
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);
    bool tight = state->best_tight;
    copy_plan(state->problem, &state->here, &state->best);
    memcpy(state->here_order, state->best_order, count * sizeof *state->order);
    for (uint64_t round = 0; round < rounds && !is_perfect(state); round++) {
        step(state, &seed);
        bool trial_tight = next_random(&seed) % 16 == 0 ? !tight : tight;
        aot_placer_run(placer, state->order, trial_tight, &state->trial);
        keep_if_better(state, trial_tight);
        int change = compare_later(state->problem, &state->trial, &state->here);
        if (change <= 0) {
            copy_plan(state->problem, &state->here, &state->trial);
            memcpy(state->here_order, state->order, count * sizeof *state->order);
            tight = trial_tight;
        }
        stalled = change < 0 ? 0 : stalled + 1;
        if (stalled > PATIENCE) {
            memcpy(state->here_order, state->best_order, count * sizeof *state->order);
            shuffle(state->here_order, count, 2 + count / 8, &seed);
            tight = next_random(&seed) % 2 == 0;
            aot_placer_run(placer, state->here_order, tight, &state->here);
            stalled = 0;
        }
    }
}

static bool search_new(const aot_plan_problem *problem, aot_arena *arena, search *out,
                       aot_error *err)
{
    *out = (search){ .problem = problem, .arena = arena };
    aot_plan *plans[] = { &out->best, &out->trial, &out->here };
    size_t **orders[] = { &out->order, &out->best_order, &out->here_order };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        if (!aot_plan_new(problem, arena, plans[i], err))
            return false;
        *orders[i] = aot_arena_array(arena, problem->count, sizeof(size_t), err);
        if (*orders[i] == NULL)
            return false;
    }
    return true;
}

/* Finds a good plan of the problem; few pairs allow for more than the order of arrival. */
static bool solve(const aot_plan_problem *problem, size_t bound, aot_arena *arena,
                  aot_plan *out, aot_error *err)
{
    search state;
    uint64_t pairs;
    if (!search_new(problem, arena, &state, err) ||
        !aot_plan_arrival(problem, arena, &state.best, err) ||
        !aot_plan_pairs(problem, arena, &pairs, err))
        return false;
    state.bound = bound;
    if (!is_perfect(&state) && pairs <= MAX_PAIRS) {
        aot_placer *placer;
        for (size_t i = 0; i < problem->count; i++)
            state.best_order[i] = i;
        if (!aot_placer_new(problem, arena, &placer, err))
            return false;
        state.placer = placer;
        if (!try_orders(&state, placer, err))
            return false;
        if (problem->pool_count == 1)
            climb(&state, placer, pairs);
        if (problem->pool_count > 1 || state.best.totals[0] > problem->pools[0].limit)
            spread(&state, placer, pairs);
    }
    *out = state.best;
    return true;
}

/* Plans in the first pool alone, if all could fit there; *fits tells whether it does. */
static bool solve_first(const aot_plan_problem *problem, size_t bound, aot_arena *arena,
                        aot_plan *out, bool *fits, aot_error *err)
{
    aot_plan_problem first = *problem;
    aot_plan plan;
    *fits = false;
    if (problem->pool_count > 1 && bound > problem->pools[0].limit)
        return true;
    first.pool_count = 1;
    if (!solve(&first, bound, arena, &plan, err))
        return false;
    *fits = problem->pool_count == 1 || plan.totals[0] <= problem->pools[0].limit;
    if (!*fits)
        return true;
    if (!aot_plan_new(problem, arena, out, err))
        return false;
    copy_plan(&first, out, &plan);
    return true;
}

bool aot_plan_new(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                  aot_error *err)
{
    out->homes = aot_arena_array(arena, problem->count, sizeof *out->homes, err);
    out->offsets = out->homes == NULL
                       ? NULL
                       : aot_arena_array(arena, problem->count, sizeof *out->offsets, err);
    out->totals = out->offsets == NULL
                      ? NULL
                      : aot_arena_array(arena, problem->pool_count, sizeof *out->totals, err);
    return out->totals != NULL;
}

bool aot_plan_assign(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                     aot_error *err)
{
    size_t bound, position;
    bool fits;
    aot_plan plan;
    if (!aot_plan_bound(problem, arena, &bound, &position, err) ||
        !solve_first(problem, bound, arena, &plan, &fits, err))
        return false;
    if (!fits && !solve(problem, bound, arena, &plan, err))
        return false;
    if (!aot_plan_verify(problem, &plan, arena, err)) {
        if (err->kind == AOT_ERROR_INPUT)
            err->kind = AOT_ERROR_INTERNAL;
        return aot_error_context(err, "the planner made a wrong plan");
    }
    *out = plan;
    return true;
}
