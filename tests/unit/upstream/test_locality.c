/* SPDX-License-Identifier: MIT */
/*
 * WEFT_LOCALITY_AWARE: the weights against their definition, and where calls go
 * in a world of servers with given latencies, whose time the test keeps.
 */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS 1000000u
#define SECOND (1000 * (uint64_t)MS)
#define NOW (1000 * (uint64_t)MS)

/* ---- the definition ---- */

/* A span of n answers in span_ns, each after latency_ns. It ends at NOW. */
static struct wf_flow
flow_of(uint32_t n, uint64_t span_ns, uint64_t latency_ns)
{
    return (struct wf_flow){.since_ns = NOW,
                            .span_ns = span_ns,
                            .mean_ns = latency_ns,
                            .last_n = n};
}

static void
choose_often(const struct wf_candidate *candidates, uint32_t n,
             uint32_t *counts, uint64_t now)
{
    for (uint32_t i = 0; i < n; i++)
        counts[i] = 0;
    for (int k = 0; k < 100000; k++) {
        uint32_t random = wf_task_random(wf_task_self());
        counts[wf_locality_choose(candidates, n, random, now)]++;
    }
}

/* 100, 200 and 300 answers a second after 1, 2 and 4 ms, and a mean rate of
 * 200: (100 + 200) / 1, (200 + 200) / 2, (300 + 200) / 4. The last endpoint is
 * not measured and so has the mean of these. */
static void
weights_are_rate_by_latency(void **state)
{
    (void)state;
    const struct wf_flow flows[] = {flow_of(100, SECOND, MS),
                                    flow_of(200, SECOND, 2 * MS),
                                    flow_of(300, SECOND, 4 * MS)};
    static const uint32_t parts[] = {300 * 12, 200 * 12, 125 * 12, 625 * 4};
    const struct wf_candidate candidates[] = {
        {.flow = &flows[0]}, {.flow = &flows[1]}, {.flow = &flows[2]}, {0}};
    uint32_t counts[4];
    pick_seed(1);
    choose_often(candidates, 4, counts, NOW);
    assert_true(pick_chi_square(counts, parts, 4) < 16.27);
}

static void
unmeasured_ones_are_equal(void **state)
{
    (void)state;
    struct wf_candidate candidates[WF_CANDIDATES] = {0};
    uint32_t counts[WF_CANDIDATES];
    const struct wf_flow begun = {.since_ns = NOW, .n = 5, .sum_ns = MS};
    candidates[3].flow = &begun;
    pick_seed(1);
    choose_often(candidates, WF_CANDIDATES, counts, NOW);
    assert_true(pick_chi_square(counts, NULL, WF_CANDIDATES) < 103.4);
}

/* 1,000 answers a second after 4 ms: 4 calls are in flight. 6 + 2 are usual,
 * and 15 + 1 are twice as many. */
static void
calls_in_flight_lower_the_weight(void **state)
{
    (void)state;
    const struct wf_flow flow = flow_of(1000, SECOND, 4 * MS);
    struct wf_candidate candidates[] = {{.flow = &flow, .in_flight = 7},
                                        {.flow = &flow, .in_flight = 15}};
    static const uint32_t parts[] = {2, 1};
    uint32_t counts[2];
    pick_seed(1);
    choose_often(candidates, 2, counts, NOW);
    assert_true(pick_chi_square(counts, parts, 2) < 10.83);
    candidates[1].in_flight = 7;
    choose_often(candidates, 2, counts, NOW);
    assert_true(pick_chi_square(counts, NULL, 2) < 10.83);
}

/* Both gave 100 answers a second. 4 s later one has given 19 of a new span. Its
 * rate is at most 20 in 4 s, which is 5 a second. The mean is 52.5. Meanwhile
 * its latency has fallen to 0.7115 ms, in a straight line to half in 6.93 s. */
static void
a_rate_falls_when_answers_stay_out(void **state)
{
    (void)state;
    struct wf_flow late = flow_of(100, SECOND, MS);
    struct wf_flow now = flow_of(100, SECOND, MS);
    late.n = 19;
    now.since_ns = NOW + 4 * SECOND;
    const struct wf_candidate candidates[] = {{.flow = &late}, {.flow = &now}};
    static const uint32_t parts[] = {8082, 15250};
    uint32_t counts[2];
    pick_seed(1);
    choose_often(candidates, 2, counts, NOW + 4 * SECOND);
    assert_true(pick_chi_square(counts, parts, 2) < 10.83);
}

