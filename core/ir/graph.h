/* graph.h - modules, graphs, nodes and values, and the edits that keep them whole.
 *
 * A module owns constants, states, pools, symbols and graphs; @main is the graph that is
 * compiled, the others are bodies of `call` nodes. Everything is named by dense ids, given in
 * order of creation and never used again, for values, nodes, graphs, pools and symbols apart;
 * the structs below are read-only outside this room, and stay where they are until removed
 * (entries: until the next one is made). A removed part is no longer found by its id.
 * An edit checks structure (what exists, what is used, what comes before what) and changes
 * nothing where it fails; types are checked by aot_graph_infer (core/op). */
#ifndef AOT_IR_GRAPH_H
#define AOT_IR_GRAPH_H

#include "core/ir/attrs.h"
#include "core/ir/tensor.h"

typedef enum aot_op {
#define AOT_OP(name, low, high, outputs, flags) AOT_OP_##name,
#include "core/ir/ops.def"
#undef AOT_OP
    AOT_OP_COUNT
} aot_op;

enum {
    AOT_OP_UNARY = 1,
    AOT_OP_BINARY = 2,
    AOT_OP_VIEW = 4,
    AOT_OP_CONTROL = 8,
    AOT_OP_CONSTANT = 16,
    AOT_OP_TERNARY = 32,
    AOT_OP_COMMUTATIVE = 64,
};

typedef struct aot_op_info {
    const char *name;
    int low, high, outputs; /* -1: any number */
    unsigned flags;
} aot_op_info;

const aot_op_info *aot_op_get(aot_op op);
bool aot_op_parse(const char *name, aot_op *out);

/* The names of the attributes that the op reads, with blanks between; NULL where it reads none. */
const char *aot_op_attributes(aot_op op);

typedef enum aot_value_kind {
    AOT_VALUE_PARAM,  /* of a graph */
    AOT_VALUE_RESULT, /* of a node */
    AOT_VALUE_CONST,  /* of the module, usable in every graph */
    AOT_VALUE_STATE,  /* of the module, usable in @main: its value when a call starts */
} aot_value_kind;

typedef struct aot_use { /* one input slot of a node, in the list of its value's uses */
    aot_id node;
    uint32_t slot;
    struct aot_use *previous, *next;
} aot_use;

/* Of constants: data, or an expression `op source { attrs }` that core/op materializes; of
 * states: the initial data. */
typedef struct aot_stored {
    aot_tensor data; /* block NULL: not (yet) materialized */
    bool has_expression;
    aot_op expression;
    aot_id source;
    aot_attr attrs; /* dict; of the expression */
} aot_stored;

typedef struct aot_value {
    aot_id id, graph; /* graph: 0 for constants and states */
    aot_value_kind kind;
    aot_id node; /* of a result */
    uint32_t index;
    uint32_t use_count;
    const char *name;     /* without sigil, any bytes but NUL; unique in its graph or module */
    const aot_type *type; /* the same for all equal ones of the module, and as long as it is */
    aot_use *uses;        /* in the order in which they were made */
    aot_use *last_use;
    aot_stored *stored; /* of constants and states, else NULL */
} aot_value;

typedef struct aot_node {
    aot_id id, graph;
    aot_op op;
    uint32_t input_count, output_count;
    aot_id body;           /* of a call: the graph */
    aot_id previous, next; /* in the order of execution */
    uint64_t order;        /* grows along the list */
    aot_id *inputs;        /* 0: absent operand, written _ */
    aot_id *outputs;
    aot_attr attrs; /* dict */
    const char *by; /* of a call: the accelerator's name, or NULL */
} aot_node;

typedef struct aot_graph {
    aot_id id;
    const char *name; /* without @ */
    aot_id *params;
    size_t param_count;
    aot_id first, last;  /* nodes; last is always the return node */
    size_t node_count;   /* without it */
    size_t return_count; /* the return node's inputs: so many results, then next values */
    aot_id *next_states; /* the states of those, in their order */
    size_t next_count;
} aot_graph;

typedef struct aot_entry { /* a pool or a symbol */
    aot_id id; /* a symbol's is the number that is printed; a pool's has the top bit set */
    const char *name; /* pool: its name; symbol: "" */
    aot_attr attrs;
} aot_entry;

typedef struct aot_module aot_module;

/* budget: bytes of structure, without constant data; 0 no limit. */
aot_module *aot_module_new(const char *name, size_t budget, aot_error *err);
void aot_module_free(aot_module *module);
aot_arena *aot_module_arena(aot_module *module);
const char *aot_module_name(const aot_module *module);
const aot_attr *aot_module_attrs(const aot_module *module); /* a dict */
/* A NULL value removes the key, here and in the other setters. */
bool aot_module_set(aot_module *module, const char *key, const aot_attr *value, aot_error *err);

/* Look-ups; NULL for an unknown or removed id. */
const aot_value *aot_module_value(const aot_module *module, aot_id id);
const aot_node *aot_module_node(const aot_module *module, aot_id id);
const aot_graph *aot_module_graph(const aot_module *module, aot_id id);
const aot_graph *aot_module_graph_named(const aot_module *module, const char *name);
const aot_value *aot_module_named(const aot_module *module, aot_value_kind kind,
                                  const char *name);
const aot_value *aot_graph_named(const aot_module *module, aot_id graph, const char *name);

/* One more than the largest value id so far, for arrays indexed by value. */
size_t aot_module_value_limit(const aot_module *module);

/* All of a sort in the order of creation, removed ones left out; *count filled.
 * The array is the module's and valid until the next edit. */
