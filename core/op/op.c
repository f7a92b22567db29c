/* op.c - the table of infer and eval functions, and the checks that all ops share. */
#include "core/op/op_internal.h"

typedef bool (*infer_function)(const aot_apply *apply, aot_type *out, aot_error *err);
typedef bool (*eval_function)(const aot_apply *apply, aot_tensor *out, aot_error *err);

/* Control ops have no meaning of their own: graphs give it to them. */
static bool refuse_control(aot_error *err)
{
    return aot_fail(err, AOT_ERROR_INTERNAL, "only a graph gives this its meaning");
}

#define CONTROL(name)                                                                         \
    bool aot_infer_##name(const aot_apply *apply, aot_type *out, aot_error *err)              \
    {                                                                                         \
        (void)apply, (void)out;                                                               \
        return refuse_control(err);                                                           \
    }                                                                                         \
    bool aot_eval_##name(const aot_apply *apply, aot_tensor *out, aot_error *err)             \
    {                                                                                         \
        (void)apply, (void)out;                                                               \
        return refuse_control(err);                                                           \
    }
CONTROL(call)
CONTROL(return)

static const infer_function infer_table[AOT_OP_COUNT] = {
#define AOT_OP(name, low, high, outputs, flags) aot_infer_##name,
#include "core/ir/ops.def"
#undef AOT_OP
};

static const eval_function eval_table[AOT_OP_COUNT] = {
#define AOT_OP(name, low, high, outputs, flags) aot_eval_##name,
#include "core/ir/ops.def"
#undef AOT_OP
};

static bool check_operands(const aot_apply *apply, const aot_op_info *info, aot_error *err)
{
    size_t low = (size_t)info->low;
    if (apply->input_count < low ||
        (info->high >= 0 && apply->input_count > (size_t)info->high)) {
        return aot_fail(err, AOT_ERROR_INPUT, "%zu operands, it takes %s%d", apply->input_count,
                        info->low == info->high ? "" : info->high < 0 ? "at least " : "up to ",
                        info->high < 0 ? info->low : info->high);
    }
    for (size_t i = 0; i < apply->input_count; i++) {
        if (apply->types[i] == NULL) {
            if (i < low || info->high < 0) {
                return aot_fail(err, AOT_ERROR_INPUT, "operand %zu must not be absent", i + 1);
            }
        } else if (!aot_check_type(apply->module, apply->types[i], err)) {
            return aot_error_context(err, "operand %zu", i + 1);
        }
    }
    return true;
}

static bool infer(const aot_apply *apply, const aot_op_info *info, aot_type *out, aot_error *err)
{
    if (!check_operands(apply, info, err) || !infer_table[apply->op](apply, out, err)) {
        return false;
    }
    if (apply->declared != NULL) {
        out->quant = apply->declared->quant;
    }
    return aot_check_type(apply->module, out, err) || aot_error_context(err, "the result");
}

bool aot_infer(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_op_info *info = aot_op_get(apply->op);
    aot_type type;
    if (!infer(apply, info, &type, err)) {
        return aot_error_context(err, "%s", info->name);
    }
    *out = type;
    return true;
}

/* The tensors must be what the types say, or loads would leave their blocks. */
static bool check_tensors(const aot_apply *apply, const aot_tensor *out, aot_error *err)
{
    for (size_t i = 0; i < apply->input_count; i++) {
        const aot_tensor *tensor = apply->inputs[i];
        const aot_type *type = apply->types[i];
        if ((tensor == NULL) != (type == NULL) ||
            (tensor != NULL && (tensor->block == NULL || tensor->type.dtype != type->dtype ||
                                !aot_type_same_shape(&tensor->type, type)))) {
            return aot_fail(err, AOT_ERROR_INTERNAL, "operand %zu is not of its type", i + 1);
        }
    }
    aot_apply declared = *apply;
    declared.declared = &out->type;
    aot_type expected;
    if (!infer(&declared, aot_op_get(apply->op), &expected, err)) {
        return false;
    }
    if (!aot_type_equal(&expected, &out->type)) {
        char left[128], right[128];
        return aot_fail(err, AOT_ERROR_INPUT, "the result is %s, not %s",
                        aot_type_show(&expected, left, sizeof left),
                        aot_type_show(&out->type, right, sizeof right));
    }
    return true;
}

bool aot_eval(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    bool done = check_tensors(apply, out, err) &&
                (aot_tensor_count(out) == 0 || eval_table[apply->op](apply, out, err));
    return done || aot_error_context(err, "%s", aot_op_get(apply->op)->name);
}
