/* arena.c - chained blocks of zeroed memory, a budget, and the failures that tests ask for. */
#include "core/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8, FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

typedef struct chunk {
    struct chunk *next;
    size_t size, used; /* of the bytes behind this header */
} chunk;

struct aot_arena {
    chunk *chunks; /* the first is the one that small pieces are cut from */
    size_t budget, used, next_chunk;
};

_Static_assert(sizeof(chunk) % ALIGNMENT == 0, "the header leaves the bytes behind it aligned");

static size_t fail_countdown;
static bool fail_forever;

void aot_alloc_fail_at(size_t n, bool forever)
{
    fail_countdown = n;
    fail_forever = forever;
}

bool aot_alloc_should_fail(void)
{
    if (fail_countdown == 0)
        return false;
    if (fail_countdown > 1) {
        fail_countdown--;
        return false;
    }
    if (!fail_forever)
        fail_countdown = 0;
    return true;
}

bool aot_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool aot_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

aot_arena *aot_arena_new(size_t budget)
{
    if (aot_alloc_should_fail())
        return NULL;
    aot_arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return NULL;
    arena->budget = budget;
    arena->next_chunk = FIRST_CHUNK;
    return arena;
}

void aot_arena_free(aot_arena *arena)
{
    if (!arena)
        return;
    for (chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

/* Makes a chunk of at least `size` bytes the one to cut from; a piece larger than a usual chunk
 * gets one of its own, behind the one in use, so that the room left there is not lost. */
static chunk *add_chunk(aot_arena *arena, size_t size)
{
    bool own = size > arena->next_chunk / 2;
    size_t room = own ? size : arena->next_chunk;
    size_t total;
    if (!aot_add(room, sizeof(chunk), &total))
        return NULL;
    chunk *c = calloc(1, total);
    if (!c)
        return NULL;
    c->size = room;
    if (own && arena->chunks) {
        c->next = arena->chunks->next;
        arena->chunks->next = c;
    } else {
        c->next = arena->chunks;
        arena->chunks = c;
    }
    if (!own && arena->next_chunk < LARGEST_CHUNK)
        arena->next_chunk *= 2;
    return c;
}

/* Cuts `size` bytes at the next place of the alignment, a power of two. */
static void *cut(aot_arena *arena, size_t size, size_t alignment, aot_error *err)
{
    chunk *c = arena->chunks;
    size_t gap = c ? -c->used & (alignment - 1) : 0, need, used;
    if (!aot_add(gap, size, &need) || !aot_add(arena->used, need, &used)) {
        aot_fail(err, AOT_ERROR_MEMORY, "%zu bytes are more than there can be", size);
        return NULL;
    }
    if (arena->budget && used > arena->budget) {
        aot_fail(err, AOT_ERROR_MEMORY, "the budget of %zu bytes is used up (%zu more needed)",
                 arena->budget, used - arena->budget);
        return NULL;
    }
    bool fits = c && c->size - c->used >= need;
    if (aot_alloc_should_fail() || (!fits && !(c = add_chunk(arena, size)))) {
        aot_fail(err, AOT_ERROR_MEMORY, "out of memory (%zu bytes asked for)", size);
        return NULL;
    }
    char *bytes = (char *)(c + 1) + c->used + (fits ? gap : 0);
    c->used += fits ? need : size;
    arena->used = used;
    return bytes;
}

void *aot_arena_alloc(aot_arena *arena, size_t size, aot_error *err)
{
    return cut(arena, size ? size : 1, ALIGNMENT, err);
}

void *aot_arena_array(aot_arena *arena, size_t count, size_t size, aot_error *err)
{
    size_t bytes;
    if (!aot_mul(count, size, &bytes)) {
        aot_fail(err, AOT_ERROR_MEMORY, "%zu elements of %zu bytes are more than there can be",
                 count, size);
        return NULL;
    }
    return aot_arena_alloc(arena, bytes, err);
}

char *aot_arena_copy(aot_arena *arena, const char *bytes, size_t length, aot_error *err)
{
    size_t size;
    if (!aot_add(length, 1, &size)) {
        aot_fail(err, AOT_ERROR_MEMORY, "%zu bytes are more than there can be", length);
        return NULL;
    }
    char *copy = cut(arena, size, 1, err);
    if (copy && length)
        memcpy(copy, bytes, length);
    return copy;
}

bool aot_arena_grow(aot_arena *arena, void **array, size_t *capacity, size_t need, size_t size,
                    aot_error *err)
{
    if (need <= *capacity)
        return true;
    size_t wanted = *capacity > SIZE_MAX / 2 ? need : *capacity * 2;
    if (wanted < 8)
        wanted = 8;
    if (wanted < need)
        wanted = need;
    void *bigger = aot_arena_array(arena, wanted, size, err);
    if (!bigger)
        return false;
    if (*capacity)
        memcpy(bigger, *array, *capacity * size);
    *array = bigger;
    *capacity = wanted;
    return true;
}

size_t aot_arena_used(const aot_arena *arena)
{
    return arena->used;
}
