/* SPDX-License-Identifier: MIT */
/*
 * What the balancers choose, compared with their definitions: exactly, or by
 * chi-square with a fixed seed. Each bound of chi-square is one that chance
 * exceeds once in 1,000 times.
 */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS 1000000u
#define NOW (1000 * (uint64_t)MS)

static struct weft_client *
client_by(enum weft_balance balance, uint32_t n, const uint32_t *weights)
{
    const struct weft_upstream_options upstream = {.balance = balance};
    struct weft_client *client = pick_client(&upstream, n, weights);
    pick_seed(1);
    return client;
}

/* ---- round robin ---- */

static void
each_in_turn(void **state)
{
    enum { N = 7 };
    (void)state;
    struct weft_client *client = client_by(WEFT_ROUND_ROBIN, N, NULL);
    uint32_t last = pick_at(client, NOW);
    for (int i = 0; i < 5 * N; i++) {
        uint32_t next = pick_at(client, NOW);
        assert_int_equal(next, (last + 1) % N);
        last = next;
    }
    weft_client_free(client);
}

/* In each round a server has as many turns as its weight says, and after any
 * number of turns it has had its part but for less than two. */
static void
turns_are_spread_evenly(void **state)
{
    enum { N = 5, SUM = 20, ROUNDS = 50 };
    (void)state;
    static const uint32_t weights[N] = {3, 1, 10, 2, 4};
    uint32_t counts[N] = {0};
    struct weft_client *client = client_by(WEFT_ROUND_ROBIN, N, weights);
    for (int turn = 1; turn <= SUM * ROUNDS; turn++) {
        counts[pick_at(client, NOW)]++;
        for (int i = 0; i < N; i++) {
            double part = (double)turn * weights[i] / SUM;
            assert_true(counts[i] < part + 2 && counts[i] > part - 2);
        }
        for (int i = 0; i < N && turn % SUM == 0; i++)
            assert_int_equal(counts[i] * SUM, weights[i] * (uint32_t)turn);
    }
    weft_client_free(client);
}

/* The first server is a random one, so that many clients do not begin with the
 * same server. */
static void
the_first_turn_is_random(void **state)
{
    enum { N = 5, CLIENTS = 2000 };
    (void)state;
    uint32_t counts[N] = {0};
    struct weft_client *client = client_by(WEFT_ROUND_ROBIN, N, NULL);
    struct wf_upstream *up = wf_upstream_of(client);
    for (int i = 0; i < CLIENTS; i++) {
        wf_store(&up->parts[wf_parts_index()].turn, 0, relaxed);
        counts[pick_at(client, NOW)]++;
    }
    assert_true(pick_chi_square(counts, NULL, N) < 18.47);
    weft_client_free(client);
}

/* ---- random ---- */

static void
chance_heeds_weights(void **state)
{
    enum { N = 6, CALLS = 60000 };
    (void)state;
    static const uint32_t even[N] = {5, 5, 5, 5, 5, 5};
    static const uint32_t odd[N] = {1, 20, 3, 7, 50, 19};
    static const uint32_t high[N] = {1000000, 500000, 900001,
                                     700000,  123456, 1000000};
    static const uint32_t *const rows[] = {even, odd, high};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t counts[N] = {0};
        struct weft_client *client = client_by(WEFT_RANDOM, N, rows[k]);
        for (int i = 0; i < CALLS; i++)
            counts[pick_at(client, NOW)]++;
        assert_true(pick_chi_square(counts, rows[k], N) < 20.52);
        weft_client_free(client);
    }
}

/* ---- least ---- */

static void
the_fewest_calls_win(void **state)
{
    enum { N = 64, CALLS = 1000 };
    (void)state;
    static struct wf_attempt calls[CALLS];
    uint32_t in_flight[N] = {0}, server[CALLS];
    struct weft_client *client = client_by(WEFT_LEAST, N, NULL);
    for (uint32_t n = 0; n < CALLS; n++) {
        uint32_t k = wf_task_random(wf_task_self()) % (n + 1), fewest = CALLS;
        for (int i = 0; i < N; i++)
            fewest = WF_MIN(fewest, in_flight[i]);
        server[n] = pick_begin(client, &calls[n]);
        assert_int_equal(in_flight[server[n]], fewest);
        in_flight[server[n]]++;
        if (n % 3) /* end one of the calls, and begin it again */
            continue;
        pick_end(client, &calls[k]);
        in_flight[server[k]]--;
        calls[k] = (struct wf_attempt){0};
        server[k] = pick_begin(client, &calls[k]);
        in_flight[server[k]]++;
    }
    for (uint32_t n = 0; n < CALLS; n++)
        pick_end(client, &calls[n]);
    weft_client_free(client);
}

