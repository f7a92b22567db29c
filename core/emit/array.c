/* array.c - constant data as C initializers. */
#include "core/emit/emit.h"

#include <inttypes.h>
#include <math.h>

enum { LINE = 96, INDENT = 4 };

typedef struct aot_filler { /* breaks lines of items */
    aot_text *text;
    size_t column;
} aot_filler;

static void add_item(aot_filler *fill, const aot_text *item)
{
    if (fill->column > 0 && fill->column + item->length + 2 > LINE) {
        aot_text_add(fill->text, "\n");
        fill->column = 0;
    }
    if (fill->column == 0) {
        aot_text_add(fill->text, "    ");
        fill->column = INDENT;
    } else {
        aot_text_add(fill->text, " ");
        fill->column += 1;
    }
    aot_text_add_bytes(fill->text, item->bytes, item->length);
    aot_text_add(fill->text, ",");
    fill->column += item->length + 1;
}

/* In an initializer a plain number converts by itself, so only numbers that need a wider type
 * than int get one. */
static void add_value(aot_text *item, const aot_tensor *tensor, size_t i)
{
    const aot_dtype dtype = tensor->type.dtype;
    if (dtype == AOT_F32 || dtype == AOT_F64) {
        aot_emit_float(item, dtype, aot_load_f64(tensor, i));
    } else if (dtype == AOT_U64) {
        const uint64_t value = aot_load_u64(tensor, i);
        if (value <= INT32_MAX)
            aot_text_addf(item, "%" PRIu64, value);
        else
            aot_emit_int(item, dtype, (int64_t)value);
    } else {
        const int64_t value = aot_load_i64(tensor, i);
        const bool plain = value > INT32_MIN && value <= INT32_MAX;
        aot_emit_int(item, plain ? AOT_I32 : dtype, value);
    }
}

bool aot_emit_array(aot_text *text, const aot_tensor *tensor)
{
    const aot_dtype dtype = tensor->type.dtype;
    aot_filler fill = { text, 0 };
    aot_text item;
    aot_text_init(&item, text->arena, text->err);
    const size_t count = aot_tensor_count(tensor);
    if (count == 0) {
        aot_text_add(&item, "0");
        add_item(&fill, &item);
    } else if (dtype == AOT_F16 || dtype == AOT_BF16 || dtype == AOT_I4 || dtype == AOT_U4) {
        const uint8_t *bytes = aot_tensor_bytes(tensor);
        const bool wide = dtype == AOT_F16 || dtype == AOT_BF16;
        size_t size = 0;
        if (!aot_type_bytes(&tensor->type, &size, text->err))
            return false;
        for (size_t i = 0; i < size && aot_text_ok(text); i += wide ? 2 : 1) {
            item.length = 0;
            if (wide)
                aot_text_addf(&item, "0x%02x%02x", bytes[i + 1], bytes[i]);
            else
                aot_text_addf(&item, "0x%02x", bytes[i]);
            add_item(&fill, &item);
        }
    } else {
        for (size_t i = 0; i < count && aot_text_ok(text) && aot_text_ok(&item); ++i) {
            item.length = 0;
            add_value(&item, tensor, i);
            add_item(&fill, &item);
        }
    }
    aot_text_add(text, "\n");
    return aot_text_ok(text) && aot_text_ok(&item);
}

bool aot_emit_array_needs_math(const aot_tensor *tensor)
{
    if (tensor->type.dtype != AOT_F32 && tensor->type.dtype != AOT_F64)
        return false;
    const size_t count = aot_tensor_count(tensor);
    for (size_t i = 0; i < count; ++i)
        if (!isfinite(aot_load_f64(tensor, i)))
            return true;
    return false;
}
