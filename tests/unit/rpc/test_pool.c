/* SPDX-License-Identifier: MIT */
/* Clients that have several connections, or a pool of them. */
#include "peer.h"

#include "../../waiting.h"

#include "rpc/client_lanes.h"

#define N 4

static struct house house;
static struct caller callers[N];

static void
open_house(const struct weft_client_options *options)
{
    memset(callers, 0, sizeof callers);
    house_open(&house, NULL, NULL, options);
}

static void
begin(int i)
{
    uint32_t before = wf_load(&house.trial.inside, acquire);
    callers[i].client = house.client;
    callers[i].number = 100 + i;
    caller_start(&callers[i]);
    AWAIT(wf_load(&house.trial.inside, acquire) == before + 1);
}

/* Begin a call that has to wait for a connection. */
static void
begin_to_wait(int i)
{
    callers[i].client = house.client;
    callers[i].number = 100 + i;
    caller_start(&callers[i]);
    AWAIT(waits_for(callers[i].fiber) != WEFT_WAIT_NONE &&
          wf_load(&house.client->lanes->n_waiters, acquire) == 1);
}

static void
end(int i)
{
    caller_join(&callers[i]);
    assert_int_equal(callers[i].err, WEFT_OK);
    assert_int_equal(callers[i].result, 100 + i);
}

static void
let_go(int n)
{
    weft_sem_give(&house.trial.gate, (uint32_t)n);
}

static uint64_t
connects(void)
{
    struct weft_client_stats stats;
    weft_client_get_stats(house.client, &stats);
    return stats.connects;
}

static struct wf_client_conn *
conn_in(int lane)
{
    struct weft_client *client = house.client->lanes->lane[lane].client;
    return wf_client_conn_ref(wf_load(&client->sock_id, acquire));
}

static bool
is_open(int lane)
{
    struct wf_client_conn *conn = conn_in(lane);
    if (conn)
        wf_client_conn_unref(conn);
    return conn != NULL;
}

static uint32_t
n_calls(int lane)
{
    return wf_load(&house.client->lanes->lane[lane].n_calls, relaxed);
}

/* ---- several connections ---- */

static void
calls_spread_evenly(void **state)
{
    (void)state;
    const struct weft_client_options options = {.connections = 2};
    open_house(&options);
    for (int i = 0; i < N; i++)
        begin(i);
    assert_int_equal(n_calls(0), N / 2);
    assert_int_equal(n_calls(1), N / 2);
    let_go(N);
    for (int i = 0; i < N; i++)
        end(i);
    assert_int_equal(n_calls(0) + n_calls(1), 0);
    assert_int_equal(connects(), 2);
    house_close(&house);
}

static void
a_broken_one_costs_only_its_own_calls(void **state)
{
    (void)state;
    const struct weft_client_options options = {.connections = 2};
    open_house(&options);
    begin(0);
    int broken = n_calls(0) ? 0 : 1;
    begin(1);
    struct wf_client_conn *conn = conn_in(broken);
    wf_sock_fail(conn->sock, -ECONNRESET);
    wf_client_conn_unref(conn);
    caller_join(&callers[0]);
    assert_int_equal(callers[0].err, WEFT_EBROKEN);
    let_go(2);
    end(1);
    house_close(&house);
}

