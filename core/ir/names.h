/* names.h - who has which name: unique names per scope, and the first free one of a series. */
#ifndef AOT_IR_NAMES_H
#define AOT_IR_NAMES_H

#include "core/base/arena.h"
#include "core/ir/type.h"

/* Scopes. A graph's values have its id, but those of @main share a scope with the states. */
#define AOT_SCOPE_CONST  UINT32_C(0x80000000)
#define AOT_SCOPE_MAIN   UINT32_C(0x80000001)
#define AOT_SCOPE_GLOBAL UINT32_C(0x80000002) /* graphs and pools */

/* The owner of a name that is claimed but not yet given to anyone. */
#define AOT_CLAIMED UINT32_MAX

/* A name in a scope. A released one stays known only where a series needs it. */
typedef struct aot_named {
    uint32_t hash, scope;
    aot_id owner;                   /* 0: free */
    uint32_t suffix;                /* in the heap of the released names of a series */
    struct aot_series *series;      /* of name_1, name_2, ..., once one was needed */
    struct aot_named *left, *right; /* in that heap */
    uint8_t rank;
    bool queued;
    char name[];
} aot_named;

typedef struct aot_names {
    aot_arena *arena;
    aot_named **table;
    size_t count, capacity;
} aot_names;

/* The entry of a name somebody owns, or NULL. */
aot_named *aot_names_find(const aot_names *names, uint32_t scope, const char *name);

/* Claims `wanted` (`fallback` where that is NULL or empty), or if it is taken the first free of
 * wanted_1, wanted_2, ... Amortized constant time. NULL on failure. */
aot_named *aot_names_claim(aot_names *names, uint32_t scope, const char *wanted,
                           const char *fallback, aot_error *err);

/* Makes the name free again; the entry may be gone then. NULL is allowed. */
void aot_names_release(aot_names *names, aot_named *named);

#endif
