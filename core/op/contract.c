/* contract.c - conv2d conv_transpose2d matmul: sums of products.
 *
 * Operands are widened once, integers less their zero points, and weights are laid out so that
 * the innermost loop runs over neighboring outputs. Floats accumulate in double, integers
 * exactly in 64 bits; the bias is added last, and the store rounds or saturates once. */
#include "core/op/op_internal.h"

#include <string.h>

/* So many products of 17 by 17 bits cannot overflow a 64-bit sum. */
#define MOST_TERMS (INT64_C(1) << 30)

/* The element type of sums over x times w with the given bias (or NULL). */
static bool sum_dtype(const aot_type *x, const aot_type *w, const aot_type *bias,
                      aot_dtype *out, aot_error *err)
{
    size_t x_bits = aot_dtype_bits(x->dtype), w_bits = aot_dtype_bits(w->dtype);
    bool narrow_x = x->dtype == AOT_I8 || x->dtype == AOT_U8 || x->dtype == AOT_I16;
    bool narrow_w =
        (w_bits <= 8 && w->dtype != AOT_BOOL) || (x->dtype == AOT_I16 && w->dtype == AOT_I16);
    if (aot_dtype_class(x->dtype) == AOT_CLASS_FLOAT && x->dtype == w->dtype) {
        *out = x->dtype;
    } else if (narrow_x && narrow_w) {
        *out = x_bits == 8 ? AOT_I32 : AOT_I64;
    } else {
        return aot_fail(
            err, AOT_ERROR_INPUT,
            "there is no product of %s and %s (one float type; or i8, u8 by at most "
            "8 bits; or i16 by i16 or at most 8 bits)",
            aot_dtype_name(x->dtype), aot_dtype_name(w->dtype));
    }
    if (bias != NULL && bias->dtype != *out && !(*out == AOT_I64 && bias->dtype == AOT_I32)) {
        return aot_fail(err, AOT_ERROR_INPUT, "the bias is %s, the sums are %s",
                        aot_dtype_name(bias->dtype), aot_dtype_name(*out));
    }
    return true;
}

static bool check_bias(const aot_type *bias, int32_t channels, aot_error *err)
{
    if (bias != NULL && (bias->rank != 1 || bias->dims[0] != channels)) {
        char shown[128];
        return aot_fail(err, AOT_ERROR_INPUT, "the bias is %s for %d output channels",
                        aot_type_show(bias, shown, sizeof shown), channels);
    }
    return true;
}

static bool check_terms(int64_t a, int64_t b, int64_t c, aot_error *err)
{
    int64_t terms;
    if (__builtin_mul_overflow(a, b, &terms) || __builtin_mul_overflow(terms, c, &terms) ||
        terms > MOST_TERMS) {
        return aot_fail(err, AOT_ERROR_INPUT, "one sum has more than 2^30 products");
    }
    return true;
}

/* sums[j] += sum over i of x[i] * w[i][j]; every sum in the order of i. */
static void add_products_f64(aot_wide *restrict sums, const aot_wide *x, const aot_wide *w,
                             size_t rows, size_t columns)
{
    size_t i = 0;
    for (; i + 4 <= rows; i += 4, w += 4 * columns) {
        double x0 = x[i].f, x1 = x[i + 1].f, x2 = x[i + 2].f, x3 = x[i + 3].f;
        for (size_t j = 0; j < columns; j++) {
            double sum = sums[j].f + x0 * w[j].f;
            sum += x1 * w[columns + j].f;
            sum += x2 * w[2 * columns + j].f;
            sums[j].f = sum + x3 * w[3 * columns + j].f;
        }
    }
    for (; i < rows; i++, w += columns) {
        for (size_t j = 0; j < columns; j++) {
            sums[j].f += x[i].f * w[j].f;
        }
    }
}

static void add_products_i64(aot_wide *restrict sums, const aot_wide *x, const aot_wide *w,
                             size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++, w += columns) {
        for (size_t j = 0; j < columns; j++) {
            sums[j].i += x[i].i * w[j].i;
        }
    }
}

