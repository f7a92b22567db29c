/* test_tensor.c - types, blocks, files, and elements of every type. */
#include "check.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ir/tensor.h"

static aot_type shape(aot_dtype dtype, int32_t rank, int32_t a, int32_t b, int32_t c)
{
    return aot_type_make(dtype, rank, (const int32_t[]){ a, b, c });
}

static void test_types(void)
{
    aot_error err;
    size_t n;
    char text[40];
    aot_dtype dtype;
    for (int i = 0; i < AOT_DTYPE_COUNT; i++)
        CHECK(aot_dtype_parse(aot_dtype_name((aot_dtype)i), &dtype) && dtype == (aot_dtype)i);
    CHECK(!aot_dtype_parse("f8", &dtype));
    aot_type t = shape(AOT_I4, 3, 3, 1, 5);
    CHECK(aot_type_count(&t, &n, &err) && n == 15);
    CHECK(aot_type_bytes(&t, &n, &err) && n == 8);
    CHECK_TEXT(aot_type_show(&t, text, sizeof text), "i4[3, 1, 5]");
    CHECK_TEXT(aot_type_show(&t, text, 5), "i4[3");
    t = aot_type_make(AOT_F64, 0, NULL);
    CHECK(aot_type_bytes(&t, &n, &err) && n == 8);
    t = shape(AOT_F32, 3, INT32_MAX, INT32_MAX, 4);
    CHECK(!aot_type_count(&t, &n, &err) && strstr(err.message, "2147483647"));
    t = shape(AOT_F64, 3, INT32_MAX, INT32_MAX, 1);
    CHECK(aot_type_count(&t, &n, &err) && !aot_type_bytes(&t, &n, &err));
    t = shape(AOT_F64, 3, INT32_MAX, INT32_MAX, 0);
    CHECK(aot_type_bytes(&t, &n, &err) && n == 0);
    t = shape(AOT_F64, 2, 1, -1, 0);
    CHECK(!aot_type_count(&t, &n, &err) && strstr(err.message, "-1"));
    aot_type wide = t;
    wide.rank = AOT_MAX_RANK + 1;
    CHECK(!aot_type_count(&wide, &n, &err));

    aot_type a = shape(AOT_I8, 1, 4, 0, 0), b = a;
    CHECK(aot_type_equal(&a, &b));
    a.quant = (aot_quant){ .present = true, .axis = -1, .scale = 0.5f, .zero = 3 };
    CHECK(!aot_type_equal(&a, &b));
    b.quant = a.quant;
    CHECK(aot_type_equal(&a, &b));
    b.quant.scale = nextafterf(0.5f, 1);
    CHECK(!aot_type_equal(&a, &b) && aot_type_same_shape(&a, &b));
}

static uint32_t bits_of(const aot_tensor *t, size_t i)
{
    uint32_t bits = 0;
    size_t width = aot_dtype_bits(t->type.dtype) / 8;
    memcpy(&bits, aot_tensor_bytes(t) + i * width, width);
    return bits;
}

/* What 16-bit floats make of a double, against what is right by definition: the nearest of all. */
static void test_narrow(aot_dtype dtype)
{
    aot_type type = shape(dtype, 1, 65536, 0, 0), one = shape(dtype, 1, 1, 0, 0);
    aot_tensor all, t;
    bool made = aot_tensor_new(&type, &all, NULL) && aot_tensor_new(&one, &t, NULL);
    CHECK(made);
    if (!made)
        return;
    for (uint32_t i = 0; i < 65536; i++) {
        uint16_t half = (uint16_t)i;
        memcpy(aot_tensor_data(&all) + 2 * (size_t)i, &half, 2);
    }
    size_t wrong = 0;
    for (uint32_t i = 0; i < 65535; i++) {
        double low = aot_load_f64(&all, i), high = aot_load_f64(&all, i + 1);
        if (isnan(low) || isnan(high) || i == 0x7fff)
            continue;
        aot_store_f64(&t, 0, low);
        wrong += bits_of(&t, 0) != i;
        if (isinf(high) || isinf(low))
            continue;
        double middle = low + (high - low) / 2; /* exact */
        aot_store_f64(&t, 0, middle);
        wrong += bits_of(&t, 0) != (i % 2 ? i + 1 : i);
        aot_store_f64(&t, 0, nextafter(middle, low));
        wrong += bits_of(&t, 0) != i;
        aot_store_f64(&t, 0, nextafter(middle, high));
        wrong += bits_of(&t, 0) != i + 1;
    }
    CHECK(wrong == 0);
    aot_store_f64(&t, 0, (double)NAN);
    CHECK(isnan(aot_load_f64(&t, 0)));
    aot_store_f64(&t, 0, -1e300);
    CHECK(aot_load_f64(&t, 0) == -(double)INFINITY);
    aot_store_f64(&t, 0, -1e-300);
    CHECK(bits_of(&t, 0) == 0x8000);
    aot_block_release(all.block);
    aot_block_release(t.block);
}

