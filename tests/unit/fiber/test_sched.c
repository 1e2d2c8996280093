/* SPDX-License-Identifier: MIT */
/* Which fiber runs when and where. No ready fiber waits for a fiber that keeps
 * its worker busy (row 55 of docs/threats.md). */
#include "fibers.h"
#include "fiber/sched.h"

#include <sched.h>

/* Keep this worker busy until a fiber sets a flag, which has to run on another
 * worker. */
static void
spin_until(_Atomic int *flag, int value)
{
    uint64_t until = weft_after_ms(LONG_MS);
    while (wf_load(flag, acquire) < value && weft_now_ns() < until)
        sched_yield();
    CHECK(wf_load(flag, acquire) >= value);
}

static void
raise_flag(void *arg)
{
    wf_add((_Atomic int *)arg, 1, acq_rel);
}

static void
start_one_and_go_on(void *arg)
{
    _Atomic int ran = 0;
    (void)arg;
    (void)spawn(raise_flag, &ran);
    spin_until(&ran, 1);
    (void)spawn(raise_flag, &ran);
    (void)spawn(raise_flag, &ran);
    spin_until(&ran, 3);
}

static void
who_is_started_need_not_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        if (i % 4 == 0)
            weft_sleep_ms(5); /* all workers sleep now, not in other rounds */
        run_fiber(start_one_and_go_on, NULL);
    }
}

struct bell {
    struct weft_sem sem;
    _Atomic int heard;
};

static void
ring_and_go_on(void *arg)
{
    struct bell *bell = arg;
    weft_sem_give(&bell->sem, 2); /* the second fiber takes over the slot */
    spin_until(&bell->heard, 2);
}

static void
listen_once(void *arg)
{
    struct bell *bell = arg;
    CHECK(weft_sem_take(&bell->sem) == WEFT_OK);
    raise_flag(&bell->heard);
}

/* The fiber in the slot need not wait, either, although only its own worker
 * takes that fiber unless a watcher finds the worker stuck. */
static void
who_is_woken_need_not_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct bell bell = {{0}, 0};
        weft_fiber a = spawn(listen_once, &bell);
        weft_fiber b = spawn(listen_once, &bell);
        WAIT_FOR(n_waiters(&bell.sem.waiters) == 2);
        run_fiber(ring_and_go_on, &bell);
        assert_int_equal(weft_fiber_join(a), WEFT_OK);
        assert_int_equal(weft_fiber_join(b), WEFT_OK);
    }
}

static void
nothing(void *arg)
{
    (void)arg;
}

/* However often workers fall asleep, two of the four watch. */
static void
of_four_some_watch(void **state)
{
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(4);
    for (int i = 0; i < 20; i++) {
        WAIT_FOR(wf_load(&wf_n_sleepers, relaxed) == 4);
        run_fiber(nothing, NULL);
    }
    who_is_woken_need_not_wait(state);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    workers_start(2);
}

/* Take a look each time that one is due, as a worker does when it polls. */
static void
look_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++) {
        struct wf_worker *w = wf_worker_self();
        while (wf_sys_now_ns() < wf_watch_next_ns())
            sched_yield();
        w->poll_ns = wf_sys_now_ns();
        CHECK(wf_watch(w));
    }
}

/* A worker that takes a look is awake, even if all others sleep. */
static void
a_look_finds_who_takes_it(void **state)
{
    (void)state;
    run_fiber(look_often, NULL);
}

static _Atomic int passed;

static void
yield_then_raise(void *arg)
{
    (void)arg;
    weft_fiber_yield();
    raise_flag(&passed);
    spin_until(&passed, 2); /* the other fiber has also left its yield */
}

static void
who_yields_need_not_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        passed = 0;
        weft_fiber a = spawn(yield_then_raise, NULL);
        weft_fiber b = spawn(yield_then_raise, NULL);
        assert_int_equal(weft_fiber_join(a), WEFT_OK);
        assert_int_equal(weft_fiber_join(b), WEFT_OK);
    }
}

