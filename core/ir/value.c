/* value.c - values: checks of their types and places, constants and states, replacement. */
#include "core/ir/graph_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

aot_label aot_name_label(char sigil, const char *name)
{
    aot_label label = { { sigil } };
    size_t at = 1, most = sizeof label.text - 4;
    for (; *name && at < most; name++)
        label.text[at++] = *name >= 0x20 && *name <= 0x7e ? *name : '?';
    if (*name)
        memcpy(label.text + at, "...", 4);
    return label;
}

aot_label aot_value_label(const aot_module *module, aot_id value)
{
    const aot_value_record *record = aot_value_get(module, value);
    if (!record)
        return (aot_label){ "_" };
    return aot_name_label(record->value.kind == AOT_VALUE_CONST ? '$' : '%',
                          record->value.name);
}

/* Is `id` a constant of `count` elements of `dtype`, and of a lower id than `before`? */
static bool check_parameter(const aot_module *module, aot_id id, aot_dtype dtype, int32_t count,
                            const char *what, aot_id before, aot_error *err)
{
    const aot_value_record *record = aot_value_need(module, id, err);
    if (!record)
        return false;
    const aot_value *value = &record->value;
    const aot_type *type = value->type;
    aot_label label = aot_value_label(module, id);
    char shape[128];
    if (value->kind != AOT_VALUE_CONST)
        return aot_fail(err, AOT_ERROR_INPUT, "the %s of a type must be a constant, %s is none",
                        what, label.text);
    if (type->dtype != dtype || type->rank != 1 || type->dims[0] != count ||
        type->quant.present)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the %s of a type, %s, must be %s[%d], they are %s", what, label.text,
                        aot_dtype_name(dtype), (int)count,
                        aot_type_show(type, shape, sizeof shape));
    if (before && id >= before)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the %s of a constant's type, %s, must be made before the constant",
                        what, label.text);
    return true;
}

bool aot_type_check(const aot_module *module, const aot_type *type, aot_id before,
                    aot_error *err)
{
    size_t bytes;
    if (!aot_type_bytes(type, &bytes, err))
        return false;
    const aot_quant *quant = &type->quant;
    if (!quant->present)
        return true;
    if (aot_dtype_class(type->dtype) == AOT_CLASS_FLOAT)
        return aot_fail(err, AOT_ERROR_INPUT, "%s values have no quantization",
                        aot_dtype_name(type->dtype));
    if (quant->zero < aot_dtype_min(type->dtype) ||
        (quant->zero > 0 && (uint64_t)quant->zero > aot_dtype_max(type->dtype)))
        return aot_fail(err, AOT_ERROR_INPUT, "zero point %lld does not fit %s",
                        (long long)quant->zero, aot_dtype_name(type->dtype));
    if (!quant->scales) {
        if (quant->zeros || quant->axis != -1)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "a quantization with zeros or an axis needs scales, too");
        if (!isfinite(quant->scale) || quant->scale <= 0)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "a scale is %g, it must be positive and finite",
                            (double)quant->scale);
        return true;
    }
    if (quant->axis < 0 || quant->axis >= type->rank)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "the quantization has axis %d, the shape has %d dimensions",
                        (int)quant->axis, (int)type->rank);
    int32_t count = type->dims[quant->axis];
    return check_parameter(module, quant->scales, AOT_F32, count, "scales", before, err) &&
           (!quant->zeros ||
            check_parameter(module, quant->zeros, AOT_I64, count, "zeros", before, err));
}

aot_stored_record *aot_stored_get(const aot_value_record *value)
{
    return (aot_stored_record *)value->value.stored;
}

const aot_type *aot_type_share(aot_module *module, const aot_type *type, aot_error *err)
{
    aot_type bare; /* what lies between the fields is compared, too */
    memset(&bare, 0, sizeof bare);
    bare.dtype = type->dtype;
    bare.rank = type->rank;
    memcpy(bare.dims, type->dims, sizeof bare.dims);
    bare.quant.present = type->quant.present;
    bare.quant.axis = type->quant.axis;
    bare.quant.scale = type->quant.scale;
    bare.quant.zero = type->quant.zero;
    bare.quant.scales = type->quant.scales;
    bare.quant.zeros = type->quant.zeros;
    return aot_share(&module->shared, &bare, sizeof bare, err);
}

