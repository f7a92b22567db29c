/* bolt_dsp.c - plays the processor on any machine, and refuses what the real one would choke on. */
#include "bolt_dsp.h"

#include <stddef.h>

/* The hooks that code made by aotlua calls round a run, and round what is handed over at once. */
int32_t TVMDeviceBoltDspActivate(void *context);
int32_t TVMDeviceBoltDspOpen(void *context);
int32_t TVMDeviceBoltDspClose(void *context);
int32_t TVMDeviceBoltDspDeactivate(void *context);

static struct bolt_dsp first;

static struct bolt_dsp *core(void *context)
{
    return context != NULL ? (struct bolt_dsp *)context : &first;
}

int32_t TVMDeviceBoltDspActivate(void *context)
{
    struct bolt_dsp *dsp = core(context);
    if (dsp->active)
        return BOLT_ERROR_CLOSED;
    dsp->active = 1;
    dsp->activations++;
    return BOLT_OK;
}

int32_t TVMDeviceBoltDspOpen(void *context)
{
    struct bolt_dsp *dsp = core(context);
    if (!dsp->active || dsp->open)
        return BOLT_ERROR_CLOSED;
    dsp->open = 1;
    dsp->opens++;
    return BOLT_OK;
}

int32_t TVMDeviceBoltDspClose(void *context)
{
    struct bolt_dsp *dsp = core(context);
    const int32_t status = dsp->active && dsp->open ? BOLT_OK : BOLT_ERROR_CLOSED;
    dsp->open = 0;
    return status;
}

int32_t TVMDeviceBoltDspDeactivate(void *context)
{
    struct bolt_dsp *dsp = core(context);
    const int32_t status = dsp->active && !dsp->open ? BOLT_OK : BOLT_ERROR_CLOSED;
    dsp->active = 0;
    return status;
}

static int32_t check(const struct bolt_dsp *dsp, const int8_t *in, const int8_t *out)
{
    if (!dsp->active || !dsp->open)
        return BOLT_ERROR_CLOSED;
    if (in == NULL || out == NULL || (uintptr_t)in % 8 != 0 || (uintptr_t)out % 8 != 0)
        return BOLT_ERROR_ADDRESS;
    return BOLT_OK;
}

/* Whether each window has an element of the image. */
static int windows_fit(int32_t extent, int32_t out, int32_t window, int32_t pad, int32_t stride)
{
    return extent > 0 && out > 0 && window > 0 && stride > 0 && pad >= 0 && pad < window &&
           (out - 1) * stride - pad < extent;
}

static int8_t largest(const struct bolt_pool *p, const int8_t *in, int32_t y, int32_t x,
                      int32_t c)
{
    int8_t best = INT8_MIN;
    for (int32_t i = y * p->stride_y - p->pad_top, end = i + p->window_height; i < end; i++) {
        for (int32_t j = x * p->stride_x - p->pad_left, last = j + p->window_width; j < last;
             j++) {
            if (i < 0 || i >= p->height || j < 0 || j >= p->width)
                continue;
            const int8_t value = in[(i * p->width + j) * p->channels + c];
            best = value > best ? value : best;
        }
    }
    return best;
}

int32_t bolt_dsp_pool(void *context, const struct bolt_pool *p, const int8_t *in, int8_t *out)
{
    struct bolt_dsp *dsp = core(context);
    const int32_t status = check(dsp, in, out);
    if (status != BOLT_OK)
        return status;
    if (!windows_fit(p->height, p->out_height, p->window_height, p->pad_top, p->stride_y) ||
        !windows_fit(p->width, p->out_width, p->window_width, p->pad_left, p->stride_x) ||
        p->channels < 1)
        return BOLT_ERROR_SHAPE;
    dsp->jobs++;
    for (int32_t y = 0; y < p->out_height; y++)
        for (int32_t x = 0; x < p->out_width; x++)
            for (int32_t c = 0; c < p->channels; c++)
                *out++ = largest(p, in, y, x, c);
    return BOLT_OK;
}

int32_t bolt_dsp_move(void *context, const struct bolt_move *m, const int8_t *in, int8_t *out)
{
    struct bolt_dsp *dsp = core(context);
    const int32_t status = check(dsp, in, out);
    int32_t bytes = 1, last = 0;
    if (status != BOLT_OK)
        return status;
    for (int k = 0; k < 4; k++) {
        if (m->extent[k] < 1 || m->step[k] < 0)
            return BOLT_ERROR_SHAPE;
        bytes *= m->extent[k];
        last += (m->extent[k] - 1) * m->step[k];
    }
    if (bytes != m->bytes || last >= m->bytes)
        return BOLT_ERROR_SHAPE;
    dsp->jobs++;
    for (int32_t a = 0; a < m->extent[0]; a++)
        for (int32_t b = 0; b < m->extent[1]; b++)
            for (int32_t c = 0; c < m->extent[2]; c++)
                for (int32_t d = 0; d < m->extent[3]; d++)
                    *out++ =
                        in[a * m->step[0] + b * m->step[1] + c * m->step[2] + d * m->step[3]];
    return BOLT_OK;
}