static void
a_warm_client_has_all_connections(void **state)
{
    (void)state;
    static const struct {
        struct weft_client_options o;
        uint64_t connects;
    } rows[] = {{{.connections = 1}, 1},
                {{.connections = 3}, 3},
                {{.pool_max = 4}, 1},
                {{.pool_max = 4, .pool_min = 2}, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_house(&rows[i].o);
        for (int k = 0; k < 2; k++)
            MUST(!weft_client_warm_until(house.client, weft_after_ms(LONG_MS)));
        assert_int_equal(connects(), rows[i].connects);
        must_work(&house);
        assert_int_equal(connects(), rows[i].connects);
        house_close(&house);
    }
}

static void
what_cannot_be_warmed(void **state)
{
    (void)state;
    struct weft_client *client;
    uint16_t port = 0;
    char address[64];
    close(wire_listen(&port, 1)); /* nobody listens there any more */
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_client_new(address, NULL, &client));
    assert_int_equal(weft_client_warm_until(client, weft_after_ms(LONG_MS)),
                     WEFT_ECONNECT);
    weft_client_free(client);
    MUST(!weft_client_new("list:127.0.0.1:1", NULL, &client));
    assert_int_equal(weft_client_warm_until(client, weft_after_ms(LONG_MS)),
                     -EINVAL);
    weft_client_free(client);
}

/* ---- a pool ---- */

static void
one_call_at_a_time_on_each(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 2};
    open_house(&options);
    begin(0);
    begin(1);
    begin_to_wait(2);
    assert_int_equal(wf_load(&house.trial.inside, relaxed), 2);
    let_go(3);
    for (int i = 0; i < 3; i++)
        end(i);
    assert_int_equal(connects(), 2);
    house_close(&house);
}

static void
the_first_connections_stay_warm(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = N};
    open_house(&options);
    for (int i = 0; i < 3; i++)
        begin(i);
    let_go(3);
    for (int i = 0; i < 3; i++)
        end(i);
    for (int i = 0; i < 3; i++) {
        begin(0);
        assert_int_equal(n_calls(0), 1);
        begin(1);
        assert_int_equal(n_calls(1), 1);
        let_go(2);
        end(0);
        end(1);
    }
    assert_int_equal(connects(), 3);
    house_close(&house);
}

static void
idle_ones_are_closed(void **state)
{
    (void)state;
    for (uint32_t min = 0; min <= 2; min++) {
        const struct weft_client_options options = {
            .pool_max = N, .pool_min = min, .pool_idle_ms = LONG_MS};
        open_house(&options);
        for (int i = 0; i < 3; i++)
            begin(i);
        let_go(3);
        for (int i = 0; i < 3; i++)
            end(i);
        must_work(&house); /* none was idle for long enough */
        assert_true(is_open(0) && is_open(1) && is_open(2));
        struct wf_lanes *lanes = house.client->lanes;
        wf_store(&lanes->lane[1].left_ns, 1, relaxed); /* long ago */
        wf_store(&lanes->lane[2].left_ns, 1, relaxed);
        wf_store(&lanes->trimmed_ns, 0, relaxed);
        must_work(&house);
        AWAIT(!is_open(2));
        AWAIT(min == 2 || !is_open(1));
        assert_true(is_open(0));
        assert_int_equal(is_open(1), min == 2);
        house_close(&house);
    }
}

static void
a_connection_for_each_call(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 2,
                                                .pool_once = true};
    open_house(&options);
    for (uint64_t i = 1; i < 4; i++) {
        must_work(&house);
        assert_int_equal(connects(), i);
        AWAIT(!is_open(0));
    }
    house_close(&house);
}

static void
who_waits_too_long_is_told_why(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1, .max_calls = 1};
    open_house(&options);
    begin(0);
    must_fail_unsent(house.client, WEFT_ETIMEOUT, weft_after_ms(50),
                     "all 1 connections are busy");
    begin_to_wait(1);
    must_fail_unsent(house.client, WEFT_ETOOMANYCALLS, 0,
                     "all 1 connections are busy");
    let_go(2);
    end(0);
    end(1);
    house_close(&house);
}

static void
a_call_that_waits_is_cancelled(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1};
    open_house(&options);
    begin(0);
    begin_to_wait(1);
    weft_fiber_cancel(callers[1].fiber);
    caller_join(&callers[1]);
    assert_int_equal(callers[1].err, WEFT_ECANCEL);
    let_go(1);
    end(0);
    must_work(&house); /* the connection is free */
    house_close(&house);
}

