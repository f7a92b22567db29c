/* test_op_graph.c - graphs: their types, their evaluation, states, bodies and expressions. */
#include "tests/core/op_check.h"

/* One node with one result of the type. */
static aot_id add_node(aot_module *module, aot_id graph, aot_op op, const aot_id *inputs,
                       size_t count, const aot_attr *attributes, aot_type type, aot_id body)
{
    const aot_node_spec spec = {
        .op = op,
        .inputs = inputs,
        .input_count = count,
        .attrs = attributes,
        .types = &type,
        .output_count = 1,
        .body = body,
    };
    aot_id node = aot_graph_insert(module, graph, 0, &spec, &op_error);
    return node == 0 ? 0 : aot_module_node(module, node)->outputs[0];
}

#define NODE(module, graph, op, attributes, type, body, ...)                                   \
    add_node(module, graph, op, (const aot_id[]){ __VA_ARGS__ },                               \
             COUNT_OF(aot_id, __VA_ARGS__), attributes, type, body)

/* @main(%x) { a = call @scale %x; y = reshape a; next %sum = sum + y; return sum + y, y }
 * @scale(%p) { return p * $k }, $k packed from data: 3, 3 */
typedef struct scenario {
    aot_module *module;
    aot_id main, scale, x, sum, a, y;
} scenario;

static bool build(scenario *s)
{
    const aot_type pair = shaped(AOT_F32, SHAPE(2)), row = shaped(AOT_F32, SHAPE(1, 2));
    const aot_type column = shaped(AOT_F32, SHAPE(2, 1));
    memset(s, 0, sizeof *s);
    s->module = aot_module_new("m", 0, &op_error);
    if (s->module == NULL) {
        return false;
    }
    aot_tensor three, zero;
    if (!aot_tensor_new(&column, &three, &op_error)) {
        return false;
    }
    aot_store_f64(&three, 0, 3);
    aot_store_f64(&three, 1, 3);
    aot_id data = aot_module_const(s->module, "data", &column, &three, &op_error);
    aot_block_release(three.block);
    aot_id middle =
        data == 0
            ? 0
            : aot_module_const_expression(s->module, "middle", &row, AOT_OP_pack, data,
                                          attrs(1, word_field("layout", "oi:io")), &op_error);
    aot_id k = middle == 0
                   ? 0
                   : aot_module_const_expression(s->module, "k", &pair, AOT_OP_reshape, middle,
                                                 attrs(1, LIST("shape", 2)), &op_error);
    if (k == 0 || !aot_tensor_new(&row, &zero, &op_error)) {
        return false;
    }
    s->sum = aot_module_state(s->module, "sum", &row, &zero, &op_error);
    aot_block_release(zero.block);
    s->scale = s->sum == 0 ? 0 : aot_module_new_graph(s->module, "scale", &op_error);
    aot_id p = s->scale == 0 ? 0 : aot_graph_param(s->module, s->scale, "p", &pair, &op_error);
    aot_id product = p == 0 ? 0 : NODE(s->module, s->scale, AOT_OP_mul, NULL, pair, 0, p, k);
    if (product == 0 || !aot_graph_returns(s->module, s->scale, &product, 1, &op_error)) {
        return false;
    }
    s->main = aot_module_new_graph(s->module, "main", &op_error);
    s->x = s->main == 0 ? 0 : aot_graph_param(s->module, s->main, "x", &pair, &op_error);
    s->a = s->x == 0 ? 0 : NODE(s->module, s->main, AOT_OP_call, NULL, pair, s->scale, s->x);
    s->y = s->a == 0 ? 0
                     : NODE(s->module, s->main, AOT_OP_reshape, attrs(1, LIST("shape", 1, 2)),
                            row, 0, s->a);
    aot_id total =
        s->y == 0 ? 0 : NODE(s->module, s->main, AOT_OP_add, NULL, row, 0, s->sum, s->y);
    const aot_id returned[] = { total, s->y };
    return total != 0 && aot_graph_returns(s->module, s->main, returned, 2, &op_error) &&
           aot_graph_next(s->module, s->main, s->sum, total, &op_error) &&
           aot_module_verify(s->module, &op_error) &&
           aot_graph_infer(s->module, s->scale, &op_error) &&
           aot_graph_infer(s->module, s->main, &op_error);
}

