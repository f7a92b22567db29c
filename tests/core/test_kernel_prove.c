/* test_kernel_prove.c - accesses that are proved in bounds, and accesses that are refused. */
#include "kernel_check.h"

/* Ends a kernel whose accesses must be proved. */
#define PROVED()                                                                               \
    do {                                                                                       \
        const bool proved = aot_kernel_finish(k, &err);                                        \
        if (!proved)                                                                           \
            fprintf(stderr, "%s\n", err.message);                                              \
        CHECK(proved);                                                                         \
        aot_kernel_free(k);                                                                    \
    } while (0)

/* Ends a kernel that must be refused with a message that has these words. */
#define REFUSED(words)                                                                         \
    do {                                                                                       \
        CHECK(!aot_kernel_finish(k, &err));                                                    \
        CHECK(strstr(err.message, words) != NULL);                                             \
        if (!strstr(err.message, words))                                                       \
            fprintf(stderr, "%s\n", err.message);                                              \
        aot_kernel_free(k);                                                                    \
    } while (0)

static aot_kid x, y;

/* x[8, 16] and y[8, 16] in a fresh kernel. */
static void fresh(void)
{
    begin();
    x = buffer("x", AOT_K_INPUT, AOT_F32, 8, 16);
    y = buffer("y", AOT_K_OUTPUT, AOT_F32, 8, 16);
}

static void copy(aot_kid row, aot_kid column)
{
    CHECK(store(y, row, column, load(x, row, column, 1)));
}

static void test_ranges(void)
{
    fresh();
    aot_kid i = loop("i", index_of(0), index_of(8)), j = loop("j", index_of(0), index_of(16));
    copy(i, j);
    CHECK(end() && end());
    PROVED();

    fresh();
    i = loop("i", index_of(0), index_of(9));
    j = loop("j", index_of(0), index_of(16));
    copy(i, j);
    CHECK(end() && end());
    REFUSED(
        "kernel 'probe': subscript i of x (dimension 0) is not proved to lie in 0 .. 7; all "
        "that is known is 0 .. 8");

    fresh(); /* the offset of the whole is in bounds, but the column is not */
    i = loop("i", index_of(0), index_of(7));
    copy(i, plus(index_of(16), 0));
    CHECK(end());
    REFUSED("subscript 16 of x (dimension 1)");

    fresh(); /* a step that divides nothing evenly: 0, 5, 10, 15 */
    j = aot_kernel_loop(k, "j", index_of(0), index_of(17), 5, &err);
    copy(index_of(0), j);
    CHECK(end());
    PROVED();
}

static void test_vectors(void)
{
    fresh();
    aot_kid j = aot_kernel_loop(k, "j", index_of(0), index_of(16), 8, &err);
    CHECK(store(y, index_of(7), j, load(x, index_of(7), j, 8)));
    CHECK(end());
    PROVED();

    fresh();
    j = aot_kernel_loop(k, "j", index_of(0), index_of(16), 4, &err);
    CHECK(store(y, index_of(7), j, load(x, index_of(7), j, 8)));
    CHECK(end());
    REFUSED("0 .. 8 as lanes need");
}

/* ih = oh * 2 + kh - 1, kept in the image by the bounds of the loop over kh */
static void test_clipped_windows(void)
{
    fresh();
    aot_kid oh = loop("oh", index_of(0), index_of(4));
    aot_kid top = plus(times(oh, 2), -1);
    aot_kid low = two(AOT_K_MAX, two(AOT_K_SUB, index_of(0), top), index_of(0));
    aot_kid high = two(AOT_K_MIN, two(AOT_K_SUB, index_of(8), top), index_of(3));
    aot_kid kh = loop("kh", low, high);
    aot_kid ih = aot_kernel_var(k, "ih", two(AOT_K_ADD, top, kh), true, &err);
    CHECK(store(y, oh, index_of(0), load(x, ih, index_of(0), 1)));
    CHECK(end() && end());
    PROVED();

    fresh(); /* without the upper clip: ih reaches 8 at oh = 4 */
    oh = loop("oh", index_of(0), index_of(5));
    top = plus(times(oh, 2), -1);
    kh = loop("kh", two(AOT_K_MAX, two(AOT_K_SUB, index_of(0), top), index_of(0)), index_of(3));
    CHECK(store(y, oh, index_of(0), load(x, two(AOT_K_ADD, top, kh), index_of(0), 1)));
    CHECK(end() && end());
    REFUSED("of x (dimension 0)");

    fresh(); /* blocks with a rest: for ii in io .. min(io + 3, 8) */
    aot_kid io = aot_kernel_loop(k, "io", index_of(0), index_of(8), 3, &err);
    aot_kid ii = loop("ii", io, two(AOT_K_MIN, plus(io, 3), index_of(8)));
    copy(ii, index_of(3));
    CHECK(end() && end());
    PROVED();
}

