/* test_kernel_print.c - what kernels look like in C, what is folded, what is refused. */
#include "kernel_check.h"

static aot_arena *arena;

/* The expression of the running kernel as C. */
static const char *shown(aot_kid e)
{
    aot_text text;
    aot_text_init(&text, arena, &err);
    return aot_kernel_show(k, e, &text) ? text.bytes : err.message;
}

static void test_loops(void)
{
    begin();
    const aot_kid x = buffer("x", AOT_K_INPUT, AOT_F32, 8, 16);
    const aot_kid y = buffer("y", AOT_K_OUTPUT, AOT_F32, 8, 16);
    aot_kid i = loop("i", index_of(0), index_of(8));
    aot_kid one = loop("n", index_of(0), index_of(1));
    aot_kid j = aot_kernel_loop(k, "j", index_of(0), index_of(15), 3, &err);
    aot_kid sum = aot_kernel_var(k, "sum", f32(0), false, &err);
    aot_kid unused = aot_kernel_var(k, "unused", load(x, i, j, 1), true, &err);
    CHECK(unused != 0);
    CHECK(aot_kernel_comment(k,
                             "sum *"
                             "/ of\ntwo",
                             13, &err));
    CHECK(aot_kernel_assign(k, sum, two(AOT_K_ADD, sum, load(x, i, plus(j, 1), 1)), &err));
    CHECK(aot_kernel_if(k, two(AOT_K_LT, i, j), &err));
    CHECK(store(y, two(AOT_K_ADD, i, one), j, two(AOT_K_MUL, sum, f32(-1.5))));
    CHECK(aot_kernel_else(k, &err));
    CHECK(store(y, i, j, f32(0)));
    CHECK(end() && end() && end() && end());
    CHECK_TEXT(text_of(arena, false),
               "static int32_t f(const float *restrict x, float *restrict y)\n"
               "{\n"
               "    for (int32_t i = 0; i < 8; ++i) {\n"
               "        for (int32_t j = 0; j < 15; j += 3) {\n"
               "            float sum = 0.0f;\n"
               "            /* sum *<2F> of<0A>two */\n"
               "            sum += x[i * 16 + j + 1];\n"
               "            if (i < j) {\n"
               "                y[i * 16 + j] = sum * -1.5f;\n"
               "            } else {\n"
               "                y[i * 16 + j] = 0.0f;\n"
               "            }\n"
               "        }\n"
               "    }\n"
               "    return 0;\n"
               "}\n");
    CHECK(aot_kernel_macs(k) == 8 * 5);
    CHECK(aot_kernel_access_count(k) == 3);
    const aot_kaccess *first = aot_kernel_access(k, 0);
    CHECK(first->buffer == x && !first->store && first->affine && first->lanes == 1);
    CHECK(first->low == 1 && first->high == 7 * 16 + 13 && first->term_count == 2);
    CHECK(aot_kernel_header_count(k) == 1);
    aot_kernel_free(k);

    begin(); /* a bound that is chosen */
    const aot_kid z = buffer("z", AOT_K_OUTPUT, AOT_F32, 4, 4);
    const aot_kid row = loop("row", index_of(0), index_of(4));
    const aot_kid end_of_row =
        aot_kernel_select(k, two(AOT_K_LT, row, index_of(2)), index_of(3), row, &err);
    const aot_kid column = loop("column", index_of(0), end_of_row);
    CHECK(store(z, row, column, f32(1)));
    CHECK(end() && end());
    CHECK(strstr(text_of(arena, false), "column < (row < 2 ? 3 : row); ++column") != NULL);
    aot_kernel_free(k);
}

