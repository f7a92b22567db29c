/* test_graph.c - the edits of graphs: what they do, what they refuse, that names stay unique. */
#include "graph_check.h"

static void test_names(void)
{
    aot_module *m = aot_module_new("names", 0, &check_error);
    aot_id g = add_graph(m, "main"), x = add_param(m, g, "x", 4);
    aot_id a = append(m, g, AOT_OP_exp, "x", x, 0), b = append(m, g, AOT_OP_exp, "x", a, 0);
    aot_id c = append(m, g, AOT_OP_exp, "x", b, 0), d = append(m, g, AOT_OP_exp, "", c, 0);
    CHECK_TEXT(name_of(m, a), "x_1");
    CHECK_TEXT(name_of(m, c), "x_3");
    CHECK_TEXT(name_of(m, d), "exp");
    CHECK(aot_value_replace(m, a, x, &check_error));
    CHECK(aot_node_remove(m, node_of(m, a), &check_error) && !aot_module_value(m, a));
    CHECK(aot_value_replace(m, b, x, &check_error));
    CHECK(aot_node_remove(m, node_of(m, b), &check_error));
    CHECK(!aot_graph_named(m, g, "x_1") && !aot_graph_named(m, g, "x_2"));
    /* the first free ones, as after reading a dump */
    aot_id e = append(m, g, AOT_OP_exp, "x", d, 0), f = append(m, g, AOT_OP_exp, "x", e, 0);
    aot_id h = append(m, g, AOT_OP_exp, "x", f, 0);
    CHECK_TEXT(name_of(m, e), "x_1");
    CHECK_TEXT(name_of(m, f), "x_2");
    CHECK_TEXT(name_of(m, h), "x_4");
    CHECK(aot_graph_named(m, g, "x_4")->id == h);
    CHECK(aot_value_rename(m, h, "out", &check_error) && !aot_graph_named(m, g, "x_4"));
    CHECK(aot_value_rename(m, h, "out", &check_error));
    CHECK_TEXT(name_of(m, h), "out");
    CHECK(aot_value_rename(m, f, "out", &check_error));
    CHECK_TEXT(name_of(m, f), "out_1");
    /* a state and @main share a scope, a constant and a body have their own */
    aot_id s = add_state(m, "out", AOT_F32, 4), k = add_const(m, "out", AOT_F32, 4);
    CHECK_TEXT(name_of(m, s), "out_2");
    CHECK_TEXT(name_of(m, k), "out");
    aot_id body = add_graph(m, "body"), y = add_param(m, body, "out", 4);
    CHECK_TEXT(name_of(m, y), "out");
    CHECK(aot_module_named(m, AOT_VALUE_CONST, "out")->id == k);
    CHECK(aot_module_named(m, AOT_VALUE_STATE, "out_2")->id == s);
    CHECK(!aot_module_named(m, AOT_VALUE_STATE, "out"));
    CHECK_REFUSED(add_graph(m, "body"), "@body already");
    CHECK_REFUSED(aot_module_pool(m, "body", NULL, &check_error), "@body already");
    CHECK_REFUSED(add_graph(m, ""), "needs a name");
    CHECK(aot_module_graph_named(m, "body")->id == body && !aot_module_graph_named(m, "no"));
    aot_module_free(m);
}

