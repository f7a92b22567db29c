/* text.c - a growing string in an arena, with numbers that no locale changes. */
#include "core/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char nothing[1];

void aot_text_init(aot_text *text, aot_arena *arena, aot_error *err)
{
    *text = (aot_text){ .arena = arena, .bytes = nothing, .err = err };
}

bool aot_text_ok(const aot_text *text)
{
    return !text->broken;
}

/* Makes room for `more` bytes and the NUL. */
static bool reserve(aot_text *text, size_t more)
{
    size_t need;
    if (text->broken)
        return false;
    if (!aot_add(text->length, more, &need) || !aot_add(need, 1, &need)) {
        text->broken = true;
        return aot_fail(text->err, AOT_ERROR_MEMORY, "a text is longer than memory");
    }
    void *bytes = text->bytes;
    if (!aot_arena_grow(text->arena, &bytes, &text->capacity, need, 1, text->err)) {
        text->broken = true;
        return false;
    }
    text->bytes = bytes;
    return true;
}

void aot_text_add_bytes(aot_text *text, const char *bytes, size_t length)
{
    if (length == 0 || !reserve(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void aot_text_add(aot_text *text, const char *string)
{
    aot_text_add_bytes(text, string, strlen(string));
}

void aot_text_addf(aot_text *text, const char *format, ...)
{
    if (text->broken)
        return;
    char room[256];
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(room, sizeof room, format, list);
    va_end(list);
    if (length < 0) {
        text->broken = true;
        aot_fail(text->err, AOT_ERROR_INTERNAL, "the format '%s' cannot be printed", format);
    } else if ((size_t)length < sizeof room) {
        aot_text_add_bytes(text, room, (size_t)length);
    } else if (reserve(text, (size_t)length)) {
        (void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void aot_text_add_float(aot_text *text, double value, bool single)
{
    if (isnan(value)) {
        aot_text_add(text, "nan");
        return;
    }
    if (isinf(value)) {
        aot_text_add(text, value < 0 ? "-inf" : "inf");
        return;
    }
    char printed[64], plain[72];
    (void)snprintf(printed, sizeof printed, single ? "%.9g" : "%.17g", value);
    size_t length = 0;
    bool marked = false;
    for (const char *p = printed; *p;) {
        if ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e') {
            marked = marked || *p == 'e';
            plain[length++] = *p++;
        } else { /* what is no part of a number is the locale's decimal point */
            marked = true;
            plain[length++] = '.';
            while (*p && !(*p >= '0' && *p <= '9'))
                p++;
        }
    }
    aot_text_add_bytes(text, plain, length);
    if (!marked)
        aot_text_add(text, ".0");
}
