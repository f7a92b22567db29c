/* test_op_elementwise.c - elementwise ops: hand-computed numbers, and what they refuse. */
#include "tests/core/op_check.h"

static void floats(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(4), VALUES(-1, 0, 2.25, NAN));
    const op_operands on = operands(1, &x);
    CHECK(gives(AOT_OP_abs, on, NULL, NULL, SHAPE(4), VALUES(1, 0, 2.25, NAN)));
    CHECK(gives(AOT_OP_neg, on, NULL, NULL, SHAPE(4), VALUES(1, 0, -2.25, NAN)));
    CHECK(gives(AOT_OP_floor, on, NULL, NULL, SHAPE(4), VALUES(-1, 0, 2, NAN)));
    CHECK(gives(AOT_OP_sqrt, on, NULL, NULL, SHAPE(4), VALUES(NAN, 0, 1.5, NAN)));
    CHECK(gives(AOT_OP_rsqrt, on, NULL, NULL, SHAPE(4),
                VALUES(NAN, INFINITY, (double)(float)(1 / 1.5), NAN)));
    CHECK(gives(AOT_OP_exp, on, NULL, NULL, SHAPE(4),
                VALUES((double)(float)exp(-1), 1, (double)(float)exp(2.25), NAN)));
    CHECK(gives(AOT_OP_log, on, NULL, NULL, SHAPE(4),
                VALUES(NAN, -INFINITY, (double)(float)log(2.25), NAN)));
    CHECK(gives(AOT_OP_tanh, on, NULL, NULL, SHAPE(4),
                VALUES((double)(float)tanh(-1), 0, (double)(float)tanh(2.25), NAN)));
    CHECK(gives(AOT_OP_logistic, on, NULL, NULL, SHAPE(4),
                VALUES((double)(float)(1 / (1 + exp(1))), 0.5,
                       (double)(float)(1 / (1 + exp(-2.25))), NAN)));
    aot_tensor q = tensor_of(AOT_I8, SHAPE(2), VALUES(-128, 5));
    CHECK(gives(AOT_OP_abs, operands(1, &q), NULL, NULL, SHAPE(2), VALUES(127, 5)));
    CHECK(gives(AOT_OP_neg, operands(1, &q), NULL, NULL, SHAPE(2), VALUES(127, -5)));
    CHECK(refuses(AOT_OP_tanh, operands(1, &q), NULL, NULL, "floats, it is i8"));
}

static void clamps(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(4), VALUES(-1, 3, 9, NAN));
    const aot_attr *relu6 = attrs(2, int_field("lo", 0), float_field("hi", 6.0));
    CHECK(gives(AOT_OP_clamp, operands(1, &x), relu6, NULL, SHAPE(4), VALUES(0, 3, 6, NAN)));
    CHECK(gives(AOT_OP_clamp, operands(1, &x), attrs(1, int_field("hi", 2)), NULL, SHAPE(4),
                VALUES(-1, 2, 2, NAN)));
    CHECK(
        refuses(AOT_OP_clamp, operands(1, &x), attrs(1, float_field("lo", NAN)), NULL, "nan"));
    aot_tensor q = tensor_of(AOT_U8, SHAPE(3), VALUES(0, 7, 255));
    const aot_attr *wide = attrs(2, int_field("lo", -5), int_field("hi", 300));
    CHECK(gives(AOT_OP_clamp, operands(1, &q), wide, NULL, SHAPE(3), VALUES(0, 7, 255)));
    CHECK(gives(AOT_OP_clamp, operands(1, &q), attrs(1, int_field("hi", -1)), NULL, SHAPE(3),
                VALUES(0, 0, 0)));
    CHECK(
        refuses(AOT_OP_clamp, operands(1, &q), attrs(1, float_field("lo", 0.5)), NULL, "'lo'"));
}

static void pairs_of_floats(void)
{
    aot_tensor a = tensor_of(AOT_F32, SHAPE(2, 1), VALUES(1, -3));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(3), VALUES(2, 0, NAN));
    CHECK(gives(AOT_OP_add, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3),
                VALUES(3, 1, NAN, -1, -3, NAN)));
    CHECK(gives(AOT_OP_sub, operands(2, &b, &a), NULL, NULL, SHAPE(2, 3),
                VALUES(1, -1, NAN, 5, 3, NAN)));
    CHECK(gives(AOT_OP_div, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3),
                VALUES(0.5, INFINITY, NAN, -1.5, -INFINITY, NAN)));
    CHECK(gives(AOT_OP_max, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3),
                VALUES(2, 1, NAN, 2, 0, NAN)));
    CHECK(gives(AOT_OP_max, operands(2, &b, &a), NULL, NULL, SHAPE(2, 3),
                VALUES(2, 1, NAN, 2, 0, NAN)));
    CHECK(gives(AOT_OP_min, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3),
                VALUES(1, 0, NAN, -3, -3, NAN)));
    CHECK(gives(AOT_OP_pow, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3),
                VALUES(1, 1, 1, 9, 1, NAN)));
    aot_tensor half = tensor_of(AOT_F16, SCALAR, VALUES(0.1));
    CHECK(gives(AOT_OP_add, operands(2, &half, &half), NULL, NULL, SCALAR,
                VALUES(0.199951171875)));
    CHECK(refuses(AOT_OP_add, operands(2, &a, &half), NULL, NULL, "f32 and f16"));
    aot_tensor c = tensor_of(AOT_F32, SHAPE(4), VALUES(0));
    CHECK(refuses(AOT_OP_add, operands(2, &b, &c), NULL, NULL, "3 against 4"));
    CHECK(refuses(AOT_OP_add, operands(1, &b), NULL, NULL, "1 operands, it takes 2"));
    CHECK(
        refuses(AOT_OP_add, operands(2, &b, NULL), NULL, NULL, "operand 2 must not be absent"));
    aot_tensor empty = tensor_of(AOT_F32, SHAPE(0), VALUES(0));
    CHECK(gives(AOT_OP_mul, operands(2, &a, &empty), NULL, NULL, SHAPE(2, 0), NOTHING));
}

