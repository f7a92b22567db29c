/* aotrt_math.h - minima, saturating conversions and roundings of generated code.
 *
 * Freestanding C99 and C++: no library, no state, no undefined behavior for any argument.
 * Generated code and this file belong to their user without condition. */
#ifndef AOTRT_MATH_H
#define AOTRT_MATH_H

#include <stdint.h>

/* aotrt_min_T(a, b), aotrt_max_T(a, b): a NaN in `a` stays, one in `b` is passed over. */
#define AOTRT_DEFINE_MIN_MAX(name, type)                                                       \
    static inline type aotrt_min_##name(type a, type b)                                        \
    {                                                                                          \
        return b < a ? b : a;                                                                  \
    }                                                                                          \
    static inline type aotrt_max_##name(type a, type b)                                        \
    {                                                                                          \
        return a < b ? b : a;                                                                  \
    }
AOTRT_DEFINE_MIN_MAX(i8, int8_t)
AOTRT_DEFINE_MIN_MAX(i16, int16_t)
AOTRT_DEFINE_MIN_MAX(i32, int32_t)
AOTRT_DEFINE_MIN_MAX(i64, int64_t)
AOTRT_DEFINE_MIN_MAX(u8, uint8_t)
AOTRT_DEFINE_MIN_MAX(u16, uint16_t)
AOTRT_DEFINE_MIN_MAX(u32, uint32_t)
AOTRT_DEFINE_MIN_MAX(u64, uint64_t)
AOTRT_DEFINE_MIN_MAX(f32, float)
AOTRT_DEFINE_MIN_MAX(f64, double)

/* aotrt_TO_from_FROM(x): x clamped to the range of TO. */
#define AOTRT_DEFINE_SATURATE(to, to_type, from, from_type, low, high)                         \
    static inline to_type aotrt_##to##_from_##from(from_type x)                                \
    {                                                                                          \
        return (to_type)(x < (low) ? (low) : x > (high) ? (high) : x);                         \
    }
AOTRT_DEFINE_SATURATE(i8, int8_t, i32, int32_t, INT8_MIN, INT8_MAX)
AOTRT_DEFINE_SATURATE(i16, int16_t, i32, int32_t, INT16_MIN, INT16_MAX)
AOTRT_DEFINE_SATURATE(u8, uint8_t, i32, int32_t, 0, UINT8_MAX)
AOTRT_DEFINE_SATURATE(u16, uint16_t, i32, int32_t, 0, UINT16_MAX)
AOTRT_DEFINE_SATURATE(i8, int8_t, i64, int64_t, INT8_MIN, INT8_MAX)
AOTRT_DEFINE_SATURATE(i16, int16_t, i64, int64_t, INT16_MIN, INT16_MAX)
AOTRT_DEFINE_SATURATE(i32, int32_t, i64, int64_t, INT32_MIN, INT32_MAX)
AOTRT_DEFINE_SATURATE(u8, uint8_t, i64, int64_t, 0, UINT8_MAX)
AOTRT_DEFINE_SATURATE(u16, uint16_t, i64, int64_t, 0, UINT16_MAX)
AOTRT_DEFINE_SATURATE(u32, uint32_t, i64, int64_t, 0, (int64_t)UINT32_MAX)

static inline uint32_t aotrt_u32_from_i32(int32_t x)
{
    return x < 0 ? 0u : (uint32_t)x;
}
static inline uint64_t aotrt_u64_from_i32(int32_t x)
{
    return x < 0 ? 0u : (uint64_t)x;
}
static inline uint64_t aotrt_u64_from_i64(int64_t x)
{
    return x < 0 ? 0u : (uint64_t)x;
}

#define AOTRT_DEFINE_SATURATE_U64(to, to_type, high)                                           \
    static inline to_type aotrt_##to##_from_u64(uint64_t x)                                    \
    {                                                                                          \
        return x > (uint64_t)(high) ? (to_type)(high) : (to_type)x;                            \
    }
AOTRT_DEFINE_SATURATE_U64(i8, int8_t, INT8_MAX)
AOTRT_DEFINE_SATURATE_U64(i16, int16_t, INT16_MAX)
AOTRT_DEFINE_SATURATE_U64(i32, int32_t, INT32_MAX)
AOTRT_DEFINE_SATURATE_U64(i64, int64_t, INT64_MAX)
AOTRT_DEFINE_SATURATE_U64(u8, uint8_t, UINT8_MAX)
AOTRT_DEFINE_SATURATE_U64(u16, uint16_t, UINT16_MAX)
AOTRT_DEFINE_SATURATE_U64(u32, uint32_t, UINT32_MAX)

/* Floats truncate toward zero, NaN gives 0. `end` is the first power of two above the range. */
#define AOTRT_DEFINE_TRUNCATE(to, to_type, from, from_type, low, high, end)                    \
    static inline to_type aotrt_##to##_from_##from(from_type x)                                \
    {                                                                                          \
        if (x >= (from_type)(end))                                                             \
            return (high);                                                                     \
        if (x <= (from_type)(low))                                                             \
            return (low);                                                                      \
        return x == x ? (to_type)x : (to_type)0;                                               \
    }
