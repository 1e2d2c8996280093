/* SPDX-License-Identifier: MIT */
/* Random programs read and write bytes. */
#include "kernel.h"

#include <linux/sockios.h>

/* A program writes to a stream socket only while fewer bytes than this are
 * unread at the other end. It is far below what a socket takes. */
#define UNREAD 12000
#define UNREAD_UNIX 2000

/* Bytes to be read, as the real kernel says. The program itself does not make
 * this call. */
static int
unread(const struct slot *s)
{
    int n = 0;
    return ioctl(s->fd.real, SIOCINQ, &n) ? 0 : n;
}

static bool
has_unread(const struct slot *s)
{
    return is_stream(s) && unread(s) > 0;
}

/* For a unix socket the real kernel counts the memory of the bytes, and the
 * simulated kernel counts the bytes. In both the socket is not writable above a
 * quarter of its limit, so programs stay below that. */
static bool
has_memory(const struct slot *s)
{
    int n = 0;
    return s->kind != UNIX || ioctl(s->fd.real, SIOCOUTQ, &n) || n < 20000;
}

static bool
has_room(const struct slot *s)
{
    return (s->peer ? unread(s->peer) : (int)s->sent) <
               (s->kind == UNIX ? UNREAD_UNIX : UNREAD) &&
           has_memory(s);
}

static void
do_write(struct slot *s)
{
    static uint8_t bytes[4096];
    size_t n = below(8) ? below(800) : below(sizeof bytes);
    if (is_stream(s) && !has_room(s))
        return;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)below(256);
    int64_t put =
        both_write(s->fd, (enum both_write)below(BOTH_WRITES), bytes, n);
    s->sent += put > 0 ? (uint32_t)put : 0;
}

static void
do_read(struct slot *s)
{
    size_t n = below(16) ? below(2000) : below(20000);
    both_read(s->fd, (enum both_read)below(BOTH_READS), n);
}

/* Write until nothing more fits, and read until nothing is left. The kernels
 * differ in how many bytes fit. */
static void
fill(struct both fd, int64_t *real, int64_t *sim)
{
    static const uint8_t zeros[8192];
    ssize_t n;
    for (int still = 0; still < 3; still++) {
        while ((n = send(fd.real, zeros, sizeof zeros, MSG_NOSIGNAL)) > 0) {
            *real += n;
            still = 0;
        }
        both_settle();
    }
    for (int still = 0; still < 3; still++) {
        while ((n = wf_sys_send(fd.sim, zeros, sizeof zeros)) > 0) {
            *sim += n;
            still = 0;
        }
        both_settle();
    }
}

static void
drain(struct both fd, int64_t real, int64_t sim)
{
    static uint8_t bytes[65536];
    ssize_t n;
    while (real > 0) {
        struct pollfd p = {.fd = fd.real, .events = POLLIN};
        (void)poll(&p, 1, -1);
        while ((n = recv(fd.real, bytes, sizeof bytes, 0)) > 0)
            real -= n;
    }
    while (sim > 0) {
        struct pollfd p = {.fd = fd.sim, .events = POLLIN};
        (void)wf_sys_poll(&p, 1, -1);
        while ((n = wf_sys_recv(fd.sim, bytes, sizeof bytes)) > 0)
            sim -= n;
    }
}

void
do_fill(void)
{
    struct slot *s = any(has_peer);
    const short out = POLLOUT, in = POLLIN | POLLRDHUP | POLLHUP;
    if (!s || s->peer == s || both_poll(&s->peer->fd, &in, 1, 0) ||
        both_poll(&s->fd, &in, 1, 0) || both_poll(&s->fd, &out, 1, 0) != 1)
        return;
    struct both ep = both_epoll();
    both_epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, EPOLLOUT | EPOLLET, 1);
    both_epoll_wait(ep, 2, true);
    int64_t real = 0, sim = 0;
    fill(s->fd, &real, &sim);
    both_poll(&s->fd, &out, 1, 0);
    both_epoll_wait(ep, 2, true);
    drain(s->peer->fd, real, sim);
    both_poll(&s->fd, &out, 1, -1);
    both_epoll_wait(ep, 2, true);
    both_epoll_wait(ep, 2, true);
    both_close(ep);
}

void
do_stream(void)
{
    struct slot *s = any(below(10) ? has_peer : is_socket), *full;
    if (!s)
        return;
    if (below(2))
        do_write(s);
    else
        do_read(below(10) && (full = any(has_unread)) ? full : s);
}
