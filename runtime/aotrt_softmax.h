/* aotrt_softmax.h - the steps of softmax on 8-bit integers, in fixed point.
 *
 * Agrees bit for bit with TensorFlow Lite Micro's reference (internal/reference/softmax.h on
 * gemmlowp's fixed point). Qm.n is an int32_t with n fraction bits. Freestanding C99 and C++;
 * generated code and this file belong to their user without condition. */
#ifndef AOTRT_SOFTMAX_H
#define AOTRT_SOFTMAX_H

#include <stdint.h>

#include "aotrt_requantize.h"

/* a * b in fixed point: the integer bits of both add up. Rounds halves up; saturates for the
 * one product that does not fit, INT32_MIN * INT32_MIN. */
static inline int32_t aotrt_fixed_multiply(int32_t a, int32_t b)
{
    return aotrt_i32_from_i64(aotrt_floor_shift((int64_t)a * b + ((int64_t)1 << 30), 31));
}

/* x / 2^bits, halves away from zero; 0 <= bits <= 31. */
static inline int32_t aotrt_fixed_divide(int32_t x, int32_t bits)
{
    const int64_t half = ((int64_t)1 << bits) >> 1;
    return (int32_t)aotrt_floor_shift(x + half - (int64_t)(x < 0 && bits > 0), bits);
}

/* exp(a) in Q0.31 of a <= 0 in Q5.26. The last quarter comes from a Taylor series around -1/8,
 * the binary digits above it from one factor each. */
static inline int32_t aotrt_fixed_exp(int32_t a)
{
    static const int32_t factors[7] = { 1672461947, 1302514674, 790015084, 290630308,
                                        39332535,   720401,     242 };
    const int32_t quarter = 1 << 24;
    int32_t part, x, x2, x3, x4, tail, result, rest, digit;
    if (a == 0) {
        return INT32_MAX;
    }
    /* a = part - quarter * rest, with part in [-quarter, 0) */
    part = (int32_t)((uint32_t)a & (uint32_t)(quarter - 1)) - quarter;
    rest = (part - a) / quarter;
    x = part * 32 + (1 << 28);
    x2 = aotrt_fixed_multiply(x, x);
    x3 = aotrt_fixed_multiply(x2, x);
    x4 = aotrt_fixed_multiply(x2, x2);
    tail = aotrt_fixed_multiply(aotrt_fixed_divide(x4, 2) + x3, 715827883) + x2;
    result = 1895147668 + aotrt_fixed_multiply(1895147668, x + aotrt_fixed_divide(tail, 1));
    for (digit = 0; digit < 7; digit++) {
        if ((rest >> digit & 1) != 0) {
            result = aotrt_fixed_multiply(result, factors[digit]);
        }
    }
    return result;
}

/* exp of a difference of stored values in Q0.31; 0 below diff_min. */
static inline int32_t aotrt_softmax_exp(int32_t difference, int32_t multiplier, int32_t shift,
                                        int32_t diff_min)
{
    if (difference < diff_min) {
        return 0;
    }
    return aotrt_fixed_exp(aotrt_fixed_multiply(
        aotrt_i32_from_i64((int64_t)difference * ((int64_t)1 << shift)), multiplier));
}

/* sum + power, the sum in Q12.19; saturates. */
static inline int32_t aotrt_softmax_add(int32_t sum, int32_t power)
{
    return aotrt_i32_from_i64((int64_t)sum + aotrt_fixed_divide(power, 12));
}

/* How far a share is to be shifted before its own bits are counted off. 12 integer bits, less
 * the leading zeros of the sum, and 31 of the fraction. */
static inline int32_t aotrt_softmax_bits(int32_t sum)
{
    int32_t zeros = 0;
    uint32_t bits = (uint32_t)sum;
    while (zeros < 31 && (bits & UINT32_C(0x80000000)) == 0) {
        bits <<= 1;
        zeros++;
    }
    return 12 - zeros + 31;
}

/* 1 / sum in Q0.31, scaled up by the power of two that `bits` holds: Newton's division. */
static inline int32_t aotrt_softmax_scale(int32_t sum, int32_t bits)
{
    const int32_t zeros = 43 - bits;
    const int32_t fraction =
        (int32_t)(((uint32_t)sum << zeros) - UINT32_C(0x80000000)); /* sum is 1 + this */
    const int32_t half = (int32_t)(((int64_t)fraction + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + aotrt_fixed_multiply(half, -1010580540);
    int32_t step;
    for (step = 0; step < 3; step++) {
        const int32_t error = (1 << 29) - aotrt_fixed_multiply(half, x);
        x += aotrt_i32_from_i64((int64_t)aotrt_fixed_multiply(x, error) * 4);
    }
    return aotrt_i32_from_i64((int64_t)x * 2);
}

/* power / sum in units of 2^-(bits of the result). */
static inline int32_t aotrt_softmax_share(int32_t scale, int32_t power, int32_t bits)
{
    return aotrt_fixed_divide(aotrt_fixed_multiply(scale, power), bits);
}

#endif
