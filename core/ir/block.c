/* block.c - reference-counted bytes beside the arena: fresh ones, and files, read-only. */
#define _POSIX_C_SOURCE 200809L
#include "core/ir/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/arena.h"

/* In messages a path is cut to 600 bytes, so that one of any length leaves room for the reason. */

/* Smaller files are read: a mapping of a file that shrinks ends the program (see main.c). */
enum { SMALLEST_MAPPING = 1 << 20, LARGEST_SMALL = 4096 };

struct aot_block {
    size_t owners, size, total; /* total: with what is before the bytes */
    uint8_t *bytes;
    bool mapped;
};

/* Small blocks lie together, as long as the program runs: among the many things that scripts
 * make and drop, each would keep a page of memory from being given back. */
static aot_arena *small_blocks;

static aot_block *allocate(size_t total)
{
    if (total > LARGEST_SMALL)
        return aot_alloc_should_fail() ? NULL : calloc(1, total);
    if (!small_blocks)
        small_blocks = aot_arena_new(0);
    return small_blocks ? aot_arena_alloc(small_blocks, total, NULL) : NULL;
}

/* A block whose bytes, if `own`, lie behind it. */
static aot_block *make_block(size_t size, bool own, aot_error *err)
{
    size_t total;
    aot_block *block = NULL;
    if (aot_add(own ? size : 0, sizeof *block, &total))
        block = allocate(total);
    if (!block) {
        aot_fail(err, AOT_ERROR_MEMORY, "no room for %zu bytes of data", size);
        return NULL;
    }
    block->bytes = (uint8_t *)(block + 1);
    block->owners = 1;
    block->size = size;
    block->total = total;
    return block;
}

aot_block *aot_block_new(size_t size, aot_error *err)
{
    return make_block(size, true, err);
}

aot_block *aot_block_retain(aot_block *block)
{
    block->owners++;
    return block;
}

void aot_block_release(aot_block *block)
{
    if (!block || --block->owners > 0)
        return;
    if (block->mapped)
        (void)munmap(block->bytes, block->size);
    if (block->total > LARGEST_SMALL)
        free(block);
    else
        aot_arena_release(small_blocks, block, block->total);
}

const uint8_t *aot_block_bytes(const aot_block *block)
{
    return block->bytes;
}

uint8_t *aot_block_writable(aot_block *block)
{
    return block->bytes;
}

size_t aot_block_size(const aot_block *block)
{
    return block->size;
}

static bool read_all(int file, uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t got = read(file, bytes + at, size - at);
        if (got == 0)
            errno = ESTALE; /* the file has shrunk since its size was asked for */
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0)
            at += (size_t)got;
    }
    return true;
}

/* The content of an open file, which must be a regular one; `single`: with one link. */
static aot_block *load(int file, const char *path, bool single, aot_error *err)
{
    struct stat facts;
    if (fstat(file, &facts) != 0) {
        aot_fail(err, AOT_ERROR_IO, "%.600s: %s", path, strerror(errno));
        return NULL;
    }
    if (!S_ISREG(facts.st_mode)) {
        aot_fail(err, AOT_ERROR_IO, "%.600s: is %s, not a regular file", path,
                 S_ISDIR(facts.st_mode) ? "a directory" : "a device, pipe or socket");
        return NULL;
    }
    if (single && facts.st_nlink > 1) {
        aot_fail(err, AOT_ERROR_INPUT,
                 "%.600s: the file has %ju links; a model's data must have one name only", path,
                 (uintmax_t)facts.st_nlink);
        return NULL;
    }
    if ((uintmax_t)facts.st_size > SIZE_MAX / 2) {
        aot_fail(err, AOT_ERROR_MEMORY, "%.600s: the file is larger than memory", path);
        return NULL;
    }
    size_t size = (size_t)facts.st_size;
    bool mapped = size >= SMALLEST_MAPPING;
    aot_block *block = make_block(size, !mapped, err);
    if (!block)
        return NULL;
    bool loaded;
    if (mapped) {
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        loaded = block->mapped = bytes != MAP_FAILED;
        block->bytes = bytes;
    } else {
        loaded = read_all(file, block->bytes, size);
    }
    if (!loaded) {
        aot_fail(err, AOT_ERROR_IO, "%.600s: %s", path, strerror(errno));
        aot_block_release(block);
        return NULL;
    }
    return block;
}

aot_block *aot_block_map(const char *path, aot_error *err)
{
    /* without waiting for the writer of a pipe, and without becoming a terminal's process */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        aot_fail(err, AOT_ERROR_IO, "%.600s: %s", path, strerror(errno));
        return NULL;
    }
    aot_block *block = load(file, path, false, err);
    (void)close(file);
    return block;
}

/* Opens the next component of a relative path in `folder`, following no link. */
static int open_component(int folder, const char *name, size_t length, bool last,
                          const char *path, aot_error *err)
{
    char component[256];
    if (length >= sizeof component) {
        aot_fail(err, AOT_ERROR_INPUT,
                 "%.600s: a component of the path has %zu bytes, at most 255 can be", path,
                 length);
        return -1;
    }
    memcpy(component, name, length);
    component[length] = '\0';
    if (strcmp(component, "..") == 0) {
        aot_fail(err, AOT_ERROR_INPUT,
                 "%.600s: a model's data must lie in or below its folder; '..' leaves it",
                 path);
        return -1;
    }
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
    int file = openat(folder, component, flags | (last ? O_NONBLOCK : O_DIRECTORY));
    if (file < 0) {
        struct stat facts;
        int reason = errno;
        bool link = fstatat(folder, component, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISLNK(facts.st_mode);
        if (link)
            aot_fail(err, AOT_ERROR_INPUT,
                     "%.600s: '%s' is a symbolic link; a model's data must not be one", path,
                     component);
        else
            aot_fail(err, AOT_ERROR_IO, "%.600s: %s", path, strerror(reason));
    }
    return file;
}

aot_block *aot_block_map_beneath(const char *folder, const char *path, aot_error *err)
{
    size_t length = strlen(path);
    if (length == 0 || path[0] == '/' || path[length - 1] == '/') {
        aot_fail(err, AOT_ERROR_INPUT,
                 "'%.600s': a model's data must be a file named relative to its folder", path);
        return NULL;
    }
    int at = open(*folder ? folder : ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (at < 0) {
        aot_fail(err, AOT_ERROR_IO, "%.600s: %s", folder, strerror(errno));
        return NULL;
    }
    for (const char *name = path; at >= 0 && *name;) {
        size_t part = strcspn(name, "/");
        bool last = name[part] == '\0';
        if (last || (part > 0 && !(part == 1 && *name == '.'))) {
            int next = open_component(at, name, part, last, path, err);
            (void)close(at);
            at = next;
        }
        name += last ? part : part + 1;
    }
    if (at < 0)
        return NULL;
    aot_block *block = load(at, path, true, err);
    (void)close(at);
    return block;
}
