/* names.c - a hash table of names, and for each name in demand the series of its successors.
 *
 * The first free name of a series must not depend on what happened before: compiling on from a
 * dump gives the same names. So a series keeps its released numbers in a heap (leftist, of the
 * entries themselves: no allocation), and from `next` on nothing was ever tried. */
#include "core/ir/names.h"

#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"

struct aot_series {
    uint32_t next; /* every free number below is in `freed` */
    aot_named *freed;
};

/* The last round of a multiplicative hash: spreads all bits into the low ones. */
static uint32_t hash_name(uint32_t scope, const char *name, size_t length)
{
    uint64_t hash = aot_hash_bytes(AOT_HASH_START, &scope, sizeof scope);
    hash = aot_hash_bytes(hash, name, length);
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    return (uint32_t)(hash ^ hash >> 33);
}

/* The place of the name, or the empty place where it would go. */
static size_t place(const aot_names *names, uint32_t scope, const char *name, size_t length,
                    uint32_t hash)
{
    size_t mask = names->capacity - 1, at = hash & mask;
    for (const aot_named *e; (e = names->table[at]); at = (at + 1) & mask)
        if (e->hash == hash && e->scope == scope && strncmp(e->name, name, length) == 0 &&
            e->name[length] == '\0')
            break;
    return at;
}

static aot_named *look_up(const aot_names *names, uint32_t scope, const char *name,
                          size_t length)
{
    if (names->capacity == 0)
        return NULL;
    return names->table[place(names, scope, name, length, hash_name(scope, name, length))];
}

aot_named *aot_names_find(const aot_names *names, uint32_t scope, const char *name)
{
    aot_named *named = look_up(names, scope, name, strlen(name));
    return named && named->owner ? named : NULL;
}

/* Keeps the table at most two thirds full. */
static bool reserve(aot_names *names, aot_error *err)
{
    if (names->count + names->count / 2 + 1 < names->capacity)
        return true;
    size_t capacity = names->capacity ? names->capacity * 2 : 32;
    aot_named **table = aot_arena_array(names->arena, capacity, sizeof(aot_named *), err);
    if (!table)
        return false;
    for (size_t i = 0; i < names->capacity; i++) {
        aot_named *e = names->table[i];
        if (!e)
            continue;
        size_t at = e->hash & (capacity - 1);
        while (table[at])
            at = (at + 1) & (capacity - 1);
        table[at] = e;
    }
    aot_arena_release(names->arena, names->table, names->capacity * sizeof *table);
    names->table = table;
    names->capacity = capacity;
    return true;
}

/* Bytes of the entry of a name of `length` bytes. */
static size_t size_of(size_t length)
{
    return offsetof(aot_named, name) + length + 1;
}

/* Forgets a name: those behind it that collided with others move up. */
static void forget(aot_names *names, aot_named *e)
{
    size_t mask = names->capacity - 1, hole = e->hash & mask;
    while (names->table[hole] != e)
        hole = (hole + 1) & mask;
    names->table[hole] = NULL;
    for (size_t at = (hole + 1) & mask; names->table[at]; at = (at + 1) & mask) {
        size_t wanted = names->table[at]->hash & mask;
        if (((at - wanted) & mask) < ((at - hole) & mask))
            continue;
        names->table[hole] = names->table[at];
        names->table[at] = NULL;
        hole = at;
    }
    names->count--;
    aot_arena_release(names->arena, e, size_of(strlen(e->name)));
}

/* The entry of the name, made if there is none. */
static aot_named *obtain(aot_names *names, uint32_t scope, const char *name, aot_error *err)
{
    size_t length = strlen(name);
    if (!reserve(names, err))
        return NULL;
    uint32_t hash = hash_name(scope, name, length);
    size_t at = place(names, scope, name, length, hash);
    if (names->table[at])
        return names->table[at];
    aot_named *e = aot_arena_alloc(names->arena, size_of(length), err);
    if (!e)
        return NULL;
    memcpy(e->name, name, length);
    e->hash = hash;
    e->scope = scope;
    names->table[at] = e;
    names->count++;
    return e;
}

