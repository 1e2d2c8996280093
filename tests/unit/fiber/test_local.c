/* SPDX-License-Identifier: MIT */
#include "fibers.h"

static weft_local plain, counted, stubborn;
static _Atomic int destroyed, stubborn_rounds;

static void
count_and_free(void *value)
{
    wf_add(&destroyed, *(int *)value, relaxed);
    free(value);
}

/* A destructor that sets its value again is called again, but only a few
 * times. */
static void
set_again(void *value)
{
    wf_add(&stubborn_rounds, 1, relaxed);
    CHECK(weft_local_set(stubborn, value) == WEFT_OK);
}

static void
use_locals(void *arg)
{
    int *value = malloc(sizeof *value);
    CHECK(value);
    *value = 1;
    CHECK(!weft_local_get(plain) && !weft_local_get(counted));
    CHECK(weft_local_set(plain, arg) == WEFT_OK);
    CHECK(weft_local_set(counted, value) == WEFT_OK);
    for (int i = 0; i < 20; i++) {
        weft_fiber_yield();
        CHECK(weft_local_get(plain) == arg);
        CHECK(weft_local_get(counted) == value);
    }
    CHECK(weft_local_set(plain, NULL) == WEFT_OK);
    CHECK(!weft_local_get(plain));
}

static void
each_fiber_has_its_own(void **state)
{
    (void)state;
    weft_fiber fibers[40];
    destroyed = 0;
    for (intptr_t i = 0; i < 40; i++)
        fibers[i] = spawn(use_locals, (void *)(i + 1));
    for (int i = 0; i < 40; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(destroyed, 40);
}

static void
be_stubborn(void *arg)
{
    CHECK(weft_local_set(stubborn, arg) == WEFT_OK);
}

static void
destruction_ends(void **state)
{
    (void)state;
    int anything;
    stubborn_rounds = 0;
    run_fiber(be_stubborn, &anything);
    assert_in_range(stubborn_rounds, 1, 10);
}

static void *
thread_with_locals(void *arg)
{
    use_locals(arg);
    return NULL;
}

static void
a_thread_has_its_own(void **state)
{
    (void)state;
    pthread_t thread;
    destroyed = 0;
    assert_null(weft_local_get(plain));
    assert_int_equal(pthread_create(&thread, NULL, thread_with_locals, &plain),
                     0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(destroyed, 1);
}

/* ---- the destructor of a fiber may itself wait ---- */

static weft_local waiting;

static void
wait_a_little(void *value)
{
    weft_fiber_yield();
    CHECK(weft_sleep_ms(1) == WEFT_OK);
    weft_sem_give(value, 1);
}

static void
set_waiting(void *arg)
{
    CHECK(weft_local_set(waiting, arg) == WEFT_OK);
}

static void
a_destructor_may_wait(void **state)
{
    (void)state;
    struct weft_sem done = {0};
    run_fiber(set_waiting, &done);
    assert_true(weft_sem_try_take(&done));
}

static void
keys_run_out(void **state)
{
    (void)state;
    weft_local key;
    int made = 0;
    while (weft_local_new(NULL, &key) == WEFT_OK)
        made++;
    assert_int_equal(made, WEFT_LOCALS - 4);
    assert_int_equal(weft_local_new(NULL, &key), WEFT_EFULL);
}

static int
make_keys(void **state)
{
    CHECK(weft_local_new(NULL, &plain) == WEFT_OK);
    CHECK(weft_local_new(count_and_free, &counted) == WEFT_OK);
    CHECK(weft_local_new(set_again, &stubborn) == WEFT_OK);
    CHECK(weft_local_new(wait_a_little, &waiting) == WEFT_OK);
    return two_workers(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fiber_has_its_own),
        cmocka_unit_test(destruction_ends),
        cmocka_unit_test(a_thread_has_its_own),
        cmocka_unit_test(a_destructor_may_wait),
        cmocka_unit_test(keys_run_out),
    };
    return cmocka_run_group_tests(tests, make_keys, workers_stop);
}
