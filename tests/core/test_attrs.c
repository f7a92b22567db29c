/* test_attrs.c - attribute values: look-ups, copies, text. */
#include "check.h"

#include <math.h>

#include "core/ir/attrs.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static aot_error err;

static aot_attr integer(int64_t i)
{
    return (aot_attr){ .kind = AOT_ATTR_INT, .i = i };
}

static aot_attr word(const char *string)
{
    return (aot_attr){ .kind = AOT_ATTR_STRING,
                       .string = string,
                       .length = (uint32_t)strlen(string) };
}

static void check_text_of(const aot_attr *attr, const char *wanted)
{
    aot_arena *arena = aot_arena_new(0);
    aot_text text;
    aot_text_init(&text, arena, &err);
    aot_attr_print(attr, &text);
    CHECK(aot_text_ok(&text));
    CHECK_TEXT(text.bytes, wanted);
    aot_arena_free(arena);
}

static void test_copy_sorts(void)
{
    aot_arena *arena = aot_arena_new(0);
    aot_shared shared = { .arena = arena };
    aot_attr items[] = { integer(1), integer(INT64_MIN), { .kind = AOT_ATTR_FLOAT, .f = 0.5 } };
    aot_field inner[] = { { "z", word("same") } };
    aot_field fields[] = {
        { "stride", { .kind = AOT_ATTR_LIST, .length = 3, .items = items } },
        { "at", { .kind = AOT_ATTR_REF, .string = "@pool one", .length = 9 } },
        { "by.x", { .kind = AOT_ATTR_DICT, .length = 1, .fields = inner } },
        { "flag", { .kind = AOT_ATTR_BOOL, .i = 1 } },
        { "empty", { .kind = AOT_ATTR_LIST } },
        { "none", { .kind = AOT_ATTR_DICT } },
    };
    aot_attr dict = { .kind = AOT_ATTR_DICT, .length = COUNT(fields), .fields = fields }, copy;
    CHECK(aot_attr_copy(&shared, &dict, &copy, &err));
    check_text_of(&copy, "{ at = @\"pool one\", by.x = { z = same }, empty = [], flag = true, "
                         "none = {}, stride = [1, -9223372036854775808, 0.5] }");
    CHECK(aot_attr_get(&copy, "stride")->length == 3 && !aot_attr_get(&copy, "strid"));
    CHECK(aot_attr_get(&copy, "at") && aot_attr_get(&copy, "none"));
    CHECK(!aot_attr_get(NULL, "at") && !aot_attr_get(items, "at"));
    aot_attr again;
    CHECK(aot_attr_copy(&shared, &copy, &again, &err) && aot_attr_equal(&copy, &again));
    items[1].i = 7;
    CHECK(aot_attr_copy(&shared, &dict, &again, &err) && !aot_attr_equal(&copy, &again));
    items[2].f = (double)NAN;
    CHECK(aot_attr_equal(&items[2], &items[2]));
    aot_attr zero = { .kind = AOT_ATTR_FLOAT, .f = 0.0 }, minus = { .kind = AOT_ATTR_FLOAT };
    minus.f = -0.0;
    CHECK(!aot_attr_equal(&zero, &minus) && !aot_attr_equal(&zero, &items[0]));

    fields[1].name = "stride";
    CHECK(!aot_attr_copy(&shared, &dict, &again, &err) && strstr(err.message, "twice"));
    fields[1].name = "a b";
    CHECK(!aot_attr_copy(&shared, &dict, &again, &err) && strstr(err.message, "a b"));
    fields[1].name = "at";
    fields[1].value.string = "pool";
    CHECK(!aot_attr_copy(&shared, &dict, &again, &err) && strstr(err.message, "reference"));
    aot_arena_free(arena);
}

