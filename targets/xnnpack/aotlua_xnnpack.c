/* aotlua_xnnpack.c - makes layers of XNNPACK, keeps them, and runs them in the calling thread. */
#include "aotlua_xnnpack.h"

#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

/* Layers of one shape that differ in their weights are one list. XNNPACK reads XNN_EXTRA_BYTES
 * beyond its input, so that it is given a copy with so many more. */
struct aotlua_xnnpack_layer {
    struct aotlua_xnnpack_layer *next;
    const void *weights; /* as given; NULL where there are none */
    xnn_operator_t operator_;
    void *input;
    size_t bytes;
};

/* Adds an empty layer to the list; NULL if there is no memory. */
static struct aotlua_xnnpack_layer *add(aotlua_xnnpack_layer *layers,
                                        const struct aotlua_xnnpack_window *w,
                                        const void *weights, size_t element)
{
    struct aotlua_xnnpack_layer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->weights = weights;
    made->bytes = element * w->images * w->height * w->width * w->channels;
    made->input = calloc(1, made->bytes + XNN_EXTRA_BYTES);
    if (made->input == NULL || xnn_initialize(NULL) != xnn_status_success) {
        free(made->input);
        free(made);
        return NULL;
    }
    made->next = *layers;
    *layers = made;
    return made;
}

/* Takes the first layer of the list away if `status` says that it was not made. */
static int32_t settle(aotlua_xnnpack_layer *layers, enum xnn_status status)
{
    struct aotlua_xnnpack_layer *made = *layers;
    if (status != xnn_status_success) {
        *layers = made->next;
        free(made->input);
        free(made);
    }
    return (int32_t)status;
}

static aotlua_xnnpack_layer find(aotlua_xnnpack_layer layer, const void *weights)
{
    while (layer != NULL && layer->weights != weights)
        layer = layer->next;
    return layer;
}

static int32_t run(aotlua_xnnpack_layer layer, enum xnn_status set_up)
{
    return (int32_t)(set_up == xnn_status_success ? xnn_run_operator(layer->operator_, NULL)
                                                  : set_up);
}

static int32_t make_conv_f32(aotlua_xnnpack_layer *layers, const struct aotlua_xnnpack_conv *c,
                             const float *weights, const float *bias)
{
    const struct aotlua_xnnpack_window *w = &c->window;
    struct aotlua_xnnpack_layer *made = add(layers, w, weights, sizeof(float));
    if (made == NULL)
        return (int32_t)xnn_status_out_of_memory;
    return settle(layers, xnn_create_convolution2d_nhwc_f32(
                              w->pad_top, w->pad_right, w->pad_bottom, w->pad_left,
                              w->window_height, w->window_width, w->stride_y, w->stride_x,
                              w->dilation_y, w->dilation_x, c->groups, w->channels / c->groups,
                              w->out_channels / c->groups, w->channels, w->out_channels,
                              weights, bias, c->lo, c->hi, 0, &made->operator_));
}

static int32_t make_conv_s8(aotlua_xnnpack_layer *layers, const struct aotlua_xnnpack_conv *c,
                            const int8_t *weights, const int32_t *bias, const float *factors)
{
    const struct aotlua_xnnpack_window *w = &c->window;
    struct aotlua_xnnpack_layer *made = add(layers, w, weights, 1);
    if (made == NULL)
        return (int32_t)xnn_status_out_of_memory;
    return settle(layers,
                  xnn_create_convolution2d_nhwc_qc8(
                      w->pad_top, w->pad_right, w->pad_bottom, w->pad_left, w->window_height,
                      w->window_width, w->stride_y, w->stride_x, w->dilation_y, w->dilation_x,
                      c->groups, w->channels / c->groups, w->out_channels / c->groups,
                      w->channels, w->out_channels, c->zero_in, 1.0F, factors, weights, bias,
                      c->zero_out, 1.0F, INT8_MIN, INT8_MAX, 0, &made->operator_));
}

