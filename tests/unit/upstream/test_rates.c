/* SPDX-License-Identifier: MIT */
/*
 * Ejection of endpoints on which fewer attempts succeed than on the others. The
 * tests say what time it is, and tell of attempts that nobody has made.
 */
#include "unit/upstream/told_time.h"

#include "fiber/task.h"

#define INTERVAL (10 * (uint64_t)SECOND)

/* Let n attempts on the endpoint end, spread over all workers. */
static void
attempt(uint32_t i, uint32_t n, uint32_t n_failed)
{
    struct wf_load *loads = wf_endpoint_loads(ends[i]);
    MUST(loads);
    for (uint32_t k = 0; k < n; k++) {
        struct wf_load *load = &loads[k % wf_parts_count()];
        wf_add(&load->begun, 1, relaxed);
        wf_add(&load->failed, k < n_failed, relaxed);
        wf_add(&load->ended, 1, relaxed);
    }
}

static void
attempt_all(uint32_t n, uint32_t n_failed)
{
    for (uint32_t i = 0; i < n_ends; i++)
        attempt(i, n, n_failed);
}

/* Let time pass, and let the next attempt begin. */
static void
go_on(uint64_t ns)
{
    pass(ns);
    if (wf_rates_are_due(&up->rates, now))
        wf_rates_compare(up, now);
}

static bool
is_ejected(uint32_t i)
{
    return wf_health_is_ejected(&ends[i]->health, now);
}

static uint32_t
n_ejected(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_ends; i++)
        n += is_ejected(i);
    return n;
}

/* A client that has begun its first interval. */
static void
begin(uint32_t n, struct weft_upstream_options options)
{
    weft_client_free(client);
    make(n, options);
    wf_store(&up->n_parts, wf_parts_count(), relaxed);
    go_on(0);
}

/* ---- which endpoints ---- */

static void
the_worst_endpoint_is_ejected(void **state)
{
    (void)state;
    begin(6, (struct weft_upstream_options){0});
    attempt_all(200, 2);
    attempt(3, 200, 100);
    go_on(INTERVAL - 1);
    assert_int_equal(n_ejected(), 0);
    go_on(1);
    assert_true(is_ejected(3));
    assert_int_equal(n_ejected(), 1);
    assert_true(wf_load(&ends[3]->health.until_ns, relaxed) ==
                now + 30 * (uint64_t)SECOND);
    pass(30 * (uint64_t)SECOND);
    assert_false(is_ejected(3));
}

static void
the_view_tells_the_rate(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_view v = {.weight = 1};
    (void)state;
    begin(5, (struct weft_upstream_options){0});
    attempt_all(200, 0);
    attempt(1, 200, 150); /* 250 of 400 */
    go_on(INTERVAL);
    MUST(!wf_health_view(up, ends[1], &arena, &v));
    assert_int_equal(v.state, WEFT_ENDPOINT_EJECTED);
    assert_true(v.changed_ns == now);
    assert_true(weft_str_eq(
        v.reason, WEFT_STR("of its last 400 attempts 62.5 % succeeded, on "
                           "average 92.5 % do")));
    weft_arena_fini(&arena);
}

static double
root(double x)
{
    double y = 1;
    for (int i = 0; i < 60; i++)
        y = (y + x / y) / 2;
    return y;
}

/* Random rates, compared with the definition. */
static void
the_definition_holds(void **state)
{
    enum { N = 20, ROUNDS = 300, EACH = 400 };
    uint32_t n_low = 0;
    (void)state;
    wf_task_self()->random = 1;
    for (int round = 0; round < ROUNDS; round++) {
        double rates[N], mean = 0, variance = 0;
        begin(N, (struct weft_upstream_options){.eject_percent = 100});
        for (uint32_t i = 0; i < N; i++) {
            uint32_t n = wf_task_random(wf_task_self()) % EACH;
            uint32_t failed = n * n / EACH * n / EACH; /* few are bad */
            attempt(i, EACH, failed);
            rates[i] = 1 - (double)failed / EACH;
            mean += rates[i] / N;
        }
        for (uint32_t i = 0; i < N; i++)
            variance += (rates[i] - mean) * (rates[i] - mean) / N;
        go_on(INTERVAL);
        for (uint32_t i = 0; i < N; i++) {
            double least = mean - 1.9 * root(variance);
            bool is_low = rates[i] < least && rates[i] <= mean - 0.05;
            assert_int_equal(is_ejected(i), is_low);
            n_low += is_low;
        }
    }
    assert_in_range(n_low, ROUNDS / 2, ROUNDS * 2);
}

static void
equal_rates_eject_nobody(void **state)
{
    (void)state;
    for (uint32_t failed = 0; failed <= 300; failed += 7) {
        begin(7, (struct weft_upstream_options){.eject_rate_gap = WEFT_NONE});
        attempt_all(300, failed);
        go_on(INTERVAL);
        assert_int_equal(n_ejected(), 0);
    }
}

/* With 20 endpoints two may be ejected. */
static void
not_more_than_a_share_is_ejected(void **state)
{
    static const uint32_t percents[] = {5, 0, 100}, ejected[] = {1, 2, 3};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        begin(20, (struct weft_upstream_options){.eject_percent = percents[k]});
        attempt_all(200, 0);
        for (uint32_t i = 0; i < 3; i++)
            attempt(i, 200, 200);
        go_on(INTERVAL);
        assert_int_equal(n_ejected(), ejected[k]);
    }
}

/* ---- which attempts ---- */

