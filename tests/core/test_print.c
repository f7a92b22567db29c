/* test_print.c - the text of whole modules, and what goes to the blob file. */
#include "graph_check.h"

#include <math.h>

static aot_id add_data(aot_module *m, const char *name, const aot_type *type, const void *bytes,
                       bool state)
{
    aot_tensor data;
    if (!aot_tensor_new(type, &data, &check_error))
        return 0;
    if (aot_block_size(data.block))
        memcpy(aot_tensor_data(&data), bytes, aot_block_size(data.block));
    aot_id id = state ? aot_module_state(m, name, type, &data, &check_error)
                      : aot_module_const(m, name, type, &data, &check_error);
    aot_block_release(data.block);
    return id;
}

static void test_empty(void)
{
    aot_module *m = aot_module_new("an empty one", 0, &check_error);
    check_print(m, 0, "module \"an empty one\"\n");
    CHECK(
        aot_module_set(m, "after", &(aot_attr){ .kind = AOT_ATTR_INT, .i = 1 }, &check_error));
    aot_id g = add_graph(m, "main"), s = add_state(m, "s", AOT_I8, 1);
    CHECK(aot_graph_next(m, g, s, s, &check_error));
    check_print(m, 0,
                "module \"an empty one\" { after = 1 }\n\n"
                "state %s : i8[1] = splat 0\n\n"
                "graph @main() {\n  return, next %s = %s\n}\n");
    aot_module_free(m);
}

static void test_data(void)
{
    aot_module *m = aot_module_new("data", 0, &check_error);
    uint32_t nans[3] = { 0x7fc00001, 0x80000000, 0x3fc00000 };
    float floats[4] = { 0.1f, -INFINITY, -0.0f, 1e30f };
    double pi[1] = { 3.141592653589793 };
    uint64_t large[2] = { UINT64_MAX, 0 };
    int8_t many[20] = { 1, 2, 3 };
    uint32_t nan_splat[20];
    for (size_t i = 0; i < 20; i++)
        nan_splat[i] = 0x7fc00000;
    aot_type type = vector_of(AOT_F32, 3);
    add_data(m, "nans", &type, nans, false);
    type = vector_of(AOT_F32, 4);
    add_data(m, "floats", &type, floats, false);
    type = aot_type_make(AOT_F64, 0, NULL);
    add_data(m, "pi", &type, pi, false);
    type = vector_of(AOT_U64, 2);
    add_data(m, "large", &type, large, false);
    type = vector_of(AOT_F32, 0);
    add_data(m, "none", &type, NULL, false);
    type = vector_of(AOT_I4, 3);
    add_data(m, "four", &type, (const uint8_t[]){ 0x8f, 0x07 }, false);
    add_data(m, "all", &type, (const uint8_t[]){ 0x77, 0x07 }, false);
    type = vector_of(AOT_BOOL, 2);
    add_data(m, "flags", &type, (const uint8_t[]){ 1, 0 }, false);
    type = vector_of(AOT_I8, 20);
    add_data(m, "many", &type, many, false);
    type = vector_of(AOT_F32, 20);
    aot_id third = add_data(m, "nan_splat", &type, nan_splat, false);
    add_data(m, "zeros", &type, (const float[20]){ 0 }, false);
    type = vector_of(AOT_I8, 20);
    type.quant = (aot_quant){ .present = true, .axis = -1, .scale = 0.1f, .zero = -128 };
    add_data(m, "kept", &type, many, true);
    check_print(m, 0,
                "module data\n\n"
                "const $nans : f32[3] = bits [0x7fc00001, 0x80000000, 0x3fc00000]\n"
                "const $floats : f32[4] = dense [0.100000001, -inf, -0.0, 1.00000002e+30]\n"
                "const $pi : f64[] = splat 3.1415926535897931\n"
                "const $large : u64[2] = dense [18446744073709551615, 0]\n"
                "const $none : f32[0] = dense []\n"
                "const $four : i4[3] = dense [-1, -8, 7]\n"
                "const $all : i4[3] = splat 7\n"
                "const $flags : bool[2] = dense [1, 0]\n"
                "const $many : i8[20] = blob 0\n"
                "const $nan_splat : f32[20] = blob 64\n"
                "const $zeros : f32[20] = splat 0.0\n\n"
                "state %kept : i8[20] q(0.100000001, -128) = blob 192\n");
    aot_id *ids;
    size_t *offsets, count, total;
    aot_arena *arena = aot_arena_new(0);
    CHECK(aot_module_blobs(m, arena, &ids, &offsets, &count, &total, &check_error));
    CHECK(count == 3 && total == 212 && ids[1] == third && offsets[1] == 64 &&
          offsets[2] == 192);
    aot_arena_free(arena);
    aot_module_free(m);
}

