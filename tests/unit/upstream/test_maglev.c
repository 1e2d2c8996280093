/* SPDX-License-Identifier: MIT */
/* WEFT_CONSISTENT_HASH: one server for each key. */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct weft_upstream_options by_key = {.balance =
                                                        WEFT_CONSISTENT_HASH};

/* The numbers of the servers in the client's table. */
static void
read_table(struct weft_client *client, uint32_t *table)
{
    struct wf_upstream *up = wf_upstream_of(client);
    uint32_t part = wf_parts_index();
    const struct wf_snapshot *list = wf_snapshot_enter(up, part);
    for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++)
        table[i] = pick_number(list->items[list->table[i]].endpoint->client);
    wf_snapshot_leave(up, part);
}

static struct weft_str
key_of(char (*buf)[16], uint32_t i)
{
    snprintf(*buf, sizeof *buf, "user-%u", (unsigned)i);
    return weft_str_of(*buf);
}

/* ---- the table ---- */

static uint32_t before[WF_MAGLEV_SIZE], after[WF_MAGLEV_SIZE];

/* The largest and the smallest part of the table, in percent of what each
 * server should have. */
static void
the_table_is_spread_evenly(void **state)
{
    (void)state;
    static const struct {
        uint32_t n, low, high;
        double chi_square; /* chance exceeds this once in 1,000 times */
    } rows[] = {{1, 100, 100, 0.001},  {2, 99, 101, 10.83},
                {10, 98, 102, 27.88},  {20, 97, 103, 43.82},
                {100, 90, 110, 148.2}, {1000, 60, 150, 1143}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t n = rows[k].n, counts[1000] = {0};
        struct weft_client *client = pick_client(&by_key, n, NULL);
        read_table(client, before);
        for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++)
            counts[before[i]]++;
        for (uint32_t i = 0; i < n; i++)
            assert_in_range(counts[i] * 100 * n / WF_MAGLEV_SIZE, rows[k].low,
                            rows[k].high);
        assert_true(pick_chi_square(counts, NULL, n) < rows[k].chi_square);
        weft_client_free(client);
    }
}

static void
the_table_heeds_weights(void **state)
{
    (void)state;
    static const uint32_t weights[] = {1, 2, 30, 7, 60};
    uint32_t counts[5] = {0};
    struct weft_client *client = pick_client(&by_key, 5, weights);
    read_table(client, before);
    for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++)
        counts[before[i]]++;
    assert_true(pick_chi_square(counts, weights, 5) < 18.47);
    weft_client_free(client);
}

/* A server goes: at most 1.2 / n of the keys move, and only those that the
 * server had. */
static void
few_keys_move(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {2, 3, 5, 10, 20, 50, 100, 1000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint32_t n = sizes[k], n_moved = 0;
        struct weft_client *client = pick_client(&by_key, n, NULL);
        read_table(client, before);
        pick_set(client, 1, n, NULL, false);
        read_table(client, after);
        for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++) {
            assert_true(after[i] != 0);
            assert_true(before[i] == 0 || after[i] == before[i]);
            n_moved += before[i] != after[i];
        }
        assert_true(n_moved * n <= WF_MAGLEV_SIZE * 1.2);
        weft_client_free(client);
    }
}

/* The same with weights: a server whose weight becomes higher takes keys from
 * others, and no other key moves. */
static void
a_higher_weight_only_takes(void **state)
{
    (void)state;
    uint32_t n_moved = 0, weights[] = {4, 2, 6, 8, 4};
    struct weft_client *client = pick_client(&by_key, 5, weights);
    read_table(client, before);
    weights[2] = 9; /* and the weights have no common divisor any more */
    pick_set(client, 0, 5, weights, false);
    read_table(client, after);
    for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++) {
        assert_true(before[i] == after[i] || after[i] == 2);
        n_moved += before[i] != after[i];
    }
    /* 9/27 of the keys instead of 6/24 */
    assert_in_range(n_moved, WF_MAGLEV_SIZE / 13, WF_MAGLEV_SIZE / 11);
    weft_client_free(client);
}

