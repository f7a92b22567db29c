/* arrival.c - the planner for very large problems: buffers in order of arrival, as malloc would.
 *
 * A pool's free memory is a list of gaps sorted by offset; the last pool's last gap has no end.
 * A chain of 100 000 nodes keeps that list short, and so does a fan-out, where nothing is
 * freed. */
#include "core/plan/plan.h"

#include <stdlib.h>

typedef struct gap {
    size_t start, end;
} gap;

typedef struct gap_list {
    gap *gaps;
    size_t count, capacity;
} gap_list;

/* Makes room for one more gap at `index`. */
static bool open_slot(gap_list *list, size_t index, aot_arena *arena, aot_error *err)
{
    if (!aot_arena_grow(arena, (void **)&list->gaps, &list->capacity, list->count + 1,
                        sizeof *list->gaps, err))
        return false;
    for (size_t i = list->count; i > index; i--)
        list->gaps[i] = list->gaps[i - 1];
    list->count++;
    return true;
}

static void close_slot(gap_list *list, size_t index)
{
    list->count--;
    for (size_t i = index; i < list->count; i++)
        list->gaps[i] = list->gaps[i + 1];
}

/* Finds the first gap of the pool that the buffer fits in, and where it starts there. */
static bool find_gap(const aot_plan_problem *problem, const gap_list *list, size_t index,
                     size_t pool, size_t *slot, size_t *start)
{
    size_t size = problem->buffers[index].size;
    for (size_t i = 0; i < list->count; i++) {
        gap whole = list->gaps[i];
        *slot = i;
        *start = aot_plan_start(problem, index, pool, whole.start);
        if (*start <= whole.end && size <= whole.end - *start)
            return true;
    }
    return false;
}

/* Takes [start, end) out of the gap. */
static bool cut(gap_list *list, size_t index, size_t start, size_t end, aot_arena *arena,
                aot_error *err)
{
    gap whole = list->gaps[index];
    if (start > whole.start && end < whole.end) {
        if (!open_slot(list, index, arena, err))
            return false;
        list->gaps[index].end = start;
        list->gaps[index + 1].start = end;
    } else if (start > whole.start) {
        list->gaps[index].end = start;
    } else if (end < whole.end) {
        list->gaps[index].start = end;
    } else {
        close_slot(list, index);
    }
    return true;
}

/* Puts the buffer into the first pool that has room; the last one has no end. */
static bool take(const aot_plan_problem *problem, gap_list *lists, size_t index, aot_plan *plan,
                 aot_arena *arena, aot_error *err)
{
    for (size_t pool = 0; pool < problem->pool_count; pool++) {
        size_t slot, start;
        if (!find_gap(problem, &lists[pool], index, pool, &slot, &start))
            continue;
        size_t end = start + problem->buffers[index].size;
        plan->homes[index] = pool;
        plan->offsets[index] = start;
        if (end > plan->totals[pool])
            plan->totals[pool] = end;
        return cut(&lists[pool], slot, start, end, arena, err);
    }
    return aot_fail(err, AOT_ERROR_INTERNAL, "the endless gap is gone");
}

/* Gives [start, end) back and joins the gaps beside it. */
static bool give(gap_list *list, size_t start, size_t end, aot_arena *arena, aot_error *err)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->gaps[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    bool joins_before = low > 0 && list->gaps[low - 1].end == start;
    bool joins_after = low < list->count && list->gaps[low].start == end;
    if (joins_before && joins_after) {
        list->gaps[low - 1].end = list->gaps[low].end;
        close_slot(list, low);
    } else if (joins_before) {
        list->gaps[low - 1].end = end;
    } else if (joins_after) {
        list->gaps[low].start = start;
    } else {
        if (!open_slot(list, low, arena, err))
            return false;
        list->gaps[low] = (gap){ start, end };
    }
    return true;
}

typedef struct key {
    size_t position, index;
} key;

static int compare_keys(const void *left, const void *right)
{
    const key *a = left, *b = right;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* The buffers that need room, by their first or last position. */
static key *sorted_keys(const aot_plan_problem *problem, bool by_last, aot_arena *arena,
                        size_t *count, aot_error *err)
{
    key *keys = aot_arena_array(arena, problem->count, sizeof *keys, err);
    if (keys == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < problem->count; i++) {
        const aot_plan_buffer *buffer = &problem->buffers[i];
        if (buffer->size > 0)
            keys[(*count)++] = (key){ by_last ? buffer->last : buffer->first, i };
    }
    if (*count > 0)
        qsort(keys, *count, sizeof *keys, compare_keys);
    return keys;
}

/* The pools' gaps: one each, all of it. */
static gap_list *whole_pools(const aot_plan_problem *problem, aot_arena *arena, aot_error *err)
{
    gap_list *lists = aot_arena_array(arena, problem->pool_count, sizeof *lists, err);
    if (lists == NULL)
        return NULL;
    for (size_t i = 0; i < problem->pool_count; i++) {
        if (!open_slot(&lists[i], 0, arena, err))
            return NULL;
        bool last = i + 1 == problem->pool_count;
        lists[i].gaps[0] = (gap){ 0, last ? SIZE_MAX : problem->pools[i].limit };
    }
    return lists;
}

bool aot_plan_arrival(const aot_plan_problem *problem, aot_arena *arena, aot_plan *plan,
                      aot_error *err)
{
    size_t count, freed = 0;
    if (!aot_plan_check(problem, err))
        return false;
    key *arriving = sorted_keys(problem, false, arena, &count, err);
    key *leaving = arriving == NULL ? NULL : sorted_keys(problem, true, arena, &count, err);
    gap_list *lists = leaving == NULL ? NULL : whole_pools(problem, arena, err);
    if (lists == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        for (; freed < count && leaving[freed].position < arriving[i].position; freed++) {
            size_t gone = leaving[freed].index, start = plan->offsets[gone];
            if (!give(&lists[plan->homes[gone]], start, start + problem->buffers[gone].size,
                      arena, err))
                return false;
        }
        if (!take(problem, lists, arriving[i].index, plan, arena, err))
            return false;
    }
    return true;
}
