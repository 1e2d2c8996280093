/* SPDX-License-Identifier: MIT */
/* Policies: calls and clients do what the values of a document say. */
#include "policed.h"
#include "told_time.h"

/* ---- values of a method ---- */

static void
the_timeout_of_a_method(void **state)
{
    struct weft_call_info info;
    int64_t sum;
    (void)state;
    open_with("{\"methods\": {\"Trial.slow\": {\"timeout_ms\": 20}}}");
    assert_int_equal(call((struct weft_call_options){0}, &info, 500),
                     WEFT_ETIMEOUT);
    const struct weft_call_options own = {.deadline_ns =
                                              weft_after_ms(LONG_MS)};
    assert_int_equal(call(own, &info, 50), WEFT_OK);
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    end();
}

/* The time-out may be longer than that of the options, too. */
static void
no_timeout_at_all(void **state)
{
    struct wf_attempt a = {0};
    (void)state;
    open_with("{\"methods\": {\"*\": {\"timeout_ms\": \"none\"}}}");
    wf_policies_plan(wf_upstream_of(policed), &trial_add_method, &a);
    assert_int_equal(a.own_plan.timeout_ms, WEFT_NONE);
    end();
}

/* A server whose port is closed refuses each attempt. */
static uint32_t
n_attempts(const char *text)
{
    struct weft_call_info info;
    open_at(text, "127.0.0.1:1", (struct weft_upstream_options){0});
    const struct weft_call_options own = {.deadline_ns =
                                              weft_after_ms(LONG_MS)};
    assert_int_not_equal(call(own, &info, 0), WEFT_OK);
    end();
    return info.attempts.len;
}

static void
the_attempts_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(n_attempts("{\"methods\": {\"Trial.slow\": "
                                "{\"max_attempts\": 1}}}"),
                     1);
    assert_int_equal(n_attempts("{\"methods\": {\"Trial.slow\": "
                                "{\"max_attempts\": 5, "
                                "\"retry_pause_ms\": 1}}}"),
                     5);
}

/* Each attempt is given up; the last one lasts until the call's end. */
static void
the_time_of_an_attempt(void **state)
{
    struct weft_call_info info;
    (void)state;
    open_with("{\"methods\": {\"Trial.slow\": {\"max_attempts\": 2, "
              "\"attempt_timeout_ms\": 5, \"timeout_ms\": 100}}}");
    assert_int_equal(
        call((struct weft_call_options){.idempotent = true}, &info, 500),
        WEFT_ETIMEOUT);
    assert_int_equal(info.attempts.len, 2);
    end();
}

/* Begin an attempt by hand, and say when its hedge is due. */
static uint64_t
hedge_after(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    struct wf_attempt a = {.arena = &arena,
                           .is_idempotent = true,
                           .begun_ns = weft_now_ns(),
                           .deadline_ns = WEFT_NEVER,
                           .plan = &a.own_plan};
    for (uint32_t i = 0; i < wf_parts_count(); i++)
        wf_store(&of->latencies[i].p95_ns, 4321, relaxed);
    wf_policies_plan(of, &trial_add_method, &a);
    MUST(!wf_upstream_begin(of, &a, &endpoint));
    (void)wf_upstream_end(of, &a);
    weft_arena_fini(&arena);
    end();
    return a.hedge_ns ? a.hedge_ns - a.begun_ns : 0;
}

static void
the_hedge_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(hedge_after("{}"), 0);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": {\"hedge_ms\": 7}}}"),
                     7000000);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": "
                                 "{\"hedge_ms\": \"p95\"}}}"),
                     4321);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": "
                                 "{\"hedge_ms\": \"none\"}}}"),
                     0);
}

/* An attempt failed before its request was sent: the pause before the next. */
static uint64_t
pause_after(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    uint64_t longest = 0;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    for (int i = 0; i < 50; i++) {
        struct wf_attempt a = {.arena = &arena,
                               .begun_ns = weft_now_ns(),
                               .deadline_ns = WEFT_NEVER,
                               .plan = &a.own_plan,
                               .err = WEFT_EBROKEN};
        wf_policies_plan(of, &trial_add_method, &a);
        MUST(!wf_upstream_begin(of, &a, &endpoint));
        MUST(wf_upstream_end(of, &a));
        uint64_t now_ns = weft_now_ns();
        if (a.pause_ns > now_ns)
            longest = WF_MAX(longest, a.pause_ns - now_ns);
    }
    weft_arena_fini(&arena);
    end();
    return longest;
}

