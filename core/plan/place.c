/* place.c - puts buffers one after the other into the gaps between those placed before. */
#include "core/plan/plan.h"

#include <stdlib.h>

typedef struct span {
    size_t start, end;
} span;

struct aot_placer {
    const aot_plan_problem *problem;
    size_t *starts;    /* buffer i's neighbors: neighbors[starts[i]] up to starts[i + 1] */
    size_t *neighbors; /* buffers alive at the same time, without those of no size */
    bool *placed;
    span *taken; /* of the neighbors already placed, for one buffer at a time */
};

static int compare_first(const void *left, const void *right)
{
    const size_t *a = left, *b = right; /* { position, buffer } */
    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

/* The buffers in order of arrival, and room for those still alive at one of them. */
typedef struct walk {
    const aot_plan_problem *problem;
    size_t (*arrivals)[2];
    size_t count, *alive;
} walk;

static bool walk_new(const aot_plan_problem *problem, aot_arena *arena, walk *out,
                     aot_error *err)
{
    *out = (walk){ .problem = problem };
    out->arrivals = aot_arena_array(arena, problem->count, sizeof *out->arrivals, err);
    out->alive = out->arrivals == NULL
                     ? NULL
                     : aot_arena_array(arena, problem->count, sizeof *out->alive, err);
    if (out->alive == NULL)
        return false;
    for (size_t i = 0; i < problem->count; i++) {
        if (problem->buffers[i].size == 0)
            continue;
        out->arrivals[out->count][0] = problem->buffers[i].first;
        out->arrivals[out->count][1] = i;
        out->count++;
    }
    if (out->count > 0)
        qsort(out->arrivals, out->count, sizeof *out->arrivals, compare_first);
    return true;
}

static int compare_positions(const void *left, const void *right)
{
    const size_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

bool aot_plan_pairs(const aot_plan_problem *problem, aot_arena *arena, uint64_t *pairs,
                    aot_error *err)
{
    walk way;
    if (!walk_new(problem, arena, &way, err))
        return false;
    size_t *lasts = way.alive;
    for (size_t i = 0; i < way.count; i++)
        lasts[i] = problem->buffers[way.arrivals[i][1]].last;
    if (way.count > 0)
        qsort(lasts, way.count, sizeof *lasts, compare_positions);
    size_t gone = 0;
    *pairs = 0;
    for (size_t i = 0; i < way.count; i++) {
        while (gone < way.count && lasts[gone] < way.arrivals[i][0])
            gone++;
        *pairs += i - gone;
    }
    return true;
}

/* Visits each pair. Without `ends` it counts a buffer's neighbors in starts[buffer + 1]; with
 * them it enters each of the two as the other's neighbor. */
static void visit_pairs(walk *way, aot_placer *placer, size_t *ends)
{
    size_t alive = 0;
    for (size_t i = 0; i < way->count; i++) {
        size_t buffer = way->arrivals[i][1], kept = 0;
        for (size_t k = 0; k < alive; k++) {
            size_t other = way->alive[k];
            if (way->problem->buffers[other].last < way->arrivals[i][0])
                continue;
            way->alive[kept++] = other;
            if (ends == NULL) {
                placer->starts[buffer + 1]++;
                placer->starts[other + 1]++;
            } else {
                placer->neighbors[ends[buffer]++] = other;
                placer->neighbors[ends[other]++] = buffer;
            }
        }
        alive = kept;
        way->alive[alive++] = buffer;
    }
}

bool aot_placer_new(const aot_plan_problem *problem, aot_arena *arena, aot_placer **out,
                    aot_error *err)
{
    walk way;
    aot_placer *placer = aot_arena_alloc(arena, sizeof *placer, err);
    if (placer == NULL || !walk_new(problem, arena, &way, err))
        return false;
    placer->problem = problem;
    placer->starts = aot_arena_array(arena, problem->count + 1, sizeof *placer->starts, err);
    size_t *ends = placer->starts == NULL
                       ? NULL
                       : aot_arena_array(arena, problem->count + 1, sizeof *ends, err);
    placer->placed = ends == NULL
                         ? NULL
                         : aot_arena_array(arena, problem->count, sizeof *placer->placed, err);
    if (placer->placed == NULL)
        return false;
    visit_pairs(&way, placer, NULL);
    size_t widest = 0;
    for (size_t i = 0; i < problem->count; i++) {
        if (placer->starts[i + 1] > widest)
            widest = placer->starts[i + 1];
        placer->starts[i + 1] += placer->starts[i];
        ends[i] = placer->starts[i];
    }
    placer->neighbors =
        aot_arena_array(arena, placer->starts[problem->count], sizeof *placer->neighbors, err);
    placer->taken = placer->neighbors == NULL
                        ? NULL
                        : aot_arena_array(arena, widest, sizeof *placer->taken, err);
    if (placer->taken == NULL)
        return false;
    visit_pairs(&way, placer, ends);
    *out = placer;
    return true;
}

static int compare_spans(const void *left, const void *right)
{
    const span *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* The spans of the neighbors that have a place in `pool`, sorted; returns their number. */
static size_t taken_spans(const aot_placer *placer, size_t index, size_t pool,
                          const aot_plan *plan)
{
    size_t count = 0;
    for (size_t k = placer->starts[index]; k < placer->starts[index + 1]; k++) {
        size_t other = placer->neighbors[k];
        if (!placer->placed[other] || plan->homes[other] != pool)
            continue;
        size_t start = plan->offsets[other];
        placer->taken[count++] = (span){ start, start + placer->problem->buffers[other].size };
    }
    if (count > 1)
        qsort(placer->taken, count, sizeof *placer->taken, compare_spans);
    return count;
}

size_t aot_plan_start(const aot_plan_problem *problem, size_t index, size_t pool, size_t low)
{
    size_t align = problem->pools[pool].align;
    if (align < problem->buffers[index].align)
        align = problem->buffers[index].align;
    return (low + align - 1) & ~(align - 1);
}

/* Finds an offset in `pool` that ends within `limit`. */
static bool find_place(const aot_placer *placer, size_t index, size_t pool, size_t limit,
                       bool tight, const aot_plan *plan, size_t *offset)
{
    size_t size = placer->problem->buffers[index].size;
    size_t count = taken_spans(placer, index, pool, plan);
    size_t low = 0, best_slack = SIZE_MAX;
    for (size_t k = 0; k < count; k++) {
        const span *next = &placer->taken[k];
        size_t start = aot_plan_start(placer->problem, index, pool, low);
        if (start <= next->start && next->start - start >= size) {
            size_t slack = next->start - low - size;
            if (slack < best_slack) {
                *offset = start;
                best_slack = slack;
            }
            if (!tight)
                return true;
        }
        if (next->end > low)
            low = next->end;
    }
    if (best_slack < SIZE_MAX)
        return true;
    *offset = aot_plan_start(placer->problem, index, pool, low);
    return size <= limit && *offset <= limit - size;
}

/* Puts the buffer into the first pool that has room; the last one has no end. */
static void place(const aot_placer *placer, size_t index, bool tight, aot_plan *plan)
{
    const aot_plan_problem *problem = placer->problem;
    size_t pool = 0, last = problem->pool_count - 1;
    while (!find_place(placer, index, pool,
                       pool == last ? SIZE_MAX : problem->pools[pool].limit, tight, plan,
                       &plan->offsets[index]))
        pool++;
    plan->homes[index] = pool;
    size_t end = plan->offsets[index] + problem->buffers[index].size;
    if (end > plan->totals[pool])
        plan->totals[pool] = end;
}

void aot_placer_run(aot_placer *placer, const size_t *order, bool tight, aot_plan *plan)
{
    const aot_plan_problem *problem = placer->problem;
    for (size_t i = 0; i < problem->pool_count; i++)
        plan->totals[i] = 0;
    for (size_t i = 0; i < problem->count; i++) {
        placer->placed[i] = false;
        plan->homes[i] = 0;
        plan->offsets[i] = 0;
    }
    for (size_t i = 0; i < problem->count; i++) {
        size_t index = order[i];
        if (problem->buffers[index].size == 0)
            continue;
        place(placer, index, tight, plan);
        placer->placed[index] = true;
    }
}

size_t aot_placer_degree(const aot_placer *placer, size_t index)
{
    return placer->starts[index + 1] - placer->starts[index];
}
