/* test_base.c - the arena, errors, texts and hashes. */
#include "check.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"

static void test_arena(void)
{
    aot_error err = { AOT_OK, "" };
    aot_arena *arena = aot_arena_new(0);
    bool aligned = true, zeroed = true;
    for (size_t size = 0; size < 20000; size = size * 2 + 3) {
        unsigned char *bytes = aot_arena_alloc(arena, size, &err);
        aligned = aligned && bytes && (uintptr_t)bytes % 8 == 0;
        for (size_t i = 0; bytes && i < size; i++) {
            zeroed = zeroed && bytes[i] == 0;
            bytes[i] = 0xff;
        }
    }
    CHECK(aligned);
    CHECK(zeroed);
    CHECK(!aot_arena_array(arena, SIZE_MAX / 2, 4, &err) && err.kind == AOT_ERROR_MEMORY);
    CHECK(!aot_arena_alloc(arena, SIZE_MAX, &err));

    void *array = NULL;
    size_t capacity = 0;
    CHECK(aot_arena_grow(arena, &array, &capacity, 3, sizeof(int), &err) && capacity >= 3);
    ((int *)array)[2] = 42;
    CHECK(aot_arena_grow(arena, &array, &capacity, 1000, sizeof(int), &err));
    CHECK(capacity >= 1000 && ((int *)array)[2] == 42);
    void *before = array;
    CHECK(!aot_arena_grow(arena, &array, &capacity, SIZE_MAX / 2, sizeof(int), &err));
    CHECK(array == before && capacity < SIZE_MAX / 2);
    aot_arena_free(arena);

    arena = aot_arena_new(100);
    CHECK(aot_arena_alloc(arena, 90, &err) && aot_arena_used(arena) == 90);
    CHECK(!aot_arena_alloc(arena, 16, &err) && err.kind == AOT_ERROR_MEMORY);
    CHECK(strstr(err.message, "100 bytes"));
    aot_arena_free(arena);
    aot_arena_free(NULL);
}

/* What is given back is zeroed and used again, whatever its size. */
static void test_release(void)
{
    aot_error err = { AOT_OK, "" };
    aot_arena *arena = aot_arena_new(0);
    aot_arena_release(arena, NULL, 8);
    static const size_t sizes[] = { 8, 24, 30, 512, 520, 4000, 100000 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t size = sizes[s], used = aot_arena_used(arena);
        unsigned char *first = aot_arena_alloc(arena, size, &err), *again = first;
        for (int round = 0; round < 3; round++) {
            memset(again, 0xff, size);
            aot_arena_release(arena, again, size);
            CHECK(aot_arena_used(arena) == used);
            again = aot_arena_alloc(arena, size, &err);
            CHECK(size > 512 || again == first);
            bool zeroed = true;
            for (size_t i = 0; i < size; i++)
                zeroed = zeroed && again[i] == 0;
            CHECK(zeroed);
        }
    }

    /* A large piece serves many small ones, which do not overlap. */
    char *large = aot_arena_alloc(arena, 64000, &err);
    aot_arena_release(arena, large, 64000);
    size_t within = 0;
    bool zeroed = true;
    for (size_t i = 0; i < 200000; i++) {
        char *small = aot_arena_alloc(arena, 16, &err);
        within += small >= large && small < large + 64000;
        zeroed = zeroed && small && small[0] == 0 && small[15] == 0;
        memset(small, 0xff, 16);
    }
    CHECK(zeroed && within == 64000 / 16);
    aot_arena_free(arena);

    /* Records that come and go stay within what they took once. */
    arena = aot_arena_new(5000);
    for (int i = 0; i < 10000; i++) {
        void *record = aot_arena_alloc(arena, 1000 + (size_t)(i % 7) * 300, &err);
        CHECK(record);
        aot_arena_release(arena, record, 1000 + (size_t)(i % 7) * 300);
    }
    aot_arena_free(arena);
}

static void test_failures_asked_for(void)
{
    aot_arena *arena = aot_arena_new(0);
    aot_alloc_fail_at(2, false);
    CHECK(aot_arena_alloc(arena, 1, NULL) && !aot_arena_alloc(arena, 1, NULL));
    CHECK(aot_arena_alloc(arena, 1, NULL) != NULL);
    aot_alloc_fail_at(1, true);
    CHECK(!aot_arena_alloc(arena, 1, NULL) && !aot_arena_alloc(arena, 1, NULL));
    CHECK(!aot_arena_new(0));
    aot_alloc_fail_at(0, false);
    CHECK(aot_arena_alloc(arena, 1, NULL) != NULL);
    aot_arena_free(arena);
}