static void add_products(aot_class class, aot_wide *sums, const aot_wide *x, const aot_wide *w,
                         size_t rows, size_t columns)
{
    if (class == AOT_CLASS_FLOAT) {
        add_products_f64(sums, x, w, rows, columns);
    } else {
        add_products_i64(sums, x, w, rows, columns);
    }
}

static void store_sums(aot_tensor *out, size_t at, const aot_wide *sums, size_t count,
                       const aot_tensor *bias)
{
    aot_class class = aot_dtype_class(out->type.dtype);
    for (size_t j = 0; j < count; j++) {
        aot_wide sum = sums[j];
        if (bias != NULL) {
            sum = aot_wide_binary(AOT_OP_add, class, sum, aot_wide_load(bias, j));
        }
        aot_wide_store(out, at + j, class, sum);
    }
}

/* The widened operands and a row of sums; released together. */
typedef struct contraction {
    aot_block *blocks[4];
    aot_wide *x, *w, *turned, *sums;
} contraction;

static void contraction_release(contraction *c)
{
    for (int i = 0; i < 4; i++) {
        aot_block_release(c->blocks[i]);
    }
}

static bool contraction_open(const aot_apply *apply, size_t turned, size_t sums, contraction *c,
                             aot_error *err)
{
    memset(c, 0, sizeof *c);
    if (aot_widen(apply->module, apply->inputs[0], &c->blocks[0], &c->x, err) &&
        aot_widen(apply->module, apply->inputs[1], &c->blocks[1], &c->w, err) &&
        aot_wide_new(turned, &c->blocks[2], &c->turned, err) &&
        aot_wide_new(sums, &c->blocks[3], &c->sums, err)) {
        return true;
    }
    contraction_release(c);
    return false;
}

static const aot_type *bias_type(const aot_apply *apply)
{
    return apply->input_count > 2 ? apply->types[2] : NULL;
}

static const aot_tensor *bias_tensor(const aot_apply *apply)
{
    return apply->input_count > 2 ? apply->inputs[2] : NULL;
}

/* conv2d */

/* Checks an image [n, h, w, i] and weights [o, kh, kw, i / groups]. */
static bool check_images(const aot_type *x, const aot_type *w, aot_error *err)
{
    char left[128], right[128];
    if (x->rank != 4 || w->rank != 4) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the input is %s and the weights are %s; they must be [n, h, w, i] and "
                        "[o, kh, kw, i / groups]",
                        aot_type_show(x, left, sizeof left),
                        aot_type_show(w, right, sizeof right));
    }
    if (w->dims[1] == 0 || w->dims[2] == 0) {
        return aot_fail(err, AOT_ERROR_INPUT, "the weights %s have no taps",
                        aot_type_show(w, left, sizeof left));
    }
    return true;
}

static bool check_groups(const aot_type *x, const aot_type *w, int64_t groups, aot_error *err)
{
    if (w->dims[3] * groups != x->dims[3]) {
        return aot_fail(
            err, AOT_ERROR_INPUT,
            "weights have %d input channels in each of %lld groups, the input has %d",
            w->dims[3], (long long)groups, x->dims[3]);
    }
    if (w->dims[0] % groups != 0) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "%d output channels do not divide into %lld groups", w->dims[0],
                        (long long)groups);
    }
    return true;
}

static bool read_conv2d(const aot_apply *apply, aot_window *window, int64_t *groups,
                        aot_error *err)
{
    const aot_type *x = apply->types[0], *w = apply->types[1];
    window->kernel[0] = w->dims[1];
    window->kernel[1] = w->dims[2];
    return aot_attr_ints(apply->attrs, "dilation", 2, 1, INT32_MAX, 1, window->dilation, err) &&
           aot_attr_int(apply->attrs, "groups", 1, INT32_MAX, 1, groups, err) &&
           aot_window_read(apply->attrs, x, window, err);
}

