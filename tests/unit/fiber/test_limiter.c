/* SPDX-License-Identifier: MIT */
/* Token bucket. No test depends on how fast time passes: the number of taken
 * tokens is compared with what the rate allows for the time that really
 * passed. */
#include "fibers.h"

static struct weft_limiter limiter;

/* Empty the bucket, so that no caller gets a token for an hour. */
static void
drain(void)
{
    assert_int_equal(weft_limiter_init(&limiter, 1, 1), WEFT_OK);
    assert_true(weft_limiter_try_take(&limiter, 1));
    limiter.full_ns += 3600u * UINT64_C(1000000000);
}

static uint64_t
allowed(uint64_t since_ns, uint32_t rate, uint32_t burst)
{
    uint64_t passed = weft_now_ns() - since_ns;
    return burst + passed / 1000000000u * rate +
           passed % 1000000000u * rate / 1000000000u;
}

static void
a_full_bucket_gives_its_burst_and_no_more(void **state)
{
    (void)state;
    uint64_t taken = 0, since = weft_now_ns();
    assert_int_equal(weft_limiter_init(&limiter, 1, 50), WEFT_OK);
    for (int i = 0; i < 50; i++)
        assert_true(weft_limiter_try_take(&limiter, 1));
    taken = 50;
    for (int i = 0; i < 1000; i++)
        taken += weft_limiter_try_take(&limiter, 1);
    assert_true(taken <= allowed(since, 1, 50));
}

static void
what_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(weft_limiter_init(&limiter, 0, 1), -EINVAL);
    assert_int_equal(weft_limiter_init(&limiter, 1000000001, 1), -EINVAL);
    assert_int_equal(weft_limiter_init(&limiter, 1, 0), -EINVAL);
    assert_int_equal(weft_limiter_init(&limiter, 1, 5), WEFT_OK);
    assert_false(weft_limiter_try_take(&limiter, 6));
    assert_int_equal(weft_limiter_take(&limiter, 6), -EINVAL);
    assert_true(weft_limiter_try_take(&limiter, 5));
    drain();
    assert_false(weft_limiter_try_take(&limiter, 1));
    assert_int_equal(weft_limiter_take_until(&limiter, 1, weft_now_ns() + 1),
                     WEFT_ETIMEOUT);
    assert_int_equal(weft_limiter_take_until(&limiter, 1, 0), WEFT_ETIMEOUT);
}

#define RATE 2000u
#define BURST 10u
#define TAKERS 8
#define EACH 20

static void
take_some(void *arg)
{
    (void)arg;
    for (int i = 0; i < EACH; i++)
        CHECK(weft_limiter_take(&limiter, 1 + (uint32_t)i % 2) == WEFT_OK);
}

/* However many fibers wait, together they do not exceed the rate. */
static void
those_who_wait_keep_the_rate(void **state)
{
    (void)state;
    weft_fiber fibers[TAKERS];
    uint64_t taken = TAKERS * (EACH + EACH / 2), since = weft_now_ns();
    assert_int_equal(weft_limiter_init(&limiter, RATE, BURST), WEFT_OK);
    for (int i = 0; i < TAKERS; i++)
        fibers[i] = spawn(take_some, NULL);
    for (int i = 0; i < TAKERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_true(taken <= allowed(since, RATE, BURST));
}

static void
wait_long(void *arg)
{
    (void)arg;
    CHECK(weft_limiter_take(&limiter, 1) == WEFT_ECANCEL);
}

/* After the cancel the next taker can have the token. */
static void
a_cancelled_taker_gives_its_token_back(void **state)
{
    (void)state;
    drain();
    uint64_t full = limiter.full_ns;
    weft_fiber fiber = spawn(wait_long, NULL);
    WAIT_FOR(wf_load((_Atomic uint64_t *)&limiter.full_ns, relaxed) != full);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(limiter.full_ns, full);
}

#define WAITERS 12

static void
wait_for_ages(void *unused)
{
    (void)unused;
    CHECK(weft_limiter_take(&limiter, UINT32_MAX) == WEFT_ECANCEL);
}

/* The bucket fills in 136 years, so the fifth waiter would get its tokens when
 * the clock wraps. All wait until they are cancelled, and then no token is
 * taken. */
static void
no_wait_is_so_long_that_it_is_none(void **state)
{
    (void)state;
    weft_fiber fibers[WAITERS];
    assert_int_equal(weft_limiter_init(&limiter, 1, UINT32_MAX), WEFT_OK);
    assert_true(weft_limiter_try_take(&limiter, UINT32_MAX));
    uint64_t full = limiter.full_ns;
    for (int i = 0; i < WAITERS; i++)
        fibers[i] = spawn(wait_for_ages, NULL);
    for (int i = 0; i < WAITERS; i++)
        weft_fiber_cancel(fibers[i]);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(limiter.full_ns, full);
}

static void
beyond_the_clock_is_beyond_each_deadline(void **state)
{
    (void)state;
    assert_int_equal(weft_limiter_init(&limiter, 1, 2), WEFT_OK);
    limiter.full_ns = UINT64_MAX - 1000000000u; /* room for one token */
    uint64_t full = limiter.full_ns;
    assert_false(weft_limiter_try_take(&limiter, 2));
    assert_int_equal(weft_limiter_take_until(&limiter, 2, WEFT_NEVER - 1),
                     WEFT_ETIMEOUT);
    assert_int_equal(limiter.full_ns, full);
}

/* A waiter whose time is beyond the clock gets its tokens if others give up
 * theirs. */
static void
take_two(void *done)
{
    CHECK(weft_limiter_take(&limiter, 2) == WEFT_OK);
    wf_store((_Atomic bool *)done, true, release);
}

static void
beyond_the_clock_comes_nearer(void **state)
{
    (void)state;
    _Atomic bool done = false;
    assert_int_equal(weft_limiter_init(&limiter, 1, 2), WEFT_OK);
    limiter.full_ns = UINT64_MAX - 1000000000u;
    weft_fiber fiber = spawn(take_two, &done);
    wf_store((_Atomic uint64_t *)&limiter.full_ns, 0, relaxed);
    WAIT_FOR(wf_load(&done, acquire));
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_gives_its_burst_and_no_more),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(those_who_wait_keep_the_rate),
        cmocka_unit_test(a_cancelled_taker_gives_its_token_back),
        cmocka_unit_test(no_wait_is_so_long_that_it_is_none),
        cmocka_unit_test(beyond_the_clock_is_beyond_each_deadline),
        cmocka_unit_test(beyond_the_clock_comes_nearer),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
