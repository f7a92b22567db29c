/* pack.c - pack: a constant laid out in blocks, for the kernel that reads it.
 *
 * layout = "ohwi:Ohwi8o" names the operand's axes, then the result's: a letter is the axis as
 * it is; split into blocks, its capital counts the blocks and `8o` is the place in a block of
 * 8. Stored zeros fill the last block. */
#include "core/op/op_internal.h"

#include <string.h>

#define LARGEST_BLOCK 65536

enum { WHOLE, BLOCK_NUMBER, BLOCK_PLACE };

/* One axis of the result. */
typedef struct place {
    int kind;
    int32_t axis;  /* of the operand */
    int32_t block; /* its block's size; 1 if it is whole */
} place;

typedef struct layout {
    const char *text;
    place places[AOT_MAX_RANK];
    int32_t count;
} layout;

static bool refuse(const layout *l, const char *why, aot_error *err)
{
    return aot_fail(err, AOT_ERROR_INPUT, "layout '%s': %s", l->text, why);
}

/* Reads the result's axis at *at: a letter, a capital, or a number and a letter. */
static bool read_place(const layout *l, const char **at, const char *axes, int32_t rank,
                       place *out, aot_error *err)
{
    int32_t size = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        size = size * 10 + (**at - '0');
        if (size > LARGEST_BLOCK) {
            return refuse(l, "a block has at most 65536 elements", err);
        }
    }
    char letter = *(*at)++;
    bool capital = letter >= 'A' && letter <= 'Z';
    const char *found = memchr(axes, capital ? letter - 'A' + 'a' : letter, (size_t)rank);
    if (found == NULL) {
        return refuse(l, "right of the colon stands what is no axis left of it", err);
    }
    bool number = (*at)[-2] >= '0' && (*at)[-2] <= '9';
    if (number && (size == 0 || capital)) {
        return refuse(l, "a block is written as its size, above 0, and a small letter", err);
    }
    out->kind = capital ? BLOCK_NUMBER : number ? BLOCK_PLACE : WHOLE;
    out->axis = (int32_t)(found - axes);
    out->block = number ? size : 1;
    return true;
}

/* Every axis is there once as a whole, or once as a number and once as a place. */
static bool check_places(layout *l, int32_t rank, aot_error *err)
{
    for (int32_t axis = 0; axis < rank; axis++) {
        int seen[3] = { 0, 0, 0 };
        int32_t block = 1;
        for (int32_t k = 0; k < l->count; k++) {
            if (l->places[k].axis == axis) {
                seen[l->places[k].kind]++;
                block = l->places[k].block > block ? l->places[k].block : block;
            }
        }
        bool whole = seen[WHOLE] == 1 && seen[BLOCK_NUMBER] == 0 && seen[BLOCK_PLACE] == 0;
        bool split = seen[WHOLE] == 0 && seen[BLOCK_NUMBER] == 1 && seen[BLOCK_PLACE] == 1;
        if (!whole && !split) {
            return refuse(l,
                          "every axis must stand right of the colon once, or once as a capital "
                          "and once as a block",
                          err);
        }
        for (int32_t k = 0; k < l->count; k++) {
            if (l->places[k].axis == axis) {
                l->places[k].block = block;
            }
        }
    }
    return true;
}

static bool read_layout(const aot_apply *apply, layout *out, aot_error *err)
{
    const aot_attr *attr = aot_attr_get(apply->attrs, "layout");
    int32_t rank = apply->types[0]->rank;
    if (attr == NULL || attr->kind != AOT_ATTR_STRING || strlen(attr->string) != attr->length) {
        return aot_fail(err, AOT_ERROR_INPUT,
                        "attribute 'layout' must be a string such as \"oi:Oi8o\"");
    }
    *out = (layout){ .text = attr->string };
    const char *axes = attr->string, *colon = strchr(axes, ':');
    if (colon == NULL || colon - axes != rank) {
        return refuse(out,
                      "one small letter for each of the operand's axes and a colon must "
                      "come first",
                      err);
    }
    for (int32_t k = 0; k < rank; k++) {
        if (axes[k] < 'a' || axes[k] > 'z' || memchr(axes, axes[k], (size_t)k) != NULL) {
            return refuse(out, "left of the colon stand different small letters", err);
        }
    }
    for (const char *at = colon + 1; *at != '\0'; out->count++) {
        if (out->count == AOT_MAX_RANK) {
            return refuse(out, "the result has more than 8 axes", err);
        }
        if (!read_place(out, &at, axes, rank, &out->places[out->count], err)) {
            return false;
        }
    }
    return check_places(out, rank, err);
}

/* The quantization goes with its axis. If that is split, it is left away, which is harmless as
 * long as there is no zero point to lose. */
static bool pass_quant(const aot_apply *apply, const int32_t *map, aot_type *out,
                       aot_error *err)
{
    const aot_quant *quant = &apply->types[0]->quant;
    bool split = quant->present && quant->axis >= 0 && map[quant->axis] < 0;
    if (split && quant->zeros == 0 && quant->zero == 0) {
        return true;
    }
    return aot_pass_quant(apply, map, out, err);
}

bool aot_infer_pack(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int32_t map[AOT_MAX_RANK];
    layout l;
    if (!read_layout(apply, &l, err)) {
        return false;
    }
    *out = aot_type_make(x->dtype, 0, NULL);
    out->rank = l.count;
    for (int32_t k = 0; k < l.count; k++) {
        const place *p = &l.places[k];
        int32_t extent = x->dims[p->axis];
        int32_t blocks = extent / p->block + (extent % p->block > 0);
        out->dims[k] = p->kind == BLOCK_PLACE ? p->block : blocks;
        map[p->axis] = p->kind == WHOLE ? k : -1;
    }
    return pass_quant(apply, map, out, err);
}

bool aot_eval_pack(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    const aot_tensor *x = apply->inputs[0];
    aot_class class = aot_dtype_class(x->type.dtype);
    ptrdiff_t strides[AOT_MAX_RANK];
    layout l;
    if (!read_layout(apply, &l, err)) {
        return false;
    }
    aot_row_major(&x->type, strides);
    aot_walk walk = aot_walk_over(&out->type);
    size_t bits = aot_dtype_bits(x->type.dtype), size = bits / 8, i = 0;
    do {
        int64_t index[AOT_MAX_RANK] = { 0 };
        size_t from = 0;
        bool inside = true;
        for (int32_t k = 0; k < l.count; k++) {
            const place *p = &l.places[k];
            index[p->axis] += (int64_t)walk.index[k] * (p->kind == BLOCK_NUMBER ? p->block : 1);
        }
        for (int32_t axis = 0; axis < x->type.rank; axis++) {
            inside = inside && index[axis] < x->type.dims[axis];
            from += (size_t)index[axis] * (size_t)strides[axis];
        }
        if (inside && bits >= 8) {
            memcpy(aot_tensor_data(out) + i * size, aot_tensor_bytes(x) + from * size, size);
        } else if (inside) {
            aot_wide_store(out, i, class, aot_wide_load(x, from));
        }
        i++;
    } while (aot_walk_next(&walk));
    return true;
}