static void test_conditions(void)
{
    for (int variant = 0; variant < 4; ++variant) {
        fresh();
        aot_kid i = loop("i", index_of(0), index_of(8)),
                kh = loop("kh", index_of(0), index_of(3));
        aot_kid ih = plus(two(AOT_K_ADD, i, kh), -1);
        aot_kid above = two(AOT_K_GE, ih, index_of(0)), below = two(AOT_K_LT, ih, index_of(8));
        aot_kid value;
        switch (variant) {
        case 0: /* if (ih >= 0 && ih < 8) */
            CHECK(aot_kernel_if(k, two(AOT_K_BOTH, above, below), &err));
            copy(ih, kh);
            CHECK(end());
            break;
        case 1: /* if (ih < 0 || ih >= 8) else */
            value = two(AOT_K_EITHER, two(AOT_K_LT, ih, index_of(0)),
                        two(AOT_K_GT, ih, index_of(7)));
            CHECK(aot_kernel_if(k, value, &err) && aot_kernel_else(k, &err));
            copy(ih, kh);
            CHECK(end());
            break;
        case 2: /* ih >= 0 && ih < 8 ? x : 0, which C computes lazily */
            value = aot_kernel_select(k, two(AOT_K_BOTH, above, below), load(x, ih, kh, 1),
                                      f32(0), &err);
            CHECK(store(y, i, kh, value));
            break;
        default: /* only the lower bound */
            CHECK(aot_kernel_if(k, above, &err));
            copy(ih, kh);
            CHECK(end());
        }
        CHECK(end() && end());
        if (variant == 3)
            REFUSED("subscript i + kh - 1 of x (dimension 0)");
        else
            PROVED();
    }

    fresh(); /* what a condition says ends with it */
    aot_kid i = loop("i", index_of(0), index_of(9));
    CHECK(aot_kernel_if(k, two(AOT_K_LT, i, index_of(8)), &err));
    copy(i, index_of(0));
    CHECK(end());
    copy(i, index_of(1));
    CHECK(end());
    REFUSED("dimension 0");
}

static void test_triangles(void)
{
    fresh(); /* j <= i, so i - j >= 0 */
    aot_kid i = loop("i", index_of(0), index_of(8)), j = loop("j", index_of(0), plus(i, 1));
    copy(two(AOT_K_SUB, i, j), j);
    CHECK(end() && end());
    PROVED();

    fresh();
    i = loop("i", index_of(0), index_of(8));
    j = loop("j", index_of(0), index_of(8));
    copy(two(AOT_K_SUB, i, j), j);
    CHECK(end() && end());
    REFUSED("-7 .. 7");
}

static void test_divisions(void)
{
    fresh(); /* a flat position taken apart */
    aot_kid p = loop("p", index_of(0), index_of(128));
    copy(two(AOT_K_DIV, p, index_of(16)), two(AOT_K_REM, p, index_of(16)));
    CHECK(end());
    PROVED();

    fresh();
    p = loop("p", index_of(0), index_of(129));
    copy(two(AOT_K_DIV, p, index_of(16)), two(AOT_K_REM, p, index_of(16)));
    CHECK(end());
    REFUSED("subscript p / 16 of x");
}

static void test_data(void)
{
    fresh();
    const aot_kid ids = buffer("ids", AOT_K_INPUT, AOT_I32, 1, 4);
    aot_kid id = load(ids, index_of(0), index_of(2), 1);
    CHECK(load(x, id, index_of(0), 1) == 0);
    CHECK(strstr(err.message, "becomes an index through index()") != NULL);
    aot_kid row = aot_kernel_clamp_index(k, "row", id, 8, &err);
    copy(row, index_of(0));
    PROVED();

    fresh();
    const aot_kid wide = buffer("ids", AOT_K_INPUT, AOT_I32, 1, 4);
    id = load(wide, index_of(0), index_of(2), 1);
    row = aot_kernel_clamp_index(k, "row", id, 9, &err);
    copy(row, index_of(0));
    REFUSED("subscript row of x (dimension 0)");
}

