/* SPDX-License-Identifier: MIT */
/* Which signals reach a fiber and a job of weft_blocking, and what a program
 * that is started there inherits. */
#include "fibers.h"

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,
                                  SIGTRAP, SIGSYS, SIGABRT};
#define N_SYNCHRONOUS (sizeof synchronous / sizeof *synchronous)

static volatile sig_atomic_t n_caught;

static void
count(int signal)
{
    (void)signal;
    n_caught++;
}

static void
raise_each(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < N_SYNCHRONOUS; i++)
        CHECK(raise(synchronous[i]) == 0);
}

static void
block_and_raise_each(void *arg)
{
    CHECK(weft_blocking(raise_each, arg) == WEFT_OK);
}

static void
synchronous_signals_are_open(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = count}, old[N_SYNCHRONOUS];
    n_caught = 0;
    for (size_t i = 0; i < N_SYNCHRONOUS; i++)
        assert_int_equal(sigaction(synchronous[i], &action, &old[i]), 0);
    run_fiber(raise_each, NULL);
    assert_int_equal(n_caught, N_SYNCHRONOUS);
    run_fiber(block_and_raise_each, NULL);
    assert_int_equal(n_caught, 2 * N_SYNCHRONOUS);
    for (size_t i = 0; i < N_SYNCHRONOUS; i++)
        assert_int_equal(sigaction(synchronous[i], &old[i], NULL), 0);
}

/* ---- a fault that the handler mends ---- */

static volatile char *page;
static size_t page_size;

static void
open_page(int signal)
{
    (void)signal;
    n_caught++;
    (void)mprotect((void *)(uintptr_t)page, page_size, PROT_READ | PROT_WRITE);
}

static void
write_to_page(void *arg)
{
    stack_t stack;
    (void)arg;
    CHECK(sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE));
    page[1] = 1;
}

static void
a_fault_reaches_its_handler(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = open_page, .sa_flags = SA_ONSTACK},
                     old;
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    void *mem =
        mmap(NULL, page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mem != MAP_FAILED);
    page = mem;
    n_caught = 0;
    assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
    run_fiber(write_to_page, NULL);
    assert_int_equal(sigaction(SIGSEGV, &old, NULL), 0);
    assert_int_equal(n_caught, 1);
    assert_int_equal(page[1], 1);
    munmap(mem, page_size);
}

/* ---- signals for the process are left to the user's threads ---- */

static void
get_mask(void *arg)
{
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, arg) == 0);
}

static void
block_and_get_mask(void *arg)
{
    CHECK(weft_blocking(get_mask, arg) == WEFT_OK);
}

static void
signals_of_the_process_are_blocked(void **state)
{
    (void)state;
    sigset_t mask;
    run_fiber(get_mask, &mask);
    const int of_process[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
    for (size_t i = 0; i < sizeof of_process / sizeof *of_process; i++)
        assert_true(sigismember(&mask, of_process[i]));
    for (size_t i = 0; i < N_SYNCHRONOUS; i++)
        assert_false(sigismember(&mask, synchronous[i]));
}

/* Threads of weft_blocking have the signal mask of the thread that started the
 * runtime: here only SIGUSR2 is blocked. */
static void
blocking_threads_have_the_starters_mask(void **state)
{
    sigset_t mine, old, mask;
    workers_stop(state);
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR2);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &mine, &old), 0);
    workers_start(2);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
    run_fiber(block_and_get_mask, &mask);
    assert_true(sigismember(&mask, SIGUSR2));
    assert_false(sigismember(&mask, SIGTERM));
    assert_false(sigismember(&mask, SIGSEGV));
    workers_stop(state);
    workers_start(2);
}

/* ---- programs ---- */

/* A program that kills itself with SIGTERM, and exits with 3 if SIGTERM is
 * ignored. */
#define KILLS_ITSELF "kill -TERM $$; exit 3"

static void
run_by_system(void *arg)
{
    *(int *)arg = system("exec sh -c '" KILLS_ITSELF "'");
}

static void
block_and_run(void *arg)
{
    CHECK(weft_blocking(run_by_system, arg) == WEFT_OK);
}

static void
wait_for_child(void *arg)
{
    int *pid_then_status = arg;
    CHECK(waitpid((pid_t)*pid_then_status, pid_then_status, 0) > 0);
}

static void
spawn_in_a_fiber(void *arg)
{
    extern char **environ;
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){KILLS_ITSELF},
                    NULL};
    posix_spawnattr_t attr;
    sigset_t none;
    pid_t pid;
    sigemptyset(&none);
    CHECK(posix_spawnattr_init(&attr) == 0);
    CHECK(posix_spawnattr_setsigmask(&attr, &none) == 0);
    CHECK(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK) == 0);
    CHECK(posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ) == 0);
    CHECK(posix_spawnattr_destroy(&attr) == 0);
    *(int *)arg = (int)pid;
    CHECK(weft_blocking(wait_for_child, arg) == WEFT_OK);
}

static void
a_program_can_be_terminated(void **state)
{
    (void)state;
    int status = 0;
    run_fiber(block_and_run, &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    run_fiber(spawn_in_a_fiber, &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synchronous_signals_are_open),
        cmocka_unit_test(a_fault_reaches_its_handler),
        cmocka_unit_test(signals_of_the_process_are_blocked),
        cmocka_unit_test(blocking_threads_have_the_starters_mask),
        cmocka_unit_test(a_program_can_be_terminated),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
