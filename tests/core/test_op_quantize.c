/* test_op_quantize.c - cast, quantize, dequantize, requantize, lookup. */
#include "tests/core/op_check.h"

static void casts(void)
{
    const aot_type i8 = shaped(AOT_I8, SHAPE(5)), truth = shaped(AOT_BOOL, SHAPE(5));
    aot_tensor x = tensor_of(AOT_F32, SHAPE(5), VALUES(-1.9, 2.5, 300, NAN, 0.25));
    const op_operands on = operands(1, &x);
    CHECK(gives(AOT_OP_cast, on, NULL, &i8, SHAPE(5), VALUES(-1, 2, 127, 0, 0)));
    CHECK(gives(AOT_OP_cast, on, NULL, &truth, SHAPE(5), VALUES(1, 1, 1, 1, 1)));
    CHECK(refuses(AOT_OP_cast, on, NULL, NULL, "must be declared"));
    aot_tensor n = tensor_of(AOT_I32, SHAPE(2), VALUES(-1, 300));
    const aot_type u8 = shaped(AOT_U8, SHAPE(2)), f32 = shaped(AOT_F32, SHAPE(2));
    CHECK(gives(AOT_OP_cast, operands(1, &n), NULL, &u8, SHAPE(2), VALUES(0, 255)));
    CHECK(gives(AOT_OP_cast, operands(1, &n), NULL, &f32, SHAPE(2), VALUES(-1, 300)));
    const aot_attr *wrap = attrs(1, bool_field("wrap", true));
    const aot_type narrow = shaped(AOT_I8, SHAPE(2)), u32 = shaped(AOT_U32, SHAPE(2));
    CHECK(gives(AOT_OP_cast, operands(1, &n), wrap, &u8, SHAPE(2), VALUES(255, 44)));
    CHECK(gives(AOT_OP_cast, operands(1, &n), wrap, &narrow, SHAPE(2), VALUES(-1, 44)));
    CHECK(gives(AOT_OP_cast, operands(1, &n), wrap, &u32, SHAPE(2), VALUES(4294967295.0, 300)));
    CHECK(refuses(AOT_OP_cast, on, wrap, &i8, "only integers wrap"));
}

static void to_and_from_floats(void)
{
    const aot_type q = quantized(shaped(AOT_I8, SHAPE(6)), 0.5, 10);
    aot_tensor x = tensor_of(AOT_F32, SHAPE(6), VALUES(0, 0.25, -0.25, 1000, -INFINITY, 0.75));
    const aot_attr *away = attrs(1, word_field("rounding", "away"));
    const aot_attr *even = attrs(1, word_field("rounding", "even"));
    CHECK(gives(AOT_OP_quantize, operands(1, &x), away, &q, SHAPE(6),
                VALUES(10, 11, 9, 127, -128, 12)));
    CHECK(gives(AOT_OP_quantize, operands(1, &x), even, &q, SHAPE(6),
                VALUES(10, 10, 10, 127, -128, 12)));
    const aot_type plain = shaped(AOT_I8, SHAPE(6));
    CHECK(refuses(AOT_OP_quantize, operands(1, &x), away, &plain, "no quantization"));
    CHECK(refuses(AOT_OP_quantize, operands(1, &x), NULL, &q, "rounding"));
    const aot_type zero = quantized(shaped(AOT_I8, SHAPE(6)), 0, 0);
    CHECK(refuses(AOT_OP_quantize, operands(1, &x), away, &zero, "above 0"));
    aot_tensor y = typed(q, VALUES(10, 11, -128, 127, 0, 1));
    CHECK(gives(AOT_OP_dequantize, operands(1, &y), NULL, NULL, SHAPE(6),
                VALUES(0, 0.5, -69, 58.5, -5, -4.5)));
}

