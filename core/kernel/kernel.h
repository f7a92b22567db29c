/* kernel.h - the loop-nest tree: a kernel as typed statements, proved in bounds, printed as C.
 *
 * A kernel is recorded statement by statement. Expressions and variables are ids in it, given
 * out by the makers and immutable; a maker folds what is constant and keeps index arithmetic as
 * a sum of products, so `+ 0` and `* 1` never exist. aot_kernel_finish proves every access. */
#ifndef AOT_KERNEL_KERNEL_H
#define AOT_KERNEL_KERNEL_H

#include "core/base/text.h"
#include "core/ir/type.h"

typedef struct aot_kernel aot_kernel;
typedef uint32_t aot_kid; /* of an expression or a buffer within its kernel; 0: failed */

/* The type of loop counters and subscripts: signed, printed as int32_t, or as int64_t in a
 * kernel whose subscripts need it. Never stored: cast it to a number first. */
#define AOT_KINDEX AOT_DTYPE_COUNT

/* lanes > 1: a vector. Comparing vectors gives bool lanes of the operands' width, which only
 * select, both and either understand; elsewhere width is 0. */
typedef struct aot_ktype {
    aot_dtype dtype;
    int32_t lanes;
    int32_t width;
} aot_ktype;

typedef enum aot_krole {
    AOT_K_INPUT,
    AOT_K_OUTPUT,  /* parameters: const T *restrict, T *restrict */
    AOT_K_SCRATCH, /* part of the parameter `scratch`, at a multiple of 64 bytes */
    AOT_K_LOCAL,   /* an array of the function, at most 256 bytes */
} aot_krole;

typedef enum aot_kop {
    AOT_K_INT,
    AOT_K_FLOAT,
    AOT_K_VAR,
    AOT_K_LINEAR,
    AOT_K_LOAD,
    AOT_K_NEG,
    AOT_K_NOT,
    AOT_K_ADD,
    AOT_K_SUB,
    AOT_K_MUL,
    AOT_K_DIV,
    AOT_K_REM, /* integer division truncates */
    AOT_K_MIN,
    AOT_K_MAX, /* b < a ? b : a and a < b ? b : a: a NaN in `a` stays */
    AOT_K_SHL,
    AOT_K_SHR,
    AOT_K_AND,
    AOT_K_OR,
    AOT_K_XOR,
    AOT_K_LT,
    AOT_K_LE,
    AOT_K_GT,
    AOT_K_GE,
    AOT_K_EQ,
    AOT_K_NE,
    AOT_K_BOTH,
    AOT_K_EITHER,
    AOT_K_SELECT,
    AOT_K_CAST,
    AOT_K_SAT_CAST,
    AOT_K_CALL,
    AOT_K_FMA,
    AOT_K_SPLAT,
    AOT_K_LANE,
    AOT_K_OP_COUNT
} aot_kop;

/* A kernel of its own arena; `hint` names it in messages. NULL on failure. */
aot_kernel *aot_kernel_new(const char *hint, aot_error *err);
void aot_kernel_free(aot_kernel *kernel);

/* Declares a buffer. Its C name is `name`, made legal and unique in the kernel; parameters are
 * in order of declaration, `scratch` last. Fails for element types that C has no arithmetic for
 * (f16, bf16, i4, u4: those must come as what holds their bits) and for large local arrays. */
aot_kid aot_kernel_buffer(aot_kernel *kernel, const char *name, const aot_type *type,
                          aot_krole role, aot_error *err);

/* Expressions. Operands must be of one type, but for the count of shifts and the condition of
 * select; arithmetic on i8, i16, u8, u16 and bool is refused (cast first), min, max, select
 * and comparisons are not. Vectors and scalars do not mix: see aot_kernel_splat. */
aot_kid aot_kernel_int(aot_kernel *kernel, aot_dtype dtype, int64_t value, aot_error *err);
aot_kid aot_kernel_float(aot_kernel *kernel, aot_dtype dtype, double value, aot_error *err);
aot_kid aot_kernel_unary(aot_kernel *kernel, aot_kop op, aot_kid a, aot_error *err);
aot_kid aot_kernel_binary(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b, aot_error *err);
aot_kid aot_kernel_select(aot_kernel *kernel, aot_kid condition, aot_kid a, aot_kid b,
                          aot_error *err);

/* Plain: C's conversion, which must be known to fit where it narrows. Saturating: clamps,
 * floats truncate toward zero, NaN gives 0; scalars only. Of numbers only those of at most 16
 * bits become an index; for others see aot_kernel_clamp_index. */
aot_kid aot_kernel_cast(aot_kernel *kernel, aot_dtype dtype, aot_kid a, bool saturate,
                        aot_error *err);

/* A named function's result. `header` declares it (NULL: nothing to include). */
aot_kid aot_kernel_call(aot_kernel *kernel, const char *function, const char *header,
                        aot_ktype type, const aot_kid *args, size_t count, aot_error *err);
aot_kid aot_kernel_fma(aot_kernel *kernel, aot_kid a, aot_kid b, aot_kid c, aot_error *err);
aot_kid aot_kernel_splat(aot_kernel *kernel, int32_t lanes, aot_kid a, aot_error *err);
/* One lane of a vector variable; `at` is an index. */
aot_kid aot_kernel_lane(aot_kernel *kernel, aot_kid vector, aot_kid at, aot_error *err);

