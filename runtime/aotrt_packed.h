/* aotrt_packed.h - functions that are called with tensors, and what a model says of itself.
 *
 * A packed function takes an array of values, an array that says what each value is, and how
 * many there are. The layout of the structs is that of DLPack's DLTensor and of TVM's TVMValue,
 * so callers written against those may pass theirs; the names are ours, so that this header can
 * stand beside theirs. Freestanding C99 and C++; it and generated code belong to their user
 * without condition. */
#ifndef AOTRT_PACKED_H
#define AOTRT_PACKED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*! \brief Kinds of elements: aotrt_dtype.code */
enum aotrt_dtype_code {
    AOTRT_INT = 0,
    AOTRT_UINT = 1,
    AOTRT_FLOAT = 2,
    AOTRT_BFLOAT = 4,
    AOTRT_BOOL = 6
};

/*! \brief Kinds of values, and how many arguments a call may need */
enum aotrt_packed_limit {
    AOTRT_TENSOR = 7, /*!< type code of a value that points to an aotrt_tensor */
    AOTRT_CPU = 1,    /*!< device type of memory that the processor reads */
    AOTRT_MOST_ARGUMENTS = 16
};

/*! \brief What packed functions return; a model's header has the same under names of its own */
enum aotrt_status {
    AOTRT_OK = 0,
    AOTRT_ERROR_NULL = -1,
    AOTRT_ERROR_ALIGNMENT = -2,
    AOTRT_ERROR_WORKSPACE = -3,
    AOTRT_ERROR_ARGUMENTS = -4
};

/*! \brief Type of elements: i8 is { AOTRT_INT, 8, 1 } */
typedef struct aotrt_dtype {
    uint8_t code;   /*!< one of aotrt_dtype_code */
    uint8_t bits;   /*!< of an element; 4-bit elements lie two in a byte, the first one low */
    uint16_t lanes; /*!< 1 */
} aotrt_dtype;

/*! \brief Where a tensor's bytes are: { AOTRT_CPU, 0 } */
typedef struct aotrt_device {
    int32_t device_type;
    int32_t device_id;
} aotrt_device;

/*! \brief A tensor in memory of its caller */
typedef struct aotrt_tensor {
    void *data;          /*!< aligned to its elements */
    aotrt_device device; /*!< not looked at */
    int32_t ndim;        /*!< dimensions */
    aotrt_dtype dtype;
    int64_t *shape;       /*!< `ndim` extents, outermost first */
    int64_t *strides;     /*!< in elements; NULL: compact, the last dimension runs fastest */
    uint64_t byte_offset; /*!< of the first element from `data` */
} aotrt_tensor;

/*! \brief One argument */
typedef union aotrt_value {
    int64_t v_int64;
    double v_float64;
    void *v_handle; /*!< of a tensor: its address */
    const char *v_str;
    aotrt_dtype v_type;
    aotrt_device v_device;
} aotrt_value;

/*! \brief A packed function: `args` are aotrt_value, `type_codes` int32_t; returns an
 * aotrt_status, 0 for success. Nothing is stored to `result` and `result_code`. */
typedef int32_t (*aotrt_packed_function)(void *args, void *type_codes, int32_t num_args,
                                         void *result, void *result_code, void *resource);

/*! \brief What a tensor has to be */
typedef struct aotrt_tensor_type {
    const int64_t *shape;
    int32_t ndim;
    aotrt_dtype dtype;
} aotrt_tensor_type;

/*! \brief An input or output of a model */
typedef struct aotrt_tensor_metadata {
    const char *name;       /*!< as in the model file */
    const char *identifier; /*!< the same as it is spelled in C */
    aotrt_tensor_type type;
    uint64_t bytes;
} aotrt_tensor_metadata;

/*! \brief Working memory of a model, in the hands of its caller or of its own */
typedef struct aotrt_pool_metadata {
    const char *name;
    uint64_t bytes;
    uint64_t alignment;
    int32_t argument; /*!< its number among the arguments, or -1 if the model has it */
} aotrt_pool_metadata;

