/* SPDX-License-Identifier: MIT */
/*
 * Rows 57, 58, 60 and 61 of docs/threats.md: a process frees a mutex right
 * after its last unlock, gets a signal a thousand times a second, is stopped
 * for a while, or exits while fibers run. Each run is a child process, so that
 * a crash is noticed and does not end the other runs.
 */
#include "stress.h"

#include <weft/fiber.h>

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static const struct weft_runtime_options runtime = {.workers = 3};

/* ---- one run of a process ---- */

static pid_t
begin_life(void (*live)(void))
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK(!weft_runtime_start(&runtime));
        live();
        exit(0); /* not _exit: the handlers of exit run while fibers run */
    }
    return pid;
}

static void
ends_well(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- 57: the next holder of a mutex frees it ---- */

struct box {
    struct weft_mutex mutex;
    _Atomic int n_users;
};

static void
use_box(void *arg)
{
    struct box *box = arg;
    CHECK(!weft_mutex_lock(&box->mutex));
    bool last = wf_sub(&box->n_users, 1, acq_rel) == 1;
    weft_mutex_unlock(&box->mutex);
    if (last)
        free(box);
}

static void
free_mutexes(void)
{
    enum { USERS = 4 };
    for (uint64_t n = stress_count(20000); n > 0; n--) {
        weft_fiber users[USERS];
        struct box *box = calloc(1, sizeof *box);
        CHECK(box);
        wf_store(&box->n_users, USERS, relaxed);
        for (int i = 0; i < USERS; i++)
            CHECK(!weft_fiber_start(use_box, box, &users[i]));
        for (int i = 0; i < USERS; i++)
            CHECK(!weft_fiber_join(users[i]));
    }
}

/* ---- 58: signals on the stacks of fibers ---- */

static _Atomic int n_signals;

static void
count_signal(int number)
{
    (void)number;
    wf_add(&n_signals, 1, relaxed);
}

/* Workers block signals. This fiber unblocks them in its worker's thread. */
static void
take_signals(void *arg)
{
    sigset_t set;
    int *rounds = arg;
    sigemptyset(&set);
    sigaddset(&set, SIGPROF);
    int enough = wf_load(&n_signals, relaxed) + 50;
    for (; wf_load(&n_signals, relaxed) < enough; ++*rounds) {
        CHECK(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
        weft_fiber_yield();
    }
}

static void
be_profiled(void)
{
    enum { FIBERS = 8 };
    const struct sigaction action = {.sa_handler = count_signal};
    const struct itimerval each_ms = {{0, 1000}, {0, 1000}};
    weft_fiber fibers[FIBERS];
    int rounds[FIBERS] = {0};
    CHECK(sigaction(SIGPROF, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_PROF, &each_ms, NULL) == 0);
    for (int i = 0; i < FIBERS; i++)
        CHECK(!weft_fiber_start(take_signals, &rounds[i], &fibers[i]));
    for (int i = 0; i < FIBERS; i++) {
        CHECK(!weft_fiber_join(fibers[i]));
        CHECK(rounds[i] > 0);
    }
}

/* ---- 60: a process that is stopped ---- */

static int told[2];

static void
nap_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        CHECK(!weft_sleep_ms(1));
}

/* Tell the parent that the fibers have started to sleep, and wait until all
 * have ended. */
static void
nap_through_a_stop(void)
{
    weft_fiber fibers[16];
    for (int i = 0; i < 16; i++)
        CHECK(!weft_fiber_start(nap_often, NULL, &fibers[i]));
    CHECK(write(told[1], "x", 1) == 1);
    for (int i = 0; i < 16; i++)
        CHECK(!weft_fiber_join(fibers[i]));
    CHECK(!weft_runtime_stop());
}

static void
stop_for_a_while(pid_t pid)
{
    const struct timespec a_while = {.tv_nsec = 30000000};
    char byte;
    int status;
    CHECK(read(told[0], &byte, 1) == 1);
    CHECK(kill(pid, SIGSTOP) == 0);
    CHECK(waitpid(pid, &status, WUNTRACED) == pid);
    if (!WIFSTOPPED(status)) { /* the process ended before the stop */
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        return;
    }
    nanosleep(&a_while, NULL); /* longer than all sleeps of the process */
    CHECK(kill(pid, SIGCONT) == 0);
    ends_well(pid);
}

/* ---- 61: an exit while fibers run ---- */

static void
run_on(void *arg)
{
    (void)arg;
    while (!weft_sleep_ms(1))
        for (int i = 0; i < 3; i++)
            weft_fiber_yield();
}

static void
leave_them(void)
{
    for (int i = 0; i < 20; i++)
        CHECK(!weft_fiber_start(run_on, NULL, NULL));
}

int
main(void)
{
    stress_begin();
    ends_well(begin_life(free_mutexes));
    ends_well(begin_life(be_profiled));
    CHECK(pipe(told) == 0);
    for (uint64_t n = stress_count(50); n > 0; n--) {
        stop_for_a_while(begin_life(nap_through_a_stop));
        ends_well(begin_life(leave_them));
    }
    return 0;
}
