/* graph_check.h - short ways to build graphs in unit tests. */
#ifndef AOT_TESTS_GRAPH_CHECK_H
#define AOT_TESTS_GRAPH_CHECK_H

#include "check.h"

#include "core/ir/graph.h"

static aot_error check_error;

static inline aot_type vector_of(aot_dtype dtype, int32_t n)
{
    return aot_type_make(dtype, 1, &n);
}

/* A constant of `n` elements 0, 1, 2, ... */
static inline aot_id add_const(aot_module *m, const char *name, aot_dtype dtype, int32_t n)
{
    aot_type type = vector_of(dtype, n);
    aot_tensor data;
    if (!aot_tensor_new(&type, &data, &check_error))
        return 0;
    for (int32_t i = 0; i < n; i++)
        aot_store_i64(&data, (size_t)i, i);
    aot_id id = aot_module_const(m, name, &type, &data, &check_error);
    aot_block_release(data.block);
    return id;
}

static inline aot_id add_state(aot_module *m, const char *name, aot_dtype dtype, int32_t n)
{
    aot_type type = vector_of(dtype, n);
    aot_tensor data;
    if (!aot_tensor_new(&type, &data, &check_error))
        return 0;
    aot_id id = aot_module_state(m, name, &type, &data, &check_error);
    aot_block_release(data.block);
    return id;
}

static inline aot_id add_graph(aot_module *m, const char *name)
{
    return aot_module_new_graph(m, name, &check_error);
}

static inline aot_id add_param(aot_module *m, aot_id graph, const char *name, int32_t n)
{
    aot_type type = vector_of(AOT_F32, n);
    return aot_graph_param(m, graph, name, &type, &check_error);
}

/* Inserts `name = op a[, b] : f32[4]` before `before`; gives the result, 0 where refused. */
static inline aot_id insert(aot_module *m, aot_id graph, aot_id before, aot_op op,
                            const char *name, aot_id a, aot_id b)
{
    aot_type type = vector_of(AOT_F32, 4);
    aot_node_spec spec = { .op = op,
                           .inputs = (const aot_id[]){ a, b },
                           .input_count = b ? 2 : 1,
                           .types = &type,
                           .names = &name,
                           .output_count = 1 };
    aot_id node = aot_graph_insert(m, graph, before, &spec, &check_error);
    return node ? aot_module_node(m, node)->outputs[0] : 0;
}

static inline aot_id append(aot_module *m, aot_id graph, aot_op op, const char *name, aot_id a,
                            aot_id b)
{
    return insert(m, graph, 0, op, name, a, b);
}

static inline bool returns_one(aot_module *m, aot_id graph, aot_id value)
{
    return aot_graph_returns(m, graph, &value, 1, &check_error);
}

static inline aot_id node_of(const aot_module *m, aot_id value)
{
    return aot_module_value(m, value)->node;
}

static inline const char *name_of(const aot_module *m, aot_id value)
{
    return aot_module_value(m, value)->name;
}

/* Checks the text of one graph, or of the module (graph 0), and that the module verifies. */
static inline void check_print(const aot_module *m, aot_id graph, const char *wanted)
{
    aot_arena *arena = aot_arena_new(0);
    aot_text text;
    aot_text_init(&text, arena, &check_error);
    CHECK(graph ? aot_graph_print(m, graph, &text) : aot_module_print(m, &text));
    CHECK_TEXT(text.bytes, wanted);
    check_error.message[0] = '\0';
    CHECK(aot_module_verify(m, &check_error));
    CHECK_TEXT(check_error.message, "");
    aot_arena_free(arena);
}

/* Checks that an edit was refused with these words in the message. */
#define CHECK_REFUSED(edit, words)                                                             \
    do {                                                                                       \
        CHECK(!(edit));                                                                        \
        if (!strstr(check_error.message, (words)))                                             \
            CHECK_TEXT(check_error.message, (words));                                          \
    } while (0)

#endif
