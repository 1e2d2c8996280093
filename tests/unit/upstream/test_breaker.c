/* SPDX-License-Identifier: MIT */
/*
 * The breaker of an endpoint. Most tests say what time it is, and tell of
 * attempts that nobody has made.
 */
#include "unit/upstream/told_time.h"

#include "fiber/task.h"

#include <sched.h>
#include <string.h>

#define MS 1000000u

/* ---- attempts that nobody makes ---- */

enum outcome { ANSWERED, FAILED, GIVEN_UP };

static void
end(struct wf_endpoint *endpoint, struct wf_attempt *a, enum outcome how,
    uint64_t took)
{
    a->err = how == FAILED ? WEFT_ETIMEOUT : how ? WEFT_ECANCEL : WEFT_OK;
    a->reach = how == ANSWERED ? WEFT_CALL_ANSWERED : WEFT_CALL_MAYBE_HANDLED;
    wf_breaker_note(up, endpoint, a, wf_attempt_has_failed(a),
                    a->begun_ns + took);
}

static void
attempt(struct wf_endpoint *endpoint, int n, enum outcome how)
{
    for (int i = 0; i < n; i++) {
        struct wf_attempt a = {.begun_ns = now};
        end(endpoint, &a, how, MS);
    }
}

/* A client with a breaker, of which one worker makes all calls. */
static void
make_with(uint32_t n, struct weft_upstream_options options)
{
    weft_client_free(client);
    options.breaker = true;
    make(n, options);
    wf_store(&up->n_parts, 2, relaxed);
    for (uint32_t i = 0; i < n; i++)
        MUST(wf_endpoint_loads(ends[i]));
}

#define WITH(...) ((struct weft_upstream_options){__VA_ARGS__})

static uint64_t
until(const struct wf_endpoint *endpoint)
{
    return wf_load(&endpoint->breaker.until_ns, relaxed);
}

static bool
is_closed(const struct wf_endpoint *endpoint)
{
    return until(endpoint) == 0;
}

/* Let the time pass that the breaker is open, and begin the trial. */
static struct wf_attempt
try_it(struct wf_endpoint *endpoint)
{
    struct wf_attempt a = {.begun_ns = until(endpoint)};
    now = a.begun_ns;
    assert_true(wf_breaker_admits(endpoint, &a));
    assert_true(a.is_trial);
    return a;
}

/* Open a closed breaker. Returns for how long it is open. */
static uint64_t
trip(struct wf_endpoint *endpoint)
{
    assert_true(is_closed(endpoint));
    for (int i = 0; i < 100000 && is_closed(endpoint); i++)
        attempt(endpoint, 1, FAILED);
    assert_false(is_closed(endpoint));
    return until(endpoint) - now - MS; /* each attempt takes 1 ms */
}

/* ---- when it opens ---- */

static void
failures_in_a_new_window_open(void **state)
{
    (void)state;
    make_with(2, WITH(0));
    attempt(ends[0], 1000, ANSWERED);
    attempt(ends[0], 149, FAILED);
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 1, FAILED); /* 10 % of 1,500 */
    assert_false(is_closed(ends[0]));
    assert_true(is_closed(ends[1]));
}

/* 6 % are too few for the short window, but not for the long one. */
static void
the_long_window_has_a_lower_bound(void **state)
{
    (void)state;
    make_with(1, WITH(.breaker_window = 1000));
    for (int i = 0; i < 16; i++) {
        attempt(ends[0], 94, ANSWERED);
        attempt(ends[0], 6, FAILED);
    }
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 94, ANSWERED);
    attempt(ends[0], 3, FAILED);
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 1, FAILED); /* the hundredth: 5 % of 2,000 */
    assert_false(is_closed(ends[0]));
}

/* The windows are full. How many failures in a row open the breaker, if each
 * takes so many times as long as an answer? */
