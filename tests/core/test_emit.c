/* test_emit.c - identifiers, literals, comments, strings and arrays that are legal C. */
#include "check.h"
#include "core/emit/emit.h"

#include <math.h>

static aot_arena *arena;
static aot_error err;

static const char *problem(const char *name)
{
    const char *why = aot_emit_identifier_problem(name, strlen(name), 63);
    return why ? why : "";
}

static void test_identifiers(void)
{
    CHECK_TEXT(problem("audio_in"), "");
    CHECK_TEXT(problem("X1"), "");
    CHECK(strstr(problem(""), "empty") != NULL);
    CHECK(strstr(problem("1x"), "digit") != NULL);
    CHECK(strstr(problem("a b"), "other than ASCII") != NULL);
    CHECK(strstr(problem("caf\xc3\xa9"), "other than ASCII") != NULL);
    CHECK(strstr(problem("_x"), "reserved") != NULL);
    CHECK(strstr(problem("a__b"), "C++ reserves") != NULL);
    CHECK(strstr(problem("aotrt_x"), "runtime") != NULL);
    CHECK_TEXT(problem("while"), "is a word of C");
    CHECK_TEXT(problem("class"), "is a word of C++");
    CHECK(strstr(problem("printf"), "C library") != NULL);
    CHECK(strstr(problem("NULL"), "C library") != NULL);
    CHECK_TEXT(problem("whil"), "");
    CHECK_TEXT(problem("whilee"), "");
    CHECK_TEXT(problem("F"), "is a macro of Arduino");
    CHECK_TEXT(problem("NVIC"), "is a name in microcontrollers' headers");
    CHECK_TEXT(problem("PendSV_IRQn"), "is a name in microcontrollers' headers");
    CHECK_TEXT(problem("BIT31"), "is a name of embedded operating systems");
    CHECK(strstr(problem("CONFIG_X"), "CONFIG_") != NULL);
    CHECK_TEXT(problem("B01101001"), "is a binary number of Arduino");
    CHECK_TEXT(problem("B"), "");
    CHECK_TEXT(problem("B2"), "");
    CHECK_TEXT(problem("B011010010"), "");
    CHECK(aot_emit_identifier_problem("abcd", 4, 3) != NULL);
    CHECK(aot_emit_identifier_problem("a\0b", 3, 63) != NULL);
}

static void test_deny_list_is_sorted(void)
{
    static const char *const words[] = {
#define AOT_DENY(word, why) word,
#include "core/emit/deny.def"
#undef AOT_DENY
    };
    const size_t count = sizeof words / sizeof *words;
    CHECK(count > 1000);
    for (size_t i = 0; i + 1 < count; ++i)
        CHECK(strcmp(words[i], words[i + 1]) < 0);
    for (size_t i = 0; i < count; ++i)
        CHECK(problem(words[i])[0] != '\0');
}

static aot_text fresh(void)
{
    aot_text text;
    aot_text_init(&text, arena, &err);
    aot_text_add(&text, "");
    return text;
}

#define CHECK_INT(dtype, value, wanted)                                                        \
    do {                                                                                       \
        aot_text text = fresh();                                                               \
        aot_emit_int(&text, dtype, value);                                                     \
        CHECK_TEXT(text.bytes, wanted);                                                        \
    } while (0)

#define CHECK_FLOAT(dtype, value, wanted)                                                      \
    do {                                                                                       \
        aot_text text = fresh();                                                               \
        aot_emit_float(&text, dtype, value);                                                   \
        CHECK_TEXT(text.bytes, wanted);                                                        \
    } while (0)

static void test_literals(void)
{
    CHECK_INT(AOT_I8, -128, "-128");
    CHECK_INT(AOT_I32, INT32_MIN, "(-2147483647 - 1)");
    CHECK_INT(AOT_I32, INT32_MAX, "2147483647");
    CHECK_INT(AOT_U32, UINT32_MAX, "4294967295u");
    CHECK_INT(AOT_I64, -5, "-INT64_C(5)");
    CHECK_INT(AOT_I64, INT64_MIN, "(-INT64_C(9223372036854775807) - 1)");
    CHECK_INT(AOT_U64, -1, "UINT64_C(18446744073709551615)");
    CHECK_FLOAT(AOT_F32, 1.0, "1.0f");
    CHECK_FLOAT(AOT_F32, (double)0.1f, "0.100000001f");
    CHECK_FLOAT(AOT_F64, 0.1, "0.10000000000000001");
    CHECK_FLOAT(AOT_F32, -0.0, "-0.0f");
    CHECK_FLOAT(AOT_F32, 1e30, "1e+30f");
    CHECK_FLOAT(AOT_F32, -(double)INFINITY, "-INFINITY");
    CHECK_FLOAT(AOT_F64, (double)NAN, "NAN");
}

