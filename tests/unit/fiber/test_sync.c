/* SPDX-License-Identifier: MIT */
/* Mutex, condition and semaphore: what each call returns, and in what order
 * waiters are served. */
#include "fibers.h"
#include "fiber/task.h"

#include <pthread.h>
#include <sched.h>

static struct weft_mutex mutex;
static struct weft_cond cond;
static struct weft_sem sem;
static int order[64];
static _Atomic int n_order;

static void
try_a_held_mutex(void *arg)
{
    (void)arg;
    CHECK(!weft_mutex_try_lock(&mutex));
    CHECK(weft_mutex_lock_until(&mutex, 0) == WEFT_ETIMEOUT);
    CHECK(weft_mutex_lock_until(&mutex, weft_after_ms(1)) == WEFT_ETIMEOUT);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_mutex_lock(&mutex) == WEFT_ECANCEL);
    CHECK(weft_mutex_lock_until(&mutex, weft_after_ms(9)) == WEFT_ECANCEL);
}

static void
a_held_mutex_is_not_had(void **state)
{
    (void)state;
    assert_int_equal(weft_mutex_lock(&mutex), WEFT_OK);
    run_fiber(try_a_held_mutex, NULL);
    assert_false(weft_mutex_try_lock(&mutex));
    assert_int_equal(weft_mutex_lock_until(&mutex, weft_after_ms(1)),
                     WEFT_ETIMEOUT);
    weft_mutex_unlock(&mutex);
    /* All waiters have given up. The mark for waiters that they left in the
     * mutex must not matter. */
    assert_true(weft_mutex_try_lock(&mutex));
    weft_mutex_unlock(&mutex);
    assert_int_equal(mutex.state, 0);
}

static void
lock_in_order(void *arg)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    order[wf_add(&n_order, 1, relaxed)] = (int)(intptr_t)arg;
    weft_fiber_yield(); /* a fiber may hold it while it waits */
    weft_mutex_unlock(&mutex);
}

static void
a_mutex_is_handed_over_in_order(void **state)
{
    (void)state;
    weft_fiber fibers[32];
    n_order = 0;
    assert_int_equal(weft_mutex_lock(&mutex), WEFT_OK);
    for (intptr_t i = 0; i < 32; i++) {
        fibers[i] = spawn(lock_in_order, (void *)i);
        WAIT_FOR(n_waiters(&mutex.waiters) == i + 1);
    }
    weft_mutex_unlock(&mutex);
    for (int i = 0; i < 32; i++)
        assert_int_equal(
            weft_fiber_join_until(fibers[i], weft_after_ms(LONG_MS)), WEFT_OK);
    for (int i = 0; i < 32; i++)
        assert_int_equal(order[i], i);
}

/* Several fibers wait and one gets the mutex. The mark for waiters must stay,
 * or the next unlock would free the mutex without waking another one. */
static void
an_unlock_keeps_the_mark_of_other_waiters(void **state)
{
    (void)state;
    weft_fiber fibers[3];
    n_order = 0;
    assert_int_equal(weft_mutex_lock(&mutex), WEFT_OK);
    uint32_t locked = mutex.state;
    for (intptr_t i = 0; i < 3; i++) {
        fibers[i] = spawn(lock_in_order, (void *)i);
        WAIT_FOR(n_waiters(&mutex.waiters) == i + 1);
    }
    uint32_t marked = mutex.state;
    assert_int_not_equal(marked, locked);
    weft_mutex_unlock(&mutex);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            weft_fiber_join_until(fibers[i], weft_after_ms(LONG_MS)), WEFT_OK);
    assert_int_equal(n_order, 3);
    assert_int_equal(mutex.state, 0);
}

static void
wait_in_vain(void *arg)
{
    (void)arg;
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    CHECK(weft_cond_wait_until(&cond, &mutex, 0) == WEFT_ETIMEOUT);
    CHECK(!weft_mutex_try_lock(&mutex)); /* locked again after the wait */
    CHECK(weft_cond_wait_until(&cond, &mutex, weft_after_ms(1)) ==
          WEFT_ETIMEOUT);
    CHECK(!weft_mutex_try_lock(&mutex));
    if (weft_fiber_self().id) {
        weft_fiber_cancel(weft_fiber_self());
        CHECK(weft_cond_wait(&cond, &mutex) == WEFT_ECANCEL);
        CHECK(!weft_mutex_try_lock(&mutex));
    }
    weft_mutex_unlock(&mutex);
}

