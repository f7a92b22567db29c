/* identifier.c - which names may be identifiers in generated C. */
#include "core/emit/emit.h"

#include <string.h>

typedef struct aot_denied {
    const char *word, *why;
} aot_denied;

static const aot_denied denied[] = {
#define AOT_DENY(word, why) { word, why },
#include "core/emit/deny.def"
#undef AOT_DENY
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The reason that deny.def gives; its words are sorted bytewise. */
static const char *find_denied(const char *name, size_t length)
{
    size_t low = 0, high = sizeof denied / sizeof *denied;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *word = denied[middle].word;
        int order = strncmp(name, word, length);
        if (order == 0 && word[length] != '\0')
            order = -1;
        if (order == 0)
            return denied[middle].why;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool starts(const char *name, size_t length, const char *prefix)
{
    const size_t n = strlen(prefix);
    return length >= n && memcmp(name, prefix, n) == 0;
}

/* Arduino defines B0 to B11111111, the numbers in binary. */
static bool is_binary(const char *name, size_t length)
{
    size_t i = 1;
    while (i < length && (name[i] == '0' || name[i] == '1'))
        i++;
    return name[0] == 'B' && length >= 2 && length <= 9 && i == length;
}

const char *aot_emit_identifier_problem(const char *name, size_t length, size_t significant)
{
    if (length == 0)
        return "is empty";
    if (length > significant)
        return "is longer than the characters that compilers tell apart";
    if (is_digit(name[0]))
        return "starts with a digit";
    for (size_t i = 0; i < length; ++i)
        if (!is_letter(name[i]) && !is_digit(name[i]))
            return "has characters other than ASCII letters, digits and _";
    if (name[0] == '_')
        return "starts with _, which is reserved";
    for (size_t i = 0; i + 1 < length; ++i)
        if (name[i] == '_' && name[i + 1] == '_')
            return "has __ in it, which C++ reserves";
    if (starts(name, length, "aotrt_") || starts(name, length, "AOTRT_"))
        return "belongs to the runtime of generated code";
    if (starts(name, length, "CONFIG_"))
        return "starts with CONFIG_, as the options of Zephyr and ESP-IDF do";
    if (is_binary(name, length))
        return "is a binary number of Arduino";
    return find_denied(name, length);
}
