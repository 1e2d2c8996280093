/* SPDX-License-Identifier: MIT */
/* weft_fd_wait over a poll that returns what the test wants. */
#include "net/poll.h"
#include "fiber/worker.h"
#include "descriptors.h"
#include "unit/fiber/fibers.h"

#include <weft/net.h>

#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#define BOTH (WEFT_FD_READ | WEFT_FD_WRITE)
#define WORKERS 2

static struct {
    bool on;
    int result;
    short asked, found;
    _Atomic int maps, epolls, polls;
    /* The nth of these calls fails; 0: none does. */
    _Atomic int malloc, epoll, eventfd, timer, ctl;
} host;

static bool
fails(_Atomic int *nth)
{
    return wf_load(nth, relaxed) > 0 && wf_sub(nth, 1, relaxed) == 1;
}

static int
passed_on(int result)
{
    return result < 0 ? -errno : result;
}

static void *
shim_malloc(size_t n)
{
    return fails(&host.malloc) ? NULL : malloc(n);
}

static int
shim_epoll_create1(int flags)
{
    CHECK(flags == EPOLL_CLOEXEC);
    wf_add(&host.epolls, 1, relaxed);
    return fails(&host.epoll) ? -EMFILE : passed_on(epoll_create1(flags));
}

static int
shim_eventfd(unsigned init, int flags)
{
    CHECK(flags == (EFD_NONBLOCK | EFD_CLOEXEC));
    return fails(&host.eventfd) ? -EMFILE : passed_on(eventfd(init, flags));
}

static int
shim_timerfd_create(int clock, int flags)
{
    CHECK(clock == CLOCK_MONOTONIC && flags == (TFD_NONBLOCK | TFD_CLOEXEC));
    return fails(&host.timer) ? -EMFILE
                              : passed_on(timerfd_create(clock, flags));
}

static int
shim_epoll_ctl(int epoll, int op, int fd, struct epoll_event *e)
{
    /* A descriptor that stays ready must wake its worker only once. */
    CHECK(op == EPOLL_CTL_DEL ||
          e->events & (e->data.u64 & WF_POLL_WAITER ? EPOLLONESHOT : EPOLLET));
    return fails(&host.ctl) ? -ENOSPC : passed_on(epoll_ctl(epoll, op, fd, e));
}

static int
shim_poll(struct pollfd *fds, unsigned n, int ms)
{
    if (!host.on) {
        int found = poll(fds, n, ms);
        return found < 0 ? -errno : found;
    }
    CHECK(n == 1 && ms == 0);
    wf_add(&host.polls, 1, relaxed);
    host.asked = fds[0].events;
    fds[0].revents = host.found;
    return host.result;
}

static void *
shim_mmap(size_t n, int prot, int flags)
{
    wf_add(&host.maps, 1, relaxed);
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Without time to wait, the result is what poll(2) finds now. */
static void
what_poll_says(void **state)
{
    static const struct {
        int events, result;
        short found;
        int wanted;
        short asked;
    } rows[] = {
        {WEFT_FD_READ, 1, POLLIN, WEFT_FD_READ, POLLIN},
        {WEFT_FD_WRITE, 1, POLLOUT, WEFT_FD_WRITE, POLLOUT},
        {BOTH, 1, POLLIN | POLLOUT, BOTH, POLLIN | POLLOUT},
        {BOTH, 1, POLLOUT, WEFT_FD_WRITE, POLLIN | POLLOUT},
        {BOTH, 1, POLLIN, WEFT_FD_READ, POLLIN | POLLOUT},
        {BOTH, 1, POLLHUP, BOTH, POLLIN | POLLOUT},
        {BOTH, 1, POLLERR, BOTH, POLLIN | POLLOUT},
        {WEFT_FD_READ, 1, POLLHUP, WEFT_FD_READ, POLLIN},
        {WEFT_FD_WRITE, 1, POLLERR, WEFT_FD_WRITE, POLLOUT},
        {WEFT_FD_READ, 1, POLLNVAL, -EBADF, POLLIN},
        {WEFT_FD_READ, 0, 0, WEFT_ETIMEOUT, POLLIN},
        {WEFT_FD_READ, -EINTR, 0, WEFT_ETIMEOUT, POLLIN},
        {WEFT_FD_READ, -ENOMEM, 0, -ENOMEM, POLLIN},
    };
    (void)state;
    host.on = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        host.result = rows[i].result;
        host.found = rows[i].found;
        assert_int_equal(weft_fd_wait_until(0, rows[i].events, 0),
                         rows[i].wanted);
        assert_int_equal(host.asked, rows[i].asked);
    }
    host.on = false;
}

