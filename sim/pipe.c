/* SPDX-License-Identifier: MIT */
/*
 * Simulates pipes. The calls of a pipe never wait, as with O_NONBLOCK. As in
 * Linux's fs/pipe.c, a pipe has 16 pages. A write first adds its bytes beyond
 * whole pages to the last page, if these bytes fit there. So how many bytes fit
 * into a pipe depends on the sizes of the writes.
 */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 16u
#define PAGE 4096u

struct pipe;

struct end {
    struct ws_file file;
    struct pipe *pipe;
};

/* A pipe is freed when its second end is closed. */
struct pipe {
    struct end *reader, *writer; /* NULL: the end is closed */
    /* the first page with bytes, and the number of such pages */
    uint32_t first, n;
    struct {
        uint32_t from, to; /* the unread bytes of the page */
        uint8_t bytes[PAGE];
    } pages[PAGES];
};

static struct pipe *
pipe_of(struct ws_file *file)
{
    return ((struct end *)file)->pipe;
}

/* ---- reading ---- */

static ssize_t
read_pipe(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    struct pipe *p = pipe_of(file);
    size_t done = 0, size = ws_iov_size(iov, n);
    bool was_full = p->n == PAGES;
    (void)peek; /* true only for sockets */
    while (p->n && done < size) {
        uint32_t i = p->first;
        size_t got =
            ws_iov_fill(iov, n, done, p->pages[i].bytes + p->pages[i].from,
                        p->pages[i].to - p->pages[i].from);
        done += got;
        p->pages[i].from += (uint32_t)got;
        if (p->pages[i].from < p->pages[i].to)
            continue;
        p->first = (p->first + 1) % PAGES;
        p->n--;
    }
    if (was_full && p->n < PAGES && p->writer)
        ws_file_changed(&p->writer->file, EPOLLOUT);
    return done || !size || !p->writer ? (ssize_t)done : -EAGAIN;
}

static uint32_t
poll_reader(struct ws_file *file)
{
    const struct pipe *p = pipe_of(file);
    return (p->n ? (uint32_t)EPOLLIN : 0) |
           (p->writer ? 0 : (uint32_t)EPOLLHUP);
}

/* ---- writing ---- */

/* Copy `len` bytes of the buffers `iov`, after the first `skip` bytes. */
static void
take(uint8_t *to, const struct iovec *iov, size_t skip, size_t len)
{
    for (size_t done = 0; done < len; iov++) {
        size_t from = WF_MIN(skip, iov->iov_len);
        size_t part = WF_MIN(iov->iov_len - from, len - done);
        if (part)
            memcpy(to + done, (const uint8_t *)iov->iov_base + from, part);
        done += part;
        skip -= from;
    }
}

/* Add the bytes beyond whole pages to the last page, if all these bytes fit
 * there. Returns how many bytes were added. */
static size_t
add_to_last(struct pipe *p, const struct iovec *iov, size_t size)
{
    size_t rest = size % PAGE;
    uint32_t last = (p->first + p->n + PAGES - 1) % PAGES;
    if (!p->n || p->pages[last].to + rest > PAGE)
        return 0;
    take(p->pages[last].bytes + p->pages[last].to, iov, 0, rest);
    p->pages[last].to += (uint32_t)rest;
    return rest;
}

static ssize_t
write_pipe(struct ws_file *file, const struct iovec *iov, int n)
{
    struct pipe *p = pipe_of(file);
    size_t size = ws_iov_size(iov, n);
    if (!size)
        return 0;
    if (!p->reader)
        return -EPIPE;
    size_t done = add_to_last(p, iov, size);
    while (done < size && p->n < PAGES) {
        uint32_t i = (p->first + p->n++) % PAGES;
        size_t part = WF_MIN(size - done, PAGE);
        take(p->pages[i].bytes, iov, done, part);
        p->pages[i].from = 0;
        p->pages[i].to = (uint32_t)part;
        done += part;
    }
    /* As on Linux, each write is an event for epoll, even a write for which
     * there was no space. */
    ws_file_changed(&p->reader->file, EPOLLIN);
    return done ? (ssize_t)done : -EAGAIN;
}

static uint32_t
poll_writer(struct ws_file *file)
{
    const struct pipe *p = pipe_of(file);
    return (p->n < PAGES ? (uint32_t)EPOLLOUT : 0) |
           (p->reader ? 0 : (uint32_t)EPOLLERR);
}

/* ---- both ends ---- */

static ssize_t
cannot_read(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    (void)file;
    (void)iov;
    (void)n;
    (void)peek;
    return -EBADF;
}

static ssize_t
cannot_write(struct ws_file *file, const struct iovec *iov, int n)
{
    (void)file;
    (void)iov;
    (void)n;
    return -EBADF;
}

static void
end_end(struct ws_file *file)
{
    struct pipe *p = pipe_of(file);
    struct end *other = p->reader;
    if ((void *)p->reader == file) {
        p->reader = NULL;
        other = p->writer;
    } else {
        p->writer = NULL;
    }
    if (other)
        ws_file_changed(&other->file, WS_ANY);
    else
        free(p);
    free(file);
}

static const struct ws_file_ops reader_ops = {
    .what = "pipe",
    .has_mode = true,
    .read = read_pipe,
    .write = cannot_write,
    .poll = poll_reader,
    .end = end_end,
};

static const struct ws_file_ops writer_ops = {
    .what = "pipe",
    .has_mode = true,
    .read = cannot_read,
    .write = write_pipe,
    .poll = poll_writer,
    .end = end_end,
};

static struct end *
end_new(struct pipe *p, const struct ws_file_ops *ops)
{
    struct end *end = ws_alloc(sizeof *end);
    ws_file_init(&end->file, ops);
    end->pipe = p;
    return end;
}

int
ws_pipe(int fds[2])
{
    struct pipe *p = ws_alloc(sizeof *p);
    p->reader = end_new(p, &reader_ops);
    p->writer = end_new(p, &writer_ops);
    fds[0] = ws_fd_new(&p->reader->file);
    if (fds[0] < 0) {
        ws_file_unref(&p->writer->file);
        return fds[0];
    }
    fds[1] = ws_fd_new(&p->writer->file);
    if (fds[1] < 0)
        (void)ws_fd_close(fds[0]);
    return WF_MIN(fds[1], 0);
}
