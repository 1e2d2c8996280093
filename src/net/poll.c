/* SPDX-License-Identifier: MIT */
/*
 * Stage: poll. An event arrives with an id; the worker that adds the first
 * event to a socket's counter starts the socket's reader.
 *
 * Proof that no worker sleeps past its deadline. A worker sets its own alarm:
 * it stores the time in alarm_ns, and then sets the timerfd. The worker waits
 * without a time-out only if alarm_ns is not later than the deadline.
 *
 * 1. One thread receives the event of the timerfd. If this thread is the
 *    worker, the worker's wait ends. Otherwise this thread is a watcher, which
 *    clears alarm_ns and then kicks the worker. A watcher that receives a kick
 *    kicks the worker again. So the worker's wait ends in each case.
 * 2. The watcher clears alarm_ns before the kick. So after the wait, alarm_ns
 *    never shows an alarm that has already gone off.
 * 3. The worker stores the time before it sets the timerfd. So a
 *    watcher that receives the event clears alarm_ns after this store, never
 *    before it.
 * 4. A late watcher may clear alarm_ns after the worker has set the next alarm.
 *    Then the worker sets the next alarm twice, which does no harm.
 *
 * Attacked by tests/faults/test_fiber.c, where a watcher receives the event.
 */
#include "net/poll.h"

#include "fiber/fiber.h"
#include "net/flush.h"
#include "net/linger.h"
#include "net/sock.h"
#include "net/wait.h"

#include <errno.h>

#define EVENTS 128

/* Ids of a worker's own descriptors. No socket or waiter has these ids, because
 * the id of a socket or waiter has a version above 0. */
#define KICK 0
#define ALARM 1

/* The alarm is set only for a deadline at least this far away, so that setting
 * the alarm takes at most a hundred system calls in a second. */
#define FAR_NS 10000000u

/* A worker's own poller. The epoll watches sockets, `kick` (an eventfd) and
 * `alarm` (a timerfd). */
struct poller {
    int epoll, kick, alarm;
    /* When the alarm goes off; WEFT_NEVER: the alarm is not set. */
    _Atomic uint64_t alarm_ns;
};

static WF_GLOBAL struct {
    pthread_mutex_t lock; /* held during the set-up */
    _Atomic bool ready;
    uint32_t n;
    struct poller *of_worker;
    /* The next socket goes to the epoll of worker next % n. `next` may wrap. */
    _Atomic uint32_t next;
} pollers = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- waiting ---- */

/*
 * Set the alarm, so that the wait needs no time-out. With a time-out the kernel
 * sets up a timer and removes it in every wait, which costs a tenth of an RPC
 * call. A far deadline stays the same for many waits, so the alarm is set once.
 * If the deadline moves further away, the alarm stays: one wait then ends too
 * early, which callers allow. false: the deadline is near, or the alarm cannot
 * be set.
 */
static bool
alarm_is_set(struct poller *poller, uint64_t deadline_ns, uint64_t left_ns)
{
    if (left_ns < FAR_NS)
        return false;
    struct itimerspec t = {.it_value = wf_timespec_of(left_ns)};
    /* relaxed: only the worker reads alarm_ns. The store comes before the
     * timerfd is set; the proof at the head says why. */
    if (!WF_MUTANT(alarm_stored_late))
        wf_store(&poller->alarm_ns, deadline_ns, relaxed);
    bool is_set = !wf_sys_timerfd_settime(poller->alarm, 0, &t, NULL);
    if (WF_MUTANT(alarm_stored_late))
        wf_store(&poller->alarm_ns, deadline_ns, relaxed);
    if (is_set)
        return true;
    wf_store(&poller->alarm_ns, WEFT_NEVER, relaxed);
    return false;
}

/* Wait with a time-out. Kernels before 5.11 have no time-out in nanoseconds, so
 * there the time-out is rounded up to milliseconds. */
static int
wait_with_time_out(int epoll, struct epoll_event *events, uint64_t left_ns)
{
    struct timespec t = wf_timespec_of(left_ns);
    int n = wf_sys_epoll_pwait2(epoll, events, EVENTS, &t);
    if (n != -ENOSYS)
        return n;
    uint64_t ms = (left_ns + 999999) / 1000000;
    return wf_sys_epoll_wait(epoll, events, EVENTS,
                             ms > 60000 ? 60000 : (int)ms);
}

static int
wait_for_events(struct poller *poller, struct epoll_event *events,
                uint64_t deadline_ns)
{
    if (deadline_ns == 0)
        return wf_sys_epoll_wait(poller->epoll, events, EVENTS, 0);
    if (wf_load(&poller->alarm_ns, relaxed) > deadline_ns) {
        uint64_t now = wf_sys_now_ns();
        uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        if (!alarm_is_set(poller, deadline_ns, left))
            return wait_with_time_out(poller->epoll, events, left);
    }
    return wf_sys_epoll_wait(poller->epoll, events, EVENTS, -1);
}

