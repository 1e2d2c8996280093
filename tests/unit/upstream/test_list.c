/* SPDX-License-Identifier: MIT */
/* Clients of a list of servers. */
#include "unit/rpc/rpc_test.h"
#include "upstream/upstream.h"

enum { N = 4 };

static struct house houses[N];
static char target[256];

static int
open_houses(void **state)
{
    (void)state;
    strcpy(target, "list:");
    for (int i = 0; i < N; i++) {
        house_open(&houses[i], NULL, NULL, NULL);
        strcat(target, i ? "," : "");
        strcat(target, houses[i].address);
    }
    return 0;
}

static int
close_houses(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        house_close(&houses[i]);
    return 0;
}

static struct weft_client *
new_client(const char *to, enum weft_balance balance)
{
    struct weft_upstream_options upstream = {.balance = balance,
                                             .slow_start_ms = WEFT_NONE};
    struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    MUST(!weft_client_new(to, &options, &client));
    return client;
}

static uint64_t
executed(int i)
{
    return wf_load(&houses[i].trial.executed, seq_cst);
}

static void
adds(struct weft_client *client, int n)
{
    int64_t sum;
    for (int i = 0; i < n; i++) {
        assert_int_equal(call_add(client, i, 2, &sum), WEFT_OK);
        assert_int_equal(sum, i + 2);
    }
}

static void
round_robin_goes_to_each_in_turn(void **state)
{
    (void)state;
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    adds(client, 10 * N);
    for (int i = 0; i < N; i++)
        assert_int_equal(executed(i), 10);
    weft_client_free(client);
}

static void
every_way_calls_every_server(void **state)
{
    (void)state;
    static const enum weft_balance ways[] = {WEFT_P2C, WEFT_RANDOM, WEFT_LEAST};
    for (size_t k = 0; k < 3; k++) {
        uint64_t before[N];
        for (int i = 0; i < N; i++)
            before[i] = executed(i);
        struct weft_client *client = new_client(target, ways[k]);
        adds(client, 400);
        for (int i = 0; i < N; i++)
            assert_true(executed(i) > before[i]);
        weft_client_free(client);
    }
}

static void
weights_are_heeded(void **state)
{
    char text[500];
    (void)state;
    snprintf(text, sizeof text, "list:%s;weight=30,%s;weight=10,%s;weight=20",
             houses[0].address, houses[1].address, houses[2].address);
    struct weft_client *client = new_client(text, WEFT_ROUND_ROBIN);
    adds(client, 60);
    assert_int_equal(executed(0), 30);
    assert_int_equal(executed(1), 10);
    assert_int_equal(executed(2), 20);
    weft_client_free(client);
}

/* The calls that found the server gone go to the others. */
static void
a_server_that_is_gone_costs_no_call(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    struct weft_client_stats stats;
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    weft_arena_init(&arena, 0);
    adds(client, N);
    MUST(!weft_server_stop(houses[1].server));
    AWAIT((weft_client_get_stats(client, &stats), stats.ended == 1));
    uint32_t n_retried = 0;
    for (int i = 0; i < 20 * N; i++) {
        assert_int_equal(
            trial_Trial_add(client, &arena, &args, &result, &options), WEFT_OK);
        struct weft_call_attempt *a = info.attempts.items;
        assert_in_range(info.attempts.len, 1, 2);
        assert_int_equal(info.attempts.items[info.attempts.len - 1].err, 0);
        if (info.attempts.len == 1)
            continue;
        n_retried++;
        assert_int_equal(a->err, WEFT_ECONNECT);
        assert_int_equal(a->reach, WEFT_CALL_NOT_SENT);
        assert_true(weft_str_eq(a->endpoint, weft_str_of(houses[1].address)));
        assert_non_null(strstr(a->text.ptr, "Connection refused"));
    }
    assert_true(n_retried > 0);
    weft_arena_fini(&arena);
    weft_client_free(client);
}