/* Quantization along an axis comes from constants of a module. */
static void along_an_axis(void)
{
    aot_module *module = aot_module_new("m", 0, &op_error);
    aot_tensor scales = tensor_of(AOT_F32, SHAPE(2), VALUES(0.5, 2));
    aot_tensor zeros = tensor_of(AOT_I64, SHAPE(2), VALUES(1, -1));
    aot_type q = shaped(AOT_I8, SHAPE(2, 2));
    q.quant = (aot_quant){ .present = true, .axis = 1 };
    q.quant.scales = aot_module_const(module, "s", &scales.type, &scales, &op_error);
    q.quant.zeros = aot_module_const(module, "z", &zeros.type, &zeros, &op_error);
    op_module = module;
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 2), VALUES(1, 1, -3, 4));
    CHECK(gives(AOT_OP_quantize, operands(1, &x), attrs(1, word_field("rounding", "even")), &q,
                SHAPE(2, 2), VALUES(3, -1, -5, 1)));
    aot_tensor y = typed(q, VALUES(3, -1, -5, 1)), out;
    CHECK(gives(AOT_OP_dequantize, operands(1, &y), NULL, NULL, SHAPE(2, 2),
                VALUES(1, 0, -3, 4)));
    const op_operands on = operands(1, &y);
    CHECK(apply(AOT_OP_transpose, &on, attrs(1, LIST("perm", 1, 0)), NULL, &out));
    CHECK(out.type.quant.axis == 0 && out.type.quant.scales == q.quant.scales);
    CHECK(refuses(AOT_OP_reshape, on, attrs(1, LIST("shape", 4)), NULL, "does not carry over"));
    CHECK(gives(AOT_OP_reshape, on, attrs(1, LIST("shape", 2, 1, 2)), NULL, SHAPE(2, 1, 2),
                VALUES(3, -1, -5, 1)));
    q.quant.axis = 2;
    CHECK(refuses(AOT_OP_abs, operands(1, &(aot_tensor){ .type = q, .block = y.block }), NULL,
                  NULL, "axis 2 of a tensor of rank 2"));
    op_module = NULL;
    aot_module_free(module);
}

static uint64_t seed = 1;

static uint64_t random_bits(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 17 ^ seed << 40;
}

static int64_t between(int64_t low, int64_t high)
{
    return low + (int64_t)(random_bits() % (uint64_t)(high - low + 1));
}

enum { MANY = 20000 };

/* Random numbers whose results are compared with a formula derived on its own. */
typedef struct sample {
    aot_tensor x, multiplier, shift, out;
} sample;

static sample requantize_many(const char *rounding, aot_dtype x, int64_t x_high, int64_t low,
                              int64_t high)
{
    sample s = {
        .x = tensor_of(x, SHAPE(MANY), VALUES(0)),
        .multiplier = tensor_of(AOT_I32, SHAPE(MANY), VALUES(0)),
        .shift = tensor_of(AOT_I32, SHAPE(MANY), VALUES(0)),
    };
    for (size_t i = 0; i < MANY; i++) {
        int64_t limit = i % 2 == 0 ? x_high : 4000;
        aot_store_i64(&s.x, i, between(-limit, limit));
        aot_store_i64(&s.multiplier, i, between(INT64_C(1) << 30, INT32_MAX));
        aot_store_i64(&s.shift, i, between(low, high));
    }
    const aot_type wide = shaped(AOT_I64, SHAPE(MANY));
    const op_operands on = operands(3, &s.x, &s.multiplier, &s.shift);
    CHECK(apply(AOT_OP_requantize, &on, attrs(1, word_field("rounding", rounding)), &wide,
                &s.out));
    return s;
}

/* For right shifts e >= 1, double rounding is one multiplication, addition and shift:
 * (x * m + 2^30 + 2^(30 + e) - (x < 0 ? 2^31 : 0)) >> (31 + e). */