static void test_insert_refuses(void)
{
    aot_module *m = aot_module_new("refuse", 0, &check_error);
    aot_id g = add_graph(m, "main"), x = add_param(m, g, "x", 4);
    aot_id other = add_graph(m, "other"), z = add_param(m, other, "z", 4);
    aot_id a = append(m, g, AOT_OP_exp, "a", x, 0), b = append(m, g, AOT_OP_exp, "b", a, 0);
    aot_id s = add_state(m, "s", AOT_F32, 4);
    CHECK_REFUSED(insert(m, g, node_of(m, a), AOT_OP_exp, "n", b, 0), "before it is computed");
    CHECK_REFUSED(insert(m, g, node_of(m, b), AOT_OP_exp, "n", b, 0), "before it is computed");
    CHECK_REFUSED(append(m, g, AOT_OP_exp, "n", z, 0), "%z belongs to @other");
    CHECK_REFUSED(append(m, other, AOT_OP_exp, "n", s, 0), "@main only");
    CHECK_REFUSED(append(m, g, AOT_OP_exp, "n", 99, 0), "id 99");
    CHECK_REFUSED(append(m, g, AOT_OP_exp, "n", 0, 0), "operand 1 must not be absent");
    CHECK_REFUSED(append(m, g, AOT_OP_exp, "n", a, b), "exp takes 1 operands, there are 2");
    CHECK_REFUSED(append(m, g, AOT_OP_return, "n", a, 0), "return");
    CHECK_REFUSED(append(m, g, AOT_OP_call, "n", a, 0), "graph with id 0");
    CHECK_REFUSED(insert(m, other, node_of(m, a), AOT_OP_exp, "n", z, 0), "another graph");
    CHECK_REFUSED(append(m, 7, AOT_OP_exp, "n", a, 0), "graph with id 7");
    aot_type bad = vector_of(AOT_F32, -1);
    aot_node_spec spec = { .op = AOT_OP_exp, .inputs = &a, .input_count = 1, .types = &bad };
    CHECK_REFUSED(aot_graph_insert(m, g, 0, &spec, &check_error), "1 results, 0 are asked for");
    spec.output_count = 1;
    CHECK_REFUSED(aot_graph_insert(m, g, 0, &spec, &check_error), "result 1 of exp");
    bad = vector_of(AOT_F32, 4);
    spec.body = other;
    CHECK_REFUSED(aot_graph_insert(m, g, 0, &spec, &check_error), "only a call has a body");
    spec.op = AOT_OP_call;
    spec.body = g;
    CHECK_REFUSED(aot_graph_insert(m, g, 0, &spec, &check_error), "@main cannot call itself");
    CHECK_REFUSED(aot_graph_insert(m, other, 0, &spec, &check_error), "cannot be @main");
    spec.body = other;
    spec.by = "two words";
    CHECK_REFUSED(aot_graph_insert(m, g, 0, &spec, &check_error), "two words");
    CHECK(aot_module_graph(m, g)->node_count == 2);
    CHECK(aot_module_value(m, a)->use_count == 1);
    CHECK_REFUSED(aot_node_remove(m, node_of(m, a), &check_error), "%a is used by 1");
    CHECK_REFUSED(aot_node_remove(m, aot_module_graph(m, g)->last, &check_error), "return");
    CHECK_REFUSED(aot_value_replace(m, x, b, &check_error), "before it is computed");
    CHECK(aot_module_value(m, x)->use_count == 1);
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %a = exp %x : f32[4]\n"
                "  %b = exp %a : f32[4]\n"
                "  return\n"
                "}\n");
    aot_module_free(m);
}

