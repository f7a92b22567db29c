/* tensor.h - constant data: immutable, reference-counted blocks and typed views of them.
 *
 * Blocks live beside the arena (the one other owner of memory): they are shared by modules,
 * views and evaluations, and a 100 MB weight file is mapped once, never copied. */
#ifndef AOT_IR_TENSOR_H
#define AOT_IR_TENSOR_H

#include "core/ir/type.h"

typedef struct aot_block aot_block;

typedef struct aot_tensor {
    aot_type type;
    aot_block *block;
    size_t offset; /* in bytes */
} aot_tensor;

/* A new zeroed block of `size` bytes (aligned for 64-bit numbers), count 1. NULL on failure. */
aot_block *aot_block_new(size_t size, aot_error *err);

/* Maps the regular file `path` read-only. Empty files give a block of size 0. Fails with
 * AOT_ERROR_IO (errno text) if it cannot be opened or is not a regular file. */
aot_block *aot_block_map(const char *path, aot_error *err);

/* Like aot_block_map, for `path` relative to `folder`: refuses absolute paths, "..", symbolic
 * links in any component and files with more than one link. For a model's external data. */
aot_block *aot_block_map_beneath(const char *folder, const char *path, aot_error *err);

aot_block *aot_block_retain(aot_block *block);
void aot_block_release(aot_block *block); /* NULL is allowed */
const uint8_t *aot_block_bytes(const aot_block *block);
uint8_t *aot_block_writable(aot_block *block); /* only while the maker is the sole owner */
size_t aot_block_size(const aot_block *block);

/* A zeroed tensor in a block of its own. The caller releases out->block. */
bool aot_tensor_new(const aot_type *type, aot_tensor *out, aot_error *err);

/* A view of `length` bytes at `offset` of `block` as `type`; retains the block. Fails unless
 * length is exactly what the type needs and lies within the block. */
bool aot_tensor_view(aot_block *block, size_t offset, size_t length, const aot_type *type,
                     aot_tensor *out, aot_error *err);

const uint8_t *aot_tensor_bytes(const aot_tensor *tensor);
uint8_t *aot_tensor_data(aot_tensor *tensor); /* writable: see aot_block_writable */
size_t aot_tensor_count(const aot_tensor *tensor);

/* Element i, widened: exact for every element type of the class, whatever the alignment. */
double aot_load_f64(const aot_tensor *tensor, size_t i);
int64_t aot_load_i64(const aot_tensor *tensor,
                     size_t i); /* floats: truncated, saturated; u64 wraps */
uint64_t aot_load_u64(const aot_tensor *tensor, size_t i);

/* Stores with one rounding: integers saturate; floats round to nearest even; double to an
 * integer type rounds half to even and saturates, NaN gives 0; bool stores value != 0. */
void aot_store_f64(aot_tensor *tensor, size_t i, double value);
void aot_store_i64(aot_tensor *tensor, size_t i, int64_t value);
void aot_store_u64(aot_tensor *tensor, size_t i, uint64_t value);

/* Copies the bits of element i to element k of a tensor of the same element type. */
void aot_copy_element(aot_tensor *to, size_t k, const aot_tensor *from, size_t i);

/* Row-major copy with the axes permuted: out.dims[k] = in.dims[perm[k]]. Any element type. */
bool aot_tensor_transpose(const aot_tensor *in, const int32_t *perm, aot_tensor *out,
                          aot_error *err);

#endif
