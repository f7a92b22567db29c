/* print.c - the module as canonical IR text (grammar: core/README.md). */
#include "core/ir/graph_internal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/ir/name.h"

enum { MOST_DENSE = 16, BLOB_ALIGNMENT = 64 };

static bool has_nan(const aot_tensor *tensor, size_t count)
{
    if (aot_dtype_class(tensor->type.dtype) == AOT_CLASS_FLOAT)
        for (size_t i = 0; i < count; i++)
            if (isnan(aot_load_f64(tensor, i)))
                return true;
    return false;
}

/* Are all elements the same bits, and no NaN, whose bits a number would not show? */
static bool is_splat(const aot_tensor *tensor, size_t count)
{
    if (count == 0 || has_nan(tensor, 1))
        return false;
    const uint8_t *bytes = aot_tensor_bytes(tensor);
    size_t width = aot_dtype_bits(tensor->type.dtype) / 8;
    if (width)
        return memcmp(bytes, bytes + width, (count - 1) * width) == 0;
    for (size_t i = 1; i < count; i++)
        if (aot_load_i64(tensor, i) != aot_load_i64(tensor, 0))
            return false;
    return true;
}

static bool goes_to_blob(const aot_value *value)
{
    size_t count;
    return !value->stored->has_expression && value->stored->data.block &&
           aot_type_count(value->type, &count, NULL) && count > MOST_DENSE &&
           !is_splat(&value->stored->data, count);
}

/* Takes the value's bytes from *end on; returns where they start. */
static size_t place_blob(const aot_value *value, size_t *end)
{
    size_t bytes = 0, start = (*end + BLOB_ALIGNMENT - 1) / BLOB_ALIGNMENT * BLOB_ALIGNMENT;
    (void)aot_type_bytes(value->type, &bytes, NULL);
    *end = start + bytes;
    return start;
}

bool aot_module_blobs(const aot_module *module, aot_arena *arena, aot_id **ids,
                      size_t **offsets, size_t *count, size_t *total, aot_error *err)
{
    size_t const_count, state_count, all;
    const aot_id *consts = aot_module_consts(module, &const_count);
    const aot_id *states = aot_module_states(module, &state_count);
    if (!aot_add(const_count, state_count, &all))
        return aot_fail(err, AOT_ERROR_MEMORY, "the module has too much data");
    aot_id *found = aot_arena_array(arena, all, sizeof *found, err);
    size_t *places = found ? aot_arena_array(arena, all, sizeof *places, err) : NULL;
    if (!places)
        return false;
    size_t end = 0, at = 0;
    for (size_t i = 0; i < all; i++) {
        aot_id id = i < const_count ? consts[i] : states[i - const_count];
        const aot_value *value = aot_module_value(module, id);
        if (!goes_to_blob(value))
            continue;
        found[at] = id;
        places[at++] = place_blob(value, &end);
    }
    *ids = found;
    *offsets = places;
    *count = at;
    *total = end;
    return true;
}

static void print_name(char sigil, const char *name, aot_text *text)
{
    aot_text_add_bytes(text, &sigil, 1);
    aot_name_print(name, text);
}

static void print_value(const aot_module *module, aot_id id, aot_text *text)
{
    const aot_value *value = aot_module_value(module, id);
    if (value)
        print_name(value->kind == AOT_VALUE_CONST ? '$' : '%', value->name, text);
    else
        aot_text_add(text, "_");
}

static void print_type(const aot_module *module, const aot_type *type, aot_text *text)
{
    const aot_quant *quant = &type->quant;
    aot_text_addf(text, "%s[", aot_dtype_name(type->dtype));
    for (int32_t i = 0; i < type->rank; i++)
        aot_text_addf(text, i ? ", %d" : "%d", (int)type->dims[i]);
    aot_text_add(text, "]");
    if (!quant->present)
        return;
    aot_text_add(text, " q(");
    if (quant->scales)
        print_value(module, quant->scales, text);
    else
        aot_text_add_float(text, (double)quant->scale, true);
    aot_text_add(text, ", ");
    if (quant->zeros)
        print_value(module, quant->zeros, text);
    else
        aot_text_addf(text, "%" PRId64, quant->zero);
    if (quant->scales)
        aot_text_addf(text, ", axis %d", (int)quant->axis);
    aot_text_add(text, ")");
}

static void print_element(const aot_tensor *data, size_t i, bool bits, aot_text *text)
{
    aot_dtype dtype = data->type.dtype;
    if (bits) {
        size_t width = aot_dtype_bits(dtype) / 8;
        uint64_t raw = 0;
        memcpy(&raw, aot_tensor_bytes(data) + i * width, width);
        aot_text_addf(text, "0x%" PRIx64, raw);
    } else if (aot_dtype_class(dtype) == AOT_CLASS_FLOAT) {
        aot_text_add_float(text, aot_load_f64(data, i), dtype == AOT_F32);
    } else if (aot_dtype_class(dtype) == AOT_CLASS_SIGNED) {
        aot_text_addf(text, "%" PRId64, aot_load_i64(data, i));
    } else {
        aot_text_addf(text, "%" PRIu64, aot_load_u64(data, i));
    }
}

