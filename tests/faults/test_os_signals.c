/* SPDX-License-Identifier: MIT */
/* What a receiver finds at the moment at which the handler wakes it. */
#include "os/os.h"
#include "unit/fiber/fibers.h"

#include <weft/os.h>

#include <sched.h>
#include <signal.h>

static struct weft_signals *signals;
static bool takes_at_once, fails;
static int writes, got;
static weft_err err;
static _Thread_local bool is_mine; /* the thread that raises */

/* The handler calls this to wake a receiver, on the thread that raises the
 * signal. Here this thread itself receives the signal at once, as another
 * thread could. */
static ssize_t
shim_write(int fd, const void *buf, size_t n)
{
    if (!is_mine) /* a worker that kicks another */
        return write(fd, buf, n) < 0 ? -errno : (ssize_t)n;
    writes++;
    ssize_t put = fails ? -1 : write(fd, buf, n);
    if (takes_at_once)
        err = weft_signals_recv_until(signals, 0, &got);
    if (fails)
        errno = EAGAIN;
    return put < 0 ? -errno : put;
}

static int
begin(void **state)
{
    (void)state;
    const int numbers[] = {SIGUSR1, SIGUSR2};
    takes_at_once = fails = false;
    writes = got = 0;
    err = WEFT_OK;
    return weft_signals_new(numbers, 2, &signals);
}

static int
end(void **state)
{
    (void)state;
    weft_signals_free(signals);
    return 0;
}

/* The handler notes the signal before it wakes the receiver. */
static void
who_is_woken_finds_it(void **state)
{
    (void)state;
    takes_at_once = true;
    raise(SIGUSR2);
    assert_int_equal(writes, 1);
    assert_int_equal(err, WEFT_OK);
    assert_int_equal(got, SIGUSR2);
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_ETIMEOUT);
}

/* The code that a handler interrupts keeps its errno. */
static void
errno_stays(void **state)
{
    (void)state;
    fails = true;
    errno = EXDEV;
    raise(SIGUSR1);
    assert_int_equal(errno, EXDEV);
    assert_int_equal(writes, 1);
}

/* Signals that come together are received one by one, the lowest first. Each
 * wake of a receiver is a write. */
static void
several_are_passed_on(void **state)
{
    (void)state;
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR2); /* the signal is noted already */
    assert_int_equal(writes, 3);
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_OK);
    assert_int_equal(got, SIGUSR1);
    assert_int_equal(writes, 4); /* a wake for the other signal */
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_OK);
    assert_int_equal(got, SIGUSR2);
    assert_int_equal(writes, 4);
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_ETIMEOUT);
}

static void
of_the_user(int number)
{
    (void)number;
}

static bool
is_action(int number, void (*handler)(int))
{
    struct sigaction a;
    assert_int_equal(sigaction(number, NULL, &a), 0);
    return a.sa_handler == handler;
}

/* A channel may take only the first of its signals. When that one comes, the
 * handler sets the default actions of all signals of the channel. The end of
 * the channel restores the actions from before it. Other signals are not
 * touched. */
static void
a_channel_for_one_signal(void **state)
{
    (void)state;
    const int numbers[] = {SIGUSR1, SIGHUP};
    end(state);
    void (*was[3])(int) = {signal(SIGUSR1, of_the_user),
                           signal(SIGUSR2, of_the_user),
                           signal(SIGHUP, SIG_IGN)};
    assert_int_equal(wf_signals_new(numbers, 2, true, &signals), WEFT_OK);
    assert_false(is_action(SIGUSR1, SIG_DFL));
    raise(SIGUSR1);
    assert_true(is_action(SIGUSR1, SIG_DFL));
    assert_true(is_action(SIGHUP, SIG_DFL));
    assert_true(is_action(SIGUSR2, of_the_user));
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_OK);
    assert_int_equal(got, SIGUSR1);
    weft_signals_free(signals);
    signals = NULL;
    assert_true(is_action(SIGUSR1, of_the_user));
    assert_true(is_action(SIGUSR2, of_the_user));
    assert_true(is_action(SIGHUP, SIG_IGN));
    signal(SIGUSR1, was[0]);
    signal(SIGUSR2, was[1]);
    signal(SIGHUP, was[2]);
}

