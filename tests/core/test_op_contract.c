/* test_op_contract.c - conv2d and matmul: hand-computed sums, every form against plain loops. */
#include "tests/core/op_check.h"

static void convolves(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, 2, 3, 1), VALUES(1, 2, 3, 4, 5, 6));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(1, 2, 2, 1), VALUES(1, 10, 100, 1000));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(1), VALUES(0.5));
    CHECK(gives(AOT_OP_conv2d, operands(2, &x, &w), NULL, NULL, SHAPE(1, 1, 2, 1),
                VALUES(5421, 6532)));
    CHECK(gives(AOT_OP_conv2d, operands(3, &x, &w, &b), NULL, NULL, SHAPE(1, 1, 2, 1),
                VALUES(5421.5, 6532.5)));
    const aot_attr *padded = attrs(2, LIST("pad", 1, 0, 0, 1), LIST("stride", 2, 2));
    CHECK(gives(AOT_OP_conv2d, operands(3, &x, &w, NULL), padded, NULL, SHAPE(1, 1, 2, 1),
                VALUES(2100, 300)));
    const aot_attr *dilated = attrs(2, LIST("dilation", 1, 2), LIST("pad", 0, 1, 0, 1));
    CHECK(gives(AOT_OP_conv2d, operands(2, &x, &w), dilated, NULL, SHAPE(1, 1, 3, 1),
                VALUES(5020, 6431, 502)));
}

/* Zero points count; padding is the real value 0. */
static void convolves_integers(void)
{
    aot_tensor x =
        typed(quantized(shaped(AOT_I8, SHAPE(1, 1, 2, 2)), 0.5, 3), VALUES(4, 5, 1, -128));
    aot_tensor w =
        typed(quantized(shaped(AOT_I8, SHAPE(2, 1, 1, 2)), 1, -1), VALUES(1, 2, -127, 127));
    aot_tensor b = tensor_of(AOT_I32, SHAPE(2), VALUES(1000, -1000));
    const aot_attr *padded = attrs(1, LIST("pad", 0, 1, 0, 0));
    /* x - 3: (1, 2), (-2, -131); w + 1: (2, 3), (-126, 128) */
    CHECK(gives(AOT_OP_conv2d, operands(3, &x, &w, &b), padded, NULL, SHAPE(1, 1, 3, 2),
                VALUES(1000, -1000, 1008, -870, 603, -17516)));
    aot_tensor wide = tensor_of(AOT_I16, SHAPE(1, 1, 1, 2), VALUES(-32768, -32768));
    aot_tensor b64 = tensor_of(AOT_I64, SHAPE(2), VALUES(1e12, 0));
    CHECK(gives(AOT_OP_conv2d, operands(3, &wide, &w, &b64), NULL, NULL, SHAPE(1, 1, 1, 2),
                VALUES(1e12 - 5 * 32768, -2 * 32768)));
    CHECK(gives(AOT_OP_conv2d, operands(3, &wide, &w, &b), NULL, NULL, SHAPE(1, 1, 1, 2),
                VALUES(1000 - 5 * 32768, -1000 - 2 * 32768)));
}

/* Two groups of two channels and two outputs each. */
static void convolves_groups(void)
{
    aot_tensor x = tensor_of(AOT_U8, SHAPE(1, 1, 1, 4), VALUES(1, 2, 3, 4));
    aot_tensor w = tensor_of(AOT_I8, SHAPE(4, 1, 1, 2), VALUES(1, 0, 0, 1, 10, 1, -1, -1));
    CHECK(gives(AOT_OP_conv2d, operands(2, &x, &w), attrs(1, int_field("groups", 2)), NULL,
                SHAPE(1, 1, 1, 4), VALUES(1, 2, 34, -7)));
    aot_tensor depthwise = tensor_of(AOT_I8, SHAPE(8, 1, 1, 1), VALUES(1, 2, 3, 4, 5, 6, 7, 8));
    CHECK(gives(AOT_OP_conv2d, operands(2, &x, &depthwise), attrs(1, int_field("groups", 4)),
                NULL, SHAPE(1, 1, 1, 8), VALUES(1, 2, 6, 8, 15, 18, 28, 32)));
}