#define AOTRT_DEFINE_TRUNCATES(from, from_type)                                                \
    AOTRT_DEFINE_TRUNCATE(i8, int8_t, from, from_type, INT8_MIN, INT8_MAX, 128)                \
    AOTRT_DEFINE_TRUNCATE(i16, int16_t, from, from_type, INT16_MIN, INT16_MAX, 32768)          \
    AOTRT_DEFINE_TRUNCATE(i32, int32_t, from, from_type, INT32_MIN, INT32_MAX, 2147483648.0)   \
    AOTRT_DEFINE_TRUNCATE(i64, int64_t, from, from_type, INT64_MIN, INT64_MAX,                 \
                          9223372036854775808.0)                                               \
    AOTRT_DEFINE_TRUNCATE(u8, uint8_t, from, from_type, 0, UINT8_MAX, 256)                     \
    AOTRT_DEFINE_TRUNCATE(u16, uint16_t, from, from_type, 0, UINT16_MAX, 65536)                \
    AOTRT_DEFINE_TRUNCATE(u32, uint32_t, from, from_type, 0, UINT32_MAX, 4294967296.0)         \
    AOTRT_DEFINE_TRUNCATE(u64, uint64_t, from, from_type, 0, UINT64_MAX, 18446744073709551616.0)
AOTRT_DEFINE_TRUNCATES(f32, float)
AOTRT_DEFINE_TRUNCATES(f64, double)

/* The nearest whole number, halves to even. Exact in the default rounding mode as long as the
 * compiler may not reassociate (-ffast-math may not be used on generated code). Between
 * 2^(p-1) and its negative adding 2^(p-1) leaves no bits behind the point, beyond there are
 * none. */
#define AOTRT_DEFINE_ROUND_EVEN(name, type, whole)                                             \
    static inline type aotrt_round_even_##name(type x)                                         \
    {                                                                                          \
        if (!(x > -(whole) && x < (whole)))                                                    \
            return x;                                                                          \
        return x < 0 ? (x - (whole)) + (whole) : (x + (whole)) - (whole);                      \
    }
AOTRT_DEFINE_ROUND_EVEN(f32, float, 8388608.0f)
AOTRT_DEFINE_ROUND_EVEN(f64, double, 4503599627370496.0)

/* The nearest whole number, halves away from zero. x minus its whole part is exact. */
#define AOTRT_DEFINE_ROUND_AWAY(name, type, whole, integer)                                    \
    static inline type aotrt_round_away_##name(type x)                                         \
    {                                                                                          \
        type t;                                                                                \
        if (!(x > -(whole) && x < (whole)))                                                    \
            return x;                                                                          \
        t = (type)(integer)x;                                                                  \
        return x - t >= (type)0.5 ? t + 1 : x - t <= (type)-0.5 ? t - 1 : t;                   \
    }
AOTRT_DEFINE_ROUND_AWAY(f32, float, 8388608.0f, int32_t)
AOTRT_DEFINE_ROUND_AWAY(f64, double, 4503599627370496.0, int64_t)

/* 64-bit arithmetic that saturates. */
static inline int64_t aotrt_add_i64(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    return a + b;
}

static inline int64_t aotrt_sub_i64(int64_t a, int64_t b)
{
    if (b < 0 && a > INT64_MAX + b)
        return INT64_MAX;
    if (b > 0 && a < INT64_MIN + b)
        return INT64_MIN;
    return a - b;
}

static inline uint64_t aotrt_add_u64(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static inline uint64_t aotrt_sub_u64(uint64_t a, uint64_t b)
{
    return a < b ? 0 : a - b;
}

static inline uint64_t aotrt_mul_u64(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static inline int64_t aotrt_mul_i64(int64_t a, int64_t b)
{
    const uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    const uint64_t y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    const uint64_t size = aotrt_mul_u64(x, y);
    if ((a < 0) == (b < 0))
        return size > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)size;
    return size > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)size;
}

/* Division truncates; by 0 it gives 0. */
static inline int64_t aotrt_div_i64(int64_t a, int64_t b)
{
    if (b == 0)
        return 0;
    return b == -1 ? aotrt_sub_i64(0, a) : a / b;
}

static inline uint64_t aotrt_div_u64(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : a / b;
}

/* What division leaves: with the sign of b (mod) or of a (rem); 0 where b is 0. */
static inline int64_t aotrt_rem_i64(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

static inline int64_t aotrt_mod_i64(int64_t a, int64_t b)
{
    const int64_t rest = aotrt_rem_i64(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static inline uint64_t aotrt_mod_u64(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : a % b;
}

/* Powers by squaring; a negative power of a number other than 1 and -1 is 0. */
static inline int64_t aotrt_pow_i64(int64_t base, int64_t exponent)
{
    int64_t power = 1;
    if (exponent < 0)
        return base == 1 ? 1 : base != -1 ? 0 : exponent % 2 == 0 ? 1 : -1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1)
            power = aotrt_mul_i64(power, base);
        base = aotrt_mul_i64(base, base);
    }
    return power;
}

static inline uint64_t aotrt_pow_u64(uint64_t base, uint64_t exponent)
{
    uint64_t power = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1)
            power = aotrt_mul_u64(power, base);
        base = aotrt_mul_u64(base, base);
    }
    return power;
}

/* value * 2^bits, saturating; 0 <= bits <= 62. */
static inline int64_t aotrt_shift_left_i64(int64_t value, int32_t bits)
{
    return aotrt_mul_i64(value, (int64_t)1 << bits);
}

#endif
