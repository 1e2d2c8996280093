/* SPDX-License-Identifier: MIT */
/*
 * Timers of workers that wait in the poller fire: near ones by a time-out, far
 * ones by an alarm, whose event a watcher may receive instead of the worker. If
 * an alarm is lost, the worker never wakes, and the time limit ends the test.
 */
#include "../fiber/fibers.h"

#include "net/poll.h"

#include <sched.h>

#define ROUNDS 20
#define NEAR_MS 3
#define FAR_MS 15

static int
one_in_the_poller(void **state)
{
    return one_worker(state) || wf_poll_ensure();
}

static int
two_in_the_poller(void **state)
{
    return two_workers(state) || wf_poll_ensure();
}

static void
sleep_as_long_as_asked(void *arg)
{
    int64_t ms = *(int64_t *)arg;
    uint64_t until = weft_after_ms(ms);
    CHECK(weft_sleep_ms(ms) == WEFT_OK);
    CHECK(weft_now_ns() >= until);
}

static void
near_and_far(void **state)
{
    (void)state;
    int64_t lengths[] = {FAR_MS, NEAR_MS, 4 * FAR_MS, 2 * FAR_MS};
    weft_fiber fibers[4];
    for (int i = 0; i < 4; i++)
        run_fiber(sleep_as_long_as_asked, &lengths[i]);
    for (int i = 0; i < 4; i++)
        fibers[i] = spawn(sleep_as_long_as_asked, &lengths[i]);
    for (int i = 0; i < 4; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
}

static void
sleep_for_hours(void *arg)
{
    (void)arg;
    CHECK(weft_sleep_ms(3600000) == WEFT_ECANCEL);
}

/* An alarm that is hours away does not delay an earlier one. */
static void
behind_one_for_hours(void **state)
{
    weft_fiber hours = spawn(sleep_for_hours, NULL);
    near_and_far(state);
    weft_fiber_cancel(hours);
    assert_int_equal(weft_fiber_join(hours), WEFT_OK);
}

struct nap {
    _Atomic int *awake;
    int64_t ms;
};

static void
nap(void *arg)
{
    struct nap *nap = arg;
    CHECK(weft_sleep_ms(nap->ms) == WEFT_OK);
    wf_add(nap->awake, 1, acq_rel);
}

/* This worker sets an alarm and is stuck until all fibers have woken, so a
 * watcher receives the alarm and fires the timers. Afterwards the worker must
 * receive its next alarm itself. */
static void
hog_until_all_are_awake(void *arg)
{
    _Atomic int awake = 0;
    struct nap naps[4];
    weft_fiber fibers[4];
    (void)arg;
    for (int i = 0; i < 4; i++) {
        naps[i] = (struct nap){&awake, FAR_MS + i};
        fibers[i] = spawn(nap, &naps[i]);
    }
    CHECK(weft_sleep_ms(NEAR_MS) == WEFT_OK);
    uint64_t until = weft_after_ms(LONG_MS);
    while (wf_load(&awake, acquire) < 4 && weft_now_ns() < until)
        sched_yield();
    CHECK(wf_load(&awake, acquire) == 4);
    for (int i = 0; i < 4; i++)
        CHECK(weft_fiber_join(fibers[i]) == WEFT_OK);
}

static void
a_watcher_hears_the_alarm(void **state)
{
    int64_t far_ms = FAR_MS;
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        run_fiber(hog_until_all_are_awake, NULL);
        run_fiber(sleep_as_long_as_asked, &far_ms);
    }
}

int
main(void)
{
    /* One worker only: of two workers one may watch, and a watcher never waits
     * for long. */
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(near_and_far),
        cmocka_unit_test(behind_one_for_hours),
    };
    const struct CMUnitTest watched[] = {
        cmocka_unit_test(a_watcher_hears_the_alarm),
    };
    return cmocka_run_group_tests(alone, one_in_the_poller, workers_stop) ||
           cmocka_run_group_tests(watched, two_in_the_poller, workers_stop);
}
