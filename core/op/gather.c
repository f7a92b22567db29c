/* gather.c - gather scatter: rows of an axis by their numbers.
 *
 * Numbers below 0 count from the end; then they are clamped to the axis. */
#include "core/op/op_internal.h"

#include <string.h>

static bool check_indices(const aot_type *indices, aot_error *err)
{
    return indices->dtype == AOT_I32 || indices->dtype == AOT_I64 ||
           aot_fail(err, AOT_ERROR_INPUT, "the indices must be i32 or i64, they are %s",
                    aot_dtype_name(indices->dtype));
}

static size_t index_at(const aot_tensor *indices, size_t i, size_t extent)
{
    int64_t index = aot_load_i64(indices, i), end = (int64_t)extent;
    index = index < 0 ? aot_sat_add(index, end) : index;
    return (size_t)(index < 0 ? 0 : index >= end ? end - 1 : index);
}

/* gather: [outer.., axis, inner..] and indices to [outer.., indices.., inner..] */

bool aot_infer_gather(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *indices = apply->types[1];
    int32_t axis, map[AOT_MAX_RANK];
    if (!aot_attr_axis(apply->attrs, "axis", x->rank, 0, &axis, err) ||
        !check_indices(indices, err)) {
        return false;
    }
    int32_t rank = x->rank - 1 + indices->rank;
    if (rank > AOT_MAX_RANK) {
        return aot_fail(err, AOT_ERROR_INPUT, "the result would have rank %d, %d is the most",
                        rank, AOT_MAX_RANK);
    }
    *out = aot_type_make(x->dtype, 0, NULL);
    out->rank = rank;
    for (int32_t k = 0; k < x->rank; k++) {
        map[k] = k == axis ? -1 : k < axis ? k : k - 1 + indices->rank;
        if (k != axis) {
            out->dims[map[k]] = x->dims[k];
        }
    }
    size_t count;
    for (int32_t k = 0; k < indices->rank; k++) {
        out->dims[axis + k] = indices->dims[k];
    }
    if (!aot_type_count(out, &count, err)) {
        return false;
    }
    if (x->dims[axis] == 0 && count > 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "axis %d has no elements to gather", axis);
    }
    return aot_pass_quant(apply, map, out, err);
}

bool aot_eval_gather(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0], *indices = apply->inputs[1];
    int32_t axis;
    size_t outer, extent, inner, count = aot_tensor_count(indices), to = 0;
    if (!aot_attr_axis(apply->attrs, "axis", x->type.rank, 0, &axis, err)) {
        return false;
    }
    aot_axis_split(&x->type, axis, &outer, &extent, &inner);
    for (size_t block = 0; block < outer; block++) {
        for (size_t i = 0; i < count; i++) {
            size_t from = (block * extent + index_at(indices, i, extent)) * inner;
            for (size_t j = 0; j < inner; j++) {
                aot_copy_element(out, to++, x, from + j);
            }
        }
    }
    return true;
}

/* scatter: x [extent, inner..], indices [count], updates [count, inner..] */

static const char *const reductions[] = { "none", "add", "mul", "max", "min", NULL };
static const aot_op reduction_ops[] = { AOT_OP_call, AOT_OP_add, AOT_OP_mul, AOT_OP_max,
                                        AOT_OP_min };

bool aot_infer_scatter(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *indices = apply->types[1];
    const aot_type *updates = apply->types[2];
    int reduction;
    if (!aot_attr_word(apply->attrs, "reduction", reductions, 0, &reduction, err) ||
        !check_indices(indices, err)) {
        return false;
    }
    aot_type expected = *x;
    expected.dims[0] = indices->rank == 1 ? indices->dims[0] : 0;
    if (x->rank < 1 || indices->rank != 1 || !aot_type_same_data(updates, &expected)) {
        char left[128], middle[128], right[128];
        return aot_fail(err, AOT_ERROR_INPUT, "%s, with indices %s, cannot be updated by %s",
                        aot_type_show(x, left, sizeof left),
                        aot_type_show(indices, middle, sizeof middle),
                        aot_type_show(updates, right, sizeof right));
    }
    if (x->dims[0] == 0 && indices->dims[0] > 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "the operand has no elements to update");
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    return aot_pass_quant(apply, NULL, out, err);
}

bool aot_eval_scatter(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0], *indices = apply->inputs[1];
    const aot_tensor *updates = apply->inputs[2];
    aot_class class = aot_dtype_class(x->type.dtype);
    int reduction;
    size_t outer, extent, inner, bytes, count = aot_tensor_count(indices);
    if (!aot_attr_word(apply->attrs, "reduction", reductions, 0, &reduction, err) ||
        !aot_type_bytes(&out->type, &bytes, err)) {
        return false;
    }
    memcpy(aot_tensor_data(out), aot_tensor_bytes(x), bytes);
    aot_axis_split(&x->type, 0, &outer, &extent, &inner);
    for (size_t i = 0; i < count; i++) {
        size_t to = index_at(indices, i, extent) * inner;
        for (size_t j = 0; j < inner; j++) {
            aot_wide value = aot_wide_load(updates, i * inner + j);
            if (reduction > 0) {
                value = aot_wide_binary(reduction_ops[reduction], class,
                                        aot_wide_load(out, to + j), value);
            }
            aot_wide_store(out, to + j, class, value);
        }
    }
    return true;
}
