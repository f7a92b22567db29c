/* plan.h - where buffers live: offsets in pools of memory, and the proof that they are right.
 *
 * A planner gives every buffer a pool and an offset such that buffers alive at the same time
 * are disjoint. Which planner runs, over which pools in which order, is the caller's decision;
 * what a legal answer is stands in aot_plan_verify, which shares no code with any planner. */
#ifndef AOT_PLAN_PLAN_H
#define AOT_PLAN_PLAN_H

#include <stdint.h>

#include "core/base/arena.h"

typedef struct aot_plan_buffer {
    size_t size;        /* in bytes; 0 needs no room */
    size_t align;       /* of its offset, at least; a power of two */
    size_t first, last; /* the first and the last position where it is alive, first <= last */
} aot_plan_buffer;

typedef struct aot_plan_pool {
    size_t limit; /* in bytes; SIZE_MAX: no limit */
    size_t align; /* of every offset in it, at least; a power of two */
} aot_plan_pool;

/* The pools stand in order of preference. The last one takes what fits nowhere else, whatever
 * its limit: planners make it as small as they can, and its total says whether all fits. */
typedef struct aot_plan_problem {
    const aot_plan_buffer *buffers;
    size_t count;
    const aot_plan_pool *pools;
    size_t pool_count;
} aot_plan_problem;

typedef struct aot_plan {
    size_t *homes;   /* pools, counted from 0, one per buffer in the problem's order */
    size_t *offsets; /* in bytes, likewise */
    size_t *totals;  /* bytes of the pools, one per pool */
} aot_plan;

/* Fails unless the problem makes sense: alignments, positions, a pool, and no sum that
 * overflows. */
bool aot_plan_check(const aot_plan_problem *problem, aot_error *err);

/* The most bytes alive at one position, below which no plan can be (where buffers may not
 * overlap), and the first position where they are. */
bool aot_plan_bound(const aot_plan_problem *problem, aot_arena *arena, size_t *bytes,
                    size_t *position, aot_error *err);

/* Makes a plan with all buffers at offset 0 of the first pool, for planners to fill. */
bool aot_plan_new(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                  aot_error *err);

/* Plans with several heuristics and a local search of bounded effort, and keeps the best
 * verified answer: one that needs the first pool only, else the one with the smallest later
 * pools (the last counts most), then the fewest bytes of buffers in them. The same problem
 * always gives the same answer. `out` lives in `arena`. */
bool aot_plan_assign(const aot_plan_problem *problem, aot_arena *arena, aot_plan *out,
                     aot_error *err);

/* Fails, naming two buffers or one, if the plan lets live buffers overlap, breaks an alignment
 * or leaves a pool, or if a pool but the last is larger than its limit. `arena` holds what it
 * needs meanwhile. */
bool aot_plan_verify(const aot_plan_problem *problem, const aot_plan *plan, aot_arena *arena,
                     aot_error *err);

/* The steps of aot_plan_assign, each a planner of its own: they fill a plan of aot_plan_new. */

/* The first offset from `low` on that suits the buffer in that pool. */
size_t aot_plan_start(const aot_plan_problem *problem, size_t index, size_t pool, size_t low);

/* arrival.c: in order of the first position, as malloc and free would; near linear time. */
bool aot_plan_arrival(const aot_plan_problem *problem, aot_arena *arena, aot_plan *plan,
                      aot_error *err);

/* place.c: a placer puts buffers one after the other at a legal offset of the first pool that
 * has room. It lists all pairs of buffers that are alive at the same time, so it is for
 * problems with few of them. */
typedef struct aot_placer aot_placer;

/* Number of such pairs: the size of a placer and the effort of one run. */
bool aot_plan_pairs(const aot_plan_problem *problem, aot_arena *arena, uint64_t *pairs,
                    aot_error *err);

bool aot_placer_new(const aot_plan_problem *problem, aot_arena *arena, aot_placer **out,
                    aot_error *err);

/* Number of buffers alive together with `index`. */
size_t aot_placer_degree(const aot_placer *placer, size_t index);

/* Places the buffers in `order`: at the lowest offset, or with `tight` in the tightest gap. */
void aot_placer_run(aot_placer *placer, const size_t *order, bool tight, aot_plan *plan);

#endif
