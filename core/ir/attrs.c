/* attrs.c - attribute values: look-ups that name the field, comparison, and their text. */
#include "core/ir/attrs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ir/name.h"

static const char *const kind_names[] = {
    [AOT_ATTR_INT] = "an integer",     [AOT_ATTR_FLOAT] = "a number",
    [AOT_ATTR_BOOL] = "true or false", [AOT_ATTR_STRING] = "a word",
    [AOT_ATTR_REF] = "a reference",    [AOT_ATTR_LIST] = "a list",
    [AOT_ATTR_DICT] = "a dict",
};

const aot_attr *aot_attr_get(const aot_attr *dict, const char *name)
{
    if (!dict || dict->kind != AOT_ATTR_DICT)
        return NULL;
    size_t low = 0, high = dict->length;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, dict->fields[middle].name);
        if (order == 0)
            return &dict->fields[middle].value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool wrong_kind(const char *name, const char *wanted, const aot_attr *found,
                       aot_error *err)
{
    return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' must be %s, it is %s", name, wanted,
                    kind_names[found->kind]);
}

static bool missing(const char *name, aot_error *err)
{
    return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' is missing", name);
}

bool aot_attr_int(const aot_attr *dict, const char *name, int64_t low, int64_t high,
                  int64_t otherwise, int64_t *out, aot_error *err)
{
    const aot_attr *attr = aot_attr_get(dict, name);
    if (!attr) {
        *out = otherwise;
        return true;
    }
    if (attr->kind != AOT_ATTR_INT)
        return wrong_kind(name, kind_names[AOT_ATTR_INT], attr, err);
    if (attr->i < low || attr->i > high)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "attribute '%s' is %" PRId64 ", it must be in %" PRId64 " to %" PRId64,
                        name, attr->i, low, high);
    *out = attr->i;
    return true;
}

bool aot_attr_float(const aot_attr *dict, const char *name, double otherwise, double *out,
                    aot_error *err)
{
    const aot_attr *attr = aot_attr_get(dict, name);
    if (!attr)
        *out = otherwise;
    else if (attr->kind == AOT_ATTR_FLOAT)
        *out = attr->f;
    else if (attr->kind == AOT_ATTR_INT)
        *out = (double)attr->i;
    else
        return wrong_kind(name, kind_names[AOT_ATTR_FLOAT], attr, err);
    return true;
}

bool aot_attr_bool(const aot_attr *dict, const char *name, bool otherwise, bool *out,
                   aot_error *err)
{
    const aot_attr *attr = aot_attr_get(dict, name);
    if (attr && attr->kind != AOT_ATTR_BOOL)
        return wrong_kind(name, kind_names[AOT_ATTR_BOOL], attr, err);
    *out = attr ? attr->i != 0 : otherwise;
    return true;
}

bool aot_attr_word(const aot_attr *dict, const char *name, const char *const *words,
                   int otherwise, int *out, aot_error *err)
{
    const aot_attr *attr = aot_attr_get(dict, name);
    if (!attr) {
        *out = otherwise;
        return otherwise >= 0 || missing(name, err);
    }
    if (attr->kind != AOT_ATTR_STRING)
        return wrong_kind(name, kind_names[AOT_ATTR_STRING], attr, err);
    char legal[512] = "";
    for (int i = 0; words[i]; i++) {
        if (strcmp(attr->string, words[i]) == 0) {
            *out = i;
            return true;
        }
        size_t at = strlen(legal);
        (void)snprintf(legal + at, sizeof legal - at, "%s%s", i ? ", " : "", words[i]);
    }
    return aot_fail(err, AOT_ERROR_INPUT, "attribute '%s' is '%s', it must be one of %s", name,
                    attr->string, legal);
}

