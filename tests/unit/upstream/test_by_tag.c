/* SPDX-License-Identifier: MIT */
/* Calls of a client whose one list is divided by tags, to real servers. */
#include "unit/rpc/rpc_test.h"

#include "upstream/upstream.h"

#include <weft/combine.h>

#include <string.h>

enum { N = 4 };

static struct house houses[N];
static struct weft_client *inner, *store;
static struct weft_arena arena;
static struct weft_call_info info;
static struct weft_call_options call_options;

/* Give the client the servers 0, 1 and so on with these tags; NULL: without the
 * server. */
static void
set(const char *const tags[N])
{
    struct weft_endpoint list[N];
    uint32_t n = 0;
    for (int i = 0; i < N; i++)
        if (tags[i])
            list[n++] = (struct weft_endpoint){.address = houses[i].address,
                                               .tag = tags[i]};
    MUST(!weft_client_set_endpoints(inner, list, n));
}
#define SET(...) set((const char *const[N]){__VA_ARGS__})

static void
make(const struct weft_partition_options *options)
{
    const struct weft_upstream_options upstream = {.by_tag = true,
                                                   .slow_start_ms = WEFT_NONE};
    MUST(!weft_client_new(
        "list:", &(struct weft_client_options){.upstream = &upstream}, &inner));
    MUST(!weft_client_partition(&inner, 1, options, &store));
}

static int
open_houses(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        house_open(&houses[i], NULL, NULL, NULL);
    weft_arena_init(&arena, 0);
    call_options = (struct weft_call_options){.info = &info};
    store = inner = NULL;
    return 0;
}

static int
close_houses(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        weft_sem_give(&houses[i].trial.gate, 1000);
    weft_client_free(store);
    for (int i = 0; i < N; i++)
        house_close(&houses[i]);
    weft_arena_fini(&arena);
    return 0;
}

static uint64_t
executed(int i)
{
    return wf_load(&houses[i].trial.executed, seq_cst);
}

static weft_err
add(const char *key, int64_t *sum)
{
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    call_options.hash_key = key ? weft_str_of(key) : (struct weft_str){NULL, 0};
    weft_err err =
        trial_Trial_add(store, &arena, &args, &result, &call_options);
    *sum = result.which == 0 ? result.success : -1;
    return err;
}

/* Returns the only server that executes a call with this key. */
static int
ask(const char *key)
{
    uint64_t before[N];
    int64_t sum;
    int found = -1;
    for (int i = 0; i < N; i++)
        before[i] = executed(i);
    MUST(!add(key, &sum) && sum == 3);
    for (int i = 0; i < N; i++)
        if (executed(i) != before[i]) {
            MUST(found < 0 && executed(i) == before[i] + 1);
            found = i;
        }
    return found;
}

static void
assert_says(const char *part)
{
    if (!info.text.ptr || !strstr(info.text.ptr, part))
        fail_msg("\"%.*s\" does not say \"%s\"", WEFT_FMT(info.text), part);
}

/* ---- one scheme ---- */

/* The same partitions as those of weft_client_partition with three clients, see
 * test_partition.c. */
static void
a_key_belongs_to_one_partition(void **state)
{
    (void)state;
    make(NULL);
    SET("2/3", "0/3", "1/3", NULL);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask(""), 2);      /* partition 1 */
        assert_int_equal(ask("ada"), 0);   /* partition 2 */
        assert_int_equal(ask("grace"), 2); /* partition 1 */
    }
}

static weft_err
merge_sum(const struct weft_fan_call *call, const struct weft_sub_call *subs,
          void *result)
{
    struct trial_add_result *sum = result;
    *sum = (struct trial_add_result){.which = 0};
    for (uint32_t i = 0; i < call->n; i++)
        sum->success +=
            ((const struct trial_add_result *)subs[i].result)->success;
    return WEFT_OK;
}

