/* SPDX-License-Identifier: MIT */
/* Keeps the descriptors of a host, and the files that they refer to. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_FD 3
#define FDS_MAX 20000

void
ws_file_init(struct ws_file *file, const struct ws_file_ops *ops)
{
    file->ops = ops;
    file->host = ws_self();
    file->refs = 1;
    wf_list_init(&file->watches);
}

void
ws_file_ref(struct ws_file *file)
{
    file->refs++;
}

void
ws_file_unref(struct ws_file *file)
{
    if (--file->refs > 0)
        return;
    ws_watches_drop(file);
    file->ops->end(file);
}

static int
grow(struct ws_host *host)
{
    uint32_t cap = host->cap_files ? host->cap_files * 2 : 64;
    if (cap > FDS_MAX)
        return -EMFILE;
    host->files = realloc(host->files, cap * sizeof *host->files);
    if (!host->files)
        ws_die("no memory for %u descriptors", cap);
    memset(host->files + host->cap_files, 0,
           (cap - host->cap_files) * sizeof *host->files);
    host->cap_files = cap;
    return 0;
}

/* Use the lowest free number, as POSIX demands. */
int
ws_fd_new(struct ws_file *file)
{
    struct ws_host *host = ws_self();
    uint32_t fd = FIRST_FD;
    while (fd < host->cap_files && host->files[fd])
        fd++;
    if (fd >= host->cap_files && grow(host) < 0) {
        ws_file_unref(file);
        return -EMFILE;
    }
    host->files[fd] = file;
    return (int)fd;
}

struct ws_file *
ws_fd(int fd, const struct ws_file_ops *ops)
{
    struct ws_host *host = ws_self();
    if (!host || fd < 0 || (uint32_t)fd >= host->cap_files)
        return NULL;
    struct ws_file *file = host->files[fd];
    return file && (!ops || file->ops == ops) ? file : NULL;
}

int
ws_fd_close(int fd)
{
    struct ws_file *file = ws_fd(fd, NULL);
    if (!file)
        return -EBADF;
    file->host->files[fd] = NULL;
    ws_file_unref(file);
    return 0;
}

void
ws_fd_close_all(struct ws_host *host)
{
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        struct ws_file *file = host->files[fd];
        host->files[fd] = NULL;
        if (!file)
            continue;
        file->refs = 1; /* the threads that waited for the file have ended */
        ws_file_unref(file);
    }
    free(host->files);
    host->files = NULL;
    host->cap_files = 0;
}

uint32_t
ws_fd_count(const struct ws_host *host)
{
    uint32_t n = 0;
    for (uint32_t fd = 0; fd < host->cap_files; fd++)
        n += host->files[fd] != NULL;
    return n;
}

void
ws_file_changed(struct ws_file *file, uint32_t events)
{
    ws_watches_mark(file, events);
    (void)ws_wake(file->host, file, UINT32_MAX);
}

/* ---- pieces of memory ---- */

size_t
ws_iov_size(const struct iovec *iov, int n)
{
    size_t size = 0;
    for (int i = 0; i < n; i++)
        size += iov[i].iov_len;
    return size;
}

size_t
ws_iov_fill(const struct iovec *iov, int n, size_t skip, const void *from,
            size_t len)
{
    size_t done = 0;
    for (int i = 0; i < n && done < len; i++) {
        if (skip >= iov[i].iov_len) {
            skip -= iov[i].iov_len;
            continue;
        }
        size_t part = WF_MIN(iov[i].iov_len - skip, len - done);
        memcpy((uint8_t *)iov[i].iov_base + skip, (const uint8_t *)from + done,
               part);
        done += part;
        skip = 0;
    }
    return done;
}
