/* SPDX-License-Identifier: MIT */
/* Partitions that the tags of endpoints say: which tags count, which endpoints
 * get a call, and how calls are shared between schemes. */
#include "pick.h"

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WITH(...) ((struct weft_upstream_options){.by_tag = true, __VA_ARGS__})

static struct weft_client *client;
static struct wf_upstream *up;

static void
make(struct weft_upstream_options options)
{
    weft_client_free(client);
    options.slow_start_ms = WEFT_NONE;
    client = pick_client(&options, 0, NULL);
    up = wf_upstream_of(client);
    pick_seed(1);
}

/* Give the client the servers s0:1, s1:1 and so on, with these tags. */
static void
set(uint32_t n, const char *const *tags, const uint32_t *weights)
{
    struct weft_endpoint list[64];
    char names[64][16];
    MUST(n <= 64);
    for (uint32_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "s%u:1", (unsigned)i);
        list[i] = (struct weft_endpoint){.address = names[i],
                                         .weight = weights ? weights[i] : 1,
                                         .tag = tags[i]};
    }
    MUST(!weft_client_set_endpoints(client, list, n));
}
#define SET(...)                                                \
    set(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
        (const char *[]){__VA_ARGS__}, NULL)

static int
tear_down(void **state)
{
    (void)state;
    weft_client_free(client);
    client = NULL;
    return 0;
}

/* Returns the server of one call to a partition. */
static uint32_t
ask(uint32_t index, uint32_t n)
{
    struct wf_attempt a = {.partition = WF_PARTITION(index, n)};
    uint32_t server = pick_begin(client, &a);
    pick_end(client, &a);
    return server;
}

static bool
has_none(uint32_t index, uint32_t n)
{
    struct wf_attempt a = {.partition = WF_PARTITION(index, n),
                           .plan = &up->plan,
                           .begun_ns = wf_sys_now_ns(),
                           .deadline_ns = WEFT_NEVER};
    struct weft_client *server;
    weft_err err = wf_upstream_begin(up, &a, &server);
    MUST(err == WEFT_ENOENDPOINT);
    return true;
}

/* Returns the scheme of one call. */
static uint32_t
share(void)
{
    return wf_schemes_choose(wf_load(&up->list, seq_cst),
                             wf_task_random(wf_task_self()));
}

static bool
is_used(uint32_t n)
{
    return wf_schemes_have(wf_load(&up->list, seq_cst), n);
}

/* ---- tags ---- */

static void
tags_that_name_partitions(void **state)
{
    static const struct {
        const char *text;
        uint32_t n, first;
    } rows[] = {
        {"2/8", 1, WF_PARTITION(2, 8)},
        {"0/1", 1, WF_PARTITION(0, 1)},
        {"03/16", 1, WF_PARTITION(3, 16)},
        {"1023/1024", 1, WF_PARTITION(1023, 1024)},
        {" 0/3  1/4 ", 2, WF_PARTITION(0, 3)},
        {"v2 1/4 blue", 1, WF_PARTITION(1, 4)},
        {"0/3 0/3", 1, WF_PARTITION(0, 3)},
        {"0/9 1/9 2/9 3/9 4/9 5/9 6/9 7/9 8/9 0/8 1/8 2/8 3/8 4/8 5/8 6/8 7/8",
         16, WF_PARTITION(0, 9)},
    };
    static const char *const wrong[] = {
        "",          " ",      "9/8",     "8/8",
        "-1/3",      "1/0",    "0/0",     "1/-3",
        "+1/3",      "1/3x",   "x1/3",    "1",
        "1/",        "/3",     "1//3",    "1/3/4",
        "1 / 3",     "0/1025", "0/65537", "00001/3",
        "1/3\t",     "0x1/3",  "1/99999", "65536/65537",
        "1.0/3",     "1,3",    "1/3,",    "4294967297/4294967298",
        "shard=1/3",
    };
    uint32_t partitions[WF_TAGS_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(wf_tags_read(rows[i].text, partitions), rows[i].n);
        assert_int_equal(partitions[0], rows[i].first);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(wf_tags_read(wrong[i], partitions), 0);
    assert_int_equal(wf_tags_read(NULL, partitions), 0);
}

static const char *
tag_of(struct weft_arena *arena, uint32_t i)
{
    struct weft_endpoint_views views;
    MUST(!weft_client_get_endpoints(client, arena, &views) && i < views.len);
    return views.items[i].tag.ptr;
}

/* Of a client with the option and of one without it, by a target. */
static void
the_tags_can_be_read(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    (void)state;
    (void)wf_task_self();
    MUST(!weft_client_new("list:s0:1;tag=0/3 1/4,s1:1;weight=2;tag=9/8,s2:1",
                          NULL, &client));
    assert_string_equal(tag_of(&arena, 0), "0/3 1/4");
    assert_null(tag_of(&arena, 1));
    assert_null(tag_of(&arena, 2));
    make(WITH(0));
    SET("0/2", "1/2 x");
    assert_string_equal(tag_of(&arena, 0), "0/2");
    assert_string_equal(tag_of(&arena, 1), "1/2");
    weft_arena_fini(&arena);
}

static void
targets_with_tags_that_are_none(void **state)
{
    struct weft_client *none;
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    assert_int_equal(weft_client_new("list:s0:1;tag=", NULL, &none),
                     WEFT_EADDRESS);
    assert_int_equal(weft_client_new("list:s0:1;tags=0/2", NULL, &none),
                     WEFT_EADDRESS);
    weft_log_set_level(WEFT_LOG_WARN);
}

static char lines[2000];

static void
take_line(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    strncat(lines, line, sizeof lines - strlen(lines) - 1);
}

static uint64_t
untagged(void)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats.untagged;
}

