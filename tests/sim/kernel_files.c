/* SPDX-License-Identifier: MIT */
/* Random programs use files. */
#include "kernel.h"

#include <stdio.h>
#include <string.h>

#define PATHS 3
#define MOST 9000 /* bytes of a file, approximately at most */

char folder[64];

static const char *
path_of(int i)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/f%d", folder, i);
    return path;
}

static bool
is_file(const struct slot *s)
{
    return s->kind == FILE_;
}

static void
do_open(void)
{
    static const int how[] = {O_RDONLY, O_WRONLY, O_RDWR};
    static const int more[] = {0,
                               O_CREAT,
                               O_CREAT | O_TRUNC,
                               O_TRUNC,
                               O_APPEND | O_CREAT,
                               O_CREAT | O_EXCL,
                               O_DSYNC,
                               O_CREAT,
                               O_DIRECTORY};
    int flags = how[below(3)] | more[below(9)];
    if (n_free() < 3)
        return;
    if ((flags & O_DIRECTORY) && (flags & O_CREAT))
        return;
    struct both fd =
        both_open(below(20) ? path_of((int)below(PATHS)) : "/dev/null", flags);
    if (fd.real >= 0)
        take(FILE_, fd);
}

static void
change(struct slot *s)
{
    uint8_t bytes[700];
    size_t n = below(sizeof bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)below(256);
    if (below(2))
        both_write(s->fd, BOTH_WRITE, bytes, n);
    else
        both_pwrite(s->fd, bytes, n, (int64_t)below(MOST) - (below(20) == 0));
    if (below(3) == 0)
        both_fstat(s->fd);
}

static void
look(struct slot *s)
{
    if (below(2))
        both_read(s->fd, below(4) ? BOTH_READ : BOTH_READV, below(2000));
    else
        both_pread(s->fd, below(2000), (int64_t)below(MOST) - (below(20) == 0));
}

static void
do_one(void)
{
    struct slot *s = any(below(20) ? is_file : NULL);
    if (!s || below(10) == 0) {
        do_open();
        return;
    }
    if (s->kind != FILE_) {
        both_pread(s->fd, 1, 0);
        both_pwrite(s->fd, "x", 1, 0);
        both_fsync(s->fd);
        return;
    }
    switch (below(10)) {
    case 0:
        both_fsync(s->fd);
        break;
    case 1:
        both_fstat(s->fd);
        break;
    case 2:
        both_stat(path_of((int)below(PATHS)));
        break;
    case 3:
        if (below(4) == 0)
            both_unlink(path_of((int)below(PATHS)));
        break;
    case 4:
        if (below(2))
            do_close(s);
        break;
    case 5:
    case 6:
        look(s);
        break;
    default:
        change(s);
    }
}

void
do_file(void)
{
    for (int i = 0; i < 10; i++)
        do_one();
}

void
remove_files(void)
{
    char path[128];
    for (int i = 0; i < PATHS; i++)
        (void)unlink(path_of(i));
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "%s/s%d", folder, i);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}
