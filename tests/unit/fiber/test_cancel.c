/* SPDX-License-Identifier: MIT */
/* What each call that waits does in a cancelled fiber. The call returns
 * WEFT_ECANCEL; if the fiber ignores this error, each further call first
 * pauses; within a shield a call does neither. There is one worker, so a fiber
 * that never pauses would stop all others. */
#include "fibers.h"

#include <unistd.h>

static struct weft_mutex mutex, held;
static struct weft_cond cond;
static struct weft_sem sem;
static struct weft_chan *chan; /* without capacity, so that a send waits, too */
static weft_fiber never_ends;
static int pipe_fds[2];
static struct weft_sem end_it;

static weft_err
wait_cond(uint64_t until)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    weft_err err = weft_cond_wait_until(&cond, &mutex, until);
    CHECK(!weft_mutex_try_lock(&mutex)); /* locked again, whatever the error */
    weft_mutex_unlock(&mutex);
    return err;
}

static weft_err
wait_mutex(uint64_t until)
{
    return weft_mutex_lock_until(&held, until);
}

static weft_err
wait_sem(uint64_t until)
{
    return weft_sem_take_until(&sem, until);
}

static weft_err
wait_send(uint64_t until)
{
    int item = 0;
    return weft_chan_send_until(chan, &item, until);
}

static weft_err
wait_recv(uint64_t until)
{
    int item;
    return weft_chan_recv_until(chan, &item, until);
}

static weft_err
wait_join(uint64_t until)
{
    return weft_fiber_join_until(never_ends, until);
}

static weft_err
wait_fd(uint64_t until)
{
    return weft_fd_wait_until(pipe_fds[0], WEFT_FD_READ, until);
}

/* A sleep is the only wait that succeeds at its deadline. */
static weft_err
wait_sleep(uint64_t until)
{
    weft_err err = weft_sleep_until(until);
    return err ? err : WEFT_ETIMEOUT;
}

static void
nothing(void *arg)
{
    (void)arg;
}

/* A thread is always free in this test, so this call does not end at its
 * deadline, either. */
static weft_err
wait_blocking(uint64_t until)
{
    weft_err err = weft_blocking_until(nothing, NULL, until);
    return err ? err : WEFT_ETIMEOUT;
}

static weft_err (*const waits[])(uint64_t until) = {
    wait_cond, wait_mutex, wait_sem,   wait_send,     wait_recv,
    wait_join, wait_fd,    wait_sleep, wait_blocking,
};
#define N_WAITS ((int)(sizeof waits / sizeof *waits))

static void
wait_for_end(void *arg)
{
    (void)arg;
    CHECK(weft_sem_take(&end_it) == WEFT_OK);
}

static int
set_up(void **state)
{
    one_worker(state);
    CHECK(pipe(pipe_fds) == 0);
    CHECK(weft_chan_new(sizeof(int), 0, &chan) == WEFT_OK);
    CHECK(weft_mutex_lock(&held) == WEFT_OK);
    never_ends = spawn(wait_for_end, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    weft_sem_give(&end_it, 1);
    workers_stop(state);
    weft_mutex_unlock(&held);
    weft_chan_free(chan);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    return 0;
}

static void
call_each_cancelled(void *arg)
{
    (void)arg;
    weft_fiber_cancel(weft_fiber_self());
    for (int i = 0; i < N_WAITS; i++)
        CHECK(waits[i](WEFT_NEVER) == WEFT_ECANCEL);
    for (int i = 0; i < N_WAITS; i++) /* each further wait fails, too */
        CHECK(waits[i](weft_after_ms(LONG_MS)) == WEFT_ECANCEL);
}

static void
each_wait_of_a_cancelled_fiber_ends(void **state)
{
    (void)state;
    run_fiber(call_each_cancelled, NULL);
}

static void
call_each_shielded(void *arg)
{
    (void)arg;
    weft_fiber_cancel(weft_fiber_self());
    weft_shield_begin();
    weft_shield_begin();
    CHECK(weft_fiber_cancelled());
    for (int i = 0; i < N_WAITS; i++)
        CHECK(waits[i](weft_after_ms(1)) == WEFT_ETIMEOUT);
    weft_shield_end();
    for (int i = 0; i < N_WAITS; i++) /* the outer shield still holds */
        CHECK(waits[i](weft_after_ms(1)) == WEFT_ETIMEOUT);
    weft_shield_end();
    for (int i = 0; i < N_WAITS; i++)
        CHECK(waits[i](WEFT_NEVER) == WEFT_ECANCEL);
}

static void
no_wait_within_a_shield_ends_early(void **state)
{
    (void)state;
    run_fiber(call_each_shielded, NULL);
    weft_shield_begin(); /* without effect on a plain thread */
    weft_shield_end();
    weft_shield_end();
}

/* A cancel wakes a fiber that waits in a shield, but the wait goes on. Outside
 * of a shield the cancel ends the wait. */
static void
take_twice(void *arg)
{
    struct weft_sem *there = arg;
    weft_shield_begin();
    weft_sem_give(there, 1);
    CHECK(weft_sem_take(&sem) == WEFT_OK);
    weft_shield_end();
    weft_sem_give(there, 1);
    CHECK(weft_sem_take(&sem) == WEFT_ECANCEL);
}

static void
a_cancel_waits_for_the_end_of_the_shield(void **state)
{
    (void)state;
    struct weft_sem there = {0};
    weft_fiber fiber = spawn(take_twice, &there);
    assert_int_equal(weft_sem_take(&there), WEFT_OK);
    WAIT_FOR(n_waiters(&sem.waiters) == 1);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_sem_take_until(&there, weft_after_ms(5)),
                     WEFT_ETIMEOUT);
    weft_sem_give(&sem, 1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(weft_sem_take(&there), WEFT_OK);
}

/* A new fiber begins without the shield of the fiber that had its slot
 * before. */
static void
end_shielded(void *arg)
{
    (void)arg;
    weft_shield_begin();
}

static void
a_shield_ends_with_its_fiber(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        run_fiber(end_shielded, NULL);
    run_fiber(call_each_cancelled, NULL);
}

/* ---- a condition locks its mutex again, cancelled or not ---- */

static bool main_has_it; /* main holds the mutex */

static void
be_cancelled_in_cond(void *arg)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    weft_sem_give(arg, 1);
    CHECK(weft_cond_wait(&cond, &mutex) == WEFT_ECANCEL);
    CHECK(!main_has_it);
    CHECK(!weft_mutex_try_lock(&mutex));
    weft_mutex_unlock(&mutex);
}