static uint32_t
count_lines(void)
{
    uint32_t n = 0;
    for (const char *at = lines; (at = strstr(at, "get no calls")); at++)
        n++;
    return n;
}

/* They are counted, and told once. */
static void
servers_without_a_partition(void **state)
{
    (void)state;
    make(WITH(0));
    lines[0] = '\0';
    weft_log_set_sink(take_line, NULL);
    SET("0/2", "9/8", "1/2", NULL, "blue");
    SET("0/2", "8/8", "1/2", NULL, "green");
    assert_int_equal(untagged(), 3);
    assert_int_equal(count_lines(), 1);
    assert_non_null(strstr(lines, "3 of 5 servers get no calls"));
    assert_non_null(strstr(lines, "the first of them is s1:1"));
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(0, 2), 0);
        assert_int_equal(ask(1, 2), 2);
    }
    SET("0/2", "0/2", "1/2", NULL, NULL);
    assert_int_equal(untagged(), 2);
    assert_int_equal(count_lines(), 2);
    SET("0/2", "1/2");
    assert_int_equal(untagged(), 0);
    weft_log_set_sink(NULL, NULL);
    make((struct weft_upstream_options){.by_tag = false});
    SET(NULL, NULL);
    assert_int_equal(untagged(), 0);
}

static void
options_that_exclude_each_other(void **state)
{
    const struct weft_upstream_options bad[] = {WITH(.subset_size = 3),
                                                WITH(.zone = "here")};
    struct weft_client *none;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct weft_client_options options = {.upstream = &bad[i]};
        assert_int_equal(weft_client_new("list:", &options, &none), -EINVAL);
    }
}

/* ---- partitions ---- */

static const enum weft_balance ways[] = {
    WEFT_P2C, WEFT_ROUND_ROBIN, WEFT_RANDOM, WEFT_LEAST, WEFT_CONSISTENT_HASH};

/* Each way of balancing, among the servers of a partition only. */
static void
a_call_goes_to_its_partition(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        uint32_t counts[6] = {0};
        make(WITH(.balance = ways[k]));
        SET("0/3", "1/3", "2/3", "0/3", "1/3", "2/3");
        for (uint32_t i = 0; i < 3000; i++) {
            char key[16];
            snprintf(key, sizeof key, "%u", (unsigned)i);
            struct wf_attempt a = {.partition = WF_PARTITION(i % 3, 3),
                                   .key = weft_str_of(key)};
            uint32_t server = pick_begin(client, &a);
            pick_end(client, &a);
            assert_int_equal(server % 3, i % 3);
            counts[server]++;
        }
        for (uint32_t i = 0; i < 6; i++)
            assert_true(counts[i] > 0);
        if (ways[k] == WEFT_ROUND_ROBIN)
            for (uint32_t i = 0; i < 6; i++)
                assert_int_equal(counts[i], 500);
    }
}

/* Otherwise calls that alternate would find the same server again and again. */
static void
each_partition_has_its_own_turn(void **state)
{
    uint32_t counts[4] = {0};
    (void)state;
    make(WITH(.balance = WEFT_ROUND_ROBIN));
    SET("0/2", "0/2", "1/2", "1/2");
    for (uint32_t i = 0; i < 400; i++)
        counts[ask(i % 2, 2)]++;
    for (int i = 0; i < 4; i++)
        assert_int_equal(counts[i], 100);
}

