/* acme_npu.h - the driver of a convolution engine that does not exist: acme_npu.c plays it. */
#ifndef ACME_NPU_H
#define ACME_NPU_H

#include <stdint.h>

/* One convolution of an image [height, width, channels], outermost first. */
struct acme_conv {
    int32_t height, width, channels;
    int32_t out_height, out_width, out_channels; /* out_channels in blocks of 8 */
    int32_t kernel_height, kernel_width;
    int32_t pad_top, pad_left;
    int32_t stride_y, stride_x;
    int32_t zero_in, zero_out;
    int32_t scales;    /* 1, or one for each output channel */
    int32_t row_bytes; /* working memory: kernel_height * width * channels */
};

enum {
    ACME_OK = 0,
    ACME_ERROR_CLOSED = 71,  /* the device was not activated and opened */
    ACME_ERROR_ADDRESS = 72, /* something does not lie at a multiple of 16 bytes */
    ACME_ERROR_SHAPE = 73    /* a command whose numbers contradict each other */
};

/* What a run did with the engine. */
struct acme_npu {
    int active, open;
    long commands, activations, opens;
};

/* Sums of products and bias, times the scale, rounded half to even, plus zero_out, saturated.
 * blocks: [out_channels / 8][kernel_height][kernel_width][channels][8]; rows: row_bytes of working
 * memory. A context of NULL is the first engine of the machine. */
int32_t acme_npu_conv(void *context, const struct acme_conv *command, const int8_t *in,
                      const int8_t *blocks, const int32_t *bias, const float *scale,
                      int8_t *out, void *rows);

/* out[i] = max(in[i], 0) */
int32_t acme_npu_relu(void *context, const float *in, float *out, int32_t count);

#endif
