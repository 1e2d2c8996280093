/* SPDX-License-Identifier: MIT */
/* The slow start of endpoints that are new in a list. */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS 1000000u

enum { N = 4, CALLS = 20000 };

/* A client of the servers 0 to N-2, which then gets the server N-1, too. *since
 * becomes the time of the change, or 0 if the server does not start slowly. */
static struct weft_client *
grown_client(const struct weft_upstream_options *upstream, uint64_t *since)
{
    struct weft_client *client = pick_client(upstream, N - 1, NULL);
    pick_set(client, 0, N, NULL, false);
    const struct wf_snapshot *list =
        wf_load(&wf_upstream_of(client)->list, relaxed);
    *since = 0;
    for (int i = 0; i < N; i++) {
        const struct wf_endpoint *endpoint = list->items[i].endpoint;
        uint64_t at = wf_load(&endpoint->slow_since_ns, relaxed);
        if (pick_number(endpoint->client) == N - 1)
            *since = at;
        else
            assert_int_equal(at, 0);
    }
    return client;
}

static void
count(struct weft_client *client, uint64_t now, uint32_t *counts)
{
    memset(counts, 0, N * sizeof *counts);
    for (int i = 0; i < CALLS; i++)
        counts[pick_at(client, now)]++;
}

/* In 3 degrees of freedom chance exceeds this once in 1,000 times. */
#define CHI_SQUARE 16.27

/* The part of the new server is a tenth of the others', and grows to the same
 * as theirs. */
static void
the_part_grows(enum weft_balance balance, uint32_t option_ms,
               uint32_t window_ms)
{
    const struct weft_upstream_options upstream = {.balance = balance,
                                                   .slow_start_ms = option_ms};
    static const uint32_t percents[] = {0, 5, 10, 25, 50, 90, 100, 200};
    uint64_t since;
    struct weft_client *client = grown_client(&upstream, &since);
    assert_true(since > 0);
    pick_seed(1);
    for (size_t k = 0; k < sizeof percents / sizeof *percents; k++) {
        uint32_t counts[N], percent = percents[k];
        uint32_t part = percent < 10 ? 10 : percent > 100 ? 100 : percent;
        const uint32_t parts[N] = {100, 100, 100, part};
        count(client, since + (uint64_t)window_ms * MS / 100 * percent, counts);
        assert_true(pick_chi_square(counts, parts, N) < CHI_SQUARE);
    }
    weft_client_free(client);
}

static void
round_robin_starts_slowly(void **state)
{
    (void)state;
    the_part_grows(WEFT_ROUND_ROBIN, 0, 30000);
    the_part_grows(WEFT_ROUND_ROBIN, 500, 500);
}

static void
random_starts_slowly(void **state)
{
    (void)state;
    the_part_grows(WEFT_RANDOM, 0, 30000);
    the_part_grows(WEFT_RANDOM, 4000000000u, 4000000000u);
}

/* All are without a known latency and without load, so each choice of two is
 * even. */
static void
p2c_starts_slowly(void **state)
{
    (void)state;
    the_part_grows(WEFT_P2C, 0, 30000);
}

static void
count_even(enum weft_balance balance, uint32_t option_ms, bool replaced)
{
    const struct weft_upstream_options upstream = {.balance = balance,
                                                   .slow_start_ms = option_ms};
    uint32_t counts[N];
    struct weft_client *client = pick_client(&upstream, replaced ? 0 : N, NULL);
    if (replaced)
        pick_set(client, 0, N, NULL, false);
    pick_seed(1);
    count(client, wf_sys_now_ns(), counts);
    assert_true(pick_chi_square(counts, NULL, N) < CHI_SQUARE);
    weft_client_free(client);
}

/* Nobody is spared if all are new. */
static void
the_first_list_starts_at_once(void **state)
{
    (void)state;
    for (enum weft_balance b = WEFT_P2C; b <= WEFT_RANDOM; b++) {
        count_even(b, 0, false);
        count_even(b, 0, true); /* after an empty list */
    }
}

static void
none_means_none(void **state)
{
    (void)state;
    const struct weft_upstream_options upstream = {.balance = WEFT_RANDOM,
                                                   .slow_start_ms = WEFT_NONE};
    uint32_t counts[N];
    uint64_t since;
    struct weft_client *client = grown_client(&upstream, &since);
    assert_int_equal(since, 0);
    pick_seed(1);
    count(client, wf_sys_now_ns(), counts);
    assert_true(pick_chi_square(counts, NULL, N) < CHI_SQUARE);
    weft_client_free(client);
}

/* A server that left the list and comes back is new. One that stays is not. */
static void
a_server_that_returns_is_new(void **state)
{
    (void)state;
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN};
    struct weft_client *client = pick_client(&upstream, N, NULL);
    pick_set(client, 1, N, NULL, false);
    pick_set(client, 0, N, NULL, false);
    const struct wf_snapshot *list =
        wf_load(&wf_upstream_of(client)->list, relaxed);
    for (int i = 0; i < N; i++) {
        const struct wf_endpoint *endpoint = list->items[i].endpoint;
        assert_int_equal(wf_load(&endpoint->slow_since_ns, relaxed) > 0,
                         pick_number(endpoint->client) == 0);
    }
    weft_client_free(client);
}

/* If only new servers are left, they get all calls. */
static void
new_servers_alone_get_all(void **state)
{
    (void)state;
    for (enum weft_balance b = WEFT_P2C; b <= WEFT_RANDOM; b++) {
        const struct weft_upstream_options upstream = {.balance = b};
        uint32_t counts[N] = {0};
        struct weft_client *client = pick_client(&upstream, 1, NULL);
        pick_set(client, 1, N, NULL, false);
        pick_seed(1);
        for (int i = 0; i < CALLS; i++)
            counts[pick_at(client, 1)]++;
        assert_true(pick_chi_square(counts + 1, NULL, N - 1) < 13.82);
        weft_client_free(client);
    }
}

/* WEFT_LEAST and WEFT_CONSISTENT_HASH have no slow start. */
static void
others_start_at_once(void **state)
{
    (void)state;
    const struct weft_upstream_options upstream = {.balance = WEFT_LEAST};
    uint32_t counts[N];
    uint64_t since;
    struct weft_client *client = grown_client(&upstream, &since);
    pick_seed(1);
    count(client, since, counts);
    assert_true(pick_chi_square(counts, NULL, N) < CHI_SQUARE);
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_robin_starts_slowly),
        cmocka_unit_test(random_starts_slowly),
        cmocka_unit_test(p2c_starts_slowly),
        cmocka_unit_test(the_first_list_starts_at_once),
        cmocka_unit_test(none_means_none),
        cmocka_unit_test(a_server_that_returns_is_new),
        cmocka_unit_test(new_servers_alone_get_all),
        cmocka_unit_test(others_start_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
