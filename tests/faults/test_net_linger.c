/* SPDX-License-Identifier: MIT */
/* Lingering close: it waits for the peer's end. The test moves the clock, and
 * descriptors are only numbers. */
#include "net/linger.h"
#include "net/poll.h"

#include "fiber/sched.h"

#include "unit/fiber/fibers.h"

#include <sys/socket.h>

#define MOST 1024
#define FIRST 1000000 /* the first number that stands for a descriptor */
#define MS UINT64_C(1000000)
#define QUIET_MS 2000
#define TOTAL_MS 10000

static struct {
    _Atomic uint64_t now;
    _Atomic int closes, shuts;
    _Atomic int says;  /* what a recv returns: bytes, 0 or -errno */
    _Atomic int times; /* recvs that return `says`; later ones: -EAGAIN */
    _Atomic int recvs;
} host;

static uint64_t
clock_ns(void)
{
    return wf_load(&host.now, acquire);
}

static ssize_t
shim_recv(int fd, void *buf, size_t n)
{
    (void)buf;
    (void)n;
    CHECK(fd >= FIRST);
    wf_add(&host.recvs, 1, relaxed);
    if (wf_load(&host.times, acquire) <= 0)
        return -EAGAIN;
    wf_sub(&host.times, 1, acq_rel);
    return wf_load(&host.says, acquire);
}

static int
shim_shutdown(int fd, int how)
{
    CHECK(fd >= FIRST && how == SHUT_WR);
    wf_add(&host.shuts, 1, release);
    return 0;
}

static int
shim_close(int fd)
{
    if (fd < FIRST)
        return close(fd) ? -errno : 0;
    wf_add(&host.closes, 1, release);
    return 0;
}

static void
say(int what, int times)
{
    wf_store(&host.says, what, release);
    wf_store(&host.times, times, release);
}

static void
nothing(void *arg)
{
    (void)arg;
}

/* Sweep until n descriptors are closed, and at least 50 times, to see that no
 * more are closed. */
static void
await_closes(int n)
{
    int i = 0;
    while (i < 50 || wf_load(&host.closes, acquire) < n) {
        run_fiber(nothing, NULL); /* the worker checks its timers */
        wf_linger_sweep();
        i++;
    }
    assert_int_equal(wf_load(&host.closes, acquire), n);
}

static void
pass(uint64_t ms, int closes)
{
    wf_add(&host.now, ms * MS, acq_rel);
    await_closes(closes);
}

static int
begin(void **state)
{
    (void)state;
    wf_store(&host.closes, 0, relaxed);
    wf_store(&host.shuts, 0, relaxed);
    wf_store(&host.times, 0, relaxed);
    workers_start(1);
    return wf_poll_ensure(); /* the poller's stop closes all that linger */
}

