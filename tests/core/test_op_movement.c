/* test_op_movement.c - reshape transpose concat slice pad broadcast pack. */
#include "tests/core/op_check.h"

static void reshapes(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 3), VALUES(1, 2, 3, 4, 5, 6));
    CHECK(gives(AOT_OP_reshape, operands(1, &x), attrs(1, LIST("shape", 3, 1, 2)), NULL,
                SHAPE(3, 1, 2), VALUES(1, 2, 3, 4, 5, 6)));
    CHECK(refuses(AOT_OP_reshape, operands(1, &x), attrs(1, LIST("shape", 7)), NULL,
                  "f32[2, 3] has 6 elements, f32[7] has 7"));
    CHECK(refuses(AOT_OP_reshape, operands(1, &x), attrs(1, LIST("shape", -1)), NULL, "shape"));
    CHECK(refuses(AOT_OP_reshape, operands(1, &x),
                  attrs(1, LIST("shape", 1, 1, 1, 1, 1, 1, 1, 6, 1)), NULL, "9 entries"));
    CHECK(refuses(AOT_OP_reshape, operands(1, &x),
                  attrs(1, LIST("shape", INT32_MAX, INT32_MAX, INT32_MAX)), NULL, "elements"));
}

static void transposes(void)
{
    aot_tensor x = tensor_of(AOT_U4, SHAPE(2, 3), VALUES(1, 2, 3, 4, 5, 15));
    CHECK(gives(AOT_OP_transpose, operands(1, &x), attrs(1, LIST("perm", 1, 0)), NULL,
                SHAPE(3, 2), VALUES(1, 4, 2, 5, 3, 15)));
    aot_tensor y = tensor_of(AOT_I16, SHAPE(1, 2, 2), VALUES(1, 2, 3, 4));
    CHECK(gives(AOT_OP_transpose, operands(1, &y), attrs(1, LIST("perm", 2, 0, 1)), NULL,
                SHAPE(2, 1, 2), VALUES(1, 3, 2, 4)));
    CHECK(refuses(AOT_OP_transpose, operands(1, &x), attrs(1, LIST("perm", 1, 1)), NULL,
                  "axis 1 twice"));
    CHECK(refuses(AOT_OP_transpose, operands(1, &x), attrs(1, LIST("perm", 0)), NULL,
                  "1 entries"));
    CHECK(
        refuses(AOT_OP_transpose, operands(1, &x), attrs(1, LIST("perm", 0, 2)), NULL, "perm"));
}

/* The payload of a NaN is an element's bits like any other. */
static void moves_bits(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(1, 2), VALUES(0)), out;
    const uint32_t payload = UINT32_C(0x7f8abcde);
    memcpy(aot_tensor_data(&x), &payload, sizeof payload);
    const op_operands on = operands(1, &x);
    CHECK(apply(AOT_OP_transpose, &on, attrs(1, LIST("perm", 1, 0)), NULL, &out));
    CHECK(memcmp(aot_tensor_bytes(&out), &payload, sizeof payload) == 0);
}

static void concatenates(void)
{
    aot_tensor a = tensor_of(AOT_I8, SHAPE(2, 1), VALUES(1, 2));
    aot_tensor b = tensor_of(AOT_I8, SHAPE(2, 2), VALUES(3, 4, 5, 6));
    aot_tensor none = tensor_of(AOT_I8, SHAPE(2, 0), VALUES(0));
    CHECK(gives(AOT_OP_concat, operands(3, &a, &none, &b), attrs(1, int_field("axis", 1)), NULL,
                SHAPE(2, 3), VALUES(1, 3, 4, 2, 5, 6)));
    CHECK(gives(AOT_OP_concat, operands(2, &b, &b), attrs(1, int_field("axis", -2)), NULL,
                SHAPE(4, 2), VALUES(3, 4, 5, 6, 3, 4, 5, 6)));
    CHECK(refuses(AOT_OP_concat, operands(2, &a, &b), attrs(1, int_field("axis", 0)), NULL,
                  "only axis 0 may differ"));
    CHECK(refuses(AOT_OP_concat, operands(2, &a, &b), NULL, NULL, "missing"));
    aot_tensor scalar = tensor_of(AOT_I8, SCALAR, VALUES(0));
    CHECK(refuses(AOT_OP_concat, operands(1, &scalar), attrs(1, int_field("axis", 0)), NULL,
                  "no axis"));
}