static void test_half_overflow(void)
{
    aot_type type = shape(AOT_F16, 1, 1, 0, 0);
    aot_tensor t;
    if (!aot_tensor_new(&type, &t, NULL))
        return;
    aot_store_f64(&t, 0, 65519.99);
    CHECK(aot_load_f64(&t, 0) == 65504);
    aot_store_f64(&t, 0, 65520);
    CHECK(isinf(aot_load_f64(&t, 0)));
    aot_store_i64(&t, 0, 65520);
    CHECK(isinf(aot_load_f64(&t, 0)));
    aot_block_release(t.block);
}

static void test_integers(aot_dtype dtype)
{
    aot_type type = shape(dtype, 1, 3, 0, 0);
    aot_tensor t;
    if (!aot_tensor_new(&type, &t, NULL))
        return;
    int64_t low = aot_dtype_min(dtype);
    uint64_t high = aot_dtype_max(dtype);
    aot_store_i64(&t, 0, INT64_MIN);
    aot_store_u64(&t, 1, UINT64_MAX);
    aot_store_i64(&t, 2, 1);
    CHECK(dtype == AOT_BOOL ? aot_load_i64(&t, 0) == 1 : aot_load_i64(&t, 0) == low);
    CHECK(aot_load_u64(&t, 1) == high && aot_load_i64(&t, 2) == 1);
    aot_store_f64(&t, 0, -1e30);
    aot_store_f64(&t, 1, 1e30);
    aot_store_f64(&t, 2, (double)NAN);
    CHECK(dtype == AOT_BOOL || aot_load_i64(&t, 0) == low);
    CHECK(aot_load_u64(&t, 1) == high && aot_load_i64(&t, 2) == (dtype == AOT_BOOL));
    if (dtype == AOT_BOOL) {
        aot_store_f64(&t, 0, 0.25);
        aot_store_f64(&t, 1, -0.0);
        CHECK(aot_load_i64(&t, 0) == 1 && aot_load_i64(&t, 1) == 0);
    } else {
        aot_store_f64(&t, 0, 2.5);
        aot_store_f64(&t, 1, 3.5);
        aot_store_f64(&t, 2, low ? -2.5 : -0.4);
        CHECK(aot_load_i64(&t, 0) == 2 && aot_load_i64(&t, 1) == 4);
        CHECK(aot_load_f64(&t, 2) == (low ? -2 : 0));
    }
    aot_block_release(t.block);
}

static void test_wide(void)
{
    aot_type type = shape(AOT_F32, 1, 2, 0, 0);
    aot_tensor t;
    if (!aot_tensor_new(&type, &t, NULL))
        return;
    /* one rounding: through double it would be 2^60 */
    int64_t above = (INT64_C(1) << 60) + (INT64_C(1) << 36) + 1;
    aot_store_i64(&t, 0, above);
    CHECK(aot_load_f64(&t, 0) == (double)((INT64_C(1) << 60) + (INT64_C(1) << 37)));
    aot_store_u64(&t, 1, UINT64_MAX);
    CHECK(aot_load_f64(&t, 1) == 0x1p64 && aot_load_u64(&t, 1) == UINT64_MAX);
    CHECK(aot_load_i64(&t, 1) == INT64_MAX);
    aot_store_f64(&t, 0, -2.75);
    CHECK(aot_load_i64(&t, 0) == -2 && aot_load_u64(&t, 0) == 0);
    aot_store_f64(&t, 0, (double)NAN);
    CHECK(aot_load_i64(&t, 0) == 0);
    aot_block_release(t.block);

    type = shape(AOT_U64, 1, 1, 0, 0);
    if (!aot_tensor_new(&type, &t, NULL))
        return;
    aot_store_u64(&t, 0, UINT64_MAX);
    CHECK(aot_load_i64(&t, 0) == -1 && aot_load_f64(&t, 0) == 0x1p64);
    aot_store_i64(&t, 0, -5);
    CHECK(aot_load_u64(&t, 0) == 0);
    aot_block_release(t.block);
}

static void test_views(void)
{
    aot_error err;
    aot_block *block = aot_block_new(10, &err);
    aot_tensor t;
    if (!block)
        return;
    CHECK((uintptr_t)aot_block_bytes(block) % sizeof(uint64_t) == 0 &&
          aot_block_size(block) == 10);
    memcpy(aot_block_writable(block) + 1, &(float){ 1.5f }, 4);
    aot_type type = shape(AOT_F32, 1, 1, 0, 0);
    CHECK(aot_tensor_view(block, 1, 4, &type, &t, &err) && aot_load_f64(&t, 0) == 1.5);
    aot_block_release(block);
    CHECK(aot_load_f64(&t, 0) == 1.5);
    aot_tensor no;
    CHECK(!aot_tensor_view(t.block, 7, 4, &type, &no, &err) && strstr(err.message, "7"));
    CHECK(!aot_tensor_view(t.block, SIZE_MAX, 4, &type, &no, &err));
    CHECK(!aot_tensor_view(t.block, 0, 5, &type, &no, &err));
    CHECK_TEXT(err.message, "f32[1] needs 4 bytes, there are 5");
    aot_block_release(t.block);
    aot_block_release(NULL);
}

