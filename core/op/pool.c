/* pool.c - max_pool2d avg_pool2d: windows over rows and columns.
 *
 * On stored values. Integer means round halves away from zero, as TensorFlow Lite does. */
#include "core/op/op_internal.h"

static bool read_pool(const aot_apply *apply, aot_window *window, aot_error *err)
{
    window->dilation[0] = window->dilation[1] = 1;
    return aot_attr_ints(apply->attrs, "window", 2, 1, INT32_MAX, 0, window->kernel, err) &&
           aot_window_read(apply->attrs, apply->types[0], window, err);
}

static bool infer_pool(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    aot_window window;
    char shown[128];
    if (x->rank != 4) {
        return aot_fail(err, AOT_ERROR_INPUT, "the input is %s, it must be [n, h, w, c]",
                        aot_type_show(x, shown, sizeof shown));
    }
    if (!read_pool(apply, &window, err)) {
        return false;
    }
    for (int axis = 0; axis < 2; axis++) {
        if (window.pad[axis] >= window.kernel[axis] ||
            window.pad[axis + 2] >= window.kernel[axis] || x->dims[1 + axis] == 0) {
            return aot_fail(err, AOT_ERROR_INPUT,
                            "a window of %lld x %lld with a padding of %lld, %lld, %lld, %lld "
                            "over %s would lie wholly outside the image",
                            (long long)window.kernel[0], (long long)window.kernel[1],
                            (long long)window.pad[0], (long long)window.pad[1],
                            (long long)window.pad[2], (long long)window.pad[3],
                            aot_type_show(x, shown, sizeof shown));
        }
    }
    const int32_t dims[4] = { x->dims[0], window.out[0], window.out[1], x->dims[3] };
    *out = aot_type_make(x->dtype, 4, dims);
    return aot_pass_quant(apply, NULL, out, err);
}

/* Folds the taps inside the image of one window, `first` being its image and channel. */
static aot_wide fold_window(const aot_tensor *x, const aot_window *window, aot_op op,
                            aot_wide start, size_t first, int64_t oh, int64_t ow, int64_t *taps)
{
    const int32_t *dims = x->type.dims;
    aot_class class = aot_dtype_class(x->type.dtype);
    int64_t top, left, from[2], to[2];
    aot_window_taps(window, 0, oh, dims[1], &top, &from[0], &to[0]);
    aot_window_taps(window, 1, ow, dims[2], &left, &from[1], &to[1]);
    for (int64_t kh = from[0]; kh < to[0]; kh++) {
        for (int64_t kw = from[1]; kw < to[1]; kw++) {
            size_t pixel = (size_t)(top + kh) * (size_t)dims[2] + (size_t)(left + kw);
            aot_wide value = aot_wide_load(x, first + pixel * (size_t)dims[3]);
            start = aot_wide_binary(op, class, start, value);
        }
    }
    *taps = (to[0] - from[0]) * (to[1] - from[1]);
    return start;
}

/* sum / count, halves away from zero. */
static aot_wide mean(aot_class class, aot_wide sum, int64_t count)
{
    switch (class) {
    case AOT_CLASS_FLOAT:
        sum.f /= (double)count;
        break;
    case AOT_CLASS_SIGNED:
        sum.i = sum.i > 0 ? aot_sat_add(sum.i, count / 2) / count
                          : aot_sat_sub(sum.i, count / 2) / count;
        break;
    default:
        sum.u = sum.u / (uint64_t)count +
                (sum.u % (uint64_t)count >= (uint64_t)(count - count / 2));
        break;
    }
    return sum;
}

/* The mean of one window; taps in the padding, where they count, hold the real value 0. */
static aot_wide average(const aot_tensor *x, const aot_window *window,
                        const aot_quantizer *quantizer, bool count_pad, size_t first,
                        int64_t oh, int64_t ow)
{
    aot_class class = aot_dtype_class(x->type.dtype);
    int64_t taps, all = window->kernel[0] * window->kernel[1];
    aot_wide sum =
        fold_window(x, window, AOT_OP_add, aot_wide_zero(class), first, oh, ow, &taps);
    if (!count_pad) {
        return mean(class, sum, taps);
    }
    if (class != AOT_CLASS_FLOAT) {
        aot_wide padding = { .i = aot_sat_mul(all - taps, aot_zero_at(quantizer, first)) };
        sum = aot_wide_binary(AOT_OP_add, class, sum, padding);
    }
    return mean(class, sum, all);
}

static bool eval_pool(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    const int32_t *dims = x->type.dims;
    size_t image = (size_t)dims[1] * (size_t)dims[2] * (size_t)dims[3], i = 0;
    aot_class class = aot_dtype_class(x->type.dtype);
    aot_window window;
    aot_quantizer quantizer;
    bool count_pad;
    if (!read_pool(apply, &window, err) ||
        !aot_quantizer_of(apply->module, &x->type, &quantizer, err) ||
        !aot_attr_bool(apply->attrs, "count_pad", false, &count_pad, err)) {
        return false;
    }
    aot_walk walk = aot_walk_over(&out->type);
    do {
        size_t first = (size_t)walk.index[0] * image + (size_t)walk.index[3];
        int64_t oh = walk.index[1], ow = walk.index[2], taps;
        aot_wide value = apply->op == AOT_OP_avg_pool2d
                             ? average(x, &window, &quantizer, count_pad, first, oh, ow)
                             : fold_window(x, &window, AOT_OP_max, aot_wide_lowest(class),
                                           first, oh, ow, &taps);
        aot_wide_store(out, i++, class, value);
    } while (aot_walk_next(&walk));
    return true;
}

static bool infer_mean(const aot_apply *apply, aot_type *out, aot_error *err)
{
    bool count_pad;
    return aot_attr_bool(apply->attrs, "count_pad", false, &count_pad, err) &&
           infer_pool(apply, out, err);
}

AOT_OP_OF_FAMILY(max_pool2d, infer_pool, eval_pool)
AOT_OP_OF_FAMILY(avg_pool2d, infer_mean, eval_pool)