static void test_all_parts(void)
{
    aot_module *m = aot_module_new("kws", 0, &check_error);
    aot_field options[] = { { "files",
                              { .kind = AOT_ATTR_STRING, .string = "a b", .length = 3 } } };
    aot_attr dict = { .kind = AOT_ATTR_DICT, .length = 1, .fields = options };
    CHECK(aot_module_set(m, "options", &dict, &check_error));
    CHECK(aot_module_symbol(m, &dict, &check_error) == 1);
    CHECK(aot_module_symbol(m, NULL, &check_error) == 2);
    CHECK(aot_module_pool(m, "work space", &dict, &check_error) != 0);
    aot_id scales = add_const(m, "scales", AOT_F32, 2),
           zeros = add_const(m, "zeros", AOT_I64, 2);
    aot_type type = aot_type_make(AOT_I8, 2, (const int32_t[]){ 3, 2 });
    type.quant = (aot_quant){ .present = true, .axis = 1, .scales = scales, .zeros = zeros };
    aot_id w = add_data(m, "w", &type, (const int8_t[]){ 1, 2, 3, 4, 5, 6 }, false);
    type.quant.zeros = 0;
    type.quant.zero = 3;
    CHECK(aot_module_const_expression(m, "p", &type, AOT_OP_pack, w, &dict, &check_error) != 0);
    aot_id f = add_graph(m, "f"), b = add_param(m, f, "b", 4), g = add_graph(m, "main");
    aot_id x = add_param(m, g, "conv/1:0", 4), y = add_param(m, g, "y", 4);
    CHECK(returns_one(m, f, append(m, f, AOT_OP_exp, "\xc3\xa4\"\n", b, 0)));
    aot_type four = vector_of(AOT_F32, 4);
    aot_node_spec spec = { .op = AOT_OP_call,
                           .inputs = &x,
                           .input_count = 1,
                           .attrs = &dict,
                           .types = &four,
                           .output_count = 1,
                           .body = f,
                           .by = "npu" };
    CHECK(aot_graph_insert(m, g, 0, &spec, &check_error) != 0);
    spec = (aot_node_spec){ .op = AOT_OP_conv2d,
                            .inputs = (const aot_id[]){ x, y, 0 },
                            .input_count = 3,
                            .types = &four,
                            .output_count = 1 };
    CHECK(aot_graph_insert(m, g, 0, &spec, &check_error) != 0);
    check_print(m, 0,
                "module kws { options = { files = \"a b\" } }\n\n"
                "const $scales : f32[2] = dense [0.0, 1.0]\n"
                "const $zeros : i64[2] = dense [0, 1]\n"
                "const $w : i8[3, 2] q($scales, $zeros, axis 1) = dense [1, 2, 3, 4, 5, 6]\n"
                "const $p : i8[3, 2] q($scales, 3, axis 1) = pack $w { files = \"a b\" }\n\n"
                "pool @\"work space\" { files = \"a b\" }\n\n"
                "symbol 1 { files = \"a b\" }\n"
                "symbol 2 {}\n\n"
                "graph @f(%b : f32[4]) {\n"
                "  %\"\\xc3\\xa4\\\"\\n\" = exp %b : f32[4]\n"
                "  return %\"\\xc3\\xa4\\\"\\n\"\n"
                "}\n\n"
                "graph @main(%\"conv/1:0\" : f32[4], %y : f32[4]) {\n"
                "  %call = call @f %\"conv/1:0\" by npu { files = \"a b\" } : f32[4]\n"
                "  %conv2d = conv2d %\"conv/1:0\", %y, _ : f32[4]\n"
                "  return\n"
                "}\n");
    aot_module_free(m);
}

int main(void)
{
    test_empty();
    test_data();
    test_all_parts();
    return check_done();
}