static void
each_interval_counts_anew(void **state)
{
    (void)state;
    begin(6, (struct weft_upstream_options){0});
    attempt_all(300, 0);
    attempt(0, 99, 99); /* of 399, which is low */
    go_on(INTERVAL);
    assert_int_equal(n_ejected(), 1);
    begin(6, (struct weft_upstream_options){0});
    attempt_all(99, 0); /* too few, in both intervals */
    go_on(INTERVAL);
    attempt_all(1, 0);
    attempt(0, 98, 98);
    go_on(INTERVAL);
    assert_int_equal(n_ejected(), 0);
}

/* After an ejection the attempts before it do not count. */
static void
a_changed_state_counts_anew(void **state)
{
    (void)state;
    begin(6, (struct weft_upstream_options){.eject_ms = 1000});
    attempt_all(200, 0);
    attempt(0, 200, 200);
    const struct wf_attempt a = {.begun_ns = now, .err = WEFT_ETIMEOUT};
    for (int i = 0; i < 5; i++)
        wf_health_failed(up, ends[0], &a, now);
    assert_true(is_ejected(0));
    go_on(2 * (uint64_t)SECOND);
    assert_false(is_ejected(0));
    go_on(8 * (uint64_t)SECOND);
    assert_false(is_ejected(0));
    attempt_all(200, 0);
    attempt(0, 200, 200);
    go_on(INTERVAL);
    assert_true(is_ejected(0));
}

/* ---- options ---- */

static bool
ejects(uint32_t n, uint32_t attempts, uint32_t failed,
       struct weft_upstream_options options)
{
    begin(n, options);
    for (uint32_t i = 1; i < n; i++)
        attempt(i, attempts, 0);
    attempt(0, attempts, failed);
    go_on(INTERVAL);
    return is_ejected(0);
}

#define WITH(...) ((struct weft_upstream_options){__VA_ARGS__})

static void
options_set_the_bounds(void **state)
{
    (void)state;
    assert_true(ejects(5, 100, 50, WITH(0)));
    assert_false(ejects(4, 100, 50, WITH(0)));
    assert_true(ejects(
        3, 100, 50, WITH(.eject_rate_endpoints = 3, .eject_rate_sigma = 141)));
    assert_false(ejects(5, 99, 50, WITH(0)));
    assert_true(ejects(5, 10, 5, WITH(.eject_rate_attempts = 10)));
    assert_false(ejects(5, 9, 5, WITH(.eject_rate_attempts = 10)));
    /* one of five is two standard deviations away, whatever it does */
    assert_true(ejects(5, 100, 50, WITH(.eject_rate_sigma = 199)));
    assert_false(ejects(5, 100, 50, WITH(.eject_rate_sigma = 201)));
    /* 6 and 7 failures: 4.8 and 5.6 points below the mean */
    assert_false(ejects(5, 100, 6, WITH(0)));
    assert_true(ejects(5, 100, 7, WITH(0)));
    assert_true(ejects(5, 100, 1, WITH(.eject_rate_gap = WEFT_NONE)));
    assert_false(ejects(5, 100, 30, WITH(.eject_rate_gap = 25)));
    assert_false(ejects(5, 100, 50, WITH(.eject_rate_ms = WEFT_NONE)));
    assert_true(ejects(5, 100, 50, WITH(.eject_failures = WEFT_NONE)));
}

static void
the_interval_is_an_option(void **state)
{
    (void)state;
    begin(5, WITH(.eject_rate_ms = 3000));
    attempt_all(100, 0);
    attempt(2, 100, 100);
    go_on(3 * (uint64_t)SECOND - 1);
    assert_int_equal(n_ejected(), 0);
    go_on(1);
    assert_true(is_ejected(2));
}

static void
wrong_options(void **state)
{
    static const struct weft_upstream_options wrong[] = {
        {.eject_rate_ms = 86400001},
        {.eject_rate_sigma = 10001},
        {.eject_rate_sigma = WEFT_NONE},
        {.eject_rate_gap = 101},
        {.eject_rate_attempts = WEFT_NONE},
        {.eject_rate_endpoints = WEFT_NONE}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct weft_client_options options = {.upstream = &wrong[i]};
        assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
    }
}

/* ---- many threads ---- */

enum { THREADS = 4, ROUNDS = 200 };

static uint32_t n_compared;

static void *
compare_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        wf_rates_compare(up, now + (uint64_t)i * INTERVAL);
    return NULL;
}

/* Threads that begin attempts at the same moment compare one at a time. TSan
 * sees that they share nothing else. */
static void
one_compares_at_a_time(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    begin(20, WITH(.eject_percent = 100, .eject_ms = 1));
    attempt_all(1000, 0);
    attempt(0, 1000, 1000);
    for (int i = 0; i < THREADS; i++)
        MUST(!pthread_create(&threads[i], NULL, compare_often, NULL));
    for (int i = 0; i < THREADS; i++)
        MUST(!pthread_join(threads[i], NULL));
    for (uint32_t i = 0; i < n_ends; i++)
        n_compared += ends[i]->health.n_ejections;
    assert_int_equal(n_compared, 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_clock, free_client)
    const struct CMUnitTest tests[] = {
        TEST(the_worst_endpoint_is_ejected),
        TEST(the_view_tells_the_rate),
        TEST(the_definition_holds),
        TEST(equal_rates_eject_nobody),
        TEST(not_more_than_a_share_is_ejected),
        TEST(each_interval_counts_anew),
        TEST(a_changed_state_counts_anew),
        TEST(options_set_the_bounds),
        TEST(the_interval_is_an_option),
        TEST(wrong_options),
        TEST(one_compares_at_a_time),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
