/* test_op_order.c - places and running totals along an axis. */
#include "tests/core/op_check.h"

static void arg_extremes(void)
{
    aot_tensor x = tensor_of(AOT_I8, SHAPE(2, 4), VALUES(3, -128, 3, -128, 0, 127, 127, 1));
    const aot_attr *rows = attrs(2, int_field("axis", 1), bool_field("keep", false));
    const aot_attr *last =
        attrs(3, int_field("axis", -1), bool_field("keep", false), bool_field("last", true));
    CHECK(gives(AOT_OP_arg_max, operands(1, &x), rows, NULL, SHAPE(2), VALUES(0, 1)));
    CHECK(gives(AOT_OP_arg_min, operands(1, &x), rows, NULL, SHAPE(2), VALUES(1, 0)));
    CHECK(gives(AOT_OP_arg_max, operands(1, &x), last, NULL, SHAPE(2), VALUES(2, 2)));
    aot_tensor nan = tensor_of(AOT_F32, SHAPE(3), VALUES(INFINITY, NAN, NAN));
    CHECK(gives(AOT_OP_arg_max, operands(1, &nan), NULL, NULL, SHAPE(1), VALUES(1)));
    CHECK(gives(AOT_OP_arg_min, operands(1, &nan), NULL, NULL, SHAPE(1), VALUES(0)));
}

/* Equal elements stay in their order, whatever the direction. */
static void arg_sorts(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(7), VALUES(2, NAN, -1, 2, -INFINITY, -0.0, 0));
    const aot_attr *down = attrs(1, bool_field("descending", true));
    CHECK(gives(AOT_OP_arg_sort, operands(1, &x), NULL, NULL, SHAPE(7),
                VALUES(4, 2, 5, 6, 0, 3, 1)));
    CHECK(gives(AOT_OP_arg_sort, operands(1, &x), down, NULL, SHAPE(7),
                VALUES(1, 0, 3, 5, 6, 2, 4)));
    aot_tensor columns = tensor_of(AOT_U8, SHAPE(3, 2), VALUES(9, 1, 8, 2, 7, 255));
    const aot_attr *two =
        attrs(3, int_field("axis", 0), int_field("count", 2), bool_field("descending", true));
    CHECK(gives(AOT_OP_arg_sort, operands(1, &columns), two, NULL, SHAPE(2, 2),
                VALUES(0, 2, 1, 1)));
}

/* A million elements take a second, not hours. */
static void arg_sorts_many(void)
{
    enum { COUNT = 1000000 };
    const aot_type type = shaped(AOT_I32, (const int32_t[]){ COUNT }, 1);
    aot_tensor x, places;
    CHECK(aot_tensor_new(&type, &x, &op_error));
    op_keep(x);
    for (size_t i = 0; i < COUNT; i++) {
        aot_store_i64(&x, i, (int64_t)(i * 7919 % COUNT));
    }
    const op_operands on = operands(1, &x);
    CHECK(apply(AOT_OP_arg_sort, &on, NULL, NULL, &places));
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT; i++) {
        wrong += aot_load_i64(&x, (size_t)aot_load_i64(&places, i)) != (int64_t)i;
    }
    CHECK(wrong == 0);
}

static void running_totals(void)
{
    aot_tensor x = tensor_of(AOT_I8, SHAPE(4), VALUES(100, 100, -100, -100));
    const aot_attr *before = attrs(1, bool_field("exclusive", true));
    const aot_attr *back = attrs(1, bool_field("reverse", true));
    CHECK(
        gives(AOT_OP_cum_sum, operands(1, &x), NULL, NULL, SHAPE(4), VALUES(100, 127, 100, 0)));
    CHECK(gives(AOT_OP_cum_sum, operands(1, &x), before, NULL, SHAPE(4),
                VALUES(0, 100, 127, 100)));
    CHECK(gives(AOT_OP_cum_sum, operands(1, &x), back, NULL, SHAPE(4),
                VALUES(0, -100, -128, -100)));
    aot_tensor y = tensor_of(AOT_F32, SHAPE(3), VALUES(2, -3, 0.5));
    CHECK(gives(AOT_OP_cum_prod, operands(1, &y), before, NULL, SHAPE(3), VALUES(1, 2, -6)));
}

int main(void)
{
    op_check_start();
    arg_extremes();
    arg_sorts();
    arg_sorts_many();
    running_totals();
    return op_check_done();
}
