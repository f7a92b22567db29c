/* arrival.c - the planner for very large problems: buffers in order of arrival, as malloc would.
 *
 * Free memory is a list of gaps sorted by offset; the last one has no end. A chain of 100 000
 * nodes keeps that list short, and so does a fan-out, where nothing is freed. */
#include "core/plan/plan.h"

#include <stdlib.h>

typedef struct gap {
    size_t start, end;
} gap;

typedef struct arrivals {
    const aot_plan_problem *problem;
    aot_arena *arena;
    aot_plan *plan;
    gap *gaps;
    size_t count, capacity;
} arrivals;

/* Makes room for one more gap at `index`. */
static bool open_slot(arrivals *state, size_t index, aot_error *err)
{
    if (!aot_arena_grow(state->arena, (void **)&state->gaps, &state->capacity, state->count + 1,
                        sizeof *state->gaps, err))
        return false;
    for (size_t i = state->count; i > index; i--)
        state->gaps[i] = state->gaps[i - 1];
    state->count++;
    return true;
}

static void close_slot(arrivals *state, size_t index)
{
    state->count--;
    for (size_t i = index; i < state->count; i++)
        state->gaps[i] = state->gaps[i + 1];
}

static size_t align_up(size_t offset, size_t align)
{
    return (offset + align - 1) & ~(align - 1);
}

/* Takes the first gap that fits; aot_plan_check made sure that no sum overflows. */
static bool take(arrivals *state, size_t index, aot_error *err)
{
    const aot_plan_buffer *buffer = &state->problem->buffers[index];
    for (size_t i = 0; i < state->count; i++) {
        gap whole = state->gaps[i];
        size_t start = align_up(whole.start, buffer->align);
        size_t end = start + buffer->size;
        if (start < whole.start || end > whole.end)
            continue;
        state->plan->offsets[index] = start;
        if (end > state->plan->total)
            state->plan->total = end;
        if (start > whole.start && end < whole.end) {
            if (!open_slot(state, i, err))
                return false;
            state->gaps[i].end = start;
            state->gaps[i + 1].start = end;
        } else if (start > whole.start) {
            state->gaps[i].end = start;
        } else if (end < whole.end) {
            state->gaps[i].start = end;
        } else {
            close_slot(state, i);
        }
        return true;
    }
    return aot_fail(err, AOT_ERROR_INTERNAL, "the endless gap is gone");
}

/* Gives the buffer's bytes back and joins the gaps beside them. */
static bool give(arrivals *state, size_t index, aot_error *err)
{
    size_t start = state->plan->offsets[index];
    size_t end = start + state->problem->buffers[index].size;
    size_t low = 0, high = state->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->gaps[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    bool joins_before = low > 0 && state->gaps[low - 1].end == start;
    bool joins_after = low < state->count && state->gaps[low].start == end;
    if (joins_before && joins_after) {
        state->gaps[low - 1].end = state->gaps[low].end;
        close_slot(state, low);
    } else if (joins_before) {
        state->gaps[low - 1].end = end;
    } else if (joins_after) {
        state->gaps[low].start = start;
    } else {
        if (!open_slot(state, low, err))
            return false;
        state->gaps[low] = (gap){ start, end };
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

bool aot_plan_arrival(const aot_plan_problem *problem, aot_arena *arena, aot_plan *plan,
                      aot_error *err)
{
    size_t count, freed = 0;
    key *arriving = sorted_keys(problem, false, arena, &count, err);
    key *leaving = arriving == NULL ? NULL : sorted_keys(problem, true, arena, &count, err);
    if (leaving == NULL)
        return false;
    arrivals state = { .problem = problem, .arena = arena, .plan = plan };
    if (!open_slot(&state, 0, err))
        return false;
    state.gaps[0] = (gap){ 0, SIZE_MAX };
    plan->total = 0;
    for (size_t i = 0; i < problem->count; i++)
        plan->offsets[i] = 0;
    for (size_t i = 0; i < count; i++) {
        for (; freed < count && leaving[freed].position < arriving[i].position; freed++)
            if (!give(&state, leaving[freed].index, err))
                return false;
        if (!take(&state, arriving[i].index, err))
            return false;
    }
    return true;
}
