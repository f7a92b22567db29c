/* movement.c - reshape transpose concat slice pad broadcast: elements move, none changes. */
#include "core/op/op_internal.h"

#include <math.h>
#include <string.h>

/* Copies the elements of the box walked, operand 0 of which is `to`, operand 1 `from`: both of
 * one element type. The last axis is taken as a run. */
static void copy_box(aot_tensor *to, const aot_tensor *from, aot_walk walk)
{
    size_t bits = aot_dtype_bits(to->type.dtype), size = bits / 8;
    ptrdiff_t step_to = 0, step_from = 0;
    int32_t run = 1;
    for (int32_t axis = 0; axis < walk.rank; axis++) {
        if (walk.dims[axis] == 0) {
            return;
        }
    }
    if (walk.rank > 0) {
        walk.rank--;
        run = walk.dims[walk.rank];
        step_to = walk.strides[0][walk.rank];
        step_from = walk.strides[1][walk.rank];
    }
    do {
        ptrdiff_t at_to = walk.at[0], at_from = walk.at[1];
        if (bits < 8) {
            for (int32_t i = 0; i < run; i++, at_to += step_to, at_from += step_from) {
                aot_copy_element(to, (size_t)at_to, from, (size_t)at_from);
            }
            continue;
        }
        uint8_t *target = aot_tensor_data(to);
        const uint8_t *source = aot_tensor_bytes(from);
        if (step_to == 1 && step_from == 1) {
            memcpy(target + (size_t)at_to * size, source + (size_t)at_from * size,
                   (size_t)run * size);
            continue;
        }
        for (int32_t i = 0; i < run; i++, at_to += step_to, at_from += step_from) {
            memcpy(target + (size_t)at_to * size, source + (size_t)at_from * size, size);
        }
    } while (aot_walk_next(&walk));
}

/* reshape */

/* Where the axis of a per-axis quantization lies after a reshape: the axis with the same extent
 * and as many elements behind it. */
static void map_reshape(const aot_type *from, const aot_type *to, int32_t map[AOT_MAX_RANK])
{
    for (int32_t k = 0; k < from->rank; k++) {
        size_t outer, extent, inner, to_outer, to_extent, to_inner;
        aot_axis_split(from, k, &outer, &extent, &inner);
        map[k] = -1;
        for (int32_t axis = 0; axis < to->rank; axis++) {
            aot_axis_split(to, axis, &to_outer, &to_extent, &to_inner);
            if (to_extent == extent && to_inner == inner) {
                map[k] = axis;
            }
        }
    }
}

bool aot_infer_reshape(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    size_t before, after;
    int32_t map[AOT_MAX_RANK];
    if (!aot_read_shape(apply, out, err) || !aot_type_count(x, &before, err) ||
        !aot_type_count(out, &after, err)) {
        return false;
    }
    if (before != after) {
        char left[128], right[128];
        return aot_fail(err, AOT_ERROR_INPUT, "%s has %zu elements, %s has %zu",
                        aot_type_show(x, left, sizeof left), before,
                        aot_type_show(out, right, sizeof right), after);
    }
    map_reshape(x, out, map);
    return aot_pass_quant(apply, map, out, err);
}

bool aot_eval_reshape(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    size_t bytes;
    if (!aot_type_bytes(&out->type, &bytes, err)) {
        return false;
    }
    memcpy(aot_tensor_data(out), aot_tensor_bytes(apply->inputs[0]), bytes);
    return true;
}

/* transpose */

static bool read_perm(const aot_apply *apply, int64_t perm[AOT_MAX_RANK], aot_error *err)
{
    int32_t count, rank = apply->types[0]->rank;
    bool seen[AOT_MAX_RANK] = { false };
    if (!aot_attr_list(apply->attrs, "perm", 0, rank > 0 ? rank - 1 : 0, perm, &count, err)) {
        return false;
    }
    if (count != rank) {
        return aot_fail(err, AOT_ERROR_INPUT, "perm has %d entries, the operand has %d axes",
                        count, rank);
    }
    for (int32_t k = 0; k < rank; k++) {
        if (seen[perm[k]]) {
            return aot_fail(err, AOT_ERROR_INPUT, "perm names axis %lld twice",
                            (long long)perm[k]);
        }
        seen[perm[k]] = true;
    }
    return true;
}

