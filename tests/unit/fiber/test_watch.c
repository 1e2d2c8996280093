/* SPDX-License-Identifier: MIT */
/* A look at all workers, with workers and times that the test makes up: when it
 * is taken, which workers it finds stuck, and what it does for them. */
#include "fibers.h"
#include "fiber/sched.h"
#include "fiber/timer.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define BEGIN (1000 * MS)
#define N 3

static struct wf_worker workers[N];
static struct wf_task tasks[N];
static int fired, told;

static void
count_held(const char *name, uint64_t ns)
{
    assert_string_equal(name, "long work");
    assert_true(ns >= 100 * MS);
    told++;
}

static void
count_fire(struct wf_timer *timer)
{
    (void)timer;
    fired++;
}

static int
set_up(void **state)
{
    (void)state;
    memset(workers, 0, sizeof workers);
    memset(tasks, 0, sizeof tasks);
    fired = told = 0;
    wf_watch_reset();
    wf_set_held(count_held);
    wf_n_workers = N;
    for (uint32_t i = 0; i < N; i++) {
        workers[i].index = i;
        wf_workers[i] = &workers[i];
        wf_wheel_init(&workers[i].wheel, BEGIN);
        wf_store(&workers[i].current, &tasks[i], relaxed);
        wf_store(&tasks[i].work_name, "long work", relaxed);
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    wf_n_workers = 0;
    memset(wf_workers, 0, sizeof wf_workers);
    wf_set_held(NULL);
    wf_watch_reset();
    return 0;
}

/* Pretend that the workers of the set `moves` have run fibers. Then the first
 * worker takes a look at the time ns. */
static void
look(uint64_t ns, unsigned moves)
{
    for (uint32_t i = 0; i < N; i++)
        if (moves >> i & 1)
            wf_add(&workers[i].progress, 1, relaxed);
    workers[0].poll_ns = ns;
    assert_true(wf_watch(&workers[0]));
}

static void
looks_have_their_time(void **state)
{
    (void)state;
    look(BEGIN, 6);
    assert_int_equal(wf_watch_next_ns(), BEGIN + WF_WATCH_NS);
    look(BEGIN + WF_WATCH_NS - 1, 6); /* too early: no look */
    assert_int_equal(wf_watch_next_ns(), BEGIN + WF_WATCH_NS);
    look(BEGIN + WF_WATCH_NS, 6);
    assert_int_equal(wf_watch_next_ns(), BEGIN + 2 * WF_WATCH_NS);
    look(BEGIN + 10 * MS, 6);
    assert_int_equal(wf_watch_next_ns(), BEGIN + 10 * MS + WF_WATCH_NS);
}

/* Looks are frequent for 20 ms after a worker was found stuck. Then they are as
 * usual if another worker runs fibers, and rare if none does. */
static void
a_stuck_worker_is_looked_at_often(void **state)
{
    (void)state;
    look(BEGIN, 6);
    uint64_t t = BEGIN + MS, alert = t + 20 * MS;
    look(t, 2); /* the third is stuck */
    assert_int_equal(wf_watch_next_ns(), t + WF_ALERT_NS);
    look(alert - 1, 2);
    assert_int_equal(wf_watch_next_ns(), alert - 1 + WF_ALERT_NS);
    t = alert + WF_ALERT_NS;
    look(t, 2);
    assert_int_equal(wf_watch_next_ns(), t + WF_WATCH_NS);
    t += MS;
    look(t, 0); /* now the second is stuck, too: another 20 ms begin */
    assert_int_equal(wf_watch_next_ns(), t + WF_ALERT_NS);
    t += 20 * MS;
    look(t, 0);
    assert_int_equal(wf_watch_next_ns(), t + 3 * MS);
    t += 3 * MS;
    look(t, 6);
    assert_int_equal(wf_watch_next_ns(), t + WF_WATCH_NS);
}

/* The watcher fires the timers of a stuck worker. */
static void
timers_of_a_stuck_worker_fire(void **state)
{
    (void)state;
    struct wf_timer timer = {0}, other = {0};
    timer.fire = other.fire = count_fire;
    look(BEGIN, 6);
    (void)wf_wheel_arm(&workers[1].wheel, &other, BEGIN + 2 * MS);
    (void)wf_wheel_arm(&workers[2].wheel, &timer, BEGIN + 60 * MS);
    for (int i = 1; i < 30; i++) /* longer than looks are frequent */
        look(BEGIN + (uint64_t)i * MS, 2);
    assert_int_equal(fired, 0); /* the second worker is not stuck */
    look(BEGIN + 59 * MS + 800 * US, 2);
    uint64_t due = wf_load(&workers[2].wheel.next_ns, relaxed);
    assert_true(due < BEGIN + 59 * MS + 800 * US + WF_WATCH_NS);
    assert_int_equal(wf_watch_next_ns(), due);
    look(due - 1, 2);
    assert_int_equal(fired, 0);
    look(BEGIN + 61 * MS, 2);
    assert_int_equal(fired, 1);
}

static void
what_holds_a_worker_is_told(void **state)
{
    (void)state;
    look(BEGIN, 6);
    look(BEGIN + MS, 2);
    look(BEGIN + 101 * MS - 1, 2);
    assert_int_equal(told, 0);
    look(BEGIN + 102 * MS, 2);
    assert_int_equal(told, 1);
    look(BEGIN + 2000 * MS, 6); /* the third has gone on */
    look(BEGIN + 2001 * MS, 2);
    look(BEGIN + 2050 * MS, 2);
    assert_int_equal(told, 1);
}

/* If there is only one worker, it takes no looks. */
static void
one_worker_does_not_look(void **state)
{
    (void)state;
    wf_n_workers = 1;
    workers[0].poll_ns = BEGIN;
    assert_false(wf_watch(&workers[0]));
    assert_int_equal(wf_watch_next_ns(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        TEST(looks_have_their_time),
        TEST(a_stuck_worker_is_looked_at_often),
        TEST(timers_of_a_stuck_worker_fire),
        TEST(what_holds_a_worker_is_told),
        TEST(one_worker_does_not_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
