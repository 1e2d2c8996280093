/* SPDX-License-Identifier: MIT */
/* The histogram of weft bench: digits, percentiles, and moved counts. */
#include "tool/bench_hist.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct wb_hist hist, other;
static struct wb_recorder recorder;

static int
clear(void **state)
{
    (void)state;
    memset(&hist, 0, sizeof hist);
    memset(&other, 0, sizeof other);
    return 0;
}

static void
buckets_are_in_order_without_gaps(void **state)
{
    (void)state;
    for (uint32_t i = 0; i + 1 < WB_BUCKETS; i++) {
        uint64_t top = wb_bucket_ns(i);
        assert_int_equal(wb_bucket(top), i);
        assert_int_equal(wb_bucket(top + 1), i + 1);
    }
    assert_int_equal(wb_bucket(0), 0);
    assert_int_equal(wb_bucket(UINT64_MAX), WB_BUCKETS - 1);
}

static void
values_keep_three_digits(void **state)
{
    (void)state;
    for (uint64_t ns = 1; ns >> WB_BITS == 0; ns += ns / 3 + 1) {
        uint64_t as = wb_bucket_ns(wb_bucket(ns));
        assert_true(as >= ns && (as - ns) * 1000 <= ns);
    }
}

static void
percentiles_are_upper_ends(void **state)
{
    (void)state;
    assert_int_equal(wb_hist_at(&hist, 0.5), 0);
    for (uint64_t ns = 1; ns <= 1000; ns++)
        wb_record(&recorder, ns);
    wb_drain(&recorder, &hist);
    assert_int_equal(hist.calls, 1000);
    assert_int_equal(wb_hist_at(&hist, 0), 1);
    assert_int_equal(wb_hist_at(&hist, 0.5), 500);
    assert_int_equal(wb_hist_at(&hist, 0.99), 990);
    assert_int_equal(wb_hist_at(&hist, 0.999), 999);
    assert_int_equal(wb_hist_at(&hist, 1), 1000);
    assert_true(wb_hist_mean(&hist) == 500.5);
}

static void
histograms_add_up(void **state)
{
    (void)state;
    wb_record(&recorder, 7);
    wb_drain(&recorder, &hist);
    wb_record(&recorder, 5000000);
    wb_drain(&recorder, &other);
    wb_hist_merge(&hist, &other);
    assert_int_equal(hist.calls, 2);
    assert_int_equal(wb_hist_at(&hist, 0.5), 7);
    assert_int_equal(wb_hist_at(&hist, 1), wb_bucket_ns(wb_bucket(5000000)));
}

#define EACH 200000u

static void *
record_many(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < EACH; i++)
        wb_record(&recorder, i % 3000);
    return NULL;
}

static void
no_call_is_lost_while_it_drains(void **state)
{
    pthread_t threads[2];
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, record_many, NULL),
                         0);
    for (int i = 0; i < 50; i++)
        wb_drain(&recorder, &hist);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    wb_drain(&recorder, &hist);
    assert_int_equal(hist.calls, 2 * EACH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_in_order_without_gaps),
        cmocka_unit_test(values_keep_three_digits),
        cmocka_unit_test_setup(percentiles_are_upper_ends, clear),
        cmocka_unit_test_setup(histograms_add_up, clear),
        cmocka_unit_test_setup(no_call_is_lost_while_it_drains, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