static void test_index_arithmetic(void)
{
    begin();
    const aot_kid i = loop("i", index_of(0), index_of(8)),
                  j = loop("j", index_of(0), index_of(4));
    CHECK_TEXT(shown(plus(times(i, 1), 0)), "i");
    CHECK_TEXT(shown(two(AOT_K_SUB, plus(times(i, 4), 6), plus(times(i, 3), 9))), "i - 3");
    CHECK_TEXT(shown(two(AOT_K_SUB, times(i, 2), times(i, 2))), "0");
    CHECK_TEXT(shown(two(AOT_K_SUB, index_of(7), times(j, 2))), "7 - j * 2");
    CHECK_TEXT(shown(two(AOT_K_SUB, index_of(0), times(j, 2))), "-j * 2");
    CHECK_TEXT(shown(two(AOT_K_DIV, two(AOT_K_ADD, times(i, 4), j), index_of(4))), "i");
    CHECK_TEXT(shown(two(AOT_K_REM, two(AOT_K_ADD, times(i, 4), j), index_of(4))), "j");
    CHECK_TEXT(shown(times(two(AOT_K_DIV, i, index_of(3)), 5)), "i / 3 * 5");
    CHECK_TEXT(shown(two(AOT_K_MAX, i, index_of(-1))), "i");
    CHECK_TEXT(shown(two(AOT_K_MIN, i, index_of(7))), "i");
    CHECK_TEXT(shown(two(AOT_K_LT, j, plus(i, 4))), "1");
    CHECK(two(AOT_K_MUL, i, j) == 0);
    CHECK(strstr(err.message, "multiplied by constants only") != NULL);
    CHECK(two(AOT_K_DIV, plus(i, -1), index_of(2)) == 0);
    CHECK(strstr(err.message, "not negative") != NULL);
    CHECK(times(i, INT64_MAX / 2) == 0);
    aot_kernel_free(k);
}

static void test_precedence(void)
{
    begin();
    const aot_kid x = buffer("x", AOT_K_INPUT, AOT_I32, 1, 4);
    const aot_kid u = buffer("u", AOT_K_INPUT, AOT_U32, 1, 4);
    const aot_kid a = load(x, index_of(0), index_of(0), 1),
                  b = load(x, index_of(0), index_of(1), 1);
    const aot_kid c = load(u, index_of(0), index_of(0), 1),
                  d = load(u, index_of(0), index_of(1), 1);
    CHECK_TEXT(shown(two(AOT_K_MUL, two(AOT_K_ADD, a, b), b)), "(x[0, 0] + x[0, 1]) * x[0, 1]");
    CHECK_TEXT(shown(two(AOT_K_SUB, a, two(AOT_K_SUB, a, b))), "x[0, 0] - (x[0, 0] - x[0, 1])");
    CHECK_TEXT(shown(two(AOT_K_SHL, two(AOT_K_ADD, c, d), d)),
               "(u[0, 0] + u[0, 1]) << u[0, 1]");
    CHECK_TEXT(shown(two(AOT_K_OR, two(AOT_K_AND, c, d), d)), "(u[0, 0] & u[0, 1]) | u[0, 1]");
    const aot_kid less = two(AOT_K_LT, a, b), same = two(AOT_K_EQ, a, b);
    CHECK_TEXT(shown(two(AOT_K_EITHER, two(AOT_K_BOTH, less, same), same)),
               "(x[0, 0] < x[0, 1] && x[0, 0] == x[0, 1]) || x[0, 0] == x[0, 1]");
    const aot_kid seven = aot_kernel_int(k, AOT_I32, -7, &err);
    CHECK_TEXT(shown(two(AOT_K_ADD, a, seven)), "x[0, 0] - 7");
    CHECK_TEXT(shown(two(AOT_K_SUB, a, seven)), "x[0, 0] + 7");
    const aot_kid real = aot_kernel_cast(k, AOT_F32, a, false, &err);
    CHECK_TEXT(shown(two(AOT_K_SUB, real, f32(0))), "(float)x[0, 0]");
    CHECK_TEXT(shown(two(AOT_K_SUB, real, f32(-0.0))), "(float)x[0, 0] - -0.0f");
    CHECK_TEXT(shown(two(AOT_K_ADD, real, f32(0))), "(float)x[0, 0] + 0.0f");
    const aot_kid lowest = aot_kernel_int(k, AOT_I32, INT32_MIN, &err);
    CHECK_TEXT(shown(two(AOT_K_MUL, a, lowest)), "x[0, 0] * (-2147483647 - 1)");
    CHECK_TEXT(shown(aot_kernel_cast(k, AOT_F32, two(AOT_K_ADD, a, b), false, &err)),
               "(float)(x[0, 0] + x[0, 1])");
    CHECK_TEXT(
        shown(aot_kernel_unary(k, AOT_K_NEG, aot_kernel_unary(k, AOT_K_NEG, a, &err), &err)),
        "-(-x[0, 0])");
    aot_kernel_free(k);
}

