/* test_outline.c - bodies: outlining nodes into one, inlining it again. */
#include "graph_check.h"

/* x -> a -> b -> d -> e, with c between a and d, and a constant of 8, one of 1. */
static aot_module *diamond(aot_id *g, aot_id v[6])
{
    aot_module *m = aot_module_new("diamond", 0, &check_error);
    aot_id w = add_const(m, "w", AOT_F32, 4), k = add_const(m, "k", AOT_F32, 1);
    *g = add_graph(m, "main");
    v[0] = add_param(m, *g, "x", 4);
    v[1] = append(m, *g, AOT_OP_add, "a", v[0], w);
    v[2] = append(m, *g, AOT_OP_exp, "b", v[1], 0);
    v[3] = append(m, *g, AOT_OP_mul, "c", v[1], k);
    v[4] = append(m, *g, AOT_OP_add, "d", v[2], v[3]);
    v[5] = append(m, *g, AOT_OP_neg, "e", v[4], 0);
    CHECK(returns_one(m, *g, v[5]));
    return m;
}

static aot_id outline(aot_module *m, const aot_id *values, size_t count, const char *name)
{
    aot_id nodes[8];
    for (size_t i = 0; i < count; i++)
        nodes[i] = node_of(m, values[i]);
    return aot_graph_outline(m, nodes, count, name, &check_error);
}

static const char *const whole = "graph @main(%x : f32[4]) {\n"
                                 "  %a = add %x, $w : f32[4]\n"
                                 "  %b = exp %a : f32[4]\n"
                                 "  %c = mul %a, $k : f32[4]\n"
                                 "  %d = add %b, %c : f32[4]\n"
                                 "  %e = neg %d : f32[4]\n"
                                 "  return %e\n"
                                 "}\n";

static void test_there_and_back(void)
{
    aot_id g, v[6];
    aot_module *m = diamond(&g, v);
    aot_id call = outline(m, (const aot_id[]){ v[4], v[1], v[3], v[2] }, 4, "body");
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %d = call @body %x, $w : f32[4]\n"
                "  %e = neg %d : f32[4]\n"
                "  return %e\n"
                "}\n");
    aot_id body = aot_module_node(m, call)->body;
    check_print(m, body,
                "graph @body(%x : f32[4], %w : f32[4]) {\n"
                "  %a = add %x, %w : f32[4]\n"
                "  %b = exp %a : f32[4]\n"
                "  %c = mul %a, $k : f32[4]\n"
                "  %d = add %b, %c : f32[4]\n"
                "  return %d\n"
                "}\n");
    CHECK(aot_module_graph(m, body)->id == body && aot_module_graph(m, g)->node_count == 2);
    CHECK(aot_graph_inline(m, call, &check_error) && !aot_module_node(m, call));
    check_print(m, g, whole);
    CHECK(aot_module_remove_graph(m, body, &check_error));
    check_print(m, g, whole);
    aot_module_free(m);
}

static void test_several_results(void)
{
    aot_id g, v[6];
    aot_module *m = diamond(&g, v);
    /* b uses a inside and is used outside; c, between them, moves behind the call */
    aot_id call = outline(m, (const aot_id[]){ v[1], v[2] }, 2, "front");
    CHECK(call && aot_node_move(m, node_of(m, v[3]), 0, &check_error) == false);
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %a, %b = call @front %x, $w : f32[4], f32[4]\n"
                "  %c = mul %a, $k : f32[4]\n"
                "  %d = add %b, %c : f32[4]\n"
                "  %e = neg %d : f32[4]\n"
                "  return %e\n"
                "}\n");
    CHECK(aot_graph_inline(m, call, &check_error));
    check_print(m, g, whole);
    aot_module_free(m);

    m = diamond(&g, v);
    CHECK(outline(m, (const aot_id[]){ v[1], v[3] }, 2, "around") != 0);
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %a, %c = call @around %x, $w : f32[4], f32[4]\n"
                "  %b = exp %a : f32[4]\n"
                "  %d = add %b, %c : f32[4]\n"
                "  %e = neg %d : f32[4]\n"
                "  return %e\n"
                "}\n");
    aot_module_free(m);
}

