/* SPDX-License-Identifier: MIT */
/* A worker that has nothing to do sleeps until it is woken. */
#include "unit/fiber/fibers.h"

#include "fiber/sched.h"

#include <linux/futex.h>
#include <sys/syscall.h>

/* Sleeps of a worker without a deadline, and with one. */
static _Atomic int long_sleeps, short_sleeps;
static _Atomic bool sleeps_long[2]; /* of each worker: one without a deadline */

static int
shim_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    if (wf_worker_self() && op == FUTEX_WAIT_BITSET) {
        wf_add(until ? &short_sleeps : &long_sleeps, 1, release);
        if (!until)
            wf_store(&sleeps_long[wf_worker_index()], true, release);
    }
    long r = syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until,
                     NULL, FUTEX_BITSET_MATCH_ANY);
    return r < 0 ? -errno : (int)r;
}

static void
take(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

static void
a_worker_alone_sleeps(void **state)
{
    (void)state;
    workers_start(1);
    WAIT_FOR(wf_load(&long_sleeps, acquire) > 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_int_equal(wf_load(&short_sleeps, relaxed), 0);
}

/* One of two workers may wake up to watch the other, but sleeps in between. In
 * the end none of them watches any more. */
static void
two_workers_sleep(void **state)
{
    (void)state;
    wf_store(&sleeps_long[0], false, relaxed);
    workers_start(2);
    WAIT_FOR(wf_load(&sleeps_long[0], acquire) &&
             wf_load(&sleeps_long[1], acquire));
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

static void
note_time(void *arg)
{
    *(uint64_t *)arg = wf_worker_now_ns();
}

/* The worker looks at the clock after its sleep, not before. */
static void
who_wakes_knows_the_time(void **state)
{
    uint64_t seen = 0;
    (void)state;
    wf_store(&long_sleeps, 0, relaxed);
    workers_start(1);
    WAIT_FOR(wf_load(&long_sleeps, acquire) > 0);
    uint64_t asleep = weft_now_ns();
    run_fiber(note_time, &seen);
    assert_true(seen >= asleep);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

#define FIBERS 30 /* a few more than the warm stacks that a worker keeps */

/* Runs on the only worker, which runs all the waiters before it sleeps. */
static void
end_all(void *arg)
{
    wf_store(&short_sleeps, 0, relaxed);
    wf_store(&long_sleeps, 0, relaxed);
    weft_sem_give(arg, FIBERS);
}

/* A worker keeps some stacks of ended fibers as warm stacks, and does not wake
 * up for them. */
static void
warm_stacks_need_no_look(void **state)
{
    struct weft_sem end = {0};
    (void)state;
    workers_start(1);
    for (int i = 0; i < FIBERS; i++)
        spawn(take, &end);
    WAIT_FOR(n_waiters(&end.waiters) == FIBERS);
    run_fiber(end_all, &end);
    WAIT_FOR(wf_load(&long_sleeps, acquire) > 0);
    assert_int_equal(wf_load(&short_sleeps, relaxed), 0);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_alone_sleeps),
        cmocka_unit_test(two_workers_sleep),
        cmocka_unit_test(who_wakes_knows_the_time),
        cmocka_unit_test(warm_stacks_need_no_look),
    };
    alarm(120);
    wf_shim.futex = shim_futex;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
