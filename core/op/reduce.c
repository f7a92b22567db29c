/* reduce.c - reduce_mean reduce_sum reduce_max reduce_min reduce_prod: along any set of axes.
 *
 * On stored values (no zero points). Floats accumulate in double, integers in 64 bits,
 * saturating; the integer mean truncates toward zero, as C division does. */
#include "core/op/op_internal.h"

#include <string.h>

/* Which axes go, and how many elements make one of the result. */
static bool read_axes(const aot_apply *apply, bool gone[AOT_MAX_RANK], bool *keep,
                      aot_error *err)
{
    int64_t axes[AOT_MAX_RANK];
    int32_t count, rank = apply->types[0]->rank;
    memset(gone, 0, AOT_MAX_RANK * sizeof *gone);
    if (!aot_attr_bool(apply->attrs, "keep", true, keep, err) ||
        !aot_attr_list(apply->attrs, "axes", -rank, rank - 1, axes, &count, err)) {
        return false;
    }
    for (int32_t i = 0; i < count; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
        if (gone[axis]) {
            return aot_fail(err, AOT_ERROR_INPUT, "axis %lld is reduced twice",
                            (long long)axis);
        }
        gone[axis] = true;
    }
    return true;
}

static bool infer_reduce(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    bool gone[AOT_MAX_RANK], keep;
    int32_t map[AOT_MAX_RANK];
    if (!read_axes(apply, gone, &keep, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, 0, NULL);
    for (int32_t axis = 0; axis < x->rank; axis++) {
        map[axis] = gone[axis] ? -1 : out->rank;
        if (keep || !gone[axis]) {
            out->dims[out->rank++] = gone[axis] ? 1 : x->dims[axis];
        }
        bool floats = aot_dtype_class(x->dtype) == AOT_CLASS_FLOAT;
        if (gone[axis] && x->dims[axis] == 0 &&
            (apply->op == AOT_OP_reduce_max || apply->op == AOT_OP_reduce_min ||
             (apply->op == AOT_OP_reduce_mean && !floats))) {
            char shown[128];
            return aot_fail(err, AOT_ERROR_INPUT, "axis %d of %s has no elements to reduce",
                            axis, aot_type_show(x, shown, sizeof shown));
        }
    }
    return aot_pass_quant(apply, map, out, err);
}

static bool infer_sum(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *declared = apply->declared;
    if (!infer_reduce(apply, out, err)) {
        return false;
    }
    /* Integers may be summed into any other integer type that is asked for. */
    if (declared != NULL && aot_dtype_class(out->dtype) != AOT_CLASS_FLOAT &&
        aot_dtype_class(declared->dtype) != AOT_CLASS_FLOAT) {
        out->dtype = declared->dtype;
    }
    return true;
}

/* The op on pairs that folds the elements, and what it starts from. */
static aot_op fold_of(aot_op op, aot_class class, aot_wide *start)
{
    *start = aot_wide_zero(class);
    switch (op) {
    case AOT_OP_reduce_max:
        *start = aot_wide_lowest(class);
        return AOT_OP_max;
    case AOT_OP_reduce_min:
        *start = aot_wide_highest(class);
        return AOT_OP_min;
    case AOT_OP_reduce_prod:
        *start = aot_wide_one(class);
        return AOT_OP_mul;
    default:
        return AOT_OP_add;
    }
}

static aot_wide divide(aot_class class, aot_wide sum, size_t count)
{
    switch (class) {
    case AOT_CLASS_FLOAT:
        sum.f /= (double)count;
        break;
    case AOT_CLASS_SIGNED:
        sum.i /= (int64_t)count;
        break;
    default:
        sum.u /= count;
        break;
    }
    return sum;
}

static bool eval_reduce(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    aot_wide start;
    aot_op fold = fold_of(apply->op, class, &start);
    size_t results = aot_tensor_count(out), count = aot_tensor_count(x), terms = 1;
    bool gone[AOT_MAX_RANK], keep;
    aot_block *block;
    aot_wide *folded;
    if (!read_axes(apply, gone, &keep, err) || !aot_wide_new(results, &block, &folded, err)) {
        return false;
    }
    for (size_t i = 0; i < results; i++) {
        folded[i] = start;
    }
    /* The walk goes over the operand, its operand 0 is the result: standing still on gone axes. */
    aot_walk walk = aot_walk_over(&x->type);
    aot_type kept = x->type;
    for (int32_t axis = 0; axis < kept.rank; axis++) {
        terms *= gone[axis] ? (size_t)kept.dims[axis] : 1;
        kept.dims[axis] = gone[axis] ? 1 : kept.dims[axis];
    }
    aot_row_major_broadcast(&kept, walk.rank, walk.dims, walk.strides[0]);
    for (size_t i = 0; i < count; i++, (void)aot_walk_next(&walk)) {
        aot_wide *at = &folded[walk.at[0]];
        *at = aot_wide_binary(fold, class, *at, aot_wide_load(x, i));
    }
    for (size_t i = 0; i < results; i++) {
        aot_wide value =
            apply->op == AOT_OP_reduce_mean ? divide(class, folded[i], terms) : folded[i];
        aot_wide_store(out, i, class, value);
    }
    aot_block_release(block);
    return true;
}

AOT_OP_OF_FAMILY(reduce_mean, infer_reduce, eval_reduce)
AOT_OP_OF_FAMILY(reduce_sum, infer_sum, eval_reduce)
AOT_OP_OF_FAMILY(reduce_max, infer_reduce, eval_reduce)
AOT_OP_OF_FAMILY(reduce_min, infer_reduce, eval_reduce)
AOT_OP_OF_FAMILY(reduce_prod, infer_reduce, eval_reduce)
