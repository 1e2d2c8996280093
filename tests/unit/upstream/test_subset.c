/* SPDX-License-Identifier: MIT */
/* Clients that use a subset of a long list. */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { MOST = 100 };

/* Which of the servers the client uses. */
static uint32_t
read_used(struct weft_client *client, bool *used)
{
    const struct wf_snapshot *list =
        wf_load(&wf_upstream_of(client)->list, relaxed);
    memset(used, 0, MOST * sizeof *used);
    for (uint32_t i = 0; i < list->n; i++)
        used[pick_number(list->items[i].endpoint->client)] = true;
    return list->n;
}

/* The subset of a client with this index, which begins at 1. */
static uint32_t
subset(uint32_t size, uint32_t index, uint32_t n, bool *used)
{
    const struct weft_upstream_options upstream = {.subset_size = size,
                                                   .client_index = index};
    struct weft_client *client = pick_client(&upstream, n, NULL);
    uint32_t n_used = read_used(client, used);
    weft_client_free(client);
    return n_used;
}

/* Each round uses each server at most once, and leaves out fewer servers than a
 * subset has. */
static void
a_round_uses_each_server_once(void **state)
{
    (void)state;
    static const struct {
        uint32_t n, size;
    } rows[] = {{100, 10}, {100, 30}, {7, 3}, {12, 12}, {13, 12}, {5, 1}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t n = rows[k].n, size = rows[k].size, index = 1;
        for (int round = 0; round < 3; round++) {
            uint32_t counts[MOST] = {0}, n_used = 0;
            for (uint32_t i = 0; i < n / size; i++) {
                bool used[MOST];
                assert_int_equal(subset(size, index++, n, used), size);
                for (uint32_t s = 0; s < n; s++)
                    counts[s] += used[s];
            }
            for (uint32_t s = 0; s < n; s++) {
                assert_in_range(counts[s], 0, 1);
                n_used += counts[s];
            }
            assert_int_equal(n_used, n / size * size);
        }
    }
}

/* The rest of each round is another one, so over many rounds all servers are
 * used equally often. */
static void
many_rounds_are_even(void **state)
{
    enum { N = 11, SIZE = 4, ROUNDS = 200 };
    (void)state;
    uint32_t counts[MOST] = {0};
    for (uint32_t index = 1; index <= N / SIZE * ROUNDS; index++) {
        bool used[MOST];
        assert_int_equal(subset(SIZE, index, N, used), SIZE);
        for (uint32_t s = 0; s < N; s++)
            counts[s] += used[s];
    }
    /* 10 degrees of freedom: chance exceeds this once in 1,000 times */
    assert_true(pick_chi_square(counts, NULL, N) < 29.59);
}

static void
the_order_does_not_matter(void **state)
{
    (void)state;
    const struct weft_upstream_options upstream = {.subset_size = 5,
                                                   .client_index = 3};
    bool before[MOST], after[MOST];
    struct weft_client *client = pick_client(&upstream, 40, NULL);
    read_used(client, before);
    pick_set(client, 0, 40, NULL, true);
    read_used(client, after);
    assert_memory_equal(before, after, sizeof before);
    weft_client_free(client);
}

/* A server goes, and the number of subsets stays: a subset changes by one
 * server at most. */
static void
few_servers_change(void **state)
{
    (void)state;
    for (uint32_t index = 1; index <= 9; index++) {
        const struct weft_upstream_options upstream = {.subset_size = 10,
                                                       .client_index = index};
        bool before[MOST], after[MOST];
        uint32_t n_changed = 0;
        struct weft_client *client = pick_client(&upstream, 95, NULL);
        read_used(client, before);
        pick_set(client, 1, 95, NULL, false);
        assert_int_equal(read_used(client, after), 10);
        for (int s = 0; s < MOST; s++)
            n_changed += before[s] && !after[s];
        assert_in_range(n_changed, 0, 1);
        weft_client_free(client);
    }
}

static void
short_lists_are_used_whole(void **state)
{
    (void)state;
    bool used[MOST];
    assert_int_equal(subset(0, 1, 100, used), 100);
    assert_int_equal(subset(100, 7, 100, used), 100);
    assert_int_equal(subset(UINT32_MAX, 7, 100, used), 100);
    assert_int_equal(subset(99, UINT32_MAX, 100, used), 99);
    assert_int_equal(subset(10, 1, 0, used), 0);
}

/* Clients without an index do not all use the same server: one of 100 clients
 * has another one than the first. */
static void
no_index_is_a_random_one(void **state)
{
    (void)state;
    bool first[MOST], other[MOST], is_same = true;
    assert_int_equal(subset(1, 0, 100, first), 1);
    for (int k = 0; k < 99 && is_same; k++) {
        assert_int_equal(subset(1, 0, 100, other), 1);
        is_same = memcmp(first, other, sizeof first) == 0;
    }
    assert_false(is_same);
}

/* A mistake in the list is found, also if the client uses none of it. */
static void
an_address_that_is_there_twice(void **state)
{
    (void)state;
    const struct weft_upstream_options upstream = {.subset_size = 1,
                                                   .client_index = 1};
    const struct weft_endpoint list[] = {{.address = "a:1", .weight = 1},
                                         {.address = "b:1", .weight = 1},
                                         {.address = "c:1", .weight = 1},
                                         {.address = "b:1", .weight = 2},
                                         {.address = "d:1", .weight = 1}};
    struct weft_client *client = pick_client(&upstream, 3, NULL);
    assert_int_equal(weft_client_set_endpoints(client, list, 5), WEFT_EADDRESS);
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_uses_each_server_once),
        cmocka_unit_test(many_rounds_are_even),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(few_servers_change),
        cmocka_unit_test(short_lists_are_used_whole),
        cmocka_unit_test(no_index_is_a_random_one),
        cmocka_unit_test(an_address_that_is_there_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