static void slices(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(5), VALUES(0, 1, 2, 3, 4));
    const op_operands on = operands(1, &x);
    CHECK(gives(AOT_OP_slice, on, attrs(3, LIST("start", 1), LIST("stop", 5), LIST("step", 2)),
                NULL, SHAPE(2), VALUES(1, 3)));
    CHECK(gives(AOT_OP_slice, on,
                attrs(3, LIST("start", 4), LIST("stop", -1), LIST("step", -2)), NULL, SHAPE(3),
                VALUES(4, 2, 0)));
    CHECK(gives(AOT_OP_slice, on, attrs(2, LIST("start", 5), LIST("stop", 5)), NULL, SHAPE(0),
                NOTHING));
    const aot_attr *far = attrs(3, LIST("start", 1), LIST("stop", 5), LIST("step", INT32_MAX));
    CHECK(gives(AOT_OP_slice, on, far, NULL, SHAPE(1), VALUES(1)));
    CHECK(refuses(AOT_OP_slice, on, attrs(2, LIST("start", 1), LIST("stop", 6)), NULL,
                  "from 1 to 6 by 1 does not lie within 5"));
    CHECK(
        refuses(AOT_OP_slice, on, attrs(2, LIST("start", 3), LIST("stop", 2)), NULL, "from 3"));
    CHECK(refuses(AOT_OP_slice, on,
                  attrs(3, LIST("start", 5), LIST("stop", 0), LIST("step", -1)), NULL,
                  "from 5"));
    CHECK(refuses(AOT_OP_slice, on,
                  attrs(3, LIST("start", 0), LIST("stop", 5), LIST("step", 0)), NULL, "by 0"));
    CHECK(refuses(AOT_OP_slice, on, attrs(1, LIST("start", 0)), NULL, "stop"));
    aot_tensor m = tensor_of(AOT_I8, SHAPE(2, 3), VALUES(1, 2, 3, 4, 5, 6));
    const aot_attr *corner =
        attrs(3, LIST("start", 1, 2), LIST("stop", -1, 0), LIST("step", -1, -1));
    CHECK(gives(AOT_OP_slice, operands(1, &m), corner, NULL, SHAPE(2, 2), VALUES(6, 5, 3, 2)));
}

static void pads(void)
{
    aot_tensor x = tensor_of(AOT_I8, SHAPE(1, 2), VALUES(1, 2));
    const aot_attr *around =
        attrs(3, LIST("before", 1, 0), LIST("after", 0, 1), int_field("value", -128));
    CHECK(gives(AOT_OP_pad, operands(1, &x), around, NULL, SHAPE(2, 3),
                VALUES(-128, -128, -128, 1, 2, -128)));
    const aot_attr *wide =
        attrs(3, LIST("before", 1, 0), LIST("after", 0, 1), int_field("value", 128));
    CHECK(refuses(AOT_OP_pad, operands(1, &x), wide, NULL, "value"));
    CHECK(refuses(AOT_OP_pad, operands(1, &x),
                  attrs(2, LIST("before", 0, 0), LIST("after", -1, 0)), NULL, "after"));
    aot_tensor f = tensor_of(AOT_F32, SHAPE(1), VALUES(3));
    const aot_attr *low =
        attrs(3, LIST("before", 1), LIST("after", 0), float_field("value", -INFINITY));
    CHECK(gives(AOT_OP_pad, operands(1, &f), low, NULL, SHAPE(2), VALUES(-INFINITY, 3)));
    const aot_attr *huge = attrs(2, LIST("before", INT32_MAX), LIST("after", 0));
    CHECK(refuses(AOT_OP_pad, operands(1, &f), huge, NULL, "2147483648"));
}

static void broadcasts(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2, 1), VALUES(1, 2));
    CHECK(gives(AOT_OP_broadcast, operands(1, &x), attrs(1, LIST("shape", 2, 2, 3)), NULL,
                SHAPE(2, 2, 3), VALUES(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2)));
    CHECK(refuses(AOT_OP_broadcast, operands(1, &x), attrs(1, LIST("shape", 3, 1)), NULL,
                  "f32[2, 1] does not broadcast to f32[3, 1]"));
    CHECK(refuses(AOT_OP_broadcast, operands(1, &x), attrs(1, LIST("shape", 1)), NULL,
                  "does not broadcast"));
}

static const aot_attr *layout(const char *text)
{
    return attrs(1, word_field("layout", text));
}

