/* aotrt_vector.h - vectors of generated code, in the extensions of GCC and Clang.
 *
 * aotrt_f32x8 is eight floats, and so on: 4 to 64 bytes, of every element type. Operators are
 * the language's (+ - * / & | ^ ~ << >> and comparisons, which give masks of 0 and -1); what it
 * lacks are functions here. Targets that name vectors compile for a machine that has them:
 * elsewhere they are correct but slow. Generated code and this file belong to their user
 * without condition. */
#ifndef AOTRT_VECTOR_H
#define AOTRT_VECTOR_H

#include <stdint.h>

#if defined(__FMA__) || defined(__AVX__)
#include <immintrin.h>
#endif

/* These functions are always inlined: no vector is ever passed, whatever the compiler says of how
 * it would be. Clang looks where they are called, so this holds for the file that includes us. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define AOTRT_VECTOR_FUNCTION static inline __attribute__((always_inline, unused))

/* One lane written into every lane. Compilers turn the list into one broadcast. */
#define AOTRT_LANES_2(x)  x, x
#define AOTRT_LANES_4(x)  AOTRT_LANES_2(x), AOTRT_LANES_2(x)
#define AOTRT_LANES_8(x)  AOTRT_LANES_4(x), AOTRT_LANES_4(x)
#define AOTRT_LANES_16(x) AOTRT_LANES_8(x), AOTRT_LANES_8(x)
#define AOTRT_LANES_32(x) AOTRT_LANES_16(x), AOTRT_LANES_16(x)
#define AOTRT_LANES_64(x) AOTRT_LANES_32(x), AOTRT_LANES_32(x)

/* Memory has the alignment of an element: loads and stores go through a type that says so.
 * select takes a where the mask is -1, b where it is 0. */