static int
failures_until_open(double times)
{
    make_with(1, WITH(.breaker_window = 1000));
    attempt(ends[0], 5000, ANSWERED);
    int n = 0;
    while (is_closed(ends[0]) && n < 10000) {
        struct wf_attempt a = {.begun_ns = now};
        end(ends[0], &a, FAILED, (uint64_t)(times * MS));
        n++;
    }
    return n;
}

/* The bound is 102: 10 % of 1,000, and 2 % more. */
static void
slow_failures_cost_more(void **state)
{
    (void)state;
    assert_in_range(failures_until_open(1), 102, 103);
    assert_in_range(failures_until_open(0.01), 102, 103);
    assert_in_range(failures_until_open(1.5), 68, 69);
    assert_in_range(failures_until_open(2), 51, 52);
    assert_in_range(failures_until_open(1000), 51, 52);
}

/* Random outcomes, compared with the definition. */
static void
the_definition_holds(void **state)
{
    enum { SHORT = 200, ROUNDS = 200, FIRST = 2 * SHORT };
    static const double keeps[2] = {1 - 3.912023 / SHORT,
                                    1 - 3.912023 / (2 * SHORT)};
    static const double bounds[2] = {SHORT * 0.102, 2 * SHORT * 0.051};
    int n_opened = 0;
    (void)state;
    wf_task_self()->random = 1;
    for (int round = 0; round < ROUNDS; round++) {
        double costs[2] = {0, 0};
        uint32_t percent = 5 + (uint32_t)round % 30;
        bool is_open = false, is_near = false;
        make_with(1, WITH(.breaker_window = SHORT));
        attempt(ends[0], FIRST, ANSWERED);
        for (int i = 0; i < 3 * SHORT && !is_open; i++) {
            bool fails = wf_task_random(wf_task_self()) % 100 < percent;
            attempt(ends[0], 1, fails ? FAILED : ANSWERED);
            for (int k = 0; k < 2; k++) {
                costs[k] = fails ? costs[k] + 1 : costs[k] * keeps[k];
                is_open = is_open || (fails && costs[k] > bounds[k]);
                is_near = is_near || (costs[k] > bounds[k] - 0.01 &&
                                      costs[k] < bounds[k] + 0.01);
            }
            assert_true(is_near || is_open == !is_closed(ends[0]));
        }
        n_opened += is_open;
    }
    assert_in_range(n_opened, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

/* Each worker has a window of its part. */
static void
workers_share_the_window(void **state)
{
    (void)state;
    make_with(1, WITH(0));
    wf_store(&up->n_parts, 11, relaxed); /* ten workers */
    attempt(ends[0], 14, FAILED);
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 1, FAILED); /* 10 % of 150 */
    assert_false(is_closed(ends[0]));
    make_with(1, WITH(.breaker_percent = 50));
    wf_store(&up->n_parts, 200, relaxed);
    attempt(ends[0], 9, FAILED);
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 1, FAILED); /* at least 20 are a window */
    assert_false(is_closed(ends[0]));
}

/* A refusal is no failure of the server, and a cancelled call says nothing. */
static void
others_do_not_count(void **state)
{
    (void)state;
    make_with(1, WITH(.breaker_window = 20));
    attempt(ends[0], 1000, GIVEN_UP);
    for (int i = 0; i < 1000; i++) {
        struct wf_attempt a = {.begun_ns = now,
                               .err = WEFT_EOVERLOAD - WEFT_PEER,
                               .reach = WEFT_CALL_ANSWERED};
        MUST(wf_attempt_has_failed(&a));
        wf_breaker_note(up, ends[0], &a, true, now);
    }
    assert_true(is_closed(ends[0]));
}

/* ---- the pause and the trial ---- */

static void
each_pause_is_longer(void **state)
{
    uint64_t pause = 100;
    (void)state;
    make_with(1, WITH(0));
    assert_true(trip(ends[0]) == pause * MS);
    for (int i = 0; i < 12; i++) {
        struct wf_attempt a = try_it(ends[0]);
        end(ends[0], &a, FAILED, MS);
        pause = WF_MIN(2 * pause, 30000);
        assert_true(until(ends[0]) == now + (pause + 1) * MS);
    }
}