static uint32_t pins_of(const aot_value_record *value)
{
    const aot_stored_record *stored = aot_stored_get(value);
    return stored ? stored->pins : 0;
}

static void pin(aot_module *module, aot_id id, bool more)
{
    aot_value_record *record = aot_value_get(module, id);
    if (record)
        aot_stored_get(record)->pins += more ? 1 : (uint32_t)-1;
}

static void pin_type(aot_module *module, const aot_type *type, bool more)
{
    if (type->quant.present) {
        pin(module, type->quant.scales, more);
        pin(module, type->quant.zeros, more);
    }
}

void aot_value_register(aot_module *module, aot_value_record *value, aot_named *named)
{
    value->value.id = (aot_id)module->value_count;
    value->value.name = named->name;
    value->named = named;
    named->owner = value->value.id;
    module->values[module->value_count++] = value;
    pin_type(module, value->value.type, true);
    if (value->value.stored && value->value.stored->has_expression)
        pin(module, value->value.stored->source, true);
}

void aot_value_unregister(aot_module *module, aot_value_record *value)
{
    aot_stored_record *stored = aot_stored_get(value);
    module->values[value->value.id] = NULL;
    aot_names_release(&module->names, value->named);
    pin_type(module, value->value.type, false);
    if (stored) {
        if (stored->stored.has_expression)
            pin(module, stored->stored.source, false);
        aot_block_release(stored->stored.data.block);
        aot_attr_drop(&module->shared, &stored->stored.attrs);
        aot_arena_release(module->arena, stored, sizeof *stored);
    }
    aot_arena_release(module->arena, value, sizeof *value);
}

void aot_value_retype(aot_module *module, aot_value_record *value, const aot_type *type)
{
    pin_type(module, type, true);
    pin_type(module, value->value.type, false);
    value->value.type = type;
    if (value->value.stored && value->value.stored->data.block)
        value->value.stored->data.type = *type;
}

bool aot_value_visible(const aot_module *module, const aot_value_record *value,
                       const aot_graph_record *graph, uint64_t order, aot_error *err)
{
    const aot_value *v = &value->value;
    if (v->kind == AOT_VALUE_CONST)
        return true;
    const char *reason = NULL, *other = "";
    if (v->kind == AOT_VALUE_STATE) {
        if (!aot_module_is_main(graph))
            reason = "is a state, which can be used in @main only";
    } else if (v->graph != graph->graph.id) {
        const aot_graph_record *home = aot_graph_get(module, v->graph);
        reason = "belongs to @";
        other = home ? home->graph.name : "?";
    } else {
        const aot_node_record *node = aot_node_get(module, v->node);
        if (node && node->node.order >= order)
            reason = "would be used before it is computed";
    }
    if (!reason)
        return true;
    return aot_fail(err, AOT_ERROR_INPUT, "%s: %s %s%s",
                    aot_name_label('@', graph->graph.name).text,
                    aot_value_label(module, v->id).text, reason,
                    *other ? aot_name_label('@', other).text + 1 : "");
}

/* A record of a constant or state in the module's list, with room for its id. */
static aot_value_record *make_global(aot_module *module, aot_id_list *list,
                                     const aot_type *type, aot_error *err)
{
    void *ids = list->ids;
    const aot_type *shared = NULL;
    if (!aot_type_check(module, type, 0, err) || !aot_module_reserve(module, 1, 0, err) ||
        !(shared = aot_type_share(module, type, err)) ||
        !aot_arena_grow(module->arena, &ids, &list->capacity, list->count + 1, sizeof(aot_id),
                        err))
        return NULL;
    list->ids = ids;
    aot_value_record *record = aot_arena_alloc(module->arena, sizeof *record, err);
    aot_stored_record *stored =
        record ? aot_arena_alloc(module->arena, sizeof *stored, err) : NULL;
    if (!stored)
        return NULL;
    record->value.type = shared;
    record->value.stored = &stored->stored;
    stored->stored.attrs.kind = AOT_ATTR_DICT;
    return record;
}