static void
join_then_raise(void *arg)
{
    CHECK(weft_fiber_join(*(weft_fiber *)arg) == WEFT_OK);
    raise_flag(&passed);
    spin_until(&passed, 2);
}

static void
take_one(void *arg)
{
    CHECK(weft_sem_take(arg) == WEFT_OK);
}

/* The scheduler makes both joiners ready when the joined fiber ends. */
static void
who_joined_need_not_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct weft_sem end = {0};
        passed = 0;
        weft_fiber joined = spawn(take_one, &end);
        weft_fiber a = spawn(join_then_raise, &joined);
        weft_fiber b = spawn(join_then_raise, &joined);
        weft_sleep_ms(1);
        weft_sem_give(&end, 1);
        assert_int_equal(weft_fiber_join(a), WEFT_OK);
        assert_int_equal(weft_fiber_join(b), WEFT_OK);
    }
}

static void
sleep_then_raise(void *arg)
{
    (void)arg;
    CHECK(weft_sleep_ms(1) == WEFT_OK);
    raise_flag(&passed);
}

/* Another worker fires the timers of a worker that is stuck. */
static void
arm_and_go_on(void *arg)
{
    (void)arg;
    uint64_t until = weft_after_ms(3);
    (void)spawn(sleep_then_raise, NULL);
    weft_fiber_yield(); /* the sleeper starts, on this or another worker */
    while (weft_now_ns() < until)
        sched_yield();
    spin_until(&passed, 1);
}

static void
who_sleeps_need_not_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        passed = 0;
        run_fiber(arm_and_go_on, NULL);
    }
}

/* ---- looks are taken, whatever the other worker does ---- */

static _Atomic int hogged; /* 1: while the hog keeps its worker */

/* This fiber is always ready, so its worker never sleeps. */
static void
yield_all_the_time(void *arg)
{
    (void)arg;
    while (wf_load(&hogged, acquire))
        weft_fiber_yield();
}

static void
fire(struct wf_timer *timer)
{
    struct bell *bell = *(struct bell **)(void *)(timer + 1);
    raise_flag(&bell->heard);
}

/* Other workers must run all that waits for this worker: the fiber in its slot,
 * those in its ring, and its timers. */
static void
hog_a_worker(void *arg)
{
    struct bell *bell = arg;
    struct {
        struct wf_timer timer;
        struct bell *bell;
    } alarm = {.bell = bell};
    wf_timer_start(&alarm.timer, weft_after_ms(1), fire);
    for (int i = 0; i < 3; i++)
        (void)spawn(raise_flag, &bell->heard);
    weft_sem_give(&bell->sem, 1);
    spin_until(&bell->heard, 5);
    CHECK(!wf_timer_cancel(&alarm.timer));
    wf_store(&hogged, 0, release);
}

static void
a_worker_that_never_sleeps_takes_over(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct bell bell = {{0}, 0};
        weft_fiber listener = spawn(listen_once, &bell);
        WAIT_FOR(n_waiters(&bell.sem.waiters) == 1);
        hogged = 1;
        weft_fiber busy = spawn(yield_all_the_time, NULL);
        run_fiber(hog_a_worker, &bell);
        assert_int_equal(weft_fiber_join(busy), WEFT_OK);
        assert_int_equal(weft_fiber_join(listener), WEFT_OK);
    }
}

/* ---- a worker that is stuck for long costs little ---- */

#define STUCK_MS 300

static void
spin_long(void *arg)
{
    uint64_t until = weft_after_ms(STUCK_MS);
    while (weft_now_ns() < until)
        sched_yield();
    *(uint32_t *)arg = wf_worker_index();
}

/* The other worker, which watches, wakes up 200 times in the first 20 ms, and
 * after that every 3 ms. A few more wake-ups have other causes. On a slow
 * machine it wakes up later, never earlier. */