int32_t aotlua_xnnpack_conv_f32(aotlua_xnnpack_layer *layers,
                                const struct aotlua_xnnpack_conv *conv, const float *in,
                                const float *weights, const float *bias, float *out)
{
    const struct aotlua_xnnpack_window *w = &conv->window;
    aotlua_xnnpack_layer layer = find(*layers, weights);
    if (layer == NULL) {
        const int32_t status = make_conv_f32(layers, conv, weights, bias);
        if (status != 0)
            return status;
        layer = *layers;
    }
    memcpy(layer->input, in, layer->bytes);
    return run(layer, xnn_setup_convolution2d_nhwc_f32(layer->operator_, w->images, w->height,
                                                       w->width, layer->input, out, NULL));
}

int32_t aotlua_xnnpack_conv_s8(aotlua_xnnpack_layer *layers,
                               const struct aotlua_xnnpack_conv *conv, const int8_t *in,
                               const int8_t *weights, const int32_t *bias, const float *factors,
                               int8_t *out)
{
    const struct aotlua_xnnpack_window *w = &conv->window;
    aotlua_xnnpack_layer layer = find(*layers, weights);
    if (layer == NULL) {
        const int32_t status = make_conv_s8(layers, conv, weights, bias, factors);
        if (status != 0)
            return status;
        layer = *layers;
    }
    memcpy(layer->input, in, layer->bytes);
    return run(layer, xnn_setup_convolution2d_nhwc_qc8(layer->operator_, w->images, w->height,
                                                       w->width, layer->input, out, NULL));
}

static enum xnn_status create_pool(const struct aotlua_xnnpack_pool *pool, xnn_operator_t *made)
{
    const struct aotlua_xnnpack_window *w = &pool->window;
    switch (pool->kind) {
    case AOTLUA_XNNPACK_MAX_S8:
        return xnn_create_max_pooling2d_nhwc_s8(
            w->pad_top, w->pad_right, w->pad_bottom, w->pad_left, w->window_height,
            w->window_width, w->stride_y, w->stride_x, 1, 1, w->channels, w->channels,
            w->channels, INT8_MIN, INT8_MAX, 0, made);
    case AOTLUA_XNNPACK_MAX_F32:
        return xnn_create_max_pooling2d_nhwc_f32(
            w->pad_top, w->pad_right, w->pad_bottom, w->pad_left, w->window_height,
            w->window_width, w->stride_y, w->stride_x, 1, 1, w->channels, w->channels,
            w->channels, -HUGE_VALF, HUGE_VALF, 0, made);
    case AOTLUA_XNNPACK_MEAN_F32:
        return xnn_create_average_pooling2d_nhwc_f32(
            w->pad_top, w->pad_right, w->pad_bottom, w->pad_left, w->window_height,
            w->window_width, w->stride_y, w->stride_x, w->channels, w->channels, w->channels,
            -HUGE_VALF, HUGE_VALF, 0, made);
    }
    return xnn_status_invalid_parameter;
}

static enum xnn_status set_up_pool(const struct aotlua_xnnpack_pool *pool,
                                   aotlua_xnnpack_layer layer, void *out)
{
    const struct aotlua_xnnpack_window *w = &pool->window;
    switch (pool->kind) {
    case AOTLUA_XNNPACK_MAX_S8:
        return xnn_setup_max_pooling2d_nhwc_s8(layer->operator_, w->images, w->height, w->width,
                                               layer->input, out, NULL);
    case AOTLUA_XNNPACK_MAX_F32:
        return xnn_setup_max_pooling2d_nhwc_f32(layer->operator_, w->images, w->height,
                                                w->width, layer->input, out, NULL);
    case AOTLUA_XNNPACK_MEAN_F32:
        return xnn_setup_average_pooling2d_nhwc_f32(layer->operator_, w->images, w->height,
                                                    w->width, layer->input, out, NULL);
    }
    return xnn_status_invalid_parameter;
}

int32_t aotlua_xnnpack_pool(aotlua_xnnpack_layer *layers,
                            const struct aotlua_xnnpack_pool *pool, const void *in, void *out)
{
    if (*layers == NULL) {
        const size_t element = pool->kind == AOTLUA_XNNPACK_MAX_S8 ? 1 : sizeof(float);
        struct aotlua_xnnpack_layer *made = add(layers, &pool->window, NULL, element);
        if (made == NULL)
            return (int32_t)xnn_status_out_of_memory;
        const int32_t status = settle(layers, create_pool(pool, &made->operator_));
        if (status != 0)
            return status;
    }
    memcpy((*layers)->input, in, (*layers)->bytes);
    return run(*layers, set_up_pool(pool, *layers, out));
}
