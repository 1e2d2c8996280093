/* SPDX-License-Identifier: MIT */
/* weft_timer runs functions at set times. */
#include "fibers.h"

#include "fiber/task.h"

#define MS ((uint64_t)1000000)

static _Atomic int n_runs, inside;
static struct weft_sem ran, go_on;
static weft_timer timer;

static void
count_run(void *arg)
{
    CHECK(wf_add(&inside, 1, acq_rel) == 0); /* runs do not overlap */
    CHECK(weft_fiber_self().id != 0);
    wf_add(&n_runs, 1, relaxed);
    if (arg)
        CHECK(weft_now_ns() >= *(uint64_t *)arg);
    weft_sem_give(&ran, 1);
    wf_sub(&inside, 1, acq_rel);
}

static void
await_runs(int n)
{
    for (int i = 0; i < n; i++)
        CHECK(weft_sem_take_until(&ran, weft_after_ms(LONG_MS)) == WEFT_OK);
}

static int
fresh(void **state)
{
    (void)state;
    n_runs = 0;
    ran = go_on = (struct weft_sem){0};
    return 0;
}

/* ---- when the function runs ---- */

static void
once_and_not_early(void **state)
{
    (void)state;
    const uint64_t times[] = {0, weft_now_ns(), weft_now_ns() + 3 * MS};
    for (int i = 0; i < 3; i++) {
        uint64_t at = times[i];
        assert_int_equal(weft_timer_start(count_run, &at, at, 0, &timer), 0);
        await_runs(1);
        WAIT_FOR(wf_tasks_alive() == 0); /* the timer has ended */
        weft_timer_stop(timer);
        assert_int_equal(n_runs, i + 1);
    }
    assert_int_equal(weft_timer_start(count_run, NULL, 0, 0, NULL), 0);
    await_runs(1);
}

static void
again_every_period(void **state)
{
    (void)state;
    uint64_t first = weft_now_ns() + MS;
    assert_int_equal(weft_timer_start(count_run, &first, first, MS, &timer), 0);
    await_runs(5);
    assert_true(weft_now_ns() >= first + 4 * MS);
    weft_timer_stop(timer);
    int n = n_runs;
    WAIT_FOR(wf_tasks_alive() == 0);
    weft_timer_stop(timer); /* an old id */
    weft_timer_stop((weft_timer){0});
    assert_int_equal(n_runs, n);
}

/* The number of the current period of the timer. */
static uint64_t first_ns, last_period;

static uint64_t
period_now(void)
{
    return (weft_now_ns() - first_ns) / (2 * MS);
}

static void
take_long(void *arg)
{
    CHECK(!arg || period_now() > last_period);
    uint64_t begun = period_now();
    while (period_now() < begun + 3)
        wf_cpu_relax();
    last_period = period_now();
    wf_add(&n_runs, 1, relaxed);
    weft_sem_give(&ran, 1);
}

static void
missed_times_are_skipped(void **state)
{
    first_ns = weft_now_ns() - 100 * MS; /* some times have passed */
    last_period = period_now();
    assert_int_equal(
        weft_timer_start(take_long, NULL, first_ns, 2 * MS, &timer), 0);
    await_runs(1);
    weft_timer_stop(timer);
    fresh(state);
    first_ns = weft_now_ns();
    last_period = 0;
    assert_int_equal(
        weft_timer_start(take_long, &timer, first_ns + 2 * MS, 2 * MS, &timer),
        0);
    await_runs(4);
    weft_timer_stop(timer);
    assert_true(n_runs >= 4);
}

static void
a_far_time_and_a_long_period(void **state)
{
    (void)state;
    weft_timer far;
    assert_int_equal(
        weft_timer_start(count_run, NULL, WEFT_NEVER, WEFT_NEVER, &far), 0);
    assert_int_equal(
        weft_timer_start(count_run, NULL, weft_now_ns(), WEFT_NEVER, &timer),
        0);
    await_runs(1);
    weft_timer_stop(far);
    weft_timer_stop(timer);
    assert_int_equal(n_runs, 1);
}

/* ---- the stop ---- */

static void
stop_itself(void *arg)
{
    (void)arg;
    weft_timer_stop(timer);
    CHECK(weft_timer_stop_until(timer, 0) == WEFT_OK);
    wf_add(&n_runs, 1, relaxed);
    weft_sem_give(&ran, 1);
}

static void
it_may_stop_itself(void **state)
{
    (void)state;
    /* Late enough: the id must be stored before the first run. */
    uint64_t first = weft_now_ns() + 5 * MS;
    assert_int_equal(weft_timer_start(stop_itself, NULL, first, 1, &timer), 0);
    await_runs(1);
    WAIT_FOR(wf_tasks_alive() == 0);
    assert_int_equal(n_runs, 1);
}

static void
hold(void *arg)
{
    (void)arg;
    wf_add(&inside, 1, acq_rel);
    weft_sem_give(&ran, 1);
    CHECK(weft_sem_take(&go_on) == WEFT_OK);
    wf_sub(&inside, 1, acq_rel);
}