static void test_edits(void)
{
    aot_module *m = aot_module_new("edits", 0, &check_error);
    aot_id g = add_graph(m, "main"), x = add_param(m, g, "x", 4), y = add_param(m, g, "y", 4);
    aot_id a = append(m, g, AOT_OP_exp, "a", x, 0), b = append(m, g, AOT_OP_add, "b", a, a);
    aot_id c = append(m, g, AOT_OP_mul, "c", b, y);
    CHECK(returns_one(m, g, c));
    /* rewriting keeps the name and the users; operands may come from the node itself */
    const aot_node *node = aot_module_node(m, node_of(m, b));
    aot_field field = { "lo", { .kind = AOT_ATTR_FLOAT, .f = 0 } };
    aot_attr attrs = { .kind = AOT_ATTR_DICT, .length = 1, .fields = &field };
    aot_type half = vector_of(AOT_F16, 4);
    aot_node_spec spec = { .op = AOT_OP_clamp,
                           .inputs = node->inputs + 1,
                           .input_count = 1,
                           .attrs = &attrs,
                           .types = &half,
                           .output_count = 1 };
    CHECK(aot_node_rewrite(m, node->id, &spec, &check_error));
    CHECK(aot_module_value(m, a)->use_count == 1);
    CHECK(aot_node_set(m, node->id, "hi", &(aot_attr){ .kind = AOT_ATTR_INT, .i = 6 },
                       &check_error));
    CHECK(aot_node_set(m, node->id, "lo", NULL, &check_error));
    CHECK(aot_node_set(m, node->id, "none", NULL, &check_error));
    CHECK_REFUSED(aot_node_set(m, node->id, "a b", NULL, &check_error), "a b");
    spec.output_count = 0;
    CHECK_REFUSED(aot_node_rewrite(m, node->id, &spec, &check_error), "%b has 1 results");
    CHECK(aot_node_set_input(m, node_of(m, c), 1, a, &check_error));
    CHECK_REFUSED(aot_node_set_input(m, node_of(m, c), 2, a, &check_error), "no number 3");
    CHECK_REFUSED(aot_node_set_input(m, node_of(m, c), 0, c, &check_error), "before");
    CHECK_REFUSED(aot_node_set_input(m, node_of(m, c), 0, 0, &check_error), "absent");
    aot_id d = insert(m, g, node_of(m, a), AOT_OP_neg, "d", y, 0);
    CHECK_REFUSED(aot_node_move(m, node_of(m, a), 0, &check_error), "before it is computed");
    CHECK_REFUSED(aot_node_move(m, node_of(m, c), node_of(m, b), &check_error), "before");
    CHECK(aot_node_move(m, node_of(m, d), node_of(m, c), &check_error));
    CHECK(aot_node_move(m, node_of(m, d), node_of(m, d), &check_error));
    CHECK(aot_value_replace(m, a, d, &check_error) == false);
    CHECK(aot_node_move(m, node_of(m, d), node_of(m, a), &check_error));
    CHECK(aot_value_replace(m, a, d, &check_error) && aot_module_value(m, d)->use_count == 2);
    CHECK(aot_value_replace(m, c, c, &check_error));
    CHECK(aot_node_remove(m, node_of(m, a), &check_error));
    check_print(m, g,
                "graph @main(%x : f32[4], %y : f32[4]) {\n"
                "  %d = neg %y : f32[4]\n"
                "  %b = clamp %d { hi = 6 } : f16[4]\n"
                "  %c = mul %b, %d : f32[4]\n"
                "  return %c\n"
                "}\n");
    CHECK(aot_value_replace(m, c, x, &check_error));
    CHECK(aot_module_node(m, aot_module_graph(m, g)->last)->inputs[0] == x);
    aot_module_free(m);
}

static void test_states(void)
{
    aot_module *m = aot_module_new("states", 0, &check_error);
    aot_id g = add_graph(m, "main"), x = add_param(m, g, "x", 4);
    aot_id s[6], a = append(m, g, AOT_OP_exp, "a", x, 0);
    static const char *const names[] = { "s0", "s1", "s2", "s3", "s4", "s5" };
    for (size_t i = 0; i < 6; i++) {
        s[i] = add_state(m, names[i], AOT_F32, 4);
        CHECK(aot_graph_next(m, g, s[i], i % 2 ? a : x, &check_error));
    }
    CHECK(aot_graph_next(m, g, s[0], s[1], &check_error));
    CHECK(aot_graph_next(m, g, s[2], 0, &check_error));
    CHECK(aot_graph_next(m, g, s[5], 0, &check_error));
    CHECK(aot_graph_next(m, g, s[5], 0, &check_error));
    CHECK(aot_graph_returns(m, g, (const aot_id[]){ a, a, x }, 3, &check_error));
    CHECK_REFUSED(aot_graph_next(m, g, a, x, &check_error), "%a in @main is none");
    CHECK_REFUSED(aot_graph_next(m, g, s[0], 999, &check_error), "id 999");
    CHECK(aot_module_value(m, a)->use_count == 4);
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %a = exp %x : f32[4]\n"
                "  return %a, %a, %x, next %s0 = %s1, next %s1 = %a, next %s3 = %a, "
                "next %s4 = %x\n"
                "}\n");
    CHECK(aot_module_remove_graph(m, g, &check_error));
    CHECK(!aot_module_graph(m, g) && !aot_module_value(m, x) && !aot_module_value(m, a));
    CHECK(aot_module_value(m, s[1])->use_count == 0);
    g = add_graph(m, "main");
    CHECK(g && aot_graph_next(m, g, s[0], s[1], &check_error));
    CHECK(add_param(m, g, "x", 4) && aot_module_verify(m, &check_error));
    aot_module_free(m);
}

