/* SPDX-License-Identifier: MIT */
/* Pipes of the random programs. */
#include "kernel.h"

#define MOST 65536 /* bytes that a pipe has room for, at most */
#define PAGE 4096

static bool
is_pipe(const struct slot *s)
{
    return s->kind == PIPE;
}

static void
make(void)
{
    struct both ends[2];
    if (n_free() < 4)
        return;
    both_pipe(ends);
    for (int i = 0; i < 2; i++)
        take(PIPE, ends[i]);
}

/* Small writes share a page, and large writes fill the pipe. */
static void
write_some(struct slot *s)
{
    static uint8_t bytes[MOST];
    size_t n = below(4) ? below(3000) : below(4) ? below(20000) : below(MOST);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)below(256);
    both_write(s->fd, (enum both_write)below(BOTH_WRITES), bytes, n);
}

static void
read_some(struct slot *s)
{
    both_read(s->fd, (enum both_read)below(BOTH_READS),
              below(3) ? below(6000) : below(MOST));
}

/* The pipe may be either end: then the other call fails. */
static void
use(struct slot *s)
{
    switch (below(16)) {
    case 0:
        if (below(3) == 0)
            do_close(s);
        break;
    case 1:
        both_read(s->fd, BOTH_READV, 0);
        break;
    default:
        if (below(2))
            write_some(s);
        else
            read_some(s);
    }
}

static size_t
some_size(void)
{
    switch (below(4)) {
    case 0:
        return 1 + below(300);
    case 1:
        return PAGE * (1 + below(4));
    case 2:
        return PAGE - 300 + below(600);
    default:
        return below(20000);
    }
}

/* Two writes that fill one page to its last byte: the second one adds to the
 * page of the first, so all other pages have room. */
static void
fill_a_page(void)
{
    static uint8_t bytes[MOST];
    size_t first = 1 + below(PAGE - 1);
    struct both ends[2];
    both_pipe(ends);
    both_write(ends[1], BOTH_WRITE, bytes, first);
    both_write(ends[1], BOTH_WRITE, bytes, PAGE - first);
    both_write(ends[1], BOTH_WRITE, bytes, MOST);
    both_close(ends[1]);
    both_close(ends[0]);
}

/* A pipe that is full most of the time, and an epoll that reports each
 * change. */
static void
fill_and_drain(void)
{
    static uint8_t bytes[20001];
    const struct both ep = both_epoll();
    const short all = POLLIN | POLLOUT;
    struct both ends[2];
    bool reads_much = below(2);
    both_pipe(ends);
    for (int i = 0; i < 2; i++)
        both_epoll_ctl(ep, EPOLL_CTL_ADD, ends[i],
                       EPOLLIN | EPOLLOUT | (uint32_t)EPOLLET, (uint64_t)i);
    for (int i = 0; i < 40; i++) {
        if (below(3))
            both_write(ends[1], BOTH_WRITE, bytes, some_size());
        else
            both_read(ends[0], BOTH_READ,
                      reads_much ? some_size() : below(PAGE));
        if (below(2))
            both_epoll_wait(ep, 2, false);
        both_poll(&ends[below(2)], &all, 1, 0);
    }
    uint64_t first = below(2);
    both_close(ends[first]);
    both_epoll_wait(ep, 2, false);
    both_write(ends[1], BOTH_WRITE, bytes, below(2));
    both_read(ends[0], BOTH_READ, below(2) ? MOST : PAGE);
    both_read(ends[0], BOTH_READ, MOST);
    both_close(ends[1 - first]);
    both_close(ep);
}

void
do_pipe(void)
{
    if (below(4) == 0)
        fill_a_page();
    if (below(4) == 0 && n_free() > 4) {
        fill_and_drain();
        return;
    }
    for (int i = 0; i < 20; i++) {
        struct slot *s = any(is_pipe);
        if (s)
            use(s);
        else
            make();
    }
    if (below(3) == 0)
        make();
}