static void
no_server_is_left(void **state)
{
    int64_t sum;
    (void)state;
    struct weft_client *client = new_client("list:", WEFT_P2C);
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ENOENDPOINT);
    const struct weft_endpoint one = {.address = houses[2].address};
    assert_int_equal(weft_client_set_endpoints(client, &one, 1), WEFT_OK);
    adds(client, 3);
    assert_int_equal(executed(2), 3);
    assert_int_equal(weft_client_set_endpoints(client, NULL, 0), WEFT_OK);
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ENOENDPOINT);
    weft_client_free(client);
}

/* An endpoint that stays in the list keeps its connection, and calls in flight
 * on one that leaves end as usual. */
static void
a_list_is_replaced_under_calls(void **state)
{
    (void)state;
    struct weft_endpoint ends[N];
    struct weft_client_stats stats;
    static struct caller inside;
    for (int i = 0; i < N; i++)
        ends[i] = (struct weft_endpoint){.address = houses[i].address};
    struct weft_client *client = new_client("list:", WEFT_ROUND_ROBIN);
    assert_int_equal(weft_client_set_endpoints(client, &ends[0], 1), WEFT_OK);
    inside = (struct caller){.client = client, .number = 7};
    caller_start(&inside);
    AWAIT(wf_load(&houses[0].trial.inside, acquire) == 1);
    assert_int_equal(weft_client_set_endpoints(client, &ends[1], 3), WEFT_OK);
    adds(client, 9);
    for (int i = 1; i < N; i++)
        assert_int_equal(executed(i), 3);
    for (int k = 0; k < 100; k++)
        assert_int_equal(weft_client_set_endpoints(client, &ends[1 + k % 3], 1),
                         WEFT_OK);
    weft_sem_give(&houses[0].trial.gate, 1);
    caller_join(&inside);
    assert_int_equal(inside.err, WEFT_OK);
    assert_int_equal(weft_client_set_endpoints(client, ends, N), WEFT_OK);
    weft_client_get_stats(client, &stats);
    assert_int_equal(stats.broken, 0);
    weft_client_free(client);
}

static void
what_is_wrong_leaves_the_old_list(void **state)
{
    (void)state;
    struct weft_endpoint one = {.address = houses[0].address};
    struct weft_endpoint twice[] = {one, one};
    struct weft_client *client = new_client("list:", WEFT_P2C);
    MUST(!weft_client_set_endpoints(client, &one, 1));
    assert_int_equal(weft_client_set_endpoints(client, twice, 2),
                     WEFT_EADDRESS);
    one.weight = 1000001;
    assert_int_equal(weft_client_set_endpoints(client, &one, 1), -EINVAL);
    one = (struct weft_endpoint){.address = "nothing"};
    assert_int_equal(weft_client_set_endpoints(client, &one, 1), WEFT_EADDRESS);
    assert_int_equal(weft_client_set_endpoints(client, &one, 65537), -EINVAL);
    adds(client, 3);
    assert_int_equal(weft_client_set_endpoints(houses[0].client, &one, 1),
                     -EINVAL);
    weft_client_free(client);

    static const char *const bad[] = {"list:a",       "list:,",
                                      "list:a:1,a:1", "list:a:1;weight=0",
                                      "list:a:1;x=1", "list:a:1;weight=1x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(weft_client_new(bad[i], NULL, &client), WEFT_EADDRESS);
        assert_null(client);
    }
    struct weft_upstream_options upstream = {.max_attempts = 9};
    struct weft_client_options options = {.upstream = &upstream};
    assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
}

static void
the_view_counts(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct weft_endpoint_views views;
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    weft_arena_init(&arena, 0);
    adds(client, 2 * N);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, N);
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(views.items[i].weight, 1);
        assert_int_equal(views.items[i].attempts, 2);
        assert_int_equal(views.items[i].failures, 0);
        assert_int_equal(views.items[i].in_flight, 0);
        assert_true(views.items[i].latency_ns > 0);
    }
    weft_arena_fini(&arena);
    weft_client_free(client);
}

/* A call that cannot be written is not sent again, and is no failure of its
 * server. */
