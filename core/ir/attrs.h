/* attrs.h - attribute values: numbers, words, references, lists and named fields. */
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
    size_t length; /* string, ref: bytes; list, dict: entries */
    union {
        int64_t i;          /* int, bool */
        double f;           /* float */
        const char *string; /* string, ref: NUL-terminated, may hold NULs before `length` */
        aot_attr *items;    /* list */
        aot_field *fields;  /* dict, sorted by name (bytewise), names unique */
    };
};

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

/* A deep copy in `arena`, its dicts sorted. Fails where a field's name is not a word or comes
 * twice, where a reference does not start with @ or $, or where values nest deeper than 64. */
bool aot_attr_copy(aot_arena *arena, const aot_attr *from, aot_attr *to, aot_error *err);
bool aot_attr_equal(const aot_attr *a, const aot_attr *b); /* floats by bits */

/* Adds the value as IR text, `{ a = 1, b = [2, 3] }`; strings that are no words are quoted. */
void aot_attr_print(const aot_attr *attr, aot_text *text);

#endif
