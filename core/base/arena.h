/* arena.h - the compiler's one allocator: a budgeted arena freed as a whole.
 *
 * Everything a module owns lives in its arena, so nothing need be freed one by one and nothing
 * leaks. What is replaced or removed many times in one life can be given back, to be used again.
 * Tests make the n-th allocation fail. */
#ifndef AOT_BASE_ARENA_H
#define AOT_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

typedef struct aot_arena aot_arena;

/* Makes an arena of at most `budget` bytes; 0 means no limit. NULL if out of memory. */
aot_arena *aot_arena_new(size_t budget);

/* Frees the arena and all that was allocated from it. NULL is allowed. */
void aot_arena_free(aot_arena *arena);

/* Returns `size` zeroed bytes, aligned for pointers and 64-bit numbers, never NULL for size 0.
 * Fails (NULL, err filled) if memory or the budget is used up, or on an injected failure. */
void *aot_arena_alloc(aot_arena *arena, size_t size, aot_error *err);

/* Returns zeroed room for `count` elements of `size` bytes; the product is overflow-checked. */
void *aot_arena_array(aot_arena *arena, size_t count, size_t size, aot_error *err);

/* Returns a NUL-terminated copy of `length` bytes, not aligned. */
char *aot_arena_copy(aot_arena *arena, const char *bytes, size_t length, aot_error *err);

/* Gives back `size` bytes that were allocated from the arena, for later allocations. They may be
 * a part of what was allocated, cut at multiples of 8. NULL is allowed. */
void aot_arena_release(aot_arena *arena, void *bytes, size_t size);

/* Makes room for at least `need` elements in *array (of *capacity elements, `size` bytes each),
 * by doubling; the smaller array is given back. On failure *array and *capacity are unchanged. */
bool aot_arena_grow(aot_arena *arena, void **array, size_t *capacity, size_t need, size_t size,
                    aot_error *err);

/* Bytes handed out and not given back. */
size_t aot_arena_used(const aot_arena *arena);

/* Makes the n-th allocation from now on fail, in this and every other arena and data block of
 * the process (1 is the next one; 0 switches it off). `forever`: and all after it. */
void aot_alloc_fail_at(size_t n, bool forever);

/* Counts an allocation for aot_alloc_fail_at; true if it shall fail. For ir/block.c. */
bool aot_alloc_should_fail(void);

/* a * b and a + b into *out; false on overflow. */
bool aot_mul(size_t a, size_t b, size_t *out);
bool aot_add(size_t a, size_t b, size_t *out);

#endif
