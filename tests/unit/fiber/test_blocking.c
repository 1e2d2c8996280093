/* SPDX-License-Identifier: MIT */
#include "fibers.h"

#include "fiber/blocking.h"

#include <sched.h>
#include <semaphore.h>

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
    /* The thread of the first call is idle by now. */
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

static void
block_too_late(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        CHECK(weft_blocking_until(note, NULL, 0) == WEFT_ETIMEOUT);
        CHECK(weft_blocking_until(note, NULL, weft_now_ns()) == WEFT_ETIMEOUT);
    }
}

/* An idle thread of the pool could begin the job before the caller checks the
 * deadline. */
static void
nothing_begins_after_its_deadline(void **state)
{
    (void)state;
    run_fiber(block_once, NULL);
    ran = 0;
    run_fiber(block_too_late, NULL);
    block_too_late(NULL);
    assert_int_equal(ran, 0);
}

/* ---- each job that waits for the others needs a thread ---- */

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

/* ---- a job that has not begun can be cancelled, a running one cannot ---- */

static struct weft_sem began;
static sem_t release_all;           /* of libc: its waiters count as at work */
static _Atomic uint64_t hold_until; /* for callers that wait for hold */

static void
hold(void *arg)
{
    (void)arg;
    weft_sem_give(&began, 1);
    CHECK(sem_wait(&release_all) == 0);
    wf_add(&ran, 1, relaxed);
}

static void
block_and_hold(void *arg)
{
    (void)arg;
    weft_err err;
    /* On a busy machine the deadline may pass before hold() begins. */
    while ((err = weft_blocking_until(hold, NULL, hold_until)) == WEFT_ETIMEOUT)
        hold_until = weft_after_ms(30);
    CHECK(err == WEFT_OK);
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
    CHECK(weft_blocking(never, NULL) == WEFT_ECANCEL); /* without a wait */
}

static void
what_has_not_begun_can_be_called_off(void **state)
{
    (void)state;
    weft_fiber fibers[MAX_THREADS];
    struct weft_sem there = {0};
    ran = 0;
    assert_int_equal(sem_init(&release_all, 0, 0), 0);
    hold_until = weft_after_ms(LONG_MS);
    for (int i = 1; i < MAX_THREADS; i++)
        fibers[i] = spawn(block_and_hold, NULL);
    for (int i = 1; i < MAX_THREADS; i++)
        assert_int_equal(weft_sem_take(&began), WEFT_OK);
    hold_until = weft_after_ms(30);
    fibers[0] = spawn(block_and_hold, NULL);
    assert_int_equal(weft_sem_take(&began), WEFT_OK);
    run_fiber(be_late, NULL);
    weft_fiber fiber = spawn(be_cancelled, &there);
    assert_int_equal(weft_sem_take(&there), WEFT_OK);
    WAIT_FOR(wf_blocking_queued() == 1);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    /* Neither a cancel nor the deadline ends a job that runs. */
    weft_fiber_cancel(fibers[0]);
    WAIT_FOR(weft_now_ns() > hold_until);
    assert_int_equal(weft_fiber_join_until(fibers[0], weft_now_ns()),
                     WEFT_ETIMEOUT);
    for (int i = 0; i < MAX_THREADS; i++)
        sem_post(&release_all);
    for (int i = 0; i < MAX_THREADS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(ran, MAX_THREADS);
}

/* ---- jobs that wait for fibers that need jobs themselves: row 66 of
 * docs/threats.md ---- */

static void nest(void *depth);

static void
block_below(void *depth)
{
    CHECK(weft_blocking(nest, depth) == WEFT_OK);
}

static void
nest(void *arg)
{
    int depth = *(int *)arg - 1;
    wf_add(&ran, 1, relaxed);
    if (depth > 0)
        run_fiber(block_below, &depth);
}

static int
one_thread(void **state)
{
    struct weft_runtime_options options = {.workers = 2, .max_blocking = 1};
    workers_stop(state);
    assert_int_equal(weft_runtime_start(&options), WEFT_OK);
    return 0;
}

static int
usual_threads(void **state)
{
    workers_stop(state);
    return few_threads(state);
}

static void
one_may_wait_for_another(void **state)
{
    (void)state;
    for (int depth = 2; depth < 20; depth += 5) {
        ran = 0;
        run_fiber(block_below, &depth);
        assert_int_equal(ran, depth);
    }
}

/* The job is queued first. Then the only thread, which would run it, begins to
 * wait for it. */
static weft_fiber queued;

static void
wait_for_queued(void *arg)
{
    weft_sem_give(&began, 1);
    CHECK(sem_wait(arg) == 0);
    CHECK(weft_fiber_join(queued) == WEFT_OK);
}

static void
block_and_wait(void *arg)
{
    CHECK(weft_blocking(wait_for_queued, arg) == WEFT_OK);
}

static void
a_queued_job_is_seen_by_who_waits(void **state)
{
    (void)state;
    ran = 0;
    assert_int_equal(sem_init(&release_all, 0, 0), 0);
    weft_fiber waiter = spawn(block_and_wait, &release_all);
    assert_int_equal(weft_sem_take(&began), WEFT_OK);
    queued = spawn(block_once, NULL);
    WAIT_FOR(wf_blocking_queued() == 1);
    sem_post(&release_all);
    assert_int_equal(weft_fiber_join(waiter), WEFT_OK);
    assert_int_equal(ran, 2);
}

struct place {
    int at, *next;
};

static void
take_place(void *arg)
{
    struct place *place = arg;
    place->at = (*place->next)++; /* no lock: one thread at a time */
}

static void
block_for_place(void *arg)
{
    CHECK(weft_blocking(take_place, arg) == WEFT_OK);
}

static void
hold_and_wait(void *arg)
{
    weft_sem_give(&began, 1);
    CHECK(sem_wait(arg) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(weft_sem_take(&began) == WEFT_OK);
}

static void
block_hold_and_wait(void *arg)
{
    CHECK(weft_blocking(hold_and_wait, arg) == WEFT_OK);
}

/* The job that a thread waits for was queued after the job that this thread
 * runs. So the thread that is made for a waiting one takes the newest job. */
static void
who_stands_in_takes_the_last(void **state)
{
    (void)state;
    weft_fiber fibers[3];
    int next = 0;
    struct place places[3] = {{-1, &next}, {-1, &next}, {-1, &next}};
    assert_int_equal(sem_init(&release_all, 0, 0), 0);
    weft_fiber waiter = spawn(block_hold_and_wait, &release_all);
    assert_int_equal(weft_sem_take(&began), WEFT_OK);
    for (uint32_t i = 0; i < 3; i++) {
        fibers[i] = spawn(block_for_place, &places[i]);
        WAIT_FOR(wf_blocking_queued() == i + 1);
    }
    sem_post(&release_all);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
        assert_int_equal(places[i].at, 2 - i);
    }
    weft_sem_give(&began, 3);
    assert_int_equal(weft_fiber_join(waiter), WEFT_OK);
}

static void
wait_and_hold(void *arg)
{
    weft_sem_give(&began, 1);
    CHECK(weft_sem_take(arg) == WEFT_OK);
    count_inside(NULL);
}

static void
block_wait_and_hold(void *arg)
{
    CHECK(weft_blocking(wait_and_hold, arg) == WEFT_OK);
}

#define BOUND (1 + 256) /* threads */

static void
be_refused(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(note, NULL) == -EAGAIN);
}