static void
stop_the_timer(void *arg)
{
    (void)arg;
    weft_timer_stop(timer); /* a cancel does not end this wait */
    CHECK(wf_load(&inside, acquire) == 0);
    CHECK(weft_fiber_cancelled());
}

static void
a_run_is_waited_for(void **state)
{
    (void)state;
    assert_int_equal(weft_timer_start(hold, NULL, 0, 1, &timer), 0);
    await_runs(1);
    assert_int_equal(weft_timer_stop_until(timer, weft_now_ns()),
                     WEFT_ETIMEOUT);
    weft_fiber stopper = spawn(stop_the_timer, NULL);
    weft_fiber_cancel(stopper);
    assert_int_equal(weft_fiber_join_until(stopper, weft_after_ms(2)),
                     WEFT_ETIMEOUT);
    weft_sem_give(&go_on, 1);
    assert_int_equal(weft_fiber_join(stopper), WEFT_OK);
    assert_int_equal(weft_timer_stop_until(timer, 0), WEFT_OK);
    assert_int_equal(weft_sem_take_until(&ran, weft_after_ms(1)),
                     WEFT_ETIMEOUT); /* no further run */
}

static void
a_stop_before_the_time(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        uint64_t at = i % 2 ? weft_after_ms(LONG_MS) : weft_now_ns() + MS / 10;
        assert_int_equal(
            weft_timer_start(count_run, NULL, at, (uint64_t)i % 4, &timer), 0);
        weft_timer_stop(timer);
        assert_int_equal(inside, 0);
        WAIT_FOR(wf_tasks_alive() == 0);
        int n = n_runs;
        weft_fiber_yield();
        assert_int_equal(n_runs, n);
    }
}

static void
cancel_own_waits(void *arg)
{
    (void)arg;
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_sem_take(&go_on) == WEFT_ECANCEL);
    wf_add(&n_runs, 1, relaxed);
}

static void
a_cancel_ends_it_too(void **state)
{
    (void)state;
    assert_int_equal(weft_timer_start(cancel_own_waits, NULL, 0, 1, NULL), 0);
    WAIT_FOR(n_runs == 1 && wf_tasks_alive() == 0);
}

/* ---- the end of the runtime ---- */

static void
need_runs(void *arg)
{
    weft_sem_give(arg, 1);
    for (int i = 0; i < 3; i++)
        CHECK(weft_sem_take(&ran) == WEFT_OK);
}

/* Fibers that still run may need the timers, so the stop ends the timers
 * last. */
static void
the_runtime_stops_them_last(void **state)
{
    struct weft_sem begun = {0};
    for (int round = 0; round < 20; round++) {
        assert_int_equal(weft_timer_start(count_run, NULL, weft_after_ms(1),
                                          MS / 2, round % 2 ? &timer : NULL),
                         0);
        assert_int_equal(weft_timer_start(count_run, NULL, WEFT_NEVER, 0, NULL),
                         0);
        spawn(need_runs, &begun);
        assert_int_equal(weft_sem_take(&begun), WEFT_OK);
        workers_stop(state);
        int n = n_runs;
        assert_true(n >= 3);
        two_workers(state);
        weft_timer_stop(timer);
        assert_int_equal(n_runs, n);
        fresh(state);
    }
    assert_int_equal(weft_timer_start(count_run, NULL, 0, 0, NULL), 0);
    await_runs(1); /* timers work again */
}

static void
start_others(void *arg)
{
    (void)arg;
    weft_sem_give(&ran, 1);
    CHECK(weft_sem_take(&go_on) == WEFT_OK);
    /* By now the runtime has stopped the timers. */
    CHECK(weft_timer_start(count_run, NULL, WEFT_NEVER, 1, NULL) == WEFT_OK);
    CHECK(weft_timer_start(count_run, NULL, 0, 1, NULL) == WEFT_OK);
}

static void *
stop_runtime(void *state)
{
    workers_stop(state);
    return NULL;
}