/* Joins two heaps. The way down the right sides is at most logarithmic. */
static aot_named *join(aot_named *a, aot_named *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->suffix < a->suffix) {
        aot_named *swap = a;
        a = b;
        b = swap;
    }
    a->right = join(a->right, b);
    if (!a->left || a->left->rank < a->right->rank) {
        aot_named *swap = a->left;
        a->left = a->right;
        a->right = swap;
    }
    a->rank = a->right ? (uint8_t)(a->right->rank + 1) : 1;
    return a;
}

static aot_named *pop(struct aot_series *series)
{
    aot_named *least = series->freed;
    series->freed = join(least->left, least->right);
    least->left = least->right = NULL;
    least->queued = false;
    return least;
}

static aot_named *take(aot_named *e)
{
    e->owner = AOT_CLAIMED;
    return e;
}

/* The first free name that `text`, which has room for it, and a number make. */
static aot_named *claim_number(aot_names *names, const aot_named *base, char *text, size_t size,
                               aot_error *err)
{
    struct aot_series *series = base->series;
    while (series->next < UINT32_MAX) {
        (void)snprintf(text, size, "%s_%lu", base->name, (unsigned long)series->next);
        aot_named *e = obtain(names, base->scope, text, err);
        if (!e)
            return NULL;
        series->next++;
        if (!e->owner)
            return take(e);
    }
    aot_fail(err, AOT_ERROR_MEMORY, "there are too many names like '%s'", base->name);
    return NULL;
}

static aot_named *claim_next(aot_names *names, const aot_named *base, aot_error *err)
{
    while (base->series->freed) {
        aot_named *least = pop(base->series);
        if (!least->owner)
            return take(least);
    }
    size_t size = strlen(base->name) + sizeof "_4294967295";
    char *text = aot_arena_alloc(names->arena, size, err);
    aot_named *e = text ? claim_number(names, base, text, size, err) : NULL;
    aot_arena_release(names->arena, text, size);
    return e;
}

aot_named *aot_names_claim(aot_names *names, uint32_t scope, const char *wanted,
                           const char *fallback, aot_error *err)
{
    aot_named *e = obtain(names, scope, wanted && *wanted ? wanted : fallback, err);
    if (!e)
        return NULL;
    if (!e->owner)
        return take(e);
    if (!e->series) {
        e->series = aot_arena_alloc(names->arena, sizeof *e->series, err);
        if (!e->series)
            return NULL;
        e->series->next = 1;
    }
    return claim_next(names, e, err);
}

/* Splits "name_12" into the length of "name" and 12; false if it has no such ending. */
static bool split(const char *name, size_t *length, uint32_t *suffix)
{
    size_t end = strlen(name), at = end;
    uint64_t number = 0, unit = 1;
    for (; at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9' && end - at < 10; at--) {
        number += unit * (uint64_t)(name[at - 1] - '0');
        unit *= 10;
    }
    if (at == end || at < 2 || name[at - 1] != '_' || name[at] == '0' || number >= UINT32_MAX)
        return false;
    *length = at - 1;
    *suffix = (uint32_t)number;
    return true;
}

/* Puts a free name_12 into the heap of its series; false if it belongs in none. */
static bool enqueue(aot_names *names, aot_named *named)
{
    size_t length;
    uint32_t suffix;
    if (!split(named->name, &length, &suffix))
        return false;
    const aot_named *base = look_up(names, named->scope, named->name, length);
    if (!base || !base->series || suffix >= base->series->next)
        return false;
    named->queued = true;
    named->suffix = suffix;
    named->rank = 1;
    base->series->freed = join(base->series->freed, named);
    return true;
}

void aot_names_release(aot_names *names, aot_named *named)
{
    if (!named)
        return;
    named->owner = 0;
    if (!named->queued && !enqueue(names, named) && !named->series)
        forget(names, named);
}
