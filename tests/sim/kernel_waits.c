/* SPDX-License-Identifier: MIT */
/* Random programs wait for events. */
#include "kernel.h"

#include <weft/sim.h>

#define UNKNOWN_FLAG 128 /* of timerfd_settime */

static bool
is_epoll(const struct slot *s)
{
    return s->kind == EPOLL;
}

static bool
is_event(const struct slot *s)
{
    return s->kind == EVENT;
}

static bool
is_timer(const struct slot *s)
{
    return s->kind == TIMER;
}

void
do_event(void)
{
    struct slot *s = any(is_event);
    const uint64_t values[] = {0,         1, 2, UINT64_MAX - 2, UINT64_MAX - 1,
                               UINT64_MAX};
    if (!s || below(12) == 0) {
        if (n_free() > 2)
            take(EVENT, both_eventfd((unsigned)below(3)));
        return;
    }
    if (below(2))
        both_read(s->fd, (enum both_read)below(BOTH_READS), below(20));
    else
        both_write(s->fd, (enum both_write)below(BOTH_WRITES),
                   &values[below(6)], below(8) ? 8 : below(9));
}

/* A periodic timer that nobody reads is an event once; a read starts it
 * again. */
static void
tick(void)
{
    const struct itimerspec each = {.it_value.tv_nsec = 1,
                                    .it_interval.tv_nsec = 1000000},
                            later = {.it_value.tv_nsec = 3000000};
    const short in = POLLIN;
    struct both timer = both_timerfd(), other = both_timerfd(),
                ep = both_epoll();
    uint64_t n; /* differs between the kernels */
    both_epoll_ctl(ep, EPOLL_CTL_ADD, timer, EPOLLIN | (uint32_t)EPOLLET, 1);
    both_timerfd_set(timer, 0, &each);
    for (int i = 0; i < 3; i++) {
        both_timerfd_set(other, 0, &later);
        both_poll(&other, &in, 1, -1);
        both_epoll_wait(ep, 1, true);
        if (i == 1) {
            WEFT_SIM_CHECK(read(timer.real, &n, sizeof n) == sizeof n);
            WEFT_SIM_CHECK(wf_sys_read(timer.sim, &n, sizeof n) == sizeof n);
            WEFT_SIM_CHECK(n >= 6);
        }
    }
    both_close(ep);
    both_close(other);
    both_close(timer);
}

void
do_timer(void)
{
    struct slot *s = any(is_timer);
    const short in = POLLIN;
    struct itimerspec t = {.it_value.tv_sec = 100000};
    if (!s) {
        if (n_free() > 2)
            take(TIMER, both_timerfd());
        return;
    }
    if (n_free() > 3 && below(10) == 0)
        tick();
    switch (below(6)) {
    case 0:
        t.it_value = (struct timespec){0, below(2) ? 1 : 1000};
        both_timerfd_set(s->fd, below(2) ? TFD_TIMER_ABSTIME : 0, &t);
        both_poll(&s->fd, &in, 1, -1);
        break;
    case 1:
        t.it_value.tv_sec = 0;
        both_timerfd_set(s->fd, 0, &t);
        break;
    case 2:
        t.it_value.tv_nsec = below(2) ? 1000000000 : -1;
        both_timerfd_set(s->fd, 0, &t);
        break;
    case 3:
        both_timerfd_set(s->fd, below(4) ? 0 : UNKNOWN_FLAG, &t);
        break;
    case 4:
        both_write(s->fd, BOTH_WRITE, "12345678", 8);
        break;
    default:
        both_read(s->fd, (enum both_read)below(BOTH_READS), below(20));
    }
}

/* ---- waiting ---- */

static short
some_events(void)
{
    return (short)((below(4) ? POLLIN : 0) | (below(2) ? POLLOUT : 0) |
                   (below(2) ? POLLRDHUP : 0));
}

void
do_poll(void)
{
    struct both fds[4];
    short events[4];
    unsigned n = 1 + (unsigned)below(4);
    for (unsigned i = 0; i < n; i++) {
        struct slot *s = any(NULL);
        fds[i] = s && below(20) ? s->fd : (struct both){-1, -1};
        events[i] = some_events();
    }
    both_poll(fds, events, n, 0);
}

void
do_watch(void)
{
    static const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
    struct slot *ep = any(is_epoll), *s = any(NULL);
    if ((!ep || below(40) == 0) && n_free() > 2)
        ep = take(EPOLL, both_epoll());
    if (!ep || !s || (s->kind == EPOLL && s != ep))
        return;
    uint32_t events = (uint32_t)(uint16_t)some_events();
    if (below(3))
        events |= (uint32_t)EPOLLET;
    if (below(8) == 0)
        events |= EPOLLONESHOT;
    if (below(8) == 0)
        events |= (uint32_t)EPOLLEXCLUSIVE;
    both_epoll_ctl(ep->fd, ops[below(4) ? 0 : below(3)], s->fd, events,
                   (uint64_t)s->fd.sim);
}

void
do_wait(void)
{
    struct slot *ep = any(below(60) ? is_epoll : NULL);
    if (ep)
        both_epoll_wait(ep->fd, below(60) ? SLOTS : 0, false);
}

/* Two epolls watch one file for an event. While no thread waits in them, both
 * report it. */
void
do_exclusive(void)
{
    const struct both fd = both_eventfd(0),
                      eps[] = {both_epoll(), both_epoll()};
    const uint64_t one = 1;
    for (int i = 0; i < 2; i++)
        both_epoll_ctl(eps[i], EPOLL_CTL_ADD, fd,
                       EPOLLIN | (uint32_t)(below(4) ? EPOLLEXCLUSIVE : 0) |
                           (uint32_t)(below(2) ? EPOLLET : 0),
                       1);
    for (int i = 0; i < 6; i++) {
        if (below(2))
            both_write(fd, BOTH_WRITE, &one, 8);
        both_epoll_wait(eps[below(2)], 2, true);
        if (below(4) == 0)
            both_read(fd, BOTH_READ, 8);
    }
    both_close(fd);
    both_close(eps[0]);
    both_close(eps[1]);
}

/* The order in which epoll returns events, and which events it returns if it
 * may not return all. Only with eventfds: for sockets the kernel does not
 * promise which one is ready first. */
void
do_order(void)
{
    struct both ep = both_epoll(), fds[6];
    const uint64_t one = 1;
    for (int i = 0; i < 6; i++) {
        fds[i] = both_eventfd((unsigned)below(2));
        both_epoll_ctl(ep, EPOLL_CTL_ADD, fds[i],
                       EPOLLIN | (below(2) ? (uint32_t)EPOLLET : 0) |
                           (below(4) ? 0 : (uint32_t)EPOLLOUT),
                       (uint64_t)i);
    }
    for (int i = 0; i < 20; i++) {
        struct both fd = fds[below(6)];
        switch (below(4)) {
        case 0:
            both_read(fd, BOTH_READ, 8);
            break;
        case 1:
            both_write(fd, BOTH_WRITE, &one, 8);
            break;
        case 2:
            both_epoll_ctl(ep, below(2) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                           EPOLLIN | (uint32_t)(below(2) ? EPOLLET : 0), 9);
            break;
        default:
            both_epoll_wait(ep, 1 + (int)below(7), true);
        }
    }
    for (int i = 0; i < 6; i++)
        both_close(fds[i]);
    both_close(ep);
}