static void test_types(void)
{
    begin();
    const aot_kid b = buffer("b", AOT_K_INPUT, AOT_I8, 1, 16);
    const aot_kid y = buffer("y", AOT_K_OUTPUT, AOT_I8, 1, 16);
    const aot_kid one = load(b, index_of(0), index_of(0), 1);
    CHECK(two(AOT_K_ADD, one, one) == 0);
    CHECK_TEXT(err.message, "kernel 'probe': there is no + of i8: cast its operands first");
    CHECK(two(AOT_K_LT, one, f32(1)) == 0);
    CHECK_TEXT(err.message, "kernel 'probe': < of i8 and f32: cast one of them");
    CHECK(!store(y, index_of(0), index_of(0), f32(1)));
    CHECK_TEXT(err.message, "kernel 'probe': y holds i8, the value is f32: cast it");
    CHECK(!store(b, index_of(0), index_of(0), one));
    CHECK_TEXT(err.message, "kernel 'probe': b is an input: it cannot be stored to");
    CHECK(aot_kernel_int(k, AOT_I8, 200, &err) == 0);
    CHECK_TEXT(err.message, "kernel 'probe': 200 is not a number of type i8");
    CHECK(load(b, index_of(0), index_of(0), 3) == 0);
    CHECK(strstr(err.message, "no vectors of 3 lanes of i8") != NULL);
    CHECK(aot_kernel_else(k, &err) == false && aot_kernel_end(k, &err) == false);
    CHECK(buffer("half", AOT_K_INPUT, AOT_F16, 1, 1) == 0);
    CHECK(buffer("large", AOT_K_LOCAL, AOT_F32, 1, 65) == 0);
    CHECK(strstr(err.message, "260 bytes") != NULL);
    const aot_kid less = two(AOT_K_LT, one, load(b, index_of(0), index_of(1), 1));
    const aot_kid five = aot_kernel_int(k, AOT_I8, 5, &err);
    CHECK(store(y, index_of(0), index_of(0), aot_kernel_select(k, less, one, five, &err)));
    CHECK_TEXT(text_of(arena, false),
               "static int32_t f(const int8_t *restrict b, int8_t *restrict y)\n"
               "{\n"
               "    y[0] = (int8_t)(b[0] < b[1] ? b[0] : 5);\n"
               "    return 0;\n"
               "}\n");
    aot_kernel_free(k);
}

static void test_names_and_buffers(void)
{
    begin();
    const aot_kid y = buffer("exp", AOT_K_OUTPUT, AOT_F32, 4, 4);
    const aot_kid rows = buffer("rows", AOT_K_SCRATCH, AOT_I16, 1, 3);
    const aot_kid more = buffer("rows", AOT_K_SCRATCH, AOT_F32, 1, 3);
    CHECK(buffer("never", AOT_K_INPUT, AOT_F32, 1, 1) != 0);
    const aot_kid i = loop("for", index_of(0), index_of(3)),
                  j = loop("i", index_of(0), index_of(4));
    const aot_kid inner = loop("i", index_of(0), index_of(3));
    CHECK(store(more, index_of(0), inner, f32(1)));
    CHECK(store(rows, index_of(0), i, aot_kernel_int(k, AOT_I16, 1, &err)));
    CHECK(store(y, i, j, load(more, index_of(0), inner, 1)));
    CHECK(end() && end() && end());
    CHECK_TEXT(
        text_of(arena, false),
        "static int32_t f(float *restrict exp_1, const float *restrict never, void *restrict "
        "scratch)\n"
        "{\n"
        "    int16_t *restrict rows = (int16_t *)scratch;\n"
        "    float *restrict rows_1 = (float *)(void *)((uint8_t *)scratch + 64);\n"
        "    (void)never;\n"
        "    for (int32_t for_1 = 0; for_1 < 3; ++for_1) {\n"
        "        for (int32_t i = 0; i < 4; ++i) {\n"
        "            for (int32_t i_1 = 0; i_1 < 3; ++i_1) {\n"
        "                rows_1[i_1] = 1.0f;\n"
        "                rows[for_1] = 1;\n"
        "                exp_1[for_1 * 4 + i] = rows_1[i_1];\n"
        "            }\n"
        "        }\n"
        "    }\n"
        "    return 0;\n"
        "}\n");
    CHECK(aot_kernel_scratch_bytes(k) == 128 && aot_kernel_param_count(k) == 3);
    aot_kernel_free(k);
}