bool aot_attr_ints(const aot_attr *dict, const char *name, size_t count, int64_t low,
                   int64_t high, int64_t otherwise, int64_t *out, aot_error *err)
{
    const aot_attr *attr = aot_attr_get(dict, name);
    if (!attr) {
        if (low > otherwise)
            return missing(name, err);
        for (size_t i = 0; i < count; i++)
            out[i] = otherwise;
        return true;
    }
    if (attr->kind != AOT_ATTR_LIST)
        return wrong_kind(name, kind_names[AOT_ATTR_LIST], attr, err);
    if (attr->length != count)
        return aot_fail(err, AOT_ERROR_INPUT,
                        "attribute '%s' has %zu entries, it must have %zu", name,
                        (size_t)attr->length, count);
    for (size_t i = 0; i < count; i++) {
        const aot_attr *item = &attr->items[i];
        if (item->kind != AOT_ATTR_INT)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "entry %zu of attribute '%s' must be %s, it is %s", i, name,
                            kind_names[AOT_ATTR_INT], kind_names[item->kind]);
        if (item->i < low || item->i > high)
            return aot_fail(err, AOT_ERROR_INPUT,
                            "entry %zu of attribute '%s' is %" PRId64 ", it must be in %" PRId64
                            " to %" PRId64,
                            i, name, item->i, low, high);
    }
    for (size_t i = 0; i < count; i++)
        out[i] = attr->items[i].i;
    return true;
}

static bool equal(const aot_attr *a, const aot_attr *b, int depth)
{
    if (a->kind != b->kind || depth > AOT_ATTR_DEEPEST)
        return false;
    switch (a->kind) {
    case AOT_ATTR_INT:
        return a->i == b->i;
    case AOT_ATTR_BOOL:
        return (a->i != 0) == (b->i != 0);
    case AOT_ATTR_FLOAT:
        return memcmp(&a->f, &b->f, sizeof a->f) == 0;
    case AOT_ATTR_STRING:
    case AOT_ATTR_REF:
        return a->length == b->length && memcmp(a->string, b->string, a->length) == 0;
    default:
        break;
    }
    if (a->length != b->length)
        return false;
    for (size_t i = 0; i < a->length; i++) {
        if (a->kind == AOT_ATTR_LIST) {
            if (!equal(&a->items[i], &b->items[i], depth + 1))
                return false;
        } else if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
                   !equal(&a->fields[i].value, &b->fields[i].value, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool aot_attr_equal(const aot_attr *a, const aot_attr *b)
{
    return equal(a, b, 0);
}

static void print(const aot_attr *attr, aot_text *text, int depth);

static void print_dict(const aot_attr *attr, aot_text *text, int depth)
{
    if (attr->length == 0) {
        aot_text_add(text, "{}");
        return;
    }
    for (size_t i = 0; i < attr->length; i++) {
        aot_text_addf(text, "%s%s = ", i ? ", " : "{ ", attr->fields[i].name);
        print(&attr->fields[i].value, text, depth + 1);
    }
    aot_text_add(text, " }");
}

static void print(const aot_attr *attr, aot_text *text, int depth)
{
    if (depth > AOT_ATTR_DEEPEST) {
        text->broken = true;
        aot_fail(text->err, AOT_ERROR_INPUT, "attributes nest deeper than %d",
                 AOT_ATTR_DEEPEST);
        return;
    }
    switch (attr->kind) {
    case AOT_ATTR_INT:
        aot_text_addf(text, "%" PRId64, attr->i);
        break;
    case AOT_ATTR_FLOAT:
        aot_text_add_float(text, attr->f, false);
        break;
    case AOT_ATTR_BOOL:
        aot_text_add(text, attr->i ? "true" : "false");
        break;
    case AOT_ATTR_STRING:
        aot_name_print_string(attr->string, attr->length, text);
        break;
    case AOT_ATTR_REF:
        aot_text_add_bytes(text, attr->string, 1);
        aot_name_print(attr->string + 1, text);
        break;
    case AOT_ATTR_LIST:
        aot_text_add(text, "[");
        for (size_t i = 0; i < attr->length; i++) {
            if (i)
                aot_text_add(text, ", ");
            print(&attr->items[i], text, depth + 1);
        }
        aot_text_add(text, "]");
        break;
    case AOT_ATTR_DICT:
        print_dict(attr, text, depth);
        break;
    }
}

void aot_attr_print(const aot_attr *attr, aot_text *text)
{
    print(attr, text, 0);
}
