/* file.c - writes files, in place or so that a reader never sees half of one. */
#include "core/bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int file, const void *bytes, size_t length)
{
    const char *from = bytes;
    while (length > 0) {
        ssize_t written = write(file, from, length);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            from += written;
            length -= (size_t)written;
        }
    }
    return true;
}

bool bind_append_file(int file, const bind_piece *pieces, size_t count)
{
    static const char zeros[64] = { 0 };
    for (size_t i = 0; i < count; i++) {
        for (size_t left = pieces[i].zeros; left > 0;) {
            size_t step = left < sizeof zeros ? left : sizeof zeros;
            if (!write_all(file, zeros, step))
                return false;
            left -= step;
        }
        if (!write_all(file, pieces[i].bytes, pieces[i].length))
            return false;
    }
    return true;
}

static bool refuse(const char *path, int reason, aot_error *err)
{
    return aot_fail(err, AOT_ERROR_IO, "%.800s: cannot write: %s", path, strerror(reason));
}

static int create(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int bind_create_file(const char *path, aot_error *err)
{
    int file = create(path);
    if (file < 0)
        (void)refuse(path, errno, err);
    return file;
}

/* What goes wrong is told of the file that was asked for. */
static bool finish(int file, const char *path, const char *asked, int reason, aot_error *err)
{
    if (close(file) != 0 && reason == 0)
        reason = errno;
    if (reason == 0)
        return true;
    (void)unlink(path);
    return refuse(asked, reason, err);
}

bool bind_finish_file(int file, const char *path, int reason, aot_error *err)
{
    return finish(file, path, path, reason, err);
}

static bool put(const char *path, const char *asked, const bind_piece *pieces, size_t count,
                aot_error *err)
{
    int file = create(path);
    if (file < 0)
        return refuse(asked, errno, err);
    int reason = bind_append_file(file, pieces, count) ? 0 : errno;
    return finish(file, path, asked, reason, err);
}

bool bind_put_file(const char *path, const bind_piece *pieces, size_t count, aot_error *err)
{
    return put(path, path, pieces, count, err);
}

bool bind_write_file(const char *path, const bind_piece *pieces, size_t count, aot_error *err)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return refuse(path, ENAMETOOLONG, err);
    if (!put(temporary, path, pieces, count, err))
        return false;
    if (rename(temporary, path) != 0) {
        int reason = errno;
        (void)unlink(temporary);
        return refuse(path, reason, err);
    }
    return true;
}