static void test_vectors(void)
{
    for (int extensions = 0; extensions < 2; ++extensions) {
        begin();
        const aot_kid x = buffer("x", AOT_K_INPUT, AOT_F32, 1, 16);
        const aot_kid y = buffer("y", AOT_K_OUTPUT, AOT_F32, 1, 16);
        const aot_kid i = aot_kernel_loop(k, "i", index_of(0), index_of(16), 8, &err);
        const aot_kid v = aot_kernel_var(k, "v", load(x, index_of(0), i, 8), true, &err);
        const aot_kid zero = aot_kernel_splat(k, 8, f32(0), &err);
        const aot_kid less = two(AOT_K_LT, v, zero);
        const aot_kid value =
            aot_kernel_select(k, less, aot_kernel_fma(k, v, v, zero, &err), v, &err);
        CHECK(store(y, index_of(0), i, value));
        CHECK(end());
        CHECK_TEXT(
            text_of(arena, extensions),
            extensions
                ? "static int32_t f(const float *restrict x, float *restrict y)\n"
                  "{\n"
                  "    for (int32_t i = 0; i < 16; i += 8) {\n"
                  "        const aotrt_f32x8 v = aotrt_load_f32x8(x + i);\n"
                  "        aotrt_store_f32x8(y + i, aotrt_select_f32x8(v < "
                  "aotrt_splat_f32x8(0.0f), aotrt_fma_f32x8(v, v, aotrt_splat_f32x8(0.0f)), "
                  "v));\n"
                  "    }\n"
                  "    return 0;\n"
                  "}\n"
                : "static int32_t f(const float *restrict x, float *restrict y)\n"
                  "{\n"
                  "    for (int32_t i = 0; i < 16; i += 8) {\n"
                  "        float v[8];\n"
                  "        for (int32_t lane = 0; lane < 8; ++lane) v[lane] = x[i + lane];\n"
                  "        for (int32_t lane = 0; lane < 8; ++lane) y[i + lane] = v[lane] < "
                  "0.0f ? "
                  "fmaf(v[lane], v[lane], 0.0f) : v[lane];\n"
                  "    }\n"
                  "    return 0;\n"
                  "}\n");
        aot_kernel_free(k);
    }

    begin(); /* calls give vectors that there are */
    const aot_ktype three = { AOT_F32, 3, 0 };
    CHECK(aot_kernel_call(k, "f", NULL, three, NULL, 0, &err) == 0);
    CHECK(strstr(err.message, "there are no vectors of 3 lanes of f32") != NULL);
    aot_kernel_free(k);
}

/* Loops over lanes may not read what they have written. */
static void test_lane_hazards(void)
{
    begin();
    const aot_kid y = buffer("y", AOT_K_OUTPUT, AOT_F32, 1, 16);
    const aot_kid v = aot_kernel_var(k, "v", load(y, index_of(0), index_of(0), 8), false, &err);
    const aot_kid first =
        aot_kernel_splat(k, 8, aot_kernel_lane(k, v, index_of(0), &err), &err);
    CHECK(!aot_kernel_assign(k, v, two(AOT_K_ADD, v, first), &err));
    CHECK(strstr(err.message, "one of its own lanes") != NULL);
    CHECK(!store(y, index_of(0), index_of(4), load(y, index_of(0), index_of(3), 8)));
    CHECK(strstr(err.message, "reads it at another place") != NULL);
    CHECK(store(y, index_of(0), index_of(4),
                two(AOT_K_ADD, v, load(y, index_of(0), index_of(4), 8))));
    aot_kernel_free(k);

    begin(); /* nor in a subscript */
    const aot_kid z = buffer("z", AOT_K_OUTPUT, AOT_U8, 1, 300);
    const aot_kid at =
        aot_kernel_cast(k, AOT_KINDEX, load(z, index_of(0), index_of(0), 1), false, &err);
    const aot_kid x = buffer("x", AOT_K_INPUT, AOT_U8, 1, 300);
    CHECK(!store(z, index_of(0), index_of(0), load(x, index_of(0), plus(at, 1), 8)));
    CHECK(strstr(err.message, "reads it at another place") != NULL);
    aot_kernel_free(k);
}

