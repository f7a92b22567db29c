/* error.c - fills in errors: one message, cut cleanly where it is too long. */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies `text` to the message; what is too long ends in "..." after a whole character. */
static void set_message(aot_error *err, const char *text, bool cut)
{
    size_t room = sizeof err->message;
    size_t length = strlen(text);
    if (!cut && length < room) {
        memcpy(err->message, text, length + 1);
        return;
    }
    if (length > room - 4)
        length = room - 4;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    memcpy(err->message, text, length);
    memcpy(err->message + length, "...", 4);
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
    set_message(err, length < 0 ? format : text, length >= (int)sizeof text);
    return false;
}

bool aot_error_context(aot_error *err, const char *format, ...)
{
    if (!err)
        return false;
    char text[2 * sizeof err->message];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof err->message, format, list);
    va_end(list);
    if (length < 0)
        text[0] = '\0';
    size_t at = strlen(text);
    (void)snprintf(text + at, sizeof text - at, ": %s", err->message);
    set_message(err, text, false);
    return false;
}
