/* expr.c - the makers of expressions: types checked, constants folded. */
#include "core/kernel/kernel_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const aot_krange anywhere = { -AOT_K_FAR, AOT_K_FAR };

static bool known(const aot_kernel *kernel, aot_kid id, aot_error *err)
{
    return aot_kernel_expr(kernel, id) ||
           aot_kernel_fail(kernel, err, "there is no expression %u", (unsigned)id);
}

aot_kid aot_kernel_int(aot_kernel *kernel, aot_dtype dtype, int64_t value, aot_error *err)
{
    if (aot_kdtype_is_float(dtype))
        return aot_kernel_float(kernel, dtype, (double)value, err);
    if (dtype == AOT_KINDEX) {
        if (value > AOT_K_FAR || value < -AOT_K_FAR)
            return aot_kernel_fail(kernel, err, "%lld is too large for an index",
                                   (long long)value);
    } else if (dtype != AOT_I64 && dtype != AOT_U64) {
        const bool fits = dtype == AOT_BOOL ? value == 0 || value == 1
                                            : value >= aot_dtype_min(dtype) &&
                                                  value <= (int64_t)aot_dtype_max(dtype);
        if (!fits)
            return aot_kernel_fail(kernel, err, "%lld is not a number of type %s",
                                   (long long)value, aot_dtype_name(dtype));
    }
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_INT,
                                       .type = aot_ktype_scalar(dtype),
                                       .i = value,
                                       .range = { value, value } },
                          err);
}

aot_kid aot_kernel_float(aot_kernel *kernel, aot_dtype dtype, double value, aot_error *err)
{
    if (!aot_kdtype_is_float(dtype))
        return aot_kernel_fail(kernel, err, "%g is not a number of type %s", value,
                               dtype == AOT_KINDEX ? "index" : aot_dtype_name(dtype));
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_FLOAT,
                                       .type = aot_ktype_scalar(dtype),
                                       .f = dtype == AOT_F32 ? (double)(float)value : value },
                          err);
}

aot_kid aot_kernel_unary(aot_kernel *kernel, aot_kop op, aot_kid a, aot_error *err)
{
    if (!known(kernel, a, err))
        return 0;
    const aot_kexpr *e = &kernel->exprs[a];
    const aot_ktype type = e->type;
    char shown[32];
    if (op == AOT_K_NEG && type.dtype == AOT_KINDEX) {
        const aot_kid zero = aot_kernel_int(kernel, AOT_KINDEX, 0, err);
        return zero ? aot_kernel_binary(kernel, AOT_K_SUB, zero, a, err) : 0;
    }
    if (op == AOT_K_NEG && e->op == AOT_K_FLOAT)
        return aot_kernel_float(kernel, type.dtype, -e->f, err);
    if (op == AOT_K_NOT && type.dtype == AOT_BOOL && e->op == AOT_K_INT)
        return aot_kernel_int(kernel, AOT_BOOL, !e->i, err);
    const bool good =
        op == AOT_K_NEG ? (aot_kdtype_is_float(type.dtype) ||
                           (aot_kdtype_is_int(type.dtype) && !aot_kdtype_is_narrow(type.dtype)))
                        : op == AOT_K_NOT &&
                              (type.dtype == AOT_BOOL || (aot_kdtype_is_int(type.dtype) &&
                                                          !aot_kdtype_is_narrow(type.dtype)));
    if (!good)
        return aot_kernel_fail(kernel, err, "%s of %s: cast it first",
                               op == AOT_K_NEG ? "negation" : "complement",
                               aot_ktype_show(type, shown));
    return aot_kernel_add(
        kernel, (aot_kexpr){ .op = op, .type = type, .args = &a, .arg_count = 1 }, err);
}

static const char *op_name(aot_kop op)
{
    static const char *const names[AOT_K_OP_COUNT] = {
        [AOT_K_ADD] = "+",     [AOT_K_SUB] = "-",         [AOT_K_MUL] = "*",
        [AOT_K_DIV] = "/",     [AOT_K_REM] = "%",         [AOT_K_MIN] = "min",
        [AOT_K_MAX] = "max",   [AOT_K_SHL] = "<<",        [AOT_K_SHR] = ">>",
        [AOT_K_AND] = "&",     [AOT_K_OR] = "|",          [AOT_K_XOR] = "^",
        [AOT_K_LT] = "<",      [AOT_K_LE] = "<=",         [AOT_K_GT] = ">",
        [AOT_K_GE] = ">=",     [AOT_K_EQ] = "==",         [AOT_K_NE] = "!=",
        [AOT_K_BOTH] = "both", [AOT_K_EITHER] = "either",
    };
    return names[op];
}

static bool is_comparison(aot_kop op)
{
    return op >= AOT_K_LT && op <= AOT_K_NE;
}

