/* test_failing_memory.c - every allocation of a whole scenario fails in turn: an error is set,
 * nothing has changed, nothing is leaked. */
#include "graph_check.h"

static aot_text print_into(aot_arena *arena, const aot_module *m)
{
    aot_text text;
    aot_text_init(&text, arena, &check_error);
    CHECK(aot_module_print(m, &text));
    return text;
}

/* The allocation that fails, counted from the start of each edit; 0: none. */
static size_t fail_at;
static bool fail_forever, failed;

/* Runs one edit with a failing allocation. Where it is refused, the module must print and verify
 * as before; then the edit is made in peace. */
#define EDIT(edit)                                                                             \
    do {                                                                                       \
        aot_arena *edit_arena = aot_arena_new(0);                                              \
        aot_text before = print_into(edit_arena, m);                                           \
        check_error.kind = AOT_OK;                                                             \
        aot_alloc_fail_at(fail_at, fail_forever);                                              \
        bool done = (edit);                                                                    \
        aot_alloc_fail_at(0, false);                                                           \
        if (!done) {                                                                           \
            failed = true;                                                                     \
            CHECK(check_error.kind == AOT_ERROR_MEMORY && check_error.message[0]);             \
            aot_text after = print_into(edit_arena, m);                                        \
            CHECK_TEXT(after.bytes, before.bytes);                                             \
            CHECK(aot_module_verify(m, &check_error));                                         \
            CHECK(edit);                                                                       \
        }                                                                                      \
        aot_arena_free(edit_arena);                                                            \
    } while (0)

/* Builds, edits and prints; with the n-th allocation of each edit failing first, the text at the
 * end is the same. */
static aot_text scenario(aot_arena *arena)
{
    aot_module *m = NULL;
    aot_alloc_fail_at(fail_at, fail_forever);
    m = aot_module_new("scenario", 0, &check_error);
    aot_alloc_fail_at(0, false);
    if (!m) {
        failed = true;
        m = aot_module_new("scenario", 0, &check_error);
    }
    aot_id g, f, x, w, s, a = 0, b = 0, c = 0, d = 0, call, pool, k, copy;
    aot_attr seven = { .kind = AOT_ATTR_INT, .i = 7 };
    EDIT((g = add_graph(m, "main")) != 0);
    EDIT((x = add_param(m, g, "x", 4)) != 0);
    EDIT((w = add_const(m, "w", AOT_F32, 20)) != 0);
    EDIT((k = add_const(m, "k", AOT_F32, 4)) != 0);
    EDIT((s = add_state(m, "s", AOT_F32, 4)) != 0);
    aot_type type = vector_of(AOT_F32, 4);
    EDIT((copy = aot_module_const_expression(m, "w", &type, AOT_OP_neg, k, NULL,
                                             &check_error)) != 0);
    EDIT((pool = aot_module_pool(m, "ram", NULL, &check_error)) != 0);
    EDIT(aot_module_entry_set(m, pool, "size", &seven, &check_error));
    EDIT(aot_module_symbol(m, NULL, &check_error) != 0);
    EDIT(aot_module_set(m, "after", &seven, &check_error));
    EDIT((a = append(m, g, AOT_OP_add, "x", x, w)) != 0);
    EDIT((b = append(m, g, AOT_OP_mul, "x", a, s)) != 0);
    EDIT((c = append(m, g, AOT_OP_exp, "", b, 0)) != 0);
    EDIT((d = append(m, g, AOT_OP_add, "x", c, copy)) != 0);
    EDIT(returns_one(m, g, d));
    EDIT(aot_graph_next(m, g, s, c, &check_error));
    EDIT(aot_node_set(m, node_of(m, c), "origin", &seven, &check_error));
    EDIT((call = aot_graph_outline(m, (const aot_id[]){ node_of(m, b), node_of(m, a) }, 2, "f",
                                   &check_error)) != 0);
    f = aot_module_node(m, call)->body;
    EDIT(append(m, f, AOT_OP_exp, "x", a, 0) != 0);
    EDIT(aot_graph_inline(m, call, &check_error));
    EDIT(aot_module_remove_graph(m, f, &check_error));
    EDIT(aot_value_rename(m, d, "x", &check_error));
    aot_node_spec spec = { .op = AOT_OP_sub,
                           .inputs = (const aot_id[]){ c, k },
                           .input_count = 2,
                           .attrs = aot_module_attrs(m),
                           .output_count = 1 };
    EDIT(aot_node_rewrite(m, node_of(m, d), &spec, &check_error));
    EDIT(aot_module_remove_const(m, copy, &check_error));
    EDIT(aot_value_replace(m, d, c, &check_error));
    EDIT(aot_node_remove(m, node_of(m, d), &check_error));
    CHECK(aot_module_verify(m, &check_error));
    aot_text text = print_into(arena, m);
    aot_module_free(m);
    return text;
}

/* Printing, verifying and listing the blobs fail cleanly, too. */
static void test_readers(void)
{
    aot_module *m = aot_module_new("readers", 0, &check_error);
    aot_id g = add_graph(m, "main"), w = add_const(m, "w", AOT_F32, 20);
    CHECK(append(m, g, AOT_OP_exp, "y", w, 0) != 0);
    for (size_t n = 1;; n++) {
        aot_arena *arena = aot_arena_new(0);
        aot_text text;
        aot_id *ids;
        size_t *offsets, count, total;
        aot_text_init(&text, arena, &check_error);
        aot_alloc_fail_at(n, true);
        bool printed = aot_module_print(m, &text);
        aot_alloc_fail_at(n, true);
        bool verified = aot_module_verify(m, &check_error);
        aot_alloc_fail_at(n, true);
        bool listed = aot_module_blobs(m, arena, &ids, &offsets, &count, &total, &check_error);
        aot_alloc_fail_at(0, false);
        aot_arena_free(arena);
        CHECK(check_error.kind == AOT_ERROR_MEMORY);
        if (printed && verified && listed)
            break;
    }
    aot_module_free(m);
}

int main(void)
{
    aot_arena *arena = aot_arena_new(0);
    aot_text plain = scenario(arena);
    CHECK_TEXT(plain.bytes, "module scenario { after = 7 }\n\n"
                            "const $w : f32[20] = blob 0\n"
                            "const $k : f32[4] = dense [0.0, 1.0, 2.0, 3.0]\n\n"
                            "pool @ram { size = 7 }\n\n"
                            "state %s : f32[4] = splat 0.0\n\n"
                            "symbol 1 {}\n\n"
                            "graph @main(%x : f32[4]) {\n"
                            "  %x_1 = add %x, $w : f32[4]\n"
                            "  %x_2 = mul %x_1, %s : f32[4]\n"
                            "  %x_3_1 = exp %x_1 : f32[4]\n"
                            "  %exp = exp %x_2 { origin = 7 } : f32[4]\n"
                            "  return %exp, next %s = %exp\n"
                            "}\n");
    for (int forever = 0; forever < 2; forever++) {
        fail_forever = forever;
        fail_at = 0;
        do {
            failed = false;
            fail_at++;
            aot_text text = scenario(arena);
            CHECK_TEXT(text.bytes, plain.bytes);
        } while (failed);
        CHECK(fail_at > 10);
    }
    aot_arena_free(arena);
    test_readers();
    return check_done();
}