static void double_rounding(void)
{
    sample s = requantize_many("double", AOT_I32, INT32_MAX, -31, -1);
    int wrong = 0;
    for (size_t i = 0; i < MANY; i++) {
        int64_t x = aot_load_i64(&s.x, i), m = aot_load_i64(&s.multiplier, i);
        int64_t e = -aot_load_i64(&s.shift, i);
        __extension__ typedef __int128 wide;
        wide sum = (wide)x * m + ((wide)1 << 30) + ((wide)1 << (30 + e));
        sum -= x < 0 ? (wide)1 << 31 : 0;
        wrong += (int64_t)(sum >> (31 + e)) != aot_load_i64(&s.out, i);
    }
    CHECK(wrong == 0);
}

/* floor(x * m / 2^(31 - shift) + 1/2), exactly in long double's 64 bits of mantissa. */
static void single_rounding(void)
{
    sample s = requantize_many("single", AOT_I32, INT32_MAX, -31, 0);
    int wrong = 0;
    for (size_t i = 0; i < MANY; i++) {
        long double product =
            (long double)aot_load_i64(&s.x, i) * (long double)aot_load_i64(&s.multiplier, i);
        long double quotient = ldexpl(product, (int)aot_load_i64(&s.shift, i) - 31);
        wrong += floorl(quotient + 0.5L) != (long double)aot_load_i64(&s.out, i);
    }
    CHECK(wrong == 0);
}

static void sums_of_64_bits(void)
{
    sample s = requantize_many("double", AOT_I64, INT64_C(1) << 46, -20, 0);
    int wrong = 0;
    for (size_t i = 0; i < MANY; i++) {
        int64_t m = aot_load_i64(&s.multiplier, i);
        long double reduced = m < 0x7fff0000 ? floorl((long double)m / 65536 + 0.5L) : 0x7fff;
        long double product = (long double)aot_load_i64(&s.x, i) * reduced;
        long double quotient = ldexpl(product, (int)aot_load_i64(&s.shift, i) - 15);
        wrong += floorl(quotient + 0.5L) != (long double)aot_load_i64(&s.out, i);
    }
    CHECK(wrong == 0);
}

static void requantizes(void)
{
    aot_tensor x =
        typed(quantized(shaped(AOT_I32, SHAPE(2, 2)), 1, 10), VALUES(12, 9, 13, 1010));
    aot_tensor half = tensor_of(AOT_I32, SHAPE(1), VALUES(1 << 30));
    aot_tensor down = tensor_of(AOT_I32, SHAPE(2), VALUES(0, -1));
    const aot_type i8 = quantized(shaped(AOT_I8, SHAPE(2, 2)), 1, -3);
    const aot_attr *twice = attrs(1, word_field("rounding", "double"));
    /* (2, -1, 3, 1000) times (1/2, 1/4): 1, -0.25, 1.5, 250, less 3 */
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &half, &down), twice, &i8, SHAPE(2, 2),
                VALUES(-2, -3, -1, 127)));
    const aot_attr *front = attrs(2, word_field("rounding", "double"), int_field("axis", 0));
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &half, &down), front, &i8, SHAPE(2, 2),
                VALUES(-2, -3, -2, 127)));
    const aot_attr *left =
        attrs(2, word_field("rounding", "single"), int_field("left_shift", 3));
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &half, &down), left, &i8, SHAPE(2, 2),
                VALUES(5, -5, 9, 127)));
    aot_tensor quarter = tensor_of(AOT_F32, SHAPE(1), VALUES(0.25));
    const aot_attr *even = attrs(1, word_field("rounding", "even"));
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &quarter, NULL), even, &i8, SHAPE(2, 2),
                VALUES(-3, -3, -2, 127)));
    CHECK(gives(AOT_OP_requantize, operands(2, &x, &quarter), even, &i8, SHAPE(2, 2),
                VALUES(-3, -3, -2, 127)));
    aot_tensor bad = tensor_of(AOT_F32, SHAPE(1), VALUES(NAN));
    CHECK(gives(AOT_OP_requantize, operands(2, &x, &bad), even, &i8, SHAPE(2, 2),
                VALUES(-3, -3, -3, -3)));
    CHECK(refuses(AOT_OP_requantize, operands(2, &x, &half), twice, &i8, "needs a shift"));
    CHECK(refuses(AOT_OP_requantize, operands(2, &x, &half), even, &i8, "must be f32"));
    CHECK(refuses(AOT_OP_requantize, operands(3, &x, &half, &down), twice, NULL, "declared"));
    aot_tensor three = tensor_of(AOT_I32, SHAPE(3), VALUES(0));
    CHECK(refuses(AOT_OP_requantize, operands(3, &x, &three, &down), twice, &i8, "3 elements"));
    aot_tensor far = tensor_of(AOT_I32, SHAPE(1), VALUES(-32));
    CHECK(refuses(AOT_OP_requantize, operands(3, &x, &half, &far), twice, &i8, "-31 to 30"));
}