static void test_constants(void)
{
    aot_module *m = aot_module_new("constants", 0, &check_error);
    aot_id scales = add_const(m, "scales", AOT_F32, 4), w = add_const(m, "w", AOT_I8, 4);
    aot_id zeros = add_const(m, "zeros", AOT_I64, 4);
    aot_type type = vector_of(AOT_I8, 4);
    type.quant = (aot_quant){ .present = true, .scales = scales, .axis = 0 };
    CHECK(aot_value_set_type(m, w, &type, &check_error));
    type.quant.zeros = zeros;
    CHECK_REFUSED(aot_value_set_type(m, w, &type, &check_error), "made before");
    type.quant = (aot_quant){ .present = true, .scales = zeros, .axis = 0 };
    CHECK_REFUSED(aot_value_set_type(m, w, &type, &check_error), "must be f32[4]");
    type.quant = (aot_quant){ .present = true, .scales = scales, .axis = 1 };
    CHECK_REFUSED(aot_value_set_type(m, w, &type, &check_error), "axis 1");
    type.quant = (aot_quant){ .present = true, .axis = -1, .scale = 0 };
    CHECK_REFUSED(aot_value_set_type(m, w, &type, &check_error), "positive");
    type = vector_of(AOT_I16, 4);
    CHECK_REFUSED(aot_value_set_type(m, w, &type, &check_error), "$w holds data");
    type = vector_of(AOT_F32, 8);
    aot_id p = aot_module_const_expression(m, "p", &type, AOT_OP_cast, w, NULL, &check_error);
    CHECK(p && aot_module_value(m, p)->stored->has_expression);
    CHECK_REFUSED(aot_module_const_expression(m, "p", &type, AOT_OP_add, w, NULL, &check_error),
                  "add is no operation on one constant");
    CHECK_REFUSED(aot_module_remove_const(m, w, &check_error), "$w is used");
    CHECK_REFUSED(aot_module_remove_const(m, scales, &check_error), "$scales is used");
    CHECK(aot_module_remove_const(m, p, &check_error));
    CHECK(aot_module_remove_const(m, w, &check_error));
    CHECK(aot_module_remove_const(m, scales, &check_error));
    size_t count;
    CHECK(aot_module_consts(m, &count)[0] == zeros && count == 1);
    aot_id g = add_graph(m, "main");
    aot_id a = append(m, g, AOT_OP_exp, "a", zeros, 0);
    CHECK_REFUSED(aot_module_remove_const(m, zeros, &check_error), "$zeros is used by 1");
    CHECK_REFUSED(aot_module_remove_const(m, a, &check_error), "%a is no constant");
    aot_tensor data;
    type = vector_of(AOT_F32, 3);
    if (aot_tensor_new(&type, &data, &check_error)) {
        aot_type four = vector_of(AOT_F32, 4);
        CHECK_REFUSED(aot_module_const(m, "k", &four, &data, &check_error), "f32[3]");
        data.offset = 8;
        CHECK_REFUSED(aot_module_const(m, "k", &type, &data, &check_error), "beyond the end");
        CHECK_REFUSED(aot_module_materialized(m, zeros, &data, &check_error), "no expression");
        aot_block_release(data.block);
    }
    CHECK(aot_module_verify(m, &check_error));
    aot_module_free(m);
}

