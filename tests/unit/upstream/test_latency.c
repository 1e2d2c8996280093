/* SPDX-License-Identifier: MIT */
/* The 95th percentile of the last 10 s, which a hedge waits for. */
#include "upstream/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define US 1000u
#define MS 1000000u
#define HALF WF_LATENCY_HALF_NS
#define BEGIN (100 * (uint64_t)HALF)

static struct wf_latencies l;

static int
begin(void **state)
{
    (void)state;
    memset(&l, 0, sizeof l);
    wf_latency_note(&l, 1, 1); /* long ago */
    return 0;
}

static void
note(uint32_t n, uint64_t took_ns, uint64_t now_ns)
{
    while (n-- > 0)
        wf_latency_note(&l, took_ns, now_ns);
}

/* Let the half end, and count one more answer. */
static uint64_t
p95_at(uint64_t now_ns, uint64_t took_ns)
{
    note(1, took_ns, now_ns);
    return wf_latency_p95(&l);
}

/* The result is not below the time, and at most an eighth above it. */
static void
a_range_is_an_eighth_wide(void **state)
{
    (void)state;
    for (uint64_t ns = 8 * US; ns < 600000 * (uint64_t)MS; ns += ns / 9) {
        begin(NULL);
        note(100, ns, BEGIN);
        uint64_t p95 = p95_at(BEGIN + HALF, ns);
        assert_in_range(p95, ns, ns + ns / 8 + 2 * US);
    }
}

static void
one_of_twenty_may_take_longer(void **state)
{
    (void)state;
    note(95, 1 * MS, BEGIN);
    note(5, 50 * MS, BEGIN);
    assert_in_range(p95_at(BEGIN + HALF, MS), MS, 2 * MS);
    begin(NULL);
    note(94, 1 * MS, BEGIN);
    note(6, 50 * MS, BEGIN);
    assert_in_range(p95_at(BEGIN + HALF, MS), 50 * MS, 60 * MS);
}

static void
few_answers_say_nothing(void **state)
{
    (void)state;
    note(WF_LATENCY_LEAST - 1, MS, BEGIN);
    assert_int_equal(wf_latency_p95(&l), 0);
    assert_int_equal(p95_at(BEGIN + HALF, MS), 0);
    begin(NULL);
    note(WF_LATENCY_LEAST, MS, BEGIN);
    assert_int_equal(wf_latency_p95(&l), 0); /* its half has not ended */
    assert_true(p95_at(BEGIN + HALF, MS) > 0);
}

static void
two_halves_count(void **state)
{
    (void)state;
    note(100, 50 * MS, BEGIN);
    note(100, MS, BEGIN + HALF);
    assert_true(p95_at(BEGIN + 2 * (uint64_t)HALF, MS) >= 50 * MS);
    note(100, MS, BEGIN + 2 * (uint64_t)HALF);
    assert_true(p95_at(BEGIN + 3 * (uint64_t)HALF, MS) <= 2 * MS);
}

static void
what_is_older_than_10_s_is_forgotten(void **state)
{
    (void)state;
    note(100, 50 * MS, BEGIN);
    assert_true(p95_at(BEGIN + HALF, MS) > 0);
    assert_int_equal(p95_at(BEGIN + 4 * (uint64_t)HALF, MS), 0);
}

static void
any_time_has_a_range(void **state)
{
    (void)state;
    note(20, 0, BEGIN);
    assert_in_range(p95_at(BEGIN + HALF, 0), 1, 2 * US);
    begin(NULL);
    note(20, UINT64_MAX, BEGIN);
    assert_true(p95_at(BEGIN + HALF, 0) >= 3600 * 1000 * (uint64_t)MS);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        TEST(a_range_is_an_eighth_wide),
        TEST(one_of_twenty_may_take_longer),
        TEST(few_answers_say_nothing),
        TEST(two_halves_count),
        TEST(what_is_older_than_10_s_is_forgotten),
        TEST(any_time_has_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
