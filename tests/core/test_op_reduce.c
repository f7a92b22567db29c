/* test_op_reduce.c - pools, reductions, softmax and resampling. */
#include "tests/core/op_check.h"

static void pools(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, 2, 3, 1), VALUES(1, -2, 3, 4, 5, -6));
    const aot_attr *two = attrs(1, LIST("window", 2, 2));
    CHECK(
        gives(AOT_OP_max_pool2d, operands(1, &x), two, NULL, SHAPE(1, 1, 2, 1), VALUES(5, 5)));
    CHECK(
        gives(AOT_OP_avg_pool2d, operands(1, &x), two, NULL, SHAPE(1, 1, 2, 1), VALUES(2, 0)));
    const aot_attr *padded =
        attrs(3, LIST("window", 2, 2), LIST("stride", 2, 2), LIST("pad", 1, 1, 1, 0));
    CHECK(gives(AOT_OP_max_pool2d, operands(1, &x), padded, NULL, SHAPE(1, 2, 2, 1),
                VALUES(1, 3, 4, 5)));
    CHECK(gives(AOT_OP_avg_pool2d, operands(1, &x), padded, NULL, SHAPE(1, 2, 2, 1),
                VALUES(1, 0.5, 4, -0.5)));
    const aot_attr *counted = attrs(4, LIST("window", 2, 2), LIST("stride", 2, 2),
                                    LIST("pad", 1, 1, 1, 0), bool_field("count_pad", true));
    CHECK(gives(AOT_OP_avg_pool2d, operands(1, &x), counted, NULL, SHAPE(1, 2, 2, 1),
                VALUES(0.25, 0.25, 1, -0.25)));
    aot_tensor nan = tensor_of(AOT_F32, SHAPE(1, 1, 3, 1), VALUES(1, NAN, 3));
    CHECK(gives(AOT_OP_max_pool2d, operands(1, &nan), attrs(1, LIST("window", 1, 2)), NULL,
                SHAPE(1, 1, 2, 1), VALUES(NAN, NAN)));
    aot_tensor low = tensor_of(AOT_F32, SHAPE(1, 1, 1, 1), VALUES(-INFINITY));
    CHECK(gives(AOT_OP_max_pool2d, operands(1, &low), attrs(1, LIST("window", 1, 1)), NULL,
                SHAPE(1, 1, 1, 1), VALUES(-INFINITY)));
}

static void pools_of_integers(void)
{
    aot_tensor x = tensor_of(AOT_I8, SHAPE(1, 1, 4, 2), VALUES(1, -1, 2, -2, -128, 5, -127, 6));
    const aot_attr *two = attrs(2, LIST("window", 1, 2), LIST("stride", 1, 2));
    /* 1.5, -1.5, -127.5, 5.5: halves go away from zero */
    CHECK(gives(AOT_OP_avg_pool2d, operands(1, &x), two, NULL, SHAPE(1, 1, 2, 2),
                VALUES(2, -2, -128, 6)));
    aot_tensor q = typed(quantized(shaped(AOT_I8, SHAPE(1, 1, 2, 1)), 1, -10), VALUES(5, 6));
    const aot_attr *counted =
        attrs(3, LIST("window", 1, 2), LIST("pad", 0, 1, 0, 0), bool_field("count_pad", true));
    CHECK(gives(AOT_OP_avg_pool2d, operands(1, &q), counted, NULL, SHAPE(1, 1, 2, 1),
                VALUES(-3, 6)));
    aot_tensor u = tensor_of(AOT_U8, SHAPE(1, 1, 2, 1), VALUES(254, 255));
    CHECK(gives(AOT_OP_avg_pool2d, operands(1, &u), attrs(1, LIST("window", 1, 2)), NULL,
                SHAPE(1, 1, 1, 1), VALUES(255)));
    CHECK(refuses(AOT_OP_max_pool2d, operands(1, &x), NULL, NULL, "window"));
    CHECK(refuses(AOT_OP_max_pool2d, operands(1, &x), attrs(1, LIST("window", 1, 5)), NULL,
                  "5 columns"));
    const aot_attr *outside = attrs(2, LIST("window", 1, 2), LIST("pad", 0, 2, 0, 0));
    CHECK(refuses(AOT_OP_avg_pool2d, operands(1, &x), outside, NULL, "outside the image"));
}