static aot_id add_global(aot_module *module, aot_id_list *list, aot_value_record *record,
                         const char *name, aot_error *err)
{
    bool state = record->value.kind == AOT_VALUE_STATE;
    aot_named *named = aot_names_claim(&module->names, state ? AOT_SCOPE_MAIN : AOT_SCOPE_CONST,
                                       name, state ? "state" : "const", err);
    if (!named)
        return 0;
    aot_value_register(module, record, named);
    list->ids[list->count++] = record->value.id;
    return record->value.id;
}

/* Does the tensor hold exactly what the type says? */
static bool check_data(const aot_type *type, const aot_tensor *tensor, aot_error *err)
{
    size_t bytes;
    char wanted[128], given[128];
    if (!tensor || !tensor->block)
        return aot_fail(err, AOT_ERROR_INPUT, "a constant or state needs data");
    if (!aot_type_same_data(type, &tensor->type))
        return aot_fail(err, AOT_ERROR_INPUT, "the data is %s, the type says %s",
                        aot_type_show(&tensor->type, given, sizeof given),
                        aot_type_show(type, wanted, sizeof wanted));
    if (!aot_type_bytes(type, &bytes, err))
        return false;
    size_t size = aot_block_size(tensor->block);
    if (tensor->offset > size || bytes > size - tensor->offset)
        return aot_fail(err, AOT_ERROR_INPUT, "%zu bytes at %zu lie beyond the end of %zu",
                        bytes, tensor->offset, size);
    return true;
}

static void set_data(aot_value_record *record, const aot_tensor *tensor)
{
    aot_tensor *data = &record->value.stored->data;
    aot_block *old = data->block;
    *data = *tensor;
    data->type = *record->value.type;
    (void)aot_block_retain(tensor->block);
    aot_block_release(old);
}

static aot_id add_with_data(aot_module *module, aot_value_kind kind, const char *name,
                            const aot_type *type, const aot_tensor *tensor, aot_error *err)
{
    aot_id_list *list = kind == AOT_VALUE_STATE ? module->states : module->consts;
    if (!check_data(type, tensor, err))
        return 0;
    aot_value_record *record = make_global(module, list, type, err);
    if (!record)
        return 0;
    record->value.kind = kind;
    aot_id id = add_global(module, list, record, name, err);
    if (id)
        set_data(record, tensor);
    return id;
}

aot_id aot_module_const(aot_module *module, const char *name, const aot_type *type,
                        const aot_tensor *tensor, aot_error *err)
{
    return add_with_data(module, AOT_VALUE_CONST, name, type, tensor, err);
}

aot_id aot_module_state(aot_module *module, const char *name, const aot_type *type,
                        const aot_tensor *initial, aot_error *err)
{
    return add_with_data(module, AOT_VALUE_STATE, name, type, initial, err);
}

aot_id aot_module_const_expression(aot_module *module, const char *name, const aot_type *type,
                                   aot_op op, aot_id source, const aot_attr *attrs,
                                   aot_error *err)
{
    const aot_op_info *info = aot_op_get(op);
    const aot_value_record *from = aot_value_need(module, source, err);
    if (!from)
        return 0;
    if (!info || info->flags & AOT_OP_CONTROL || info->outputs != 1 || info->low > 1) {
        aot_fail(err, AOT_ERROR_INPUT, "%s is no operation on one constant",
                 info ? info->name : "?");
        return 0;
    }
    if (from->value.kind != AOT_VALUE_CONST) {
        aot_fail(err, AOT_ERROR_INPUT, "%s of %s: the operand must be a constant", info->name,
                 aot_value_label(module, source).text);
        return 0;
    }
    if (attrs && attrs->kind != AOT_ATTR_DICT) {
        aot_fail(err, AOT_ERROR_INPUT, "%s: the attributes must be a dict", info->name);
        return 0;
    }
    aot_value_record *record = make_global(module, module->consts, type, err);
    if (!record ||
        (attrs && !aot_attr_copy(&module->shared, attrs, &record->value.stored->attrs, err)))
        return 0;
    record->value.kind = AOT_VALUE_CONST;
    record->value.stored->has_expression = true;
    record->value.stored->expression = op;
    record->value.stored->source = source;
    return add_global(module, module->consts, record, name, err);
}