static void test_transpose(aot_dtype dtype)
{
    aot_error err;
    aot_type type = shape(dtype, 3, 2, 3, 5);
    type.quant = (aot_quant){ .present = true, .axis = 2 };
    aot_tensor in, out;
    if (!aot_tensor_new(&type, &in, &err))
        return;
    for (size_t i = 0; i < 30; i++)
        aot_store_i64(&in, i, (int64_t)(i * 7 % 11 % 8));
    CHECK(aot_tensor_transpose(&in, (const int32_t[]){ 2, 0, 1 }, &out, &err));
    CHECK(out.type.dims[0] == 5 && out.type.dims[1] == 2 && out.type.dims[2] == 3);
    CHECK(out.type.quant.axis == 0);
    bool same = true;
    for (size_t a = 0; a < 2; a++)
        for (size_t b = 0; b < 3; b++)
            for (size_t c = 0; c < 5; c++)
                same = same && aot_load_i64(&in, (a * 3 + b) * 5 + c) ==
                                   aot_load_i64(&out, (c * 2 + a) * 3 + b);
    CHECK(same);
    aot_block_release(out.block);
    CHECK(!aot_tensor_transpose(&in, (const int32_t[]){ 2, 0, 2 }, &out, &err));
    CHECK(!aot_tensor_transpose(&in, (const int32_t[]){ 3, 0, 1 }, &out, &err));
    aot_block_release(in.block);
}

static void write_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "wb");
    for (size_t i = 0; file && i < size; i++)
        (void)fputc((int)(i * 31 % 251), file);
    if (file)
        (void)fclose(file);
}

static void check_content(aot_block *block, size_t size)
{
    CHECK(block != NULL);
    if (!block)
        return;
    bool same = aot_block_size(block) == size;
    for (size_t i = 0; same && i < size; i++)
        same = aot_block_bytes(block)[i] == i * 31 % 251;
    CHECK(same);
    aot_block_release(block);
}

static void test_files(void)
{
    aot_error err;
    char folder[] = "/tmp/aotlua_test_XXXXXX";
    char here[1024];
    if (!mkdtemp(folder) || !getcwd(here, sizeof here) || chdir(folder) != 0) {
        CHECK(false);
        return;
    }
    write_file("small", 1000);
    write_file("large", 1500000);
    write_file("empty", 0);
    (void)mkdir("sub", 0700);
    write_file("sub/data", 10);
    (void)symlink("small", "link");
    (void)symlink("sub", "linked_sub");
    (void)mkfifo("pipe", 0600);
    check_content(aot_block_map("small", &err), 1000);
    check_content(aot_block_map("large", &err), 1500000);
    check_content(aot_block_map("empty", &err), 0);
    check_content(aot_block_map("link", &err), 1000);
    CHECK(!aot_block_map("none", &err) && err.kind == AOT_ERROR_IO);
    CHECK_TEXT(err.message, "none: No such file or directory");
    CHECK(!aot_block_map("sub", &err) && strstr(err.message, "a directory"));
    CHECK(!aot_block_map("pipe", &err) && strstr(err.message, "not a regular file"));
    CHECK(!aot_block_map("/dev/zero", &err));

    check_content(aot_block_map_beneath(folder, "sub/data", &err), 10);
    check_content(aot_block_map_beneath("", "./sub//data", &err), 10);
    static const char *const refused[] = {
        "",     "/etc/passwd",     "../x",      "sub/../small", "sub",    "link",
        "sub/", "linked_sub/data", "sub/data/", "pipe",         "none/x", ".."
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CHECK(!aot_block_map_beneath(folder, refused[i], &err));
    CHECK(!aot_block_map_beneath(folder, "link", &err) && strstr(err.message, "symbolic link"));
    (void)link("small", "hard");
    CHECK(!aot_block_map_beneath(folder, "hard", &err) && strstr(err.message, "2 links"));
    char longer[400];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(!aot_block_map_beneath(folder, longer, &err));
    CHECK(!aot_block_map_beneath("none", "x", &err) && err.kind == AOT_ERROR_IO);

    static const char *const made[] = { "small", "large",      "empty", "sub/data",
                                        "link",  "linked_sub", "pipe",  "hard" };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        (void)unlink(made[i]);
    (void)rmdir("sub");
    CHECK(chdir(here) == 0 && rmdir(folder) == 0);
}

int main(void)
{
    test_types();
    test_narrow(AOT_F16);
    test_narrow(AOT_BF16);
    test_half_overflow();
    for (int i = 0; i < AOT_DTYPE_COUNT; i++) {
        if (aot_dtype_class((aot_dtype)i) != AOT_CLASS_FLOAT)
            test_integers((aot_dtype)i);
        if (i != AOT_BOOL)
            test_transpose((aot_dtype)i);
    }
    test_wide();
    test_views();
    test_files();
    return check_done();
}