static void test_errors(void)
{
    aot_error err = { AOT_OK, "" };
    CHECK(!aot_fail(&err, AOT_ERROR_INPUT, "%s has %d", "conv", 3));
    CHECK_TEXT(err.message, "conv has 3");
    CHECK(!aot_error_context(&err, "layer %d", 17));
    CHECK_TEXT(err.message, "layer 17: conv has 3");
    aot_fail(&err, AOT_ERROR_IO, "again: %s", err.message);
    CHECK_TEXT(err.message, "again: layer 17: conv has 3");
    CHECK(!aot_fail(NULL, AOT_ERROR_IO, "nobody asks") && !aot_error_context(NULL, "nobody"));

    char longer[3000]; /* two-byte characters: a cut must not fall into one */
    for (size_t i = 0; i + 1 < sizeof longer; i++)
        longer[i] = i % 2 ? '\xa4' : '\xc3';
    longer[sizeof longer - 1] = '\0';
    aot_fail(&err, AOT_ERROR_INPUT, "%s", longer);
    size_t length = strlen(err.message);
    CHECK(length >= 1020 && length < 1024 && strcmp(err.message + length - 3, "...") == 0);
    CHECK(err.message[length - 4] == '\xa4');
    aot_error_context(&err, "x");
    length = strlen(err.message);
    CHECK(err.message[length - 4] == '\xa4' && strncmp(err.message, "x: ", 3) == 0);
    aot_fail(&err, AOT_ERROR_INPUT, "why"); /* which stays, whatever it is put behind */
    aot_error_context(&err, "%s", longer);
    length = strlen(err.message);
    CHECK(length < 1024 && strcmp(err.message + length - 8, "...: why") == 0);
    CHECK(err.message[length - 9] == '\xa4');
}

static void check_float(double value, bool single, const char *wanted)
{
    aot_text text;
    aot_arena *arena = aot_arena_new(0);
    aot_text_init(&text, arena, NULL);
    aot_text_add_float(&text, value, single);
    CHECK_TEXT(text.bytes, wanted);
    aot_arena_free(arena);
}

static void test_floats(void)
{
    check_float(1, true, "1.0");
    check_float(-0.0, false, "-0.0");
    check_float(1e30, false, "1e+30");
    check_float((double)0.1f, true, "0.100000001");
    check_float(0.1, false, "0.10000000000000001");
    check_float((double)NAN, false, "nan");
    check_float(-(double)INFINITY, true, "-inf");
    check_float((double)INFINITY, true, "inf");
    check_float(5e-324, false, "4.9406564584124654e-324");
    check_float(16777216, true, "16777216.0");
    /* where the locale has a comma, if this machine has such a locale */
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") || setlocale(LC_NUMERIC, "tr_TR.UTF-8")) {
        check_float(0.5, true, "0.5");
        check_float(1.5e300, false, "1.5000000000000001e+300");
        (void)setlocale(LC_NUMERIC, "C");
    }
}

static void test_text(void)
{
    aot_error err = { AOT_OK, "" };
    aot_arena *arena = aot_arena_new(0);
    aot_text text;
    aot_text_init(&text, arena, &err);
    CHECK_TEXT(text.bytes, "");
    char longer[600];
    memset(longer, 'y', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    aot_text_add(&text, "a");
    aot_text_addf(&text, "%d%s", 7, longer);
    aot_text_add_bytes(&text, "z\0z", 3);
    CHECK(aot_text_ok(&text) && text.length == 2 + 599 + 3 && text.bytes[text.length] == 0);
    CHECK(text.bytes[1] == '7' && text.bytes[600] == 'y' && text.bytes[601] == 'z');

    aot_alloc_fail_at(1, true);
    while (aot_text_ok(&text))
        aot_text_add(&text, longer);
    aot_alloc_fail_at(0, false);
    size_t length = text.length;
    aot_text_add(&text, "more");
    aot_text_addf(&text, "%s", longer);
    CHECK(!aot_text_ok(&text) && text.length == length && err.kind == AOT_ERROR_MEMORY);
    aot_arena_free(arena);
}

static void test_hashes(void)
{
    char hex[65];
    aot_sha256_hex("", 0, hex);
    CHECK_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    aot_sha256_hex("abc", 3, hex);
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    aot_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    CHECK_TEXT(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    size_t million = 1000000;
    char *a = malloc(million);
    if (a) {
        memset(a, 'a', million);
        aot_sha256_hex(a, million, hex);
        CHECK_TEXT(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(a);
    CHECK(aot_hash_bytes(AOT_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    CHECK(aot_hash_bytes(aot_hash_bytes(AOT_HASH_START, "foo", 3), "bar", 3) ==
          UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    test_arena();
    test_release();
    test_failures_asked_for();
    test_errors();
    test_floats();
    test_text();
    test_hashes();
    return check_done();
}