const aot_id *aot_module_consts(const aot_module *module, size_t *count);
const aot_id *aot_module_states(const aot_module *module, size_t *count);
const aot_id *aot_module_graphs(const aot_module *module, size_t *count);
const aot_entry *aot_module_pools(const aot_module *module, size_t *count);
const aot_entry *aot_module_symbols(const aot_module *module, size_t *count);

/* Makers; they return the id, 0 on failure. Of a taken name the first free of name_1, name_2,
 * ... is used, of an empty one a word for what is made (graphs, pools: they fail). `tensor` is
 * retained. A constant's scales and zeros are older constants. */
aot_id aot_module_const(aot_module *module, const char *name, const aot_type *type,
                        const aot_tensor *tensor, aot_error *err);
aot_id aot_module_const_expression(aot_module *module, const char *name, const aot_type *type,
                                   aot_op op, aot_id source, const aot_attr *attrs,
                                   aot_error *err);
bool aot_module_materialized(aot_module *module, aot_id constant, const aot_tensor *tensor,
                             aot_error *err);
aot_id aot_module_state(aot_module *module, const char *name, const aot_type *type,
                        const aot_tensor *initial, aot_error *err);
aot_id aot_module_pool(aot_module *module, const char *name, const aot_attr *attrs,
                       aot_error *err);
aot_id aot_module_symbol(aot_module *module, const aot_attr *attrs, aot_error *err);
bool aot_module_entry_set(aot_module *module, aot_id entry, const char *key,
                          const aot_attr *value, aot_error *err);
aot_id aot_module_new_graph(aot_module *module, const char *name, aot_error *err);

/* Remove a constant that no operand, type or expression uses; a graph that no call has. */
bool aot_module_remove_const(aot_module *module, aot_id constant, aot_error *err);
bool aot_module_remove_graph(aot_module *module, aot_id graph, aot_error *err);

/* The graph's signature. A next value of 0 leaves the state as it is. */
aot_id aot_graph_param(aot_module *module, aot_id graph, const char *name, const aot_type *type,
                       aot_error *err);
bool aot_graph_returns(aot_module *module, aot_id graph, const aot_id *values, size_t count,
                       aot_error *err);
bool aot_graph_next(aot_module *module, aot_id graph, aot_id state, aot_id value,
                    aot_error *err);

/* What insert takes. `names` and `types` have output_count entries; names may be NULL, or one
 * of them: then the op's name serves. A rewrite without types keeps those there are. */
typedef struct aot_node_spec {
    aot_op op;
    const aot_id *inputs;
    size_t input_count;
    const aot_attr *attrs; /* a dict or NULL */
    const aot_type *types;
    const char *const *names;
    size_t output_count;
    aot_id body;
    const char *by;
} aot_node_spec;

/* Adds a node before `before` (0: at the end, before the return node). Fails if the number of
 * operands is not the op's, or an input is unknown, of another graph, or defined after it. */
aot_id aot_graph_insert(aot_module *module, aot_id graph, aot_id before,
                        const aot_node_spec *spec, aot_error *err);

/* Turns the node into another operation; its results keep their names and users and get the
 * spec's types; their number must not change. */
bool aot_node_rewrite(aot_module *module, aot_id node, const aot_node_spec *spec,
                      aot_error *err);

bool aot_node_set(aot_module *module, aot_id node, const char *key, const aot_attr *value,
                  aot_error *err);
bool aot_node_set_input(aot_module *module, aot_id node, size_t slot, aot_id value,
                        aot_error *err);
bool aot_value_set_type(aot_module *module, aot_id value, const aot_type *type, aot_error *err);
bool aot_value_rename(aot_module *module, aot_id value, const char *name, aot_error *err);

/* Makes every use of `old` a use of `by` (returns and next states included). Fails if `by` is
 * defined after a user of `old`. Linear in the number of uses. */
bool aot_value_replace(aot_module *module, aot_id old, aot_id by, aot_error *err);

/* Removes a node none of whose results is used. */
bool aot_node_remove(aot_module *module, aot_id node, aot_error *err);

/* Moves a node before another of its graph (0: to the end); fails if something would be used
 * before it is computed. */
bool aot_node_move(aot_module *module, aot_id node, aot_id before, aot_error *err);

/* Moves `count` nodes (in any order) into a new graph `name`, called in their place at the
 * position of the last of them. Its parameters are the values from outside (constants of more
 * than one element among them, in order of first use; others are referred to directly), its
 * results the values used outside. Fails if the nodes are not convex. Returns the call node. */
aot_id aot_graph_outline(aot_module *module, const aot_id *nodes, size_t count,
                         const char *name, aot_error *err);

/* Puts the body of a call in its place and removes the call; the body graph stays. */
bool aot_graph_inline(aot_module *module, aot_id call, aot_error *err);

/* print.c: the module as IR text (the grammar: core/README.md). Data of more than 16 elements
 * that are not all equal is written as its offset in the blob file: see aot_module_blobs. */
bool aot_module_print(const aot_module *module, aot_text *text);
bool aot_graph_print(const aot_module *module, aot_id graph, aot_text *text); /* one graph */

/* The constants and states whose data goes to the blob file, in file order, with offsets. */
bool aot_module_blobs(const aot_module *module, aot_arena *arena, aot_id **ids,
                      size_t **offsets, size_t *count, size_t *total, aot_error *err);

/* verify.c: checks what edits keep (ids, uses, order, names, bodies without recursion, one
 * writer) and what they cannot (call signatures, `at` of planned values). Types: core/op. */
bool aot_module_verify(const aot_module *module, aot_error *err);

#endif