/* If the breaker was closed for long, the pause begins anew. */
static void
a_long_good_time_shortens_the_pause(void **state)
{
    (void)state;
    make_with(1, WITH(0));
    assert_true(trip(ends[0]) == 100 * MS);
    struct wf_attempt a = try_it(ends[0]);
    end(ends[0], &a, ANSWERED, MS);
    now += 29 * (uint64_t)SECOND;
    assert_true(trip(ends[0]) == 200 * MS);
    a = try_it(ends[0]);
    end(ends[0], &a, ANSWERED, MS);
    now += 30 * (uint64_t)SECOND + MS;
    assert_true(trip(ends[0]) == 100 * MS);
}

static void
options_set_the_pause(void **state)
{
    (void)state;
    make_with(1, WITH(.breaker_ms = 7, .breaker_most_ms = 20));
    assert_true(trip(ends[0]) == 7 * MS);
    static const uint64_t pauses[] = {14, 20, 20};
    for (int i = 0; i < 3; i++) {
        struct wf_attempt a = try_it(ends[0]);
        end(ends[0], &a, FAILED, 0);
        assert_true(until(ends[0]) == now + pauses[i] * MS);
    }
}

static void
one_attempt_is_the_trial(void **state)
{
    (void)state;
    make_with(1, WITH(0));
    (void)trip(ends[0]);
    struct wf_attempt early = {.begun_ns = until(ends[0]) - 1};
    assert_false(wf_breaker_admits(ends[0], &early));
    struct wf_attempt trial = try_it(ends[0]);
    for (int i = 0; i < 10; i++) {
        struct wf_attempt a = {.begun_ns = now + (uint64_t)i * SECOND};
        assert_false(wf_breaker_admits(ends[0], &a));
    }
    end(ends[0], &trial, GIVEN_UP, MS); /* so the next one is the trial */
    assert_true(until(ends[0]) == now + MS);
    trial = try_it(ends[0]);
    end(ends[0], &trial, ANSWERED, MS);
    assert_true(is_closed(ends[0]));
    struct wf_attempt next = {.begun_ns = now + MS};
    assert_true(wf_breaker_admits(ends[0], &next));
    assert_false(next.is_trial);
}

/* Attempts that began before the last change say nothing. After it the windows
 * begin anew. */
static void
a_change_voids_what_was_counted(void **state)
{
    (void)state;
    make_with(1, WITH(.breaker_window = 100));
    struct wf_attempt old = {.begun_ns = now};
    now += SECOND;
    (void)trip(ends[0]);
    for (int i = 0; i < 100; i++)
        end(ends[0], &old, FAILED, 2 * (uint64_t)SECOND);
    assert_int_equal(wf_load(&ends[0]->breaker.epoch, relaxed), 1);
    struct wf_attempt trial = try_it(ends[0]);
    end(ends[0], &trial, ANSWERED, 0);
    for (int i = 0; i < 100; i++)
        end(ends[0], &old, FAILED, 2 * (uint64_t)SECOND);
    attempt(ends[0], 9, FAILED);
    assert_true(is_closed(ends[0]));
    attempt(ends[0], 1, FAILED);
    assert_false(is_closed(ends[0]));
}

/* An endpoint that leaves the list counts no longer as open, even if its trial
 * ends after that. */
static void
who_leaves_the_list_is_not_counted(void **state)
{
    (void)state;
    make_with(3, WITH(0));
    struct wf_endpoint *first = ends[0];
    (void)trip(first);
    (void)trip(ends[1]);
    struct wf_attempt trial = try_it(first);
    assert_int_equal(wf_load(&up->breakers.n_open, relaxed), 2);
    uint32_t part = wf_parts_index();
    (void)wf_snapshot_enter(up, part); /* keeps the old list */
    set_list(1, 2);
    assert_int_equal(wf_load(&up->breakers.n_open, relaxed), 1);
    end(first, &trial, FAILED, MS);
    attempt(first, 1000, FAILED);
    assert_int_equal(wf_load(&up->breakers.n_open, relaxed), 1);
    wf_snapshot_leave(up, part);
    assert_false(is_closed(ends[0])); /* it stays in the list */
}

