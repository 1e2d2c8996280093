/* SPDX-License-Identifier: MIT */
/* The preference for endpoints of the client's own zone, compared with its
 * definition: by chi-square with a fixed seed. */
#include "pick.h"

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS 1000000u
#define NOW (1000 * (uint64_t)MS)

enum { NEAR = 10, FAR = 20, N = NEAR + FAR, CALLS = 12000 };

static struct weft_client *client;
static struct wf_upstream *up;

/* Of the servers 0 to n - 1 the first n_near are in the zone "here". */
static void
set_zones(uint32_t n, uint32_t n_near)
{
    struct weft_endpoint list[N];
    char names[N][16];
    MUST(n <= N);
    for (uint32_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "s%u:1", (unsigned)i);
        list[i] = (struct weft_endpoint){
            .address = names[i],
            .zone = i < n_near ? "here"
                    : i % 2    ? "there"
                               : NULL,
        };
    }
    MUST(!weft_client_set_endpoints(client, list, n));
}

static void
make(struct weft_upstream_options options)
{
    weft_client_free(client);
    options.slow_start_ms = WEFT_NONE;
    client = pick_client(&options, 0, NULL);
    up = wf_upstream_of(client);
    set_zones(N, NEAR);
    pick_seed(1);
}

#define WITH(...) ((struct weft_upstream_options){__VA_ARGS__})

static int
tear_down(void **state)
{
    (void)state;
    weft_client_free(client);
    client = NULL;
    return 0;
}

struct told {
    uint32_t from, to;
    weft_err err;
};

static void
check(const struct wf_item *item, void *arg)
{
    const struct told *told = arg;
    uint32_t i = pick_number(item->endpoint->client);
    for (int k = 0; k < 2 && i >= told->from && i < told->to; k++)
        wf_health_checked(up, item->endpoint, told->err, NOW, NOW);
}

/* Let the checks of the servers from..to-1 fail, or succeed. */
static void
tell(uint32_t from, uint32_t to, weft_err err)
{
    struct told told = {from, to, err};
    wf_snapshot_each_item(up, check, &told);
}

/* Returns how many of CALLS calls go to near servers. If at least half of the
 * near servers are usable, these get equally many; so do the far ones. */
static uint32_t
count_near(uint32_t near_from, uint32_t far_from)
{
    /* in so many degrees of freedom chance exceeds this once in 1,000 times */
    static const double bounds[] = {
        0,     10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12, 27.88,
        29.59, 31.26, 32.91, 34.53, 36.12, 37.70, 39.25, 40.79, 42.31, 43.82};
    uint32_t counts[N] = {0}, n = 0;
    for (int i = 0; i < CALLS; i++)
        counts[pick_at(client, NOW)]++;
    for (uint32_t i = 0; i < NEAR; i++)
        n += counts[i];
    for (uint32_t i = 0; i < near_from; i++)
        assert_int_equal(counts[i], 0);
    if (n > 0 && near_from <= NEAR / 2)
        assert_true(
            pick_chi_square(counts + near_from, NULL, NEAR - near_from) <=
            bounds[NEAR - near_from - 1]);
    if (n < CALLS && far_from <= FAR / 2)
        assert_true(
            pick_chi_square(counts + NEAR + far_from, NULL, FAR - far_from) <=
            bounds[FAR - far_from - 1]);
    return n;
}

/* The part is what it should be, but for 4 standard deviations. */
static void
assert_part(uint32_t n_near, double part)
{
    double expected = CALLS * part, difference = n_near - expected;
    assert_true(difference * difference <=
                16 * CALLS * part * (1 - part) + 1e-6);
}

/* ---- which zone ---- */

static void
the_own_zone_gets_all_calls(void **state)
{
    static const enum weft_balance ways[] = {WEFT_P2C, WEFT_ROUND_ROBIN,
                                             WEFT_RANDOM, WEFT_LEAST,
                                             WEFT_CONSISTENT_HASH};
    (void)state;
    for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
        make(WITH(.balance = ways[k], .zone = "here"));
        for (int i = 0; i < 1000; i++) {
            char key[16];
            snprintf(key, sizeof key, "%d", i);
            assert_true(pick(client, weft_str_of(key)) < NEAR);
        }
    }
}

static void
without_a_zone_all_are_alike(void **state)
{
    static const char *const zones[] = {NULL, "", "elsewhere"};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        make(WITH(.balance = WEFT_RANDOM, .zone = zones[k]));
        assert_part(count_near(0, 0), (double)NEAR / N);
    }
    make(WITH(.balance = WEFT_RANDOM, .zone = "here"));
    set_zones(N, N); /* all near */
    assert_part(count_near(0, 0), (double)NEAR / N);
}

/* With u of 10 near servers usable, 14 % times u of the calls stay near. */
static void
the_rest_spills_over(void **state)
{
    static const enum weft_balance ways[] = {WEFT_ROUND_ROBIN, WEFT_RANDOM};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        make(WITH(.balance = ways[k], .zone = "here", .check_ms = 86400000));
        for (uint32_t gone = 0; gone <= NEAR; gone++) {
            tell(0, gone, WEFT_ETIMEOUT);
            double part = WF_MIN((NEAR - gone) * 0.14, 1);
            assert_part(count_near(gone, 0), part);
        }
        tell(0, NEAR, WEFT_OK);
        assert_int_equal(count_near(0, 0), CALLS);
    }
}

