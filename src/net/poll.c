/* SPDX-License-Identifier: MIT */
/*
 * Station: poll. An event arrives with an id; who adds the first to a socket's
 * counter starts its reader.
 */
#include "net/poll.h"

#include "fiber/fiber.h"
#include "net/round.h"
#include "net/sock.h"
#include "net/wait.h"

#include <errno.h>
#include <string.h>

#define EVENTS 128

static struct {
    pthread_mutex_t lock; /* of the set-up */
    _Atomic bool ready;
    uint32_t n;
    int *epolls, *kicks;   /* of each worker */
    _Atomic uint32_t next; /* whose epoll takes the next socket */
} poller = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- waiting ---- */

/* Kernels before 5.11 have no time-out in nanoseconds. */
static int
wait_for_events(int epoll, struct epoll_event *events, uint64_t deadline_ns)
{
    if (deadline_ns == 0 || deadline_ns == WEFT_NEVER)
        return wf_sys_epoll_wait(epoll, events, EVENTS,
                                 deadline_ns == 0 ? 0 : -1);
    uint64_t now = wf_sys_now_ns();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec t = {.tv_sec = (time_t)(left / 1000000000u),
                         .tv_nsec = (long)(left % 1000000000u)};
    int n = wf_sys_epoll_pwait2(epoll, events, EVENTS, &t);
    if (n != -ENOSYS)
        return n;
    uint64_t ms = (left + 999999) / 1000000;
    return wf_sys_epoll_wait(epoll, events, EVENTS,
                             ms > 60000 ? 60000 : (int)ms);
}

static void
kick_worker(uint32_t worker)
{
    const uint64_t one = 1;
    /* The descriptor is never read: each write is a new edge. It would be full
     * after 2^64 - 1 kicks. */
    (void)wf_sys_write(poller.kicks[worker], &one, sizeof one);
}

static uint32_t
poll_worker(uint32_t worker, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS];
    wf_round_send(worker);
    int n = wait_for_events(poller.epolls[worker], events, deadline_ns);
    uint32_t found = 0;
    bool kicked = false;
    for (int i = 0; i < n; i++) {
        uint64_t id = events[i].data.u64;
        if (id == 0) { /* a kick; its edge is all that it says */
            kicked = true;
            continue;
        }
        if (id & WF_POLL_WAITER)
            wf_wait_event(id & ~WF_POLL_WAITER, events[i].events);
        else
            wf_sock_event(id, events[i].events);
        found++;
    }
    if (WEFT_UNLIKELY(kicked && worker != wf_worker_index()))
        kick_worker(worker); /* a watcher took it: its worker sleeps on */
    return found;
}

/* ---- life ---- */

static void
tear_down(void)
{
    wf_round_tear_down();
    for (uint32_t i = 0; i < poller.n; i++) {
        if (poller.epolls[i] >= 0)
            (void)wf_sys_close(poller.epolls[i]);
        if (poller.kicks[i] >= 0)
            (void)wf_sys_close(poller.kicks[i]);
    }
    wf_sys_free(poller.epolls);
    wf_sys_free(poller.kicks);
    poller.epolls = poller.kicks = NULL;
    poller.n = 0;
    wf_store(&poller.ready, false, release);
}

static weft_err
make_one(uint32_t i)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = 0};
    poller.epolls[i] = wf_sys_epoll_create1(EPOLL_CLOEXEC);
    if (poller.epolls[i] < 0)
        return poller.epolls[i];
    poller.kicks[i] = wf_sys_eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (poller.kicks[i] < 0)
        return poller.kicks[i];
    return wf_sys_epoll_ctl(poller.epolls[i], EPOLL_CTL_ADD, poller.kicks[i],
                            &e);
}

static weft_err
set_up(uint32_t n)
{
    static const struct wf_poller ops = {poll_worker, kick_worker, tear_down};
    poller.epolls = wf_sys_malloc(n * sizeof(int));
    poller.kicks = wf_sys_malloc(n * sizeof(int));
    if (!poller.epolls || !poller.kicks) {
        tear_down();
        return -ENOMEM;
    }
    memset(poller.epolls, -1, n * sizeof(int));
    memset(poller.kicks, -1, n * sizeof(int));
    poller.n = n;
    for (uint32_t i = 0; i < n; i++) {
        weft_err err = make_one(i);
        if (err) {
            tear_down();
            return err;
        }
    }
    wf_round_set_up(n);
    wf_store(&poller.ready, true, release);
    wf_set_poller(&ops);
    return WEFT_OK;
}

weft_err
wf_poll_ensure(void)
{
    if (WEFT_LIKELY(wf_load(&poller.ready, acquire)))
        return WEFT_OK;
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    pthread_mutex_lock(&poller.lock);
    if (!wf_load(&poller.ready, relaxed))
        err = set_up(weft_workers());
    pthread_mutex_unlock(&poller.lock);
    return err;
}

weft_err
wf_poll_add(int fd, uint64_t id)
{
    weft_err err = wf_poll_ensure();
    if (err)
        return err;
    uint32_t worker = wf_add(&poller.next, 1, relaxed) % poller.n;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                            .data.u64 = id};
    return wf_sys_epoll_ctl(poller.epolls[worker], EPOLL_CTL_ADD, fd, &e);
}

int
wf_poll_once(int fd, uint64_t id, uint32_t events)
{
    struct epoll_event e = {.events = events | EPOLLONESHOT, .data.u64 = id};
    int epoll = poller.epolls[wf_worker_index()];
    int err = wf_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    return err ? err : epoll;
}

void
wf_poll_forget(int epoll, int fd)
{
    /* Fails only if the descriptor was closed meanwhile, which forgets it. */
    (void)wf_sys_epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
}