/* ---- what others see ---- */

static void
check_view(enum weft_endpoint_state state, uint32_t openings,
           uint64_t changed_ns, const char *reason)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_view v = {.weight = 1};
    MUST(!wf_health_view(up, ends[0], &arena, &v));
    MUST(!wf_breaker_view(ends[0], &arena, &v));
    assert_int_equal(v.state, state);
    assert_int_equal(v.openings, openings);
    assert_true(v.changed_ns == changed_ns);
    assert_true(weft_str_eq(v.reason, weft_str_of(reason)));
    weft_arena_fini(&arena);
}

static void
the_view_tells_why(void **state)
{
    (void)state;
    make_with(1, WITH(.eject_failures = WEFT_NONE));
    check_view(WEFT_ENDPOINT_USABLE, 0, 0, "");
    (void)trip(ends[0]);
    check_view(WEFT_ENDPOINT_OPEN, 1, now + MS,
               "too many attempts have failed, the last one: the deadline has "
               "passed");
    struct wf_attempt a = try_it(ends[0]);
    check_view(WEFT_ENDPOINT_HALF_OPEN, 1, now,
               "one call is in flight as a trial");
    end(ends[0], &a, FAILED, MS);
    check_view(WEFT_ENDPOINT_OPEN, 2, now + MS,
               "the trial has failed: the deadline has passed");
    a = try_it(ends[0]);
    end(ends[0], &a, GIVEN_UP, MS);
    check_view(WEFT_ENDPOINT_OPEN, 3, now + MS,
               "the trial has ended without an answer");
    a = try_it(ends[0]);
    end(ends[0], &a, ANSWERED, MS);
    check_view(WEFT_ENDPOINT_USABLE, 3, now + MS,
               "its breaker is closed again");
}

/* Returns how often the endpoint is chosen. */
static uint32_t
chosen(const struct wf_endpoint *endpoint)
{
    const struct wf_attempt a = {.part = wf_parts_index()};
    MUST(wf_task_self() != NULL); /* as a call does */
    const struct wf_snapshot *list = wf_snapshot_enter(up, a.part);
    uint32_t n = 0;
    for (uint32_t i = 0; i < 10 * list->n; i++)
        n += wf_balance(up, list, &up->parts[a.part], &a, now) == endpoint;
    wf_snapshot_leave(up, a.part);
    return n;
}

static void
an_open_breaker_is_not_chosen(void **state)
{
    (void)state;
    make_with(3, WITH(0));
    assert_int_equal(chosen(ends[0]), 10);
    (void)trip(ends[0]);
    assert_int_equal(chosen(ends[0]), 0);
    (void)trip(ends[1]);
    assert_int_equal(chosen(ends[2]), 30);
    (void)trip(ends[2]);
    assert_int_equal(chosen(NULL), 30);
    now += 200 * MS;
    assert_int_equal(chosen(ends[0]), 10);
}

/* Without the option nothing opens. */
static void
it_is_off_by_default(void **state)
{
    (void)state;
    make(1, WITH(.eject_failures = WEFT_NONE));
    for (int i = 0; i < 2000; i++) {
        struct weft_client *server;
        struct wf_attempt a = {.begun_ns = wf_sys_now_ns(),
                               .deadline_ns = WEFT_NEVER,
                               .plan = &up->plan};
        MUST(wf_task_self() != NULL);
        MUST(!wf_upstream_begin(up, &a, &server));
        a.err = WEFT_ETIMEOUT;
        a.reach = WEFT_CALL_MAYBE_HANDLED;
        (void)wf_upstream_end(up, &a);
    }
    assert_true(is_closed(ends[0]));
}