static void
the_factor_is_an_option(void **state)
{
    (void)state;
    make(WITH(.balance = WEFT_RANDOM, .zone = "here", .zone_factor = 100));
    tell(0, 3, WEFT_ETIMEOUT);
    assert_part(count_near(3, 0), 0.7);
    make(WITH(.balance = WEFT_RANDOM, .zone = "here", .zone_factor = 1000));
    tell(0, 9, WEFT_ETIMEOUT);
    assert_int_equal(count_near(9, 0), CALLS);
}

/* If both can get too little, they share what is left in proportion. */
static void
both_share_if_both_are_hurt(void **state)
{
    (void)state;
    make(WITH(.balance = WEFT_RANDOM, .zone = "here",
              .panic_percent = WEFT_NONE));
    tell(0, 8, WEFT_ETIMEOUT);               /* 0.28 near */
    tell(NEAR, NEAR + 18, WEFT_ETIMEOUT);    /* 0.14 far */
    assert_part(count_near(8, 18), 2.0 / 3); /* of 0.42 */
}

/* The breaker of an endpoint counts as its ejection does. */
static void
open_breakers_count(void **state)
{
    (void)state;
    make(WITH(.balance = WEFT_RANDOM, .zone = "here", .breaker = true,
              .breaker_window = 20, .eject_failures = WEFT_NONE));
    assert_int_equal(count_near(0, 0), CALLS);
    const struct wf_snapshot *list = wf_load(&up->list, relaxed);
    for (uint32_t k = 0; k < list->n; k++) {
        struct wf_endpoint *endpoint = list->items[k].endpoint;
        struct wf_attempt a = {.begun_ns = NOW,
                               .err = WEFT_ETIMEOUT,
                               .reach = WEFT_CALL_MAYBE_HANDLED};
        if (pick_number(endpoint->client) >= 5)
            continue;
        MUST(wf_endpoint_loads(endpoint));
        for (int i = 0; i < 20; i++)
            wf_breaker_note(up, endpoint, &a, true, NOW);
    }
    assert_part(count_near(5, 0), 0.7);
}

/* A new list counts at once, also one in which servers have moved. */
static void
a_new_list_counts_at_once(void **state)
{
    (void)state;
    make(WITH(.balance = WEFT_RANDOM, .zone = "here"));
    tell(0, 5, WEFT_ETIMEOUT);
    assert_part(count_near(5, 0), 0.7);
    set_zones(N, 6); /* one of six is usable */
    uint32_t n = 0;
    for (int i = 0; i < CALLS; i++)
        n += pick_at(client, NOW) < 6;
    assert_part(n, 1.4 / 6);
}

/* If the call has tried all near servers, it goes on elsewhere. */
static void
tried_servers_are_left(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_attempt a = {.arena = &arena};
    (void)state;
    make(WITH(.balance = WEFT_RANDOM, .zone = "here", .max_attempts = 4));
    set_zones(N, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(pick_begin(client, &a) < 2);
        MUST(pick_fail(client, &a));
    }
    assert_true(pick_begin(client, &a) >= 2);
    pick_end(client, &a);
    weft_arena_fini(&arena);
}

/* ---- text and options ---- */

static void
entries_name_zones(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    char zone[] = "b";
    const struct weft_upstream_options upstream = {.zone = zone};
    const struct weft_client_options options = {.upstream = &upstream};
    (void)state;
    MUST(!weft_client_new("list:s0:1;zone=a,s1:1;weight=3;zone=b,"
                          "s2:1;zone=b;weight=2,s3:1;zone=bb,s4:1",
                          &options, &client));
    zone[0] = 'x'; /* the client has its own copy */
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    static const uint32_t weights[] = {1, 3, 2, 1, 1};
    assert_int_equal(views.len, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(views.items[i].weight, weights[i]);
        assert_int_equal(views.items[i].is_near, i == 1 || i == 2);
    }
    weft_arena_fini(&arena);
    static const char *const bad[] = {"list:a:1;zone=", "list:a:1;zone",
                                      "list:a:1;zones=b"};
    for (size_t i = 0; i < 3; i++) {
        struct weft_client *none;
        assert_int_equal(weft_client_new(bad[i], NULL, &none), WEFT_EADDRESS);
    }
}

static void
wrong_options(void **state)
{
    static const uint32_t wrong[] = {99, 10001, WEFT_NONE};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct weft_upstream_options upstream = {.zone_factor = wrong[i]};
        const struct weft_client_options options = {.upstream = &upstream};
        assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_own_zone_gets_all_calls), TEST(without_a_zone_all_are_alike),
        TEST(the_rest_spills_over),        TEST(the_factor_is_an_option),
        TEST(both_share_if_both_are_hurt), TEST(open_breakers_count),
        TEST(a_new_list_counts_at_once),   TEST(tried_servers_are_left),
        TEST(entries_name_zones),          TEST(wrong_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