typedef struct seen {
    aot_id id;
    double first;
    int calls;
} seen;

static bool see(void *context, aot_id value, const aot_tensor *tensor)
{
    seen *s = context;
    s->calls++;
    if (value == s->id) {
        s->first = aot_load_f64(tensor, 0);
    }
    return true;
}

static bool stop(void *context, aot_id value, const aot_tensor *tensor)
{
    (void)tensor;
    return value != *(aot_id *)context;
}

static void evaluates(void)
{
    scenario s;
    CHECK(build(&s));
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2), VALUES(1, -2)), *outputs, states[1];
    states[0] = aot_module_value(s.module, s.sum)->stored->data;
    aot_block_retain(states[0].block);
    for (int step = 1; step <= 3; step++) {
        seen watched = { .id = s.a };
        CHECK(aot_graph_eval(s.module, s.main, &x, states, op_arena, &outputs, see, &watched,
                             &op_error));
        CHECK(watched.first == 3 && watched.calls == 4);
        CHECK(aot_load_f64(&outputs[0], 0) == 3 * step);
        CHECK(aot_load_f64(&outputs[0], 1) == -6 * step);
        CHECK(aot_load_f64(&outputs[1], 1) == -6 && outputs[1].type.rank == 2);
        CHECK(aot_load_f64(&states[0], 1) == -6 * step);
        aot_block_release(outputs[0].block);
        aot_block_release(outputs[1].block);
    }
    CHECK(!aot_graph_eval(s.module, s.main, &x, states, op_arena, &outputs, stop, &s.a,
                          &op_error));
    CHECK(strstr(op_error.message, "stopped") != NULL);
    CHECK(aot_load_f64(&states[0], 1) == -18);
    aot_block_release(states[0].block);
    /* without states: from the initial value, and nothing kept */
    CHECK(
        aot_graph_eval(s.module, s.main, &x, NULL, op_arena, &outputs, NULL, NULL, &op_error));
    CHECK(aot_load_f64(&outputs[0], 0) == 3);
    aot_block_release(outputs[0].block);
    aot_block_release(outputs[1].block);
    aot_tensor wrong = tensor_of(AOT_F32, SHAPE(3), VALUES(0));
    CHECK(!aot_graph_eval(s.module, s.main, &wrong, NULL, op_arena, &outputs, NULL, NULL,
                          &op_error));
    CHECK(strstr(op_error.message, "input %x is f32[2], the data is f32[3]") != NULL);
    aot_module_free(s.module);
}

/* A printed type that does not follow is named with its node; so is the rule. */
static void finds_wrong_types(void)
{
    scenario s;
    CHECK(build(&s));
    const aot_type three = shaped(AOT_F32, SHAPE(3)), halves = shaped(AOT_F16, SHAPE(1, 2));
    aot_type i8 = quantized(shaped(AOT_I8, SHAPE(1, 2)), 0.5, 0);
    CHECK(aot_value_set_type(s.module, s.y, &halves, &op_error));
    CHECK(!aot_graph_infer(s.module, s.main, &op_error));
    CHECK(strstr(op_error.message, "written as f16[1, 2], it must be f32[1, 2]") != NULL);
    CHECK(aot_value_set_type(s.module, s.y, &i8, &op_error));
    CHECK(!aot_graph_infer(s.module, s.main, &op_error));
    CHECK(aot_value_set_type(s.module, s.a, &three, &op_error));
    CHECK(!aot_graph_infer(s.module, s.main, &op_error));
    CHECK(strstr(op_error.message, "@main: %") == op_error.message);
    CHECK(strstr(op_error.message, "result 1 of @scale") != NULL);
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2), VALUES(1, -2)), *outputs;
    CHECK(
        !aot_graph_eval(s.module, s.main, &x, NULL, op_arena, &outputs, NULL, NULL, &op_error));
    CHECK(aot_value_set_type(s.module, s.x, &three, &op_error));
    CHECK(!aot_graph_infer(s.module, s.main, &op_error));
    CHECK(strstr(op_error.message, "operand 1 is f32[3], @scale takes f32[2]") != NULL);
    aot_module_free(s.module);
}

