/* heuristics.c - the best of several plans: orders, ways to fit, and a bounded local search. */
#include "core/plan/plan.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_PAIRS = 2000000,    /* beyond that only the planner for very large problems runs */
    SEARCH_PAIRS = 4000000, /* the search's effort: rounds times pairs */
    SEARCH_ROUNDS = 2000,
};

typedef struct search {
    const aot_plan_problem *problem;
    aot_arena *arena;
    size_t bound;
    aot_plan best, trial;
    size_t *order, *best_order;
    bool best_tight;
} search;

/* Keeps the trial unless it is larger than the best: among equals the search moves on. */
static void keep_if_better(search *state, bool tight)
{
    if (state->trial.total > state->best.total)
        return;
    size_t bytes = state->problem->count * sizeof(size_t);
    memcpy(state->best.offsets, state->trial.offsets, bytes);
    memcpy(state->best_order, state->order, bytes);
    state->best.total = state->trial.total;
    state->best_tight = tight;
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

typedef uint64_t (*rank_key)(const aot_plan_buffer *buffer);

static uint64_t by_size(const aot_plan_buffer *buffer)
{
    return buffer->size;
}

static uint64_t by_lifetime(const aot_plan_buffer *buffer)
{
    return buffer->last - buffer->first;
}

/* Size times lifetime, saturated. */
static uint64_t by_area(const aot_plan_buffer *buffer)
{
    uint64_t length = by_lifetime(buffer);
    if (length == UINT64_MAX || buffer->size > UINT64_MAX / (length + 1))
        return UINT64_MAX;
    return buffer->size * (length + 1);
}

static uint64_t by_arrival(const aot_plan_buffer *buffer)
{
    return UINT64_MAX - buffer->first;
}

static bool try_orders(search *state, aot_placer *placer, aot_error *err)
{
    static const rank_key keys[] = { by_size, by_area, by_lifetime, by_arrival };
    size_t count = state->problem->count;
    rank *ranks = aot_arena_array(state->arena, count, sizeof *ranks, err);
    if (ranks == NULL)
        return false;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (size_t i = 0; i < count; i++) {
            const aot_plan_buffer *buffer = &state->problem->buffers[i];
            ranks[i] = (rank){ keys[k](buffer), buffer->size, i };
        }
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

/* The place in the order of a buffer that ends where the pool does. */
static size_t find_top(const search *state)
{
    for (size_t i = 0; i < state->problem->count; i++) {
        size_t index = state->order[i];
        const aot_plan_buffer *buffer = &state->problem->buffers[index];
        if (buffer->size > 0 && state->best.offsets[index] + buffer->size == state->best.total)
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

/* Promotes buffers from the top of the pool, with a second random move to leave dead ends. */
static void climb(search *state, aot_placer *placer, uint64_t pairs)
{
    size_t count = state->problem->count;
    if (count < 2)
        return;
    uint64_t rounds = SEARCH_PAIRS / (pairs + count);
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);
    if (rounds > SEARCH_ROUNDS)
        rounds = SEARCH_ROUNDS;
    for (uint64_t round = 0; round < rounds && state->best.total > state->bound; round++) {
        memcpy(state->order, state->best_order, count * sizeof *state->order);
        size_t top = find_top(state);
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

static bool search_new(const aot_plan_problem *problem, aot_arena *arena, search *out,
                       aot_error *err)
{
    *out = (search){ .problem = problem, .arena = arena };
    size_t **arrays[] = { &out->best.offsets, &out->trial.offsets, &out->order,
                          &out->best_order };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = aot_arena_array(arena, problem->count, sizeof(size_t), err);
        if (*arrays[i] == NULL)
            return false;
    }
    return true;
}

bool aot_plan_assign(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                     aot_error *err)
{
    search state;
    size_t position;
    uint64_t pairs;
    if (!search_new(problem, arena, &state, err) ||
        !aot_plan_bound(problem, arena, &state.bound, &position, err) ||
        !aot_plan_arrival(problem, arena, &state.best, err) ||
        !aot_plan_pairs(problem, arena, &pairs, err))
        return false;
    if (state.best.total > state.bound && pairs <= MAX_PAIRS) {
        aot_placer *placer;
        for (size_t i = 0; i < problem->count; i++)
            state.best_order[i] = i;
        if (!aot_placer_new(problem, arena, &placer, err) || !try_orders(&state, placer, err))
            return false;
        climb(&state, placer, pairs);
    }
    if (!aot_plan_verify(problem, &state.best, arena, err))
        return aot_error_context(err, "the planner made a wrong plan");
    *out = state.best;
    return true;
}
