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

static struct wf_slab waiters =
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
        if (!wf_park_until(deadline_ns) && !wf_load(&w->events, acquire))
            return WEFT_ETIMEOUT;
    }
}

int
weft_fd_wait_until(int fd, int events, uint64_t deadline_ns)
{
    if (!(events & (WEFT_FD_READ | WEFT_FD_WRITE)))
        return -EINVAL;
    weft_err err = wf_poll_ensure();
    if (err)
        return err;
    struct wf_task *task = wf_task_self();
    struct wf_slot *slot = task ? wf_slab_get(&waiters) : NULL;
    if (!slot)
        return -ENOMEM;
    struct waiter *w = WF_CONTAINER(slot, struct waiter, slot);
    w->task = task;
    wf_store(&w->events, 0, relaxed); /* published by open and epoll_ctl */
    uint64_t id = wf_slot_open(slot);
    int found = wf_poll_once(fd, id | WF_POLL_WAITER, epoll_events(events));
    if (found >= 0) {
        int epoll = found;
        found = await(w, events, deadline_ns);
        wf_poll_forget(epoll, fd);
    }
    wf_slot_fail(slot);
    wf_slot_unref(&waiters, slot);
    return found == WEFT_ECANCEL ? wf_cancel_error() : found;
}

int
weft_fd_wait(int fd, int events)
{
    return weft_fd_wait_until(fd, events, WEFT_NEVER);
}
