/* shared.c - attribute values that stay: equal parts of them are kept once.
 *
 * Networks repeat themselves: thousands of nodes have the same strides. What a node alone has is
 * the array of its fields, which is given back when the fields change or the node goes. Parts
 * are equal exactly if their bytes are, as the parts within them are kept once, too. */
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/ir/attrs.h"
#include "core/ir/name.h"

struct aot_shared_piece {
    uint32_t hash, size;
    uint64_t bytes[]; /* words, so that they are aligned */
};

/* No padding, whose bytes might differ. */
_Static_assert(sizeof(aot_attr) == 2 * sizeof(uint32_t) + sizeof(uint64_t), "see above");
_Static_assert(sizeof(aot_field) == sizeof(char *) + sizeof(aot_attr), "see above");

/* Keeps the table at most two thirds full. */
static bool reserve(aot_shared *shared, aot_error *err)
{
    if (shared->count + shared->count / 2 + 1 < shared->capacity)
        return true;
    size_t old = shared->capacity, capacity = old ? 2 * old : 32;
    struct aot_shared_piece **table =
        aot_arena_array(shared->arena, capacity, sizeof *table, err);
    if (!table)
        return false;
    for (size_t i = 0; i < old; i++) {
        struct aot_shared_piece *piece = shared->table[i];
        if (!piece)
            continue;
        size_t at = piece->hash & (capacity - 1);
        while (table[at])
            at = (at + 1) & (capacity - 1);
        table[at] = piece;
    }
    aot_arena_release(shared->arena, shared->table, old * sizeof *table);
    shared->table = table;
    shared->capacity = capacity;
    return true;
}

static struct aot_shared_piece *find(const aot_shared *shared, const void *bytes, size_t size,
                                     uint32_t hash)
{
    size_t mask = shared->capacity - 1;
    struct aot_shared_piece *piece = NULL;
    for (size_t at = hash & mask; shared->capacity && (piece = shared->table[at]);
         at = (at + 1) & mask)
        if (piece->hash == hash && piece->size == size &&
            (size == 0 || memcmp(piece->bytes, bytes, size) == 0))
            break;
    return piece;
}

const void *aot_share(aot_shared *shared, const void *bytes, size_t size, aot_error *err)
{
    if (size >= UINT32_MAX) {
        aot_fail(err, AOT_ERROR_MEMORY, "an attribute of %zu bytes is too long", size);
        return NULL;
    }
    uint64_t wide = aot_hash_bytes(AOT_HASH_START, bytes, size);
    uint32_t hash = (uint32_t)(wide ^ wide >> 32);
    struct aot_shared_piece *piece = find(shared, bytes, size, hash);
    if (piece)
        return piece->bytes;
    if (!reserve(shared, err) ||
        !(piece = aot_arena_alloc(shared->arena, sizeof *piece + size + 1, err)))
        return NULL;
    size_t mask = shared->capacity - 1, at = hash & mask;
    while (shared->table[at])
        at = (at + 1) & mask;
    piece->hash = hash;
    piece->size = (uint32_t)size;
    if (size)
        memcpy(piece->bytes, bytes, size);
    shared->table[at] = piece;
    shared->count++;
    return piece->bytes;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const aot_field *)a)->name, ((const aot_field *)b)->name);
}

static bool copy(aot_shared *shared, const aot_attr *from, aot_attr *to, int depth,
                 aot_error *err);

static bool copy_list(aot_shared *shared, const aot_attr *from, aot_attr *to, int depth,
                      aot_error *err)
{
    to->items = NULL;
    if (from->length == 0)
        return true;
    aot_attr *items = aot_arena_array(shared->arena, from->length, sizeof *items, err);
    bool done = items != NULL;
    for (size_t i = 0; done && i < from->length; i++)
        done = copy(shared, &from->items[i], &items[i], depth + 1, err);
    size_t size = from->length * sizeof *items;
    if (done)
        to->items = aot_share(shared, items, size, err);
    aot_arena_release(shared->arena, items, size);
    return to->items != NULL;
}

static bool fill_fields(aot_shared *shared, const aot_attr *from, aot_field *fields, int depth,
                        aot_error *err)
{
    for (size_t i = 0; i < from->length; i++) {
        const char *name = from->fields[i].name;
        size_t length = strlen(name);
        if (!aot_name_is_word(name, length))
            return aot_fail(err, AOT_ERROR_INPUT, "'%s' is no name of an attribute", name);
        fields[i].name = aot_share(shared, name, length, err);
        if (!fields[i].name ||
            !copy(shared, &from->fields[i].value, &fields[i].value, depth + 1, err))
            return false;
    }
    qsort(fields, from->length, sizeof *fields, by_name);
    for (size_t i = 1; i < from->length; i++)
        if (strcmp(fields[i - 1].name, fields[i].name) == 0)
            return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' is given twice",
                            fields[i].name);
    return true;
}

