/* kernel_internal.h - how the loop-nest tree is kept; private to core/kernel. */
#ifndef AOT_KERNEL_KERNEL_INTERNAL_H
#define AOT_KERNEL_KERNEL_INTERNAL_H

#include "core/kernel/kernel.h"

/* Limits that bound every recursion over a kernel, whatever a script records. */
enum {
    AOT_K_MAX_DEPTH = 200,   /* of an expression */
    AOT_K_MAX_SIZE = 20000,  /* of an expression, written out */
    AOT_K_MAX_NESTING = 64,  /* of blocks */
    AOT_K_MAX_TERMS = 24,    /* of an index sum */
    AOT_K_MAX_ARGS = 16,     /* of a call */
    AOT_K_LOCAL_BYTES = 256, /* of a local array */
    AOT_K_ALIGN = 64,        /* of scratch buffers */
};

#define AOT_K_FAR INT64_C(0x3fffffffffffffff) /* beyond every subscript: "unknown" */

typedef struct aot_krange { /* low .. high, both included */
    int64_t low, high;
} aot_krange;

/* constant + sum of factor * atom: atoms are variables and index expressions that are no sums,
 * ascending by id, factors are not 0. */
typedef struct aot_klinear {
    int64_t constant;
    size_t count;
    aot_kterm terms[AOT_K_MAX_TERMS];
} aot_klinear;

typedef struct aot_kexpr {
    aot_kop op;
    aot_ktype type;
    uint32_t depth, size;
    uint32_t arg_count;
    const aot_kid *args;
    int64_t i;              /* int; linear: the constant */
    double f;               /* float */
    uint32_t ref;           /* var: index of the variable; load: the buffer */
    bool flat;              /* load */
    const char *name;       /* call: the function */
    const char *header;     /* call */
    const aot_kterm *terms; /* linear */
    size_t term_count;
    aot_krange range; /* of an index */
} aot_kexpr;

typedef struct aot_kvar {
    const char *name;
    aot_ktype type;
    bool constant, counter;
    bool alive; /* while finish walks over the statements: it is declared there */
    aot_kid expr;
    size_t uses;
    aot_krange range;
    aot_klinear *definition; /* constant of index type: in counters and opaque atoms; or NULL */
} aot_kvar;

typedef struct aot_kbuffer {
    const char *name;
    aot_dtype dtype;
    int32_t rank;
    int32_t dims[AOT_MAX_RANK];
    size_t count, bytes, offset; /* offset: in the scratch block */
    aot_krole role;
    size_t uses;
} aot_kbuffer;

typedef enum aot_kstmt_kind {
    AOT_KS_LOOP,
    AOT_KS_IF,
    AOT_KS_VAR,
    AOT_KS_ASSIGN,
    AOT_KS_STORE,
    AOT_KS_REDUCE,
    AOT_KS_COMMENT,
} aot_kstmt_kind;

typedef struct aot_kstmt aot_kstmt;

typedef struct aot_kblock {
    aot_kstmt **items;
    size_t count, capacity;
} aot_kblock;

struct aot_kstmt {
    aot_kstmt_kind kind;
    uint32_t var; /* index: loop, var, assign, reduce */
    aot_kid low, high;
    int64_t step;
    aot_kid value; /* var, assign, store, reduce; if: the condition */
    aot_kop op;    /* reduce */
    aot_kid buffer;
    const aot_kid *at;
    size_t at_count;
    bool flat;
    aot_kblock body, other;
    bool has_other;
    const char *words;
};

/* An open block. Spliced ones add to the block around them; dropped ones are thrown away. */
typedef struct aot_kscope {
    aot_kblock *block;
    aot_kstmt *statement; /* the loop or if that was opened, or NULL */
    size_t name_mark;     /* names declared before it */
    bool spliced, dropped;
    bool is_if, in_else, known, truth; /* of an if whose condition is a constant */
} aot_kscope;

struct aot_kernel {
    aot_arena *arena;
    const char *hint;
    aot_kexpr *exprs; /* [0] is none */
    size_t expr_count, expr_capacity;
    aot_kvar *vars;
    size_t var_count, var_capacity;
    aot_kbuffer *buffers; /* [0] is none */
    size_t buffer_count, buffer_capacity;
    const char **names; /* in scope now; buffers' first */
    size_t name_count, name_capacity;
    const char *numbered; /* the hint whose numbers below `number` are all taken, or NULL */
    size_t number;
    aot_kblock body;
    aot_kblock dropped; /* where statements that never run are put */
    aot_kscope scopes[AOT_K_MAX_NESTING];
    size_t scope_count;
    bool finished, wide; /* wide: subscripts need 64 bits */
    size_t scratch_bytes;
    uint64_t macs;
    const char **headers;
    size_t header_count, header_capacity;
    aot_kaccess *accesses;
    size_t access_count, access_capacity;
};

