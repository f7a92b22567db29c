/* comment.c - words of a model made harmless in comments. */
#include "core/emit/emit.h"

void aot_emit_comment(aot_text *text, const char *bytes, size_t length)
{
    char before = ' ';
    for (size_t i = 0; i < length; ++i) {
        const char c = bytes[i];
        const unsigned char u = (unsigned char)c;
        const bool mark = (c == '/' && (before == '*' || before == '/')) ||
                          (c == '*' && before == '/') || (c == '?' && before == '?');
        if (u < ' ' || u > '~' || c == '\\' || mark) {
            aot_text_addf(text, "<%02X>", (unsigned)u);
            before = '>';
        } else {
            aot_text_add_bytes(text, &c, 1);
            before = c;
        }
    }
}