static void reduces(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 3), VALUES(1, 2, 6, -1, 0, 4));
    const aot_attr *last = attrs(1, LIST("axes", -1));
    const aot_attr *first = attrs(2, LIST("axes", 0), bool_field("keep", false));
    const aot_attr *all = attrs(2, LIST("axes", 0, 1), bool_field("keep", false));
    CHECK(gives(AOT_OP_reduce_sum, operands(1, &x), last, NULL, SHAPE(2, 1), VALUES(9, 3)));
    CHECK(gives(AOT_OP_reduce_mean, operands(1, &x), last, NULL, SHAPE(2, 1), VALUES(3, 1)));
    CHECK(gives(AOT_OP_reduce_max, operands(1, &x), first, NULL, SHAPE(3), VALUES(1, 2, 6)));
    CHECK(gives(AOT_OP_reduce_sum, operands(1, &x), all, NULL, SCALAR, VALUES(12)));
    aot_tensor q = tensor_of(AOT_I8, SHAPE(1, 4), VALUES(100, 100, 100, -3));
    const aot_type i32 = shaped(AOT_I32, SHAPE(1, 1));
    CHECK(gives(AOT_OP_reduce_sum, operands(1, &q), last, &i32, SHAPE(1, 1), VALUES(297)));
    CHECK(gives(AOT_OP_reduce_sum, operands(1, &q), last, NULL, SHAPE(1, 1), VALUES(127)));
    CHECK(gives(AOT_OP_reduce_mean, operands(1, &q), last, NULL, SHAPE(1, 1), VALUES(74)));
    aot_tensor negative = tensor_of(AOT_I8, SHAPE(2), VALUES(-3, -4));
    CHECK(gives(AOT_OP_reduce_mean, operands(1, &negative), last, NULL, SHAPE(1), VALUES(-3)));
    CHECK(refuses(AOT_OP_reduce_sum, operands(1, &x), attrs(1, LIST("axes", 1, -1)), NULL,
                  "twice"));
    CHECK(refuses(AOT_OP_reduce_sum, operands(1, &x), attrs(1, LIST("axes", 2)), NULL, "axes"));
    CHECK(refuses(AOT_OP_reduce_sum, operands(1, &x), NULL, NULL, "missing"));
    aot_tensor empty = tensor_of(AOT_F32, SHAPE(2, 0), VALUES(0));
    CHECK(gives(AOT_OP_reduce_sum, operands(1, &empty), last, NULL, SHAPE(2, 1), VALUES(0, 0)));
    CHECK(gives(AOT_OP_reduce_mean, operands(1, &empty), last, NULL, SHAPE(2, 1),
                VALUES(NAN, NAN)));
    CHECK(refuses(AOT_OP_reduce_max, operands(1, &empty), last, NULL, "no elements"));
}

static void softmax_of_floats(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 2), VALUES(0, 0, 1000, -INFINITY));
    CHECK(gives(AOT_OP_softmax, operands(1, &x), NULL, NULL, SHAPE(2, 2),
                VALUES(0.5, 0.5, 1, 0)));
    const aot_attr *first = attrs(2, int_field("axis", 0), float_field("beta", 0.001));
    const double low = 1 / (1 + exp(1));
    CHECK(gives(AOT_OP_softmax, operands(1, &x), first, NULL, SHAPE(2, 2),
                VALUES((double)(float)low, 1, (double)(float)(1 - low), 0)));
    aot_tensor nan = tensor_of(AOT_F32, SHAPE(2), VALUES(0, NAN));
    CHECK(gives(AOT_OP_softmax, operands(1, &nan), NULL, NULL, SHAPE(2), VALUES(NAN, NAN)));
    aot_tensor scalar = tensor_of(AOT_F32, SCALAR, VALUES(0));
    CHECK(refuses(AOT_OP_softmax, operands(1, &scalar), NULL, NULL, "no axis"));
}

/* For a scale of 1/16: 2^26 / 16 = 2^22 = (2^30 / 2^31) * 2^23, and differences below -248
 * reach past -15.5. */
