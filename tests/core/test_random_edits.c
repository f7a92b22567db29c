/* test_random_edits.c - long sequences of random edits, most of them refused, none harmful. */
#include "graph_check.h"

static uint64_t seed;

static size_t random_below(size_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % n;
}

/* A value of any graph; sometimes 0 or one that is gone. */
static aot_id any_value(const aot_module *m)
{
    aot_id id = 0;
    for (int tries = 0; tries < 9 && !aot_module_value(m, id); tries++)
        id = (aot_id)random_below(aot_module_value_limit(m));
    return id;
}

static aot_id any_node(const aot_module *m)
{
    for (int tries = 0; tries < 20; tries++) {
        const aot_value *value = aot_module_value(m, any_value(m));
        if (value && value->node)
            return value->node;
    }
    return 0;
}

static bool outline_some(aot_module *m, int number)
{
    aot_id nodes[3];
    char name[16];
    size_t count = 1 + random_below(3);
    nodes[0] = any_node(m);
    for (size_t i = 1; i < count && nodes[i - 1]; i++)
        nodes[i] = aot_module_node(m, nodes[i - 1])->next;
    (void)snprintf(name, sizeof name, "f%d", number);
    return aot_graph_outline(m, nodes, count, name, &check_error) != 0;
}

static bool return_some(aot_module *m, aot_id g)
{
    aot_id values[3] = { any_value(m), any_value(m), any_value(m) };
    return aot_graph_returns(m, g, values, random_below(4), &check_error);
}

static bool edit(aot_module *m, aot_id g, aot_id state, int number)
{
    aot_id node = any_node(m), a = any_value(m), b = any_value(m);
    aot_node_spec spec = { .op = AOT_OP_sub,
                           .inputs = (const aot_id[]){ a, b },
                           .input_count = 2,
                           .output_count = 1 };
    switch (random_below(12)) {
    case 0:
        return node && insert(m, aot_module_node(m, node)->graph, node, AOT_OP_mul, "x", a, b);
    case 1:
        return node && aot_node_rewrite(m, node, &spec, &check_error);
    case 2:
        return aot_node_move(m, node, any_node(m), &check_error);
    case 3:
        return aot_node_remove(m, node, &check_error);
    case 4:
        return aot_value_replace(m, a, b, &check_error);
    case 5:
        return aot_node_set_input(m, node, random_below(3), a, &check_error);
    case 6:
        return outline_some(m, number);
    case 7:
        return aot_graph_inline(m, node, &check_error);
    case 8:
        return return_some(m, g);
    case 9:
        return aot_graph_next(m, g, state, random_below(3) ? a : 0, &check_error);
    case 10:
        return a && aot_value_rename(m, a, "x", &check_error);
    default:
        return append(m, g, AOT_OP_add, "x", a, b) != 0;
    }
}

static void test_seed(uint64_t start)
{
    seed = start;
    aot_module *m = aot_module_new("random", 0, &check_error);
    aot_id g = add_graph(m, "main"), state = add_state(m, "s", AOT_F32, 4);
    CHECK(add_param(m, g, "x", 4) && add_param(m, g, "y", 4) && add_const(m, "w", AOT_F32, 4));
    int made = 0;
    bool sound = true;
    for (int i = 0; i < 2000 && sound; i++) {
        made += edit(m, g, state, i);
        sound = aot_module_verify(m, &check_error);
    }
    CHECK(sound && made > 100);
    if (!sound)
        printf("seed %d: %s\n", (int)start, check_error.message);
    aot_module_free(m);
}

int main(void)
{
    for (uint64_t start = 1; start <= 20; start++)
        test_seed(start);
    return check_done();
}
