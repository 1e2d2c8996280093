/* SPDX-License-Identifier: MIT */
/* No further thread can be made for weft_blocking, and all of its threads
 * wait. */
#include "unit/fiber/fibers.h"

#include "fiber/blocking.h"

#include <semaphore.h>

static _Atomic bool none_left;
static _Atomic int n_refused; /* threads */

static int
failing_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    if (!wf_load(&none_left, seq_cst))
        return -pthread_create(thread, NULL, run, arg);
    wf_add(&n_refused, 1, relaxed);
    return -EAGAIN;
}

static void
nothing(void *arg)
{
    (void)arg;
}

static void
block(void *arg)
{
    CHECK(weft_blocking(nothing, arg) == WEFT_OK);
}

/* All threads of weft_blocking wait and no other can be made: no thread would
 * ever run the next job. */
static struct weft_sem waits_begun, waits_end;

static void
wait_in_weft(void *arg)
{
    (void)arg;
    weft_sem_give(&waits_begun, 1);
    CHECK(weft_sem_take(&waits_end) == WEFT_OK);
}

static void
block_and_wait(void *arg)
{
    CHECK(weft_blocking(wait_in_weft, arg) == WEFT_OK);
}

static void
block_refused(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(nothing, NULL) == -EAGAIN);
    CHECK(weft_blocking_until(nothing, NULL, weft_after_ms(LONG_MS)) ==
          -EAGAIN);
}

static void
if_all_wait_and_none_can_be_made_it_is_refused(void **state)
{
    (void)state;
    workers_start(2);
    n_refused = 0;
    weft_fiber waiter = spawn(block_and_wait, NULL);
    assert_int_equal(weft_sem_take(&waits_begun), WEFT_OK);
    WAIT_FOR(wf_blocking_waiting() == 1);
    wf_store(&none_left, true, seq_cst);
    run_fiber(block_refused, NULL);
    assert_true(n_refused > 0);
    wf_store(&none_left, false, seq_cst);
    weft_sem_give(&waits_end, 1);
    assert_int_equal(weft_fiber_join(waiter), WEFT_OK);
    run_fiber(block, NULL);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

/* Like wait_in_weft, but the next job is queued before the thread waits. */
static void
hold_and_wait(void *arg)
{
    hold_thread(arg);
    wait_in_weft(NULL);
}

static void
block_hold_and_wait(void *arg)
{
    CHECK(weft_blocking(hold_and_wait, arg) == WEFT_OK);
}

static void
block_refused_later(void *arg)
{
    (void)arg;
    CHECK(weft_blocking(nothing, NULL) == -EAGAIN);
}

static void
a_queued_job_is_refused_by_who_waits(void **state)
{
    (void)state;
    struct holder h = {.begun = {0}};
    assert_int_equal(sem_init(&h.end, 0, 0), 0);
    struct weft_runtime_options o = {.workers = 2, .max_blocking = 1};
    assert_int_equal(weft_runtime_start(&o), WEFT_OK);
    n_refused = 0;
    weft_fiber holder = spawn(block_hold_and_wait, &h);
    assert_int_equal(weft_sem_take(&h.begun), WEFT_OK);
    weft_fiber refused = spawn(block_refused_later, NULL);
    WAIT_FOR(wf_blocking_queued() == 1);
    wf_store(&none_left, true, seq_cst);
    sem_post(&h.end);
    assert_int_equal(weft_fiber_join(refused), WEFT_OK);
    assert_true(n_refused > 0);
    wf_store(&none_left, false, seq_cst);
    weft_sem_give(&waits_end, 1);
    assert_int_equal(weft_fiber_join(holder), WEFT_OK);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
}

int
main(void)
{
    /* wf_shim is not atomic, so set it while no other thread runs. */
    wf_shim = (struct wf_shim){.thread = failing_thread};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(if_all_wait_and_none_can_be_made_it_is_refused),
        cmocka_unit_test(a_queued_job_is_refused_by_who_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