/* What stands in a subscript is an access, too: of a load, of a store, within a sum. */
static void test_loads_in_subscripts(void)
{
    for (int past = 0; past < 2; ++past)
        for (int kind = 0; kind < 3; ++kind) {
            fresh();
            const aot_kid ids = buffer("ids", AOT_K_INPUT, AOT_U8, 1, 4);
            const aot_kid wide = buffer("wide", AOT_K_OUTPUT, AOT_F32, 1, 300);
            const aot_kid id = aot_kernel_cast(
                k, AOT_KINDEX, load(ids, index_of(0), index_of(past ? 4 : 3), 1), false, &err);
            if (kind == 0)
                CHECK(store(wide, index_of(0), id, f32(1)));
            else if (kind == 1)
                CHECK(store(wide, index_of(0), plus(id, 5), f32(1)));
            else
                CHECK(store(y, index_of(0), index_of(0), load(wide, index_of(0), id, 1)));
            if (past)
                REFUSED("subscript 4 of ids (dimension 1)");
            else
                PROVED();
        }
}

/* Counters and variables end with their blocks, even if another one gets the name. */
static void test_blocks(void)
{
    fresh();
    const aot_kid i = loop("i", index_of(0), index_of(8));
    copy(i, index_of(0));
    CHECK(end());
    CHECK(loop("i", index_of(0), index_of(100)));
    copy(i, index_of(0));
    CHECK(end());
    REFUSED("'i' is used outside of the block it belongs to");

    fresh();
    CHECK(loop("i", index_of(0), index_of(8)));
    const aot_kid sum = aot_kernel_var(k, "sum", f32(0), false, &err);
    CHECK(aot_kernel_assign(k, sum, f32(1), &err));
    CHECK(end());
    CHECK(aot_kernel_assign(k, sum, f32(2), &err));
    REFUSED("'sum' is used outside of the block it belongs to");

    fresh(); /* a loop that runs once leaves its variables to the block around it */
    CHECK(loop("i", index_of(0), index_of(1)));
    const aot_kid last =
        aot_kernel_var(k, "last", load(x, index_of(0), index_of(0), 1), true, &err);
    CHECK(end());
    CHECK(store(y, index_of(0), index_of(0), last));
    PROVED();
}

static void test_far_sums(void)
{
    fresh(); /* what is too far to be counted does not come back by a difference */
    const aot_kid i = loop("i", index_of(0), index_of(INT32_MAX));
    const aot_kid far = times(i, INT64_C(1) << 31);
    const aot_kid back = plus(far, 2 - (INT64_C(1) << 62));
    CHECK(far && back);
    CHECK(two(AOT_K_ADD, back, far) == 0);
    CHECK(strstr(err.message, "index arithmetic overflows") != NULL);
    aot_kernel_free(k);
}

static void test_flat(void)
{
    fresh();
    aot_kid p = loop("p", index_of(0), index_of(128));
    aot_kid value = aot_kernel_load(k, x, &p, 1, 1, true, &err);
    CHECK(aot_kernel_store(k, y, &p, 1, value, true, &err));
    CHECK(end());
    PROVED();

    fresh();
    p = loop("p", index_of(0), index_of(128));
    value = aot_kernel_load(k, x, &p, 1, 4, true, &err);
    CHECK(aot_kernel_store(k, y, &p, 1, value, true, &err));
    CHECK(end());
    REFUSED("(the whole buffer) is not proved to lie in 0 .. 124");
}

/* Code that never runs needs no proof. */
static void test_dropped(void)
{
    fresh();
    aot_kid i = loop("i", index_of(5), index_of(5));
    copy(plus(i, 100), index_of(0));
    CHECK(end());
    CHECK(aot_kernel_if(k, two(AOT_K_LT, index_of(3), index_of(2)), &err));
    copy(index_of(77), index_of(0));
    CHECK(end());
    PROVED();
}

int main(void)
{
    test_ranges();
    test_vectors();
    test_clipped_windows();
    test_conditions();
    test_triangles();
    test_divisions();
    test_data();
    test_loads_in_subscripts();
    test_blocks();
    test_far_sums();
    test_flat();
    test_dropped();
    return check_done();
}
