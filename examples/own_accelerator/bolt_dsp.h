/* bolt_dsp.h - the driver of a signal processor that does not exist: bolt_dsp.c plays it. */
#ifndef BOLT_DSP_H
#define BOLT_DSP_H

#include <stdint.h>

/* Largest of each window of an image [height, width, channels]; what lies outside does not count. */
struct bolt_pool {
    int32_t height, width, channels;
    int32_t out_height, out_width;
    int32_t window_height, window_width;
    int32_t pad_top, pad_left;
    int32_t stride_y, stride_x;
};

/* Copies bytes: those of out, outermost extent first, from steps through in. */
struct bolt_move {
    int32_t extent[4];
    int32_t step[4];
    int32_t bytes; /* of in, and of out */
};

enum {
    BOLT_OK = 0,
    BOLT_ERROR_CLOSED = 81,  /* the processor was not activated and opened */
    BOLT_ERROR_ADDRESS = 82, /* something does not lie at a multiple of 8 bytes */
    BOLT_ERROR_SHAPE = 83    /* a job whose numbers contradict each other */
};

/* What a run did with the processor. */
struct bolt_dsp {
    int active, open;
    long jobs, activations, opens;
};

/* A context of NULL is the first processor of the machine. */
int32_t bolt_dsp_pool(void *context, const struct bolt_pool *job, const int8_t *in,
                      int8_t *out);
int32_t bolt_dsp_move(void *context, const struct bolt_move *job, const int8_t *in,
                      int8_t *out);

#endif
