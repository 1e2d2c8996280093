/* SPDX-License-Identifier: MIT */
/* Wait group and once: which calls wait, for how long, and what is visible
 * afterwards. */
#include "fibers.h"

static struct weft_group group;
static struct weft_once once;
static struct weft_sem gate;
static _Atomic int n_done, n_ran;
static int made;

/* ---- wait group ---- */

static void
end_one(void *arg)
{
    (void)arg;
    CHECK(weft_sem_take(&gate) == WEFT_OK);
    wf_add(&n_done, 1, relaxed);
    weft_group_done(&group);
}

static void
wait_for_all(void *arg)
{
    (void)arg;
    CHECK(weft_group_wait(&group) == WEFT_OK);
    CHECK(wf_load(&n_done, relaxed) == 3);
}

static void
all_have_ended_after_the_wait(void **state)
{
    (void)state;
    weft_fiber workers[3], waiter;
    assert_int_equal(weft_group_wait(&group), WEFT_OK); /* no work was added */
    weft_group_add(&group, 3);
    n_done = 0;
    for (int i = 0; i < 3; i++)
        workers[i] = spawn(end_one, NULL);
    waiter = spawn(wait_for_all, NULL);
    WAIT_FOR(n_waiters(&group.waiters) == 1);
    weft_sem_give(&gate, 2);
    WAIT_FOR(wf_load(&n_done, relaxed) == 2);
    assert_int_equal(weft_group_wait_until(&group, 0), WEFT_ETIMEOUT);
    /* one waiter still waits, for the third fiber */
    assert_int_equal(n_waiters(&group.waiters), 1);
    weft_sem_give(&gate, 1);
    assert_int_equal(weft_group_wait(&group), WEFT_OK);
    assert_int_equal(weft_fiber_join(waiter), WEFT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(weft_fiber_join(workers[i]), WEFT_OK);
}

static void
be_cancelled(void *arg)
{
    (void)arg;
    CHECK(weft_group_wait(&group) == WEFT_ECANCEL);
}

static void
a_cancelled_waiter_leaves(void **state)
{
    (void)state;
    weft_group_add(&group, 1);
    weft_fiber fiber = spawn(be_cancelled, NULL);
    WAIT_FOR(n_waiters(&group.waiters) == 1);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(n_waiters(&group.waiters), 0);
    weft_group_done(&group);
    assert_int_equal(weft_group_wait(&group), WEFT_OK);
}

/* ---- once ---- */

static void
make(void *arg)
{
    wf_add(&n_ran, 1, relaxed);
    CHECK(weft_sem_take(&gate) == WEFT_OK); /* make() may wait */
    made = (int)(intptr_t)arg;
}

static void
want(void *arg)
{
    CHECK(weft_once(&once, make, arg) == WEFT_OK);
    CHECK(made == 7); /* make() has ended, whoever ran it */
}

static void
it_runs_once_and_all_see_its_end(void **state)
{
    (void)state;
    weft_fiber fibers[8];
    n_ran = 0;
    for (int i = 0; i < 8; i++)
        fibers[i] = spawn(want, (void *)7);
    WAIT_FOR(n_waiters(&once.waiters) == 7);
    assert_int_equal(weft_once_until(&once, make, NULL, 0), WEFT_ETIMEOUT);
    weft_sem_give(&gate, 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(weft_once_until(&once, make, NULL, 0), WEFT_OK);
    assert_int_equal(n_ran, 1);
    assert_int_equal(made, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_have_ended_after_the_wait),
        cmocka_unit_test(a_cancelled_waiter_leaves),
        cmocka_unit_test(it_runs_once_and_all_see_its_end),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
