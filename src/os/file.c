/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes files. Each call is a job on the caller's stack, which a
 * thread of weft_blocking runs. The caller waits for the job, so the thread may
 * use the caller's memory.
 */
#include "os/os.h"

#include <errno.h>
#include <string.h>

/* space for a file whose reported size is 0 */
#define FIRST_SIZE ((size_t)4096)

struct job {
    int fd;
    const char *path;
    int flags;
    uint32_t mode;
    void *buf; /* receives the bytes that are read */
    const uint8_t *ptr;
    size_t n;
    bool at_offset; /* false: at the descriptor's position */
    int64_t offset;
    struct weft_arena *arena;
    size_t done; /* bytes that were read or written */
    weft_err err;
};

static weft_err
run(void (*fn)(void *job), struct job *job, uint64_t deadline_ns)
{
    weft_err err = weft_blocking_until(fn, job, deadline_ns);
    return err ? err : job->err;
}

/* ---- open ---- */

static void
open_it(void *arg)
{
    struct job *j = arg;
    do
        j->fd = wf_sys_open(j->path, j->flags | O_CLOEXEC, (mode_t)j->mode);
    while (j->fd == -EINTR);
    j->err = j->fd < 0 ? j->fd : WEFT_OK;
}

weft_err
weft_file_open_until(const char *path, int flags, uint32_t mode,
                     uint64_t deadline_ns, int *fd)
{
    struct job j = {.path = path, .flags = flags, .mode = mode};
    weft_err err = run(open_it, &j, deadline_ns);
    *fd = err ? -1 : j.fd;
    return err;
}

weft_err
weft_file_open(const char *path, int flags, uint32_t mode, int *fd)
{
    return weft_file_open_until(path, flags, mode, WEFT_NEVER, fd);
}

/* ---- read ---- */

static void
read_it(void *arg)
{
    struct job *j = arg;
    ssize_t n;
    do
        n = j->at_offset ? wf_sys_pread(j->fd, j->buf, j->n, j->offset)
                         : wf_sys_read(j->fd, j->buf, j->n);
    while (n == -EINTR);
    j->done = n > 0 ? (size_t)n : 0;
    j->err = n < 0 ? (weft_err)n : n > 0 ? WEFT_OK : WEFT_EEOF;
}

static weft_err
read_with(struct job *j, uint64_t deadline_ns, size_t *got)
{
    weft_err err = run(read_it, j, deadline_ns);
    *got = j->done;
    return err;
}

weft_err
weft_file_read_until(int fd, void *buf, size_t n, uint64_t deadline_ns,
                     size_t *got)
{
    struct job j = {.fd = fd, .buf = buf, .n = n};
    return read_with(&j, deadline_ns, got);
}

weft_err
weft_file_read(int fd, void *buf, size_t n, size_t *got)
{
    return weft_file_read_until(fd, buf, n, WEFT_NEVER, got);
}

weft_err
weft_file_pread_until(int fd, void *buf, size_t n, int64_t offset,
                      uint64_t deadline_ns, size_t *got)
{
    struct job j = {
        .fd = fd, .buf = buf, .n = n, .at_offset = true, .offset = offset};
    return read_with(&j, deadline_ns, got);
}

weft_err
weft_file_pread(int fd, void *buf, size_t n, int64_t offset, size_t *got)
{
    return weft_file_pread_until(fd, buf, n, offset, WEFT_NEVER, got);
}

/* ---- write ---- */

static void
write_it(void *arg)
{
    struct job *j = arg;
    while (j->done < j->n) {
        const uint8_t *rest = j->ptr + j->done;
        size_t n = j->n - j->done;
        ssize_t put = j->at_offset ? wf_sys_pwrite(j->fd, rest, n,
                                                   j->offset + (int64_t)j->done)
                                   : wf_sys_write_quietly(j->fd, rest, n);
        if (put > 0)
            j->done += (size_t)put;
        else if (put != -EINTR)
            j->err = put ? (weft_err)put : -EIO;
        if (j->err)
            return;
    }
}

static weft_err
write_with(struct job *j, uint64_t deadline_ns, size_t *put)
{
    weft_err err = run(write_it, j, deadline_ns);
    if (put)
        *put = j->done;
    return err;
}

weft_err
weft_file_write_until(int fd, const void *ptr, size_t n, uint64_t deadline_ns,
                      size_t *put)
{
    struct job j = {.fd = fd, .ptr = ptr, .n = n};
    return write_with(&j, deadline_ns, put);
}

weft_err
weft_file_write(int fd, const void *ptr, size_t n, size_t *put)
{
    return weft_file_write_until(fd, ptr, n, WEFT_NEVER, put);
}

