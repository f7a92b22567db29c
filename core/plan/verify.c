/* verify.c - what a legal problem and a legal plan are, and the lower bound of all plans. */
#include "core/plan/plan.h"

#include <stdlib.h>
#include <string.h>

static bool is_power_of_two(size_t align)
{
    return align != 0 && (align & (align - 1)) == 0;
}

/* Checks the pools; *widest is their largest alignment. */
static bool check_pools(const aot_plan_problem *problem, size_t *widest, aot_error *err)
{
    *widest = 0;
    if (problem->pool_count == 0)
        return aot_fail(err, AOT_ERROR_INPUT, "there is no pool to put buffers into");
    for (size_t i = 0; i < problem->pool_count; i++) {
        size_t align = problem->pools[i].align;
        if (!is_power_of_two(align))
            return aot_fail(err, AOT_ERROR_INPUT, "pool %zu: alignment %zu is no power of two",
                            i, align);
        if (align > *widest)
            *widest = align;
    }
    return true;
}

bool aot_plan_check(const aot_plan_problem *problem, aot_error *err)
{
    size_t sum = 0, widest;
    if (!check_pools(problem, &widest, err))
        return false;
    for (size_t i = 0; i < problem->count; i++) {
        const aot_plan_buffer *buffer = &problem->buffers[i];
        if (!is_power_of_two(buffer->align))
            return aot_fail(err, AOT_ERROR_INPUT,
                            "buffer %zu: alignment %zu is no power of two", i, buffer->align);
        if (buffer->first > buffer->last)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "buffer %zu: its last position %zu is before its first, %zu", i,
                            buffer->last, buffer->first);
        size_t gap = buffer->align > widest ? buffer->align : widest;
        if (!aot_add(sum, buffer->size, &sum) || !aot_add(sum, gap, &sum) || sum > SIZE_MAX / 2)
            return aot_fail(
                err, AOT_ERROR_INPUT,
                "buffer %zu: %zu bytes, and all before it, are more than memory has", i,
                buffer->size);
    }
    return true;
}

/* A buffer that begins or ends: the events of a sweep over positions. */
typedef struct event {
    size_t position, buffer;
    bool begins;
} event;

static int compare_events(const void *left, const void *right)
{
    const event *a = left, *b = right;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    if (a->begins != b->begins) /* both ends of an interval are alive: begin before end */
        return a->begins ? -1 : 1;
    return a->buffer < b->buffer ? -1 : a->buffer > b->buffer;
}

/* The events of all buffers that need room, sorted. */
static event *sweep(const aot_plan_problem *problem, aot_arena *arena, size_t *count,
                    aot_error *err)
{
    size_t room;
    if (!aot_mul(problem->count, 2, &room)) {
        aot_fail(err, AOT_ERROR_MEMORY, "%zu buffers are too many", problem->count);
        return NULL;
    }
    event *events = aot_arena_array(arena, room, sizeof *events, err);
    if (events == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < problem->count; i++) {
        if (problem->buffers[i].size == 0)
            continue;
        events[(*count)++] = (event){ problem->buffers[i].first, i, true };
        events[(*count)++] = (event){ problem->buffers[i].last, i, false };
    }
    if (*count > 0)
        qsort(events, *count, sizeof *events, compare_events);
    return events;
}

bool aot_plan_bound(const aot_plan_problem *problem, aot_arena *arena, size_t *bytes,
                    size_t *position, aot_error *err)
{
    size_t count;
    if (!aot_plan_check(problem, err))
        return false;
    event *events = sweep(problem, arena, &count, err);
    if (events == NULL)
        return false;
    size_t alive = 0;
    *bytes = 0;
    *position = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = problem->buffers[events[i].buffer].size;
        alive = events[i].begins ? alive + size : alive - size;
        if (alive > *bytes) {
            *bytes = alive;
            *position = events[i].position;
        }
    }
    return true;
}

/* Live buffers sorted by pool and offset: while they are disjoint, a new one can only overlap
 * the neighbor on either side. */
typedef struct live_set {
    const aot_plan_problem *problem;
    const aot_plan *plan;
    size_t *buffers, count;
} live_set;

