/* emit.h - what is legal C: type names, identifiers, literals, comments, arrays.
 *
 * The one audited place where strings and numbers of a model become program text. */
#ifndef AOT_EMIT_EMIT_H
#define AOT_EMIT_EMIT_H

#include "core/base/text.h"
#include "core/ir/tensor.h"

/* The C type that holds one element: "int8_t", "float", ... bool is uint8_t; f16 and bf16 are
 * the uint16_t of their bits; i4 and u4 are the uint8_t that holds two of them. */
const char *aot_emit_ctype(aot_dtype dtype);

/* Why `name` cannot be an external C and C++ identifier or macro, as words that complete "the
 * name ... "; NULL if it can. At most `significant` characters (63 for internal, 31 for old
 * linkers). Reserved forms, keywords, names of the C library and of our runtime are refused. */
const char *aot_emit_identifier_problem(const char *name, size_t length, size_t significant);

/* Adds an integer constant that has exactly the value, and at least the type, of `dtype`;
 * u64 values are given by their bits. Parenthesized where it is not a single token or minus
 * and a token. */
void aot_emit_int(aot_text *text, aot_dtype dtype, int64_t value);

/* Adds a float constant of type float (f32) or double that reads back exactly. NaN and
 * infinities are NAN and INFINITY of math.h. */
void aot_emit_float(aot_text *text, aot_dtype dtype, double value);

/* Adds any bytes so that they are harmless in a block or line comment, in one line: printable ASCII
 * stays, everything else, backslashes and what would open or close a comment or make a
 * trigraph becomes the byte's hex digits in angle brackets. */
void aot_emit_comment(aot_text *text, const char *bytes, size_t length);

/* Adds the string as a C string literal, quotes included. */
void aot_emit_string(aot_text *text, const char *bytes, size_t length);

/* Adds the data as the inside of an initializer list: lines of at most 96 columns, each
 * indented by four spaces and ended by a newline. Empty data give a single 0, since C has no
 * empty arrays. NaNs lose their payload. */
bool aot_emit_array(aot_text *text, const aot_tensor *tensor);

/* True if the array's text uses NAN or INFINITY of math.h. */
bool aot_emit_array_needs_math(const aot_tensor *tensor);

#endif