bool aot_module_materialized(aot_module *module, aot_id constant, const aot_tensor *tensor,
                             aot_error *err)
{
    aot_value_record *record = aot_value_need(module, constant, err);
    if (!record)
        return false;
    if (!record->value.stored || !record->value.stored->has_expression)
        return aot_fail(err, AOT_ERROR_INPUT, "%s is no expression",
                        aot_value_label(module, constant).text);
    if (!check_data(record->value.type, tensor, err))
        return false;
    set_data(record, tensor);
    return true;
}

bool aot_module_remove_const(aot_module *module, aot_id constant, aot_error *err)
{
    aot_value_record *record = aot_value_need(module, constant, err);
    if (!record)
        return false;
    aot_label label = aot_value_label(module, constant);
    if (record->value.kind != AOT_VALUE_CONST)
        return aot_fail(err, AOT_ERROR_INPUT, "%s is no constant", label.text);
    uint32_t pins = pins_of(record);
    if (record->value.use_count || pins)
        return aot_fail(
            err, AOT_ERROR_INPUT, "%s is used by %lu operands and by %lu types and expressions",
            label.text, (unsigned long)record->value.use_count, (unsigned long)pins);
    aot_value_unregister(module, record);
    module->consts->removed++;
    return true;
}

bool aot_value_set_type(aot_module *module, aot_id value, const aot_type *type, aot_error *err)
{
    aot_value_record *record = aot_value_need(module, value, err);
    if (!record)
        return false;
    bool constant = record->value.kind == AOT_VALUE_CONST;
    aot_label label = aot_value_label(module, value);
    if (!aot_type_check(module, type, constant ? value : 0, err))
        return aot_error_context(err, "%s", label.text);
    const aot_type *old = record->value.type;
    bool same = aot_type_same_data(old, type);
    bool pinned = pins_of(record) > 0;
    bool filled = record->value.stored && record->value.stored->data.block;
    char is[128], wanted[128];
    if (!same && (filled || pinned))
        return aot_fail(err, AOT_ERROR_INPUT, "%s %s %s, it cannot become %s", label.text,
                        pinned ? "is used by types or expressions as" : "holds data of type",
                        aot_type_show(old, is, sizeof is),
                        aot_type_show(type, wanted, sizeof wanted));
    if (type->quant.present && !old->quant.present && pinned)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "%s is used by types or expressions, it cannot become quantized",
                        label.text);
    const aot_type *shared = aot_type_share(module, type, err);
    if (shared)
        aot_value_retype(module, record, shared);
    return shared != NULL;
}

bool aot_value_rename(aot_module *module, aot_id value, const char *name, aot_error *err)
{
    aot_value_record *record = aot_value_need(module, value, err);
    if (!record || strcmp(record->value.name, name) == 0)
        return record != NULL;
    aot_named *named =
        aot_names_claim(&module->names, record->named->scope, name, record->value.name, err);
    if (!named)
        return false;
    aot_names_release(&module->names, record->named);
    named->owner = value;
    record->named = named;
    record->value.name = named->name;
    return true;
}

bool aot_value_replace(aot_module *module, aot_id old, aot_id by, aot_error *err)
{
    aot_value_record *from = aot_value_need(module, old, err);
    aot_value_record *to = aot_value_need(module, by, err);
    if (!from || !to || from == to)
        return from && to;
    for (const aot_use *use = from->value.uses; use; use = use->next) {
        const aot_node_record *user = aot_node_get(module, use->node);
        const aot_graph_record *graph = aot_graph_get(module, user->node.graph);
        if (!aot_value_visible(module, to, graph, user->node.order, err))
            return false;
    }
    while (from->value.uses)
        aot_use_redirect(module, from->value.uses, by);
    return true;
}
