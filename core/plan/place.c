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

/* The spans of the neighbors that have a place, sorted; returns their number. */
static size_t taken_spans(const aot_placer *placer, size_t index, const aot_plan *plan)
{
    size_t count = 0;
    for (size_t k = placer->starts[index]; k < placer->starts[index + 1]; k++) {
        size_t other = placer->neighbors[k];
        if (!placer->placed[other])
            continue;
        size_t start = plan->offsets[other];
        placer->taken[count++] = (span){ start, start + placer->problem->buffers[other].size };
    }
    if (count > 1)
        qsort(placer->taken, count, sizeof *placer->taken, compare_spans);
    return count;
}

static size_t find_place(const aot_placer *placer, size_t index, bool tight,
                         const aot_plan *plan)
{
    const aot_plan_buffer *buffer = &placer->problem->buffers[index];
    size_t count = taken_spans(placer, index, plan);
    size_t low = 0, best = 0, best_slack = SIZE_MAX;
    for (size_t k = 0; k < count; k++) {
        const span *next = &placer->taken[k];
        size_t start = (low + buffer->align - 1) & ~(buffer->align - 1);
        if (start <= next->start && next->start - start >= buffer->size) {
            size_t slack = next->start - low - buffer->size;
            if (!tight)
                return start;
            if (slack < best_slack) {
                best = start;
                best_slack = slack;
            }
        }
        if (next->end > low)
            low = next->end;
    }
    return best_slack < SIZE_MAX ? best : (low + buffer->align - 1) & ~(buffer->align - 1);
}

void aot_placer_run(aot_placer *placer, const size_t *order, bool tight, aot_plan *plan)
{
    const aot_plan_problem *problem = placer->problem;
    plan->total = 0;
    for (size_t i = 0; i < problem->count; i++) {
        placer->placed[i] = false;
        plan->offsets[i] = 0;
    }
    for (size_t i = 0; i < problem->count; i++) {
        size_t index = order[i], size = problem->buffers[index].size;
        if (size == 0)
            continue;
        plan->offsets[index] = find_place(placer, index, tight, plan);
        placer->placed[index] = true;
        if (plan->offsets[index] + size > plan->total)
            plan->total = plan->offsets[index] + size;
    }
}