static void
weights_count_inside_a_partition(void **state)
{
    static const char *const tags[] = {"0/2", "0/2", "1/2"};
    static const uint32_t weights[] = {30, 10, 500};
    uint32_t counts[3] = {0};
    (void)state;
    make(WITH(.balance = WEFT_ROUND_ROBIN));
    set(3, tags, weights);
    for (int i = 0; i < 400; i++)
        counts[ask(0, 2)]++;
    assert_int_equal(counts[0], 300);
    assert_int_equal(counts[1], 100);
    assert_int_equal(counts[2], 0);
}

/* A call that is not made by weft_client_partition. */
static void
a_call_without_a_partition_goes_to_any_server(void **state)
{
    uint32_t counts[4] = {0};
    (void)state;
    make(WITH(.balance = WEFT_ROUND_ROBIN));
    SET("0/2", "1/2", NULL, "0/9");
    for (int i = 0; i < 400; i++)
        counts[pick(client, (struct weft_str){0})]++;
    for (int i = 0; i < 4; i++)
        assert_int_equal(counts[i], 100);
}

static void
a_server_with_partitions_of_two_schemes(void **state)
{
    (void)state;
    make(WITH(0));
    SET("0/2 1/3", "1/2", "0/3 2/3");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(0, 2), 0);
        assert_int_equal(ask(1, 2), 1);
        assert_int_equal(ask(0, 3), 2);
        assert_int_equal(ask(1, 3), 0);
        assert_int_equal(ask(2, 3), 2);
    }
}

static void
take_endpoint(const struct wf_item *item, void *arg)
{
    const struct wf_endpoint **endpoint = arg;
    if (strcmp(item->endpoint->address, "s0:1") == 0)
        *endpoint = item->endpoint;
}

/* It keeps what the client knows of it, such as its connection. */
static void
an_endpoint_changes_its_tag(void **state)
{
    const struct wf_endpoint *before = NULL, *after = NULL;
    (void)state;
    make(WITH(0));
    SET("0/2", "1/2", "1/2");
    assert_int_equal(ask(0, 2), 0);
    wf_snapshot_each_item(up, take_endpoint, &before);
    SET("1/2", "0/2", "1/2");
    wf_snapshot_each_item(up, take_endpoint, &after);
    assert_ptr_equal(before, after);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(0, 2), 1);
        assert_in_range(ask(1, 2) % 2, 0, 0);
    }
}

static void
a_scheme_with_an_empty_partition_gets_no_calls(void **state)
{
    (void)state;
    make(WITH(0));
    assert_int_equal(share(), 0);
    SET("0/3", "1/3", "2/3", "0/2");
    for (int i = 0; i < 100; i++)
        assert_int_equal(share(), 3);
    assert_true(is_used(3) && !is_used(2));
    assert_true(has_none(0, 2));
    SET("0/3", "1/2", "2/3", "0/2");
    for (int i = 0; i < 100; i++)
        assert_int_equal(share(), 2);
    assert_true(has_none(1, 3));
}

/* Then only the calls of its missing partitions fail. */
static void
without_a_whole_scheme_the_largest_part_is_used(void **state)
{
    (void)state;
    make(WITH(0));
    SET("0/3", "1/3", "1/3", "0/2", "0/1000", "1/1000", "2/1000");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(share(), 3);
        assert_int_equal(ask(0, 3), 0);
        assert_in_range(ask(1, 3), 1, 2);
    }
    assert_true(has_none(2, 3));
    assert_true(has_none(0, 2));
    SET("0/3", "1/3", "0/6", "1/6", "3/6", "5/6"); /* as much of both */
    uint32_t n = 0;
    for (int i = 0; i < 1000; i++)
        n += share() == 3;
    assert_in_range(n, 220, 450); /* 333, but for 7 sigma */
    SET(NULL, "blue");
    assert_int_equal(share(), 0);
}

/* ---- another attempt ---- */

/* It goes to another server of the same partition, at once while there is
 * one. */
static void
the_next_attempt_stays_in_the_partition(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        make(WITH(.eject_failures = WEFT_NONE));
        SET("0/2", "0/2", "1/2", "1/2", "1/2");
        pick_seed(seed);
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct wf_attempt a = {.partition = WF_PARTITION(0, 2),
                               .arena = &arena};
        uint32_t first = pick_begin(client, &a);
        MUST(pick_fail(client, &a));
        assert_int_equal(a.pause_ns, 0);
        a.begun_ns = 0;
        assert_int_equal(pick_begin(client, &a), 1 - first);
        MUST(pick_fail(client, &a)); /* all of the partition were tried */
        assert_true(a.pause_ns > 0);
        weft_arena_fini(&arena);
    }
}

