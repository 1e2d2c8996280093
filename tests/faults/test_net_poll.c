/* SPDX-License-Identifier: MIT */
/*
 * How a worker waits for its next timer: what the kernel is told, over a clock
 * that stands still. A wait with a time-out moves the clock to its end at once.
 */
#include "net/linger.h"
#include "net/poll.h"
#include "fiber/worker.h"
#include "unit/fiber/fibers.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#define MS UINT64_C(1000000)
#define TICK_NS 65536             /* a timer may be late by this much */
#define FAR_NS UINT64_C(10000000) /* a longer wait uses an alarm */

enum call { PWAIT2, SETTIME, WAIT_MS, CALLS };

static struct {
    _Atomic uint64_t now, alarm; /* alarm 0: not set */
    _Atomic bool no_pwait2, no_settime;
    struct {
        _Atomic uint64_t n, sum, least, most; /* n: calls; the others: ns */
    } told[CALLS];
} host;

static uint64_t
clock_ns(void)
{
    return wf_load(&host.now, acquire);
}

/* Called by the worker only. */
static void
note(enum call call, uint64_t ns)
{
    uint64_t least = wf_load(&host.told[call].least, relaxed);
    uint64_t most = wf_load(&host.told[call].most, relaxed);
    wf_store(&host.told[call].least, WF_MIN(ns, least), relaxed);
    wf_store(&host.told[call].most, WF_MAX(ns, most), relaxed);
    wf_add(&host.told[call].sum, ns, relaxed);
    wf_add(&host.told[call].n, 1, release);
}

static uint64_t
ns_of(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000 * MS + (uint64_t)t->tv_nsec;
}

static int
passed_on(int result)
{
    return result < 0 ? -errno : result;
}

static int
shim_pwait2(int epoll, struct epoll_event *e, int n, const struct timespec *t)
{
    if (wf_load(&host.no_pwait2, acquire))
        return -ENOSYS;
    int found = passed_on(epoll_wait(epoll, e, n, 0));
    if (found == 0) { /* no kick ended the wait */
        note(PWAIT2, ns_of(t));
        wf_add(&host.now, ns_of(t), acq_rel);
    }
    return found;
}

static int
shim_settime(int fd, int flags, const struct itimerspec *t,
             struct itimerspec *was)
{
    (void)fd;
    (void)was;
    CHECK(flags == 0);
    note(SETTIME, ns_of(&t->it_value));
    if (wf_load(&host.no_settime, acquire))
        return -EINVAL;
    wf_store(&host.alarm, clock_ns() + ns_of(&t->it_value), release);
    return 0;
}

static int
shim_wait(int epoll, struct epoll_event *e, int n, int ms)
{
    uint64_t alarm = wf_load(&host.alarm, acquire);
    int found = passed_on(epoll_wait(epoll, e, n, ms < 0 && !alarm ? -1 : 0));
    if (found != 0 || ms == 0)
        return found;
    if (ms > 0) {
        note(WAIT_MS, (uint64_t)ms * MS);
        wf_add(&host.now, (uint64_t)ms * MS, acq_rel);
        return 0;
    }
    if (alarm > clock_ns())
        wf_store(&host.now, alarm, release);
    wf_store(&host.alarm, 0, release);
    e[0] = (struct epoll_event){.events = EPOLLIN, .data.u64 = 1}; /* ALARM */
    return 1;
}

/* The only worker is awake when it writes, so it must not kick itself: such
 * kicks would wake it again and again. */
static ssize_t
shim_write(int fd, const void *bytes, size_t n)
{
    CHECK(!wf_worker_self() || wf_worker_task(wf_worker_self()));
    ssize_t written = write(fd, bytes, n);
    return written < 0 ? -errno : written;
}

/* ---- a descriptor that lingers; here it is only a number ---- */

#define LINGERS 1000000

static _Atomic int closes;

static ssize_t
shim_recv(int fd, void *buf, size_t n)
{
    (void)buf;
    (void)n;
    CHECK(fd == LINGERS);
    return -EAGAIN;
}

static int
shim_shutdown(int fd, int how)
{
    (void)how;
    CHECK(fd == LINGERS);
    return 0;
}

static int
shim_close(int fd)
{
    if (fd != LINGERS)
        return passed_on(close(fd));
    wf_add(&closes, 1, release);
    return 0;
}

/* ---- the tests ---- */

static void
sleep_so_long(void *ms)
{
    uint64_t begin = clock_ns();
    CHECK(weft_sleep_ms(*(int *)ms) == WEFT_OK);
    uint64_t end = begin + (uint64_t) * (int *)ms * MS;
    CHECK(clock_ns() >= end && clock_ns() <= end + MS + TICK_NS);
}

