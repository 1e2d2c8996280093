/* SPDX-License-Identifier: MIT */
/*
 * weft_fd_wait: a task waits for an event of a descriptor, which need not be a
 * socket of weft. The poller of the sockets also receives this event. The
 * descriptor is registered for one wait. The event carries the id of a slot;
 * the id of a late event is stale.
 */
#include "net/wait.h"

#include "fiber/fiber.h"
#include "net/poll.h"

#include <errno.h>

struct waiter {
    struct wf_slot slot;
    struct wf_task *task;
    _Atomic uint32_t events; /* epoll's bits; 0: no event yet */
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
    wf_or(&w->events, events, release); /* pairs with wf_fd_came */
    if (!WF_MUTANT(fd_event_wakes_none))
        wf_wake(w->task);
    wf_slot_unref(&waiters, slot);
}

/* EPOLLRDHUP is not needed: when the peer ends its side, the descriptor is
 * readable. */
static uint32_t
epoll_events(int events)
{
    return (events & WEFT_FD_READ ? EPOLLIN : 0) |
           (events & WEFT_FD_WRITE ? EPOLLOUT : 0);
}

static int
events_of(uint32_t events, int asked)
{
    int found = 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        found |= WEFT_FD_READ;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        found |= WEFT_FD_WRITE;
    return found & asked;
}

/* Returns those of `events` that are ready now (0: none), or -errno. */
int
wf_fd_look(int fd, int events)
{
    struct pollfd p = {.fd = fd};
    if (fd < 0) /* poll ignores a negative descriptor */
        return -EBADF;
    p.events = (short)epoll_events(events); /* poll uses the same bits */
    int n = wf_sys_poll(&p, 1, 0);
    if (n == -EINTR)
        return 0;
    if (n <= 0)
        return n;
    return p.revents & POLLNVAL ? -EBADF
                                : events_of((uint32_t)p.revents, events);
}

/*
 * An epoll accepts each descriptor only once. If another fiber already waits
 * for `fd`, put `fd` into a new epoll. The new epoll is a descriptor, too, and
 * becomes readable when the event arrives. Returns the new epoll, or -errno.
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

/* Register the descriptor, so that its event carries this id. */
static weft_err
enlist(struct wf_fd_watch *watch, uint64_t id, int fd, int events)
{
    watch->listed = fd;
    watch->epoll = wf_poll_once(fd, id, epoll_events(events));
    if (watch->epoll == -EEXIST) {
        watch->nest = nest(fd, epoll_events(events));
        watch->listed = watch->nest;
        watch->epoll = watch->nest < 0 ? watch->nest
                                       : wf_poll_once(watch->nest, id, EPOLLIN);
    }
    return watch->epoll < 0 ? watch->epoll : WEFT_OK;
}

weft_err
wf_fd_watch(struct wf_fd_watch *watch, int fd, int events, struct wf_task *task)
{
    *watch = (struct wf_fd_watch){.epoll = -1, .nest = -1};
    struct wf_slot *slot = task ? wf_slab_get(&waiters) : NULL;
    if (!slot)
        return -ENOMEM;
    struct waiter *w = WF_CONTAINER(slot, struct waiter, slot);
    watch->waiter = w;
    w->task = task;
    wf_store(&w->events, 0, relaxed); /* wf_slot_open publishes the store */
    return enlist(watch, wf_slot_open(slot) | WF_POLL_WAITER, fd, events);
}

bool
wf_fd_came(const struct wf_fd_watch *watch)
{
    /* acquire: pairs with wf_wait_event */
    return watch->waiter && wf_load(&watch->waiter->events, acquire) != 0;
}

void
wf_fd_forget(struct wf_fd_watch *watch)
{
    if (!watch->waiter)
        return;
    if (watch->epoll >= 0)
        wf_poll_forget(watch->epoll, watch->listed);
    if (watch->nest >= 0)
        (void)wf_sys_close(watch->nest);
    wf_slot_fail(&watch->waiter->slot);
    wf_slot_unref(&waiters, &watch->waiter->slot);
    watch->waiter = NULL;
}

static weft_err
await(const struct wf_fd_watch *watch, uint64_t deadline_ns)
{
    while (!wf_fd_came(watch)) {
        if (wf_task_cancelled(watch->waiter->task))
            return WEFT_ECANCEL;
        if (!wf_park_until(deadline_ns, WEFT_WAIT_FD) && !wf_fd_came(watch))
            return WEFT_ETIMEOUT;
    }
    return WEFT_OK;
}

/* Wait once. 0: the wait ended without an event, which is possible with a
 * nested epoll. */
static int
wait_once(int fd, int events, uint64_t deadline_ns)
{
    struct wf_fd_watch watch;
    int found = wf_fd_watch(&watch, fd, events, wf_task_self());
    if (!found)
        found = await(&watch, deadline_ns);
    if (!found)
        found = watch.nest < 0
                    ? events_of(wf_load(&watch.waiter->events, relaxed), events)
                    : wf_fd_look(fd, events);
    wf_fd_forget(&watch);
    return found;
}

int
weft_fd_wait_until(int fd, int events, uint64_t deadline_ns)
{
    if (!(events & (WEFT_FD_READ | WEFT_FD_WRITE)))
        return -EINVAL;
    int found = WF_MUTANT(fd_not_looked_at) ? 0 : wf_fd_look(fd, events);
    weft_err err = found ? WEFT_OK : wf_poll_ensure();
    while (!found && !err) {
        if (deadline_ns <= wf_sys_now_ns())
            return WEFT_ETIMEOUT;
        found = wait_once(fd, events, deadline_ns);
    }
    /* Every wait that a cancel ends calls wf_cancel_error. */
    if (found == WEFT_ECANCEL)
        return wf_cancel_error();
    return err ? err : found;
}

int
weft_fd_wait(int fd, int events)
{
    return weft_fd_wait_until(fd, events, WEFT_NEVER);
}
