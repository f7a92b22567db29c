/* ops.c - the table of core ops, made from ops.def and attributes.def. */
#include "core/ir/graph.h"

#include <string.h>

static const aot_op_info ops[AOT_OP_COUNT] = {
#define AOT_OP(name, low, high, outputs, flags) { #name, low, high, outputs, flags },
#include "core/ir/ops.def"
#undef AOT_OP
};

static const char *const attributes[AOT_OP_COUNT] = {
#define AOT_ATTRIBUTES(op, names) [AOT_OP_##op] = (names),
#include "core/ir/attributes.def"
#undef AOT_ATTRIBUTES
};

const aot_op_info *aot_op_get(aot_op op)
{
    return (unsigned)op < AOT_OP_COUNT ? &ops[op] : NULL;
}

const char *aot_op_attributes(aot_op op)
{
    return (unsigned)op < AOT_OP_COUNT ? attributes[op] : NULL;
}

bool aot_op_parse(const char *name, aot_op *out)
{
    for (int i = 0; i < AOT_OP_COUNT; i++)
        if (strcmp(name, ops[i].name) == 0) {
            *out = (aot_op)i;
            return true;
        }
    return false;
}