static void
sleep_ms(int ms)
{
    for (int i = 0; i < CALLS; i++) {
        wf_store(&host.told[i].n, 0, relaxed);
        wf_store(&host.told[i].sum, 0, relaxed);
        wf_store(&host.told[i].least, UINT64_MAX, relaxed);
        wf_store(&host.told[i].most, 0, relaxed);
    }
    run_fiber(sleep_so_long, &ms);
}

static uint64_t
count(enum call call)
{
    return wf_load(&host.told[call].n, acquire);
}

/* The times that weft told the kernel in one or two kinds of calls add up to
 * ms: one sleep may have several parts. */
static void
assert_sum(enum call call, enum call other, uint64_t ms)
{
    uint64_t sum = wf_load(&host.told[call].sum, acquire);
    if (other != call)
        sum += wf_load(&host.told[other].sum, acquire);
    assert_in_range(sum, ms * MS, ms * MS + TICK_NS);
}

/* For a near timer the wait has a time-out. */
static void
a_near_timer(void **state)
{
    (void)state;
    sleep_ms(5);
    assert_sum(PWAIT2, PWAIT2, 5);
    assert_int_equal(count(SETTIME), 0);
}

/* A far timer sets an alarm, which stays set when the wait ends. */
static void
a_far_timer(void **state)
{
    (void)state;
    sleep_ms(3000);
    assert_sum(SETTIME, PWAIT2, 3000);
    assert_true(count(SETTIME) > 0);
    assert_true(wf_load(&host.told[SETTIME].least, acquire) >= FAR_NS);
    assert_true(wf_load(&host.told[PWAIT2].most, acquire) < FAR_NS);
}

/* If the kernel refuses the alarm, the wait has a time-out. */
static void
a_far_timer_without_an_alarm(void **state)
{
    (void)state;
    wf_store(&host.no_settime, true, release);
    for (int i = 0; i < 2; i++) {
        sleep_ms(300);
        assert_sum(PWAIT2, PWAIT2, 300);
        assert_true(count(SETTIME) > 0); /* weft tries each time */
    }
    wf_store(&host.no_settime, false, release);
    sleep_ms(300);
    assert_sum(SETTIME, PWAIT2, 300);
}

/* For a kernel without epoll_pwait2 time-outs are rounded up to milliseconds,
 * so that the worker does not spin, and are a minute at most. */
static void
an_old_kernel(void **state)
{
    (void)state;
    wf_store(&host.no_pwait2, true, release);
    sleep_ms(5);
    assert_in_range(wf_load(&host.told[WAIT_MS].sum, acquire), 5 * MS, 7 * MS);
    wf_store(&host.no_settime, true, release);
    sleep_ms(2000000);
    assert_int_equal(wf_load(&host.told[WAIT_MS].most, acquire), 60000 * MS);
    wf_store(&host.no_pwait2, false, release);
    wf_store(&host.no_settime, false, release);
}

/* The worker has nothing to do but to sweep a descriptor that lingers. */
static void
a_worker_that_sleeps_sweeps(void **state)
{
    (void)state;
    uint64_t begin = clock_ns();
    wf_linger_close(LINGERS);
    WAIT_FOR(wf_load(&closes, acquire) == 1);
    assert_true(clock_ns() >= begin + 2000 * MS); /* the peer's time is over */
}

/* Sleep for 200 us, from each place within a tick. */
static void
sleep_shortly(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        uint64_t deadline = clock_ns() + MS / 5;
        CHECK(weft_sleep_until(deadline) == WEFT_OK);
        CHECK(clock_ns() >= deadline && clock_ns() <= deadline + TICK_NS);
    }
}

/* The wait for a near timer is not rounded up to a millisecond. */
static void
a_timer_of_less_than_a_millisecond(void **state)
{
    (void)state;
    run_fiber(sleep_shortly, NULL);
}

static int
start(void **state)
{
    (void)state;
    alarm(120);
    wf_store(&host.now, 1000 * MS, release);
    wf_shim.now_ns = clock_ns;
    wf_shim.epoll_wait = shim_wait;
    wf_shim.epoll_pwait2 = shim_pwait2;
    wf_shim.timerfd_settime = shim_settime;
    wf_shim.write = shim_write;
    wf_shim.recv = shim_recv;
    wf_shim.shutdown = shim_shutdown;
    wf_shim.close = shim_close;
    workers_start(1);
    return wf_poll_ensure();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_near_timer),
        cmocka_unit_test(a_far_timer),
        cmocka_unit_test(a_far_timer_without_an_alarm),
        cmocka_unit_test(an_old_kernel),
        cmocka_unit_test(a_worker_that_sleeps_sweeps),
        cmocka_unit_test(a_timer_of_less_than_a_millisecond),
    };
    return cmocka_run_group_tests(tests, start, workers_stop);
}