static void print_data(const aot_value *value, size_t *blob_end, aot_text *text)
{
    const aot_tensor *data = &value->stored->data;
    size_t count = aot_tensor_count(data);
    if (is_splat(data, count)) {
        aot_text_add(text, "splat ");
        print_element(data, 0, false, text);
    } else if (goes_to_blob(value)) {
        aot_text_addf(text, "blob %zu", place_blob(value, blob_end));
    } else {
        bool bits = has_nan(data, count);
        aot_text_add(text, bits ? "bits [" : "dense [");
        for (size_t i = 0; i < count; i++) {
            aot_text_add(text, i ? ", " : "");
            print_element(data, i, bits, text);
        }
        aot_text_add(text, "]");
    }
}

static void print_dict(const aot_attr *attrs, aot_text *text)
{
    if (attrs->length) {
        aot_text_add(text, " ");
        aot_attr_print(attrs, text);
    }
}

static void print_global(const aot_module *module, aot_id id, size_t *blob_end, aot_text *text)
{
    const aot_value *value = aot_module_value(module, id);
    aot_text_add(text, value->kind == AOT_VALUE_CONST ? "const " : "state ");
    print_value(module, id, text);
    aot_text_add(text, " : ");
    print_type(module, value->type, text);
    aot_text_add(text, " = ");
    const aot_stored *stored = value->stored;
    if (stored->has_expression) {
        aot_text_addf(text, "%s ", aot_op_get(stored->expression)->name);
        print_value(module, stored->source, text);
        print_dict(&stored->attrs, text);
    } else {
        print_data(value, blob_end, text);
    }
    aot_text_add(text, "\n");
}

static void print_operands(const aot_module *module, const aot_id *ids, size_t count,
                           aot_text *text)
{
    for (size_t i = 0; i < count; i++) {
        aot_text_add(text, i ? ", " : " ");
        print_value(module, ids[i], text);
    }
}

static void print_node(const aot_module *module, const aot_node *node, aot_text *text)
{
    aot_text_add(text, " ");
    print_operands(module, node->outputs, node->output_count, text);
    aot_text_addf(text, " = %s", aot_op_get(node->op)->name);
    if (node->body) {
        aot_text_add(text, " ");
        print_name('@', aot_module_graph(module, node->body)->name, text);
    }
    print_operands(module, node->inputs, node->input_count, text);
    if (node->by)
        aot_text_addf(text, " by %s", node->by);
    print_dict(&node->attrs, text);
    for (size_t i = 0; i < node->output_count; i++) {
        aot_text_add(text, i ? ", " : " : ");
        print_type(module, aot_module_value(module, node->outputs[i])->type, text);
    }
    aot_text_add(text, "\n");
}

static void print_return(const aot_module *module, const aot_graph *graph, aot_text *text)
{
    const aot_node *last = aot_module_node(module, graph->last);
    aot_text_add(text, "  return");
    print_operands(module, last->inputs, graph->return_count, text);
    for (size_t i = 0; i < graph->next_count; i++) {
        aot_text_add(text, ", next ");
        print_value(module, graph->next_states[i], text);
        aot_text_add(text, " = ");
        print_value(module, last->inputs[graph->return_count + i], text);
    }
    aot_text_add(text, "\n");
}

bool aot_graph_print(const aot_module *module, aot_id id, aot_text *text)
{
    aot_graph_record *record = aot_graph_need(module, id, text->err);
    if (!record)
        return false;
    const aot_graph *graph = &record->graph;
    aot_text_add(text, "graph ");
    print_name('@', graph->name, text);
    aot_text_add(text, "(");
    for (size_t i = 0; i < graph->param_count; i++) {
        aot_text_add(text, i ? ", " : "");
        print_value(module, graph->params[i], text);
        aot_text_add(text, " : ");
        print_type(module, aot_module_value(module, graph->params[i])->type, text);
    }
    aot_text_add(text, ") {\n");
    const aot_node *node = aot_module_node(module, graph->first);
    for (; node->op != AOT_OP_return && aot_text_ok(text);
         node = aot_module_node(module, node->next))
        print_node(module, node, text);
    print_return(module, graph, text);
    aot_text_add(text, "}\n");
    return aot_text_ok(text);
}

static void print_entries(const aot_entry_list *list, bool pools, aot_text *text)
{
    for (size_t i = 0; i < list->count; i++) {
        aot_text_add(text, i ? "" : "\n");
        if (pools) {
            aot_text_add(text, "pool ");
            print_name('@', list->entries[i].name, text);
        } else {
            aot_text_addf(text, "symbol %" PRIu32, list->entries[i].id);
        }
        aot_text_add(text, " ");
        aot_attr_print(&list->entries[i].attrs, text);
        aot_text_add(text, "\n");
    }
}

static void print_globals(const aot_module *module, const aot_id *ids, size_t count,
                          size_t *blob_end, aot_text *text)
{
    for (size_t i = 0; i < count; i++) {
        aot_text_add(text, i ? "" : "\n");
        print_global(module, ids[i], blob_end, text);
    }
}

bool aot_module_print(const aot_module *module, aot_text *text)
{
    size_t count, blob_end = 0;
    aot_text_add(text, "module ");
    aot_name_print(module->name, text);
    print_dict(&module->attrs, text);
    aot_text_add(text, "\n");
    const aot_id *ids = aot_module_consts(module, &count);
    print_globals(module, ids, count, &blob_end, text);
    print_entries(&module->pools, true, text);
    ids = aot_module_states(module, &count);
    print_globals(module, ids, count, &blob_end, text);
    print_entries(&module->symbols, false, text);
    ids = aot_module_graphs(module, &count);
    for (size_t i = 0; i < count; i++) {
        aot_text_add(text, "\n");
        aot_graph_print(module, ids[i], text);
    }
    return aot_text_ok(text);
}