static void
a_condition_gives_the_mutex_back(void **state)
{
    (void)state;
    run_fiber(wait_in_vain, NULL);
    wait_in_vain(NULL);
    assert_int_equal(n_waiters(&cond.waiters), 0);
}

static int waiting, served; /* under the mutex */

static void
wait_to_be_served(void *arg)
{
    (void)arg;
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    waiting++;
    CHECK(weft_cond_wait(&cond, &mutex) == WEFT_OK);
    served++;
    weft_mutex_unlock(&mutex);
}

static int
value_of(int *p)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    int value = *p;
    weft_mutex_unlock(&mutex);
    return value;
}

static void
a_signal_wakes_one_a_broadcast_all(void **state)
{
    (void)state;
    weft_fiber fibers[8];
    weft_cond_signal(&cond); /* no fiber waits, so the signal is lost */
    waiting = served = 0;
    for (int i = 0; i < 8; i++)
        fibers[i] = spawn(wait_to_be_served, NULL);
    WAIT_FOR(value_of(&waiting) == 8);
    for (int i = 1; i <= 3; i++) {
        weft_cond_signal(&cond);
        WAIT_FOR(value_of(&served) == i);
    }
    assert_int_equal(n_waiters(&cond.waiters), 5);
    assert_int_equal(value_of(&served), 3);
    weft_cond_broadcast(&cond);
    for (int i = 0; i < 8; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(served, 8);
}

static void
take_in_vain(void *arg)
{
    (void)arg;
    CHECK(!weft_sem_try_take(&sem));
    CHECK(weft_sem_take_until(&sem, 0) == WEFT_ETIMEOUT);
    CHECK(weft_sem_take_until(&sem, weft_after_ms(1)) == WEFT_ETIMEOUT);
    if (weft_fiber_self().id) {
        weft_fiber_cancel(weft_fiber_self());
        CHECK(weft_sem_take(&sem) == WEFT_ECANCEL);
    }
}

static void
a_semaphore_counts(void **state)
{
    (void)state;
    run_fiber(take_in_vain, NULL);
    take_in_vain(NULL);
    weft_sem_give(&sem, 0);
    weft_sem_give(&sem, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(weft_sem_take(&sem), WEFT_OK);
    assert_false(weft_sem_try_take(&sem));
}

static void
take_in_order(void *arg)
{
    if (weft_sem_take(&sem) == WEFT_OK)
        order[wf_add(&n_order, 1, relaxed)] = (int)(intptr_t)arg;
}

static void
give_wakes_as_many(void **state)
{
    (void)state;
    weft_fiber fibers[6];
    n_order = 0;
    for (intptr_t i = 0; i < 6; i++) {
        fibers[i] = spawn(take_in_order, (void *)i);
        WAIT_FOR(n_waiters(&sem.waiters) == i + 1);
    }
    weft_fiber_cancel(fibers[5]);
    assert_int_equal(weft_fiber_join(fibers[5]), WEFT_OK);
    weft_sem_give(&sem, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(n_order, 4);
    assert_int_equal(sem.count, 0);
    weft_sem_give(&sem, 3); /* one is for the fifth fiber, two remain */
    assert_int_equal(weft_fiber_join(fibers[4]), WEFT_OK);
    assert_true(weft_sem_try_take(&sem) && weft_sem_try_take(&sem));
    assert_false(weft_sem_try_take(&sem));
}

static struct wf_task *_Atomic parked;
static _Atomic bool may_end;

static void *
park_until_told(void *unused)
{
    (void)unused;
    parked = wf_task_self();
    while (!wf_load(&may_end, acquire))
        wf_park(WEFT_WAIT_SEM);
    return NULL;
}

/* A plain thread sleeps in a park; it does not spin. */
static void
a_parked_thread_sleeps(void **state)
{
    (void)state;
    pthread_t thread;
    struct wf_task *task;
    CHECK(!pthread_create(&thread, NULL, park_until_told, NULL));
    while (!(task = parked) || wf_load(&task->state, acquire) != WF_TASK_ASLEEP)
        sched_yield();
    wf_store(&may_end, true, release);
    wf_wake(task);
    CHECK(!pthread_join(thread, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parked_thread_sleeps),
        cmocka_unit_test(a_held_mutex_is_not_had),
        cmocka_unit_test(a_mutex_is_handed_over_in_order),
        cmocka_unit_test(an_unlock_keeps_the_mark_of_other_waiters),
        cmocka_unit_test(a_condition_gives_the_mutex_back),
        cmocka_unit_test(a_signal_wakes_one_a_broadcast_all),
        cmocka_unit_test(a_semaphore_counts),
        cmocka_unit_test(give_wakes_as_many),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