static void test_wide(void)
{
    begin();
    const int32_t dims[2] = { 70000, 70000 };
    const aot_type type = aot_type_make(AOT_I8, 2, dims);
    const aot_kid y = aot_kernel_buffer(k, "y", &type, AOT_K_OUTPUT, &err);
    const aot_kid i = loop("i", index_of(0), index_of(70000)),
                  j = loop("j", index_of(0), index_of(70000));
    CHECK(store(y, i, j, aot_kernel_int(k, AOT_I8, 1, &err)));
    CHECK(end() && end());
    CHECK_TEXT(text_of(arena, false), "static int32_t f(int8_t *restrict y)\n"
                                      "{\n"
                                      "    for (int64_t i = 0; i < 70000; ++i) {\n"
                                      "        for (int64_t j = 0; j < 70000; ++j) {\n"
                                      "            y[i * 70000 + j] = 1;\n"
                                      "        }\n"
                                      "    }\n"
                                      "    return 0;\n"
                                      "}\n");
    aot_kernel_free(k);

    begin(); /* an index that is only a number */
    const aot_type number = aot_type_make(AOT_I64, 0, NULL);
    const aot_kid from = aot_kernel_buffer(k, "x", &number, AOT_K_INPUT, &err);
    const aot_kid to = aot_kernel_buffer(k, "y", &number, AOT_K_OUTPUT, &err);
    const aot_kid at = aot_kernel_clamp_index(
        k, "at", aot_kernel_load(k, from, NULL, 0, 1, false, &err), INT64_C(1) << 40, &err);
    CHECK(aot_kernel_store(k, to, NULL, 0, aot_kernel_cast(k, AOT_I64, at, false, &err), false,
                           &err));
    CHECK(strstr(text_of(arena, false), "const int64_t at = (int64_t)") != NULL);
    aot_kernel_free(k);
}

static void test_limits(void)
{
    begin();
    aot_kid e = aot_kernel_int(k, AOT_I32, 1, &err);
    const aot_kid x = buffer("x", AOT_K_INPUT, AOT_I32, 1, 1);
    int grown = 0;
    for (; e != 0 && grown < 1000; ++grown)
        e = two(AOT_K_ADD, load(x, index_of(0), index_of(0), 1), e);
    CHECK(e == 0 && grown < 1000);
    CHECK(strstr(err.message, "bind a part of it to a variable") != NULL);
    int nested = 0;
    while (nested < 1000 && loop("i", index_of(0), index_of(2)))
        ++nested;
    CHECK(nested < 1000 && strstr(err.message, "blocks in one another") != NULL);
    aot_kernel_free(k);
}

/* Each allocation fails in turn: an error is set and the kernel can be freed. */
static bool scenario(void)
{
    begin();
    if (!k)
        return false;
    const aot_kid x = buffer("x", AOT_K_INPUT, AOT_F32, 40, 16);
    const aot_kid y = x ? buffer("y", AOT_K_OUTPUT, AOT_F32, 40, 16) : 0;
    const aot_kid high = y ? index_of(40) : 0;
    const aot_kid i = high ? loop("i", index_of(0), high) : 0;
    const aot_kid five = i ? index_of(5) : 0;
    const aot_kid value = five ? load(x, i, five, 1) : 0;
    aot_kid sum = value ? aot_kernel_var(k, "sum", value, false, &err) : 0;
    for (int n = 0; sum && n < 80; ++n)
        if (!aot_kernel_assign(k, sum, value, &err))
            sum = 0;
    bool done =
        sum && aot_kernel_comment(k, "words", 5, &err) && store(y, i, five, sum) && end();
    const aot_kstyle style = { .spelling = "f" };
    aot_text text;
    aot_text_init(&text, arena, &err);
    done = done && aot_kernel_finish(k, &err) && aot_kernel_print(k, &style, &text);
    aot_kernel_free(k);
    return done;
}

static void test_failing_memory(void)
{
    for (size_t n = 1; n < 2000; ++n) {
        aot_alloc_fail_at(n, n % 2 == 0);
        const bool done = scenario();
        aot_alloc_fail_at(0, false);
        CHECK(done || err.kind == AOT_ERROR_MEMORY);
        if (done)
            return;
    }
    CHECK(false); /* it never succeeded */
}

int main(void)
{
    arena = aot_arena_new(0);
    test_loops();
    test_index_arithmetic();
    test_precedence();
    test_types();
    test_names_and_buffers();
    test_vectors();
    test_lane_hazards();
    test_wide();
    test_limits();
    test_failing_memory();
    aot_arena_free(arena);
    return check_done();
}