static void conv_refusals(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, 4, 4, 16), VALUES(0));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(8, 3, 3, 12), VALUES(0));
    aot_tensor fit = tensor_of(AOT_F32, SHAPE(8, 3, 3, 16), VALUES(0));
    aot_tensor large = tensor_of(AOT_F32, SHAPE(8, 5, 3, 16), VALUES(0));
    aot_tensor none = tensor_of(AOT_F32, SHAPE(8, 0, 3, 16), VALUES(0));
    aot_tensor q = tensor_of(AOT_I8, SHAPE(8, 3, 3, 16), VALUES(0));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(7), VALUES(0));
    aot_tensor row = tensor_of(AOT_F32, SHAPE(4, 16), VALUES(0));
    CHECK(refuses(
        AOT_OP_conv2d, operands(2, &x, &w), NULL, NULL,
        "conv2d: weights have 12 input channels in each of 1 groups, the input has 16"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &q), NULL, NULL, "no product of f32 and i8"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &row, &fit), NULL, NULL, "[n, h, w, i]"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &none), NULL, NULL, "no taps"));
    CHECK(refuses(AOT_OP_conv2d, operands(3, &x, &fit, &b), NULL, NULL, "bias is f32[7]"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &large), NULL, NULL,
                  "the window reaches over 5 rows, the padded image has 4"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), attrs(1, LIST("stride", 0, 1)), NULL,
                  "stride"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), attrs(1, LIST("dilation", 1, 0)), NULL,
                  "dilation"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), attrs(1, LIST("pad", 0, -1, 0, 0)),
                  NULL, "pad"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), attrs(1, LIST("pad", 1, 1)), NULL,
                  "pad"));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), attrs(1, int_field("groups", 0)), NULL,
                  "groups"));
    const aot_attr *huge = attrs(1, LIST("pad", INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &x, &fit), huge, NULL, "the result would have"));
    aot_tensor third = tensor_of(AOT_F32, SHAPE(8, 1, 1, 4), VALUES(0));
    aot_tensor twelve = tensor_of(AOT_F32, SHAPE(1, 1, 1, 12), VALUES(0));
    CHECK(refuses(AOT_OP_conv2d, operands(2, &twelve, &third), attrs(1, int_field("groups", 3)),
                  NULL, "8 output channels do not divide into 3 groups"));
}

/* Empty images and no output channels are ordinary. */
static void conv_of_nothing(void)
{
    aot_tensor none = tensor_of(AOT_F32, SHAPE(0, 4, 4, 2), VALUES(0));
    aot_tensor image = tensor_of(AOT_F32, SHAPE(1, 2, 2, 0), VALUES(0));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(3, 1, 1, 2), VALUES(0));
    aot_tensor flat = tensor_of(AOT_F32, SHAPE(1, 1, 1, 0), VALUES(0));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(1), VALUES(7));
    CHECK(gives(AOT_OP_conv2d, operands(2, &none, &w), NULL, NULL, SHAPE(0, 4, 4, 3), NOTHING));
    CHECK(gives(AOT_OP_conv2d, operands(3, &image, &flat, &b), NULL, NULL, SHAPE(1, 2, 2, 1),
                VALUES(7, 7, 7, 7)));
}

/* Each input pixel puts its product with the whole kernel down, stride apart. */
static void conv_transposes(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, 1, 2, 1), VALUES(1, 10));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(1, 1, 3, 1), VALUES(1, 2, 3));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(1), VALUES(0.5));
    const aot_attr *plain = attrs(1, LIST("size", 1, 4));
    CHECK(gives(AOT_OP_conv_transpose2d, operands(2, &x, &w), plain, NULL, SHAPE(1, 1, 4, 1),
                VALUES(1, 12, 23, 30)));
    const aot_attr *strided =
        attrs(3, LIST("stride", 1, 2), LIST("pad", 0, 1), LIST("size", 1, 5));
    CHECK(gives(AOT_OP_conv_transpose2d, operands(3, &x, &w, &b), strided, NULL,
                SHAPE(1, 1, 5, 1), VALUES(2.5, 13.5, 20.5, 30.5, 0.5)));
    const aot_attr *dilated = attrs(2, LIST("dilation", 1, 2), LIST("size", 1, 6));
    CHECK(gives(AOT_OP_conv_transpose2d, operands(2, &x, &w), dilated, NULL, SHAPE(1, 1, 6, 1),
                VALUES(1, 10, 2, 20, 3, 30)));
    aot_tensor two = tensor_of(AOT_I8, SHAPE(1, 1, 1, 2), VALUES(1, 2));
    aot_tensor grouped = tensor_of(AOT_I8, SHAPE(4, 1, 1, 1), VALUES(1, 2, 3, 4));
    const aot_attr *groups = attrs(2, int_field("groups", 2), LIST("size", 1, 1));
    CHECK(gives(AOT_OP_conv_transpose2d, operands(2, &two, &grouped), groups, NULL,
                SHAPE(1, 1, 1, 4), VALUES(1, 2, 6, 8)));
    CHECK(refuses(AOT_OP_conv_transpose2d, operands(2, &x, &w), NULL, NULL, "size"));
    aot_tensor nothing =
        tensor_of(AOT_F32, SHAPE(1, 1, 1, 0), VALUES(0)); /* and no end of taps */
    aot_tensor taps = tensor_of(AOT_F32, SHAPE(1, INT32_MAX, INT32_MAX, 0), VALUES(0));
    CHECK(gives(AOT_OP_conv_transpose2d, operands(3, &nothing, &taps, &b),
                attrs(1, LIST("size", 1, 2)), NULL, SHAPE(1, 1, 2, 1), VALUES(0.5, 0.5)));
    CHECK(refuses(AOT_OP_conv_transpose2d, operands(2, &two, &grouped), plain, NULL,
                  "weights have 1 input channels"));
}