#define AOTRT_VECTOR(name, type, lanes, mask)                                                  \
    typedef type aotrt_##name __attribute__((vector_size(sizeof(type) * lanes)));              \
    typedef mask aotrt_mask_##name __attribute__((vector_size(sizeof(type) * lanes)));         \
    typedef type aotrt_memory_##name                                                           \
        __attribute__((vector_size(sizeof(type) * lanes), aligned(sizeof(type)), may_alias));  \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_load_##name(const type *from)                     \
    {                                                                                          \
        return *(const aotrt_memory_##name *)from;                                             \
    }                                                                                          \
    AOTRT_VECTOR_FUNCTION void aotrt_store_##name(type *to, aotrt_##name value)                \
    {                                                                                          \
        *(aotrt_memory_##name *)to = value;                                                    \
    }                                                                                          \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_splat_##name(type x)                              \
    {                                                                                          \
        const aotrt_##name value = { AOTRT_LANES_##lanes(x) };                                 \
        return value;                                                                          \
    }                                                                                          \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_select_##name(aotrt_mask_##name which,            \
                                                           aotrt_##name a, aotrt_##name b)     \
    {                                                                                          \
        return (aotrt_##name)((which & (aotrt_mask_##name)a) |                                 \
                              (~which & (aotrt_mask_##name)b));                                \
    }

/* b < a ? b : a and a < b ? b : a, lane by lane: a NaN in `a` stays. */
#define AOTRT_VECTOR_MIN_MAX(name)                                                             \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_min_##name(aotrt_##name a, aotrt_##name b)        \
    {                                                                                          \
        return aotrt_select_##name(b < a, b, a);                                               \
    }                                                                                          \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_max_##name(aotrt_##name a, aotrt_##name b)        \
    {                                                                                          \
        return aotrt_select_##name(a < b, b, a);                                               \
    }

/* The same by one instruction, which gives its second operand where neither is less. */
#define AOTRT_VECTOR_MIN_MAX_BY(name, min, max)                                                \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_min_##name(aotrt_##name a, aotrt_##name b)        \
    {                                                                                          \
        return min(b, a);                                                                      \
    }                                                                                          \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_max_##name(aotrt_##name a, aotrt_##name b)        \
    {                                                                                          \
        return max(b, a);                                                                      \
    }

/* a * b + c with one rounding. */
#define AOTRT_VECTOR_FMA_BY(name, fma)                                                         \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_fma_##name(aotrt_##name a, aotrt_##name b,        \
                                                        aotrt_##name c)                        \
    {                                                                                          \
        return fma(a, b, c);                                                                   \
    }
#define AOTRT_VECTOR_FMA(name, lanes, fma)                                                     \
    AOTRT_VECTOR_FUNCTION aotrt_##name aotrt_fma_##name(aotrt_##name a, aotrt_##name b,        \
                                                        aotrt_##name c)                        \
    {                                                                                          \
        int lane;                                                                              \
        for (lane = 0; lane < lanes; ++lane)                                                   \
            c[lane] = fma(a[lane], b[lane], c[lane]);                                          \
        return c;                                                                              \
    }

AOTRT_VECTOR(f32x2, float, 2, int32_t)
AOTRT_VECTOR(f32x4, float, 4, int32_t)
AOTRT_VECTOR(f32x8, float, 8, int32_t)
AOTRT_VECTOR(f32x16, float, 16, int32_t)
AOTRT_VECTOR(f64x2, double, 2, int64_t)
AOTRT_VECTOR(f64x4, double, 4, int64_t)
AOTRT_VECTOR(f64x8, double, 8, int64_t)

#define AOTRT_VECTOR_INTEGERS(bits, lanes)                                                     \
    AOTRT_VECTOR(i##bits##x##lanes, int##bits##_t, lanes, int##bits##_t)                       \
    AOTRT_VECTOR_MIN_MAX(i##bits##x##lanes)                                                    \
    AOTRT_VECTOR(u##bits##x##lanes, uint##bits##_t, lanes, int##bits##_t)                      \
    AOTRT_VECTOR_MIN_MAX(u##bits##x##lanes)
AOTRT_VECTOR_INTEGERS(8, 4)
AOTRT_VECTOR_INTEGERS(8, 8)
AOTRT_VECTOR_INTEGERS(8, 16)
AOTRT_VECTOR_INTEGERS(8, 32)
AOTRT_VECTOR_INTEGERS(8, 64)
AOTRT_VECTOR_INTEGERS(16, 2)
AOTRT_VECTOR_INTEGERS(16, 4)
AOTRT_VECTOR_INTEGERS(16, 8)
AOTRT_VECTOR_INTEGERS(16, 16)
AOTRT_VECTOR_INTEGERS(16, 32)
AOTRT_VECTOR_INTEGERS(32, 2)
AOTRT_VECTOR_INTEGERS(32, 4)
AOTRT_VECTOR_INTEGERS(32, 8)
AOTRT_VECTOR_INTEGERS(32, 16)
AOTRT_VECTOR_INTEGERS(64, 2)
AOTRT_VECTOR_INTEGERS(64, 4)
AOTRT_VECTOR_INTEGERS(64, 8)

AOTRT_VECTOR_MIN_MAX(f32x2)
#if defined(__SSE2__) && defined(__AVX__)
AOTRT_VECTOR_MIN_MAX_BY(f32x4, _mm_min_ps, _mm_max_ps)
AOTRT_VECTOR_MIN_MAX_BY(f32x8, _mm256_min_ps, _mm256_max_ps)
AOTRT_VECTOR_MIN_MAX_BY(f64x2, _mm_min_pd, _mm_max_pd)
AOTRT_VECTOR_MIN_MAX_BY(f64x4, _mm256_min_pd, _mm256_max_pd)
#else
AOTRT_VECTOR_MIN_MAX(f32x4)
AOTRT_VECTOR_MIN_MAX(f32x8)
AOTRT_VECTOR_MIN_MAX(f64x2)
AOTRT_VECTOR_MIN_MAX(f64x4)
#endif
#if defined(__AVX512F__)
AOTRT_VECTOR_MIN_MAX_BY(f32x16, _mm512_min_ps, _mm512_max_ps)
AOTRT_VECTOR_MIN_MAX_BY(f64x8, _mm512_min_pd, _mm512_max_pd)
#else
AOTRT_VECTOR_MIN_MAX(f32x16)
AOTRT_VECTOR_MIN_MAX(f64x8)
#endif

AOTRT_VECTOR_FMA(f32x2, 2, __builtin_fmaf)
#if defined(__FMA__)
AOTRT_VECTOR_FMA_BY(f32x4, _mm_fmadd_ps)
AOTRT_VECTOR_FMA_BY(f32x8, _mm256_fmadd_ps)
AOTRT_VECTOR_FMA_BY(f64x2, _mm_fmadd_pd)
AOTRT_VECTOR_FMA_BY(f64x4, _mm256_fmadd_pd)
#else
AOTRT_VECTOR_FMA(f32x4, 4, __builtin_fmaf)
AOTRT_VECTOR_FMA(f32x8, 8, __builtin_fmaf)
AOTRT_VECTOR_FMA(f64x2, 2, __builtin_fma)
AOTRT_VECTOR_FMA(f64x4, 4, __builtin_fma)
#endif
#if defined(__AVX512F__)
AOTRT_VECTOR_FMA_BY(f32x16, _mm512_fmadd_ps)
AOTRT_VECTOR_FMA_BY(f64x8, _mm512_fmadd_pd)
#else
AOTRT_VECTOR_FMA(f32x16, 16, __builtin_fmaf)
AOTRT_VECTOR_FMA(f64x8, 8, __builtin_fma)
#endif

#endif