static void
clients_agree_whatever_the_order(void **state)
{
    (void)state;
    static const uint32_t weights[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    struct weft_client *client = pick_client(&by_key, 12, weights);
    read_table(client, before);
    pick_set(client, 3, 7, NULL, false);
    pick_set(client, 0, 12, weights, true);
    read_table(client, after);
    assert_memory_equal(before, after, sizeof before);
    weft_client_free(client);
}

/* Two releases of weft, and two kinds of machines, choose the same server. */
static void
the_table_never_changes(void **state)
{
    (void)state;
    uint64_t digest = 0;
    struct weft_client *client = pick_client(&by_key, 7, NULL);
    read_table(client, before);
    for (uint32_t i = 0; i < WF_MAGLEV_SIZE; i++)
        digest = digest * 31 + before[i];
    assert_int_equal(digest, 0x9935a74a98352aac);
    assert_int_equal(wf_maglev_entry(WEFT_STR("")), 40479);
    assert_int_equal(wf_maglev_entry(WEFT_STR("a")), 19283);
    assert_int_equal(wf_maglev_entry(WEFT_STR("user-1\xff")), 38899);
    weft_client_free(client);
}

static void
other_balancers_make_no_table(void **state)
{
    (void)state;
    for (enum weft_balance b = WEFT_P2C; b < WEFT_CONSISTENT_HASH; b++) {
        const struct weft_upstream_options upstream = {.balance = b};
        struct weft_client *client = pick_client(&upstream, 5, NULL);
        assert_null(wf_load(&wf_upstream_of(client)->list, relaxed)->table);
        weft_client_free(client);
    }
}

/* ---- the choice ---- */

static void
keys_are_spread_evenly(void **state)
{
    (void)state;
    uint32_t counts[10] = {0};
    struct weft_client *client = pick_client(&by_key, 10, NULL);
    for (uint32_t i = 0; i < 100000; i++) {
        char buf[16];
        struct weft_str key = key_of(&buf, i);
        uint32_t server = pick(client, key);
        counts[server]++;
        assert_int_equal(pick(client, key), server);
    }
    assert_true(pick_chi_square(counts, NULL, 10) < 27.88);
    weft_client_free(client);
}

/* A key of integers, of all bytes, and the empty key are keys, too. */
static void
a_key_is_any_bytes(void **state)
{
    (void)state;
    uint32_t counts[4] = {0};
    struct weft_client *client = pick_client(&by_key, 4, NULL);
    for (uint64_t i = 0; i < 4000; i++)
        counts[pick(client, (struct weft_str){(char *)&i, sizeof i})]++;
    assert_true(pick_chi_square(counts, NULL, 4) < 16.27);
    uint32_t server = pick(client, WEFT_STR(""));
    for (int i = 0; i < 100; i++)
        assert_int_equal(pick(client, WEFT_STR("")), server);
    weft_client_free(client);
}

static void
without_a_key_by_chance(void **state)
{
    (void)state;
    static const uint32_t weights[] = {1, 2, 3, 4};
    const struct weft_str none = {NULL, 0};
    uint32_t counts[4] = {0};
    struct weft_client *client = pick_client(&by_key, 4, weights);
    pick_seed(1);
    for (int i = 0; i < 10000; i++)
        counts[pick(client, none)]++;
    assert_true(pick_chi_square(counts, weights, 4) < 16.27);
    weft_client_free(client);
}

/* Calls of one key exceed what one server may have in flight. */
static void
load_is_bounded(void **state)
{
    enum { N = 5, CALLS = 500 };
    (void)state;
    static const uint32_t weights[N] = {1, 1, 2, 1, 5};
    static struct wf_attempt calls[CALLS];
    uint32_t in_flight[N] = {0};
    struct weft_client *client = pick_client(&by_key, N, weights);
    uint32_t home = pick(client, WEFT_STR("hot"));
    for (uint32_t n = 1; n <= CALLS; n++) {
        calls[n - 1] = (struct wf_attempt){.key = WEFT_STR("hot")};
        uint32_t i = pick_begin(client, &calls[n - 1]);
        double most = 1.25 * n * weights[i] / 10;
        in_flight[i]++;
        assert_true(in_flight[i] < most + 1);
    }
    /* the home server is used up to its bound */
    assert_in_range(in_flight[home], CALLS * weights[home] / 8,
                    CALLS * weights[home] / 8 + 1);
    for (uint32_t n = 0; n < CALLS; n++)
        pick_end(client, &calls[n]);
    assert_int_equal(pick(client, WEFT_STR("hot")), home);
    weft_client_free(client);
}

/* If the server of a key fails, all clients take the same second server. */
static void
the_second_server_is_agreed(void **state)
{
    (void)state;
    struct weft_client *clients[2] = {pick_client(&by_key, 6, NULL),
                                      pick_client(&by_key, 6, NULL)};
    pick_set(clients[1], 0, 6, NULL, true);
    for (uint32_t i = 0; i < 200; i++) {
        char buf[16];
        struct weft_str key = key_of(&buf, i);
        uint32_t first[2], second[2];
        for (int k = 0; k < 2; k++) {
            struct weft_arena arena = WEFT_ARENA_INIT;
            struct wf_attempt a = {.arena = &arena, .key = key};
            first[k] = pick_begin(clients[k], &a);
            assert_true(pick_fail(clients[k], &a));
            second[k] = pick_begin(clients[k], &a);
            pick_end(clients[k], &a);
            weft_arena_fini(&arena);
        }
        assert_int_equal(first[0], first[1]);
        assert_int_equal(second[0], second[1]);
        assert_true(first[0] != second[0]);
    }
    weft_client_free(clients[0]);
    weft_client_free(clients[1]);
}

/* ---- calls ---- */

enum { HOUSES = 4 };

static weft_err
add(struct weft_client *client, bool begun, struct weft_str key)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_pending pending;
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    const struct weft_call_options options = {.hash_key = key};
    weft_err err;
    if (begun) {
        trial_Trial_add_begin(client, &arena, &args, &result, &options,
                              &pending);
        err = weft_await(&pending);
    } else {
        err = trial_Trial_add(client, &arena, &args, &result, &options);
    }
    weft_arena_fini(&arena);
    return err;
}

