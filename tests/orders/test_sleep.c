/* SPDX-License-Identifier: MIT */
/*
 * Workers fall asleep or wake up while another thread makes work, at each
 * atomic step. If there is one worker, no other worker repairs a lost wake-up.
 */
#include "orders/meet.h"
#include "fiber/sched.h"
#include "unit/fiber/fibers.h"

#include <sched.h>

static _Atomic int ran;

static void
run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
}

static void
start_one(void *arg)
{
    (void)arg;
    CHECK(!weft_fiber_start(run, NULL, NULL));
}

/* ---- one worker, which falls asleep ---- */

struct life {
    uint32_t n;
    void (*other)(void *arg);
    struct weft_sem sem;
    _Atomic int parked;
    weft_fiber fiber;
};

/* The last call of a fiber: after it the worker has nothing to run. */
static void
arm_and_end(void *arg)
{
    struct life *l = arg;
    meet_arm(l->n, l->other, l);
}

static void
every_way_to_sleep(struct life *l, void (*begin)(struct life *l))
{
    bool more = true;
    workers_start(1);
    for (l->n = 1; more; l->n++) {
        atomic_store(&ran, 0);
        if (begin)
            begin(l);
        (void)spawn(arm_and_end, l);
        more = meet_wait();
        WAIT_FOR(atomic_load(&ran) == 1);
    }
    assert_in_range(l->n, 20, 1000); /* the worker checks many things before it
                                      * sleeps */
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

static void
a_fiber_that_is_started_runs(void **state)
{
    (void)state;
    struct life l = {.other = start_one};
    every_way_to_sleep(&l, NULL);
}

static void
take_and_run(void *arg)
{
    struct life *l = arg;
    weft_err err = weft_sem_take(&l->sem);
    CHECK(!err || err == WEFT_ECANCEL);
    run(NULL);
}

static void
park_one(struct life *l)
{
    l->fiber = spawn(take_and_run, l);
    WAIT_FOR(n_waiters(&l->sem.waiters) == 1);
}

static void
give_one(void *arg)
{
    struct life *l = arg;
    weft_sem_give(&l->sem, 1);
}

static void
a_fiber_that_is_woken_runs(void **state)
{
    (void)state;
    struct life l = {.other = give_one};
    every_way_to_sleep(&l, park_one);
}

static void
cancel_it(void *arg)
{
    struct life *l = arg;
    weft_fiber_cancel(l->fiber);
}

static void
a_fiber_that_is_cancelled_runs(void **state)
{
    (void)state;
    struct life l = {.other = cancel_it};
    every_way_to_sleep(&l, park_one);
}

static void
fire(struct wf_timer *timer)
{
    (void)timer;
    run(NULL);
}

/* A plain thread starts it, so it is on the worker's wheel. */
static struct wf_timer timer;

static void
arm_a_timer(void *arg)
{
    (void)arg;
    wf_timer_start(&timer, weft_now_ns(), fire);
}

static void
a_timer_that_is_armed_fires(void **state)
{
    (void)state;
    struct life l = {.other = arm_a_timer};
    every_way_to_sleep(&l, NULL);
}

/* The stop kicks the worker, and waits until the worker ends. */
static void
stop_all(void *arg)
{
    (void)arg;
    CHECK(!weft_runtime_stop());
    run(NULL);
}

static void
a_stop_ends(void **state)
{
    (void)state;
    struct life l = {.other = stop_all};
    bool more = true;
    meet_go_on_after_wake(true);
    for (l.n = 1; more; l.n++) {
        workers_start(1);
        atomic_store(&ran, 0);
        (void)spawn(arm_and_end, &l);
        more = meet_wait();
        WAIT_FOR(atomic_load(&ran) == 1);
    }
    meet_go_on_after_wake(false);
    assert_in_range(l.n, 20, 1000);
}

/* ---- two workers, of which one finds work ---- */

struct pair {
    uint32_t n;
    enum { STOPPED, WAS_AWAKE, HAS_NO_MORE_STEPS } how;
};

static void
keep_until_both_ran(void *arg)
{
    struct pair *p = arg;
    uint64_t until = weft_after_ms(LONG_MS);
    p->how = meet_take_back() ? WAS_AWAKE
             : meet_disarm()  ? HAS_NO_MORE_STEPS
                              : STOPPED;
    while (p->how == STOPPED && atomic_load(&ran) == 0) {
        CHECK(weft_now_ns() < until);
        sched_yield();
    }
}

/* start_one starts a second fiber while a worker finds the first. The first
 * fiber keeps its worker until both have run. So the worker that found it must
 * look for more work, and wake another worker. */
static void
who_finds_work_wakes_the_next(void **state)
{
    (void)state;
    struct pair p = {.n = 1};
    workers_start(2);
    do {
        atomic_store(&ran, 0);
        WAIT_FOR(wf_load(&wf_n_sleepers, relaxed) == 2);
        meet_arm_woken(p.n, start_one, NULL);
        assert_int_equal(weft_fiber_join(spawn(keep_until_both_ran, &p)),
                         WEFT_OK);
        if (p.how == STOPPED)
            (void)meet_wait();
        p.n += p.how == STOPPED;
    } while (p.how != HAS_NO_MORE_STEPS);
    assert_in_range(p.n, 10, 1000);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fiber_that_is_started_runs),
        cmocka_unit_test(a_fiber_that_is_woken_runs),
        cmocka_unit_test(a_fiber_that_is_cancelled_runs),
        cmocka_unit_test(a_timer_that_is_armed_fires),
        cmocka_unit_test(a_stop_ends),
        cmocka_unit_test(who_finds_work_wakes_the_next),
    };
    meet_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
