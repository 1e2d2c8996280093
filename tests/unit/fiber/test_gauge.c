/* SPDX-License-Identifier: MIT */
/* Gauges: each worker changes a part of its own. */
#include "fibers.h"

#include <pthread.h>

#define WORKERS 4

static struct wf_gauge gauge;
static _Atomic bool over;

static void
add_here(void *n)
{
    wf_gauge_add(&gauge, *(uint32_t *)n);
}

static void
sub_here(void *n)
{
    wf_gauge_sub(&gauge, *(uint32_t *)n);
}

/* One thread may subtract what another thread has added. */
static void
a_sum_is_of_all_threads(void **state)
{
    (void)state;
    uint32_t seven = 7, three = 3;
    for (int i = 0; i < 100; i++)
        run_fiber(add_here, &seven);
    assert_int_equal(wf_gauge_sum(&gauge), 700);
    wf_gauge_sub(&gauge, 300);
    for (int i = 0; i < 100; i++)
        run_fiber(sub_here, &three);
    assert_int_equal(wf_gauge_sum(&gauge), 100);
    sub_here(&(uint32_t){100});
    assert_int_equal(wf_gauge_sum(&gauge), 0);
    assert_int_equal(wf_gauge_begun(&gauge), 700);
    assert_int_equal(wf_gauge_ended(&gauge), 700);
}

struct limit {
    uint32_t most, n;
};

static void
fill(void *arg)
{
    struct limit *l = arg;
    wf_gauge_add(&gauge, 1);
    while (!wf_gauge_is_above(&gauge, l->most)) {
        l->n++;
        wf_gauge_add(&gauge, 1);
    }
    wf_gauge_sub(&gauge, 1);
}

/* A limit is exact, even while workers keep changes to themselves, and
 * whichever thread fills it. */
static void
a_limit_is_exact(void **state)
{
    (void)state;
    static const uint32_t limits[] = {1, 2, 63, 64, 65, 127, 1000, 100000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct limit first = {limits[i] / 2, 0}, rest = {limits[i], 0};
        wf_gauge_bound(&gauge, limits[i]);
        run_fiber(fill, &first);
        assert_int_equal(first.n, limits[i] / 2);
        fill(&rest);
        assert_int_equal(rest.n, limits[i] - limits[i] / 2);
        run_fiber(sub_here, &rest.most);
        assert_int_equal(wf_gauge_sum(&gauge), 0);
    }
}

/* Below 15/16 of a limit each worker keeps its changes in its own part, so the
 * workers share no cache line. */
static void
most_changes_stay_with_the_worker(void **state)
{
    (void)state;
    uint32_t one = 1;
    wf_gauge_bound(&gauge, 100000);
    for (int i = 0; i < 1000; i++)
        run_fiber(i % 2 ? sub_here : add_here, &one);
    assert_int_equal(wf_load(&gauge.told, relaxed), 0);
    assert_false(wf_gauge_is_above(&gauge, 93750));
}

/* The number is never below 1, whichever changes the sum includes. */
static void *
change_often(void *unused)
{
    (void)unused;
    while (!wf_load(&over, relaxed)) {
        wf_gauge_add(&gauge, 1);
        wf_gauge_sub(&gauge, 1);
    }
    return NULL;
}

static void
change_in_fibers(void *unused)
{
    (void)unused;
    while (!wf_load(&over, relaxed)) {
        wf_gauge_add(&gauge, 1);
        weft_fiber_yield(); /* the fiber may subtract on another worker */
        wf_gauge_sub(&gauge, 1);
    }
}

static void
a_sum_is_0_only_if_the_number_was(void **state)
{
    (void)state;
    weft_fiber fibers[WORKERS];
    pthread_t thread;
    over = false;
    wf_gauge_add(&gauge, 1);
    assert_int_equal(pthread_create(&thread, NULL, change_often, NULL), 0);
    for (int i = 0; i < WORKERS; i++)
        fibers[i] = spawn(change_in_fibers, NULL);
    for (int i = 0; i < 20000; i++)
        assert_true(wf_gauge_sum(&gauge) > 0);
    wf_store(&over, true, relaxed);
    pthread_join(thread, NULL);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    wf_gauge_sub(&gauge, 1);
    assert_int_equal(wf_gauge_sum(&gauge), 0);
}

static int
begin(void **state)
{
    (void)state;
    workers_start(WORKERS);
    return wf_gauge_init(&gauge);
}

static int
end(void **state)
{
    (void)state;
    wf_gauge_fini(&gauge);
    assert_int_equal(wf_gauge_sum(&gauge), 0);
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sum_is_of_all_threads, begin, end),
        cmocka_unit_test_setup_teardown(a_limit_is_exact, begin, end),
        cmocka_unit_test_setup_teardown(most_changes_stay_with_the_worker,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_sum_is_0_only_if_the_number_was,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
