/* SPDX-License-Identifier: MIT */
/* Signals as a channel, whether or not threads block them; also while the
 * channel is freed (row 88 of docs/threats.md). */
#include "unit/fiber/fibers.h"

#include "os/os.h"

#include <weft/rpc.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int both[] = {SIGUSR2, SIGUSR1};

static struct weft_signals *
take(void)
{
    struct weft_signals *s;
    CHECK(weft_signals_new(both, 2, &s) == WEFT_OK && s);
    return s;
}

static int
receive(struct weft_signals *s)
{
    int number = -1;
    CHECK(weft_signals_recv_until(s, weft_after_ms(LONG_MS), &number) ==
          WEFT_OK);
    return number;
}

static void
check_empty(struct weft_signals *s)
{
    int number;
    CHECK(weft_signals_recv_until(s, 0, &number) == WEFT_ETIMEOUT);
}

/* Block or unblock both signals in this thread; the workers block all
 * signals. */
static void
block(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    CHECK(pthread_sigmask(how, &set, NULL) == 0);
}

/* ---- select ---- */

static struct weft_chan *work;

/* The select works if a thread handles the signal, and if all threads block
 * it. */
static void
a_signal_or_an_item(void **state)
{
    (void)state;
    struct weft_signals *s = take();
    CHECK(!weft_chan_new(sizeof(int), 1, &work));
    for (int i = 0; i < 4; i++) {
        int item = 0, sent = 7;
        struct weft_select_case cases[] = {
            {.kind = WEFT_SELECT_RECV, .chan = work, .item = &item},
            {.kind = WEFT_SELECT_FD,
             .fd = weft_signals_fd(s),
             .events = WEFT_FD_READ},
        };
        assert_int_equal(weft_select_until(cases, 2, 0), WEFT_ETIMEOUT);
        block(i < 2 ? SIG_BLOCK : SIG_UNBLOCK);
        CHECK(!kill(getpid(), SIGUSR1));
        assert_int_equal(weft_select(cases, 2), 1);
        assert_int_equal(receive(s), SIGUSR1);
        check_empty(s);
        CHECK(!weft_chan_send(work, &sent));
        assert_int_equal(weft_select(cases, 2), 0);
        assert_int_equal(item, 7);
    }
    block(SIG_UNBLOCK);
    weft_chan_free(work);
    weft_signals_free(s);
}

/* ---- receiving ---- */

static _Atomic int received;

static void
receive_in_fiber(void *signals)
{
    wf_store(&received, receive(signals), release);
}

/* A handler receives the signal, or the kernel keeps it if all threads block
 * it. */
static void
a_signal_is_received_once(void **state)
{
    (void)state;
    struct weft_signals *s = take();
    for (int i = 0; i < 200; i++) {
        int number = i % 4 < 2 ? SIGUSR1 : SIGUSR2;
        block(i % 2 ? SIG_BLOCK : SIG_UNBLOCK);
        weft_fiber fiber = spawn(receive_in_fiber, s);
        if (i % 3)
            weft_fiber_yield();
        assert_int_equal(kill(getpid(), number), 0);
        assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
        assert_int_equal(wf_load(&received, acquire), number);
        check_empty(s);
    }
    weft_signals_free(s);
    block(SIG_UNBLOCK);
}

static void
the_lowest_is_first(void **state)
{
    (void)state;
    for (int blocked = 0; blocked < 2; blocked++) {
        struct weft_signals *s = take();
        block(blocked ? SIG_BLOCK : SIG_UNBLOCK);
        assert_int_equal(kill(getpid(), SIGUSR2), 0);
        assert_int_equal(kill(getpid(), SIGUSR2), 0);
        assert_int_equal(kill(getpid(), SIGUSR1), 0);
        assert_int_equal(receive(s), SIGUSR1);
        assert_int_equal(receive(s), SIGUSR2);
        check_empty(s);
        weft_signals_free(s);
    }
    block(SIG_UNBLOCK);
}

/* Two fibers wait, and two signals come: each fiber gets one. */
static void
several_receivers(void **state)
{
    (void)state;
    struct weft_signals *s = take();
    for (int i = 0; i < 200; i++) {
        weft_fiber fibers[2];
        block(SIG_BLOCK);
        for (int k = 0; k < 2; k++)
            fibers[k] = spawn(receive_in_fiber, s);
        for (int k = 0; k < i % 8; k++)
            weft_fiber_yield();
        assert_int_equal(kill(getpid(), SIGUSR1), 0);
        assert_int_equal(kill(getpid(), SIGUSR2), 0);
        block(i % 2 ? SIG_BLOCK : SIG_UNBLOCK);
        for (int k = 0; k < 2; k++)
            assert_int_equal(weft_fiber_join(fibers[k]), WEFT_OK);
        check_empty(s);
    }
    weft_signals_free(s);
    block(SIG_UNBLOCK);
}

static void
receive_too_long(void *signals)
{
    int number;
    CHECK(weft_signals_recv_until(signals, weft_after_ms(1), &number) ==
          WEFT_ETIMEOUT);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_signals_recv(signals, &number) == WEFT_ECANCEL);
}

static void
a_receive_ends_early(void **state)
{
    (void)state;
    struct weft_signals *s = take();
    run_fiber(receive_too_long, s);
    weft_signals_free(s);
}

/* ---- taking ---- */

static _Atomic int handled;

static void
handle(int number)
{
    (void)number;
    wf_add(&handled, 1, relaxed);
}

