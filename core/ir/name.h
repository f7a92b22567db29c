/* name.h - how names and strings are spelled in the IR text. */
#ifndef AOT_IR_NAME_H
#define AOT_IR_NAME_H

#include "core/base/text.h"

/* Is it [A-Za-z_][A-Za-z0-9_.]*, so that it stands without quotes? */
bool aot_name_is_word(const char *bytes, size_t length);

/* Adds a name: as it is if it is a word, else quoted and escaped. */
void aot_name_print(const char *name, aot_text *text);

/* Adds an attribute's string: as a name, but what would read as a number or truth is quoted. */
void aot_name_print_string(const char *bytes, size_t length, aot_text *text);

#endif
