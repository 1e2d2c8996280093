/* SPDX-License-Identifier: MIT */
/* A token bucket whose clock the test moves, so the times are exact to the
 * nanosecond. */
#include "unit/fiber/fibers.h"

#define START UINT64_C(1000000000)

static _Atomic uint64_t now;

static uint64_t
clock_ns(void)
{
    return wf_load(&now, acquire);
}

static struct weft_limiter limiter;

static void
fill(uint32_t rate, uint32_t burst)
{
    assert_int_equal(weft_limiter_init(&limiter, rate, burst), WEFT_OK);
}

/* Take all tokens one by one. Returns how many there were. */
static uint32_t
there(void)
{
    uint32_t n = 0;
    while (weft_limiter_try_take(&limiter, 1))
        n++;
    return n;
}

static void
pass(uint64_t ns)
{
    wf_add(&now, ns, acq_rel);
}

static void
nothing(void *arg)
{
    (void)arg;
}

/* ---- the tests ---- */

static void
a_token_comes_at_its_time(void **state)
{
    static const struct {
        uint32_t rate, burst;
        uint64_t step_ns; /* from one token to the next, rounded up */
    } rows[] = {{1000, 5, 1000000}, {3, 2, 333333334},
                {1, 1, 1000000000}, {1000000000, 7, 1},
                {999999999, 1, 2},  {7, UINT32_MAX, 142857143}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fill(rows[i].rate, rows[i].burst);
        assert_true(weft_limiter_try_take(&limiter, rows[i].burst));
        assert_true(weft_limiter_try_take(&limiter, 0));
        assert_int_equal(there(), 0);
        pass(rows[i].step_ns - 1);
        assert_int_equal(there(), 0);
        pass(1);
        assert_int_equal(there(), 1);
    }
}

/* Unused tokens are kept up to the burst; more are lost. */
static void
a_bucket_has_a_rim(void **state)
{
    (void)state;
    fill(1000, 5);
    assert_int_equal(there(), 5);
    pass(UINT64_C(3600) * 1000000000);
    assert_false(weft_limiter_try_take(&limiter, 6));
    assert_int_equal(there(), 5);
    pass(3 * 1000000);
    assert_false(weft_limiter_try_take(&limiter, 4)); /* it takes all or none */
    assert_true(weft_limiter_try_take(&limiter, 2));
    assert_int_equal(there(), 1);
}

/* A take is refused if its tokens come after its deadline, and only then. */
static void
a_deadline_is_exact(void **state)
{
    (void)state;
    fill(1000, 5);
    assert_int_equal(weft_limiter_take_until(&limiter, 5, 0), WEFT_OK);
    assert_int_equal(weft_limiter_take_until(&limiter, 2, now + 1999999),
                     WEFT_ETIMEOUT);
    pass(2 * 1000000);
    assert_int_equal(there(), 2); /* the refused take has taken nothing */
}

static _Atomic int ended;

static void
take_two(void *deadline)
{
    CHECK(weft_limiter_take_until(&limiter, 2, *(uint64_t *)deadline) ==
          WEFT_OK);
    wf_add(&ended, 1, release);
}

/* The worker checks its timers between the fibers that it runs. */
static void
await_ended(int n)
{
    while (wf_load(&ended, acquire) < n)
        run_fiber(nothing, NULL);
    for (int i = 0; i < 100; i++)
        run_fiber(nothing, NULL);
    assert_int_equal(wf_load(&ended, acquire), n);
}

/* Waiters get their tokens in the order in which they began to wait, and not
 * before the tokens come. */
static void
who_waits_is_served(void **state)
{
    (void)state;
    uint64_t until[2] = {now + 2000000, WEFT_NEVER};
    fill(1000, 5);
    assert_int_equal(there(), 5);
    uint64_t full = limiter.full_ns;
    for (int i = 0; i < 2; i++) {
        spawn(take_two, &until[i]);
        full += 2000000;
        WAIT_FOR(wf_load((_Atomic uint64_t *)&limiter.full_ns, relaxed) ==
                 full);
    }
    pass(2000000 - 1);
    await_ended(0);
    assert_int_equal(there(), 0);
    pass(1100001); /* a timer may fire one tick late */
    await_ended(1);
    pass(2000000);
    await_ended(2);
    assert_int_equal(there(), 1); /* 5 came in 5.1 ms, 4 were taken */
}

static void
take_five(void *arg)
{
    (void)arg;
    CHECK(weft_limiter_take(&limiter, 5) == WEFT_ECANCEL);
}

static void
take_two_and_go(void *arg)
{
    (void)arg;
    CHECK(weft_limiter_take(&limiter, 2) == WEFT_OK);
    wf_add(&ended, 1, release);
}

/* Begin to wait for tokens, behind all fibers that wait already. */
static weft_fiber
queue_up(void (*take)(void *), uint32_t n)
{
    _Atomic uint64_t *full = (_Atomic uint64_t *)&limiter.full_ns;
    uint64_t before = wf_load(full, relaxed);
    weft_fiber fiber = spawn(take, NULL);
    WAIT_FOR(wf_load(full, relaxed) == before + n * UINT64_C(1000000));
    return fiber;
}

/* If the first waiter or another one gives up, the waiters behind it get its
 * tokens. */
static void
who_waits_moves_up(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        wf_store(&ended, 0, relaxed);
        fill(1000, 5);
        assert_int_equal(there(), 5);
        weft_fiber a, b, c, d;
        a = queue_up(first ? take_five : take_two_and_go, first ? 5 : 2);
        b = queue_up(first ? take_two_and_go : take_five, first ? 2 : 5);
        c = queue_up(take_two_and_go, 2);
        d = queue_up(take_five, 5);
        weft_fiber_cancel(first ? a : b);
        assert_int_equal(weft_fiber_join(first ? a : b), WEFT_OK);
        assert_int_equal(wf_load(&ended, acquire), 0);
        pass(2000000 - 1);
        await_ended(0);
        pass(1100001); /* a timer may fire one tick late */
        await_ended(1);
        assert_int_equal(there(), 0);
        pass(2000000);
        await_ended(2);
        weft_fiber_cancel(d);
        assert_int_equal(weft_fiber_join(d), WEFT_OK);
        assert_int_equal(weft_fiber_join(first ? b : a), WEFT_OK);
        assert_int_equal(weft_fiber_join(c), WEFT_OK);
        assert_int_equal(there(), 1); /* 5 came in 5.1 ms, 4 were taken */
    }
}

static void
what_is_no_limiter(void **state)
{
    (void)state;
    assert_int_equal(weft_limiter_init(&limiter, 0, 1), -EINVAL);
    assert_int_equal(weft_limiter_init(&limiter, 1000000001, 1), -EINVAL);
    assert_int_equal(weft_limiter_init(&limiter, 1, 0), -EINVAL);
    fill(1000, 5);
    assert_int_equal(weft_limiter_take(&limiter, 6), -EINVAL);
    assert_int_equal(weft_limiter_take(&limiter, 5), WEFT_OK);
    assert_int_equal(weft_limiter_take(&limiter, 6), -EINVAL);
}

static int
start(void **state)
{
    (void)state;
    alarm(120);
    wf_store(&now, START, release);
    wf_shim.now_ns = clock_ns;
    workers_start(1);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_comes_at_its_time),
        cmocka_unit_test(a_bucket_has_a_rim),
        cmocka_unit_test(a_deadline_is_exact),
        cmocka_unit_test(who_waits_is_served),
        cmocka_unit_test(who_waits_moves_up),
        cmocka_unit_test(what_is_no_limiter),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
