/* attrs.h - attribute values: numbers, words, references, lists and named fields.
 *
 * A value is never changed in place: those of a module share what they hold. */
#ifndef AOT_IR_ATTRS_H
#define AOT_IR_ATTRS_H

#include "core/base/text.h"
#include "core/ir/type.h"

typedef enum aot_attr_kind {
    AOT_ATTR_INT,
    AOT_ATTR_FLOAT,
    AOT_ATTR_BOOL,
    AOT_ATTR_STRING,
    AOT_ATTR_REF, /* @graph, @pool or $constant, by name; `string` includes the sigil */
    AOT_ATTR_LIST,
    AOT_ATTR_DICT,
} aot_attr_kind;

typedef struct aot_attr aot_attr;
typedef struct aot_field aot_field;

struct aot_attr {
    aot_attr_kind kind;
    uint32_t length; /* string, ref: bytes; list, dict: entries */
    union {
        int64_t i;             /* int, bool */
        double f;              /* float */
        const char *string;    /* string, ref: NUL-terminated, may hold NULs before `length` */
        const aot_attr *items; /* list */
        const aot_field *fields; /* dict, sorted by name (bytewise), names unique */
    };
};

/* Values come from files: deeper nesting is refused, so that recursion stays bounded. */
enum { AOT_ATTR_DEEPEST = 64 };

struct aot_field {
    const char *name; /* [A-Za-z_][A-Za-z0-9_.]* */
    aot_attr value;
};

/* The field `name` of a dict, or NULL. Binary search. */
const aot_attr *aot_attr_get(const aot_attr *dict, const char *name);

/* Typed look-ups of a dict with a default where the field is absent. They fail, naming the
 * field, where it is of another kind or (ints) out of range. An int serves as a float. */
bool aot_attr_int(const aot_attr *dict, const char *name, int64_t low, int64_t high,
                  int64_t otherwise, int64_t *out, aot_error *err);
bool aot_attr_float(const aot_attr *dict, const char *name, double otherwise, double *out,
                    aot_error *err);
bool aot_attr_bool(const aot_attr *dict, const char *name, bool otherwise, bool *out,
                   aot_error *err);
/* `words` is a NULL-terminated list of the legal values, *out the index of the one there is;
 * `otherwise` -1: required. */
bool aot_attr_word(const aot_attr *dict, const char *name, const char *const *words,
                   int otherwise, int *out, aot_error *err);
/* Exactly `count` ints in [low, high]; absent: all `otherwise` (low > otherwise: required). */
bool aot_attr_ints(const aot_attr *dict, const char *name, size_t count, int64_t low,
                   int64_t high, int64_t otherwise, int64_t *out, aot_error *err);

bool aot_attr_equal(const aot_attr *a, const aot_attr *b); /* floats by bits */

/* Adds the value as IR text, `{ a = 1, b = [2, 3] }`; strings that are no words are quoted. */
void aot_attr_print(const aot_attr *attr, aot_text *text);

/* shared.c: byte strings that are kept once in an arena, however often they are asked for. All
 * that the fields of copied dicts hold is made of them: names, strings, lists, dicts within. */
typedef struct aot_shared {
    aot_arena *arena;
    struct aot_shared_piece **table;
    size_t count, capacity;
} aot_shared;

/* The one copy of `size` bytes, with a NUL behind, aligned as what an arena gives. What was shared
 * before is found without an allocation. */
const void *aot_share(aot_shared *shared, const void *bytes, size_t size, aot_error *err);

/* A copy of the value, its dicts sorted. Fails where a field's name is not a word or comes twice,
 * where a reference does not start with @ or $, or where values nest too deep. The fields of a
 * dict that is copied (not of those within) are its own: aot_attr_drop gives them back. */
bool aot_attr_copy(aot_shared *shared, const aot_attr *from, aot_attr *to, aot_error *err);
void aot_attr_drop(aot_shared *shared, aot_attr *dict);

/* Puts a copy of `value` under `key` of a dict that was copied, or removes the key if it is NULL.
 * On failure the dict is as it was. */
bool aot_attr_set(aot_shared *shared, aot_attr *dict, const char *key, const aot_attr *value,
                  aot_error *err);

#endif
