/* SPDX-License-Identifier: MIT */
#include "orders/meet.h"

#include "fiber/fiber.h"

#include <errno.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPINS 2000 /* after so many steps the other thread counts as spinning */

#define UNSEEN_NS \
    100000000 /* after so long the other thread counts as waiting */

#define MUST(cond) ((cond) ? (void)0 : (perror(#cond), abort()))

static struct {
    void (*other)(void *arg);
    void *arg;
    uint32_t n;      /* the n of meet_arm_woken */
    bool at_a_step;  /* the first thread was stopped before an atomic step */
    bool after_wake; /* the value of meet_go_on_after_wake */
    bool has_let_go; /* the other thread has let the first go on */
    sem_t begin, go_on, ended;
} meet;

static atomic_bool arm_woken;

static _Thread_local uint32_t
    left; /* steps until this thread is stopped; 0: no stop */
static _Thread_local bool is_other;
static _Thread_local uint32_t other_steps;

static void
wait_for(sem_t *sem)
{
    while (sem_wait(sem))
        MUST(errno == EINTR);
}

/* ---- the other thread ---- */

static void
let_go(void)
{
    if (!meet.has_let_go)
        MUST(!sem_post(&meet.go_on));
    meet.has_let_go = true;
}

static void *
be_the_other(void *unused)
{
    (void)unused;
    is_other = true;
    for (;;) {
        wait_for(&meet.begin);
        meet.has_let_go = false;
        other_steps = 0;
        meet.other(meet.arg);
        let_go();
        MUST(!sem_post(&meet.ended));
    }
    return NULL;
}

/* ---- the first thread ---- */

/* The other thread may wait for a pthread lock that we hold. This cannot be
 * seen, so this wait has a time limit. */
static void
wait_to_go_on(void)
{
    struct timespec until;
    MUST(!clock_gettime(CLOCK_REALTIME, &until));
    until.tv_nsec += UNSEEN_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (sem_timedwait(&meet.go_on, &until) && errno == EINTR)
        continue;
}

static void
stop_here(bool at_a_step)
{
    left = 0;
    meet.at_a_step = at_a_step;
    MUST(!sem_post(&meet.begin));
    wait_to_go_on();
}

/* Not inlined: a fiber may move to another thread, and these variables belong
 * to one thread. */
__attribute__((noinline)) void
wf_test_step(void)
{
    if (is_other && ++other_steps == SPINS)
        let_go();
    if (left && --left == 0)
        stop_here(true);
}

static int
meet_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    bool waits = op == FUTEX_WAIT_BITSET;
    if (waits && is_other)
        let_go();
    if (waits && left)
        stop_here(false);
    long r = syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until,
                     NULL, FUTEX_BITSET_MATCH_ANY);
    int err = r < 0 ? -errno : (int)r;
    if (!waits && is_other && meet.after_wake)
        let_go();
    bool armed = true;
    if (waits && err != -ETIMEDOUT &&
        atomic_compare_exchange_strong(&arm_woken, &armed, false))
        left = meet.n;
    return err;
}

static int
meet_nanosleep(const struct timespec *t)
{
    if (is_other)
        let_go();
    return nanosleep(t, NULL) ? -errno : 0;
}

void
meet_begin(void)
{
    pthread_t thread;
    wf_shim.futex = meet_futex;
    wf_shim.nanosleep = meet_nanosleep;
    MUST(!sem_init(&meet.begin, 0, 0) && !sem_init(&meet.go_on, 0, 0) &&
         !sem_init(&meet.ended, 0, 0));
    MUST(!pthread_create(&thread, NULL, be_the_other, NULL));
    MUST(!pthread_detach(thread));
}

void
meet_go_on_after_wake(bool on)
{
    meet.after_wake = on;
}

__attribute__((noinline)) void
meet_arm(uint32_t n, void (*other)(void *arg), void *arg)
{
    meet.other = other;
    meet.arg = arg;
    left = n;
}

void
meet_arm_woken(uint32_t n, void (*other)(void *arg), void *arg)
{
    meet.other = other;
    meet.arg = arg;
    meet.n = n;
    atomic_store(&arm_woken, true);
}

bool
meet_take_back(void)
{
    return atomic_exchange(&arm_woken, false);
}

__attribute__((noinline)) bool
meet_disarm(void)
{
    bool armed = left > 0;
    left = 0;
    return armed;
}

void
meet_end(void)
{
    if (meet_disarm())
        stop_here(false);
}

bool
meet_wait(void)
{
    wait_for(&meet.ended);
    while (!sem_trywait(&meet.go_on))
        continue; /* the first thread went on before the other one let it go */
    return meet.at_a_step;
}
