/* shape.c - extents, strides and windows: the index arithmetic that the ops share. */
#include "core/op/op_internal.h"

#include <string.h>

bool aot_walk_next(aot_walk *walk)
{
    for (int32_t axis = walk->rank; axis-- > 0;) {
        if (++walk->index[axis] < walk->dims[axis]) {
            for (int k = 0; k < AOT_WALK_OPERANDS; k++) {
                walk->at[k] += walk->strides[k][axis];
            }
            return true;
        }
        walk->index[axis] = 0;
        for (int k = 0; k < AOT_WALK_OPERANDS; k++) {
            walk->at[k] -= walk->strides[k][axis] * (walk->dims[axis] - 1);
        }
    }
    return false;
}

aot_walk aot_walk_over(const aot_type *type)
{
    aot_walk walk;
    memset(&walk, 0, sizeof walk);
    walk.rank = type->rank;
    memcpy(walk.dims, type->dims, sizeof walk.dims);
    return walk;
}

void aot_row_major(const aot_type *type, ptrdiff_t strides[AOT_MAX_RANK])
{
    aot_row_major_broadcast(type, type->rank, type->dims, strides);
}

void aot_row_major_broadcast(const aot_type *type, int32_t rank, const int32_t *dims,
                             ptrdiff_t strides[AOT_MAX_RANK])
{
    memset(strides, 0, AOT_MAX_RANK * sizeof *strides);
    /* Unsigned, because the strides of an empty tensor, never used, may wrap. */
    size_t stride = 1;
    for (int32_t axis = type->rank; axis-- > 0;) {
        int32_t to = axis + rank - type->rank;
        strides[to] = type->dims[axis] == dims[to] ? (ptrdiff_t)stride : 0;
        stride *= (size_t)type->dims[axis];
    }
}

void aot_axis_split(const aot_type *type, int32_t axis, size_t *outer, size_t *extent,
                    size_t *inner)
{
    *outer = *inner = 1;
    for (int32_t k = 0; k < axis; k++) {
        *outer *= (size_t)type->dims[k];
    }
    for (int32_t k = axis + 1; k < type->rank; k++) {
        *inner *= (size_t)type->dims[k];
    }
    *extent = (size_t)type->dims[axis];
}

bool aot_broadcast_dims(const aot_type *a, const aot_type *b, int32_t keep, aot_type *out,
                        aot_error *err)
{
    int32_t rank = a->rank > b->rank ? a->rank : b->rank;
    out->rank = rank;
    for (int32_t back = keep + 1; back <= rank; back++) {
        int32_t da = back <= a->rank ? a->dims[a->rank - back] : 1;
        int32_t db = back <= b->rank ? b->dims[b->rank - back] : 1;
        if (da != db && da != 1 && db != 1) {
            char left[96], right[96];
            return aot_fail(err, AOT_ERROR_INPUT,
                            "%s and %s do not broadcast: %d against %d on axis %d",
                            aot_type_show(a, left, sizeof left),
                            aot_type_show(b, right, sizeof right), da, db, rank - back);
        }
        out->dims[rank - back] = da == 1 ? db : da;
    }
    return true;
}

bool aot_set_dim(aot_type *out, int32_t axis, int64_t extent, aot_error *err)
{
    if (extent < 0 || extent > INT32_MAX) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the result's axis %d would have %lld elements (0 to %d are possible)",
                        axis, (long long)extent, INT32_MAX);
    }
    out->dims[axis] = (int32_t)extent;
    return true;
}

bool aot_attr_list(const aot_attr *attrs, const char *name, int64_t low, int64_t high,
                   int64_t out[AOT_MAX_RANK], int32_t *count, aot_error *err)
{
    const aot_attr *list = aot_attr_get(attrs, name);
    if (list == NULL || list->kind != AOT_ATTR_LIST) {
        return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' must be a list of integers%s",
                        name, list == NULL ? ", it is missing" : "");
    }
    if (list->length > AOT_MAX_RANK) {
        return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' has %zu entries, the limit is %d",
                        name, (size_t)list->length, AOT_MAX_RANK);
    }
    /* The count is known, so the checked reader of exactly that many serves. */
    if (!aot_attr_ints(attrs, name, list->length, low, high, low, out, err)) {
        return false;
    }
    *count = (int32_t)list->length;
    return true;
}

bool aot_read_shape(const aot_apply *apply, aot_type *out, aot_error *err)
{
    int64_t shape[AOT_MAX_RANK];
    int32_t rank = 0;
    if (!aot_attr_list(apply->attrs, "shape", 0, INT32_MAX, shape, &rank, err)) {
        return false;
    }
    *out = aot_type_make(apply->types[0]->dtype, 0, NULL);
    out->rank = rank;
    for (int32_t axis = 0; axis < rank; axis++) {
        out->dims[axis] = (int32_t)shape[axis];
    }
    return true;
}

bool aot_attr_axis(const aot_attr *attrs, const char *name, int32_t rank, int64_t otherwise,
                   int32_t *out, aot_error *err)
{
    int64_t axis;
    if (rank == 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "a scalar (rank 0) has no axis");
    }
    if (!aot_attr_int(attrs, name, -rank, rank - 1, otherwise, &axis, err)) {
        return false;
    }
    *out = (int32_t)(axis < 0 ? axis + rank : axis);
    return true;
}

bool aot_window_read(const aot_attr *attrs, const aot_type *x, aot_window *window,
                     aot_error *err)
{
    static const char *const sides[2] = { "rows", "columns" };
    if (!aot_attr_ints(attrs, "stride", 2, 1, INT32_MAX, 1, window->stride, err) ||
        !aot_attr_ints(attrs, "pad", 4, 0, INT32_MAX, 0, window->pad, err)) {
        return false;
    }
    for (int axis = 0; axis < 2; axis++) {
        int64_t reach = (window->kernel[axis] - 1) * window->dilation[axis] + 1;
        int64_t padded = x->dims[1 + axis] + window->pad[axis] + window->pad[2 + axis];
        if (reach > padded) {
            return aot_fail(err, AOT_ERROR_INPUT,
                            "the window reaches over %lld %s, the padded image has %lld",
                            (long long)reach, sides[axis], (long long)padded);
        }
        int64_t count = (padded - reach) / window->stride[axis] + 1;
        if (count > INT32_MAX) {
            return aot_fail(err, AOT_ERROR_INPUT, "the result would have %lld %s",
                            (long long)count, sides[axis]);
        }
        window->out[axis] = (int32_t)count;
    }
    return true;
}

void aot_window_taps(const aot_window *window, int axis, int64_t at, int64_t extent,
                     int64_t *origin, int64_t *from, int64_t *to)
{
    int64_t dilation = window->dilation[axis], kernel = window->kernel[axis];
    int64_t start = at * window->stride[axis] - window->pad[axis];
    int64_t first = start < 0 ? (-start + dilation - 1) / dilation : 0;
    int64_t last = start < extent ? (extent - 1 - start) / dilation + 1 : 0;
    *origin = start;
    *from = first < kernel ? first : kernel;
    *to = last < kernel ? last : kernel;
}