bool aot_infer_conv2d(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *w = apply->types[1], *bias = bias_type(apply);
    aot_dtype dtype;
    aot_window window;
    int64_t groups;
    if (!check_images(x, w, err) || !sum_dtype(x, w, bias, &dtype, err) ||
        !read_conv2d(apply, &window, &groups, err) || !check_groups(x, w, groups, err)) {
        return false;
    }
    const int32_t dims[4] = { x->dims[0], window.out[0], window.out[1], w->dims[0] };
    *out = aot_type_make(dtype, 4, dims);
    return check_bias(bias, w->dims[0], err) &&
           check_terms(w->dims[1], w->dims[2], w->dims[3], err);
}

/* Weights [g, o, k, i] (k: the taps) as [g, k, i, o]. */
static void turn_weights(const aot_wide *from, aot_wide *to, size_t groups, size_t outputs,
                         size_t terms)
{
    for (size_t g = 0; g < groups; g++) {
        for (size_t o = 0; o < outputs; o++) {
            for (size_t t = 0; t < terms; t++) {
                to[(g * terms + t) * outputs + o] = *from++;
            }
        }
    }
}

/* Adds one output pixel's products to `sums`. `x` is the image; oh, ow the pixel. */
static void convolve_pixel(const aot_apply *apply, const aot_window *window, size_t groups,
                           const contraction *c, const aot_wide *x, int64_t oh, int64_t ow)
{
    const aot_type *image = apply->types[0], *w = apply->types[1];
    aot_class class = aot_dtype_class(image->dtype);
    size_t inputs = (size_t)w->dims[3], outputs = (size_t)w->dims[0] / groups;
    size_t channels = (size_t)image->dims[3], columns = (size_t)w->dims[2];
    size_t tap = inputs * outputs, group = (size_t)w->dims[1] * columns * tap;
    int64_t top, left, from[2], to[2];
    if (inputs == 0) { /* nothing to add, however many taps there are */
        return;
    }
    aot_window_taps(window, 0, oh, image->dims[1], &top, &from[0], &to[0]);
    aot_window_taps(window, 1, ow, image->dims[2], &left, &from[1], &to[1]);
    for (int64_t kh = from[0]; kh < to[0]; kh++) {
        size_t row = (size_t)(top + kh * window->dilation[0]) * (size_t)image->dims[2];
        for (int64_t kw = from[1]; kw < to[1]; kw++) {
            size_t pixel = row + (size_t)(left + kw * window->dilation[1]);
            size_t weights = ((size_t)kh * columns + (size_t)kw) * tap;
            for (size_t g = 0; g < groups; g++) {
                add_products(class, c->sums + g * outputs, x + pixel * channels + g * inputs,
                             c->turned + g * group + weights, inputs, outputs);
            }
        }
    }
}

bool aot_eval_conv2d(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *w = apply->types[1];
    size_t weights = aot_tensor_count(apply->inputs[1]), outputs = (size_t)w->dims[0];
    size_t image = (size_t)x->dims[1] * (size_t)x->dims[2] * (size_t)x->dims[3], at = 0;
    aot_window window;
    int64_t groups;
    contraction c;
    if (!read_conv2d(apply, &window, &groups, err) ||
        !contraction_open(apply, weights, outputs, &c, err)) {
        return false;
    }
    turn_weights(c.w, c.turned, (size_t)groups, outputs / (size_t)groups, weights / outputs);
    for (int32_t n = 0; n < x->dims[0]; n++) {
        for (int32_t oh = 0; oh < window.out[0]; oh++) {
            for (int32_t ow = 0; ow < window.out[1]; ow++, at += outputs) {
                memset(c.sums, 0, outputs * sizeof *c.sums);
                convolve_pixel(apply, &window, (size_t)groups, &c, c.x + (size_t)n * image, oh,
                               ow);
                store_sums(out, at, c.sums, outputs, bias_tensor(apply));
            }
        }
    }
    contraction_release(&c);
    return true;
}

/* conv_transpose2d: output pixel p gets tap k of input pixel i where i * stride + k * dilation
 * is p + pad. */