static void check_comment(const char *words, const char *wanted)
{
    aot_text text = fresh();
    aot_emit_comment(&text, words, strlen(words));
    CHECK_TEXT(text.bytes, wanted);
}

static void test_comments(void)
{
    check_comment("layer 17 'conv'", "layer 17 'conv'");
    check_comment("a*"
                  "/b",
                  "a*<2F>b");
    check_comment("a/"
                  "*b",
                  "a/<2A>b");
    check_comment("a//b", "a/<2F>b");
    check_comment("a\\", "a<5C>");
    check_comment("what?"
                  "?/",
                  "what?<3F>/");
    check_comment("caf\xc3\xa9\n", "caf<C3><A9><0A>");
    check_comment("*"
                  "*"
                  "/",
                  "**<2F>");
}

static void test_strings(void)
{
    aot_text text = fresh();
    aot_emit_string(&text,
                    "a\"\\?\n\0"
                    "1",
                    7);
    CHECK_TEXT(text.bytes, "\"a\\042\\134\\077\\012\\0001\"");
}

static const char *array_of(aot_dtype dtype, size_t count, const double *values)
{
    const int32_t dims[1] = { (int32_t)count };
    const aot_type type = aot_type_make(dtype, 1, dims);
    aot_tensor tensor;
    aot_text text = fresh();
    CHECK(aot_tensor_new(&type, &tensor, &err));
    for (size_t i = 0; i < count; ++i)
        aot_store_f64(&tensor, i, values[i]);
    CHECK(aot_emit_array(&text, &tensor));
    aot_block_release(tensor.block);
    return text.bytes;
}

static void test_arrays(void)
{
    CHECK_TEXT(array_of(AOT_I8, 3, (double[]){ -128, 0, 127 }), "    -128, 0, 127,\n");
    CHECK_TEXT(array_of(AOT_F32, 2, (double[]){ 0.5, -3 }), "    0.5f, -3.0f,\n");
    CHECK_TEXT(array_of(AOT_I32, 1, (double[]){ INT32_MIN }), "    (-2147483647 - 1),\n");
    CHECK_TEXT(array_of(AOT_U32, 2, (double[]){ 7, 4294967295.0 }), "    7, 4294967295u,\n");
    CHECK_TEXT(array_of(AOT_I64, 1, (double[]){ 4294967296.0 }), "    INT64_C(4294967296),\n");
    CHECK_TEXT(array_of(AOT_BF16, 2, (double[]){ 1, -2 }), "    0x3f80, 0xc000,\n");
    CHECK_TEXT(array_of(AOT_I4, 3, (double[]){ 1, -1, 7 }), "    0xf1, 0x07,\n");
    CHECK_TEXT(array_of(AOT_F32, 0, NULL), "    0,\n");
    double many[60];
    for (int i = 0; i < 60; ++i)
        many[i] = i + 100;
    const char *text = array_of(AOT_I16, 60, many);
    for (const char *line = text; *line;) {
        const size_t length = strcspn(line, "\n");
        CHECK(length <= 96 && strncmp(line, "    1", 5) == 0);
        line += length + 1;
    }
}

static void test_failing_memory(void)
{
    const double values[4] = { 1, 2, 3, 4 };
    const int32_t dims[1] = { 4 };
    const aot_type type = aot_type_make(AOT_F32, 1, dims);
    aot_tensor tensor;
    CHECK(aot_tensor_new(&type, &tensor, &err));
    for (size_t i = 0; i < 4; ++i)
        aot_store_f64(&tensor, i, values[i]);
    for (size_t n = 1; n < 100; ++n) {
        aot_text text;
        err.kind = AOT_OK;
        aot_alloc_fail_at(n, true);
        aot_text_init(&text, arena, &err);
        const bool done = aot_emit_array(&text, &tensor);
        aot_alloc_fail_at(0, false);
        CHECK(done || err.kind == AOT_ERROR_MEMORY);
        if (done)
            break;
    }
    aot_block_release(tensor.block);
}

int main(void)
{
    arena = aot_arena_new(0);
    test_identifiers();
    test_deny_list_is_sorted();
    test_literals();
    test_comments();
    test_strings();
    test_arrays();
    test_failing_memory();
    aot_arena_free(arena);
    return check_done();
}