static void
one_that_starts_during_the_stop_ends(void **state)
{
    pthread_t thread;
    assert_int_equal(weft_timer_start(start_others, NULL, 0, 0, &timer), 0);
    await_runs(1);
    assert_int_equal(pthread_create(&thread, NULL, stop_runtime, state), 0);
    struct wf_task *task = wf_task_ref(timer.id);
    assert_non_null(task);
    WAIT_FOR(wf_load(&task->stopped, acquire));
    wf_task_unref(task);
    weft_sem_give(&go_on, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    two_workers(state);
}

/* ---- background fibers ---- */

static const struct weft_fiber_options in_background = {.background = true};
static struct weft_sem never;
static _Atomic int others; /* fibers that are no background fibers */
static _Atomic int n_cancelled;

static void
wait_for_ever(void *arg)
{
    (void)arg;
    wf_add(&inside, 1, acq_rel);
    weft_sem_give(&ran, 1);
    CHECK(weft_sem_take(&never) == WEFT_ECANCEL);
    CHECK(wf_load(&others, acquire) == 0);
    wf_sub(&inside, 1, acq_rel);
    wf_add(&n_cancelled, 1, acq_rel);
}

static void
run_shortly(void *arg)
{
    (void)arg;
    weft_sem_give(&ran, 1);
    for (int i = 0; i < 1000; i++)
        weft_fiber_yield();
    wf_sub(&others, 1, acq_rel);
}

/* The stop waits for other fibers, and then cancels these. */
static void
the_stop_cancels_background_fibers_last(void **state)
{
    weft_fiber fiber;
    for (int round = 1; round <= 20; round++) {
        assert_int_equal(
            weft_fiber_start_with(&in_background, wait_for_ever, NULL, &fiber),
            WEFT_OK);
        wf_store(&others, 1, release);
        spawn(run_shortly, NULL);
        await_runs(2);
        workers_stop(state);
        assert_int_equal(wf_load(&n_cancelled, acquire), round);
        assert_int_equal(wf_load(&inside, acquire), 0);
        two_workers(state);
        fresh(state);
    }
    wf_store(&n_cancelled, 0, relaxed);
}

static void
start_another(void *arg)
{
    CHECK(weft_sem_take(&never) == WEFT_ECANCEL);
    /* The runtime has cancelled the background fibers already. */
    CHECK(weft_fiber_start_with(&in_background, wait_for_ever, NULL, arg) ==
          WEFT_OK);
}

static void
a_background_fiber_that_starts_during_the_stop_is_cancelled(void **state)
{
    weft_fiber another = {0};
    assert_int_equal(
        weft_fiber_start_with(&in_background, start_another, &another, NULL),
        WEFT_OK);
    workers_stop(state);
    assert_int_not_equal(another.id, 0);
    assert_int_equal(wf_load(&n_cancelled, acquire), 1);
    wf_store(&n_cancelled, 0, relaxed);
    two_workers(state);
}

/* A background fiber that ends by itself is not counted any more: the stop
 * waits for the other fiber. */
static void
a_background_fiber_that_has_ended_holds_nothing(void **state)
{
    weft_fiber fiber;
    wf_store(&others, 1, release);
    assert_int_equal(
        weft_fiber_start_with(&in_background, run_shortly, NULL, &fiber),
        WEFT_OK);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    wf_store(&others, 1, release);
    assert_int_equal(
        weft_fiber_start_with(&in_background, wait_for_ever, NULL, NULL),
        WEFT_OK);
    spawn(run_shortly, NULL);
    workers_stop(state);
    assert_int_equal(wf_load(&n_cancelled, acquire), 1);
    wf_store(&n_cancelled, 0, relaxed);
    two_workers(state);
}

static void
take(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

/* One worker, and a period so short that the next time has always passed. */
static void
a_short_period_leaves_others_their_turn(void **state)
{
    workers_stop(state);
    workers_start(1);
    assert_int_equal(weft_timer_start(count_run, NULL, 0, 1, &timer), 0);
    await_runs(3);
    spawn(take, &go_on);
    weft_fiber fiber = spawn(take, &go_on);
    weft_sem_give(&go_on, 2);
    assert_int_equal(weft_fiber_join_until(fiber, weft_after_ms(LONG_MS)),
                     WEFT_OK);
    weft_timer_stop(timer);
    workers_stop(state);
    two_workers(state);
}

static void
a_timer_counts_as_a_fiber(void **state)
{
    workers_stop(state);
    struct weft_runtime_options o = {.workers = 1, .max_fibers = 2};
    assert_int_equal(weft_runtime_start(&o), WEFT_OK);
    assert_int_equal(weft_timer_start(count_run, NULL, WEFT_NEVER, 0, &timer),
                     0);
    spawn(take, &go_on);
    assert_int_equal(weft_timer_start(count_run, NULL, 0, 0, NULL),
                     WEFT_EFIBERS);
    weft_timer_stop(timer);
    WAIT_FOR(wf_tasks_alive() == 1);
    assert_int_equal(weft_timer_start(count_run, NULL, 0, 0, NULL), 0);
    await_runs(1);
    weft_sem_give(&go_on, 1);
    workers_stop(state);
    two_workers(state);
}

#define TEST(test) cmocka_unit_test_setup(test, fresh)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(once_and_not_early),
        TEST(again_every_period),
        TEST(missed_times_are_skipped),
        TEST(a_far_time_and_a_long_period),
        TEST(it_may_stop_itself),
        TEST(a_run_is_waited_for),
        TEST(a_stop_before_the_time),
        TEST(a_cancel_ends_it_too),
        TEST(the_runtime_stops_them_last),
        TEST(one_that_starts_during_the_stop_ends),
        TEST(the_stop_cancels_background_fibers_last),
        TEST(a_background_fiber_that_starts_during_the_stop_is_cancelled),
        TEST(a_background_fiber_that_has_ended_holds_nothing),
        TEST(a_timer_counts_as_a_fiber),
        TEST(a_short_period_leaves_others_their_turn),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
