/* text.h - a growing string in an arena. */
#ifndef AOT_BASE_TEXT_H
#define AOT_BASE_TEXT_H

#include <stdint.h>

#include "core/base/arena.h"

/* Errors stick: after the first failure every call is a no-op and aot_text_ok gives false. */
typedef struct aot_text {
    aot_arena *arena;
    char *bytes; /* NUL-terminated */
    size_t length, capacity;
    aot_error *err;
    bool broken;
} aot_text;

void aot_text_init(aot_text *text, aot_arena *arena, aot_error *err);
bool aot_text_ok(const aot_text *text);
void aot_text_add(aot_text *text, const char *string);
void aot_text_add_bytes(aot_text *text, const char *bytes, size_t length);
void aot_text_addf(aot_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a number as the IR text writes it, in the C locale whatever the process's: a float with
 * a point or exponent (`nan`, `inf`, `-inf` as words), exactly readable. `single`: %.9g. */
void aot_text_add_float(aot_text *text, double value, bool single);

#endif