static void
eject(const struct wf_item *item, void *arg)
{
    uint64_t now = wf_sys_now_ns();
    (void)arg;
    if (pick_number(item->endpoint->client) < 2)
        for (int k = 0; k < 2; k++)
            wf_health_checked(up, item->endpoint, WEFT_ECONNECT, now, now);
}

/* Whether ejections count is decided by the whole list. If all servers of a
 * partition are ejected, its calls go there all the same. */
static void
a_partition_whose_servers_are_ejected(void **state)
{
    (void)state;
    make(WITH(0));
    SET("0/3", "1/3", "2/3", "0/3", "2/3", "0/3");
    wf_snapshot_each_item(up, eject, NULL);
    for (int i = 0; i < 100; i++) {
        assert_in_range(ask(0, 3), 3, 5);
        assert_int_equal(ask(1, 3), 1);
    }
}

/* ---- shares ---- */

static void
schemes_get_calls_by_their_weights(void **state)
{
    static const char *const tags[] = {"0/1", "0/2", "1/2", "0/3",    "1/3",
                                       "2/3", "0/4", "1/4", "2/4 2/3"};
    static const uint32_t weights[] = {10, 5, 15, 1, 2, 3, 1000, 1000, 4};
    static const uint32_t parts[] = {10, 20, 10}; /* 4 partitions: not whole */
    uint32_t counts[3] = {0};
    (void)state;
    make(WITH(0));
    set(9, tags, weights);
    for (int i = 0; i < 40000; i++) {
        uint32_t n = share();
        MUST(n >= 1 && n <= 3);
        counts[n - 1]++;
    }
    assert_true(pick_chi_square(counts, parts, 3) <= 13.82); /* 1 in 1,000 */
}

/* Also if their sum is above 2^32. */
static void
weights_may_be_large(void **state)
{
    static uint32_t weights[64];
    static const char *tags[64];
    static const uint32_t parts[] = {1, 63};
    uint32_t counts[2] = {0};
    (void)state;
    make(WITH(0));
    for (int i = 0; i < 64; i++) {
        weights[i] = 1000000;
        tags[i] = i == 0 ? "0/1" : i % 2 ? "0/2" : "1/2";
    }
    set(64, tags, weights);
    for (int i = 0; i < 40000; i++)
        counts[share() - 1]++;
    assert_true(pick_chi_square(counts, parts, 2) <= 10.83);
}

/* ---- a long list ---- */

static void
a_list_of_ten_thousand(void **state)
{
    enum { LONG = 10000, PARTITIONS = 1000 };
    static struct weft_endpoint list[LONG];
    static char names[LONG][16], tags[LONG][16];
    (void)state;
    make(WITH(0));
    for (uint32_t i = 0; i < LONG; i++) {
        snprintf(names[i], sizeof names[i], "s%u:1", (unsigned)i);
        snprintf(tags[i], sizeof tags[i], "%u/%u", (unsigned)i % PARTITIONS,
                 (unsigned)PARTITIONS);
        list[i] = (struct weft_endpoint){.address = names[i], .tag = tags[i]};
    }
    MUST(!weft_client_set_endpoints(client, list, LONG));
    for (uint32_t i = 0; i < PARTITIONS; i++)
        assert_int_equal(ask(i, PARTITIONS) % PARTITIONS, i);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tags_that_name_partitions),
        TEST(the_tags_can_be_read),
        TEST(targets_with_tags_that_are_none),
        TEST(servers_without_a_partition),
        TEST(options_that_exclude_each_other),
        TEST(a_call_goes_to_its_partition),
        TEST(each_partition_has_its_own_turn),
        TEST(weights_count_inside_a_partition),
        TEST(a_call_without_a_partition_goes_to_any_server),
        TEST(a_server_with_partitions_of_two_schemes),
        TEST(an_endpoint_changes_its_tag),
        TEST(a_scheme_with_an_empty_partition_gets_no_calls),
        TEST(without_a_whole_scheme_the_largest_part_is_used),
        TEST(the_next_attempt_stays_in_the_partition),
        TEST(a_partition_whose_servers_are_ejected),
        TEST(schemes_get_calls_by_their_weights),
        TEST(weights_may_be_large),
        TEST(a_list_of_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