/* The copied fields of a dict in an array of their own; NULL on failure. */
static aot_field *copy_fields(aot_shared *shared, const aot_attr *from, int depth,
                              aot_error *err)
{
    aot_field *fields = aot_arena_array(shared->arena, from->length, sizeof *fields, err);
    if (!fields || fill_fields(shared, from, fields, depth, err))
        return fields;
    aot_arena_release(shared->arena, fields, from->length * sizeof *fields);
    return NULL;
}

static bool copy_dict(aot_shared *shared, const aot_attr *from, aot_attr *to, int depth,
                      aot_error *err)
{
    to->fields = NULL;
    if (from->length == 0)
        return true;
    aot_field *fields = copy_fields(shared, from, depth, err);
    if (!fields)
        return false;
    size_t size = from->length * sizeof *fields;
    to->fields = aot_share(shared, fields, size, err);
    aot_arena_release(shared->arena, fields, size);
    return to->fields != NULL;
}

static bool copy_string(aot_shared *shared, const aot_attr *from, aot_attr *to, aot_error *err)
{
    if (from->kind == AOT_ATTR_REF &&
        (from->length < 2 || (from->string[0] != '@' && from->string[0] != '$') ||
         memchr(from->string, 0, from->length)))
        return aot_fail(err, AOT_ERROR_INPUT, "a reference must be @ or $ and a name");
    to->string = aot_share(shared, from->string, from->length, err);
    return to->string != NULL;
}

static bool copy(aot_shared *shared, const aot_attr *from, aot_attr *to, int depth,
                 aot_error *err)
{
    if (depth > AOT_ATTR_DEEPEST)
        return aot_fail(err, AOT_ERROR_INPUT, "attributes nest deeper than %d",
                        AOT_ATTR_DEEPEST);
    *to = *from;
    switch (from->kind) {
    case AOT_ATTR_STRING:
    case AOT_ATTR_REF:
        return copy_string(shared, from, to, err);
    case AOT_ATTR_LIST:
        return copy_list(shared, from, to, depth, err);
    case AOT_ATTR_DICT:
        return copy_dict(shared, from, to, depth, err);
    default:
        to->length = 0;
        return true;
    }
}

bool aot_attr_copy(aot_shared *shared, const aot_attr *from, aot_attr *to, aot_error *err)
{
    aot_attr made = *from;
    if (from->kind != AOT_ATTR_DICT) {
        if (!copy(shared, from, &made, 0, err))
            return false;
    } else if (from->length && !(made.fields = copy_fields(shared, from, 0, err))) {
        return false;
    }
    *to = made;
    return true;
}

void aot_attr_drop(aot_shared *shared, aot_attr *dict)
{
    aot_arena_release(shared->arena, (void *)dict->fields, dict->length * sizeof *dict->fields);
    dict->fields = NULL;
    dict->length = 0;
}

/* The place of the first field whose name is not less. */
static size_t place_of(const aot_attr *dict, const char *name)
{
    size_t at = 0;
    while (at < dict->length && strcmp(dict->fields[at].name, name) < 0)
        at++;
    return at;
}

bool aot_attr_set(aot_shared *shared, aot_attr *dict, const char *key, const aot_attr *value,
                  aot_error *err)
{
    if (!aot_name_is_word(key, strlen(key)))
        return aot_fail(err, AOT_ERROR_INPUT, "'%s' is no name of an attribute", key);
    const aot_attr *old = aot_attr_get(dict, key);
    if ((!old && !value) || (old && value && aot_attr_equal(old, value)))
        return true;
    size_t length = dict->length + !old - !value, at = place_of(dict, key);
    aot_field added = { 0 }, *fields = NULL;
    if (value && (!(added.name = aot_share(shared, key, strlen(key), err)) ||
                  !copy(shared, value, &added.value, 0, err)))
        return false;
    if (length && !(fields = aot_arena_array(shared->arena, length, sizeof *fields, err)))
        return false;
    if (at)
        memcpy(fields, dict->fields, at * sizeof *fields);
    if (value && fields) /* which there is, as length counts the value */
        fields[at] = added;
    size_t from = at + (old != NULL), to = at + (value != NULL);
    if (to < length)
        memcpy(fields + to, dict->fields + from, (length - to) * sizeof *fields);
    aot_attr_drop(shared, dict);
    dict->fields = fields;
    dict->length = (uint32_t)length;
    return true;
}
