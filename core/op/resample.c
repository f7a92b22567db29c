/* resample.c - resample: weighted sums of chosen positions along one axis, which is what every
 * kind of resizing is.
 *
 * On stored values. Positions outside are held to the axis. Floats accumulate in double; weighted
 * integers have at most 32 bits, so that their sums are exact. */
#include "core/op/op_internal.h"

/* So many products of 33 by 16 bits cannot overflow a 64-bit sum. */
#define MOST_TAPS 32768

static const aot_type *weights_type(const aot_apply *apply)
{
    return apply->input_count > 2 ? apply->types[2] : NULL;
}

static bool check_weights(const aot_type *x, const aot_type *index, const aot_type *weights,
                          aot_error *err)
{
    char left[128], right[128];
    if (weights == NULL) {
        return index->dims[1] == 1 ||
               aot_fail(err, AOT_ERROR_INPUT, "%d positions are added without weights",
                        index->dims[1]);
    }
    if (weights->rank != 2 || weights->dims[0] != index->dims[0] ||
        weights->dims[1] != index->dims[1]) {
        return aot_fail(err, AOT_ERROR_INPUT, "the positions are %s, their weights %s",
                        aot_type_show(index, left, sizeof left),
                        aot_type_show(weights, right, sizeof right));
    }
    bool floats = aot_dtype_class(x->dtype) == AOT_CLASS_FLOAT;
    if (floats ? weights->dtype != x->dtype : weights->dtype != AOT_I16) {
        return aot_fail(err, AOT_ERROR_INPUT, "the operand is %s, the weights are %s, not %s",
                        aot_dtype_name(x->dtype), aot_dtype_name(weights->dtype),
                        floats ? "of the same type" : "i16");
    }
    if (weights->dims[1] > MOST_TAPS) {
        return aot_fail(err, AOT_ERROR_INPUT, "sums of %d positions; the limit is %d",
                        weights->dims[1], MOST_TAPS);
    }
    if (!floats && aot_dtype_bits(x->dtype) > 32) {
        return aot_fail(err, AOT_ERROR_INPUT, "weighted integers have at most 32 bits, not %s",
                        aot_dtype_name(x->dtype));
    }
    return true;
}

bool aot_infer_resample(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *index = apply->types[1];
    const aot_type *weights = weights_type(apply), *declared = apply->declared;
    int32_t axis, map[AOT_MAX_RANK];
    char shown[128];
    if (index->rank != 2 || index->dtype != AOT_I32) {
        return aot_fail(err, AOT_ERROR_INPUT, "the positions are %s; i32[n, taps] is legal",
                        aot_type_show(index, shown, sizeof shown));
    }
    if (!check_weights(x, index, weights, err) ||
        !aot_attr_axis(apply->attrs, "axis", x->rank, 0, &axis, err)) {
        return false;
    }
    if (x->dims[axis] == 0 && index->dims[0] > 0 && index->dims[1] > 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "axis %d of %s has no positions", axis,
                        aot_type_show(x, shown, sizeof shown));
    }
    *out = aot_type_make(x->dtype, x->rank, x->dims);
    for (int32_t k = 0; k < x->rank; k++) {
        map[k] = k == axis ? -1 : k;
    }
    if (!aot_set_dim(out, axis, index->dims[0], err) || !aot_pass_quant(apply, map, out, err)) {
        return false;
    }
    if (weights != NULL && declared != NULL && aot_dtype_class(x->dtype) != AOT_CLASS_FLOAT &&
        aot_dtype_class(declared->dtype) != AOT_CLASS_FLOAT) {
        out->dtype = declared->dtype; /* sums of integers may be wider */
    }
    return true;
}

static size_t position(const aot_tensor *index, size_t i, size_t extent)
{
    int64_t at = aot_load_i64(index, i), last = (int64_t)extent - 1;
    return (size_t)(at < 0 ? 0 : at > last ? last : at);
}

bool aot_eval_resample(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0], *index = apply->inputs[1];
    const aot_tensor *weights = weights_type(apply) != NULL ? apply->inputs[2] : NULL;
    bool floats = aot_dtype_class(x->type.dtype) == AOT_CLASS_FLOAT;
    aot_class class = floats ? AOT_CLASS_FLOAT : AOT_CLASS_SIGNED; /* of the sums */
    size_t outer, extent, inner, taps = (size_t)index->type.dims[1];
    size_t places = (size_t)index->type.dims[0], count = aot_tensor_count(out);
    int32_t axis;
    if (!aot_attr_axis(apply->attrs, "axis", x->type.rank, 0, &axis, err)) {
        return false;
    }
    aot_axis_split(&x->type, axis, &outer, &extent, &inner);
    for (size_t at = 0; at < count; at++) {
        size_t place = at / inner % places, row = at / inner / places * extent;
        aot_wide sum = aot_wide_zero(class);
        for (size_t t = place * taps; t < (place + 1) * taps; t++) {
            size_t from = (row + position(index, t, extent)) * inner + at % inner;
            if (weights == NULL) {
                aot_copy_element(out, at, x, from);
            } else if (class == AOT_CLASS_FLOAT) {
                sum.f += aot_load_f64(x, from) * aot_load_f64(weights, t);
            } else {
                sum.i += aot_load_i64(x, from) * aot_load_i64(weights, t);
            }
        }
        if (weights != NULL) {
            aot_wide_store(out, at, class, sum);
        }
    }
    return true;
}
