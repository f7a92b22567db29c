/* name.c - spells names and strings for the IR text. */
#include "core/ir/name.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool aot_name_is_word(const char *bytes, size_t length)
{
    if (length == 0 || !is_letter(bytes[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_letter(bytes[i]) && !(bytes[i] >= '0' && bytes[i] <= '9') && bytes[i] != '.')
            return false;
    return true;
}

static void print_quoted(const char *bytes, size_t length, aot_text *text)
{
    aot_text_add(text, "\"");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            aot_text_addf(text, "\\%c", c);
        else if (c == '\n')
            aot_text_add(text, "\\n");
        else if (c < 0x20 || c > 0x7e)
            aot_text_addf(text, "\\x%02x", c);
        else
            aot_text_add_bytes(text, bytes + i, 1);
    }
    aot_text_add(text, "\"");
}

void aot_name_print(const char *name, aot_text *text)
{
    size_t length = strlen(name);
    if (aot_name_is_word(name, length))
        aot_text_add_bytes(text, name, length);
    else
        print_quoted(name, length, text);
}

void aot_name_print_string(const char *bytes, size_t length, aot_text *text)
{
    static const char *const taken[] = { "nan", "inf", "true", "false" };
    bool bare = aot_name_is_word(bytes, length);
    for (size_t i = 0; bare && i < sizeof taken / sizeof *taken; i++)
        bare = strlen(taken[i]) != length || memcmp(taken[i], bytes, length) != 0;
    if (bare)
        aot_text_add_bytes(text, bytes, length);
    else
        print_quoted(bytes, length, text);
}