static void
the_pause_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(pause_after("{\"methods\": {\"*\": "
                                 "{\"retry_pause_ms\": \"none\"}}}"),
                     0);
    /* of 50 random parts of 1 s one is longer than any part of the default */
    assert_true(pause_after("{\"methods\": {\"*\": "
                            "{\"retry_pause_ms\": 1000}}}") > 100000000u);
}

/* ---- values of the client ---- */

/* Two servers, of which the first fails; returns after how many failures it is
 * ejected, at most 20, and for how long. */
static uint32_t
failures_until_ejected(const char *text, uint64_t *ejected_ns)
{
    struct wf_attempt a = {.err = WEFT_EBROKEN};
    uint32_t n = 0;
    save(text);
    now = weft_now_ns();
    make(2, (struct weft_upstream_options){.policy = source});
    a.begun_ns = now;
    struct wf_health *h = &ends[0]->health;
    while (n < 20 && !wf_health_is_ejected(h, now)) {
        wf_health_failed(up, ends[0], &a, now);
        n++;
    }
    *ejected_ns = wf_load(&h->until_ns, relaxed) - now;
    weft_client_free(client);
    MUST(!unlink(path));
    return n;
}

static void
failures_and_times_of_ejections(void **state)
{
    uint64_t ns;
    (void)state;
    assert_int_equal(failures_until_ejected("{}", &ns), 5);
    assert_int_equal(failures_until_ejected("{\"client\": "
                                            "{\"eject_failures\": 2, "
                                            "\"eject_ms\": 7000}}",
                                            &ns),
                     2);
    assert_int_equal(ns, 7000000000u);
    assert_int_equal(failures_until_ejected("{\"client\": "
                                            "{\"eject_failures\": \"none\"}}",
                                            &ns),
                     20);
}

/* Of ten servers, how many can be ejected; and whether that is heeded. */
static uint32_t
most_ejected(const char *text, bool *is_heeded)
{
    uint32_t n = 0;
    save(text);
    now = weft_now_ns();
    make(10, (struct weft_upstream_options){.policy = source});
    for (int i = 0; i < 10; i++) {
        struct wf_attempt a = {.err = WEFT_EBROKEN, .begun_ns = now};
        for (int k = 0; k < 5; k++)
            wf_health_failed(up, ends[i], &a, now);
        n += wf_health_is_ejected(&ends[i]->health, now);
    }
    *is_heeded = wf_health_is_heeded(up, 10);
    weft_client_free(client);
    MUST(!unlink(path));
    return n;
}

static void
parts_that_are_ejected(void **state)
{
    bool is_heeded;
    (void)state;
    assert_int_equal(most_ejected("{}", &is_heeded), 1);
    assert_true(is_heeded);
    assert_int_equal(
        most_ejected("{\"client\": {\"eject_percent\": 40}}", &is_heeded), 4);
    assert_true(is_heeded);
    assert_int_equal(most_ejected("{\"client\": {\"eject_percent\": 40, "
                                  "\"panic_percent\": 70}}",
                                  &is_heeded),
                     4);
    assert_false(is_heeded);
}

/* How many retries 100 calls and the reserve pay. */
static uint32_t
retries_paid(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    uint32_t n = 0;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    struct wf_attempt a = {.arena = &arena, .plan = &a.own_plan};
    a.deadline_ns = WEFT_NEVER;
    wf_policies_plan(of, &trial_add_method, &a);
    for (int i = 0; i < 100; i++) {
        a.begun_ns = weft_now_ns();
        a.err = WEFT_OK;
        a.reach = WEFT_CALL_ANSWERED;
        MUST(!wf_upstream_begin(of, &a, &endpoint));
        (void)wf_upstream_end(of, &a);
    }
    while (n < 1000 && wf_upstream_give_up(of, &a)) {
        a.is_paid = false;
        n++;
    }
    weft_arena_fini(&arena);
    end();
    return n;
}