static void
threads_have_a_bound(void **state)
{
    (void)state;
    static weft_fiber fibers[BOUND];
    struct weft_sem end = {0};
    ran = inside = 0;
    for (int i = 0; i < BOUND; i++) {
        fibers[i] = spawn(block_wait_and_hold, &end);
        assert_int_equal(weft_sem_take_until(&began, weft_after_ms(LONG_MS)),
                         WEFT_OK);
    }
    WAIT_FOR(n_waiters(&end.waiters) == BOUND);
    run_fiber(be_late, NULL);    /* no thread is free now */
    run_fiber(be_refused, NULL); /* none would ever be free */
    assert_int_equal(wf_blocking_queued(), 0);
    weft_sem_give(&end, BOUND);
    for (int i = 0; i < BOUND; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(ran, BOUND);
    most_inside = 0;
    for (int i = 0; i < 20; i++)
        fibers[i] = spawn(block_often, NULL);
    for (int i = 0; i < 20; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(most_inside, 1); /* the other threads have ended */
}

/* When several threads return from a wait, one of them must stay, for the jobs
 * that were queued meanwhile. */
static void
not_all_of_them_end(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        weft_fiber fibers[4];
        struct weft_sem end = {0};
        for (int i = 0; i < 4; i++)
            fibers[i] = spawn(block_wait_and_hold, &end);
        for (int i = 0; i < 4; i++)
            assert_int_equal(weft_sem_take(&began), WEFT_OK);
        weft_sem_give(&end, 4);
        run_fiber(block_often, NULL);
        for (int i = 0; i < 4; i++)
            assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    }
}

#define NESTED(test) \
    cmocka_unit_test_setup_teardown(test, one_thread, usual_threads)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_on_a_plain_thread),
        cmocka_unit_test(nothing_begins_after_its_deadline),
        cmocka_unit_test(as_many_run_as_may),
        cmocka_unit_test(no_more_run_than_may),
        cmocka_unit_test(what_has_not_begun_can_be_called_off),
        NESTED(one_may_wait_for_another),
        NESTED(a_queued_job_is_seen_by_who_waits),
        NESTED(who_stands_in_takes_the_last),
        NESTED(threads_have_a_bound),
        NESTED(not_all_of_them_end),
    };
    return cmocka_run_group_tests(tests, few_threads, workers_stop);
}
