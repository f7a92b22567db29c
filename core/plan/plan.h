/* plan.h - where buffers live: offsets in one pool of memory, and the proof that they are right.
 *
 * A planner gives every buffer an offset such that buffers alive at the same time are disjoint.
 * Which planner runs, over which pools, is the caller's decision; what a legal answer is stands
 * in aot_plan_verify, which shares no code with any planner. */
#ifndef AOT_PLAN_PLAN_H
#define AOT_PLAN_PLAN_H

#include <stdint.h>

#include "core/base/arena.h"

typedef struct aot_plan_buffer {
    size_t size;        /* in bytes; 0 needs no room */
    size_t align;       /* of its offset; a power of two */
    size_t first, last; /* the first and the last position where it is alive, first <= last */
} aot_plan_buffer;

typedef struct aot_plan_problem {
    const aot_plan_buffer *buffers;
    size_t count;
} aot_plan_problem;

typedef struct aot_plan {
    size_t *offsets; /* in bytes, one per buffer, in the problem's order */
    size_t total;    /* bytes of the pool */
} aot_plan;

/* Fails unless the problem makes sense: alignments, positions, and no sum that overflows. */
bool aot_plan_check(const aot_plan_problem *problem, aot_error *err);

/* The most bytes alive at one position, below which no plan can be (where buffers may not
 * overlap), and the first position where they are. */
bool aot_plan_bound(const aot_plan_problem *problem, aot_arena *arena, size_t *bytes,
                    size_t *position, aot_error *err);

/* Plans with several heuristics and a local search of bounded effort, and keeps the smallest
 * verified answer; the same problem always gives the same answer. `out->offsets` lives in `arena`. */
bool aot_plan_assign(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                     aot_error *err);

/* Fails, naming two buffers or one, if the plan lets live buffers overlap, breaks an alignment
 * or leaves the pool. `arena` holds what it needs meanwhile. */
bool aot_plan_verify(const aot_plan_problem *problem, const aot_plan *plan, aot_arena *arena,
                     aot_error *err);

/* The steps of aot_plan_assign, each a planner of its own: they fill plan->offsets (already
 * allocated) and plan->total. */

/* arrival.c: in order of the first position, as malloc and free would; near linear time. */
bool aot_plan_arrival(const aot_plan_problem *problem, aot_arena *arena, aot_plan *plan,
                      aot_error *err);

/* place.c: a placer puts buffers one after the other at a legal offset. It lists all pairs of
 * buffers that are alive at the same time, so it is for problems with few of them. */
typedef struct aot_placer aot_placer;

/* Number of such pairs: the size of a placer and the effort of one run. */
bool aot_plan_pairs(const aot_plan_problem *problem, aot_arena *arena, uint64_t *pairs,
                    aot_error *err);

bool aot_placer_new(const aot_plan_problem *problem, aot_arena *arena, aot_placer **out,
                    aot_error *err);

/* Places the buffers in `order`: at the lowest offset, or with `tight` in the tightest gap. */
void aot_placer_run(aot_placer *placer, const size_t *order, bool tight, aot_plan *plan);

#endif
