/* graph_internal.h - what the files of the graph share: the records behind the public structs.
 *
 * Edits allocate first and then commit with the functions below that return nothing. */
#ifndef AOT_IR_GRAPH_INTERNAL_H
#define AOT_IR_GRAPH_INTERNAL_H

#include "core/ir/graph.h"
#include "core/ir/names.h"

#define AOT_POOL_BIT   UINT32_C(0x80000000) /* in the ids of pools */
#define AOT_LAST_ORDER UINT64_MAX           /* of return nodes */

typedef struct aot_value_record {
    aot_value value; /* first, so that the public pointer is the record's */
    aot_named *named;
    /* while an edit walks over a part of the graph: valid if `stamp` is the edit's */
    uint32_t stamp;
    aot_id image;
    aot_named *new_name;
} aot_value_record;

typedef struct aot_stored_record {
    aot_stored stored; /* first, so that the public pointer is the record's */
    uint32_t pins;     /* of a constant: uses by types and expressions */
    size_t next_slot;  /* of a state: 1 + its index among @main's next states, 0 if none */
} aot_stored_record;

typedef struct aot_node_record {
    aot_node node;
    aot_use *uses;     /* one per input */
    uint32_t capacity; /* of inputs and uses */
    uint32_t stamp;
} aot_node_record;

typedef struct aot_graph_record {
    aot_graph graph;
    aot_named *named;
    uint32_t scope;
    size_t param_capacity, next_capacity;
    size_t calls; /* call nodes with this body */
} aot_graph_record;

typedef struct aot_id_list { /* ascending; removed ones go when the list is read */
    aot_id *ids;
    size_t count, capacity, removed;
} aot_id_list;

typedef struct aot_entry_list {
    aot_entry *entries;
    size_t count, capacity;
} aot_entry_list;

struct aot_module {
    aot_arena *arena;
    const char *name;
    aot_attr attrs;
    aot_value_record **values; /* by id; NULL: removed */
    aot_node_record **nodes;
    aot_graph_record **graphs;
    size_t value_count, value_capacity; /* counts: ids given so far, 0 included */
    size_t node_count, node_capacity;
    size_t graph_count, graph_capacity;
    aot_id_list *consts, *states, *graph_list;
    aot_entry_list pools, symbols;
    aot_names names;
    aot_shared shared;
    uint32_t stamp;
};

/* module.c */
aot_value_record *aot_value_get(const aot_module *module, aot_id id);
aot_node_record *aot_node_get(const aot_module *module, aot_id id);
aot_graph_record *aot_graph_get(const aot_module *module, aot_id id);
/* The same, with an error where there is none. */
aot_value_record *aot_value_need(const aot_module *module, aot_id id, aot_error *err);
aot_node_record *aot_node_need(const aot_module *module, aot_id id, aot_error *err);
aot_graph_record *aot_graph_need(const aot_module *module, aot_id id, aot_error *err);
/* Makes room for so many more ids. */
bool aot_module_reserve(aot_module *module, size_t values, size_t nodes, aot_error *err);
bool aot_module_is_main(const aot_graph_record *graph);

/* value.c */
/* Sound in itself, and its scales and zeros are fitting constants. `before`: of lower ids, so
 * that constants print in an order in which they can be read; 0: any. */
bool aot_type_check(const aot_module *module, const aot_type *type, aot_id before,
                    aot_error *err);
/* The module's one copy of the type; NULL on failure, never so if the type was shared before. */
const aot_type *aot_type_share(aot_module *module, const aot_type *type, aot_error *err);
/* Can a node at `order` of the graph use the value? */
bool aot_value_visible(const aot_module *module, const aot_value_record *value,
                       const aot_graph_record *graph, uint64_t order, aot_error *err);
/* The record of a constant or state, else NULL. */
aot_stored_record *aot_stored_get(const aot_value_record *value);
/* Gives the value its id and name (room is reserved); takes both away, and all it has. */
void aot_value_register(aot_module *module, aot_value_record *value, aot_named *named);
void aot_value_unregister(aot_module *module, aot_value_record *value);
void aot_value_retype(aot_module *module, aot_value_record *value, const aot_type *type);
/* "%conv", "$w" in printable ASCII, cut to fit. */
typedef struct aot_label {
    char text[96];
} aot_label;
aot_label aot_value_label(const aot_module *module, aot_id value);
aot_label aot_node_label(const aot_node_record *node, const aot_module *module);
aot_label aot_name_label(char sigil, const char *name);

/* links.c: the list of nodes, its order, and the lists of uses. */
void aot_node_link(aot_module *module, aot_node_record *node, aot_node_record *before);
void aot_node_unlink(aot_module *module, aot_node_record *node);
void aot_use_link(aot_module *module, aot_node_record *node, size_t slot);
void aot_use_unlink(aot_module *module, aot_node_record *node, size_t slot);
void aot_uses_link(aot_module *module, aot_node_record *node);
void aot_uses_unlink(aot_module *module, aot_node_record *node);
void aot_use_redirect(aot_module *module, aot_use *use, aot_id value);

/* node.c */
/* Can the operand be absent? Those of calls and returns cannot. */
bool aot_slot_optional(aot_op op, size_t slot);
/* A node with room for its inputs, copied from `inputs`, and zeroed outputs. */
aot_node_record *aot_node_make(aot_module *module, aot_op op, const aot_id *inputs,
                               size_t input_count, size_t output_count, aot_error *err);
/* Gives the node its id (room is reserved). */
void aot_node_register(aot_module *module, aot_node_record *node, aot_graph_record *graph);
/* Gives a node of a graph other operands, with room for `capacity` of them. */
bool aot_node_operands(aot_module *module, aot_node_record *node, const aot_id *inputs,
                       size_t count, size_t capacity, aot_error *err);
/* Unlinks the node and its uses and takes its results, its id and all it has away. */
void aot_node_unregister(aot_module *module, aot_node_record *node);
/* Takes a node's id and all it has away; it is not linked to anything. */
void aot_node_drop(aot_module *module, aot_node_record *node);
void aot_node_set_body(aot_module *module, aot_node_record *node, aot_id body);

/* signature.c */
/* An unregistered graph with an unregistered return node of the given inputs in *last. */
aot_graph_record *aot_graph_make(aot_module *module, const aot_id *returns, size_t return_count,
                                 aot_node_record **last, aot_error *err);
/* Makes room for one more graph; with it, registers the graph and its return node. */
bool aot_graph_reserve(aot_module *module, aot_error *err);
void aot_graph_register(aot_module *module, aot_graph_record *graph, aot_node_record *last,
                        aot_named *named);
/* Claims the name of a graph or pool; fails if it is taken or empty. */
aot_named *aot_global_claim(aot_module *module, const char *name, aot_error *err);

#endif