/* ---- a handler that is late ---- */

/* A handler may call this, too. The alarm ends a test that waits in vain. */
#define SPIN_UNTIL(cond)   \
    do {                   \
        while (!(cond))    \
            sched_yield(); \
    } while (0)

static _Thread_local bool is_late, is_next;
static _Atomic bool in_handler, next_waits, next_has_it;
static _Atomic int given_back;
static struct weft_signals *next_signals;

/* The late handler waits here, before it sets the default actions. It goes on
 * when the free has restored the signals, and the next thread waits for them or
 * has them. */
static int
late_sigaction(int number, const struct sigaction *a, struct sigaction *was)
{
    if (is_late) {
        wf_store(&in_handler, true, release);
        SPIN_UNTIL(wf_load(&given_back, acquire) >= 1);
        SPIN_UNTIL(wf_load(&next_waits, acquire) ||
                   wf_load(&next_has_it, acquire));
    }
    int result = sigaction(number, a, was);
    if (!is_late && !is_next && a)
        wf_add(&given_back, 1, release);
    return result;
}

static void
tell_lock(pthread_mutex_t *lock)
{
    if (is_next && !pthread_mutex_trylock(lock))
        return;
    if (is_next)
        wf_store(&next_waits, true, release);
    pthread_mutex_lock(lock);
}

static void *
raise_late(void *unused)
{
    is_late = true;
    raise(SIGUSR1);
    return unused;
}

static void *
take_next(void *unused)
{
    static const int numbers[] = {SIGUSR1};
    is_next = true;
    SPIN_UNTIL(wf_load(&given_back, acquire) >= 1);
    CHECK(weft_signals_new(numbers, 1, &next_signals) == WEFT_OK);
    wf_store(&next_has_it, true, release);
    return unused;
}

/* A handler on another thread sets the default actions after the free has
 * restored the signals. The free waits for the handler, and restores the
 * signals again, before another channel can take them. */
static void
a_late_handler_is_undone(void **state)
{
    (void)state;
    const int numbers[] = {SIGUSR1};
    pthread_t late, next;
    end(state);
    void (*was)(int) = signal(SIGUSR1, of_the_user);
    assert_int_equal(wf_signals_new(numbers, 1, true, &signals), WEFT_OK);
    wf_shim.sigaction = late_sigaction;
    wf_shim.lock = tell_lock;
    assert_int_equal(pthread_create(&late, NULL, raise_late, NULL), 0);
    SPIN_UNTIL(wf_load(&in_handler, acquire));
    assert_int_equal(pthread_create(&next, NULL, take_next, NULL), 0);
    weft_signals_free(signals);
    pthread_join(late, NULL);
    pthread_join(next, NULL);
    signals = next_signals;
    assert_false(is_action(SIGUSR1, of_the_user));
    assert_false(is_action(SIGUSR1, SIG_DFL));
    raise(SIGUSR1);
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_OK);
    assert_int_equal(got, SIGUSR1);
    weft_signals_free(signals);
    signals = NULL;
    assert_true(is_action(SIGUSR1, of_the_user));
    wf_shim.sigaction = NULL;
    wf_shim.lock = NULL;
    signal(SIGUSR1, was);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_woken_finds_it),    TEST(errno_stays),
        TEST(several_are_passed_on),    TEST(a_channel_for_one_signal),
        TEST(a_late_handler_is_undone),
    };
    alarm(120);
    wf_shim.write = shim_write;
    is_mine = true;
    return cmocka_run_group_tests(tests, NULL, workers_stop);
}
