/* op_internal.h - what the families of ops share: wide numbers, walks, quantization, windows.
 *
 * Private to core/op. An op is infer_<op>, which checks operands and attributes once, and
 * eval_<op>, which is called only after infer accepted the same operands. */
#ifndef AOT_OP_OP_INTERNAL_H
#define AOT_OP_OP_INTERNAL_H

#include "core/op/op.h"

#define AOT_OP(name, low, high, outputs, flags)                                                \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err);              \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err);
#include "core/ir/ops.def"
#undef AOT_OP

/* operand.c: numbers wide enough for every element type; the class says which member is set.
 * One element type's arithmetic is its class's, rounded or saturated once by the store. */
typedef union aot_wide {
    double f;
    int64_t i;
    uint64_t u;
} aot_wide;

aot_wide aot_wide_load(const aot_tensor *tensor, size_t i);
void aot_wide_store(aot_tensor *tensor, size_t i, aot_class class, aot_wide value);
aot_wide aot_wide_zero(aot_class class);
aot_wide aot_wide_one(aot_class class);
aot_wide aot_wide_lowest(aot_class class);  /* what max starts from */
aot_wide aot_wide_highest(aot_class class); /* what min starts from */

/* An op whose infer and eval are functions of its family. */
#define AOT_OP_OF_FAMILY(name, infer, eval)                                                    \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)               \
    {                                                                                          \
        return infer(apply, out, err);                                                         \
    }                                                                                          \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)              \
    {                                                                                          \
        return eval(apply, out, err);                                                          \
    }

/* elementwise.c: one BINARY op on two numbers of a class; integers saturate at 64 bits. */
aot_wide aot_wide_binary(aot_op op, aot_class class, aot_wide a, aot_wide b);

/* Fails unless both are of one element type; unless it is a float type. */
bool aot_check_same_dtype(const aot_type *a, const aot_type *b, aot_error *err);
bool aot_check_floats(const aot_type *type, aot_error *err);

/* Applies `function` to all pairs of elements of both operands, broadcast as NumPy does; `type`
 * is the first one's. Its results are of the class of `out`. */
typedef aot_wide (*aot_pair_function)(aot_op op, const aot_type *type, aot_wide a, aot_wide b);
void aot_eval_pairs(const aot_apply *apply, aot_tensor *out, aot_pair_function function);

int64_t aot_sat_add(int64_t a, int64_t b);
int64_t aot_sat_sub(int64_t a, int64_t b);
int64_t aot_sat_mul(int64_t a, int64_t b);
int64_t aot_sat_shift_left(int64_t value, int64_t bits); /* 0 <= bits <= 62 */
int64_t aot_sat_i32(int64_t value);
int64_t aot_floor_shift(int64_t value, int64_t bits); /* floor(value / 2^bits), bits likewise */

/* The quantization of a type, its constants looked up: one scale and zero per element. */
typedef struct aot_quantizer {
    const aot_tensor *scales, *zeros; /* NULL: one for all */
    float scale;
    int64_t zero;
    size_t inner, extent; /* element i lies at (i / inner) % extent of the axis */
} aot_quantizer;

/* Without quantization: scale 1, zero 0. Fails if a zero point does not fit the element type. */
bool aot_quantizer_of(const aot_module *module, const aot_type *type, aot_quantizer *out,
                      aot_error *err);
int64_t aot_zero_at(const aot_quantizer *quantizer, size_t i);
float aot_scale_at(const aot_quantizer *quantizer, size_t i);

/* Checks element count and quantization of a type: axis, sizes and kinds of its constants. */
bool aot_check_type(const aot_module *module, const aot_type *type, aot_error *err);

/* Without a declared type: gives the result the quantization of the first operand, whose axis k
 * is the result's axis map[k] (-1: gone or changed; map NULL: the same). */
bool aot_pass_quant(const aot_apply *apply, const int32_t *map, aot_type *out, aot_error *err);

/* A block of room for `count` wide numbers, zeroed; *values points into it. Release the block. */
bool aot_wide_new(size_t count, aot_block **block, aot_wide **values, aot_error *err);

/* All elements, widened, integers less their zero points. Release the block. */
bool aot_widen(const aot_module *module, const aot_tensor *tensor, aot_block **block,
               aot_wide **values, aot_error *err);

/* shape.c: a walk through the index space `dims` in row-major order; at[k] follows operand k by
 * its strides. Set rank, dims, strides and at, zero index; do { ... } while (aot_walk_next). */
#define AOT_WALK_OPERANDS 2
typedef struct aot_walk {
    int32_t rank;
    int32_t dims[AOT_MAX_RANK], index[AOT_MAX_RANK];
    ptrdiff_t strides[AOT_WALK_OPERANDS][AOT_MAX_RANK];
    ptrdiff_t at[AOT_WALK_OPERANDS];
} aot_walk;

bool aot_walk_next(aot_walk *walk);

/* A walk through all of `type`, nothing followed yet. */
aot_walk aot_walk_over(const aot_type *type);

/* The distance between neighbors along each axis, in elements. */
void aot_row_major(const aot_type *type, ptrdiff_t strides[AOT_MAX_RANK]);

/* The same for `type` broadcast to a rank of `rank` and the extents `dims`: 0 where repeated. */
void aot_row_major_broadcast(const aot_type *type, int32_t rank, const int32_t *dims,
                             ptrdiff_t strides[AOT_MAX_RANK]);

/* Number of elements before, along and after an axis. The counts fit, as the type's does. */
void aot_axis_split(const aot_type *type, int32_t axis, size_t *outer, size_t *extent,
                    size_t *inner);

/* Extents of `a` and `b` broadcast as NumPy does, but for the last `keep` axes of each. */
bool aot_broadcast_dims(const aot_type *a, const aot_type *b, int32_t keep, aot_type *out,
                        aot_error *err);

bool aot_set_dim(aot_type *out, int32_t axis, int64_t extent, aot_error *err);

/* A list of at most AOT_MAX_RANK ints in [low, high]. Fails if it is absent. */
bool aot_attr_list(const aot_attr *attrs, const char *name, int64_t low, int64_t high,
                   int64_t out[AOT_MAX_RANK], int32_t *count, aot_error *err);

/* A result of the first operand's element type with the shape in the attribute `shape`. */
bool aot_read_shape(const aot_apply *apply, aot_type *out, aot_error *err);

/* An axis of a type of rank `rank`, negative ones counting from the end. */
bool aot_attr_axis(const aot_attr *attrs, const char *name, int32_t rank, int64_t otherwise,
                   int32_t *out, aot_error *err);

/* A window sliding over the rows and columns of x : [n, h, w, c]. */
typedef struct aot_window {
    int64_t kernel[2], dilation[2]; /* set by the caller */
    int64_t stride[2], pad[4];      /* pad: top, left, bottom, right */
    int32_t out[2];                 /* rows and columns of the result */
} aot_window;

/* Reads stride (default 1) and pad (default 0); fails where the window is larger than the
 * padded image. */
bool aot_window_read(const aot_attr *attrs, const aot_type *x, aot_window *window,
                     aot_error *err);

/* The taps [*from, *to) of output position `at` on axis 0 (rows) or 1 (columns) that lie inside
 * the image's `extent`; *origin is where tap 0 would lie. */
void aot_window_taps(const aot_window *window, int axis, int64_t at, int64_t extent,
                     int64_t *origin, int64_t *from, int64_t *to);

#endif