/* Each partition gets it once, whichever of its servers. */
static void
a_call_without_a_key_goes_to_all(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_partition_options){.merge = merge_sum});
    SET("0/3", "1/3", "1/3", "2/3");
    assert_int_equal(add(NULL, &sum), WEFT_OK);
    assert_int_equal(sum, 9);
    assert_int_equal(executed(0), 1);
    assert_int_equal(executed(1) + executed(2), 1);
    assert_int_equal(executed(3), 1);
    assert_int_equal(info.attempts.len, 3);
}

static weft_err
route_by_a(const struct weft_fan_call *call, uint32_t *index)
{
    const struct trial_add_args *args = call->args;
    MUST(call->n == 2);
    *index = args->a == 1 ? 1 : 7;
    return WEFT_OK;
}

static void
the_user_may_route(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_partition_options){.route = route_by_a});
    SET("0/2", "1/2", NULL, NULL);
    assert_int_equal(add(NULL, &sum), WEFT_OK);
    assert_int_equal(executed(1), 1);
    struct trial_add_args args = {.a = 2};
    struct trial_add_result result;
    assert_int_equal(
        trial_Trial_add(store, &arena, &args, &result, &call_options),
        WEFT_ENOENDPOINT);
    assert_says("route");
}

static void
a_missing_partition_fails_its_calls(void **state)
{
    (void)state;
    int64_t sum;
    weft_log_set_level(WEFT_LOG_NONE);
    make(NULL);
    assert_int_equal(add("ada", &sum), WEFT_ENOENDPOINT);
    SET("9/8", NULL, "blue", NULL);
    assert_int_equal(add("ada", &sum), WEFT_ENOENDPOINT);
    assert_says("the call was not sent");
    assert_says("a tag such as `0/2`");
    assert_int_equal(info.reach, WEFT_CALL_NOT_SENT);
    assert_int_equal(info.attempts.len, 0);
    assert_int_equal(add(NULL, &sum), WEFT_ENOENDPOINT);
    SET("0/3", "1/3", "blue", NULL);
    assert_int_equal(add("ada", &sum), WEFT_ENOENDPOINT); /* partition 2 */
    assert_says("its partition has no server now");
    assert_int_equal(add("grace", &sum), WEFT_OK); /* partition 1 */
    assert_int_equal(executed(1), 1);
    assert_int_equal(add(NULL, &sum), WEFT_ENOENDPOINT);
    weft_log_set_level(WEFT_LOG_WARN);
}

static void
a_missing_partition_may_be_allowed(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_partition_options){.fail_limit = 2});
    SET("0/3", NULL, "2/3", NULL);
    assert_int_equal(add(NULL, &sum), WEFT_OK);
    assert_int_equal(executed(0) + executed(2), 2);
}

static void
a_client_of_many_without_the_option_is_one_partition(void **state)
{
    (void)state;
    int64_t sum;
    MUST(!weft_client_new("list:", NULL, &inner));
    MUST(!weft_client_partition(&inner, 1, NULL, &store));
    SET("0/2", NULL, NULL, NULL);
    assert_int_equal(add("ada", &sum), WEFT_OK);
    assert_int_equal(executed(0), 1);
}

/* A resolver that fails says why. */
static weft_err
find_nothing(struct weft_resolver *resolver, const char *name, void *user)
{
    (void)name;
    (void)user;
    weft_resolver_explain(resolver, "the map is lost");
    return WEFT_ECONNECT;
}

static void
why_no_list_is_known(void **state)
{
    const struct weft_upstream_options upstream = {.by_tag = true,
                                                   .resolve = find_nothing};
    (void)state;
    int64_t sum;
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_client_new(
        "any", &(struct weft_client_options){.upstream = &upstream}, &inner));
    MUST(!weft_client_partition(&inner, 1, NULL, &store));
    assert_int_equal(add("ada", &sum), WEFT_ENOENDPOINT);
    assert_says("the map is lost");
    weft_log_set_level(WEFT_LOG_WARN);
}

/* ---- two schemes ---- */