static void
a_cancelled_condition_waits_for_its_mutex(void **state)
{
    (void)state;
    struct weft_sem there = {0};
    weft_fiber fiber = spawn(be_cancelled_in_cond, &there);
    assert_int_equal(weft_sem_take(&there), WEFT_OK);
    assert_int_equal(weft_mutex_lock(&mutex), WEFT_OK);
    main_has_it = true;
    weft_fiber_cancel(fiber);
    WAIT_FOR(n_waiters(&mutex.waiters) == 1);
    main_has_it = false;
    weft_mutex_unlock(&mutex);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

/* ---- a fiber that ignores its cancel ---- */

static bool ready; /* under the mutex */

static void
wait_classically(void *arg)
{
    (void)arg;
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    while (!ready)
        (void)weft_cond_wait(&cond, &mutex);
    weft_mutex_unlock(&mutex);
}

static void
make_ready(void *arg)
{
    (void)arg;
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    ready = true;
    weft_mutex_unlock(&mutex);
    weft_cond_broadcast(&cond);
}

static void
the_classic_loop_of_a_cancelled_fiber_ends(void **state)
{
    (void)state;
    ready = false;
    weft_fiber waiter = spawn(wait_classically, NULL);
    weft_fiber_cancel(waiter);
    weft_fiber setter = spawn(make_ready, NULL);
    assert_int_equal(weft_fiber_join_until(setter, weft_after_ms(LONG_MS)),
                     WEFT_OK);
    assert_int_equal(weft_fiber_join_until(waiter, weft_after_ms(LONG_MS)),
                     WEFT_OK);
}

#define ROUNDS 25 /* 16 without a pause, then 1 + 2 + ... + 64 + 64 + 64 ms */
#define PAUSES_MS (127 + 2 * 64)

static void
ignore_the_error(void *arg)
{
    weft_err (*wait)(uint64_t) = *(weft_err(**)(uint64_t))arg;
    weft_fiber_cancel(weft_fiber_self());
    uint64_t begin = weft_now_ns();
    for (int i = 0; i < ROUNDS; i++)
        CHECK(wait(WEFT_NEVER) == WEFT_ECANCEL);
    CHECK(weft_now_ns() - begin >= PAUSES_MS * (uint64_t)1000000);
}

static void
who_ignores_the_error_is_slowed_down(void **state)
{
    (void)state;
    weft_fiber fibers[N_WAITS];
    for (int i = 0; i < N_WAITS; i++)
        fibers[i] = spawn(ignore_the_error, (void *)(uintptr_t)&waits[i]);
    for (int i = 0; i < N_WAITS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wait_of_a_cancelled_fiber_ends),
        cmocka_unit_test(no_wait_within_a_shield_ends_early),
        cmocka_unit_test(a_cancel_waits_for_the_end_of_the_shield),
        cmocka_unit_test(a_shield_ends_with_its_fiber),
        cmocka_unit_test(a_cancelled_condition_waits_for_its_mutex),
        cmocka_unit_test(the_classic_loop_of_a_cancelled_fiber_ends),
        cmocka_unit_test(who_ignores_the_error_is_slowed_down),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