/*! \brief What a model is */
typedef struct aotrt_metadata {
    int32_t version; /*!< of this struct: 1 */
    int32_t num_inputs;
    int32_t num_outputs;
    int32_t num_pools;
    const char *model;
    const aotrt_tensor_metadata *inputs;  /*!< in the order of arguments, or NULL */
    const aotrt_tensor_metadata *outputs; /*!< in the order of arguments, or NULL */
    const aotrt_pool_metadata *pools;     /*!< or NULL */
} aotrt_metadata;

/* Describes a tensor that is to be an argument. The callee does not write to the shape, nor, if
 * it is an input, to the data. */
static inline void aotrt_tensor_set(aotrt_tensor *tensor, const aotrt_tensor_type *type,
                                    const void *data)
{
    tensor->data = (void *)(uintptr_t)data;
    tensor->device.device_type = AOTRT_CPU;
    tensor->device.device_id = 0;
    tensor->ndim = type->ndim;
    tensor->dtype = type->dtype;
    tensor->shape = (int64_t *)(uintptr_t)type->shape;
    tensor->strides = NULL;
    tensor->byte_offset = 0;
}

/* Makes arguments of tensors that lie in a row. */
static inline void aotrt_values_set(aotrt_value *values, aotrt_tensor *tensors, int32_t count)
{
    int32_t index;
    for (index = 0; index < count; index++) {
        values[index].v_handle = &tensors[index];
    }
}

/* The type codes of a call with tensors only. The callee does not write to them. */
static inline int32_t *aotrt_tensor_codes(void)
{
    static const int32_t codes[AOTRT_MOST_ARGUMENTS] = {
        AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR,
        AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR,
        AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR, AOTRT_TENSOR
    };
    return (int32_t *)(uintptr_t)codes;
}

/* The first element of the tensor that argument `index` points to. */
static inline void *aotrt_tensor_data(const aotrt_value *values, int32_t index)
{
    const aotrt_tensor *const tensor = (const aotrt_tensor *)values[index].v_handle;
    const size_t offset = (size_t)tensor->byte_offset;
    return offset == 0 ? tensor->data : (void *)((char *)tensor->data + offset);
}

static inline int aotrt_dtype_is_bool(aotrt_dtype dtype)
{
    return (dtype.code == AOTRT_BOOL && dtype.bits == 8) ||
           (dtype.code == AOTRT_UINT && dtype.bits == 1);
}

/* Whether two types of elements are the same; the two spellings of a boolean in a byte are. */
static inline int aotrt_dtype_equal(aotrt_dtype a, aotrt_dtype b)
{
    return a.lanes == b.lanes && ((a.code == b.code && a.bits == b.bits) ||
                                  (aotrt_dtype_is_bool(a) && aotrt_dtype_is_bool(b)));
}

/* Whether argument `index` is a tensor: its code, and pointers to read it through. */
static inline int32_t aotrt_check_argument(const aotrt_value *values, const int32_t *codes,
                                           int32_t index)
{
    const aotrt_tensor *tensor;
    if (codes[index] != AOTRT_TENSOR) {
        return AOTRT_ERROR_ARGUMENTS;
    }
    tensor = (const aotrt_tensor *)values[index].v_handle;
    if (tensor == NULL || (tensor->ndim > 0 && tensor->shape == NULL)) {
        return AOTRT_ERROR_NULL;
    }
    return AOTRT_OK;
}

/* Checks where the elements lie: without gaps, the last dimension running fastest, from a
 * multiple of `alignment` bytes on. Dimensions of one position may have any stride, tensors
 * without elements any strides and no data. */
