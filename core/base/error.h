/* error.h - a status with a message that names where, what and why. */
#ifndef AOT_BASE_ERROR_H
#define AOT_BASE_ERROR_H

#include <stdbool.h>

typedef enum aot_error_kind {
    AOT_OK = 0,
    AOT_ERROR_INPUT,    /* the model, script or argument is wrong */
    AOT_ERROR_MEMORY,   /* memory or the budget is used up */
    AOT_ERROR_IO,       /* the operating system refused */
    AOT_ERROR_INTERNAL, /* a bug of ours */
} aot_error_kind;

typedef struct aot_error {
    aot_error_kind kind;
    char message[1024]; /* NUL-terminated; one line unless it quotes a program */
} aot_error;

/* Fills `err` and returns false, so that callers can `return aot_fail(...)`.
 * Longer messages are cut at a character boundary and end in "...". `err` may be NULL. */
bool aot_fail(aot_error *err, aot_error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message. Returns false. Of a context that is too long the end is
 * cut, so that the message stays. */
bool aot_error_context(aot_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