/* ---- spans ---- */

static void
a_span_ends_after_128_answers_or_a_second(void **state)
{
    (void)state;
    struct wf_flow flow = {0};
    uint64_t now = NOW;
    for (uint32_t i = 1; i < WF_FLOW_ANSWERS; i++)
        wf_flow_note(&flow, 2 * MS, false, now += MS);
    assert_int_equal(flow.span_ns, 0);
    wf_flow_note(&flow, 130 * MS, false, now += MS);
    assert_int_equal(flow.last_n, 128);
    assert_int_equal(flow.mean_ns, 3 * MS);
    assert_int_equal(flow.span_ns, 129 * (uint64_t)MS); /* with the first one */
    wf_flow_note(&flow, 5 * MS, false, now + SECOND - 1);
    assert_int_equal(flow.last_n, 128);
    wf_flow_note(&flow, 7 * MS, false, now + SECOND);
    assert_int_equal(flow.last_n, 2);
    assert_int_equal(flow.mean_ns, 6 * MS);
    assert_int_equal(flow.span_ns, SECOND);
    assert_int_equal(flow.since_ns, now + SECOND);
}

static void
a_failure_counts_as_a_latency(void **state)
{
    (void)state;
    struct wf_flow flow = {0};
    wf_flow_note(&flow, 1, true, NOW);
    wf_flow_note(&flow, 50 * MS, true, NOW + SECOND);
    assert_int_equal(flow.last_n, 2);
    assert_int_equal(flow.mean_ns, (wf_failure_ns(1) + 200 * MS) / 2);
    assert_int_equal(wf_failure_ns(1), 10 * MS);
}

/* ---- the calls of a client ---- */

#define SERVERS_MOST 100
#define IN_FLIGHT 8

/* Calls to servers with these latencies, of which IN_FLIGHT are in flight. The
 * time is that of the calls: each ends when it is due. */
static struct world {
    struct weft_client *client;
    uint64_t latency_ns[SERVERS_MOST];
    uint32_t counts[SERVERS_MOST];
    struct {
        struct wf_attempt attempt;
        uint64_t due_ns;
    } calls[IN_FLIGHT];
    uint64_t now;
} world;

static void
begin_call(uint32_t k)
{
    struct wf_attempt *a = &world.calls[k].attempt;
    *a = (struct wf_attempt){.begun_ns = world.now};
    uint32_t server = pick_begin(world.client, a);
    world.counts[server]++;
    world.calls[k].due_ns = world.now + world.latency_ns[server];
}

/* What wf_upstream_end does, at a time that the test chooses. */
static void
end_call(uint32_t k)
{
    struct wf_attempt *a = &world.calls[k].attempt;
    struct wf_endpoint *endpoint = a->endpoint;
    wf_flow_note(&wf_endpoint_flows(endpoint)[a->part], world.now - a->begun_ns,
                 false, world.now);
    a->err = WEFT_ECANCEL; /* so that the real time is not noted, too */
    MUST(!wf_upstream_end(wf_upstream_of(world.client), a));
}

static uint32_t
next_due(void)
{
    uint32_t first = 0;
    for (uint32_t k = 1; k < IN_FLIGHT; k++)
        if (world.calls[k].due_ns < world.calls[first].due_ns)
            first = k;
    return first;
}

static void
open_world(uint32_t n, uint64_t latency_ns)
{
    static const struct weft_upstream_options upstream = {
        .balance = WEFT_LOCALITY_AWARE};
    world = (struct world){.now = NOW};
    for (uint32_t i = 0; i < n; i++)
        world.latency_ns[i] = latency_ns;
    world.client = pick_client(&upstream, n, NULL);
    pick_seed(1);
    for (uint32_t k = 0; k < IN_FLIGHT; k++)
        begin_call(k);
}

static void
run_calls(uint32_t n)
{
    memset(world.counts, 0, sizeof world.counts);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = next_due();
        world.now = world.calls[k].due_ns;
        end_call(k);
        begin_call(k);
    }
}

static void
shut_world(void)
{
    for (uint32_t k = 0; k < IN_FLIGHT; k++)
        end_call(k);
    weft_client_free(world.client);
}

/* Of equal servers none gets much more than the others, however long it goes
 * on. */