/* Whether `op` takes operands of this type. */
static bool takes(aot_kop op, aot_ktype type)
{
    const aot_dtype dtype = type.dtype;
    if (dtype == AOT_BOOL)
        return op == AOT_K_BOTH || op == AOT_K_EITHER || op == AOT_K_EQ || op == AOT_K_NE;
    if (op == AOT_K_BOTH || op == AOT_K_EITHER)
        return false;
    if (op == AOT_K_MIN || op == AOT_K_MAX || is_comparison(op))
        return true;
    if (op >= AOT_K_ADD && op <= AOT_K_DIV && aot_kdtype_is_float(dtype))
        return true;
    return aot_kdtype_is_int(dtype) && !aot_kdtype_is_narrow(dtype);
}

aot_kid aot_kernel_binary(aot_kernel *kernel, aot_kop op, aot_kid a, aot_kid b, aot_error *err)
{
    if (!known(kernel, a, err) || !known(kernel, b, err))
        return 0;
    if (op < AOT_K_ADD || op > AOT_K_EITHER)
        return aot_kernel_fail(kernel, err, "there is no binary operation %d", (int)op);
    const aot_ktype type = kernel->exprs[a].type, other = kernel->exprs[b].type;
    char left[32], right[32];
    if (!aot_ktype_same(type, other))
        return aot_kernel_fail(kernel, err, "%s of %s and %s: cast one of them", op_name(op),
                               aot_ktype_show(type, left), aot_ktype_show(other, right));
    bool failed = false;
    const bool index = type.dtype == AOT_KINDEX;
    if (!index && !takes(op, type))
        return aot_kernel_fail(kernel, err, "there is no %s of %s: cast its operands first",
                               op_name(op), aot_ktype_show(type, left));
    const aot_kid folded = index ? aot_kernel_fold_index(kernel, op, a, b, &failed, err)
                                 : aot_kernel_fold_value(kernel, op, a, b, &failed, err);
    if (failed || folded)
        return folded;
    aot_kexpr e = { .op = op, .type = type, .arg_count = 2, .range = anywhere };
    if (is_comparison(op)) {
        const bool vector = type.lanes > 1;
        e.type = (aot_ktype){ AOT_BOOL, type.lanes,
                              !vector                  ? 0
                              : type.dtype == AOT_BOOL ? type.width
                                                       : (int32_t)aot_kdtype_bits(type.dtype) };
    } else if (index) {
        const aot_krange x = aot_kernel_range(kernel, a), y = aot_kernel_range(kernel, b);
        if (op == AOT_K_MIN)
            e.range = (aot_krange){ x.low < y.low ? x.low : y.low,
                                    x.high < y.high ? x.high : y.high };
        else if (op == AOT_K_MAX)
            e.range = (aot_krange){ x.low > y.low ? x.low : y.low,
                                    x.high > y.high ? x.high : y.high };
        else if (op == AOT_K_DIV)
            e.range = (aot_krange){ x.low / y.low, x.high / y.low };
        else
            e.range = (aot_krange){ 0, x.high < y.low - 1 ? x.high : y.low - 1 };
    }
    e.args = (aot_kid[]){ a, b };
    return aot_kernel_add(kernel, e, err);
}

aot_kid aot_kernel_select(aot_kernel *kernel, aot_kid condition, aot_kid a, aot_kid b,
                          aot_error *err)
{
    if (!known(kernel, condition, err) || !known(kernel, a, err) || !known(kernel, b, err))
        return 0;
    const aot_kexpr *c = &kernel->exprs[condition];
    const aot_ktype type = kernel->exprs[a].type;
    char left[32], right[32];
    if (!aot_ktype_same(type, kernel->exprs[b].type))
        return aot_kernel_fail(kernel, err, "select between %s and %s: cast one of them",
                               aot_ktype_show(type, left),
                               aot_ktype_show(kernel->exprs[b].type, right));
    if (c->type.dtype != AOT_BOOL || c->type.lanes != type.lanes ||
        (type.lanes > 1 && c->type.width != (int32_t)aot_kdtype_bits(type.dtype)))
        return aot_kernel_fail(
            kernel, err,
            "select between %s by %s: the condition must be bool, and of the "
            "same number and width of lanes",
            aot_ktype_show(type, left), aot_ktype_show(c->type, right));
    if (c->op == AOT_K_INT)
        return c->i ? a : b;
    const aot_krange x = aot_kernel_range(kernel, a), y = aot_kernel_range(kernel, b);
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_SELECT,
                                       .type = type,
                                       .args = (aot_kid[]){ condition, a, b },
                                       .arg_count = 3,
                                       .range = { x.low < y.low ? x.low : y.low,
                                                  x.high > y.high ? x.high : y.high } },
                          err);
}