static inline int32_t aotrt_check_data(const aotrt_tensor *tensor, size_t alignment)
{
    int64_t step = 1;
    int32_t axis;
    for (axis = 0; axis < tensor->ndim; axis++) {
        if (tensor->shape[axis] == 0) {
            return AOTRT_OK;
        }
    }
    if (tensor->data == NULL) {
        return AOTRT_ERROR_NULL;
    }
    for (axis = tensor->ndim - 1; tensor->strides != NULL && axis >= 0; axis--) {
        if (tensor->shape[axis] != 1 && tensor->strides[axis] != step) {
            return AOTRT_ERROR_ARGUMENTS;
        }
        step *= tensor->shape[axis];
    }
    if (((uintptr_t)tensor->data + (uintptr_t)tensor->byte_offset) % alignment != 0) {
        return AOTRT_ERROR_ALIGNMENT;
    }
    return AOTRT_OK;
}

/* Checks that argument `index` is a tensor of `type`, aligned to `alignment` bytes. */
static inline int32_t aotrt_check_tensor(const aotrt_value *values, const int32_t *codes,
                                         int32_t index, const aotrt_tensor_type *type,
                                         size_t alignment)
{
    const int32_t status = aotrt_check_argument(values, codes, index);
    const aotrt_tensor *tensor;
    int32_t axis;
    if (status != AOTRT_OK) {
        return status;
    }
    tensor = (const aotrt_tensor *)values[index].v_handle;
    if (tensor->ndim != type->ndim || !aotrt_dtype_equal(tensor->dtype, type->dtype)) {
        return AOTRT_ERROR_ARGUMENTS;
    }
    for (axis = 0; axis < type->ndim; axis++) {
        if (tensor->shape[axis] != type->shape[axis]) {
            return AOTRT_ERROR_ARGUMENTS;
        }
    }
    return aotrt_check_data(tensor, alignment);
}

/* Checks `count` arguments from number `first` on: tensors aligned to their elements. */
static inline int32_t aotrt_check_tensors(const aotrt_value *values, const int32_t *codes,
                                          int32_t first, const aotrt_tensor_metadata *wanted,
                                          int32_t count)
{
    int32_t status = AOTRT_OK, index;
    for (index = 0; index < count && status == AOTRT_OK; index++) {
        const aotrt_tensor_type *const type = &wanted[index].type;
        const size_t bytes = type->dtype.bits / 8u;
        status = aotrt_check_tensor(values, codes, first + index, type, bytes > 1 ? bytes : 1);
    }
    return status;
}

/* Checks that argument `index` is a row of `bytes` u8 or more, aligned to `alignment`. */
static inline int32_t aotrt_check_memory(const aotrt_value *values, const int32_t *codes,
                                         int32_t index, uint64_t bytes, size_t alignment)
{
    static const aotrt_dtype byte = { AOTRT_UINT, 8, 1 };
    const int32_t status = aotrt_check_argument(values, codes, index);
    const aotrt_tensor *tensor;
    if (status != AOTRT_OK) {
        return status;
    }
    tensor = (const aotrt_tensor *)values[index].v_handle;
    if (tensor->ndim != 1 || !aotrt_dtype_equal(tensor->dtype, byte)) {
        return AOTRT_ERROR_ARGUMENTS;
    }
    if (tensor->shape[0] < 0 || (uint64_t)tensor->shape[0] < bytes) {
        return AOTRT_ERROR_WORKSPACE;
    }
    return aotrt_check_data(tensor, alignment);
}

static inline int aotrt_text_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* The index of the tensor of that name: of the first that is called so in the model file, else of
 * the one that is spelled so in C, else -1. */
static inline int32_t aotrt_tensor_index(const aotrt_tensor_metadata *tensors, int32_t count,
                                         const char *name)
{
    int32_t index;
    for (index = 0; name != NULL && index < count; index++) {
        if (aotrt_text_equal(tensors[index].name, name)) {
            return index;
        }
    }
    for (index = 0; name != NULL && index < count; index++) {
        if (aotrt_text_equal(tensors[index].identifier, name)) {
            return index;
        }
    }
    return -1;
}

#ifdef __cplusplus
}
#endif

#endif
