/* SPDX-License-Identifier: MIT */
/* Calls to one partition of several, or to all; and calls of a server in the
 * same process. */
#include "trio.h"

#include <unistd.h>

static void
make(const struct weft_partition_options *options)
{
    MUST(!weft_client_partition(t.parts, TRIO, options, &t.front));
}

/* ---- by key ---- */

/* Returns the partition that executes a call with this key. */
static int
ask(const char *key)
{
    uint64_t before[TRIO];
    int64_t sum;
    int found = -1;
    for (int i = 0; i < TRIO; i++)
        before[i] = trio_executed(&t, i);
    t.options.hash_key = weft_str_of(key);
    MUST(!trio_add(&t, 1, 2, &sum) && sum == 3);
    for (int i = 0; i < TRIO; i++)
        if (trio_executed(&t, i) != before[i]) {
            MUST(found < 0 && trio_executed(&t, i) == before[i] + 1);
            found = i;
        }
    return found;
}

static void
a_key_belongs_to_one_partition(void **state)
{
    (void)state;
    int n[TRIO] = {0};
    make(NULL);
    for (int k = 0; k < 300; k++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", k);
        int i = ask(key);
        assert_true(i >= 0 && i == ask(key));
        n[i]++;
    }
    for (int i = 0; i < TRIO; i++)
        assert_in_range(n[i], 60, 140);
}

/* Other clients, and other versions of weft, have to agree. */
static void
the_hash_never_changes(void **state)
{
    (void)state;
    make(NULL);
    assert_int_equal(ask(""), 1);
    assert_int_equal(ask("ada"), 2);
    assert_int_equal(ask("grace"), 1);
    assert_int_equal(ask("linus"), 2);
}

/* ---- all partitions ---- */

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

static void
a_call_without_a_key_goes_to_all(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_partition_options){.merge = merge_sum});
    assert_int_equal(trio_add(&t, 1, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 3 * TRIO);
}

static void
lose_one(uint32_t fail_limit, weft_err expected)
{
    int64_t sum;
    weft_client_free(t.parts[1]);
    t.parts[1] = new_client_of_nobody();
    make(&(struct weft_partition_options){.fail_limit = fail_limit});
    assert_int_equal(trio_add(&t, 1, 2, &sum), expected);
}

static void
a_missing_partition_fails_the_call(void **state)
{
    (void)state;
    lose_one(0, WEFT_ECONNECT);
    assert_says(t.info.text, "[1] 127.0.0.1:");
}

static void
a_missing_partition_may_be_allowed(void **state)
{
    (void)state;
    lose_one(2, WEFT_OK);
}

/* ---- a route of the user ---- */

static weft_err
route_by_a(const struct weft_fan_call *call, uint32_t *index)
{
    const struct trial_add_args *args = call->args;
    MUST(call->n == TRIO && call->user == &t);
    if (args->a < 0)
        return WEFT_EMISSING;
    *index = args->a == 100 ? WEFT_ALL_CLIENTS : (uint32_t)args->a;
    return WEFT_OK;
}

static weft_err
map_first(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    (void)call;
    sub->is_skipped = sub->index > 0;
    return WEFT_OK;
}

static void
the_user_may_route(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_partition_options){
        .route = route_by_a, .map = map_first, .user = &t});
    assert_int_equal(trio_add(&t, 2, 5, &sum), WEFT_OK);
    assert_int_equal(sum, 7);
    assert_int_equal(trio_executed(&t, 2), 1);
    assert_int_equal(trio_add(&t, 100, 0, &sum), WEFT_OK);
    assert_int_equal(trio_executed(&t, 0), 1);
    assert_int_equal(trio_executed(&t, 1), 0);
    assert_int_equal(trio_add(&t, -1, 0, &sum), WEFT_EMISSING);
    assert_says(t.info.text, "route");
    assert_int_equal(trio_add(&t, TRIO, 0, &sum), WEFT_ENOENDPOINT);
    assert_int_equal(t.info.reach, WEFT_CALL_NOT_SENT);
}

static void
the_name_and_the_time_are_options(void **state)
{
    (void)state;
    int64_t result;
    make(&(struct weft_partition_options){.name = "store",
                                          .call_timeout_ms = 20});
    assert_int_equal(call_gate(t.front, 9, NULL, &result), WEFT_ETIMEOUT);
    assert_string_equal(wf_client_address(t.front), "store");
}

/* ---- a server in the same process ---- */

static void
a_local_client_has_the_errors_of_any_client(void **state)
{
    (void)state;
    struct trial_absent_args args = {0};
    struct trial_absent_result result;
    struct trial_business_args status = {.status = 12,
                                         .why = WEFT_STR("sold out")};
    struct trial_business_result none;
    t.front = t.parts[0];
    assert_int_equal(
        trial_Trial_absent(t.front, &t.arena, &args, &result, &t.options),
        WEFT_ENOMETHOD - WEFT_PEER);
    assert_int_equal(trio_fail(&t, WEFT_EOVERLOAD), WEFT_EOVERLOAD - WEFT_PEER);
    assert_says(t.info.text, "as asked");
    assert_int_equal(trio_fail(&t, -EIO), WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(
        trial_Trial_business(t.front, &t.arena, &status, &none, &t.options),
        WEFT_EBUSINESS - WEFT_PEER);
    assert_int_equal(t.info.business, 12);
    weft_client_free(t.parts[1]);
    weft_client_free(t.parts[2]);
}

static void
a_local_call_may_be_begun(void **state)
{
    (void)state;
    struct weft_pending pending;
    struct trial_gate_args args = {.number = 4};
    struct trial_gate_result result;
    t.front = t.parts[0];
    trial_Trial_gate_begin(t.front, &t.arena, &args, &result, &t.options,
                           &pending);
    AWAIT(wf_load(&t.trials[0].inside, seq_cst) == 1);
    trio_open_gate(&t, 0);
    assert_int_equal(weft_await(&pending), WEFT_OK);
    assert_int_equal(result.success, 4);
    weft_client_free(t.parts[1]);
    weft_client_free(t.parts[2]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trio, close_trio)
    const struct CMUnitTest tests[] = {
        TEST(a_key_belongs_to_one_partition),
        TEST(the_hash_never_changes),
        TEST(a_call_without_a_key_goes_to_all),
        TEST(a_missing_partition_fails_the_call),
        TEST(a_missing_partition_may_be_allowed),
        TEST(the_user_may_route),
        TEST(the_name_and_the_time_are_options),
        TEST(a_local_client_has_the_errors_of_any_client),
        TEST(a_local_call_may_be_begun),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