static void test_verify_finds(void)
{
    aot_module *m = aot_module_new("verify", 0, &check_error);
    aot_id f = add_graph(m, "f"), h = add_graph(m, "h"), x = add_param(m, f, "x", 4);
    CHECK(returns_one(m, f, x));
    aot_id y = add_param(m, h, "y", 4);
    aot_type type = vector_of(AOT_F32, 4);
    aot_node_spec call = { .op = AOT_OP_call,
                           .inputs = &y,
                           .input_count = 1,
                           .types = &type,
                           .output_count = 1,
                           .body = f };
    aot_id node = aot_graph_insert(m, h, 0, &call, &check_error);
    CHECK(node && returns_one(m, h, aot_module_node(m, node)->outputs[0]));
    CHECK(aot_module_verify(m, &check_error));
    CHECK_REFUSED(aot_module_remove_graph(m, f, &check_error), "@f is the body of 1");
    call.inputs = &x;
    call.body = h;
    aot_id back = aot_graph_insert(m, f, 0, &call, &check_error);
    CHECK_REFUSED(aot_module_verify(m, &check_error), "calls itself, through @");
    CHECK(aot_node_remove(m, back, &check_error) && aot_module_verify(m, &check_error));
    aot_type half = vector_of(AOT_F16, 4);
    CHECK(aot_value_set_type(m, y, &half, &check_error));
    CHECK_REFUSED(aot_module_verify(m, &check_error), "@h: %call = call: operand 1 is f16[4]");
    CHECK(aot_value_set_type(m, y, &type, &check_error));
    CHECK(aot_graph_returns(m, f, NULL, 0, &check_error));
    CHECK_REFUSED(aot_module_verify(m, &check_error), "do not fit @f");
    CHECK(returns_one(m, f, x));

    aot_field size = { "size", { .kind = AOT_ATTR_INT, .i = 100 } };
    aot_attr attrs = { .kind = AOT_ATTR_DICT, .length = 1, .fields = &size };
    aot_id pool = aot_module_pool(m, "ram", &attrs, &check_error);
    aot_attr place[] = { { .kind = AOT_ATTR_REF, .string = "@ram", .length = 4 },
                         { .kind = AOT_ATTR_INT, .i = 84 } };
    aot_attr places = { .kind = AOT_ATTR_LIST, .length = 2, .items = place };
    aot_attr at = { .kind = AOT_ATTR_LIST, .length = 1, .items = &places };
    CHECK(aot_node_set(m, node, "at", &at, &check_error) && aot_module_verify(m, &check_error));
    place[1].i = 85;
    CHECK(aot_node_set(m, node, "at", &at, &check_error));
    CHECK_REFUSED(aot_module_verify(m, &check_error),
                  "16 bytes at 85 lie beyond the end of @ram");
    aot_attr more = { .kind = AOT_ATTR_INT, .i = 128 };
    CHECK(aot_module_entry_set(m, pool, "size", &more, &check_error));
    CHECK(aot_module_verify(m, &check_error));
    place[0].string = "@fla";
    CHECK(aot_node_set(m, node, "at", &at, &check_error));
    CHECK_REFUSED(aot_module_verify(m, &check_error), "no @fla");
    CHECK(aot_node_set(m, node, "at", NULL, &check_error));
    aot_id symbol = aot_module_symbol(m, NULL, &check_error);
    CHECK(symbol == 1 && aot_module_entry_set(m, symbol, "of", place, &check_error));
    CHECK_REFUSED(aot_module_verify(m, &check_error), "symbol 1: there is no @fla");
    CHECK_REFUSED(aot_module_entry_set(m, 2, "of", place, &check_error), "id 2");
    aot_module_free(m);
}

static void test_large(void)
{
    enum { COUNT = 100000 };
    aot_module *m = aot_module_new("large", (size_t)1024 * COUNT, &check_error);
    aot_id g = add_graph(m, "main"), x = add_param(m, g, "x", 4), last = x;
    for (int i = 0; i < COUNT / 2; i++)
        last = append(m, g, AOT_OP_exp, "x", last, 0);
    CHECK(last && returns_one(m, g, last));
    /* at the front, each before the one before: no gap in the order is large enough for long */
    aot_id before = aot_module_graph(m, g)->first;
    for (int i = 0; i < COUNT / 2 && before; i++)
        before = node_of(m, insert(m, g, before, AOT_OP_neg, "y", x, 0));
    CHECK(before && aot_module_graph(m, g)->node_count == COUNT);
    CHECK(aot_module_verify(m, &check_error));
    CHECK(aot_arena_used(aot_module_arena(m)) / COUNT < 1024);
    printf("%zu bytes per node\n", aot_arena_used(aot_module_arena(m)) / COUNT);
    aot_id id = aot_module_graph(m, g)->first;
    bool removed = true;
    for (aot_id next; id != aot_module_graph(m, g)->last; id = next) {
        const aot_node *node = aot_module_node(m, id);
        next = node->next;
        if (node->op == AOT_OP_neg)
            removed = removed && aot_node_remove(m, id, &check_error);
    }
    CHECK(removed);
    CHECK(aot_value_replace(m, last, x, &check_error));
    CHECK(aot_module_graph(m, g)->node_count == COUNT / 2 &&
          aot_module_verify(m, &check_error));
    aot_module_free(m);
}

int main(void)
{
    test_names();
    test_insert_refuses();
    test_edits();
    test_states();
    test_constants();
    test_verify_finds();
    test_large();
    return check_done();
}
