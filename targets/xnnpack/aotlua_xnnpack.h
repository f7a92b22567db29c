/* aotlua_xnnpack.h - what code generated for XNNPACK calls; aotlua_xnnpack.c belongs to the program.
 *
 * Images are [image, height, width, channels]. What a layer needs is made when it is first run and
 * kept until the program ends, so one layer must not run in two threads at once. */
#ifndef AOTLUA_XNNPACK_H
#define AOTLUA_XNNPACK_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* What was made for layers of one shape: NULL before the first run. */
typedef struct aotlua_xnnpack_layer *aotlua_xnnpack_layer;

struct aotlua_xnnpack_window {
    uint32_t images, height, width, channels;
    uint32_t out_channels;
    uint32_t window_height, window_width;
    uint32_t stride_y, stride_x, dilation_y, dilation_x;
    uint32_t pad_top, pad_left, pad_bottom, pad_right;
};

/* Weights are [output channel, row, column, input channel]. */
struct aotlua_xnnpack_conv {
    struct aotlua_xnnpack_window window;
    uint32_t groups;
    float lo, hi;             /* of floats: results are held to lo .. hi */
    int8_t zero_in, zero_out; /* of integers */
};

/* The largest of a window, or the mean of what lies inside the image. */
enum aotlua_xnnpack_kind {
    AOTLUA_XNNPACK_MAX_F32,
    AOTLUA_XNNPACK_MAX_S8,
    AOTLUA_XNNPACK_MEAN_F32
};

struct aotlua_xnnpack_pool {
    struct aotlua_xnnpack_window window;
    enum aotlua_xnnpack_kind kind;
};

/* Return 0, or a status of XNNPACK. Weights, bias (which may be NULL) and factors are read when the
 * layer is first run. Integers: sums and bias, times the factor of the channel, rounded half to
 * even, plus zero_out, saturated. */
int32_t aotlua_xnnpack_conv_f32(aotlua_xnnpack_layer *layers,
                                const struct aotlua_xnnpack_conv *conv, const float *in,
                                const float *weights, const float *bias, float *out);
int32_t aotlua_xnnpack_conv_s8(aotlua_xnnpack_layer *layers,
                               const struct aotlua_xnnpack_conv *conv, const int8_t *in,
                               const int8_t *weights, const int32_t *bias, const float *factors,
                               int8_t *out);
int32_t aotlua_xnnpack_pool(aotlua_xnnpack_layer *layers,
                            const struct aotlua_xnnpack_pool *pool, const void *in, void *out);

#endif