static void
what_cannot_be_written_blames_nobody(void **state)
{
    (void)state;
    struct weft_arena arena;
    struct weft_endpoint_views views;
    struct weft_header header = {WEFT_STR("key"), WEFT_STR("value")};
    const struct weft_headers headers = {&header, 1, 1};
    struct weft_call_info info;
    const struct weft_call_options options = {.headers = &headers,
                                              .info = &info};
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    weft_arena_init(&arena, 0);
    assert_int_equal(trial_Trial_add(client, &arena, &args, &result, &options),
                     WEFT_EHEADER);
    assert_int_equal(info.attempts.len, 1);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    uint64_t attempts = 0;
    for (uint32_t i = 0; i < N; i++) {
        attempts += views.items[i].attempts;
        assert_int_equal(views.items[i].failures, 0);
        assert_int_equal(views.items[i].latency_ns, 0);
    }
    assert_int_equal(attempts, 1);
    weft_arena_fini(&arena);
    weft_client_free(client);
}

/* A begun call for which the arena has no room is one that has ended. */
static void
a_begun_call_without_memory(void **state)
{
    (void)state;
    struct trial_add_args args = {.a = 1, .b = 2};
    struct weft_client *client = new_client(target, WEFT_P2C);
    for (size_t budget = 64; budget < 8192; budget += 64) {
        struct weft_arena arena;
        struct weft_pending call;
        struct trial_add_result result = {.which = 0};
        weft_arena_init(&arena, budget);
        trial_Trial_add_begin(client, &arena, &args, &result, NULL, &call);
        weft_err err = weft_await(&call);
        assert_true(err == WEFT_EBUDGET ? result.which == WEFT_RESULT_NONE
                                        : err == WEFT_OK);
        weft_arena_fini(&arena);
    }
    weft_client_free(client);
}

/* Calls that are begun go to the servers as others do. */
static void
begun_calls(void **state)
{
    enum { CALLS = 16 };
    (void)state;
    struct weft_arena arena;
    struct weft_pending calls[CALLS];
    struct trial_add_args args = {.a = 40, .b = 2};
    struct trial_add_result results[CALLS];
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    MUST(!weft_server_stop(houses[3].server));
    weft_arena_init(&arena, 0);
    for (int i = 0; i < CALLS; i++)
        trial_Trial_add_begin(client, &arena, &args, &results[i], NULL,
                              &calls[i]);
    for (int i, n = 0; n < CALLS; n++) {
        i = weft_await_any(calls, CALLS);
        assert_in_range(i, 0, CALLS - 1);
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
        assert_int_equal(results[i].success, 42);
    }
    assert_int_equal(executed(0) + executed(1) + executed(2), CALLS);
    weft_arena_fini(&arena);
    weft_client_free(client);
}

static uint32_t
n_inside(void)
{
    uint32_t n = 0;
    for (int i = 0; i < N; i++)
        n += wf_load(&houses[i].trial.inside, acquire);
    return n;
}

/* The free of the client ends calls in flight at every server. */
static void
calls_end_when_the_client_is_freed(void **state)
{
    (void)state;
    static struct caller inside[N];
    struct weft_client *client = new_client(target, WEFT_ROUND_ROBIN);
    for (int i = 0; i < N; i++) {
        inside[i] = (struct caller){.client = client};
        caller_start(&inside[i]);
    }
    AWAIT(n_inside() == N);
    weft_client_free(client);
    for (int i = 0; i < N; i++) {
        caller_join(&inside[i]);
        assert_int_equal(inside[i].err, WEFT_ECLOSED);
        weft_sem_give(&houses[i].trial.gate, N);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_houses, close_houses)
    const struct CMUnitTest tests[] = {
        TEST(round_robin_goes_to_each_in_turn),
        TEST(every_way_calls_every_server),
        TEST(weights_are_heeded),
        TEST(a_server_that_is_gone_costs_no_call),
        TEST(no_server_is_left),
        TEST(a_list_is_replaced_under_calls),
        TEST(what_is_wrong_leaves_the_old_list),
        TEST(the_view_counts),
        TEST(what_cannot_be_written_blames_nobody),
        TEST(a_begun_call_without_memory),
        TEST(begun_calls),
        TEST(calls_end_when_the_client_is_freed),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