/* Number of live buffers that stand before the place of `buffer`. */
static size_t live_rank(const live_set *live, size_t buffer)
{
    const aot_plan *plan = live->plan;
    size_t low = 0, high = live->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2, other = live->buffers[middle];
        if (plan->homes[other] != plan->homes[buffer]
                ? plan->homes[other] < plan->homes[buffer]
                : plan->offsets[other] < plan->offsets[buffer])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool check_disjoint(const live_set *live, size_t lower, size_t upper, aot_error *err)
{
    size_t end = live->plan->offsets[lower] + live->problem->buffers[lower].size;
    if (live->plan->homes[lower] != live->plan->homes[upper] ||
        end <= live->plan->offsets[upper])
        return true;
    return aot_fail(err, AOT_ERROR_INPUT,
                    "buffer %zu at [%zu, %zu) and buffer %zu at offset %zu are alive together "
                    "and overlap",
                    lower, live->plan->offsets[lower], end, upper, live->plan->offsets[upper]);
}

static bool live_add(live_set *live, size_t buffer, aot_error *err)
{
    size_t rank = live_rank(live, buffer);
    if (rank > 0 && !check_disjoint(live, live->buffers[rank - 1], buffer, err))
        return false;
    if (rank < live->count && !check_disjoint(live, buffer, live->buffers[rank], err))
        return false;
    memmove(&live->buffers[rank + 1], &live->buffers[rank],
            (live->count - rank) * sizeof *live->buffers);
    live->buffers[rank] = buffer;
    live->count++;
    return true;
}

static void live_remove(live_set *live, size_t buffer)
{
    size_t rank = live_rank(live, buffer);
    live->count--;
    memmove(&live->buffers[rank], &live->buffers[rank + 1],
            (live->count - rank) * sizeof *live->buffers);
}

static bool check_place(const aot_plan_problem *problem, size_t index, const aot_plan *plan,
                        aot_error *err)
{
    const aot_plan_buffer *buffer = &problem->buffers[index];
    size_t offset = plan->offsets[index], home = plan->homes[index];
    if (buffer->size == 0)
        return true;
    if (home >= problem->pool_count)
        return aot_fail(err, AOT_ERROR_INPUT, "buffer %zu: there is no pool %zu", index, home);
    size_t align = problem->pools[home].align;
    if (offset % buffer->align != 0 || offset % align != 0)
        return aot_fail(err, AOT_ERROR_INPUT, "buffer %zu: offset %zu is no multiple of %zu",
                        index, offset, offset % align != 0 ? align : buffer->align);
    if (buffer->size > plan->totals[home] || offset > plan->totals[home] - buffer->size)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "buffer %zu: %zu bytes at offset %zu leave the pool of %zu", index,
                        buffer->size, offset, plan->totals[home]);
    return true;
}

static bool check_places(const aot_plan_problem *problem, const aot_plan *plan, aot_error *err)
{
    for (size_t i = 0; i + 1 < problem->pool_count; i++)
        if (plan->totals[i] > problem->pools[i].limit)
            return aot_fail(err, AOT_ERROR_INPUT, "pool %zu: %zu bytes are planned, it has %zu",
                            i, plan->totals[i], problem->pools[i].limit);
    for (size_t i = 0; i < problem->count; i++)
        if (!check_place(problem, i, plan, err))
            return false;
    return true;
}

bool aot_plan_verify(const aot_plan_problem *problem, const aot_plan *plan, aot_arena *arena,
                     aot_error *err)
{
    size_t count;
    if (!aot_plan_check(problem, err) || !check_places(problem, plan, err))
        return false;
    event *events = sweep(problem, arena, &count, err);
    if (events == NULL)
        return false;
    live_set live = { .problem = problem, .plan = plan };
    live.buffers = aot_arena_array(arena, problem->count, sizeof *live.buffers, err);
    if (live.buffers == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!events[i].begins)
            live_remove(&live, events[i].buffer);
        else if (!live_add(&live, events[i].buffer, err))
            return false;
    }
    return true;
}
