/* order.c - arg_max arg_min arg_sort, cum_sum cum_prod: along one axis.
 *
 * NaN counts as greater than any number. */
#include "core/op/op_internal.h"

#include <math.h>

static bool greater(aot_class class, aot_wide a, aot_wide b)
{
    switch (class) {
    case AOT_CLASS_FLOAT:
        return isnan(a.f) ? !isnan(b.f) : a.f > b.f;
    case AOT_CLASS_SIGNED:
        return a.i > b.i;
    default:
        return a.u > b.u;
    }
}

/* The type of results that are places on an axis: i64, or i32 where that is declared. */
static aot_dtype place_dtype(const aot_apply *apply)
{
    bool narrow = apply->declared != NULL && apply->declared->dtype == AOT_I32;
    return narrow ? AOT_I32 : AOT_I64;
}

/* arg_max arg_min */

typedef struct search {
    int32_t axis;
    bool keep, last;
} search;

static bool read_search(const aot_apply *apply, search *out, aot_error *err)
{
    return aot_attr_axis(apply->attrs, "axis", apply->types[0]->rank, 0, &out->axis, err) &&
           aot_attr_bool(apply->attrs, "keep", true, &out->keep, err) &&
           aot_attr_bool(apply->attrs, "last", false, &out->last, err);
}

static bool infer_search(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    search s;
    if (!read_search(apply, &s, err)) {
        return false;
    }
    if (x->dims[s.axis] == 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "axis %d has no elements", s.axis);
    }
    *out = aot_type_make(place_dtype(apply), 0, NULL);
    for (int32_t k = 0; k < x->rank; k++) {
        if (k != s.axis || s.keep) {
            out->dims[out->rank++] = k == s.axis ? 1 : x->dims[k];
        }
    }
    return true;
}

static bool eval_search(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t outer, extent, inner;
    search s;
    if (!read_search(apply, &s, err)) {
        return false;
    }
    aot_axis_split(&x->type, s.axis, &outer, &extent, &inner);
    for (size_t i = 0; i < outer * inner; i++) {
        size_t from = i / inner * extent * inner + i % inner, place = 0;
        aot_wide best = aot_wide_load(x, from);
        for (size_t j = 1; j < extent; j++) {
            aot_wide value = aot_wide_load(x, from + j * inner);
            bool less = greater(class, best, value), more = greater(class, value, best);
            if ((apply->op == AOT_OP_arg_max ? more : less) || (s.last && !less && !more)) {
                best = value;
                place = j;
            }
        }
        aot_store_i64(out, i, (int64_t)place);
    }
    return true;
}

AOT_OP_OF_FAMILY(arg_max, infer_search, eval_search)
AOT_OP_OF_FAMILY(arg_min, infer_search, eval_search)

/* arg_sort */

typedef struct sorting {
    int32_t axis;
    bool descending;
    int64_t count;
} sorting;

static bool read_sorting(const aot_apply *apply, sorting *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    if (!aot_attr_axis(apply->attrs, "axis", x->rank, -1, &out->axis, err) ||
        !aot_attr_bool(apply->attrs, "descending", false, &out->descending, err)) {
        return false;
    }
    int64_t extent = x->dims[out->axis];
    return aot_attr_int(apply->attrs, "count", 0, extent, extent, &out->count, err);
}

bool aot_infer_arg_sort(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    sorting s;
    if (!read_sorting(apply, &s, err)) {
        return false;
    }
    *out = aot_type_make(place_dtype(apply), x->rank, x->dims);
    return aot_set_dim(out, s.axis, s.count, err);
}

/* Does the value `b` come before the value `a`, which stands before it? */
static bool overtakes(const sorting *s, aot_class class, aot_wide a, aot_wide b)
{
    return s->descending ? greater(class, b, a) : greater(class, a, b);
}

/* Merges the sorted places [first, middle) and [middle, last) into `to`; equal ones stay in order. */
static void merge(const sorting *s, aot_class class, const aot_wide *values,
                  const aot_wide *places, size_t first, size_t middle, size_t last,
                  aot_wide *to)
{
    size_t left = first, right = middle;
    for (size_t i = first; i < last; i++) {
        bool from_right =
            left == middle || (right < last && overtakes(s, class, values[places[left].u],
                                                         values[places[right].u]));
        to[i] = places[from_right ? right++ : left++];
    }
}

/* Sorts `count` places by their values; `room` is for as many. Returns where the result is. */
static const aot_wide *merge_sort(const sorting *s, aot_class class, const aot_wide *values,
                                  aot_wide *places, aot_wide *room, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        places[i].u = i;
    }
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t first = 0; first < count; first += 2 * run) {
            size_t middle = first + run < count ? first + run : count;
            size_t last = middle + run < count ? middle + run : count;
            merge(s, class, values, places, first, middle, last, room);
        }
        aot_wide *sorted = room;
        room = places;
        places = sorted;
    }
    return places;
}

bool aot_eval_arg_sort(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    size_t outer, extent, inner;
    aot_block *block;
    aot_wide *values;
    sorting s;
    if (!read_sorting(apply, &s, err)) {
        return false;
    }
    aot_axis_split(&x->type, s.axis, &outer, &extent, &inner);
    if (!aot_wide_new(3 * extent, &block, &values, err)) {
        return false;
    }
    size_t count = (size_t)s.count;
    for (size_t i = 0; i < outer * inner; i++) {
        size_t from = i / inner * extent * inner + i % inner;
        size_t to = i / inner * count * inner + i % inner;
        for (size_t j = 0; j < extent; j++) {
            values[j] = aot_wide_load(x, from + j * inner);
        }
        const aot_wide *places =
            merge_sort(&s, class, values, values + extent, values + 2 * extent, extent);
        for (size_t k = 0; k < count; k++) {
            aot_store_i64(out, to + k * inner, (int64_t)places[k].u);
        }
    }
    aot_block_release(block);
    return true;
}

/* cum_sum cum_prod */

static bool read_running(const aot_apply *apply, int32_t *axis, bool *exclusive, bool *reverse,
                         aot_error *err)
{
    return aot_attr_axis(apply->attrs, "axis", apply->types[0]->rank, 0, axis, err) &&
           aot_attr_bool(apply->attrs, "exclusive", false, exclusive, err) &&
           aot_attr_bool(apply->attrs, "reverse", false, reverse, err);
}

static bool infer_running(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int32_t axis;
    bool exclusive, reverse;
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    return read_running(apply, &axis, &exclusive, &reverse, err);
}

static bool eval_running(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    aot_op op = apply->op == AOT_OP_cum_sum ? AOT_OP_add : AOT_OP_mul;
    int32_t axis;
    bool exclusive, reverse;
    size_t outer, extent, inner;
    if (!read_running(apply, &axis, &exclusive, &reverse, err)) {
        return false;
    }
    aot_axis_split(&x->type, axis, &outer, &extent, &inner);
    for (size_t i = 0; i < outer * inner; i++) {
        size_t from = i / inner * extent * inner + i % inner;
        aot_wide total = op == AOT_OP_add ? aot_wide_zero(class) : aot_wide_one(class);
        for (size_t j = 0; j < extent; j++) {
            size_t at = from + (reverse ? extent - 1 - j : j) * inner;
            aot_wide next = aot_wide_binary(op, class, total, aot_wide_load(x, at));
            aot_wide_store(out, at, class, exclusive ? total : next);
            total = next;
        }
    }
    return true;
}

AOT_OP_OF_FAMILY(cum_sum, infer_running, eval_running)
AOT_OP_OF_FAMILY(cum_prod, infer_running, eval_running)
