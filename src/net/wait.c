/* SPDX-License-Identifier: MIT */
/*
 * weft_fd_wait: a fiber waits for a descriptor of any library, on the poller
 * that serves the sockets. The descriptor is registered for one wait, and its
 * event names a slot whose version a late event does not match.
 */
#include "net/wait.h"

#include "fiber/fiber.h"
#include "net/poll.h"

#include <errno.h>

struct waiter {
    struct wf_slot slot;
    struct wf_task *task;
    _Atomic uint32_t events; /* of epoll; 0: none yet */
};

static void waiter_closed(struct wf_slot *slot);

static WF_GLOBAL struct wf_slab waiters =
    WF_SLAB_INIT(struct waiter, 1u << 24, waiter_closed);

static void
waiter_closed(struct wf_slot *slot)
{
    wf_slab_put(&waiters, slot);
}

void
wf_wait_event(uint64_t id, uint32_t events)
{
    struct wf_slot *slot = wf_slot_ref(&waiters, id);
    if (!slot)
        return;
    struct waiter *w = WF_CONTAINER(slot, struct waiter, slot);
    wf_or(&w->events, events, release); /* pairs with await */
    wf_wake(w->task);
    wf_slot_unref(&waiters, slot);
}

static uint32_t
epoll_events(int events)
{
    return (events & WEFT_FD_READ ? EPOLLIN | EPOLLRDHUP : 0) |
           (events & WEFT_FD_WRITE ? EPOLLOUT : 0);
}

static int
events_of(uint32_t events, int asked)
{
    int found = 0;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        found |= WEFT_FD_READ;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        found |= WEFT_FD_WRITE;
    return found & asked;
}

static int
await(struct waiter *w, int events, uint64_t deadline_ns)
{
    for (;;) {
        uint32_t seen = wf_load(&w->events, acquire);
        if (seen)
            return events_of(seen, events);
        if (wf_task_cancelled(w->task))
            return WEFT_ECANCEL;
        if (!wf_park_until(deadline_ns, WEFT_WAIT_FD) &&
            !wf_load(&w->events, acquire))
            return WEFT_ETIMEOUT;
    }
}

/* What is ready now: a set, 0, or -errno. */
static int
look(int fd, int events)
{
    struct pollfd p = {.fd = fd};
    p.events = (short)((events & WEFT_FD_READ ? POLLIN | POLLRDHUP : 0) |
                       (events & WEFT_FD_WRITE ? POLLOUT : 0));
    int n = wf_sys_poll(&p, 1, 0);
    if (n == -EINTR)
        return 0;
    if (n <= 0)
        return n;
    /* poll and epoll have the same values for their events. */
    return p.revents & POLLNVAL ? -EBADF
                                : events_of((uint32_t)p.revents, events);
}

/*
 * An epoll takes a descriptor once. If another fiber waits for it there, it is
 * put into an epoll of its own, which is a descriptor, too, and readable when
 * the event has come. Returns that epoll, or -errno.
 */
static int
nest(int fd, uint32_t events)
{
    struct epoll_event e = {.events = events};
    int epoll = wf_sys_epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        return epoll;
    weft_err err = wf_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    if (err)
        (void)wf_sys_close(epoll);
    return err ? err : epoll;
}

/* Wait with a registration; a wait in a nested epoll looks again. */
static int
wait_registered(struct waiter *w, uint64_t id, int fd, int events,
                uint64_t deadline_ns)
{
    int own = -1;
    int epoll = wf_poll_once(fd, id, epoll_events(events));
    if (epoll == -EEXIST) {
        own = nest(fd, epoll_events(events));
        if (own < 0)
            return own;
        epoll = wf_poll_once(own, id, EPOLLIN);
    }
    int found = epoll;
    if (epoll >= 0) {
        found = await(w, own < 0 ? events : WEFT_FD_READ, deadline_ns);
        wf_poll_forget(epoll, own < 0 ? fd : own);
    }
    if (own >= 0)
        (void)wf_sys_close(own);
    return found > 0 && own >= 0 ? look(fd, events) : found;
}

/* One wait. 0: it ended early, as one in a nested epoll may. */
static int
wait_once(int fd, int events, uint64_t deadline_ns)
{
    struct wf_task *task = wf_task_self();
    struct wf_slot *slot = task ? wf_slab_get(&waiters) : NULL;
    if (!slot)
        return -ENOMEM;
    struct waiter *w = WF_CONTAINER(slot, struct waiter, slot);
    w->task = task;
    wf_store(&w->events, 0, relaxed); /* published by open and epoll_ctl */
    uint64_t id = wf_slot_open(slot) | WF_POLL_WAITER;
    int found = wait_registered(w, id, fd, events, deadline_ns);
    wf_slot_fail(slot);
    wf_slot_unref(&waiters, slot);
    return found;
}

int
weft_fd_wait_until(int fd, int events, uint64_t deadline_ns)
{
    if (!(events & (WEFT_FD_READ | WEFT_FD_WRITE)))
        return -EINVAL;
    int found = look(fd, events);
    weft_err err = found ? WEFT_OK : wf_poll_ensure();
    while (!found && !err) {
        if (deadline_ns <= wf_sys_now_ns())
            return WEFT_ETIMEOUT;
        found = wait_once(fd, events, deadline_ns);
    }
    /* As every wait that a cancel ends: see wf_cancel_error. */
    if (found == WEFT_ECANCEL)
        return wf_cancel_error();
    return err ? err : found;
}

int
weft_fd_wait(int fd, int events)
{
    return weft_fd_wait_until(fd, events, WEFT_NEVER);
}
