/* file.c - writes whole files, so that a reader never sees half of one. */
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

static bool write_pieces(int file, const bind_piece *pieces, size_t count)
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

bool bind_write_file(const char *path, const bind_piece *pieces, size_t count, aot_error *err)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return aot_fail(err, AOT_ERROR_IO, "%s: the path is too long to write to", path);
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return aot_fail(err, AOT_ERROR_IO, "%s: cannot write: %s", path, strerror(errno));
    bool written = write_pieces(file, pieces, count);
    int reason = errno;
    if (close(file) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && rename(temporary, path) != 0) {
        written = false;
        reason = errno;
    }
    if (!written) {
        unlink(temporary);
        return aot_fail(err, AOT_ERROR_IO, "%s: cannot write: %s", path, strerror(reason));
    }
    return true;
}