/* A number of few bits is an index of known range; others must be clamped to one. */
static aot_kid small_index(aot_kernel *kernel, aot_kid a, aot_error *err)
{
    const aot_ktype from = kernel->exprs[a].type;
    if (from.lanes > 1 || !aot_kdtype_is_narrow(from.dtype))
        return aot_kernel_fail(kernel, err,
                               "a number of more than 16 bits becomes an index only through "
                               "index()");
    const aot_krange range = { aot_dtype_min(from.dtype), (int64_t)aot_dtype_max(from.dtype) };
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_CAST,
                                       .type = aot_ktype_scalar(AOT_KINDEX),
                                       .args = &a,
                                       .arg_count = 1,
                                       .range = range },
                          err);
}

aot_kid aot_kernel_cast(aot_kernel *kernel, aot_dtype dtype, aot_kid a, bool saturate,
                        aot_error *err)
{
    if (!known(kernel, a, err))
        return 0;
    const aot_kexpr *e = &kernel->exprs[a];
    const aot_ktype from = e->type;
    char shown[32];
    if (from.dtype == dtype)
        return a;
    if (dtype == AOT_KINDEX)
        return small_index(kernel, a, err);
    if (from.width != 0 || (from.lanes > 1 && dtype == AOT_BOOL))
        return aot_kernel_fail(kernel, err, "%s of lanes is only for select",
                               aot_ktype_show(from, shown));
    if (saturate && from.lanes > 1)
        return aot_kernel_fail(kernel, err,
                               "there is no saturating cast of vectors: do it lane by lane");
    if (dtype == AOT_BOOL) {
        const aot_kid zero = aot_kernel_int(kernel, from.dtype, 0, err);
        return zero ? aot_kernel_binary(kernel, AOT_K_NE, a, zero, err) : 0;
    }
    bool failed = false;
    const aot_kid folded = aot_kernel_fold_cast(kernel, dtype, e, saturate, &failed, err);
    if (failed || folded)
        return folded;
    if (saturate) {
        /* the runtime saturates from i32, i64, u64, f32 and f64; what always fits is converted */
        const bool is_float = aot_kdtype_is_float(from.dtype);
        const bool wide = from.dtype == AOT_KINDEX || from.dtype == AOT_U32;
        const bool small = aot_kdtype_is_narrow(from.dtype);
        if (aot_kdtype_is_float(dtype) || from.dtype == AOT_BOOL)
            saturate = false;
        else if (wide)
            a = aot_kernel_cast(kernel, AOT_I64, a, false, err);
        else if (small)
            a = aot_kernel_cast(kernel, AOT_I32, a, false, err);
        if (!a)
            return 0;
        const aot_dtype now = aot_kernel_type(kernel, a).dtype;
        if (now == dtype)
            return a;
        if (!is_float && now == AOT_I32 && dtype == AOT_I64)
            saturate = false;
    }
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = saturate ? AOT_K_SAT_CAST : AOT_K_CAST,
                                       .type = { dtype, from.lanes, 0 },
                                       .args = &a,
                                       .arg_count = 1,
                                       .range = anywhere },
                          err);
}

/* runtime/aotrt_vector.h has vectors of 4 to 64 bytes with a power of two of lanes. */
static bool check_lanes(aot_kernel *kernel, aot_dtype dtype, int32_t lanes, aot_error *err)
{
    const int64_t bytes = (int64_t)aot_kdtype_bits(dtype) / 8 * lanes;
    if (dtype == AOT_KINDEX || dtype == AOT_BOOL || lanes < 2 || (lanes & (lanes - 1)) != 0 ||
        bytes < 4 || bytes > 64)
        return aot_kernel_fail(kernel, err,
                               "there are no vectors of %d lanes of %s: a power of two of "
                               "numbers, 4 to 64 bytes in all",
                               (int)lanes,
                               dtype == AOT_KINDEX ? "index" : aot_dtype_name(dtype));
    return true;
}

aot_kid aot_kernel_call(aot_kernel *kernel, const char *function, const char *header,
                        aot_ktype type, const aot_kid *args, size_t count, aot_error *err)
{
    if (type.dtype == AOT_KINDEX || type.lanes < 1 || type.width != 0)
        return aot_kernel_fail(kernel, err, "%s(): a call gives a number", function);
    if (type.lanes > 1 && !check_lanes(kernel, type.dtype, type.lanes, err))
        return 0;
    if (count > AOT_K_MAX_ARGS)
        return aot_kernel_fail(kernel, err, "%s() has %zu arguments, %d are the most", function,
                               count, AOT_K_MAX_ARGS);
    for (size_t i = 0; i < count; ++i)
        if (!known(kernel, args[i], err))
            return 0;
    char *name = aot_arena_copy(kernel->arena, function, strlen(function), err);
    char *from = header ? aot_arena_copy(kernel->arena, header, strlen(header), err) : NULL;
    if (!name || (header && !from))
        return 0;
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_CALL,
                                       .type = type,
                                       .args = args,
                                       .arg_count = (uint32_t)count,
                                       .name = name,
                                       .header = from,
                                       .range = anywhere },
                          err);
}