static void
kick_worker(uint32_t worker)
{
    const uint64_t one = 1;
    /* Each write to the eventfd is a new edge, so no thread needs to read the
     * eventfd. The counter of the eventfd is full only after 2^64 - 2 kicks. */
    (void)wf_sys_write(pollers.of_worker[worker].kick, &one, sizeof one);
}

static uint32_t
poll_worker(uint32_t worker, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS];
    struct poller *poller = &pollers.of_worker[worker];
    wf_flush_worker(worker);
    if (wf_linger_poll())
        deadline_ns = 0; /* the sweep may have armed an earlier timer */
    int n = wait_for_events(poller, events, deadline_ns);
    uint32_t found = 0;
    bool kicked = false;
    for (int i = 0; i < n; i++) {
        uint64_t id = events[i].data.u64;
        if (id == KICK || id == ALARM) { /* edge-triggered: needs no read */
            kicked = true;
            if (id == ALARM)
                wf_store(&poller->alarm_ns, WEFT_NEVER, relaxed);
            continue;
        }
        if (id & WF_POLL_WAITER)
            wf_wait_event(id & ~WF_POLL_WAITER, events[i].events);
        else
            wf_sock_event(id, events[i].events);
        found++;
    }
    if (WEFT_UNLIKELY(kicked && worker != wf_worker_index()) &&
        !WF_MUTANT(kick_not_passed_on))
        /* this thread is a watcher; the worker still sleeps */
        kick_worker(worker);
    return found;
}

/* ---- life ---- */

static void
close_if_open(int fd)
{
    if (fd >= 0)
        (void)wf_sys_close(fd);
}

static void
free_pollers(void)
{
    for (uint32_t i = 0; i < pollers.n; i++) {
        close_if_open(pollers.of_worker[i].epoll);
        close_if_open(pollers.of_worker[i].kick);
        close_if_open(pollers.of_worker[i].alarm);
    }
    wf_sys_free(pollers.of_worker);
    pollers.of_worker = NULL;
    pollers.n = 0;
}

static void
tear_down(void)
{
    wf_flush_tear_down();
    if (!WF_MUTANT(stopped_poller_leaves_socks))
        wf_sock_fail_all(WEFT_ECLOSED); /* no event can reach the sockets */
    wf_linger_tear_down();
    free_pollers();
    wf_store(&pollers.ready, false, release);
}

/* Register a descriptor with one epoll, edge-triggered. */
static weft_err
hear(int epoll, int fd, uint64_t id)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = id};
    return fd < 0 ? fd : wf_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static weft_err
make(struct poller *poller)
{
    *poller = (struct poller){-1, -1, -1, WEFT_NEVER};
    poller->epoll = wf_sys_epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll < 0)
        return poller->epoll;
    poller->kick = wf_sys_eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    weft_err err = hear(poller->epoll, poller->kick, KICK);
    if (err)
        return err;
    poller->alarm =
        wf_sys_timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return hear(poller->epoll, poller->alarm, ALARM);
}

static weft_err
set_up(uint32_t n)
{
    static const struct wf_poller ops = {poll_worker, kick_worker, tear_down};
    weft_err err = WEFT_OK;
    pollers.of_worker = wf_sys_malloc(n * sizeof *pollers.of_worker);
    if (!pollers.of_worker)
        return -ENOMEM;
    while (!err && pollers.n < n)
        err = make(&pollers.of_worker[pollers.n++]);
    if (err) { /* the callers of wf_poll_ensure report the error */
        free_pollers();
        return err;
    }
    wf_flush_set_up(n);
    wf_store(&pollers.ready, true, release);
    wf_set_poller(&ops);
    return WEFT_OK;
}

weft_err
wf_poll_ensure(void)
{
    if (WEFT_LIKELY(wf_load(&pollers.ready, acquire)))
        return WEFT_OK;
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    wf_sys_lock(&pollers.lock);
    if (!wf_load(&pollers.ready, relaxed))
        err = set_up(weft_runtime_workers());
    wf_sys_unlock(&pollers.lock);
    return err;
}

weft_err
wf_poll_add(int fd, uint64_t id)
{
    weft_err err = wf_poll_ensure();
    if (err)
        return err;
    uint32_t worker = wf_add(&pollers.next, 1, relaxed) % pollers.n;
    struct epoll_event e = {.events = EPOLLIN | EPOLLPRI | EPOLLOUT |
                                      EPOLLRDHUP | EPOLLET,
                            .data.u64 = id};
    return wf_sys_epoll_ctl(pollers.of_worker[worker].epoll, EPOLL_CTL_ADD, fd,
                            &e);
}

int
wf_poll_once(int fd, uint64_t id, uint32_t events)
{
    struct epoll_event e = {.events = events | EPOLLONESHOT, .data.u64 = id};
    int epoll = pollers.of_worker[wf_worker_index()].epoll;
    int err = wf_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    return err ? err : epoll;
}

void
wf_poll_forget(int epoll, int fd)
{
    /* The call fails only if the descriptor was closed meanwhile; the close has
     * removed the descriptor from the epoll. */
    (void)wf_sys_epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
}