static void
what_cannot_be_taken(void **state)
{
    (void)state;
    static const int never[] = {0,       -1,      65,      1000,   SIGKILL,
                                SIGSTOP, SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                SIGTRAP, SIGSYS,  SIGABRT, 32,     33};
    struct weft_signals *s, *other;
    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        const int numbers[] = {SIGUSR1, never[i]};
        s = (void *)&s;
        assert_int_equal(weft_signals_new(numbers, 2, &s), -EINVAL);
        assert_null(s);
    }
    assert_int_equal(weft_signals_new(both, 0, &s), -EINVAL);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* weft has not closed 0 */
    s = take();
    const int overlapping[] = {SIGHUP, SIGUSR1, SIGUSR1};
    assert_int_equal(weft_signals_new(overlapping, 3, &other), -EBUSY);
    assert_null(other);
    assert_int_equal(weft_signals_new(overlapping, 1, &other), WEFT_OK);
    assert_int_equal(raise(SIGHUP), 0);
    assert_int_equal(receive(other), SIGHUP);
    check_empty(s);
    weft_signals_free(other);
    weft_signals_free(s);
    const int last[] = {SIGRTMAX, SIGRTMAX};
    assert_int_equal(weft_signals_new(last, 2, &s), WEFT_OK);
    assert_int_equal(raise(SIGRTMAX), 0);
    assert_int_equal(receive(s), SIGRTMAX);
    weft_signals_free(s);
    weft_signals_free(NULL);
}

static void
check_action(int number, void (*handler)(int number))
{
    struct sigaction now;
    assert_int_equal(sigaction(number, NULL, &now), 0);
    assert_true(now.sa_handler == handler);
}

static void
actions_are_given_back(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = handle}, was;
    assert_int_equal(sigaction(SIGUSR1, &mine, &was), 0);
    wf_store(&handled, 0, relaxed);
    struct weft_signals *s = take(), *other;
    assert_int_equal(weft_signals_new(both, 1, &other), -EBUSY);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(wf_load(&handled, relaxed), 0);
    assert_int_equal(receive(s), SIGUSR1);
    weft_signals_free(s);
    check_action(SIGUSR1, handle);
    check_action(SIGUSR2, SIG_DFL);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(wf_load(&handled, relaxed), 1);
    assert_int_equal(sigaction(SIGUSR1, &was, NULL), 0);
}

/* weft_server_run needs this: the first signal restores the default actions, so
 * a second one ends the process. */
static void
the_second_one_finds_the_default(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = handle}, was;
    assert_int_equal(sigaction(SIGUSR2, &mine, &was), 0);
    for (int blocked = 0; blocked < 2; blocked++) {
        struct weft_signals *s;
        block(blocked ? SIG_BLOCK : SIG_UNBLOCK);
        assert_int_equal(wf_signals_new(both, 2, true, &s), WEFT_OK);
        assert_int_equal(kill(getpid(), SIGUSR1), 0);
        if (!blocked) /* the handler resets the action at once */
            check_action(SIGUSR2, SIG_DFL);
        assert_int_equal(receive(s), SIGUSR1);
        check_action(SIGUSR1, SIG_DFL);
        check_action(SIGUSR2, SIG_DFL);
        weft_signals_free(s);
        check_action(SIGUSR1, SIG_DFL);
        check_action(SIGUSR2, handle);
    }
    block(SIG_UNBLOCK);
    assert_int_equal(sigaction(SIGUSR2, &was, NULL), 0);
}

/* A channel has taken one of the server's signals, so the server does not begin
 * to serve. */
static void
a_server_does_not_run(void **state)
{
    (void)state;
    static const int term[] = {SIGTERM}, interrupt[] = {SIGINT};
    for (int i = 0; i < 2; i++) {
        struct weft_signals *s;
        struct weft_server *server;
        assert_int_equal(weft_signals_new(i ? interrupt : term, 1, &s),
                         WEFT_OK);
        assert_int_equal(weft_server_new(NULL, &server), WEFT_OK);
        assert_int_equal(weft_server_run(server, "127.0.0.1:0"), -EBUSY);
        weft_server_free(server);
        weft_signals_free(s);
    }
}

/* ---- many signals ---- */

static _Atomic bool over;

static void *
send_many(void *unused)
{
    while (!wf_load(&over, acquire))
        CHECK(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR2) == 0);
    return unused;
}

/* Signals come on any thread while channels are made and freed. */
static void
channels_come_and_go(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = handle}, was[2];
    pthread_t senders[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(sigaction(both[i], &mine, &was[i]), 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&senders[i], NULL, send_many, NULL) == 0);
    for (int i = 0; i < 300; i++) {
        struct weft_signals *s = take();
        if (i % 2)
            CHECK(receive(s) > 0);
        weft_signals_free(s);
    }
    wf_store(&over, true, release);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(senders[i], NULL) == 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(sigaction(both[i], &was[i], NULL), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_received_once),
        cmocka_unit_test(a_signal_or_an_item),
        cmocka_unit_test(the_lowest_is_first),
        cmocka_unit_test(several_receivers),
        cmocka_unit_test(a_receive_ends_early),
        cmocka_unit_test(what_cannot_be_taken),
        cmocka_unit_test(actions_are_given_back),
        cmocka_unit_test(the_second_one_finds_the_default),
        cmocka_unit_test(a_server_does_not_run),
        cmocka_unit_test(channels_come_and_go),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
