/* aotrt_requantize.h - integers scaled by fixed-point and float factors, as other runtimes do.
 *
 * A factor is multiplier / 2^31 * 2^shift. Freestanding C99 and C++, defined for every x and
 * every multiplier; shifts are -31 to 30 (64-bit form: -31 to 7), others are a bug of the
 * caller. Generated code and this file belong to their user without condition. */
#ifndef AOTRT_REQUANTIZE_H
#define AOTRT_REQUANTIZE_H

#include <stdint.h>

#include "aotrt_math.h"

/* floor(value / 2^bits), 0 <= bits <= 62. C leaves >> of negative numbers to the compiler. */
static inline int64_t aotrt_floor_shift(int64_t value, int32_t bits)
{
#if (-1 >> 1) == -1
    return value >> bits;
#else
    return value < 0 ? ~(~value >> bits) : value >> bits;
#endif
}

/* TensorFlow Lite's MultiplyByQuantizedMultiplier with two roundings: of the product, halves
 * up, and of the division by 2^-shift, halves away from zero. Where x * 2^shift does not fit
 * 32 bits it saturates. */
static inline int32_t aotrt_requantize_double(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    const int64_t shifted = aotrt_i32_from_i64((int64_t)x * ((int64_t)1 << left));
    int64_t high = aotrt_floor_shift(shifted * multiplier + ((int64_t)1 << 30), 31);
    const int64_t half = ((int64_t)1 << right) >> 1;
    high = aotrt_i32_from_i64(high);
    return (int32_t)aotrt_floor_shift(high + half - (int64_t)(high < 0 && right > 0), right);
}

/* The same with one rounding, halves up (TFLITE_SINGLE_ROUNDING). */
static inline int64_t aotrt_requantize_single(int32_t x, int32_t multiplier, int32_t shift)
{
    const int64_t half = (int64_t)1 << (30 - shift);
    return aotrt_floor_shift((int64_t)x * multiplier + half, 31 - shift);
}

/* The form for 64-bit sums of 16-bit networks: the multiplier is rounded to 16 bits. x
 * saturates at 48 bits. */
static inline int64_t aotrt_requantize_wide(int64_t x, int32_t multiplier, int32_t shift)
{
    const int64_t limit = (int64_t)1 << 47;
    const int64_t bounded = x < -limit ? -limit : x >= limit ? limit - 1 : x;
    const int64_t reduced =
        multiplier < 0x7fff0000 ? aotrt_floor_shift((int64_t)multiplier + 0x8000, 16) : 0x7fff;
    return aotrt_floor_shift(bounded * reduced + ((int64_t)1 << (14 - shift)), 15 - shift);
}

/* x * factor in float, to the nearest whole number, halves to even, saturated; NaN gives 0. */
static inline int32_t aotrt_requantize_even(float x, float factor)
{
    return aotrt_i32_from_f32(aotrt_round_even_f32(x * factor));
}

static inline int64_t aotrt_requantize_even_i64(float x, float factor)
{
    return aotrt_i64_from_f32(aotrt_round_even_f32(x * factor));
}

#endif