static void
what_is_no_wait(void **state)
{
    (void)state;
    assert_int_equal(weft_fd_wait_until(0, 0, 0), -EINVAL);
    assert_int_equal(weft_fd_wait(0, ~BOTH), -EINVAL);
    assert_int_equal(weft_fd_wait_until(-1, WEFT_FD_READ, 0), -EBADF);
}

/* If the poller cannot be made, the next call that needs it tries again. This
 * has to be the first test. */
static void
a_poller_that_cannot_be_made(void **state)
{
    (void)state;
    static const struct {
        _Atomic int *nth;
        int times;
        weft_err err;
    } rows[] = {{&host.malloc, 1, -ENOMEM},
                {&host.epoll, WORKERS, -EMFILE},
                {&host.eventfd, WORKERS, -EMFILE},
                {&host.timer, WORKERS, -EMFILE},
                {&host.ctl, 2 * WORKERS, -ENOSPC}};
    int fd = eventfd(0, EFD_CLOEXEC);
    int before = open_descriptors();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int nth = 1; nth <= rows[i].times; nth++) {
            wf_store(rows[i].nth, nth, relaxed);
            assert_int_equal(weft_fd_wait_until(fd, WEFT_FD_READ, 0),
                             rows[i].err);
            assert_int_equal(wf_load(rows[i].nth, relaxed), 0);
            assert_int_equal(open_descriptors(), before);
        }
    assert_int_equal(weft_fd_wait_until(fd, WEFT_FD_READ, 0), WEFT_ETIMEOUT);
    assert_int_equal(open_descriptors(), before + 3 * WORKERS);
    close(fd);
}

/* ---- on a fiber ---- */

static int ends[2];

static void
see_the_end(void *fd)
{
    CHECK(weft_fd_wait(*(int *)fd, WEFT_FD_READ) == WEFT_FD_READ);
}

/* Whether its peer ends one side or both, a fiber that waits to read wakes. */
static void
an_end_is_readable(void **state)
{
    static const int families[] = {AF_UNIX, AF_INET};
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (int both = 0; both < 2; both++) {
            struct sockaddr_in a = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            socklen_t len = sizeof a;
            if (families[i] == AF_UNIX) {
                CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
            } else {
                int l = socket(AF_INET, SOCK_STREAM, 0);
                CHECK(!bind(l, (struct sockaddr *)&a, len) && !listen(l, 1) &&
                      !getsockname(l, (struct sockaddr *)&a, &len));
                ends[0] = socket(AF_INET, SOCK_STREAM, 0);
                CHECK(!connect(ends[0], (struct sockaddr *)&a, len));
                ends[1] = accept(l, NULL, NULL);
                CHECK(ends[1] >= 0);
                close(l);
            }
            weft_fiber fiber = spawn(see_the_end, &ends[0]);
            CHECK(!shutdown(ends[1], both ? SHUT_RDWR : SHUT_WR));
            assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
            assert_int_equal(weft_fd_wait_until(ends[0], WEFT_FD_READ, 0),
                             WEFT_FD_READ);
            close(ends[0]);
            close(ends[1]);
        }
}

/* ---- on a plain thread ---- */

static struct {
    _Atomic bool on, returned;
    _Atomic int sleeps; /* of the thread that waits */
} thread;

/* The thread or fiber that wakes the waiting thread goes on only when the
 * thread has returned from its wait. So the event has to be stored before the
 * wake: the thread does not sleep again. */
static int
shim_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    bool on = wf_load(&thread.on, acquire);
    if (on && op == FUTEX_WAIT_BITSET && !wf_worker_self())
        wf_add(&thread.sleeps, 1, acq_rel);
    long r = syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until,
                     NULL, FUTEX_BITSET_MATCH_ANY);
    while (on && op == FUTEX_WAKE && !wf_load(&thread.returned, acquire))
        CHECK(wf_load(&thread.sleeps, acquire) == 1);
    return r < 0 ? -errno : (int)r;
}

static void *
wait_on_a_thread(void *fd)
{
    CHECK(weft_fd_wait(*(int *)fd, WEFT_FD_READ) == WEFT_FD_READ);
    wf_store(&thread.returned, true, release);
    return NULL;
}

static void
an_event_comes_before_its_wake(void **state)
{
    pthread_t waiter;
    (void)state;
    CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    wf_store(&thread.on, true, release);
    CHECK(!pthread_create(&waiter, NULL, wait_on_a_thread, &ends[0]));
    while (wf_load(&thread.sleeps, acquire) == 0)
        usleep(100);
    CHECK(write(ends[1], "x", 1) == 1);
    CHECK(!pthread_join(waiter, NULL));
    wf_store(&thread.on, false, release);
    close(ends[0]);
    close(ends[1]);
}