static void multiplies(void)
{
    aot_tensor a = tensor_of(AOT_F32, SHAPE(2, 3), VALUES(1, 2, 3, 4, 5, 6));
    aot_tensor b = tensor_of(AOT_F32, SHAPE(3, 2), VALUES(1, 10, 2, 20, 3, 30));
    aot_tensor bt = tensor_of(AOT_F32, SHAPE(2, 3), VALUES(1, 2, 3, 10, 20, 30));
    aot_tensor bias = tensor_of(AOT_F32, SHAPE(2), VALUES(0.5, -1));
    const aot_attr *turned = attrs(1, bool_field("transpose_b", true));
    CHECK(gives(AOT_OP_matmul, operands(2, &a, &b), NULL, NULL, SHAPE(2, 2),
                VALUES(14, 140, 32, 320)));
    CHECK(gives(AOT_OP_matmul, operands(3, &a, &bt, &bias), turned, NULL, SHAPE(2, 2),
                VALUES(14.5, 139, 32.5, 319)));
    CHECK(refuses(AOT_OP_matmul, operands(2, &a, &bt), NULL, NULL,
                  "the rows have 3 elements, the columns 2"));
    CHECK(refuses(AOT_OP_matmul, operands(2, &a, &bias), NULL, NULL, "matrices"));
    CHECK(refuses(AOT_OP_matmul, operands(3, &a, &b, &a), NULL, NULL, "bias"));
}

static void multiplies_batches(void)
{
    aot_tensor a = tensor_of(AOT_U8, SHAPE(2, 1, 1, 2), VALUES(1, 2, 3, 4));
    aot_tensor b = typed(quantized(shaped(AOT_U8, SHAPE(3, 2, 1)), 1, 128),
                         VALUES(129, 128, 128, 129, 127, 127));
    CHECK(gives(AOT_OP_matmul, operands(2, &a, &b), NULL, NULL, SHAPE(2, 3, 1, 1),
                VALUES(1, 2, -3, 3, 4, -7)));
    aot_tensor low = tensor_of(AOT_I16, SHAPE(1, 2), VALUES(-32768, -32768));
    aot_tensor wide_b = tensor_of(AOT_I16, SHAPE(2, 1), VALUES(-32768, -32768));
    CHECK(gives(AOT_OP_matmul, operands(2, &low, &wide_b), NULL, NULL, SHAPE(1, 1),
                VALUES(2147483648.0)));
    aot_tensor four = tensor_of(AOT_U8, SHAPE(4, 2, 1), VALUES(0));
    CHECK(refuses(AOT_OP_matmul, operands(2, &b, &four), NULL, NULL, "columns"));
    aot_tensor row = tensor_of(AOT_U8, SHAPE(3, 1, 2), VALUES(0));
    CHECK(refuses(AOT_OP_matmul, operands(2, &row, &four), NULL, NULL, "3 against 4"));
    aot_tensor wide = tensor_of(AOT_F32, SHAPE(1, 0), VALUES(0));
    aot_tensor tall = tensor_of(AOT_F32, SHAPE(0, 2), VALUES(0));
    CHECK(
        gives(AOT_OP_matmul, operands(2, &wide, &tall), NULL, NULL, SHAPE(1, 2), VALUES(0, 0)));
}

static double load(const aot_tensor *tensor, int i)
{
    return aot_load_f64(tensor, (size_t)i);
}

/* Rows and columns beyond the unrolled inner loop, against the definition. */
static void agrees_with_plain_loops(void)
{
    enum { H = 5, W = 6, C = 7, O = 9, K = 3 };
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, H, W, C), VALUES(0));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(O, K, K, C), VALUES(0)), out;
    for (size_t i = 0; i < H * W * C; i++) {
        aot_store_f64(&x, i, (double)(i * 37 % 101) - 50);
    }
    for (size_t i = 0; i < O * K * K * C; i++) {
        aot_store_f64(&w, i, (double)(i * 53 % 89) - 44);
    }
    const op_operands on = operands(2, &x, &w);
    CHECK(apply(AOT_OP_conv2d, &on, attrs(1, LIST("pad", 1, 1, 1, 1)), NULL, &out));
    int wrong = 0;
    for (int at = 0; at < H * W * O; at++) {
        int oh = at / O / W, ow = at / O % W, oc = at % O;
        double sum = 0;
        for (int tap = 0; tap < K * K * C; tap++) {
            int h = oh - 1 + tap / C / K, v = ow - 1 + tap / C % K, c = tap % C;
            if (h >= 0 && h < H && v >= 0 && v < W) {
                sum += load(&x, (h * W + v) * C + c) * load(&w, oc * K * K * C + tap);
            }
        }
        wrong += sum != load(&out, at);
    }
    CHECK(wrong == 0);
}

int main(void)
{
    op_check_start();
    convolves();
    convolves_integers();
    convolves_groups();
    conv_refusals();
    conv_of_nothing();
    conv_transposes();
    multiplies();
    multiplies_batches();
    agrees_with_plain_loops();
    return op_check_done();
}
