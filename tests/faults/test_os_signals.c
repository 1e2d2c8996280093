/* SPDX-License-Identifier: MIT */
/* A signal at the moment at which its handler wakes the receiver. */
#include "os/os.h"
#include "unit/fiber/fibers.h"

#include <weft/os.h>

#include <signal.h>

static struct weft_signals *signals;
static bool takes_at_once, fails;
static int writes, got;
static weft_err err;
static _Thread_local bool is_mine; /* the thread that raises */

/* The handler calls this to wake a receiver. It runs on the thread that raises,
 * so it can receive at once, as another thread could. */
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

/* What the handler interrupts sees its own errno. */
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
    raise(SIGUSR2); /* is noted already */
    assert_int_equal(writes, 3);
    assert_int_equal(weft_signals_recv_until(signals, 0, &got), WEFT_OK);
    assert_int_equal(got, SIGUSR1);
    assert_int_equal(writes, 4); /* one is left for another receiver */
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

/* A channel that takes only the first signal then sets the default actions of
 * its signals. Its end restores the actions from before the channel. Other
 * signals are not touched. */
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_woken_finds_it),
        TEST(errno_stays),
        TEST(several_are_passed_on),
        TEST(a_channel_for_one_signal),
    };
    alarm(120);
    wf_shim.write = shim_write;
    is_mine = true;
    return cmocka_run_group_tests(tests, NULL, workers_stop);
}