/* The key reaches the balancer from the options of the call. */
static void
calls_of_a_key_go_to_one_server(void **state)
{
    (void)state;
    static struct house houses[HOUSES];
    const struct weft_runtime_options runtime = {.workers = 2};
    const struct weft_client_options options = {.upstream = &by_key};
    char target[256] = "list:";
    uint32_t n_used = 0;
    struct weft_client *client;
    MUST(!weft_runtime_start(&runtime));
    for (int i = 0; i < HOUSES; i++) {
        house_open(&houses[i], NULL, NULL, NULL);
        strcat(target, i ? "," : "");
        strcat(target, houses[i].address);
    }
    MUST(!weft_client_new(target, &options, &client));
    for (uint32_t k = 0; k < 40; k++) {
        char buf[16];
        struct weft_str key = key_of(&buf, k);
        uint32_t n_more = 0;
        uint64_t executed[HOUSES];
        for (int i = 0; i < HOUSES; i++)
            executed[i] = wf_load(&houses[i].trial.executed, seq_cst);
        for (int n = 0; n < 10; n++)
            assert_int_equal(add(client, n % 2, key), WEFT_OK);
        for (int i = 0; i < HOUSES; i++)
            n_more += wf_load(&houses[i].trial.executed, seq_cst) > executed[i];
        assert_int_equal(n_more, 1);
    }
    weft_client_free(client);
    for (int i = 0; i < HOUSES; i++) {
        n_used += wf_load(&houses[i].trial.executed, seq_cst) > 0;
        house_close(&houses[i]);
    }
    assert_true(n_used > 1);
    MUST(!weft_runtime_stop());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_spread_evenly),
        cmocka_unit_test(the_table_heeds_weights),
        cmocka_unit_test(few_keys_move),
        cmocka_unit_test(a_higher_weight_only_takes),
        cmocka_unit_test(clients_agree_whatever_the_order),
        cmocka_unit_test(the_table_never_changes),
        cmocka_unit_test(other_balancers_make_no_table),
        cmocka_unit_test(keys_are_spread_evenly),
        cmocka_unit_test(a_key_is_any_bytes),
        cmocka_unit_test(without_a_key_by_chance),
        cmocka_unit_test(load_is_bounded),
        cmocka_unit_test(the_second_server_is_agreed),
        cmocka_unit_test(calls_of_a_key_go_to_one_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