aot_kid aot_kernel_fma(aot_kernel *kernel, aot_kid a, aot_kid b, aot_kid c, aot_error *err)
{
    if (!known(kernel, a, err) || !known(kernel, b, err) || !known(kernel, c, err))
        return 0;
    const aot_ktype type = kernel->exprs[a].type;
    if (!aot_kdtype_is_float(type.dtype) || !aot_ktype_same(type, kernel->exprs[b].type) ||
        !aot_ktype_same(type, kernel->exprs[c].type))
        return aot_kernel_fail(kernel, err, "fma takes three floats of one type");
    return aot_kernel_add(
        kernel,
        (aot_kexpr){
            .op = AOT_K_FMA, .type = type, .args = (aot_kid[]){ a, b, c }, .arg_count = 3 },
        err);
}

aot_kid aot_kernel_splat(aot_kernel *kernel, int32_t lanes, aot_kid a, aot_error *err)
{
    if (!known(kernel, a, err))
        return 0;
    const aot_ktype type = kernel->exprs[a].type;
    if (type.lanes != 1)
        return aot_kernel_fail(kernel, err, "splat takes one number");
    if (!check_lanes(kernel, type.dtype, lanes, err))
        return 0;
    return aot_kernel_add(
        kernel,
        (aot_kexpr){
            .op = AOT_K_SPLAT, .type = { type.dtype, lanes, 0 }, .args = &a, .arg_count = 1 },
        err);
}

aot_kid aot_kernel_lane(aot_kernel *kernel, aot_kid vector, aot_kid at, aot_error *err)
{
    if (!known(kernel, vector, err) || !known(kernel, at, err))
        return 0;
    const aot_kexpr *e = &kernel->exprs[vector];
    const aot_krange range = aot_kernel_range(kernel, at);
    if (e->op != AOT_K_VAR || e->type.lanes < 2 || kernel->exprs[at].type.dtype != AOT_KINDEX)
        return aot_kernel_fail(kernel, err,
                               "a lane is of a vector variable and numbered by an index");
    if (range.low < 0 || range.high >= e->type.lanes)
        return aot_kernel_fail(kernel, err, "lane %lld .. %lld of a vector of %d",
                               (long long)range.low, (long long)range.high, (int)e->type.lanes);
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_LANE,
                                       .type = aot_ktype_scalar(e->type.dtype),
                                       .args = (aot_kid[]){ vector, at },
                                       .arg_count = 2,
                                       .range = anywhere },
                          err);
}

bool aot_kernel_check_subscripts(aot_kernel *kernel, aot_kid buffer, const aot_kid *at,
                                 size_t count, int32_t lanes, bool flat, aot_error *err)
{
    if (buffer == 0 || buffer >= kernel->buffer_count)
        return aot_kernel_fail(kernel, err, "there is no buffer %u", (unsigned)buffer);
    const aot_kbuffer *b = &kernel->buffers[buffer];
    const size_t want = flat ? 1 : (size_t)b->rank;
    if (count != want)
        return aot_kernel_fail(kernel, err, "%s has %d dimensions, %zu subscripts were given",
                               b->name, (int)b->rank, count);
    for (size_t i = 0; i < count; ++i) {
        if (!known(kernel, at[i], err))
            return false;
        if (kernel->exprs[at[i]].type.dtype != AOT_KINDEX)
            return aot_kernel_fail(kernel, err,
                                   "subscript %zu of %s is a number of the data: it becomes an "
                                   "index through index()",
                                   i + 1, b->name);
    }
    if (lanes == 1)
        return true;
    if (count == 0)
        return aot_kernel_fail(kernel, err, "%s has no dimension for lanes", b->name);
    return check_lanes(kernel, b->dtype, lanes, err);
}

aot_kid aot_kernel_load(aot_kernel *kernel, aot_kid buffer, const aot_kid *at, size_t count,
                        int32_t lanes, bool flat, aot_error *err)
{
    if (!aot_kernel_check_subscripts(kernel, buffer, at, count, lanes, flat, err))
        return 0;
    return aot_kernel_add(kernel,
                          (aot_kexpr){ .op = AOT_K_LOAD,
                                       .type = { kernel->buffers[buffer].dtype, lanes, 0 },
                                       .args = at,
                                       .arg_count = (uint32_t)count,
                                       .ref = buffer,
                                       .flat = flat,
                                       .range = anywhere },
                          err);
}