static void pairs_of_integers(void)
{
    aot_tensor a = tensor_of(AOT_I8, SHAPE(4), VALUES(100, -100, -128, 7));
    aot_tensor b = tensor_of(AOT_I8, SHAPE(4), VALUES(100, 100, -1, -2));
    CHECK(
        gives(AOT_OP_add, operands(2, &a, &b), NULL, NULL, SHAPE(4), VALUES(127, 0, -128, 5)));
    CHECK(
        gives(AOT_OP_sub, operands(2, &a, &b), NULL, NULL, SHAPE(4), VALUES(0, -128, -127, 9)));
    CHECK(gives(AOT_OP_mul, operands(2, &a, &b), NULL, NULL, SHAPE(4),
                VALUES(127, -128, 127, -14)));
    CHECK(gives(AOT_OP_div, operands(2, &a, &b), NULL, NULL, SHAPE(4), VALUES(1, -1, 127, -3)));
    CHECK(gives(AOT_OP_pow, operands(2, &a, &b), NULL, NULL, SHAPE(4), VALUES(127, 127, 0, 0)));
    aot_tensor zero = tensor_of(AOT_I8, SCALAR, VALUES(0));
    CHECK(gives(AOT_OP_div, operands(2, &a, &zero), NULL, NULL, SHAPE(4), VALUES(0, 0, 0, 0)));
    aot_tensor u = tensor_of(AOT_U8, SHAPE(2), VALUES(3, 200));
    aot_tensor v = tensor_of(AOT_U8, SHAPE(2), VALUES(5, 100));
    CHECK(gives(AOT_OP_sub, operands(2, &u, &v), NULL, NULL, SHAPE(2), VALUES(0, 100)));
    CHECK(gives(AOT_OP_add, operands(2, &u, &v), NULL, NULL, SHAPE(2), VALUES(8, 255)));
}

/* The extremes of 64 bits saturate. */
static void wide_integers(void)
{
    const aot_type i64 = shaped(AOT_I64, SHAPE(2)), u64 = shaped(AOT_U64, SHAPE(1));
    aot_tensor a = typed(i64, VALUES(0)), b = typed(i64, VALUES(-1)), out;
    aot_store_i64(&a, 0, INT64_MIN);
    aot_store_i64(&a, 1, INT64_MAX);
    const op_operands on = operands(2, &a, &b);
    CHECK(apply(AOT_OP_add, &on, NULL, NULL, &out));
    CHECK(aot_load_i64(&out, 0) == INT64_MIN && aot_load_i64(&out, 1) == INT64_MAX - 1);
    CHECK(apply(AOT_OP_div, &on, NULL, NULL, &out));
    CHECK(aot_load_i64(&out, 0) == INT64_MAX && aot_load_i64(&out, 1) == -INT64_MAX);
    CHECK(apply(AOT_OP_mul, &on, NULL, NULL, &out));
    CHECK(aot_load_i64(&out, 0) == INT64_MAX);
    aot_tensor u = typed(u64, VALUES(0)), one = typed(u64, VALUES(1));
    aot_store_u64(&u, 0, UINT64_MAX);
    const op_operands unsigned_on = operands(2, &u, &one);
    CHECK(apply(AOT_OP_add, &unsigned_on, NULL, NULL, &out));
    CHECK(aot_load_u64(&out, 0) == UINT64_MAX);
    CHECK(apply(AOT_OP_sub, &unsigned_on, NULL, NULL, &out));
    CHECK(aot_load_u64(&out, 0) == UINT64_MAX - 1);
}

static void quantization_passes_on(void)
{
    aot_tensor q = typed(quantized(shaped(AOT_I8, SHAPE(2)), 0.5, 3), VALUES(1)), out;
    const op_operands on = operands(2, &q, &q);
    CHECK(apply(AOT_OP_add, &on, NULL, NULL, &out));
    CHECK(out.type.quant.present && out.type.quant.zero == 3);
    const aot_type plain = shaped(AOT_I8, SHAPE(2));
    CHECK(apply(AOT_OP_add, &on, NULL, &plain, &out) && !out.type.quant.present);
    aot_tensor wrong = typed(quantized(shaped(AOT_I8, SHAPE(1)), 0.5, 300), VALUES(1));
    CHECK(refuses(AOT_OP_abs, operands(1, &wrong), NULL, NULL, "zero point 300"));
}

int main(void)
{
    op_check_start();
    floats();
    clamps();
    pairs_of_floats();
    pairs_of_integers();
    wide_integers();
    quantization_passes_on();
    return op_check_done();
}
