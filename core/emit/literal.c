/* literal.c - numbers and strings as C constants that have exactly their value. */
#include "core/emit/emit.h"

#include <inttypes.h>
#include <math.h>

const char *aot_emit_ctype(aot_dtype dtype)
{
    switch (dtype) {
    case AOT_F32:
        return "float";
    case AOT_F64:
        return "double";
    case AOT_I8:
        return "int8_t";
    case AOT_I16:
        return "int16_t";
    case AOT_I32:
        return "int32_t";
    case AOT_I64:
        return "int64_t";
    case AOT_U8:
        return "uint8_t";
    case AOT_U16:
        return "uint16_t";
    case AOT_U32:
        return "uint32_t";
    case AOT_U64:
        return "uint64_t";
    case AOT_F16:
    case AOT_BF16:
        return "uint16_t";
    case AOT_BOOL:
    case AOT_I4:
    case AOT_U4:
        return "uint8_t";
    case AOT_DTYPE_COUNT:
        break;
    }
    return "void";
}

void aot_emit_int(aot_text *text, aot_dtype dtype, int64_t value)
{
    if (dtype == AOT_U64) {
        aot_text_addf(text, "UINT64_C(%" PRIu64 ")", (uint64_t)value);
    } else if (dtype == AOT_I64) {
        /* the digits of the smallest number have no type: it is made by a subtraction */
        if (value == INT64_MIN)
            aot_text_add(text, "(-INT64_C(9223372036854775807) - 1)");
        else if (value < 0)
            aot_text_addf(text, "-INT64_C(%" PRId64 ")", -value);
        else
            aot_text_addf(text, "INT64_C(%" PRId64 ")", value);
    } else if (dtype == AOT_U32) {
        aot_text_addf(text, "%" PRId64 "u", value);
    } else if (value == INT32_MIN) {
        aot_text_add(text, "(-2147483647 - 1)");
    } else {
        aot_text_addf(text, "%" PRId64, value);
    }
}

void aot_emit_float(aot_text *text, aot_dtype dtype, double value)
{
    if (isnan(value)) {
        aot_text_add(text, signbit(value) ? "-NAN" : "NAN");
    } else if (isinf(value)) {
        aot_text_add(text, value < 0 ? "-INFINITY" : "INFINITY");
    } else {
        aot_text_add_float(text, value, dtype == AOT_F32);
        if (dtype == AOT_F32)
            aot_text_add(text, "f");
    }
}

void aot_emit_string(aot_text *text, const char *bytes, size_t length)
{
    aot_text_add(text, "\"");
    for (size_t i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)bytes[i];
        /* three octal digits end by themselves, unlike hex; ? could make a trigraph */
        if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '?')
            aot_text_addf(text, "\\%03o", (unsigned)c);
        else
            aot_text_add_bytes(text, &bytes[i], 1);
    }
    aot_text_add(text, "\"");
}