static void
a_long_stuck_worker_is_looked_at_seldom(void **state)
{
    (void)state;
    uint32_t index;
    uint64_t before[2], began = weft_now_ns();
    for (int i = 0; i < 2; i++)
        before[i] = wf_load(&wf_workers[i]->progress, relaxed);
    run_fiber(spin_long, &index);
    uint64_t looks =
        wf_load(&wf_workers[!index]->progress, relaxed) - before[!index];
    uint64_t ms = (weft_now_ns() - began) / 1000000;
    assert_in_range(looks, 1, 200 + ms / 3 + 100);
}

/* ---- offers of work ---- */

struct work {
    struct wf_stealable offer;
    _Atomic int runs;
    uint64_t by; /* the fiber that ran it */
};

static void
do_work(struct wf_stealable *offer)
{
    struct work *work = WF_CONTAINER(offer, struct work, offer);
    work->by = weft_fiber_self().id;
    wf_add(&work->runs, 1, release);
}

static void
offer_and_take_back(void *arg)
{
    struct work work = {.offer = {do_work}};
    (void)arg;
    wf_stealable_publish(&work.offer);
    if (wf_stealable_reclaim(&work.offer)) {
        CHECK(!wf_stealable_reclaim(&work.offer));
        weft_fiber_yield();
        CHECK(work.runs == 0);
    } else {
        spin_until(&work.runs, 1); /* a watcher found this worker stuck */
    }
}

static void
offer_and_leave(void *arg)
{
    struct work work = {.offer = {do_work}};
    (void)arg;
    wf_stealable_publish(&work.offer);
    weft_fiber_yield();
    CHECK(!wf_stealable_reclaim(&work.offer));
    WAIT_FOR(work.runs == 1);
    CHECK(work.by != 0 && work.by != weft_fiber_self().id);
    wf_stealable_publish(&work.offer);
    CHECK(weft_sleep_ms(1) == WEFT_OK);
    CHECK(!wf_stealable_reclaim(&work.offer));
    WAIT_FOR(work.runs == 2);
}

/* How often the other worker has polled. That worker takes a look after each
 * poll. */
static uint64_t
polls_of_the_other(void)
{
    return wf_load(&wf_workers[!wf_worker_index()]->progress, relaxed);
}

static void
offer_and_go_on(void *arg)
{
    struct work work = {.offer = {do_work}};
    uint64_t began = polls_of_the_other();
    wf_stealable_publish(&work.offer);
    spin_until(&work.runs, 1);
    CHECK(!wf_stealable_reclaim(&work.offer));
    *(uint64_t *)arg = polls_of_the_other() - began;
}

static void
offer_and_end(void *arg)
{
    struct work *work = arg;
    wf_stealable_publish(&work->offer);
}

static void
an_offer_is_taken_once(void **state)
{
    (void)state;
    uint64_t looks;
    struct work work = {.offer = {do_work}};
    run_fiber(offer_and_take_back, NULL);
    run_fiber(offer_and_leave, NULL);
    do { /* a watcher needs two looks, and more if a thread is held up */
        run_fiber(offer_and_go_on, &looks);
        assert_true(looks >= 1);
    } while (looks > 10);
    run_fiber(offer_and_end, &work);
    WAIT_FOR(work.runs == 1);
    assert_true(wf_stealable_reclaim(&work.offer)); /* on a plain thread */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_started_need_not_wait),
        cmocka_unit_test(who_is_woken_need_not_wait),
        cmocka_unit_test(of_four_some_watch),
        cmocka_unit_test(a_look_finds_who_takes_it),
        cmocka_unit_test(who_yields_need_not_wait),
        cmocka_unit_test(who_joined_need_not_wait),
        cmocka_unit_test(who_sleeps_need_not_wait),
        cmocka_unit_test(a_worker_that_never_sleeps_takes_over),
        cmocka_unit_test(a_long_stuck_worker_is_looked_at_seldom),
        cmocka_unit_test(an_offer_is_taken_once),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