/* Positive shifts saturate at 32 bits before the product; extremes never wrap. */
static void requantize_extremes(void)
{
    aot_tensor x = tensor_of(AOT_I32, SHAPE(3), VALUES(INT32_MIN, INT32_MAX, -1));
    aot_tensor least = tensor_of(AOT_I32, SHAPE(1), VALUES(INT32_MIN));
    aot_tensor half = tensor_of(AOT_I32, SHAPE(1), VALUES(1 << 30));
    aot_tensor up = tensor_of(AOT_I32, SHAPE(1), VALUES(30));
    aot_tensor none = tensor_of(AOT_I32, SHAPE(1), VALUES(0));
    const aot_type i32 = shaped(AOT_I32, SHAPE(3));
    const aot_attr *twice = attrs(1, word_field("rounding", "double"));
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &least, &none), twice, &i32, SHAPE(3),
                VALUES(INT32_MAX, -INT32_MAX, 1)));
    CHECK(gives(AOT_OP_requantize, operands(3, &x, &half, &up), twice, &i32, SHAPE(3),
                VALUES(-(1 << 30), 1 << 30, -(1 << 29))));
}

static void looks_up(void)
{
    aot_tensor table = tensor_of(AOT_I16, SHAPE(256), VALUES(0));
    for (size_t i = 0; i < 256; i++) {
        aot_store_i64(&table, i, (int64_t)i * 100);
    }
    aot_tensor i8 = tensor_of(AOT_I8, SHAPE(3), VALUES(-128, 0, 127));
    aot_tensor u8 = tensor_of(AOT_U8, SHAPE(2), VALUES(0, 255));
    CHECK(gives(AOT_OP_lookup, operands(2, &i8, &table), NULL, NULL, SHAPE(3),
                VALUES(0, 12800, 25500)));
    CHECK(
        gives(AOT_OP_lookup, operands(2, &u8, &table), NULL, NULL, SHAPE(2), VALUES(0, 25500)));
    CHECK(refuses(AOT_OP_lookup, operands(2, &table, &table), NULL, NULL, "i8, u8, or i32"));
    aot_tensor places = tensor_of(AOT_I32, SHAPE(6), VALUES(-1, 5, 255, 1018, 1020, 5000));
    const aot_attr *quarters = attrs(1, int_field("bits", 2));
    CHECK(gives(AOT_OP_lookup, operands(2, &places, &table), quarters, NULL, SHAPE(6),
                VALUES(0, 500, 25500, 101800, 102000, 102000)));
    CHECK(refuses(AOT_OP_lookup, operands(2, &places, &table), NULL, NULL, "'bits'"));
    CHECK(refuses(AOT_OP_lookup, operands(2, &places, &i8), quarters, NULL, "i16 or u16"));
    CHECK(refuses(AOT_OP_lookup, operands(2, &i8, &u8), NULL, NULL, "[256]"));
}

int main(void)
{
    op_check_start();
    casts();
    to_and_from_floats();
    along_an_axis();
    double_rounding();
    single_rounding();
    sums_of_64_bits();
    requantizes();
    requantize_extremes();
    looks_up();
    return op_check_done();
}