static void softmax_of_integers(void)
{
    const aot_attr *how = attrs(3, int_field("multiplier", 1 << 30), int_field("shift", 23),
                                int_field("diff_min", -248));
    aot_tensor even = tensor_of(AOT_I8, SHAPE(4), VALUES(7));
    CHECK(gives(AOT_OP_softmax, operands(1, &even), how, NULL, SHAPE(4),
                VALUES(-64, -64, -64, -64)));
    aot_tensor one = tensor_of(AOT_I8, SHAPE(1), VALUES(-5)), out;
    CHECK(gives(AOT_OP_softmax, operands(1, &one), how, NULL, SHAPE(1), VALUES(127)));
    aot_tensor far = tensor_of(AOT_U8, SHAPE(2), VALUES(255, 0));
    CHECK(gives(AOT_OP_softmax, operands(1, &far), how, NULL, SHAPE(2), VALUES(255, 0)));
    enum { N = 37 };
    aot_tensor x = tensor_of(AOT_I8, SHAPE(N), VALUES(0));
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        aot_store_i64(&x, i, (int64_t)(i * i * 31 % 256) - 128);
        sum += exp((double)aot_load_i64(&x, i) / 16);
    }
    const op_operands on = operands(1, &x);
    const aot_type i16 = quantized(shaped(AOT_I16, SHAPE(N)), 1.0 / 65536, -32768);
    CHECK(apply(AOT_OP_softmax, &on, how, &i16, &out));
    int wrong = 0;
    for (size_t i = 0; i < N; i++) {
        double exact = exp((double)aot_load_i64(&x, i) / 16) / sum * 65536 - 32768;
        wrong += fabs(exact - aot_load_f64(&out, i)) > 1;
    }
    CHECK(wrong == 0);
    const aot_type other = quantized(shaped(AOT_I8, SHAPE(N)), 1.0 / 256, 0);
    CHECK(refuses(AOT_OP_softmax, on, how, &other, "zero point -128"));
    CHECK(refuses(AOT_OP_softmax, on, NULL, NULL, "'multiplier' is missing"));
    CHECK(refuses(AOT_OP_softmax, operands(1, &out), how, NULL, "it is i16"));
}

static void resamples(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 2), VALUES(1, 2, 3, 4));
    aot_tensor rows = tensor_of(AOT_I32, SHAPE(3, 1), VALUES(1, -5, 9));
    aot_tensor pairs = tensor_of(AOT_I32, SHAPE(1, 2), VALUES(0, 1));
    aot_tensor half = tensor_of(AOT_F32, SHAPE(1, 2), VALUES(0.5, 0.25));
    CHECK(gives(AOT_OP_resample, operands(2, &x, &rows), NULL, NULL, SHAPE(3, 2),
                VALUES(3, 4, 1, 2, 3, 4)));
    CHECK(gives(AOT_OP_resample, operands(3, &x, &pairs, &half), attrs(1, int_field("axis", 1)),
                NULL, SHAPE(2, 1), VALUES(1, 2.5)));
    aot_tensor bytes = tensor_of(AOT_U8, SHAPE(2), VALUES(255, 1));
    aot_tensor ints = tensor_of(AOT_I16, SHAPE(1, 2), VALUES(1000, -7));
    aot_tensor longs = tensor_of(AOT_I64, SHAPE(2), VALUES(1, 2));
    const aot_type wide = shaped(AOT_I32, SHAPE(1));
    CHECK(gives(AOT_OP_resample, operands(3, &bytes, &pairs, &ints), NULL, &wide, SHAPE(1),
                VALUES(254993)));
    CHECK(refuses(AOT_OP_resample, operands(2, &x, &pairs), NULL, NULL, "without weights"));
    CHECK(refuses(AOT_OP_resample, operands(3, &x, &pairs, &ints), NULL, NULL, "same type"));
    CHECK(refuses(AOT_OP_resample, operands(3, &longs, &pairs, &ints), NULL, NULL, "32 bits"));
    CHECK(refuses(AOT_OP_resample, operands(2, &x, &x), NULL, NULL, "i32[n, taps]"));
}

int main(void)
{
    op_check_start();
    pools();
    pools_of_integers();
    reduces();
    softmax_of_floats();
    softmax_of_integers();
    resamples();
    return op_check_done();
}
