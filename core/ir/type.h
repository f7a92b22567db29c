/* type.h - element types, shapes and quantization: what the IR knows of a value. */
#ifndef AOT_IR_TYPE_H
#define AOT_IR_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

#define AOT_MAX_RANK 8

typedef uint32_t aot_id; /* of a value, node, graph, ... within its module; 0 is none */

/* The text name is the lower-case suffix: f32, i8, bool, u4, ... */
typedef enum aot_dtype {
    AOT_F32 = 0,
    AOT_F64,
    AOT_F16,
    AOT_BF16,
    AOT_I8,
    AOT_I16,
    AOT_I32,
    AOT_I64,
    AOT_U8,
    AOT_U16,
    AOT_U32,
    AOT_U64,
    AOT_BOOL,
    AOT_I4,
    AOT_U4,
    AOT_DTYPE_COUNT
} aot_dtype;

typedef enum aot_class { AOT_CLASS_FLOAT, AOT_CLASS_SIGNED, AOT_CLASS_UNSIGNED } aot_class;

const char *aot_dtype_name(aot_dtype dtype);
bool aot_dtype_parse(const char *name, aot_dtype *out);
aot_class aot_dtype_class(aot_dtype dtype); /* bool is unsigned */
size_t aot_dtype_bits(aot_dtype dtype);     /* 4 for i4 and u4; bool is 8 */
int64_t aot_dtype_min(aot_dtype dtype);     /* integers only */
uint64_t aot_dtype_max(aot_dtype dtype);    /* integers only */

/* real = scale * (stored - zero). Per tensor: axis -1 and `scale`, `zero`. Per axis: `scales`
 * (f32[dims[axis]]) and optionally `zeros` (i64[dims[axis]]) are ids of constants; `zero` is
 * then 0 unless `zeros` is none and every element has the same. */
typedef struct aot_quant {
    bool present;
    int32_t axis;
    float scale;
    int64_t zero;
    aot_id scales, zeros;
} aot_quant;

typedef struct aot_type {
    aot_dtype dtype;
    int32_t rank;               /* 0 to AOT_MAX_RANK */
    int32_t dims[AOT_MAX_RANK]; /* >= 0 each; unused ones are 0 */
    aot_quant quant;
} aot_type;

aot_type aot_type_make(aot_dtype dtype, int32_t rank, const int32_t *dims);

/* Number of elements and of bytes (4-bit types: two elements a byte, low half first, the last
 * byte padded). Fails if a dimension is negative or the product exceeds SIZE_MAX/2. */
bool aot_type_count(const aot_type *type, size_t *count, aot_error *err);
bool aot_type_bytes(const aot_type *type, size_t *bytes, aot_error *err);

bool aot_type_same_shape(const aot_type *a, const aot_type *b);
bool aot_type_same_data(const aot_type *a, const aot_type *b); /* element type and shape */
bool aot_type_equal(const aot_type *a,
                    const aot_type *b); /* quantization included, scales by bits */

/* "i8[1, 49, 10, 1]" without quantization into out, cut if it does not fit. For messages. */
const char *aot_type_show(const aot_type *type, char *out, size_t size);

#endif