static int
end(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

/* ---- the tests ---- */

/* If the peer has ended its side, or is gone, the close does not wait. */
static void
a_peer_that_has_ended(void **state)
{
    (void)state;
    say(0, 1);
    wf_linger_close(FIRST);
    assert_int_equal(wf_load(&host.closes, acquire), 1);
    say(-ECONNRESET, 1);
    wf_linger_close(FIRST);
    assert_int_equal(wf_load(&host.closes, acquire), 2);
    say(-EINTR, 3); /* an interrupt tells nothing about the peer */
    wf_linger_close(FIRST);
    assert_int_equal(wf_load(&host.closes, acquire), 2);
    assert_int_equal(wf_load(&host.shuts, acquire), 3);
    pass(QUIET_MS - 100, 2);
    say(0, 1);
    pass(33, 3); /* the next sweep reads it */
}

static void
a_peer_that_says_nothing(void **state)
{
    (void)state;
    wf_linger_close(FIRST);
    pass(QUIET_MS - 1, 0);
    pass(33, 1);
    wf_linger_close(FIRST);
    pass(QUIET_MS - 100, 1);
    say(-EINTR, 1); /* an interrupt is no byte of the peer */
    pass(133, 2);
    wf_linger_close(FIRST);
    pass(QUIET_MS, 3); /* exact to the nanosecond */
}

/* Each byte gives the peer more time, up to a bound. */
static void
a_peer_that_goes_on(void **state)
{
    (void)state;
    wf_linger_close(FIRST);
    for (int ms = 0; ms < TOTAL_MS - 1000; ms += 1000) {
        say(10, 1);
        pass(1000, 0);
    }
    say(10, 1);
    pass(950, 0);
    say(10, 1);
    pass(50, 1); /* exact to the nanosecond */
    wf_linger_close(FIRST);
    say(10, 1);
    pass(1500, 1);
    pass(QUIET_MS - 100, 1);
    pass(133, 2);
}

/* Move the clock by 1 ms, and let the worker check its timers. */
static void
step(void)
{
    wf_add(&host.now, MS, acq_rel);
    for (int i = 0; i < 4; i++)
        run_fiber(nothing, NULL);
}

/* While no byte comes, a descriptor is read less and less often: after 1, 2, 4
 * ... ms, and then every 32 ms. */
static void
sweeps_become_rare(void **state)
{
    (void)state;
    wf_linger_close(FIRST);
    wf_store(&host.recvs, 0, relaxed);
    for (int ms = 0; ms < QUIET_MS - 1; ms++)
        step();
    assert_in_range(wf_load(&host.recvs, relaxed), 40, 75);
    pass(33, 1);
}

/* After a byte of the peer, sweeps are frequent again. */
static void
sweeps_become_frequent(void **state)
{
    (void)state;
    wf_linger_close(FIRST);
    for (int ms = 0; ms < 200; ms++)
        step();
    say(10, 1);
    while (wf_load(&host.times, acquire) > 0)
        step();
    step();
    wf_store(&host.recvs, 0, relaxed);
    for (int ms = 0; ms < 12; ms++)
        step();
    assert_in_range(wf_load(&host.recvs, relaxed), 2, 12);
    pass(QUIET_MS + 33, 1);
}

/* When no descriptor lingers any more, no timer wakes the worker. */
static void
nobody_sweeps_for_nothing(void **state)
{
    (void)state;
    wf_linger_close(FIRST);
    pass(QUIET_MS + 33, 1);
    for (int i = 0; i < 50; i++) {
        pass(1000, 1);
        assert_int_equal(wf_load(&wf_workers[0]->wheel.next_ns, relaxed),
                         WEFT_NEVER);
        assert_false(wf_load(&wf_linger_is_due, relaxed));
    }
}

/* A peer that floods does not hold the thread that sweeps. */
static void
a_peer_that_floods(void **state)
{
    (void)state;
    say(10, INT32_MAX);
    wf_store(&host.recvs, 0, relaxed);
    wf_linger_close(FIRST);
    assert_int_equal(wf_load(&host.recvs, relaxed), 128);
    assert_int_equal(wf_load(&host.closes, acquire), 0);
}

static void
linger(int n)
{
    for (int i = 0; i < n; i++)
        wf_linger_close(FIRST + i);
}

/* MOST descriptors may linger; weft closes others at once. A stop of the
 * runtime closes all that linger, and they no longer count. */
static void
many_linger(void **state)
{
    for (int life = 0; life < 2; life++) {
        linger(MOST);
        assert_int_equal(wf_load(&host.closes, acquire), 0);
        linger(1);
        assert_int_equal(wf_load(&host.closes, acquire), 1);
        assert_int_equal(end(state), 0);
        assert_int_equal(wf_load(&host.closes, acquire), MOST + 1);
        wf_linger_close(FIRST); /* closed at once: no worker would sweep */
        assert_int_equal(wf_load(&host.closes, acquire), MOST + 2);
        assert_int_equal(begin(state), 0);
    }
    linger(MOST); /* closed ones make room */
    pass(QUIET_MS + 33, MOST);
    linger(MOST);
    assert_int_equal(wf_load(&host.closes, acquire), MOST);
    pass(QUIET_MS + 33, 2 * MOST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_has_ended),
        TEST(a_peer_that_says_nothing),
        TEST(a_peer_that_goes_on),
        TEST(sweeps_become_rare),
        TEST(sweeps_become_frequent),
        TEST(a_peer_that_floods),
        TEST(many_linger),
        TEST(nobody_sweeps_for_nothing),
    };
    alarm(120);
    wf_store(&host.now, 1000000000, relaxed);
    wf_shim.now_ns = clock_ns;
    wf_shim.recv = shim_recv;
    wf_shim.shutdown = shim_shutdown;
    wf_shim.close = shim_close;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