static void
equal_servers_share(void **state)
{
    (void)state;
    open_world(4, 2 * MS);
    for (int round = 0; round < 20; round++) {
        run_calls(20000);
        for (int i = 0; i < 4; i++)
            assert_in_range(world.counts[i], 3500, 6500);
    }
    shut_world();
}

/* One of four servers answers ten times as fast, and gets nine tenths of the
 * calls; then it becomes slow, and another one fast. */
static void
the_nearest_gets_most(void **state)
{
    (void)state;
    open_world(4, 2 * MS);
    for (uint32_t near = 0; near < 2; near++) {
        for (uint32_t i = 0; i < 4; i++)
            world.latency_ns[i] = i == near ? MS / 5 : 2 * MS;
        run_calls(20000); /* until it is known */
        run_calls(20000);
        assert_in_range(world.counts[near], 17600, 19600);
        for (uint32_t i = 0; i < 4; i++)
            assert_true(world.counts[i] > 50); /* each is still measured */
    }
    shut_world();
}

/* One of four equal servers stops to answer. Its n-th call in flight is chosen
 * with a weight in proportion to 1 / n, so that of 2,000 calls it gets about
 * the root of 4,000, and not a quarter. */
static void
a_silent_server_gets_few(void **state)
{
    enum { CALLS = 2000 };
    static struct wf_attempt silent[CALLS];
    uint32_t n = 0;
    (void)state;
    open_world(4, MS);
    run_calls(20000);
    for (int i = 0; i < CALLS; i++) {
        silent[n] = (struct wf_attempt){.begun_ns = world.now};
        if (pick_begin(world.client, &silent[n]) == 0) {
            n++;
            continue;
        }
        silent[n].err = WEFT_ECANCEL;
        MUST(!wf_upstream_end(wf_upstream_of(world.client), &silent[n]));
    }
    assert_in_range(n, 20, 150);
    while (n-- > 0) {
        silent[n].err = WEFT_ECANCEL;
        MUST(!wf_upstream_end(wf_upstream_of(world.client), &silent[n]));
    }
    shut_world();
}

/* Of a long list 16 are compared at a time. */
static void
a_long_list_is_sampled(void **state)
{
    (void)state;
    open_world(SERVERS_MOST, MS);
    world.latency_ns[7] = MS / 10;
    run_calls(100000);
    run_calls(50000);
    /* it is among 16 of 100 in 15 % of the choices, and then mostly chosen */
    assert_in_range(world.counts[7], 50000 * 8 / 100, 50000 * 15 / 100);
    for (uint32_t i = 0; i < SERVERS_MOST; i++)
        assert_true(world.counts[i] > 100);
    shut_world();
}

/* A server that the call has tried is not weighed, even if it has nearly all
 * the weight. */
static void
only_those_that_fit_are_weighed(void **state)
{
    (void)state;
    uint32_t counts[4] = {0};
    open_world(4, MS);
    world.latency_ns[2] = MS / 1000;
    run_calls(20000);
    for (int k = 0; k < 900; k++) {
        struct wf_tried tried = {.n = 1};
        struct wf_attempt a = {.begun_ns = world.now, .tried = &tried};
        const struct wf_snapshot *list =
            wf_load(&wf_upstream_of(world.client)->list, relaxed);
        tried.endpoints[0] = list->items[2].endpoint;
        counts[pick_begin(world.client, &a)]++;
        a.err = WEFT_ECANCEL;
        MUST(!wf_upstream_end(wf_upstream_of(world.client), &a));
    }
    assert_int_equal(counts[2], 0);
    assert_true(counts[0] > 150 && counts[1] > 150 && counts[3] > 150);
    shut_world();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_rate_by_latency),
        cmocka_unit_test(unmeasured_ones_are_equal),
        cmocka_unit_test(calls_in_flight_lower_the_weight),
        cmocka_unit_test(a_rate_falls_when_answers_stay_out),
        cmocka_unit_test(a_span_ends_after_128_answers_or_a_second),
        cmocka_unit_test(a_failure_counts_as_a_latency),
        cmocka_unit_test(equal_servers_share),
        cmocka_unit_test(the_nearest_gets_most),
        cmocka_unit_test(a_silent_server_gets_few),
        cmocka_unit_test(a_long_list_is_sampled),
        cmocka_unit_test(only_those_that_fit_are_weighed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