bool aot_infer_transpose(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int64_t perm[AOT_MAX_RANK];
    int32_t map[AOT_MAX_RANK];
    if (!read_perm(apply, perm, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    for (int32_t k = 0; k < x->rank; k++) {
        out->dims[k] = x->dims[perm[k]];
        map[perm[k]] = k;
    }
    return aot_pass_quant(apply, map, out, err);
}

bool aot_eval_transpose(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    int64_t perm[AOT_MAX_RANK];
    ptrdiff_t strides[AOT_MAX_RANK];
    if (!read_perm(apply, perm, err)) {
        return false;
    }
    aot_walk walk = aot_walk_over(&out->type);
    aot_row_major(&out->type, walk.strides[0]);
    aot_row_major(&x->type, strides);
    for (int32_t k = 0; k < walk.rank; k++) {
        walk.strides[1][k] = strides[perm[k]];
    }
    copy_box(out, x, walk);
    return true;
}

/* concat */

bool aot_infer_concat(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *first = apply->types[0];
    int32_t axis, map[AOT_MAX_RANK] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    int64_t extent = 0;
    if (aot_attr_get(apply->attrs, "axis") == NULL) {
        return aot_fail(err, AOT_ERROR_INPUT, "attribute 'axis' is missing");
    }
    if (!aot_attr_axis(apply->attrs, "axis", first->rank, 0, &axis, err)) {
        return false;
    }
    for (size_t i = 0; i < apply->input_count; i++) {
        const aot_type *type = apply->types[i];
        aot_type same = *type;
        same.dims[axis] = first->dims[axis];
        if (!aot_type_same_data(&same, first)) {
            char left[128], right[128];
            return aot_fail(err, AOT_ERROR_INPUT,
                            "operand %zu is %s, the first is %s; only axis %d may differ",
                            i + 1, aot_type_show(type, left, sizeof left),
                            aot_type_show(first, right, sizeof right), axis);
        }
        extent += type->dims[axis]; /* so many operands as to overflow do not fit in memory */
    }
    map[axis] = -1;
    *out = aot_type_make(first->dtype, first->rank, first->dims);
    return aot_set_dim(out, axis, extent, err) && aot_pass_quant(apply, map, out, err);
}

bool aot_eval_concat(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    int32_t axis;
    ptrdiff_t strides[AOT_MAX_RANK], at = 0;
    if (!aot_attr_axis(apply->attrs, "axis", out->type.rank, 0, &axis, err)) {
        return false;
    }
    aot_row_major(&out->type, strides);
    for (size_t i = 0; i < apply->input_count; i++) {
        const aot_tensor *x = apply->inputs[i];
        aot_walk walk = aot_walk_over(&x->type);
        memcpy(walk.strides[0], strides, sizeof strides);
        walk.at[0] = at;
        aot_row_major(&x->type, walk.strides[1]);
        copy_box(out, x, walk);
        at += strides[axis] * x->type.dims[axis];
    }
    return true;
}

/* slice */

typedef struct slice {
    int64_t start[AOT_MAX_RANK], stop[AOT_MAX_RANK], step[AOT_MAX_RANK];
} slice;

static bool read_slice(const aot_apply *apply, slice *out, aot_error *err)
{
    size_t rank = (size_t)apply->types[0]->rank;
    return aot_attr_ints(apply->attrs, "start", rank, 0, INT32_MAX, -1, out->start, err) &&
           aot_attr_ints(apply->attrs, "stop", rank, -1, INT32_MAX, -2, out->stop, err) &&
           aot_attr_ints(apply->attrs, "step", rank, -INT32_MAX, INT32_MAX, 1, out->step, err);
}

bool aot_infer_slice(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int32_t map[AOT_MAX_RANK];
    slice s;
    if (!read_slice(apply, &s, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    for (int32_t axis = 0; axis < x->rank; axis++) {
        int64_t start = s.start[axis], stop = s.stop[axis], step = s.step[axis];
        int64_t extent = x->dims[axis];
        bool forward = step > 0 && start <= stop && stop <= extent;
        bool backward =
            step < 0 && stop <= start && (start < extent || start == stop) && start <= extent;
        if (!forward && !backward) {
            return aot_fail(
                err, AOT_ERROR_INPUT,
                "axis %d: from %lld to %lld by %lld does not lie within %lld elements", axis,
                (long long)start, (long long)stop, (long long)step, (long long)extent);
        }
        int64_t span = forward ? stop - start : start - stop, stride = forward ? step : -step;
        out->dims[axis] = (int32_t)((span + stride - 1) / stride);
        map[axis] = step == 1 && start == 0 && stop == extent ? axis : -1;
    }
    return aot_pass_quant(apply, map, out, err);
}

bool aot_eval_slice(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    ptrdiff_t strides[AOT_MAX_RANK];
    slice s;
    if (!read_slice(apply, &s, err)) {
        return false;
    }
    aot_walk walk = aot_walk_over(&out->type);
    aot_row_major(&out->type, walk.strides[0]);
    aot_row_major(&x->type, strides);
    for (int32_t axis = 0; axis < walk.rank; axis++) {
        walk.at[1] += (ptrdiff_t)s.start[axis] * strides[axis];
        /* The step over a single element is never taken, and may be too large to multiply. */
        walk.strides[1][axis] =
            walk.dims[axis] > 1 ? (ptrdiff_t)s.step[axis] * strides[axis] : 0;
    }
    copy_box(out, x, walk);
    return true;
}

/* pad */

typedef struct padding {
    int64_t before[AOT_MAX_RANK], after[AOT_MAX_RANK];
    aot_wide value;
} padding;

static bool read_pad_value(const aot_apply *apply, aot_wide *out, aot_error *err)
{
    aot_dtype dtype = apply->types[0]->dtype;
    if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT) {
        return aot_attr_float(apply->attrs, "value", 0, &out->f, err);
    }
    uint64_t high = aot_dtype_max(dtype);
    return aot_attr_int(apply->attrs, "value", aot_dtype_min(dtype),
                        high > INT64_MAX ? INT64_MAX : (int64_t)high, 0, &out->i, err);
}

static bool read_pad(const aot_apply *apply, padding *out, aot_error *err)
{
    size_t rank = (size_t)apply->types[0]->rank;
    return aot_attr_ints(apply->attrs, "before", rank, 0, INT32_MAX, -1, out->before, err) &&
           aot_attr_ints(apply->attrs, "after", rank, 0, INT32_MAX, -1, out->after, err) &&
           read_pad_value(apply, &out->value, err);
}

bool aot_infer_pad(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    padding p;
    if (!read_pad(apply, &p, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    for (int32_t axis = 0; axis < x->rank; axis++) {
        if (!aot_set_dim(out, axis, x->dims[axis] + p.before[axis] + p.after[axis], err)) {
            return false;
        }
    }
    return aot_pass_quant(apply, NULL, out, err);
}

bool aot_eval_pad(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(out->type.dtype);
    size_t count = aot_tensor_count(out);
    padding p;
    if (!read_pad(apply, &p, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        aot_wide_store(out, i, class, p.value);
    }
    aot_walk walk = aot_walk_over(&x->type);
    aot_row_major(&out->type, walk.strides[0]);
    aot_row_major(&x->type, walk.strides[1]);
    for (int32_t axis = 0; axis < walk.rank; axis++) {
        walk.at[0] += (ptrdiff_t)p.before[axis] * walk.strides[0][axis];
    }
    copy_box(out, x, walk);
    return true;
}

/* broadcast */

bool aot_infer_broadcast(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int32_t map[AOT_MAX_RANK];
    if (!aot_read_shape(apply, out, err)) {
        return false;
    }
    for (int32_t back = 1; back <= x->rank; back++) {
        int32_t extent = x->dims[x->rank - back];
        if (back > out->rank || (extent != 1 && extent != out->dims[out->rank - back])) {
            char left[128], right[128];
            return aot_fail(err, AOT_ERROR_INPUT, "%s does not broadcast to %s",
                            aot_type_show(x, left, sizeof left),
                            aot_type_show(out, right, sizeof right));
        }
        map[x->rank - back] = out->rank - back;
    }
    return aot_pass_quant(apply, map, out, err);
}

bool aot_eval_broadcast(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    (void)err;
    const aot_tensor *x = apply->inputs[0];
    aot_walk walk = aot_walk_over(&out->type);
    aot_row_major(&out->type, walk.strides[0]);
    aot_row_major_broadcast(&x->type, walk.rank, walk.dims, walk.strides[1]);
    copy_box(out, x, walk);
    return true;
}