static void
wrong_options(void **state)
{
    static const struct weft_upstream_options wrong[] = {
        {.breaker_window = 1000001},
        {.breaker_window = WEFT_NONE},
        {.breaker_percent = 101},
        {.breaker_ms = 30001},
        {.breaker_ms = WEFT_NONE},
        {.breaker_ms = 11, .breaker_most_ms = 10},
        {.breaker_most_ms = 86400001},
        {.breaker_most_ms = WEFT_NONE}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct weft_client_options options = {.upstream = &wrong[i]};
        assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
    }
}

/* A call that finds all breakers open ends at once, and says so. */
static void
calls_fail_at_once_if_all_are_open(void **state)
{
    struct weft_call_info info;
    struct weft_arena arena = WEFT_ARENA_INIT;
    const struct weft_call_options options = {.info = &info};
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result = {0};
    (void)state;
    make_with(2, WITH(.breaker_ms = 86400000, .breaker_most_ms = 86400000));
    now = wf_sys_now_ns();
    (void)trip(ends[0]);
    (void)trip(ends[1]);
    assert_int_equal(trial_Trial_add(client, &arena, &args, &result, &options),
                     WEFT_ENOENDPOINT);
    assert_non_null(strstr(info.text.ptr, "the breakers of all 2 are open"));
    weft_arena_fini(&arena);
}

/* ---- many threads ---- */

enum { THREADS = 6, TRIALS = 300 };

static _Atomic uint32_t n_trials, n_at_once;

static void
run_one(void)
{
    struct weft_client *server;
    struct wf_attempt a = {.begun_ns = wf_sys_now_ns(),
                           .deadline_ns = WEFT_NEVER,
                           .plan = &up->plan};
    MUST(wf_task_self() != NULL);
    if (wf_upstream_begin(up, &a, &server)) {
        sched_yield();
        return;
    }
    if (a.is_trial) {
        MUST(wf_add(&n_at_once, 1, relaxed) == 0);
        sched_yield();
        MUST(wf_sub(&n_at_once, 1, relaxed) == 1);
    }
    bool fails = !a.is_trial || wf_add(&n_trials, 1, relaxed) % 3;
    a.err = fails ? WEFT_ETIMEOUT : WEFT_OK;
    a.reach = fails ? WEFT_CALL_MAYBE_HANDLED : WEFT_CALL_ANSWERED;
    (void)wf_upstream_end(up, &a);
}

static void *
run_many(void *arg)
{
    (void)arg;
    while (wf_load(&n_trials, relaxed) < TRIALS)
        run_one();
    return NULL;
}

/* Many threads choose at the moment at which the breaker is to be tried: there
 * is never a second trial. */
static void
threads_make_one_trial(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    make_with(1,
              WITH(.breaker_window = 20, .breaker_ms = 1, .breaker_most_ms = 1,
                   .max_attempts = 1, .eject_failures = WEFT_NONE));
    for (int i = 0; i < THREADS; i++)
        MUST(!pthread_create(&threads[i], NULL, run_many, NULL));
    for (int i = 0; i < THREADS; i++)
        MUST(!pthread_join(threads[i], NULL));
    assert_int_equal(wf_load(&up->breakers.n_open, relaxed),
                     !is_closed(ends[0]));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_clock, free_client)
    const struct CMUnitTest tests[] = {
        TEST(failures_in_a_new_window_open),
        TEST(the_long_window_has_a_lower_bound),
        TEST(slow_failures_cost_more),
        TEST(the_definition_holds),
        TEST(workers_share_the_window),
        TEST(others_do_not_count),
        TEST(each_pause_is_longer),
        TEST(a_long_good_time_shortens_the_pause),
        TEST(options_set_the_pause),
        TEST(one_attempt_is_the_trial),
        TEST(a_change_voids_what_was_counted),
        TEST(who_leaves_the_list_is_not_counted),
        TEST(the_view_tells_why),
        TEST(an_open_breaker_is_not_chosen),
        TEST(it_is_off_by_default),
        TEST(wrong_options),
        TEST(calls_fail_at_once_if_all_are_open),
        TEST(threads_make_one_trial),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
