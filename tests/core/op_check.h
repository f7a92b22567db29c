/* op_check.h - applies one op to literal tensors and compares the result with literal numbers. */
#ifndef AOT_TESTS_OP_CHECK_H
#define AOT_TESTS_OP_CHECK_H

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "core/op/op.h"
#include "tests/core/check.h"

#define OP_CHECK_BLOCKS 4096

/* What a test makes lives until op_check_done. */
static aot_arena *op_arena;
static aot_block *op_blocks[OP_CHECK_BLOCKS];
static size_t op_block_count;
static const aot_module *op_module;
static aot_error op_error;

#define COUNT_OF(type, ...) (sizeof((type[]){ __VA_ARGS__ }) / sizeof(type))
#define SHAPE(...)          (const int32_t[]){ __VA_ARGS__ }, (int32_t)COUNT_OF(int32_t, __VA_ARGS__)
#define SCALAR              NULL, 0
#define VALUES(...)         (const double[]){ __VA_ARGS__ }, COUNT_OF(double, __VA_ARGS__)
#define NOTHING             NULL, 0

static inline aot_type shaped(aot_dtype dtype, const int32_t *dims, int32_t rank)
{
    return aot_type_make(dtype, rank, dims);
}

static inline aot_type quantized(aot_type type, double scale, int64_t zero)
{
    type.quant =
        (aot_quant){ .present = true, .axis = -1, .scale = (float)scale, .zero = zero };
    return type;
}

static inline aot_tensor op_keep(aot_tensor tensor)
{
    CHECK(op_block_count < OP_CHECK_BLOCKS);
    op_blocks[op_block_count++] = tensor.block;
    return tensor;
}

/* A tensor of the type; one value fills it all. */
static inline aot_tensor typed(aot_type type, const double *values, size_t count)
{
    aot_tensor tensor;
    CHECK(aot_tensor_new(&type, &tensor, &op_error));
    size_t size = aot_tensor_count(&tensor);
    CHECK(count == size || count == 1);
    for (size_t i = 0; i < size; i++) {
        aot_store_f64(&tensor, i, values[count == 1 ? 0 : i]);
    }
    return op_keep(tensor);
}

static inline aot_tensor tensor_of(aot_dtype dtype, const int32_t *dims, int32_t rank,
                                   const double *values, size_t count)
{
    return typed(shaped(dtype, dims, rank), values, count);
}

/* Attributes: attrs(count, field, ...). */
static inline aot_field int_field(const char *name, int64_t value)
{
    return (aot_field){ name, { .kind = AOT_ATTR_INT, .i = value } };
}

static inline aot_field float_field(const char *name, double value)
{
    return (aot_field){ name, { .kind = AOT_ATTR_FLOAT, .f = value } };
}

static inline aot_field bool_field(const char *name, bool value)
{
    return (aot_field){ name, { .kind = AOT_ATTR_BOOL, .i = value } };
}

static inline aot_field word_field(const char *name, const char *word)
{
    return (aot_field){
        name, { .kind = AOT_ATTR_STRING, .string = word, .length = (uint32_t)strlen(word) }
    };
}

static inline aot_field list_field(const char *name, const int32_t *values, int32_t count)
{
    aot_attr *items = aot_arena_array(op_arena, (size_t)count, sizeof *items, &op_error);
    for (int32_t i = 0; i < count; i++) {
        items[i] = (aot_attr){ .kind = AOT_ATTR_INT, .i = values[i] };
    }
    return (aot_field){ name,
                        { .kind = AOT_ATTR_LIST, .length = (uint32_t)count, .items = items } };
}

#define LIST(name, ...) list_field(name, SHAPE(__VA_ARGS__))

static inline const aot_attr *attrs(int count, ...)
{
    aot_field *fields = aot_arena_array(op_arena, (size_t)count, sizeof *fields, &op_error);
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        fields[i] = va_arg(list, aot_field);
    }
    va_end(list);
    aot_attr *copy = aot_arena_alloc(op_arena, sizeof *copy, &op_error);
    aot_attr dict = { .kind = AOT_ATTR_DICT, .length = (uint32_t)count, .fields = fields };
    aot_shared shared = { .arena = op_arena };
    CHECK(aot_attr_copy(&shared, &dict, copy, &op_error));
    return copy;
}

/* The operands of an application: operands(count, &a, NULL, &b). */
typedef struct op_operands {
    size_t count;
    const aot_tensor *inputs[8];
    const aot_type *types[8];
} op_operands;

static inline op_operands operands(int count, ...)
{
    op_operands result = { .count = (size_t)count };
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        result.inputs[i] = va_arg(list, const aot_tensor *);
        result.types[i] = result.inputs[i] == NULL ? NULL : &result.inputs[i]->type;
    }
    va_end(list);
    return result;
}

/* Infers and evaluates. False, op_error filled, where the op refuses. */
static inline bool apply(aot_op op, const op_operands *on, const aot_attr *attributes,
                         const aot_type *declared, aot_tensor *out)
{
    memset(&op_error, 0, sizeof op_error);
    const aot_apply application = {
        .module = op_module,
        .op = op,
        .input_count = on->count,
        .types = on->types,
        .inputs = on->inputs,
        .attrs = attributes,
        .declared = declared,
    };
    aot_type type;
    if (!aot_infer(&application, &type, &op_error) || !aot_tensor_new(&type, out, &op_error)) {
        return false;
    }
    op_keep(*out);
    return aot_eval(&application, out, &op_error);
}

/* Does the op give these numbers? Says what it gave if not. */
static inline bool gives(aot_op op, op_operands on, const aot_attr *attributes,
                         const aot_type *declared, const int32_t *dims, int32_t rank,
                         const double *values, size_t count)
{
    aot_tensor out;
    if (!apply(op, &on, attributes, declared, &out)) {
        fprintf(stderr, "refused: %s\n", op_error.message);
        return false;
    }
    bool same = out.type.rank == rank && aot_tensor_count(&out) == count;
    for (int32_t axis = 0; same && axis < rank; axis++) {
        same = out.type.dims[axis] == dims[axis];
    }
    for (size_t i = 0; same && i < count; i++) {
        double value = aot_load_f64(&out, i);
        same = value == values[i] || (isnan(value) && isnan(values[i]));
        if (!same) {
            fprintf(stderr, "element %zu is %.9g, not %.9g\n", i, value, values[i]);
        }
    }
    return same;
}

/* Does the op refuse, with these words in the message? */
static inline bool refuses(aot_op op, op_operands on, const aot_attr *attributes,
                           const aot_type *declared, const char *words)
{
    aot_tensor out;
    if (apply(op, &on, attributes, declared, &out)) {
        fprintf(stderr, "not refused\n");
        return false;
    }
    if (op_error.kind != AOT_ERROR_INPUT || strstr(op_error.message, words) == NULL) {
        fprintf(stderr, "message: %s\n", op_error.message);
        return false;
    }
    return true;
}

static inline void op_check_start(void)
{
    op_arena = aot_arena_new(0);
}

static inline int op_check_done(void)
{
    for (size_t i = 0; i < op_block_count; i++) {
        aot_block_release(op_blocks[i]);
    }
    aot_arena_free(op_arena);
    return check_done();
}

#endif