static void
a_late_reply_is_not_waited_for(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1};
    open_house(&options);
    begin(0);
    weft_fiber_cancel(callers[0].fiber);
    caller_join(&callers[0]);
    assert_int_equal(callers[0].err, WEFT_ECANCEL);
    must_work(&house);
    assert_int_equal(connects(), 2);
    let_go(1);
    AWAIT(wf_load(&house.trial.inside, acquire) == 0);
    house_close(&house);
}

/* A call that was begun gives its connection back when its reply comes, not
 * when it is awaited. */
static void
calls_are_awaited_in_reverse(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1};
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_add_args args = {.a = 40, .b = 2};
    struct trial_add_result results[N];
    struct weft_pending calls[N];
    open_house(&options);
    for (int i = 0; i < N; i++)
        trial_Trial_add_begin(house.client, &arena, &args, &results[i], NULL,
                              &calls[i]);
    for (int i = N; i-- > 0;) {
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
        assert_int_equal(results[i].success, 42);
    }
    weft_arena_fini(&arena);
    house_close(&house);
}

/* A request that cannot be written is not sent, and its connection stays. */
static void
a_call_that_is_not_sent_gives_back(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1};
    struct weft_header bad = {WEFT_STR("a"), WEFT_STR("b")};
    const struct weft_headers headers = {&bad, 1, 1};
    const struct weft_call_options with = {.headers = &headers};
    int64_t result;
    open_house(&options);
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_gate(house.client, 1, &with, &result),
                         WEFT_EHEADER);
    must_work(&house);
    assert_int_equal(connects(), 1);
    house_close(&house);
}

static void
freed_while_calls_wait(void **state)
{
    (void)state;
    const struct weft_client_options options = {.pool_max = 1};
    open_house(&options);
    begin(0);
    begin_to_wait(1);
    weft_client_free(house.client);
    house.client = NULL;
    for (int i = 0; i < 2; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_ECLOSED);
    }
    let_go(1);
    house_close(&house);
}

static void
options_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct weft_client_options o;
        weft_err err;
    } rows[] = {
        {{.connections = 64}, WEFT_OK},
        {{.connections = 65}, -EINVAL},
        {{.pool_max = 256, .pool_min = 256}, WEFT_OK},
        {{.pool_max = 257}, -EINVAL},
        {{.pool_max = 2, .pool_min = 3}, -EINVAL},
        {{.pool_max = 2, .connections = 1}, WEFT_OK},
        {{.pool_max = 2, .connections = 2}, -EINVAL},
        {{.pool_min = 1}, -EINVAL},
        {{.pool_idle_ms = 1}, -EINVAL},
        {{.pool_once = true}, -EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_client *client;
        assert_int_equal(weft_client_new("127.0.0.1:1", &rows[i].o, &client),
                         rows[i].err);
        weft_client_free(client);
        assert_int_equal(
            weft_client_new("list:127.0.0.1:1", &rows[i].o, &client),
            rows[i].err);
        weft_client_free(client);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_spread_evenly),
        cmocka_unit_test(a_broken_one_costs_only_its_own_calls),
        cmocka_unit_test(a_warm_client_has_all_connections),
        cmocka_unit_test(what_cannot_be_warmed),
        cmocka_unit_test(one_call_at_a_time_on_each),
        cmocka_unit_test(the_first_connections_stay_warm),
        cmocka_unit_test(idle_ones_are_closed),
        cmocka_unit_test(a_connection_for_each_call),
        cmocka_unit_test(who_waits_too_long_is_told_why),
        cmocka_unit_test(a_call_that_waits_is_cancelled),
        cmocka_unit_test(a_late_reply_is_not_waited_for),
        cmocka_unit_test(calls_are_awaited_in_reverse),
        cmocka_unit_test(a_call_that_is_not_sent_gives_back),
        cmocka_unit_test(freed_while_calls_wait),
        cmocka_unit_test(options_that_are_refused),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