/* ---- what the kernel refuses ---- */

static int event;

/* If epoll_ctl fails, no event would wake the fiber: it gets the error and does
 * not wait. */
static void
wait_without_events(void *unused)
{
    struct weft_select_case c = {
        .kind = WEFT_SELECT_FD, .fd = event, .events = WEFT_FD_READ};
    (void)unused;
    wf_store(&host.ctl, 1, relaxed);
    CHECK(weft_fd_wait(event, WEFT_FD_READ) == -ENOSPC);
    wf_store(&host.ctl, 1, relaxed);
    CHECK(weft_select(&c, 1) == -ENOSPC);
    host.on = true;
    host.result = -ENOMEM;
    CHECK(weft_select(&c, 1) == -ENOMEM);
    host.on = false;
    CHECK(weft_select_until(&c, 1, weft_now_ns() + 1000) == WEFT_ETIMEOUT);
}

static void
an_event_that_cannot_be_told(void **state)
{
    (void)state;
    event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    run_fiber(wait_without_events, NULL);
    close(event);
}

static struct weft_chan *items;

static void
send_after_false_events(void *unused)
{
    int item = 7;
    (void)unused;
    while (wf_load(&host.polls, relaxed) < 5)
        (void)weft_fiber_yield();
    CHECK(!weft_chan_send(items, &item));
}

/* An event comes, but the look after it finds nothing ready: the select waits
 * again, and takes the case that happens then. */
static void
wait_beside_false_events(void *unused)
{
    int item = 0;
    weft_fiber sender;
    struct weft_select_case cases[] = {
        {.kind = WEFT_SELECT_FD, .fd = event, .events = WEFT_FD_READ},
        {.kind = WEFT_SELECT_RECV, .chan = items, .item = &item}};
    (void)unused;
    host.result = 0;
    host.on = true;
    wf_store(&host.polls, 0, relaxed);
    CHECK(!weft_fiber_start(send_after_false_events, NULL, &sender));
    CHECK(weft_select(cases, 2) == 1);
    CHECK(item == 7 && cases[1].err == WEFT_OK);
    host.on = false;
    CHECK(!weft_fiber_join(sender));
}

static void
a_select_goes_on_after_false_events(void **state)
{
    (void)state;
    event = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(!weft_chan_new(sizeof(int), 1, &items));
    run_fiber(wait_beside_false_events, NULL);
    weft_chan_free(items);
    close(event);
}

static void
wait_in_vain(void *unused)
{
    (void)unused;
    for (int i = 0; i < 400; i++)
        CHECK(weft_fd_wait_until(event, WEFT_FD_READ, weft_now_ns() + 1000) ==
              WEFT_ETIMEOUT);
}

/* The struct of a waiter is used again: 4,000 waits need no more memory than
 * the 400 before them. Otherwise they would map five chunks, as each one is
 * twice as large as the one before. Up to three mappings are allowed, because
 * the other worker may map stacks. */
static void
what_waited_is_used_again(void **state)
{
    (void)state;
    event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    wf_store(&host.epolls, 0, relaxed);
    run_fiber(wait_in_vain, NULL);
    wf_store(&host.maps, 0, relaxed);
    for (int i = 0; i < 10; i++)
        run_fiber(wait_in_vain, NULL);
    assert_in_range(wf_load(&host.maps, relaxed), 0, 3);
    /* A wait that has ended leaves the descriptor to the next one. */
    assert_int_equal(wf_load(&host.epolls, relaxed), 0);
    close(event);
}

static int
start(void **state)
{
    (void)state;
    alarm(120);
    wf_shim.poll = shim_poll;
    wf_shim.mmap = shim_mmap;
    wf_shim.malloc = shim_malloc;
    wf_shim.epoll_create1 = shim_epoll_create1;
    wf_shim.eventfd = shim_eventfd;
    wf_shim.timerfd_create = shim_timerfd_create;
    wf_shim.epoll_ctl = shim_epoll_ctl;
    wf_shim.futex = shim_futex;
    workers_start(WORKERS);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poller_that_cannot_be_made),
        cmocka_unit_test(what_poll_says),
        cmocka_unit_test(what_is_no_wait),
        cmocka_unit_test(an_end_is_readable),
        cmocka_unit_test(a_select_goes_on_after_false_events),
        cmocka_unit_test(an_event_comes_before_its_wake),
        cmocka_unit_test(an_event_that_cannot_be_told),
        cmocka_unit_test(what_waited_is_used_again),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