typedef struct spread {
    int64_t stride[2], dilation[2], pad[2], size[2], groups;
} spread;

static bool read_spread(const aot_apply *apply, spread *out, aot_error *err)
{
    const aot_attr *attrs = apply->attrs;
    return aot_attr_ints(attrs, "stride", 2, 1, INT32_MAX, 1, out->stride, err) &&
           aot_attr_ints(attrs, "dilation", 2, 1, INT32_MAX, 1, out->dilation, err) &&
           aot_attr_ints(attrs, "pad", 2, 0, INT32_MAX, 0, out->pad, err) &&
           aot_attr_ints(attrs, "size", 2, 0, INT32_MAX, -1, out->size, err) &&
           aot_attr_int(attrs, "groups", 1, INT32_MAX, 1, &out->groups, err);
}

bool aot_infer_conv_transpose2d(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *w = apply->types[1], *bias = bias_type(apply);
    aot_dtype dtype;
    spread how;
    if (!check_images(x, w, err) || !sum_dtype(x, w, bias, &dtype, err) ||
        !read_spread(apply, &how, err) || !check_groups(x, w, how.groups, err)) {
        return false;
    }
    const int32_t dims[4] = { x->dims[0], (int32_t)how.size[0], (int32_t)how.size[1],
                              w->dims[0] };
    *out = aot_type_make(dtype, 4, dims);
    return check_bias(bias, w->dims[0], err) &&
           check_terms(w->dims[1], w->dims[2], w->dims[3], err);
}

/* The input position along an axis whose tap `k` meets output position `at`, or -1. */
static int64_t spread_source(const spread *how, int axis, int64_t at, int64_t k, int64_t extent)
{
    int64_t place = at + how->pad[axis] - k * how->dilation[axis];
    if (place < 0 || place % how->stride[axis] != 0 || place / how->stride[axis] >= extent) {
        return -1;
    }
    return place / how->stride[axis];
}

/* Adds one output pixel's products to `sums`. `x` is the image; oh, ow the pixel. */
static void spread_pixel(const aot_apply *apply, const spread *how, const contraction *c,
                         const aot_wide *x, int64_t oh, int64_t ow)
{
    const aot_type *image = apply->types[0], *w = apply->types[1];
    aot_class class = aot_dtype_class(image->dtype);
    size_t groups = (size_t)how->groups, channels = (size_t)image->dims[3];
    size_t inputs = (size_t)w->dims[3], outputs = (size_t)w->dims[0] / groups;
    size_t tap = inputs * outputs, taps = (size_t)w->dims[1] * (size_t)w->dims[2];
    if (inputs == 0) { /* nothing to add, however many taps there are */
        return;
    }
    for (int32_t kh = 0; kh < w->dims[1]; kh++) {
        int64_t ih = spread_source(how, 0, oh, kh, image->dims[1]);
        for (int32_t kw = 0; ih >= 0 && kw < w->dims[2]; kw++) {
            int64_t iw = spread_source(how, 1, ow, kw, image->dims[2]);
            for (size_t g = 0; iw >= 0 && g < groups; g++) {
                size_t pixel = (size_t)ih * (size_t)image->dims[2] + (size_t)iw;
                size_t place = (size_t)kh * (size_t)w->dims[2] + (size_t)kw;
                add_products(class, c->sums + g * outputs, x + pixel * channels + g * inputs,
                             c->turned + (g * taps + place) * tap, inputs, outputs);
            }
        }
    }
}

bool aot_eval_conv_transpose2d(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_type *x = apply->types[0], *w = apply->types[1];
    size_t weights = aot_tensor_count(apply->inputs[1]), outputs = (size_t)w->dims[0], at = 0;
    size_t image = (size_t)x->dims[1] * (size_t)x->dims[2] * (size_t)x->dims[3];
    spread how;
    contraction c;
    if (!read_spread(apply, &how, err) || !contraction_open(apply, weights, outputs, &c, err)) {
        return false;
    }
    if (outputs > 0) {
        turn_weights(c.w, c.turned, (size_t)how.groups, outputs / (size_t)how.groups,
                     weights / outputs);
    }
    for (int32_t n = 0; n < x->dims[0]; n++) {
        for (int64_t oh = 0; oh < how.size[0]; oh++) {
            for (int64_t ow = 0; ow < how.size[1]; ow++, at += outputs) {
                memset(c.sums, 0, outputs * sizeof *c.sums);
                spread_pixel(apply, &how, &c, c.x + (size_t)n * image, oh, ow);
                store_sums(out, at, c.sums, outputs, bias_tensor(apply));
            }
        }
    }
    contraction_release(&c);
    return true;
}

