/* acme_npu.c - plays the engine on any machine, and refuses what the real one would choke on. */
#include "acme_npu.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The hooks that code made by aotlua calls round a run, and round each command. */
int32_t TVMDeviceAcmeNpuActivate(void *context);
int32_t TVMDeviceAcmeNpuOpen(void *context);
int32_t TVMDeviceAcmeNpuClose(void *context);
int32_t TVMDeviceAcmeNpuDeactivate(void *context);

static struct acme_npu first;

static struct acme_npu *engine(void *context)
{
    return context != NULL ? (struct acme_npu *)context : &first;
}

int32_t TVMDeviceAcmeNpuActivate(void *context)
{
    struct acme_npu *npu = engine(context);
    if (npu->active)
        return ACME_ERROR_CLOSED;
    npu->active = 1;
    npu->activations++;
    return ACME_OK;
}

int32_t TVMDeviceAcmeNpuOpen(void *context)
{
    struct acme_npu *npu = engine(context);
    if (!npu->active || npu->open)
        return ACME_ERROR_CLOSED;
    npu->open = 1;
    npu->opens++;
    return ACME_OK;
}

int32_t TVMDeviceAcmeNpuClose(void *context)
{
    struct acme_npu *npu = engine(context);
    const int32_t status = npu->active && npu->open ? ACME_OK : ACME_ERROR_CLOSED;
    npu->open = 0;
    return status;
}

int32_t TVMDeviceAcmeNpuDeactivate(void *context)
{
    struct acme_npu *npu = engine(context);
    const int32_t status = npu->active && !npu->open ? ACME_OK : ACME_ERROR_CLOSED;
    npu->active = 0;
    return status;
}

static int misaligned(const void *address)
{
    return address == NULL || (uintptr_t)address % 16 != 0;
}

/* Whether the first tap of each window lies before the end of the image, and the last one behind
 * its start. */
static int windows_fit(int32_t extent, int32_t out, int32_t kernel, int32_t pad, int32_t stride)
{
    return extent > 0 && out > 0 && kernel > 0 && stride > 0 && pad >= 0 && pad < kernel &&
           (out - 1) * stride - pad < extent;
}

static int makes_sense(const struct acme_conv *c)
{
    return windows_fit(c->height, c->out_height, c->kernel_height, c->pad_top, c->stride_y) &&
           windows_fit(c->width, c->out_width, c->kernel_width, c->pad_left, c->stride_x) &&
           c->channels > 0 && c->out_channels > 0 && c->out_channels % 8 == 0 &&
           (c->scales == 1 || c->scales == c->out_channels) &&
           c->row_bytes == c->kernel_height * c->width * c->channels;
}

/* The rows of the image that output row y needs; what lies outside is zero_in. */
static void load_rows(const struct acme_conv *c, const int8_t *in, int32_t y, int8_t *rows)
{
    const size_t row = (size_t)c->width * (size_t)c->channels;
    for (int32_t ky = 0; ky < c->kernel_height; ky++) {
        const int32_t from = y * c->stride_y + ky - c->pad_top;
        if (from >= 0 && from < c->height)
            memcpy(rows + (size_t)ky * row, in + (size_t)from * row, row);
        else
            memset(rows + (size_t)ky * row, c->zero_in, row);
    }
}

static int32_t sum_at(const struct acme_conv *c, const int8_t *rows, const int8_t *blocks,
                      int32_t x, int32_t o)
{
    int32_t sum = 0;
    for (int32_t ky = 0; ky < c->kernel_height; ky++) {
        for (int32_t kx = 0; kx < c->kernel_width; kx++) {
            const int32_t from = x * c->stride_x + kx - c->pad_left;
            if (from < 0 || from >= c->width)
                continue;
            for (int32_t i = 0; i < c->channels; i++) {
                const int32_t tap =
                    ((o / 8 * c->kernel_height + ky) * c->kernel_width + kx) * c->channels + i;
                sum += (rows[(ky * c->width + from) * c->channels + i] - c->zero_in) *
                       blocks[tap * 8 + o % 8];
            }
        }
    }
    return sum;
}

static int8_t round_to_int8(float value, int32_t zero)
{
    const float whole = rintf(value) + (float)zero;
    return (int8_t)(whole < -128.0F ? -128.0F : whole > 127.0F ? 127.0F : whole);
}

int32_t acme_npu_conv(void *context, const struct acme_conv *c, const int8_t *in,
                      const int8_t *blocks, const int32_t *bias, const float *scale,
                      int8_t *out, void *rows)
{
    struct acme_npu *npu = engine(context);
    if (!npu->active || !npu->open)
        return ACME_ERROR_CLOSED;
    if (misaligned(in) || misaligned(blocks) || misaligned(bias) || misaligned(scale) ||
        misaligned(out) || misaligned(rows))
        return ACME_ERROR_ADDRESS;
    if (!makes_sense(c))
        return ACME_ERROR_SHAPE;
    npu->commands++;
    for (int32_t y = 0; y < c->out_height; y++) {
        load_rows(c, in, y, rows);
        for (int32_t x = 0; x < c->out_width; x++) {
            for (int32_t o = 0; o < c->out_channels; o++) {
                const float sum = (float)(sum_at(c, rows, blocks, x, o) + bias[o]);
                out[(y * c->out_width + x) * c->out_channels + o] =
                    round_to_int8(sum * scale[c->scales > 1 ? o : 0], c->zero_out);
            }
        }
    }
    return ACME_OK;
}

int32_t acme_npu_relu(void *context, const float *in, float *out, int32_t count)
{
    struct acme_npu *npu = engine(context);
    if (!npu->active || !npu->open)
        return ACME_ERROR_CLOSED;
    if (misaligned(in) || misaligned(out))
        return ACME_ERROR_ADDRESS;
    if (count < 1)
        return ACME_ERROR_SHAPE;
    npu->commands++;
    for (int32_t i = 0; i < count; i++)
        out[i] = in[i] > 0.0F ? in[i] : 0.0F;
    return ACME_OK;
}
