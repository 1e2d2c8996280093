/* SPDX-License-Identifier: MIT */
/* Processes (row 87 of docs/threats.md) and signals on a host that fails:
 * without pidfd, without pipes, memory and descriptors. Nothing stays open, and
 * no child is left. */
#include "shim.h"
#include "descriptors.h"

#include <weft/fiber.h>
#include <weft/os.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <cmocka.h>

static const struct weft_process_options cat = {.file = "cat",
                                                .in = WEFT_STREAM_PIPE,
                                                .out = WEFT_STREAM_PIPE,
                                                .err = WEFT_STREAM_PIPE};

/* Start a program, let it end, and free it. No signal is sent to a process that
 * has ended, because its number may be that of another one. */
static weft_err
live(void)
{
    struct weft_process *p;
    struct weft_exit end = {-1, -1};
    weft_err err = weft_process_start(&cat, &p);
    if (err) {
        assert_null(p);
        return err;
    }
    weft_process_close(p, 0);
    err = weft_process_wait(p, &end);
    uint64_t kills = shim_count(SHIM_kill);
    if (!err) {
        assert_true(end.code == 0 && end.signal == 0);
        assert_int_equal(weft_process_kill(p, SIGKILL), -ESRCH);
        assert_int_equal(shim_count(SHIM_kill), kills);
    }
    weft_process_free(p);
    return err;
}

static void
each_call_fails(void **state)
{
    (void)state;
    static const enum shim_call calls[] = {SHIM_pipe2, SHIM_set_nonblocking,
                                           SHIM_malloc, SHIM_pidfd_open,
                                           SHIM_epoll_ctl};
    start_poller();
    assert_int_equal(live(), WEFT_OK);
    assert_int_equal(shim_count(SHIM_pidfd_open), 1);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        bool came = true;
        for (uint32_t nth = 1; came && nth < 40; nth++) {
            int before = open_descriptors();
            shim_fail(calls[i], nth, calls[i] == SHIM_malloc ? ENOMEM : EMFILE);
            weft_err err = live();
            came = shim_failures() > 0;
            shim_fail(calls[i], 0, 0);
            if (!came || calls[i] == SHIM_pidfd_open)
                assert_int_equal(err, WEFT_OK);
            assert_int_equal(open_descriptors(), before);
            assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
            assert_int_equal(errno, ECHILD);
        }
        assert_false(came);
    }
}

static int
no_pidfd(pid_t pid)
{
    (void)pid;
    return -ENOSYS;
}

static void
wait_cancelled(void *process)
{
    struct weft_exit end;
    weft_fiber_cancel(weft_fiber_self());
    if (weft_process_wait(process, &end) != WEFT_ECANCEL)
        abort();
}

static void
a_kernel_without_pidfd(void **state)
{
    (void)state;
    struct weft_process *p;
    struct weft_exit end;
    weft_fiber fiber;
    wf_shim.pidfd_open = no_pidfd;
    assert_int_equal(live(), WEFT_OK);
    assert_int_equal(weft_process_start(&cat, &p), WEFT_OK);
    assert_int_equal(weft_process_wait_until(p, weft_after_ms(25), &end),
                     WEFT_ETIMEOUT);
    assert_int_equal(weft_fiber_start(wait_cancelled, p, &fiber), WEFT_OK);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    weft_process_free(p);
    wf_shim.pidfd_open = NULL;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int
no_affinity(cpu_set_t *set)
{
    (void)set;
    return -ENOSYS;
}

static void
a_kernel_that_tells_no_cores(void **state)
{
    (void)state;
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    wf_shim.affinity = no_affinity;
    assert_int_equal(weft_runtime_start(NULL), WEFT_OK);
    assert_int_equal(weft_runtime_workers(), 1);
    wf_shim.affinity = NULL;
}

/* ---- signals ---- */

/* No descriptor stays open, and no action stays set. */
static void
signals_cannot_be_taken(void **state)
{
    (void)state;
    static const int numbers[] = {SIGUSR1, SIGUSR2};
    static const enum shim_call calls[] = {SHIM_malloc,    SHIM_eventfd,
                                           SHIM_signalfd,  SHIM_epoll_create1,
                                           SHIM_epoll_ctl, SHIM_sigaction};
    static const uint32_t times[] = {1, 1, 1, 1, 2, 4};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (uint32_t nth = 1; nth <= times[i]; nth++) {
            struct weft_signals *s;
            struct sigaction now;
            int before = open_descriptors();
            shim_fail(calls[i], nth, ENOMEM);
            assert_int_equal(weft_signals_new(numbers, 2, &s), -ENOMEM);
            assert_null(s);
            shim_fail(calls[i], 0, 0);
            assert_int_equal(open_descriptors(), before);
            for (int k = 0; k < 2; k++) {
                assert_int_equal(sigaction(numbers[k], NULL, &now), 0);
                assert_true(now.sa_handler == SIG_DFL);
            }
            assert_int_equal(weft_signals_new(numbers, 2, &s), WEFT_OK);
            weft_signals_free(s);
        }
    }
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1};
    shim_install();
    return weft_runtime_start(&options);
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
        cmocka_unit_test(each_call_fails),
        cmocka_unit_test(a_kernel_without_pidfd),
        cmocka_unit_test(a_kernel_that_tells_no_cores),
        cmocka_unit_test(signals_cannot_be_taken),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