/* If none has a call in flight, every server is as likely; of a long list only
 * some are compared. */
static void
ties_are_random(void **state)
{
    (void)state;
    static const struct {
        uint32_t n;
        double chi_square;
    } rows[] = {{10, 27.88}, {64, 103.4}, {65, 104.7}, {200, 266.4}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t counts[200] = {0}, n = rows[k].n;
        struct weft_client *client = client_by(WEFT_LEAST, n, NULL);
        for (uint32_t i = 0; i < 100 * n; i++)
            counts[pick_at(client, NOW)]++;
        assert_true(pick_chi_square(counts, NULL, n) < rows[k].chi_square);
        weft_client_free(client);
    }
}

/* ---- p2c ---- */

/* Let the client know a latency of the server. */
static void
tell_latency(struct weft_client *client, uint32_t server, uint64_t ns)
{
    const struct wf_snapshot *list =
        wf_load(&wf_upstream_of(client)->list, relaxed);
    for (uint32_t i = 0; i < list->n; i++) {
        struct wf_endpoint *endpoint = list->items[i].endpoint;
        struct wf_load *loads = wf_endpoint_loads(endpoint);
        MUST(loads != NULL);
        if (pick_number(endpoint->client) == server)
            wf_load_note(&loads[wf_parts_index()], ns, false, NOW);
    }
}

/* The servers have different latencies: server i wins against all slower ones,
 * so in n - 1 - i of the pairs, which are equally likely. */
static void
the_faster_of_two_wins(void **state)
{
    enum { N = 5, CALLS = 50000 };
    (void)state;
    static const uint32_t pairs[N - 1] = {4, 3, 2, 1};
    uint32_t counts[N] = {0};
    struct weft_client *client = client_by(WEFT_P2C, N, NULL);
    for (uint32_t i = 0; i < N; i++)
        tell_latency(client, i, (i + 1) * MS);
    for (int i = 0; i < CALLS; i++)
        counts[pick_at(client, NOW)]++;
    assert_int_equal(counts[N - 1], 0);
    assert_true(pick_chi_square(counts, pairs, N - 1) < 16.27);
    weft_client_free(client);
}

/* Of two servers the one with the smaller product of latency and calls in
 * flight plus one is chosen, so the calls in flight are as 1 to 1/latency. */
static void
calls_in_flight_count(void **state)
{
    enum { CALLS = 80 };
    (void)state;
    static struct wf_attempt calls[CALLS];
    uint32_t in_flight[2] = {0};
    static const uint64_t latency[2] = {1 * MS, 7 * MS};
    struct weft_client *client = client_by(WEFT_P2C, 2, NULL);
    tell_latency(client, 0, latency[0]);
    tell_latency(client, 1, latency[1]);
    for (uint32_t n = 0; n < CALLS; n++) {
        uint64_t cost[2];
        for (int i = 0; i < 2; i++)
            cost[i] = (latency[i] + 1) * (in_flight[i] + 1);
        calls[n] = (struct wf_attempt){.begun_ns = NOW};
        uint32_t i = pick_begin(client, &calls[n]);
        assert_true(cost[i] <= cost[1 - i]);
        in_flight[i]++;
    }
    assert_int_equal(in_flight[0], CALLS / 8 * 7);
    for (uint32_t n = 0; n < CALLS; n++)
        pick_end(client, &calls[n]);
    weft_client_free(client);
}

/* A server of which nothing is known gets one call, and no second one before
 * the first has ended. */
static void
an_unknown_server_gets_one_call(void **state)
{
    (void)state;
    struct weft_client *client = client_by(WEFT_P2C, 2, NULL);
    struct wf_attempt first = {.begun_ns = NOW};
    tell_latency(client, 0, 1000 * MS);
    assert_int_equal(pick_begin(client, &first), 1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(pick_at(client, NOW), 0);
    pick_end(client, &first);
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_in_turn),
        cmocka_unit_test(turns_are_spread_evenly),
        cmocka_unit_test(the_first_turn_is_random),
        cmocka_unit_test(chance_heeds_weights),
        cmocka_unit_test(the_fewest_calls_win),
        cmocka_unit_test(ties_are_random),
        cmocka_unit_test(the_faster_of_two_wins),
        cmocka_unit_test(calls_in_flight_count),
        cmocka_unit_test(an_unknown_server_gets_one_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