static void
calls_are_shared_between_schemes(void **state)
{
    (void)state;
    int n[N] = {0};
    make(NULL);
    SET("0/1", "0/1", "0/2", "1/2");
    for (int i = 0; i < 400; i++)
        n[ask("ada")]++;
    assert_in_range(n[0] + n[1], 140, 260); /* 200, but for 6 sigma */
    assert_true((n[2] == 0) != (n[3] == 0));
}

struct begun {
    struct weft_pending pending;
    struct trial_gate_args args;
    struct trial_gate_result result;
};

/* Begin a call that waits in the handler of server 0. */
static void
begin_at_0(struct begun *b, bool idempotent)
{
    call_options.hash_key = WEFT_STR("ada");
    call_options.idempotent = idempotent;
    b->args = (struct trial_gate_args){.number = 5};
    trial_Trial_gate_begin(store, &arena, &b->args, &b->result, &call_options,
                           &b->pending);
    AWAIT(wf_load(&houses[0].trial.inside, seq_cst) == 1);
}

/* Kill server 0, after its scheme has been replaced by that of server 1. */
static void
lose_scheme(void)
{
    SET(NULL, "0/1", NULL, NULL);
    weft_sem_give(&houses[1].trial.gate, 1000);
    (void)!weft_server_stop_until(houses[0].server, 0);
}

static void
a_call_goes_on_in_another_scheme(void **state)
{
    (void)state;
    struct begun b;
    make(NULL);
    SET("0/2 1/2", NULL, NULL, NULL);
    begin_at_0(&b, true);
    lose_scheme();
    assert_int_equal(weft_await(&b.pending), WEFT_OK);
    assert_int_equal(b.result.success, 5);
    assert_int_equal(info.attempts.len, 2);
    assert_string_equal(info.attempts.items[0].endpoint.ptr, houses[0].address);
    assert_string_equal(info.attempts.items[1].endpoint.ptr, houses[1].address);
}

static void
a_call_that_may_be_executed_does_not(void **state)
{
    (void)state;
    struct begun b;
    make(NULL);
    SET("0/2 1/2", NULL, NULL, NULL);
    begin_at_0(&b, false);
    lose_scheme();
    assert_int_not_equal(weft_await(&b.pending), WEFT_OK);
    assert_int_equal(info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_int_equal(executed(1), 0);
}

/* A call that was sent before as a retry is not sent in another scheme. */
static void
a_retry_is_not_retried(void **state)
{
    (void)state;
    struct begun b;
    make(NULL);
    SET("0/2 1/2", NULL, NULL, NULL);
    call_options.sent_before = 1;
    begin_at_0(&b, true);
    lose_scheme();
    assert_int_not_equal(weft_await(&b.pending), WEFT_OK);
    assert_int_equal(executed(1), 0);
}

/* ---- what a client knows ---- */

static void
the_counters_are_those_of_the_client(void **state)
{
    struct weft_client_stats stats;
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    make(NULL);
    SET("0/1", "blue", NULL, NULL);
    assert_int_equal(ask("ada"), 0);
    weft_client_get_stats(store, &stats);
    assert_int_equal(stats.connects, 1);
    assert_int_equal(stats.untagged, 1);
    weft_log_set_level(WEFT_LOG_WARN);
}

int
main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_houses, close_houses)
    const struct CMUnitTest tests[] = {
        TEST(a_key_belongs_to_one_partition),
        TEST(a_call_without_a_key_goes_to_all),
        TEST(the_user_may_route),
        TEST(a_missing_partition_fails_its_calls),
        TEST(a_missing_partition_may_be_allowed),
        TEST(a_client_of_many_without_the_option_is_one_partition),
        TEST(why_no_list_is_known),
        TEST(calls_are_shared_between_schemes),
        TEST(a_call_goes_on_in_another_scheme),
        TEST(a_call_that_may_be_executed_does_not),
        TEST(a_retry_is_not_retried),
        TEST(the_counters_are_those_of_the_client),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
