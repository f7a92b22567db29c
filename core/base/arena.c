/* arena.c - chained blocks of zeroed memory, a budget, and the failures that tests ask for.
 *
 * Small pieces that were given back wait in lists, one for each size; large ones become ranges
 * to cut from, as a chunk is. All of them are zeroed when they are given back. */
#include "core/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#endif
#ifdef ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(bytes, size)   ((void)(bytes), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(bytes, size) ((void)(bytes), (void)(size))
#endif

enum { ALIGNMENT = 8, FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20, LARGEST_LISTED = 512 };

typedef struct chunk {
    struct chunk *next;
    max_align_t bytes[];
} chunk;

typedef struct piece { /* given back: its own first bytes */
    struct piece *next;
    size_t size; /* of a large one */
} piece;

struct aot_arena {
    chunk *chunks;
    char *at; /* the range that is cut from */
    size_t left;
    piece *large;                                 /* each larger than LARGEST_LISTED */
    piece *small[LARGEST_LISTED / ALIGNMENT + 1]; /* by size in units of ALIGNMENT; [0]: none */
    size_t budget, used, next_chunk;
};

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

/* A chunk of `size` zeroed bytes, or NULL. */
static char *add_chunk(aot_arena *arena, size_t size)
{
    size_t total;
    chunk *c = aot_add(size, sizeof *c, &total) ? calloc(1, total) : NULL;
    if (!c)
        return NULL;
    c->next = arena->chunks;
    arena->chunks = c;
    return (char *)c->bytes;
}

/* Keeps zeroed bytes for later: what of them is aligned. */
static void keep(aot_arena *arena, char *bytes, size_t size)
{
    size_t gap = -(uintptr_t)bytes & (ALIGNMENT - 1);
    size_t whole = gap < size ? (size - gap) & ~(size_t)(ALIGNMENT - 1) : 0;
    if (whole == 0)
        return;
    piece *p = (piece *)(void *)(bytes + gap);
    bool small = whole <= LARGEST_LISTED;
    piece **list = small ? &arena->small[whole / ALIGNMENT] : &arena->large;
    p->next = *list;
    if (!small)
        p->size = whole;
    *list = p;
    ASAN_POISON_MEMORY_REGION(p, whole);
}

/* Takes the first of a list of pieces of `size` bytes. */
static char *take(piece **list, size_t size)
{
    piece *p = *list;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    *list = p->next;
    memset(p, 0, size < sizeof *p ? size : sizeof *p);
    return (char *)p;
}

/* Gives zeroed bytes that `size` can be cut from; *room says how many. */
static char *find_room(aot_arena *arena, size_t size, size_t *room)
{
    if (arena->large) {
        ASAN_UNPOISON_MEMORY_REGION(arena->large, sizeof *arena->large);
        *room = arena->large->size;
        ASAN_POISON_MEMORY_REGION(arena->large, sizeof *arena->large);
        if (*room >= size)
            return take(&arena->large, *room);
    }
    bool own = size > arena->next_chunk / 2; /* else too much would be left of the one in use */
    *room = own ? size : arena->next_chunk;
    if (!own && arena->next_chunk < LARGEST_CHUNK)
        arena->next_chunk *= 2;
    return add_chunk(arena, *room);
}

/* Cuts `size` bytes off the range in use, `gap` from its start, or off another one. */
static char *cut(aot_arena *arena, size_t size, size_t gap)
{
    if (gap <= arena->left && size <= arena->left - gap) {
        char *bytes = arena->at + gap;
        arena->at = bytes + size;
        arena->left -= gap + size;
        return bytes;
    }
    size_t room;
    char *bytes = find_room(arena, size, &room);
    if (bytes && room - size > arena->left) {
        keep(arena, arena->at, arena->left);
        arena->at = bytes + size;
        arena->left = room - size;
    } else if (bytes) {
        keep(arena, bytes + size, room - size);
    }
    return bytes;
}

/* Whole units of the alignment. */
static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* May `size` more bytes be handed out? */
static bool charge(aot_arena *arena, size_t size, aot_error *err)
{
    size_t used;
    if (!aot_add(arena->used, size, &used) || used > SIZE_MAX - ALIGNMENT)
        return aot_fail(err, AOT_ERROR_MEMORY, "%zu bytes are more than there can be", size);
    if (arena->budget && used > arena->budget)
        return aot_fail(err, AOT_ERROR_MEMORY,
                        "the budget of %zu bytes is used up (%zu more needed)", arena->budget,
                        used - arena->budget);
    return true;
}

/* Accounts for `size` bytes that were found, or not. */
static void *hand_out(aot_arena *arena, char *bytes, size_t size, aot_error *err)
{
    if (bytes)
        arena->used += size;
    else
        aot_fail(err, AOT_ERROR_MEMORY, "no room for %zu bytes", size);
    return bytes;
}

void *aot_arena_alloc(aot_arena *arena, size_t size, aot_error *err)
{
    if (!charge(arena, size, err))
        return NULL;
    size_t whole = size ? round_up(size) : ALIGNMENT, unit = whole / ALIGNMENT;
    char *bytes;
    if (aot_alloc_should_fail())
        bytes = NULL;
    else if (whole <= LARGEST_LISTED && arena->small[unit])
        bytes = take(&arena->small[unit], whole);
    else
        bytes = cut(arena, whole, -(uintptr_t)arena->at & (ALIGNMENT - 1));
    return hand_out(arena, bytes, size, err);
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
    if (!charge(arena, size, err))
        return NULL;
    char *copy = aot_alloc_should_fail() ? NULL : cut(arena, size, 0);
    copy = hand_out(arena, copy, size, err);
    if (copy && length)
        memcpy(copy, bytes, length);
    return copy;
}

void aot_arena_release(aot_arena *arena, void *bytes, size_t size)
{
    if (!bytes || size == 0)
        return;
    memset(bytes, 0, size);
    keep(arena, bytes, round_up(size));
    arena->used -= size;
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
    aot_arena_release(arena, *array, *capacity * size);
    *array = bigger;
    *capacity = wanted;
    return true;
}

size_t aot_arena_used(const aot_arena *arena)
{
    return arena->used;
}
