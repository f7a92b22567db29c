/* contract.c - times a compiled model beside the processor's peak, in one process.
 *
 * Built with -DMODEL_HEADER=..., -DMODEL and -DPREFIX of its names, -DLANES=<floats in a vector>.
 * Prints nanoseconds of one run and floating-point operations of the peak loop in a second, the
 * best of many each: taken in turns, because the clock drifts. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include MODEL_HEADER
#include "aotrt_vector.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)
#define VECTOR      JOIN(aotrt_f32x, LANES)
#define FMA         JOIN(aotrt_fma_f32x, LANES)
#define SPLAT       JOIN(aotrt_splat_f32x, LANES)

enum { PEAK_STEPS = 4000, PEAK_SUMS = 12 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Sums that wait only for themselves keep every multiplier busy. */
static float peak_loop(float start)
{
    const VECTOR a = SPLAT(0.999f), b = SPLAT(start);
    VECTOR c0 = b, c1 = b, c2 = b, c3 = b, c4 = b, c5 = b, c6 = b, c7 = b, c8 = b, c9 = b;
    VECTOR c10 = b, c11 = b;
    for (int i = 0; i < PEAK_STEPS; ++i) {
        c0 = FMA(c0, a, b);
        c1 = FMA(c1, a, b);
        c2 = FMA(c2, a, b);
        c3 = FMA(c3, a, b);
        c4 = FMA(c4, a, b);
        c5 = FMA(c5, a, b);
        c6 = FMA(c6, a, b);
        c7 = FMA(c7, a, b);
        c8 = FMA(c8, a, b);
        c9 = FMA(c9, a, b);
        c10 = FMA(c10, a, b);
        c11 = FMA(c11, a, b);
        /* else compilers see that all sums are the same */
        __asm__ volatile("" : "+x"(c0), "+x"(c1), "+x"(c2), "+x"(c3), "+x"(c4), "+x"(c5));
        __asm__ volatile("" : "+x"(c6), "+x"(c7), "+x"(c8), "+x"(c9), "+x"(c10), "+x"(c11));
    }
    c0 += c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11;
    return c0[0];
}

static float input[JOIN(MODEL, _X_COUNT)] __attribute__((aligned(64)));
static float result[JOIN(MODEL, _Y_COUNT)] __attribute__((aligned(64)));

int main(int argc, char **argv)
{
    const int repeats = argc > 1 ? atoi(argv[1]) : 1;
    struct JOIN(PREFIX, _inputs) inputs = { .x = input };
    struct JOIN(PREFIX, _outputs) outputs = { .y = result };
    double best_run = 1e9, best_peak = 1e9;
    float kept = 0;
    for (size_t i = 0; i < sizeof input / sizeof *input; ++i)
        input[i] = (float)(i % 7) * 0.1f;
    for (int i = 0; i < repeats; ++i) {
        double start = seconds();
        if (JOIN(PREFIX, _run)(&inputs, &outputs) != 0)
            return 1;
        double end = seconds();
        if (end - start < best_run)
            best_run = end - start;
        start = seconds();
        kept += peak_loop((float)i);
        end = seconds();
        if (end - start < best_peak)
            best_peak = end - start;
    }
    printf("%.9g %.9g %g\n", best_run * 1e9, 2.0 * LANES * PEAK_SUMS * PEAK_STEPS / best_peak,
           (double)kept);
    return 0;
}
