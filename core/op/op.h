/* op.h - what ops mean: their types (infer) and their numbers (eval).
 *
 * eval is the oracle: plain loops over wide loads and stores, one rounding at the end, nothing
 * shared with the kernels it judges. */
#ifndef AOT_OP_OP_H
#define AOT_OP_OP_H

#include "core/ir/graph.h"

/* One application of an op, seen by infer_<op> and eval_<op>. */
typedef struct aot_apply {
    const aot_module *module; /* for the constants that types refer to; NULL if none does */
    aot_op op;
    size_t input_count;
    const aot_type *const *types;    /* of the inputs; NULL where absent */
    const aot_tensor *const *inputs; /* eval only; NULL where absent */
    const aot_attr *attrs;           /* a dict or NULL */
    const aot_type *declared;        /* the result type that was asked for, or NULL */
} aot_apply;

/* Fills *out with the type of the single result. Shape and element type follow from the inputs
 * and attributes; where the attributes leave the element type or quantization open (quantize,
 * requantize, cast: README.md) they come from `declared`, which is then required. A declared
 * type's quantization, or having none, is always kept; without a declared type elementwise ops,
 * views and moves pass on the first input's.
 * Fails, in words a user of the model understands, if the operands or attributes do not fit. */
bool aot_infer(const aot_apply *apply, aot_type *out, aot_error *err);

/* Computes the result into *out, whose type is set and whose data is fresh and zeroed. */
bool aot_eval(const aot_apply *apply, aot_tensor *out, aot_error *err);

/* Infers every node of the graph and fails where a printed type differs. Names node and rule. */
bool aot_graph_infer(const aot_module *module, aot_id graph, aot_error *err);

/* The constant's data, made first where it is an expression. The module keeps the data: the
 * caller retains *out's block if it is to outlive the constant. */
bool aot_materialize(aot_module *module, aot_id constant, aot_tensor *out, aot_error *err);

/* Evaluates a graph: inputs in the order of its parameters; states (module order) are read and
 * then, if all went well, replaced by their next values, the old blocks released (NULL: the
 * initial values are read, none kept). Values are freed after their last use.
 * The caller releases the blocks of *outputs (return_count entries, allocated in `arena`).
 * `watch`, if not NULL, is called with each value as it is computed; false stops. */
typedef bool (*aot_watch)(void *context, aot_id value, const aot_tensor *tensor);
bool aot_graph_eval(aot_module *module, aot_id graph, const aot_tensor *inputs,
                    aot_tensor *states, aot_arena *arena, aot_tensor **outputs, aot_watch watch,
                    void *context, aot_error *err);

#endif