static void test_refusals(void)
{
    aot_id g, v[6];
    aot_module *m = diamond(&g, v);
    CHECK_REFUSED(outline(m, (const aot_id[]){ v[1], v[4] }, 2, "f"), "not convex: %d depends");
    CHECK_REFUSED(outline(m, (const aot_id[]){ v[1], v[1] }, 2, "f"), "outlined twice");
    CHECK_REFUSED(outline(m, v, 0, "f"), "no nodes");
    CHECK_REFUSED(outline(m, v + 1, 2, "main"), "cannot be @main");
    CHECK_REFUSED(aot_graph_outline(m, &aot_module_graph(m, g)->last, 1, "f", &check_error),
                  "outlining @f");
    CHECK_REFUSED(aot_graph_outline(m, (const aot_id[]){ 99 }, 1, "f", &check_error), "id 99");
    CHECK_REFUSED(aot_graph_inline(m, node_of(m, v[1]), &check_error), "%a is no call");
    aot_id dead = append(m, g, AOT_OP_exp, "dead", v[1], 0);
    CHECK_REFUSED(outline(m, &dead, 1, "f"), "used outside");
    CHECK(aot_node_remove(m, node_of(m, dead), &check_error));
    CHECK(aot_module_pool(m, "f", NULL, &check_error) != 0);
    CHECK_REFUSED(outline(m, v + 1, 2, "f"), "@f already");
    check_print(m, g, whole);
    aot_module_free(m);
}

static void test_names_meet(void)
{
    aot_module *m = aot_module_new("meet", 0, &check_error);
    aot_id w = add_const(m, "a", AOT_F32, 4), g = add_graph(m, "main");
    aot_id x = add_param(m, g, "x", 4), a = append(m, g, AOT_OP_add, "a", x, w);
    aot_id b = append(m, g, AOT_OP_exp, "b", a, 0);
    CHECK(returns_one(m, g, b));
    aot_id call = outline(m, (const aot_id[]){ a, b }, 2, "f");
    check_print(m, aot_module_node(m, call)->body,
                "graph @f(%x : f32[4], %a_1 : f32[4]) {\n"
                "  %a = add %x, %a_1 : f32[4]\n"
                "  %b = exp %a : f32[4]\n"
                "  return %b\n"
                "}\n");
    aot_id body = aot_module_node(m, call)->body;
    aot_id a2 = insert(m, g, call, AOT_OP_exp, "a", x, 0);
    /* a body that gives back a parameter, a constant, and one value twice */
    const aot_id *last = aot_module_node(m, aot_module_graph(m, body)->last)->inputs;
    CHECK(aot_graph_returns(
        m, body, (const aot_id[]){ last[0], last[0], aot_module_graph(m, body)->params[0], w },
        4, &check_error));
    CHECK_REFUSED(aot_graph_inline(m, call, &check_error), "takes 2 and gives 4");
    aot_type t = vector_of(AOT_F32, 4), types[] = { t, t, t, t };
    static const char *const names[] = { "p", "q", "r", "s" };
    aot_node_spec spec = { .op = AOT_OP_call,
                           .inputs = (const aot_id[]){ a2, w },
                           .input_count = 2,
                           .types = types,
                           .names = names,
                           .output_count = 4,
                           .body = body };
    aot_id four = aot_graph_insert(m, g, 0, &spec, &check_error);
    aot_id results[4];
    memcpy(results, aot_module_node(m, four)->outputs, sizeof results);
    CHECK(aot_graph_returns(m, g, results, 4, &check_error));
    CHECK(aot_node_remove(m, call, &check_error));
    CHECK(aot_graph_inline(m, four, &check_error));
    check_print(m, g,
                "graph @main(%x : f32[4]) {\n"
                "  %a = exp %x : f32[4]\n"
                "  %a_1 = add %a, $a : f32[4]\n"
                "  %p = exp %a_1 : f32[4]\n"
                "  return %p, %p, %a, $a\n"
                "}\n");
    aot_id q = append(m, g, AOT_OP_exp, "q", x, 0);
    CHECK_TEXT(name_of(m, q), "q");
    aot_module_free(m);
}

static void test_nested(void)
{
    aot_id g, v[6];
    aot_module *m = diamond(&g, v);
    aot_id inner = outline(m, (const aot_id[]){ v[2] }, 1, "inner");
    aot_id calls[] = { node_of(m, v[1]), inner };
    aot_id outer = aot_graph_outline(m, calls, 2, "outer", &check_error);
    CHECK(outer && aot_module_node(m, inner)->graph == aot_module_node(m, outer)->body);
    CHECK(aot_graph_inline(m, outer, &check_error));
    aot_id copied = aot_module_graph(m, g)->first;
    copied = aot_module_node(m, copied)->next;
    CHECK(aot_module_node(m, copied)->op == AOT_OP_call);
    CHECK_REFUSED(aot_module_remove_graph(m, aot_module_node(m, inner)->body, &check_error),
                  "@inner is the body of 2 calls");
    CHECK(aot_graph_inline(m, copied, &check_error));
    check_print(m, g, whole);
    aot_module_free(m);
}

int main(void)
{
    test_there_and_back();
    test_several_results();
    test_refusals();
    test_names_meet();
    test_nested();
    return check_done();
}