weft_err
weft_file_pwrite_until(int fd, const void *ptr, size_t n, int64_t offset,
                       uint64_t deadline_ns, size_t *put)
{
    struct job j = {
        .fd = fd, .ptr = ptr, .n = n, .at_offset = true, .offset = offset};
    return write_with(&j, deadline_ns, put);
}

weft_err
weft_file_pwrite(int fd, const void *ptr, size_t n, int64_t offset, size_t *put)
{
    return weft_file_pwrite_until(fd, ptr, n, offset, WEFT_NEVER, put);
}

/* ---- sync ---- */

static void
sync_it(void *arg)
{
    struct job *j = arg;
    do
        j->err = wf_sys_fsync(j->fd);
    while (j->err == -EINTR);
}

weft_err
weft_file_sync_until(int fd, uint64_t deadline_ns)
{
    struct job j = {.fd = fd};
    return run(sync_it, &j, deadline_ns);
}

weft_err
weft_file_sync(int fd)
{
    return weft_file_sync_until(fd, WEFT_NEVER);
}

/* ---- whole files ---- */

/* Allocate space for `size` bytes and a NUL, and copy to this space the bytes
 * that were read so far. `size` is one more than the expected size of the file,
 * so that a read can find the end of the file. */
static weft_err
grow(struct job *j, size_t size)
{
    char *space = weft_arena_alloc(j->arena, size + 1);
    if (!space)
        return WEFT_EBUDGET;
    if (j->done > 0)
        memcpy(space, j->buf, j->done);
    j->buf = space;
    return WEFT_OK;
}

/* Read the whole file, or fail if it has more than j->n bytes. The size that
 * the kernel reports is only a hint: it may be 0 (/proc), and the file may
 * change during the reads. */
static weft_err
read_whole(struct job *j)
{
    struct stat st;
    weft_err err = wf_sys_fstat(j->fd, &st);
    if (err)
        return err;
    size_t told = st.st_size > 0 ? (size_t)st.st_size : FIRST_SIZE;
    size_t size = WF_MIN(told, j->n) + 1;
    err = grow(j, size);
    while (!err) {
        ssize_t n =
            wf_sys_read(j->fd, (char *)j->buf + j->done, size - j->done);
        if (n == 0)
            break;
        if (n > 0)
            j->done += (size_t)n;
        if (n < 0 && n != -EINTR)
            err = (weft_err)n;
        else if (j->done > j->n)
            err = -EFBIG;
        else if (j->done == size)
            err = grow(j, size = WF_MIN(2 * size, j->n + 1));
    }
    return err;
}

/* Opens with O_NONBLOCK, so that a pipe without a writer does not block the
 * thread. */
static void
load_it(void *arg)
{
    struct job *j = arg;
    j->flags = O_RDONLY | O_NONBLOCK;
    open_it(j);
    if (j->err)
        return;
    j->err = read_whole(j);
    (void)wf_sys_close(j->fd);
    if (!j->err)
        ((char *)j->buf)[j->done] = '\0';
}

weft_err
weft_file_load_until(const char *path, size_t max, uint64_t deadline_ns,
                     struct weft_arena *arena, struct weft_str *bytes)
{
    const size_t most = UINT32_MAX - 2; /* bytes that fit in a weft_str */
    struct job j = {.path = path, .n = WF_MIN(max, most), .arena = arena};
    weft_err err = run(load_it, &j, deadline_ns);
    *bytes = (struct weft_str){NULL, 0};
    if (!err)
        *bytes = (struct weft_str){j.buf, (uint32_t)j.done};
    return err;
}

weft_err
weft_file_load(const char *path, size_t max, struct weft_arena *arena,
               struct weft_str *bytes)
{
    return weft_file_load_until(path, max, WEFT_NEVER, arena, bytes);
}

static void
save_it(void *arg)
{
    struct job *j = arg;
    j->flags = O_WRONLY | O_CREAT | O_TRUNC;
    open_it(j);
    if (j->err)
        return;
    write_it(j);
    weft_err err = wf_sys_close(j->fd);
    if (!j->err && err != -EINTR)
        j->err = err;
}

weft_err
weft_file_save_until(const char *path, const void *ptr, size_t n, uint32_t mode,
                     uint64_t deadline_ns)
{
    struct job j = {.path = path, .ptr = ptr, .n = n, .mode = mode};
    return run(save_it, &j, deadline_ns);
}

weft_err
weft_file_save(const char *path, const void *ptr, size_t n, uint32_t mode)
{
    return weft_file_save_until(path, ptr, n, mode, WEFT_NEVER);
}