static void packs(void)
{
    aot_tensor x = tensor_of(AOT_I8, SHAPE(3, 2), VALUES(1, 2, 3, 4, 5, 6));
    CHECK(gives(AOT_OP_pack, operands(1, &x), layout("oi:io"), NULL, SHAPE(2, 3),
                VALUES(1, 3, 5, 2, 4, 6)));
    CHECK(gives(AOT_OP_pack, operands(1, &x), layout("oi:Oi2o"), NULL, SHAPE(2, 2, 2),
                VALUES(1, 3, 2, 4, 5, 0, 6, 0)));
    CHECK(gives(AOT_OP_pack, operands(1, &x), layout("oi:IO2o4i"), NULL, SHAPE(1, 2, 2, 4),
                VALUES(1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0)));
    aot_tensor w = tensor_of(AOT_F32, SHAPE(1, 1, 2, 1), VALUES(7, 8));
    CHECK(gives(AOT_OP_pack, operands(1, &w), layout("ohwi:Ohwi3o"), NULL, SHAPE(1, 1, 2, 1, 3),
                VALUES(7, 0, 0, 8, 0, 0)));
    aot_tensor u = tensor_of(AOT_U4, SHAPE(3), VALUES(1, 2, 15));
    CHECK(gives(AOT_OP_pack, operands(1, &u), layout("i:I2i"), NULL, SHAPE(2, 2),
                VALUES(1, 2, 15, 0)));
    static const char *const wrong[] = {
        "",
        "oi",
        "oi:",
        "o:o",
        "oo:oo",
        "Oi:oi",
        "oi:o",
        "oi:oii",
        "oi:Oi",
        "oi:8oi",
        "oi:OO8oi",
        "oi:O8o8oi",
        "oi:ox",
        "oi:oi8",
        "oi:Oi0o",
        "oi:Oi8O",
        "oi:O i8o",
        "oi:Oi70000o",
        "oi:Oi99999999999o",
        "oi:o8oOi",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(refuses(AOT_OP_pack, operands(1, &x), layout(wrong[i]), NULL, "layout"));
    }
    CHECK(refuses(AOT_OP_pack, operands(1, &x), attrs(1, int_field("layout", 1)), NULL,
                  "must be a string"));
}

/* Packing into blocks and reading the blocks back gives the weights again. */
static void packing_turns_back(void)
{
    aot_tensor x = tensor_of(AOT_I16, SHAPE(32, 3), VALUES(0)), packed, back;
    for (size_t i = 0; i < 96; i++) {
        aot_store_i64(&x, i, (int64_t)i);
    }
    op_operands on = operands(1, &x);
    CHECK(apply(AOT_OP_pack, &on, layout("oi:Oi16o"), NULL, &packed));
    on = operands(1, &packed);
    CHECK(apply(AOT_OP_transpose, &on, attrs(1, LIST("perm", 0, 2, 1)), NULL, &back));
    CHECK(memcmp(aot_tensor_bytes(&back), aot_tensor_bytes(&x), 192) == 0);
}

static void unpacks(void)
{
    aot_tensor p = tensor_of(AOT_I8, SHAPE(2, 2, 2), VALUES(1, 3, 2, 4, 5, 0, 6, 0));
    aot_field by = word_field("layout", "oi:Oi2o");
    CHECK(gives(AOT_OP_unpack, operands(1, &p), attrs(2, by, LIST("shape", 3, 2)), NULL,
                SHAPE(3, 2), VALUES(1, 2, 3, 4, 5, 6)));
    CHECK(refuses(AOT_OP_unpack, operands(1, &p), attrs(2, by, LIST("shape", 5, 2)), NULL,
                  "the layout gives"));
    CHECK(refuses(AOT_OP_unpack, operands(1, &p), attrs(2, by, LIST("shape", 3)), NULL,
                  "layout"));
    CHECK(refuses(AOT_OP_unpack, operands(1, &p), attrs(1, by), NULL, "shape"));
}

/* What is chosen keeps its bits, those of a NaN too. */
static void chooses_bits(void)
{
    const uint8_t nan[2] = { 0x01, 0xfd };
    aot_tensor x = tensor_of(AOT_F16, SHAPE(1), VALUES(0)), out;
    memcpy(aot_tensor_data(&x), nan, sizeof nan);
    aot_tensor yes = tensor_of(AOT_BOOL, SHAPE(1), VALUES(1));
    aot_tensor first = tensor_of(AOT_I32, SHAPE(1), VALUES(0));
    aot_tensor place = tensor_of(AOT_I32, SHAPE(1, 1), VALUES(0));
    const op_operands gathered = operands(2, &x, &first), resampled = operands(2, &x, &place);
    const op_operands selected = operands(3, &yes, &x, &x);
    CHECK(apply(AOT_OP_gather, &gathered, NULL, NULL, &out));
    CHECK(memcmp(aot_tensor_bytes(&out), nan, sizeof nan) == 0);
    CHECK(apply(AOT_OP_resample, &resampled, NULL, NULL, &out));
    CHECK(memcmp(aot_tensor_bytes(&out), nan, sizeof nan) == 0);
    CHECK(apply(AOT_OP_select, &selected, NULL, NULL, &out));
    CHECK(memcmp(aot_tensor_bytes(&out), nan, sizeof nan) == 0);
}

int main(void)
{
    op_check_start();
    reshapes();
    transposes();
    moves_bits();
    concatenates();
    slices();
    pads();
    broadcasts();
    packs();
    packing_turns_back();
    unpacks();
    chooses_bits();
    return op_check_done();
}