/* Equal parts are the same part, whoever has them; what is dropped is used again. */
static void test_sharing(void)
{
    aot_arena *arena = aot_arena_new(0);
    aot_shared shared = { .arena = arena };
    aot_attr ones[] = { integer(1), integer(1) }, twos[] = { integer(2), integer(2) };
    ones[0].length = 9; /* means nothing here */
    aot_field fields[] = {
        { "origin", word("first") },
        { "strides", { .kind = AOT_ATTR_LIST, .length = 2, .items = ones } },
    };
    aot_attr dict = { .kind = AOT_ATTR_DICT, .length = 2, .fields = fields }, a, b;
    CHECK(aot_attr_copy(&shared, &dict, &a, &err));
    fields[0].value = word("second");
    CHECK(aot_attr_copy(&shared, &dict, &b, &err));
    CHECK(a.fields != b.fields && a.fields[0].name == b.fields[0].name);
    CHECK(aot_attr_get(&a, "strides")->items == aot_attr_get(&b, "strides")->items);
    fields[1].value.items = twos;
    CHECK(aot_attr_set(&shared, &b, "strides", &fields[1].value, &err));
    CHECK(aot_attr_get(&a, "strides")->items[1].i == 1);
    CHECK(aot_attr_get(&b, "strides")->items[1].i == 2);

    CHECK(aot_attr_set(&shared, &b, "axis", &twos[0], &err) && b.length == 3);
    check_text_of(&b, "{ axis = 2, origin = second, strides = [2, 2] }");
    size_t used = aot_arena_used(arena);
    for (int i = 0; i < 1000; i++) {
        CHECK(aot_attr_set(&shared, &b, "axis", &(aot_attr){ .i = i }, &err));
        CHECK(aot_attr_set(&shared, &b, "origin", i % 2 ? &fields[0].value : NULL, &err));
    }
    CHECK(b.length == 3 && aot_arena_used(arena) == used);
    check_text_of(&b, "{ axis = 999, origin = second, strides = [2, 2] }");

    aot_alloc_fail_at(1, true);
    CHECK(!aot_attr_set(&shared, &b, "axis", &fields[0].value, &err));
    aot_alloc_fail_at(0, false);
    check_text_of(&b, "{ axis = 999, origin = second, strides = [2, 2] }");
    CHECK(!aot_attr_set(&shared, &b, "no word", &ones[0], &err));
    aot_attr_drop(&shared, &a);
    CHECK(a.length == 0 && !aot_attr_get(&a, "strides"));
    const char *text = aot_share(&shared, "a\0b", 3, &err);
    CHECK(text && text[3] == '\0' && text == aot_share(&shared, "a\0b", 3, &err));
    CHECK(text != aot_share(&shared, "a", 1, &err) &&
          *(const char *)aot_share(&shared, NULL, 0, &err) == 0);
    aot_arena_free(arena);
}

static void test_depth(void)
{
    enum { DEEP = 100 };
    aot_arena *arena = aot_arena_new(0);
    aot_shared shared = { .arena = arena };
    aot_attr chain[DEEP], copy;
    chain[DEEP - 1] = integer(1);
    for (size_t i = DEEP - 1; i-- > 0;)
        chain[i] = (aot_attr){ .kind = AOT_ATTR_LIST, .length = 1, .items = &chain[i + 1] };
    CHECK(!aot_attr_copy(&shared, chain, &copy, &err) && strstr(err.message, "deeper than 64"));
    CHECK(aot_attr_copy(&shared, &chain[DEEP - 60], &copy, &err));
    CHECK(!aot_attr_equal(chain, chain));
    aot_text text;
    aot_text_init(&text, arena, &err);
    aot_attr_print(chain, &text);
    CHECK(!aot_text_ok(&text));
    aot_arena_free(arena);
}

