/* pack.c - pack: a constant laid out in blocks, for the kernel that reads it; unpack: back.
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

/* `rank` is that of the side left of the colon. */
static bool read_layout(const aot_apply *apply, int32_t rank, layout *out, aot_error *err)
{
    const aot_attr *attr = aot_attr_get(apply->attrs, "layout");
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

/* The packed shape of a value of `plain` type; map[k] is the place of its axis k, -1: split. */
static void packed_shape(const layout *l, const aot_type *plain, aot_type *out, int32_t *map)
{
    *out = aot_type_make(plain->dtype, 0, NULL);
    out->rank = l->count;
    for (int32_t k = 0; k < l->count; k++) {
        const place *p = &l->places[k];
        int32_t extent = plain->dims[p->axis];
        int32_t blocks = extent / p->block + (extent % p->block > 0);
        out->dims[k] = p->kind == BLOCK_PLACE ? p->block : blocks;
        map[p->axis] = p->kind == WHOLE ? k : -1;
    }
}

bool aot_infer_pack(const aot_apply *apply, aot_type *out, aot_error *err)
{
    const aot_type *x = apply->types[0];
    int32_t map[AOT_MAX_RANK];
    layout l;
    if (!read_layout(apply, x->rank, &l, err)) {
        return false;
    }
    packed_shape(&l, x, out, map);
    return pass_quant(apply, map, out, err);
}

bool aot_infer_unpack(const aot_apply *apply, aot_type *out, aot_error *err)
{
    int32_t map[AOT_MAX_RANK], gone[AOT_MAX_RANK];
    aot_type packed;
    layout l;
    if (!aot_read_shape(apply, out, err) || !read_layout(apply, out->rank, &l, err)) {
        return false;
    }
    packed_shape(&l, out, &packed, map);
    if (!aot_type_same_shape(&packed, apply->types[0])) {
        char want[128], got[128];
        return aot_fail(err, AOT_ERROR_INPUT, "the operand is %s, the layout gives %s",
                        aot_type_show(apply->types[0], got, sizeof got),
                        aot_type_show(&packed, want, sizeof want));
    }
    for (int32_t k = 0; k < AOT_MAX_RANK; k++) {
        gone[k] = -1;
    }
    return aot_pass_quant(apply, gone, out, err);
}

/* Copies every element between its places in the two layouts. */
static void move(const layout *l, const aot_tensor *from, aot_tensor *to, bool unpack)
{
    const aot_type *packed = unpack ? &from->type : &to->type;
    const aot_type *plain = unpack ? &to->type : &from->type;
    ptrdiff_t strides[AOT_MAX_RANK];
    aot_row_major(plain, strides);
    aot_walk walk = aot_walk_over(packed);
    size_t i = 0;
    do {
        int64_t index[AOT_MAX_RANK] = { 0 };
        size_t at = 0;
        bool inside = true;
        for (int32_t k = 0; k < l->count; k++) {
            int32_t block = l->places[k].kind == BLOCK_NUMBER ? l->places[k].block : 1;
            index[l->places[k].axis] += (int64_t)walk.index[k] * block;
        }
        for (int32_t axis = 0; axis < plain->rank; axis++) {
            inside = inside && index[axis] < plain->dims[axis];
            at += (size_t)index[axis] * (size_t)strides[axis];
        }
        if (inside) {
            aot_copy_element(to, unpack ? at : i, from, unpack ? i : at);
        }
        i++;
    } while (aot_walk_next(&walk));
}

bool aot_eval_pack(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    layout l;
    if (!read_layout(apply, apply->types[0]->rank, &l, err)) {
        return false;
    }
    move(&l, apply->inputs[0], out, false);
    return true;
}

bool aot_eval_unpack(const aot_apply *apply, aot_tensor *out, aot_error *err)
{
    layout l;
    if (!read_layout(apply, out->type.rank, &l, err)) {
        return false;
    }
    move(&l, apply->inputs[0], out, true);
    return true;
}