/* matmul */

bool aot_infer_matmul(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *a = apply->types[0], *b = apply->types[1], *bias = bias_type(apply);
    aot_dtype dtype;
    bool transpose_b;
    char left[128], right[128];
    if (!aot_attr_bool(apply->attrs, "transpose_b", false, &transpose_b, err) ||
        !sum_dtype(a, b, bias, &dtype, err)) {
        return false;
    }
    if (a->rank < 2 || b->rank < 2) {
        return aot_fail(
            err, AOT_ERROR_INPUT, "the operands are %s and %s, they must be matrices",
            aot_type_show(a, left, sizeof left), aot_type_show(b, right, sizeof right));
    }
    int32_t m = a->dims[a->rank - 2], k = a->dims[a->rank - 1];
    int32_t k_of_b = b->dims[b->rank - (transpose_b ? 1 : 2)];
    int32_t n = b->dims[b->rank - (transpose_b ? 2 : 1)];
    if (k != k_of_b) {
        return aot_fail(
            err, AOT_ERROR_INPUT, "%s times %s%s: the rows have %d elements, the columns %d",
            aot_type_show(a, left, sizeof left), aot_type_show(b, right, sizeof right),
            transpose_b ? " transposed" : "", k, k_of_b);
    }
    *out = aot_type_make(dtype, 0, NULL);
    if (!aot_broadcast_dims(a, b, 2, out, err)) {
        return false;
    }
    out->dims[out->rank - 2] = m;
    out->dims[out->rank - 1] = n;
    return check_bias(bias, n, err) && check_terms(k, 1, 1, err);
}

/* The batch axes of an operand as a tensor of matrices. */
static aot_type batch_of(const aot_type *type)
{
    return aot_type_make(type->dtype, type->rank - 2, type->dims);
}

bool aot_eval_matmul(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_type *a = apply->types[0], *b = apply->types[1];
    size_t m = (size_t)out->type.dims[out->type.rank - 2];
    size_t n = (size_t)out->type.dims[out->type.rank - 1];
    size_t k = (size_t)a->dims[a->rank - 1], at = 0;
    aot_class class = aot_dtype_class(a->dtype);
    bool transpose_b;
    contraction c;
    if (!aot_attr_bool(apply->attrs, "transpose_b", false, &transpose_b, err) ||
        !contraction_open(apply, transpose_b ? k * n : 0, n, &c, err)) {
        return false;
    }
    aot_type of_out = batch_of(&out->type), of_a = batch_of(a), of_b = batch_of(b);
    aot_walk walk = aot_walk_over(&of_out);
    aot_row_major_broadcast(&of_a, walk.rank, walk.dims, walk.strides[0]);
    aot_row_major_broadcast(&of_b, walk.rank, walk.dims, walk.strides[1]);
    do {
        const aot_wide *rows = c.x + (size_t)walk.at[0] * m * k;
        const aot_wide *matrix = c.w + (size_t)walk.at[1] * k * n;
        if (transpose_b) {
            turn_weights(matrix, c.turned, 1, n, k);
            matrix = c.turned;
        }
        for (size_t row = 0; row < m; row++, at += n) {
            memset(c.sums, 0, n * sizeof *c.sums);
            add_products(class, c.sums, rows + row * k, matrix, k, n);
            store_sums(out, at, c.sums, n, bias_tensor(apply));
        }
    } while (aot_walk_next(&walk));
    contraction_release(&c);
    return true;
}