static void test_strings(void)
{
    aot_attr odd = { .kind = AOT_ATTR_STRING, .string = "a\0\"\\\n\xff\x7f?", .length = 8 };
    check_text_of(&odd, "\"a\\x00\\\"\\\\\\n\\xff\\x7f?\"");
    static const char *const quoted[] = {
        "nan", "inf", "true", "false", "", "1a", "a-b", "-inf"
    };
    for (size_t i = 0; i < COUNT(quoted); i++) {
        char wanted[16];
        aot_attr attr = word(quoted[i]);
        (void)snprintf(wanted, sizeof wanted, "\"%s\"", quoted[i]);
        check_text_of(&attr, wanted);
    }
    aot_attr plain = word("_x.9");
    check_text_of(&plain, "_x.9");
}

static void test_look_ups(void)
{
    aot_attr pair[] = { integer(3), integer(4) };
    aot_field fields[] = {
        { "axis", integer(-1) },
        { "keep", { .kind = AOT_ATTR_BOOL, .i = 1 } },
        { "mode", word("even") },
        { "pad", { .kind = AOT_ATTR_LIST, .length = 2, .items = pair } },
    };
    aot_attr dict = { .kind = AOT_ATTR_DICT, .length = COUNT(fields), .fields = fields };
    static const char *const modes[] = { "away", "even", NULL };
    int64_t i, two[2];
    double f;
    bool b;
    int index;
    CHECK(aot_attr_int(&dict, "axis", -1, 3, 0, &i, &err) && i == -1);
    CHECK(aot_attr_int(&dict, "none", 0, 3, 2, &i, &err) && i == 2);
    CHECK(!aot_attr_int(&dict, "axis", 0, 3, 0, &i, &err));
    CHECK_TEXT(err.message, "attribute 'axis' is -1, it must be in 0 to 3");
    CHECK(!aot_attr_int(&dict, "keep", 0, 3, 0, &i, &err));
    CHECK_TEXT(err.message, "attribute 'keep' must be an integer, it is true or false");
    CHECK(aot_attr_float(&dict, "axis", 0, &f, &err) && f == -1);
    CHECK(aot_attr_float(&dict, "beta", 1, &f, &err) && f == 1);
    CHECK(!aot_attr_float(&dict, "mode", 0, &f, &err));
    CHECK(aot_attr_bool(&dict, "keep", false, &b, &err) && b);
    CHECK(aot_attr_bool(&dict, "none", true, &b, &err) && b);
    CHECK(!aot_attr_bool(&dict, "axis", true, &b, &err));
    CHECK(aot_attr_word(&dict, "mode", modes, -1, &index, &err) && index == 1);
    CHECK(aot_attr_word(&dict, "none", modes, 0, &index, &err) && index == 0);
    CHECK(!aot_attr_word(&dict, "none", modes, -1, &index, &err));
    CHECK_TEXT(err.message, "attribute 'none' is missing");
    fields[2].value = word("up");
    CHECK(!aot_attr_word(&dict, "mode", modes, 0, &index, &err));
    CHECK_TEXT(err.message, "attribute 'mode' is 'up', it must be one of away, even");
    CHECK(aot_attr_ints(&dict, "pad", 2, 0, 9, 0, two, &err) && two[0] == 3 && two[1] == 4);
    CHECK(aot_attr_ints(&dict, "none", 2, 1, 9, 1, two, &err) && two[0] == 1 && two[1] == 1);
    CHECK(!aot_attr_ints(&dict, "none", 2, 1, 9, 0, two, &err));
    CHECK(!aot_attr_ints(&dict, "pad", 4, 0, 9, 0, two, &err));
    CHECK_TEXT(err.message, "attribute 'pad' has 2 entries, it must have 4");
    CHECK(!aot_attr_ints(&dict, "pad", 2, 0, 3, 0, two, &err) && two[0] == 1);
    CHECK_TEXT(err.message, "entry 1 of attribute 'pad' is 4, it must be in 0 to 3");
    CHECK(!aot_attr_ints(&dict, "axis", 2, 0, 3, 0, two, &err));
}

int main(void)
{
    test_copy_sorts();
    test_sharing();
    test_depth();
    test_strings();
    test_look_ups();
    return check_done();
}
