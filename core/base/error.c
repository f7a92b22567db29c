/* error.c - fills in errors: one message, cut cleanly where it is too long. */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies `text` to `out`; what is too long, or was `cut` before, ends in "..." after a whole
 * character. */
static void copy_cut(char *out, size_t room, const char *text, bool cut)
{
    size_t length = strlen(text);
    if (!cut && length < room) {
        memcpy(out, text, length + 1);
        return;
    }
    if (length > room - 4)
        length = room - 4;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    (void)snprintf(out, room, "%.*s...", (int)length, text);
}

bool aot_fail(aot_error *err, aot_error_kind kind, const char *format, ...)
{
    if (!err)
        return false;
    char text[sizeof err->message]; /* the arguments may point into *err */
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    err->kind = kind;
    copy_cut(err->message, sizeof err->message, length < 0 ? format : text,
             length >= (int)sizeof text);
    return false;
}

bool aot_error_context(aot_error *err, const char *format, ...)
{
    enum { LEAST = 256 }; /* bytes of context, however long the message is */
    if (!err)
        return false;
    char context[sizeof err->message], text[2 * sizeof err->message];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(context, sizeof context, format, list);
    va_end(list);
    if (length < 0)
        context[0] = '\0';
    size_t rest = strlen(err->message) + strlen(": ");
    size_t room = rest < sizeof err->message - LEAST ? sizeof err->message - rest : LEAST;
    copy_cut(text, room, context, false);
    size_t at = strlen(text);
    (void)snprintf(text + at, sizeof text - at, ": %s", err->message);
    copy_cut(err->message, sizeof err->message, text, false);
    return false;
}
