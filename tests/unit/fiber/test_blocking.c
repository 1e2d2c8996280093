/* SPDX-License-Identifier: MIT */
#include "fibers.h"

#include <sched.h>

#define MAX_THREADS 4

static _Atomic int ran, inside, most_inside;

static int
few_threads(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2,
                                           .max_blocking = MAX_THREADS};
    CHECK(weft_runtime_start(&options) == WEFT_OK);
    return 0;
}

static void
note(void *arg)
{
    (void)arg;
    CHECK(weft_fiber_self().id == 0); /* a plain thread, not a fiber */
    wf_add(&ran, 1, relaxed);
}

static void
block_once(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(note, NULL) == WEFT_OK);
    CHECK(weft_sleep_ms(1) == WEFT_OK); /* its thread is idle by then */
    CHECK(weft_blocking_until(note, NULL, weft_after_ms(LONG_MS)) == WEFT_OK);
}

static void
it_runs_on_a_plain_thread(void **state)
{
    (void)state;
    ran = 0;
    run_fiber(block_once, NULL);
    assert_int_equal(ran, 2);
    block_once(NULL);
    assert_int_equal(ran, 4);
}

/* ---- jobs that wait for each other need a thread each ---- */

static struct weft_sem met;

static void
meet(void *arg)
{
    (void)arg;
    int n = wf_add(&inside, 1, acq_rel) + 1;
    if (n == MAX_THREADS)
        weft_sem_give(&met, MAX_THREADS);
    CHECK(weft_sem_take_until(&met, weft_after_ms(LONG_MS)) == WEFT_OK);
}

static void
block_and_meet(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(meet, NULL) == WEFT_OK);
}

/* One fiber starts all callers, so that the jobs come in a burst. */
static void
start_meeting(void *arg)
{
    weft_fiber *fibers = arg;
    for (int i = 0; i < MAX_THREADS; i++)
        fibers[i] = spawn(block_and_meet, NULL);
}

/* Begin with one idle thread, which can take only one of the jobs. */
static void
as_many_run_as_may(void **state)
{
    weft_fiber fibers[MAX_THREADS];
    for (int round = 0; round < 30; round++) {
        workers_stop(state);
        few_threads(state);
        run_fiber(block_once, NULL);
        weft_sleep_ms(1);
        inside = 0;
        run_fiber(start_meeting, fibers);
        for (int i = 0; i < MAX_THREADS; i++)
            assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    }
}

static void
count_inside(void *arg)
{
    (void)arg;
    int n = wf_add(&inside, 1, relaxed) + 1,
        most = wf_load(&most_inside, relaxed);
    while (n > most && !wf_cas(&most_inside, &most, n, acquire))
        continue;
    sched_yield();
    wf_sub(&inside, 1, relaxed);
    wf_add(&ran, 1, relaxed);
}

static void
block_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        CHECK(weft_blocking(count_inside, NULL) == WEFT_OK);
}

static void
no_more_run_than_may(void **state)
{
    (void)state;
    weft_fiber fibers[50];
    ran = inside = most_inside = 0;
    for (int i = 0; i < 50; i++)
        fibers[i] = spawn(block_often, NULL);
    for (int i = 0; i < 50; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(ran, 50 * 20);
    assert_in_range(most_inside, 1, MAX_THREADS);
}

/* ---- a job that has not begun can be called off, one that has cannot ---- */

static struct weft_sem began, release_all;

static void
hold(void *arg)
{
    (void)arg;
    weft_sem_give(&began, 1);
    CHECK(weft_sem_take(&release_all) == WEFT_OK);
    wf_add(&ran, 1, relaxed);
}

static void
block_and_hold(void *arg)
{
    (void)arg;
    CHECK(weft_blocking_until(hold, NULL, weft_after_ms(30)) == WEFT_OK);
}

static void
never(void *arg)
{
    (void)arg;
    wf_add(&ran, 1000, relaxed);
}

static void
be_late(void *arg)
{
    (void)arg;
    CHECK(weft_blocking_until(never, NULL, weft_after_ms(1)) == WEFT_ETIMEOUT);
    CHECK(weft_blocking_until(never, NULL, 0) == WEFT_ETIMEOUT);
}

static void
be_cancelled(void *arg)
{
    weft_sem_give(arg, 1);
    CHECK(weft_blocking(never, NULL) == WEFT_ECANCEL);
    CHECK(weft_blocking(never, NULL) == WEFT_ECANCEL); /* at once */
}

static void
what_has_not_begun_can_be_called_off(void **state)
{
    (void)state;
    weft_fiber fibers[MAX_THREADS];
    struct weft_sem there = {0};
    ran = 0;
    for (int i = 0; i < MAX_THREADS; i++)
        fibers[i] = spawn(block_and_hold, NULL);
    for (int i = 0; i < MAX_THREADS; i++)
        assert_int_equal(weft_sem_take(&began), WEFT_OK);
    run_fiber(be_late, NULL);
    weft_fiber fiber = spawn(be_cancelled, &there);
    assert_int_equal(weft_sem_take(&there), WEFT_OK);
    weft_sleep_ms(1); /* the job is queued or not yet; it must not run */
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    /* Neither a cancel nor the deadline ends a job that runs. */
    weft_fiber_cancel(fibers[0]);
    weft_sleep_ms(40);
    assert_int_equal(weft_fiber_join_until(fibers[0], weft_now_ns()),
                     WEFT_ETIMEOUT);
    weft_sem_give(&release_all, MAX_THREADS);
    for (int i = 0; i < MAX_THREADS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(ran, MAX_THREADS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_on_a_plain_thread),
        cmocka_unit_test(as_many_run_as_may),
        cmocka_unit_test(no_more_run_than_may),
        cmocka_unit_test(what_has_not_begun_can_be_called_off),
    };
    return cmocka_run_group_tests(tests, few_threads, workers_stop);
}
