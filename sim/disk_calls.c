/* SPDX-License-Identifier: MIT */
/* Simulates the calls of files. A file is always ready, so it has no poll
 * function. */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SYNC_NS 100000u /* a sync takes one to two times SYNC_NS */

struct open_file {
    struct ws_file file;
    struct ws_node *node; /* NULL: /dev/null */
    int flags;
    size_t at;
};

static bool
can_read(const struct open_file *f)
{
    return (f->flags & O_ACCMODE) != O_WRONLY;
}

static bool
can_write(const struct open_file *f)
{
    return (f->flags & O_ACCMODE) != O_RDONLY;
}

/* True if the disk makes this call fail. /dev/null is on no disk. */
static bool
fails(const struct ws_node *node)
{
    return node && (node->host->disk_fails || ws_fault(WEFT_SIM_DISK_ERROR));
}

/* How many of `len` bytes a call reads or writes. Signals interrupt calls on
 * network files: before the first byte (the result is 0), or after some
 * bytes. */
static size_t
some_of(const struct ws_node *node, size_t len)
{
    if (!node || !len || !ws_fault(WEFT_SIM_SHORT))
        return len;
    return ws_chance(2) ? 0 : ws_below(len);
}

static ssize_t
read_at(struct open_file *f, const struct iovec *iov, int n, size_t at)
{
    if (!can_read(f))
        return -EBADF;
    if (fails(f->node))
        return -EIO;
    if (!f->node || at >= f->node->now.len)
        return 0;
    size_t len = WF_MIN(ws_iov_size(iov, n), f->node->now.len - at);
    size_t some = some_of(f->node, len);
    if (len && !some)
        return -EINTR;
    return (ssize_t)ws_iov_fill(iov, n, 0, f->node->now.bytes + at, some);
}

static ssize_t
write_at(struct open_file *f, const struct iovec *iov, int n, size_t *at)
{
    size_t len = ws_iov_size(iov, n), put;
    if (!can_write(f))
        return -EBADF;
    if (fails(f->node))
        return -EIO;
    if (f->node && (f->flags & O_APPEND))
        *at = f->node->now.len;
    put = some_of(f->node, len);
    if (len && !put)
        return -EINTR;
    if (f->node && len && ws_fault(WEFT_SIM_DISK_FULL))
        put = ws_below(put); /* the disk becomes full during the write */
    if (f->node && put)
        put = ws_node_write(f->node, *at, iov, put);
    if (len && !put)
        return -ENOSPC;
    if (f->node && (f->flags & O_DSYNC))
        ws_node_sync(f->node);
    *at += put;
    return (ssize_t)put;
}

static ssize_t
read_file(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    struct open_file *f = (void *)file;
    (void)peek; /* true only for sockets */
    ssize_t got = read_at(f, iov, n, f->at);
    f->at += got > 0 ? (size_t)got : 0;
    return got;
}

static ssize_t
write_file(struct ws_file *file, const struct iovec *iov, int n)
{
    struct open_file *f = (void *)file;
    return write_at(f, iov, n, &f->at);
}

static void
end_file(struct ws_file *file)
{
    struct open_file *f = (void *)file;
    if (f->node)
        ws_node_unref(f->node);
    free(f);
}

static const struct ws_file_ops file_ops = {
    .what = "file",
    .has_mode = true,
    .read = read_file,
    .write = write_file,
    .end = end_file,
};

/* ---- names ---- */

static bool
is_null(const char *path)
{
    return strcmp(path, "/dev/null") == 0;
}

static int
find(const char *path, int flags, mode_t mode, struct ws_node **node)
{
    *node = ws_node_at(ws_self(), path);
    bool is_there = *node || is_null(path);
    if (!is_there && !(flags & O_CREAT))
        return -ENOENT;
    if (is_there && (flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if (is_there && (flags & O_DIRECTORY))
        return -ENOTDIR;
    if (!is_there && (!ws_self()->disk_room || ws_fault(WEFT_SIM_DISK_FULL)))
        return -ENOSPC;
    if (!is_there)
        *node = ws_node_new(ws_self(), path, S_IFREG | (mode & 0777 & ~022u));
    else if (*node && !S_ISREG((*node)->mode))
        return -ENXIO;
    else if (*node && (flags & O_TRUNC))
        ws_node_truncate(*node);
    return 0;
}

int
ws_open(const char *path, int flags, mode_t mode)
{
    struct ws_node *node = NULL;
    int err = find(path, flags, mode, &node);
    if (err)
        return err;
    struct open_file *f = ws_alloc(sizeof *f);
    ws_file_init(&f->file, &file_ops);
    f->node = node;
    f->flags = flags;
    if (node)
        node->refs++;
    return ws_fd_new(&f->file);
}

int
ws_stat(const char *path, struct stat *st)
{
    const struct ws_node *node = ws_node_at(ws_self(), path);
    if (!node && !is_null(path))
        return -ENOENT;
    ws_node_stat(node, st);
    return 0;
}

int
ws_unlink(const char *path)
{
    struct ws_node *node = ws_node_at(ws_self(), path);
    if (!node)
        return -ENOENT;
    ws_node_unlink(node);
    return 0;
}

/* ---- descriptors ---- */

/* *f receives the open file of a descriptor. Returns -EBADF if there is no such
 * descriptor, and `other` if the descriptor is no file. */
static int
file_of(int fd, int other, struct open_file **f)
{
    *f = (void *)ws_fd(fd, &file_ops);
    return *f ? 0 : ws_fd(fd, NULL) ? other : -EBADF;
}

int
ws_fstat(int fd, struct stat *st)
{
    struct open_file *f;
    int err = file_of(fd, 0, &f);
    if (err)
        return err;
    memset(st, 0, sizeof *st);
    if (f)
        ws_node_stat(f->node, st);
    return 0;
}

ssize_t
ws_pread(int fd, const struct iovec *iov, off_t at)
{
    struct open_file *f;
    if (at < 0)
        return -EINVAL;
    int err = file_of(fd, -ESPIPE, &f);
    return err ? err : read_at(f, iov, 1, (size_t)at);
}

ssize_t
ws_pwrite(int fd, const struct iovec *iov, off_t at)
{
    struct open_file *f;
    size_t from = (size_t)at;
    if (at < 0)
        return -EINVAL;
    int err = file_of(fd, -ESPIPE, &f);
    return err ? err : write_at(f, iov, 1, &from);
}

/* If the host loses power during the wait, nothing is synced. */
int
ws_fsync(int fd)
{
    struct open_file *f;
    int err = file_of(fd, -EINVAL, &f);
    if (err || !f->node)
        return err ? err : -EINVAL;
    if (ws_fault(WEFT_SIM_SHORT))
        return -EINTR;
    struct ws_node *node = f->node;
    node->refs++;
    (void)ws_wait(node, "fsync", ws.now_ns + SYNC_NS + ws_below(SYNC_NS));
    bool failed = fails(node);
    if (failed)
        ws_node_sync_in_part(node);
    else
        ws_node_sync(node);
    ws_node_unref(node);
    return failed ? -EIO : 0;
}
