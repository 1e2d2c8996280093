/* SPDX-License-Identifier: MIT */
/* Which signals a thread gets. */
#include "base/base.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void
a_mask_is_got_and_set(void **state)
{
    (void)state;
    sigset_t old, mask, got;
    sigemptyset(&got);
    wf_sys_get_mask(&old);
    mask = old;
    sigaddset(&mask, SIGUSR1);
    wf_sys_set_mask(&mask);
    pthread_sigmask(SIG_SETMASK, NULL, &got);
    assert_int_equal(sigismember(&got, SIGUSR1), 1);
    sigemptyset(&got);
    wf_sys_get_mask(&got);
    assert_int_equal(sigismember(&got, SIGUSR1), 1);
    sigdelset(&mask, SIGUSR1);
    wf_sys_set_mask(&mask);
    sigfillset(&got);
    wf_sys_get_mask(&got);
    assert_int_equal(sigismember(&got, SIGUSR1), 0);
    wf_sys_set_mask(&old);
}

static void *
get_mask(void *mask)
{
    wf_sys_get_mask(mask);
    return NULL;
}

/* A thread of the library gets no signal that is sent to the process, but gets
 * the signals of its own faults. The mask of its creator stays. */
static void
a_thread_has_its_signals(void **state)
{
    (void)state;
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,
                              SIGTRAP, SIGSYS, SIGABRT};
    static const int others[] = {SIGTERM, SIGINT,  SIGHUP,  SIGUSR1,
                                 SIGCHLD, SIGPIPE, SIGALRM, SIGPROF};
    sigset_t mask, before, after;
    pthread_t thread;
    sigemptyset(&mask);
    wf_sys_get_mask(&before);
    assert_int_equal(wf_sys_thread(&thread, get_mask, &mask), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    wf_sys_get_mask(&after);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_int_equal(sigismember(&mask, own[i]), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(sigismember(&mask, others[i]), 1);
    for (int i = 1; i < 65; i++)
        assert_int_equal(sigismember(&after, i), sigismember(&before, i));
}

static bool
is_pending(int number)
{
    sigset_t pending;
    sigemptyset(&pending);
    assert_int_equal(sigpending(&pending), 0);
    return sigismember(&pending, number) == 1;
}

/* A write to a pipe that nobody reads raises no signal, but a SIGPIPE that was
 * raised before for another reason stays. */
static void
a_quiet_write_raises_nothing(void **state)
{
    (void)state;
    sigset_t set, old, now;
    int fds[2];
    const struct timespec at_once = {.tv_sec = 0};
    assert_int_equal(wf_sys_pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(wf_sys_write_quietly(fds[1], "abc", 3), 3);
    close(fds[0]);
    wf_sys_get_mask(&old);
    assert_int_equal(sigismember(&old, SIGPIPE), 0);
    assert_int_equal(wf_sys_write_quietly(fds[1], "abc", 3), -EPIPE);
    assert_false(is_pending(SIGPIPE));
    wf_sys_get_mask(&now);
    assert_int_equal(sigismember(&now, SIGPIPE), 0);

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    assert_int_equal(wf_sys_write_quietly(fds[1], "abc", 3), -EPIPE);
    assert_false(is_pending(SIGPIPE));
    pthread_kill(pthread_self(), SIGPIPE);
    assert_int_equal(wf_sys_write_quietly(fds[1], "abc", 3), -EPIPE);
    assert_true(is_pending(SIGPIPE));
    assert_int_equal(wf_sys_write_quietly(-1, "abc", 3), -EBADF);
    assert_true(is_pending(SIGPIPE));
    assert_int_equal(sigtimedwait(&set, NULL, &at_once), SIGPIPE);
    wf_sys_set_mask(&old);
    close(fds[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mask_is_got_and_set),
        cmocka_unit_test(a_thread_has_its_signals),
        cmocka_unit_test(a_quiet_write_raises_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