/* A period of the reserve may end meanwhile, so it may lend twice. */
static void
the_budget(void **state)
{
    (void)state;
    assert_int_equal(retries_paid("{\"client\": {\"retry_percent\": 0, "
                                  "\"retry_reserve\": 0}}"),
                     0);
    assert_int_equal(retries_paid("{\"client\": {\"retry_percent\": 50, "
                                  "\"retry_reserve\": 0}}"),
                     50);
    uint32_t n = retries_paid("{\"client\": {\"retry_percent\": 0, "
                              "\"retry_reserve\": 30}}");
    assert_true(n == 30 || (n > 30 && n <= 60));
}

/* ---- breakers ---- */

/* Begin an attempt by hand, and let it fail. false: the breaker is open. */
static bool
fail_once(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    struct wf_upstream *of = wf_upstream_of(policed);
    struct wf_attempt a = {.arena = &arena,
                           .begun_ns = weft_now_ns(),
                           .deadline_ns = WEFT_NEVER,
                           .plan = &a.own_plan};
    wf_policies_plan(of, &trial_add_method, &a);
    weft_err err = wf_upstream_begin(of, &a, &endpoint);
    MUST(!err || err == WEFT_ENOENDPOINT);
    a.err = WEFT_ETIMEOUT;
    a.reach = WEFT_CALL_MAYBE_HANDLED;
    if (!err)
        (void)wf_upstream_end(of, &a);
    weft_arena_fini(&arena);
    return !err;
}

/* So many failures open the breaker of a client; 100: none does. */
static uint32_t
failures_to_open(const char *text, bool breaker)
{
    uint32_t n = 0;
    open_at(text, house.address,
            (struct weft_upstream_options){.breaker = breaker,
                                           .breaker_window = 40,
                                           .breaker_ms = 3600000,
                                           .breaker_most_ms = 3600000,
                                           .eject_failures = WEFT_NONE});
    while (n < 100 && fail_once())
        n++;
    return n;
}

static void
when_a_breaker_opens(void **state)
{
    static const struct {
        const char *text;
        bool breaker;
        uint32_t n;
    } rows[] = {{"{}", false, 100},
                {"{}", true, 4},
                {"{\"client\": {\"breaker_percent\": 50}}", false, 20},
                {"{\"client\": {\"breaker_percent\": 50}}", true, 20},
                {"{\"client\": {\"breaker_percent\": 50, "
                 "\"breaker_window\": 80}}",
                 true, 40},
                {"{\"client\": {\"breaker_percent\": \"none\"}}", true, 100}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(failures_to_open(rows[i].text, rows[i].breaker),
                         rows[i].n);
        end();
    }
}

/* One that is open closes, or has its trial, also if none opens any more. */
static void
how_long_a_breaker_is_open(void **state)
{
    static const char *const texts[] = {
        "{\"client\": {\"breaker_percent\": 10, \"breaker_ms\": 1}}",
        "{\"client\": {\"breaker_percent\": 10, \"breaker_most_ms\": 1}}"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        (void)failures_to_open(texts[i], false);
        AWAIT(fail_once());
        save("{\"client\": {\"breaker_percent\": \"none\", "
             "\"breaker_most_ms\": 1}}");
        AWAIT(n_taken() == 2);
        AWAIT(fail_once());
        end();
    }
    assert_int_equal(
        failures_to_open("{\"client\": {\"breaker_percent\": 10}}", false), 4);
    assert_false(fail_once());
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timeout_of_a_method),
        cmocka_unit_test(no_timeout_at_all),
        cmocka_unit_test(the_attempts_of_a_method),
        cmocka_unit_test(the_time_of_an_attempt),
        cmocka_unit_test(the_hedge_of_a_method),
        cmocka_unit_test(the_pause_of_a_method),
        cmocka_unit_test(failures_and_times_of_ejections),
        cmocka_unit_test(parts_that_are_ejected),
        cmocka_unit_test(the_budget),
        cmocka_unit_test(when_a_breaker_opens),
        cmocka_unit_test(how_long_a_breaker_is_open),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