/* The operand of a call may be an expression that cannot be made. */
static void says_why_operands_are_missing(void)
{
    scenario s;
    CHECK(build(&s));
    const aot_type pair = shaped(AOT_F32, SHAPE(2));
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2), VALUES(1, -2)), *outputs;
    aot_id data = aot_module_const(s.module, "plain", &pair, &x, &op_error);
    aot_id bad = aot_module_const_expression(s.module, "bad", &pair, AOT_OP_pack, data,
                                             attrs(1, word_field("layout", "a:b")), &op_error);
    const aot_node *call = aot_module_node(s.module, aot_module_value(s.module, s.a)->node);
    CHECK(aot_node_set_input(s.module, call->id, 0, bad, &op_error));
    CHECK(
        !aot_graph_eval(s.module, s.main, &x, NULL, op_arena, &outputs, NULL, NULL, &op_error));
    CHECK(strstr(op_error.message, "$bad: pack: layout 'a:b'") != NULL);
    aot_module_free(s.module);
}

/* A long chain of expressions is made without recursion, and once. */
static void makes_constants(void)
{
    aot_module *module = aot_module_new("m", 0, &op_error);
    aot_type type = shaped(AOT_I8, SHAPE(2, 3));
    aot_tensor data = typed(type, VALUES(1, 2, 3, 4, 5, 6)), made;
    const aot_attr *turn = attrs(1, word_field("layout", "oi:io"));
    aot_id last = aot_module_const(module, "", &type, &data, &op_error);
    for (int i = 0; i < 5001; i++) {
        type = shaped(AOT_I8, (const int32_t[]){ type.dims[1], type.dims[0] }, 2);
        last =
            aot_module_const_expression(module, "", &type, AOT_OP_pack, last, turn, &op_error);
    }
    CHECK(aot_materialize(module, last, &made, &op_error));
    CHECK(made.type.dims[0] == 3 && aot_load_i64(&made, 1) == 4);
    CHECK(aot_module_value(module, last)->stored->data.block == made.block);
    const aot_type wrong = shaped(AOT_I8, SHAPE(2, 2));
    last = aot_module_const_expression(module, "w", &wrong, AOT_OP_pack, last, turn, &op_error);
    CHECK(last != 0 && !aot_materialize(module, last, &made, &op_error));
    CHECK(strstr(op_error.message, "$w: pack: the result is i8[2, 3], not i8[2, 2]") != NULL);
    aot_module_free(module);
}

/* Whichever allocation fails, evaluation says so and leaves nothing behind. */
static void survives_failing_allocations(void)
{
    aot_tensor x = tensor_of(AOT_F32, SHAPE(2), VALUES(1, -2)), *outputs;
    bool done = false;
    for (size_t n = 1; !done && n < 1000; n++) {
        scenario s;
        if (!build(&s)) {
            break;
        }
        aot_error err = { .kind = AOT_OK };
        aot_alloc_fail_at(n, n % 2 == 0);
        done = aot_graph_eval(s.module, s.main, &x, NULL, op_arena, &outputs, NULL, NULL, &err);
        aot_alloc_fail_at(0, false);
        CHECK(done || err.kind == AOT_ERROR_MEMORY);
        if (done) {
            CHECK(n > 5);
            aot_block_release(outputs[0].block);
            aot_block_release(outputs[1].block);
        }
        aot_module_free(s.module);
    }
    CHECK(done);
}

int main(void)
{
    op_check_start();
    evaluates();
    finds_wrong_types();
    says_why_operands_are_missing();
    makes_constants();
    survives_failing_allocations();
    return op_check_done();
}