/* build.c */
bool aot_kernel_fail(const aot_kernel *kernel, aot_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const aot_kexpr *aot_kernel_expr(const aot_kernel *kernel, aot_kid id);
/* What an expression is made of: its arguments, then the atoms of its sum. */
size_t aot_kexpr_part_count(const aot_kexpr *expr);
aot_kid aot_kexpr_part(const aot_kexpr *expr, size_t i);
/* Appends an expression; its args are copied, depth and size computed and checked. */
aot_kid aot_kernel_add(aot_kernel *kernel, aot_kexpr expr, aot_error *err);
/* A legal name, unique among those in scope (`everywhere`: and ever used), which it joins.
 * NULL on failure. */
const char *aot_kernel_name(aot_kernel *kernel, const char *hint, bool everywhere,
                            aot_error *err);
/* Adds a header to the sorted list, once. */
bool aot_kernel_need(aot_kernel *kernel, const char *header, aot_error *err);
aot_ktype aot_ktype_scalar(aot_dtype dtype);
bool aot_ktype_same(aot_ktype a, aot_ktype b);
const char *aot_ktype_show(aot_ktype type, char out[32]);
size_t aot_kdtype_bits(aot_dtype dtype);
bool aot_kdtype_is_int(aot_dtype dtype); /* of values: not bool, not index */
bool aot_kdtype_is_float(aot_dtype dtype);
bool aot_kdtype_is_narrow(aot_dtype dtype); /* C computes it as int */

/* linear.c: false: too many terms or an overflow */
bool aot_klinear_add(aot_klinear *to, const aot_klinear *from, int64_t factor);
bool aot_klinear_of(const aot_kernel *kernel, aot_kid id, aot_klinear *out);
/* The same with constant variables replaced by what they stand for. */
bool aot_klinear_expand(const aot_kernel *kernel, const aot_klinear *from, aot_klinear *out);
aot_krange aot_klinear_range(const aot_kernel *kernel, const aot_klinear *linear);
aot_krange aot_kernel_range(const aot_kernel *kernel, aot_kid id);
/* The tightest range known of a - b. */
aot_krange aot_kernel_difference(const aot_kernel *kernel, aot_kid a, aot_kid b);
aot_kid aot_kernel_linear(aot_kernel *kernel, const aot_klinear *linear, aot_error *err);
int64_t aot_k_add(int64_t a, int64_t b); /* saturating at +-AOT_K_FAR */
int64_t aot_k_mul(int64_t a, int64_t b);
/* The element offset of a subscript list into `out`; false where it is no sum. */
bool aot_kernel_offset(const aot_kernel *kernel, const aot_kbuffer *buffer, const aot_kid *at,
                       size_t count, bool flat, aot_klinear *out);

/* fold.c: the folded expression, or 0 with *failed telling an error from "nothing to fold" */
aot_kid aot_kernel_fold_index(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b,
                              bool *failed, aot_error *err);
aot_kid aot_kernel_fold_value(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b,
                              bool *failed, aot_error *err);
aot_kid aot_kernel_fold_cast(aot_kernel *kernel, aot_dtype dtype, const aot_kexpr *a,
                             bool saturate, bool *failed, aot_error *err);

/* expr.c */
bool aot_kernel_check_subscripts(aot_kernel *kernel, aot_kid buffer, const aot_kid *at,
                                 size_t count, int32_t lanes, bool flat, aot_error *err);

/* prove.c, query.c: the parts of aot_kernel_finish */
bool aot_kernel_prove(aot_kernel *kernel, aot_error *err);
void aot_kernel_drop_unused(aot_kernel *kernel);
bool aot_kernel_gather(aot_kernel *kernel, aot_error *err);

/* print_expr.c */
typedef struct aot_kprinter {
    const aot_kernel *kernel;
    aot_text *text;
    bool extensions;
    const char *lane; /* plain vectors: the counter over lanes, while in such a loop */
} aot_kprinter;

void aot_kernel_print_expr(const aot_kprinter *p, aot_kid id);
/* As the right side of a comparison. */
void aot_kernel_print_bound(const aot_kprinter *p, aot_kid id);
/* As a value of the expression's own type where C would have made it an int. */
void aot_kernel_print_value(const aot_kprinter *p, aot_kid id);
/* base + offset or base[offset] */
void aot_kernel_print_element(const aot_kprinter *p, aot_kid buffer, const aot_kid *at,
                              size_t count, bool flat, bool pointer);
const char *aot_kernel_ctype(const aot_kernel *kernel, aot_dtype dtype);

#endif