/* An element, or `lanes` elements from the subscript on along the last dimension. `count` is
 * the buffer's rank; `flat`: one subscript counts elements of the whole buffer. */
aot_kid aot_kernel_load(aot_kernel *kernel, aot_kid buffer, const aot_kid *at, size_t count,
                        int32_t lanes, bool flat, aot_error *err);

/* Statements, recorded at the end of the innermost open block. Each begin needs an end. */

/* Opens `for (name = low; name < high; name += step)` and returns its counter. Loops that are
 * known to run once or never leave no loop in the code. step >= 1. */
aot_kid aot_kernel_loop(aot_kernel *kernel, const char *name, aot_kid low, aot_kid high,
                        int64_t step, aot_error *err);
bool aot_kernel_if(aot_kernel *kernel, aot_kid condition, aot_error *err);
bool aot_kernel_else(aot_kernel *kernel,
                     aot_error *err); /* ends the `if`, opens the other arm */
bool aot_kernel_end(aot_kernel *kernel, aot_error *err);

/* Declares a variable and returns it (of a literal: the literal, if constant). Constant ones
 * (`let`) of index type are seen through by the bounds proof; mutable ones of index type are
 * refused. */
aot_kid aot_kernel_var(aot_kernel *kernel, const char *name, aot_kid value, bool constant,
                       aot_error *err);
bool aot_kernel_assign(aot_kernel *kernel, aot_kid var, aot_kid value, aot_error *err);
bool aot_kernel_store(aot_kernel *kernel, aot_kid buffer, const aot_kid *at, size_t count,
                      aot_kid value, bool flat, aot_error *err);

/* Declares a scalar variable that holds the lanes of `vector` combined from the first to the
 * last by op (add, min or max). */
aot_kid aot_kernel_reduce(aot_kernel *kernel, const char *name, aot_kop op, aot_kid vector,
                          aot_error *err);

/* Declares an index variable: `value`, a number of any integer type, clamped to
 * 0 .. extent - 1, so that it may be a subscript. extent >= 1. */
aot_kid aot_kernel_clamp_index(aot_kernel *kernel, const char *name, aot_kid value,
                               int64_t extent, aot_error *err);
bool aot_kernel_comment(aot_kernel *kernel, const char *words, size_t length, aot_error *err);

aot_ktype aot_kernel_type(const aot_kernel *kernel, aot_kid expr); /* lanes 0: no such id */

/* The expression as C, for messages and tests. */
bool aot_kernel_show(const aot_kernel *kernel, aot_kid expr, aot_text *text);

/* Ends the recording. Proves 0 <= subscript <= extent - lanes for every load and store, from
 * the ranges of the loops and the conditions around it; fails naming kernel, buffer,
 * dimension, subscript and the range it may have. Fails where a counter or variable is used
 * outside of its block. */
bool aot_kernel_finish(aot_kernel *kernel, aot_error *err);

/* What a finished kernel is. */
typedef struct aot_kparam {
    const char *name;
    const char *ctype; /* of what it points to: "int8_t", scratch: "void" */
    aot_kid buffer;    /* 0: the scratch block */
    aot_krole role;
} aot_kparam;

size_t aot_kernel_param_count(const aot_kernel *kernel);
aot_kparam aot_kernel_param(const aot_kernel *kernel, size_t i);
size_t aot_kernel_scratch_bytes(const aot_kernel *kernel); /* align it to 64 */

/* Multiplications of values (fused ones, lanes and trips counted); a loop with a variable
 * number of trips counts with its largest. Saturates. */
uint64_t aot_kernel_macs(const aot_kernel *kernel);
size_t aot_kernel_header_count(const aot_kernel *kernel);
const char *aot_kernel_header(const aot_kernel *kernel, size_t i); /* sorted bytewise */

/* One load or store in the order of the text. The element offset of its first lane is
 * constant + sum of factor * loop counter over `term_count` terms, if `affine`. */
typedef struct aot_kterm {
    aot_kid atom; /* a loop counter, or an expression that is no sum */
    int64_t factor;
} aot_kterm;

typedef struct aot_kaccess {
    aot_kid buffer;
    bool store, affine;
    int32_t lanes;
    int64_t low, high; /* of the offset, lanes included: low .. high */
    int64_t constant;
    const aot_kterm *terms;
    size_t term_count;
} aot_kaccess;

size_t aot_kernel_access_count(const aot_kernel *kernel);
const aot_kaccess *aot_kernel_access(const aot_kernel *kernel, size_t i);

typedef struct aot_kstyle {
    const char *spelling; /* of the function */
    const char *comment;  /* before the definition, or NULL */
    bool internal;        /* static */
    bool extensions; /* vectors as GCC and Clang vector extensions, else as loops over lanes */
} aot_kstyle;

/* "static int32_t f(const float *restrict x, float *restrict y)", without semicolon. Every kernel
 * returns 0, as what calls it may call others that can fail. */
bool aot_kernel_print_head(const aot_kernel *kernel, const aot_kstyle *style, aot_text *text);
bool aot_kernel_print(const aot_kernel *kernel, const aot_kstyle *style, aot_text *text);

#endif
