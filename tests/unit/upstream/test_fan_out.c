/* SPDX-License-Identifier: MIT */
/* Calls to all of several clients: which calls are made, when it is decided how
 * the call ends, and what the caller gets. */
#include "trio.h"

#include <unistd.h>

static void
make(const struct weft_fan_out_options *options)
{
    MUST(!weft_client_fan_out(t.parts, TRIO, options, &t.front));
}

/* ---- map and merge ---- */

static void
all_get_the_call(void **state)
{
    (void)state;
    int64_t sum;
    make(NULL);
    assert_int_equal(trio_add(&t, 3, 4, &sum), WEFT_OK);
    assert_int_equal(sum, 7);
    assert_int_equal(t.info.reach, WEFT_CALL_ANSWERED);
    assert_int_equal(t.info.attempts.len, TRIO);
    for (int i = 0; i < TRIO; i++)
        assert_int_equal(trio_executed(&t, i), 1);
}

static weft_err
map_index(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    struct trial_add_args *args = weft_arena_alloc(call->arena, sizeof *args);
    const struct trial_add_args *whole = call->args;
    MUST(args && call->n == TRIO && sub->args == whole);
    args->a = whole->a * (sub->index + 1);
    args->b = 0;
    sub->args = args;
    sub->is_skipped = sub->index == *(const uint32_t *)call->user;
    return WEFT_OK;
}

static weft_err
merge_sum(const struct weft_fan_call *call, const struct weft_sub_call *subs,
          void *result)
{
    struct trial_add_result *sum = result;
    *sum = (struct trial_add_result){.which = 0};
    for (uint32_t i = 0; i < call->n; i++)
        if (!subs[i].is_skipped && !subs[i].err)
            sum->success +=
                ((const struct trial_add_result *)subs[i].result)->success;
    return WEFT_OK;
}

static void
map_and_merge_divide_a_call(void **state)
{
    (void)state;
    int64_t sum;
    uint32_t skipped = 1;
    const struct weft_fan_out_options options = {
        .map = map_index, .merge = merge_sum, .user = &skipped};
    make(&options);
    assert_int_equal(trio_add(&t, 10, 0, &sum), WEFT_OK);
    assert_int_equal(sum, 10 + 30);
    assert_int_equal(trio_executed(&t, 1), 0);
    assert_int_equal(t.info.attempts.len, TRIO - 1);
}

static weft_err
map_none(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    (void)call;
    sub->is_skipped = true;
    return WEFT_OK;
}

static weft_err
map_refuses(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    (void)call;
    return sub->index == TRIO - 1 ? WEFT_EMISSING : WEFT_OK;
}

static void
a_call_without_parts_is_not_sent(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_fan_out_options){.map = map_none});
    assert_int_equal(trio_add(&t, 1, 2, &sum), WEFT_ENOENDPOINT);
    assert_int_equal(t.info.reach, WEFT_CALL_NOT_SENT);
    assert_says(t.info.text, "skipped all");
}

static void
an_error_of_map_sends_nothing(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_fan_out_options){.map = map_refuses});
    assert_int_equal(trio_add(&t, 1, 2, &sum), WEFT_EMISSING);
    assert_int_equal(t.info.reach, WEFT_CALL_NOT_SENT);
    for (int i = 0; i < TRIO; i++)
        assert_int_equal(trio_executed(&t, i), 0);
}

static weft_err
merge_refuses(const struct weft_fan_call *call,
              const struct weft_sub_call *subs, void *result)
{
    (void)call;
    (void)subs;
    (void)result;
    return WEFT_EMISSING;
}

static void
an_error_of_merge_ends_the_call(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_fan_out_options){.merge = merge_refuses});
    assert_int_equal(trio_add(&t, 1, 2, &sum), WEFT_EMISSING);
    assert_int_equal(t.info.reach, WEFT_CALL_ANSWERED);
    assert_says(t.info.text, "merge");
}

static void
a_oneway_call_goes_to_all(void **state)
{
    (void)state;
    struct trial_note_args args = {.number = 5};
    make(&(struct weft_fan_out_options){.merge = merge_refuses});
    assert_int_equal(trial_Trial_note(t.front, &t.arena, &args, &t.options),
                     WEFT_OK);
    for (int i = 0; i < TRIO; i++)
        assert_int_equal(wf_load(&t.trials[i].noted, acquire), 1);
}

/* ---- when it is decided ---- */

static struct weft_call_options
soon(void)
{
    struct weft_call_options options = t.options;
    options.deadline_ns = weft_after_ms(50);
    return options;
}

static void
without_any_answer_the_call_is_late(void **state)
{
    (void)state;
    int64_t result = 0;
    struct weft_call_options options = soon();
    make(NULL);
    assert_int_equal(call_gate(t.front, 9, &options, &result), WEFT_ETIMEOUT);
}

/* Servers 1 and 2 never answer. */
static void
enough_successes_cancel_the_others(void **state)
{
    (void)state;
    int64_t result = 0;
    make(&(struct weft_fan_out_options){.enough = 1});
    trio_open_gate(&t, 0);
    assert_int_equal(call_gate(t.front, 9, NULL, &result), WEFT_OK);
    assert_int_equal(result, 9);
}

static void
enough_may_become_impossible(void **state)
{
    (void)state;
    struct weft_call_options options = soon();
    int64_t result = 0;
    make(&(struct weft_fan_out_options){.enough = 2});
    trio_open_gate(&t, 2);
    assert_int_equal(call_gate(t.front, 9, &options, &result), WEFT_ETIMEOUT);
}

static weft_err
refuse_one(struct weft_call *call, const struct trial_gate_args *args,
           struct trial_gate_result *result)
{
    (void)args;
    (void)result;
    return weft_call_fail(call, WEFT_EHANDLER, "a shelf is empty");
}

/* Put a server in the place of part i whose gate fails. */
static struct weft_server *
put_failing(int i)
{
    static const struct trial_Trial_service table = {.gate = refuse_one};
    struct weft_server *server;
    MUST(!weft_server_new(NULL, &server));
    MUST(!trial_Trial_register(server, "Trial", &table, NULL));
    weft_client_free(t.parts[i]);
    MUST(!weft_client_local(server, &t.parts[i]));
    return server;
}

static void
one_success_is_enough_by_default(void **state)
{
    (void)state;
    int64_t result = 0;
    struct weft_server *servers[] = {put_failing(0), put_failing(2)};
    make(NULL);
    trio_open_gate(&t, 1);
    assert_int_equal(call_gate(t.front, 9, NULL, &result), WEFT_OK);
    assert_int_equal(result, 9);
    weft_client_free(t.front);
    t.front = NULL;
    weft_server_free(servers[0]);
    weft_server_free(servers[1]);
}

/* Servers 0 and 2 never answer. */
static void
the_first_failure_may_end_the_call(void **state)
{
    (void)state;
    struct weft_call_info info;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result got;
    struct weft_call_options options = {.info = &info};
    struct weft_server *server = put_failing(1);
    make(&(struct weft_fan_out_options){.fail_limit = 1});
    assert_int_equal(trial_Trial_gate(t.front, &arena, &args, &got, &options),
                     WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(got.which, WEFT_RESULT_NONE);
    assert_int_equal(info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_says(info.text, "1 of 3 calls failed; [1] local: ");
    assert_says(info.text, "a shelf is empty");
    weft_arena_fini(&arena);
    weft_client_free(t.front);
    t.front = NULL;
    weft_server_free(server);
}

static void
failures_are_told_with_their_place(void **state)
{
    (void)state;
    make(NULL);
    assert_int_equal(trio_fail(&t, WEFT_EHANDLER), WEFT_EHANDLER - WEFT_PEER);
    assert_says(t.info.text, "3 of 3 calls failed; [0] local: ");
    assert_says(t.info.text, "; [1] local: ");
    assert_says(t.info.text, "; [2] local: ");
    assert_int_equal(t.info.reach, WEFT_CALL_ANSWERED);
    assert_int_equal(t.info.attempts.len, TRIO);
}

static void
an_exception_comes_back(void **state)
{
    (void)state;
    struct trial_refuse_args args = {.code = 6};
    struct trial_refuse_result result;
    make(NULL);
    assert_int_equal(
        trial_Trial_refuse(t.front, &t.arena, &args, &result, &t.options),
        WEFT_ETHROWN);
    assert_int_equal(result.which, trial_refuse_refused);
    assert_int_equal(result.refused.code, 6);
}

static void
a_call_that_all_refuse_says_so(void **state)
{
    (void)state;
    make(NULL);
    assert_int_equal(trio_fail(&t, WEFT_EOVERLOAD), WEFT_EOVERLOAD - WEFT_PEER);
    assert_int_equal(t.info.reach, WEFT_CALL_ANSWERED);
}

static void
the_name_and_the_time_are_options(void **state)
{
    (void)state;
    int64_t result = 0;
    make(&(struct weft_fan_out_options){.name = "shelves",
                                        .call_timeout_ms = 20});
    assert_int_equal(call_gate(t.front, 9, NULL, &result), WEFT_ETIMEOUT);
    assert_string_equal(wf_client_address(t.front), "shelves");
}

/* ---- calls in flight ---- */

static bool
all_inside(void)
{
    for (int i = 0; i < TRIO; i++)
        if (wf_load(&t.trials[i].inside, seq_cst) == 0)
            return false;
    return true;
}

static void
begun_calls_of_a_plain_thread_end(void **state)
{
    (void)state;
    struct weft_pending pendings[2];
    struct trial_gate_args args = {.number = 8};
    struct trial_add_args sum_args = {.a = 1, .b = 2};
    struct trial_gate_result gate;
    struct trial_add_result sum;
    make(NULL);
    trial_Trial_gate_begin(t.front, &t.arena, &args, &gate, &t.options,
                           &pendings[0]);
    trial_Trial_add_begin(t.front, &t.arena, &sum_args, &sum, NULL,
                          &pendings[1]);
    assert_int_equal(weft_await_any(pendings, 2), 1);
    assert_int_equal(weft_await(&pendings[1]), WEFT_OK);
    assert_int_equal(sum.success, 3);
    AWAIT(all_inside());
    for (int i = 0; i < TRIO; i++)
        trio_open_gate(&t, i);
    assert_int_equal(weft_await_any(pendings, 2), 0);
    assert_int_equal(weft_await(&pendings[0]), WEFT_OK);
    assert_int_equal(weft_await(&pendings[0]), WEFT_OK);
    assert_int_equal(gate.success, 8);
    assert_int_equal(t.info.attempts.len, TRIO);
}

static void
a_begun_call_can_be_cancelled(void **state)
{
    (void)state;
    struct weft_pending pending;
    struct trial_gate_args args = {.number = 8};
    struct trial_gate_result result;
    make(NULL);
    trial_Trial_gate_begin(t.front, &t.arena, &args, &result, &t.options,
                           &pending);
    AWAIT(all_inside());
    assert_int_equal(weft_pending_cancel(&pending), WEFT_ECANCEL);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    assert_int_equal(t.info.reach, WEFT_CALL_MAYBE_HANDLED);
}

static void
a_cancel_of_the_caller_ends_the_call(void **state)
{
    (void)state;
    struct caller caller = {0};
    make(NULL);
    caller.client = t.front;
    caller_start(&caller);
    AWAIT(all_inside());
    weft_fiber_cancel(caller.fiber);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_ECANCEL);
    assert_int_equal(wf_load(&caller.ends, relaxed), 1);
}

/* The clients have connections, so a free ends their calls. */
static void
a_free_ends_the_calls_in_flight(void **state)
{
    (void)state;
    struct house houses[2];
    struct weft_client *parts[2], *front;
    struct caller caller = {0};
    make(NULL);
    for (int i = 0; i < 2; i++) {
        house_open(&houses[i], NULL, NULL, NULL);
        MUST(!weft_client_new(houses[i].address, NULL, &parts[i]));
    }
    MUST(!weft_client_fan_out(parts, 2, NULL, &front));
    caller.client = front;
    caller_start(&caller);
    for (int i = 0; i < 2; i++)
        AWAIT(wf_load(&houses[i].trial.inside, seq_cst) == 1);
    weft_client_free(front);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_ECLOSED);
    for (int i = 0; i < 2; i++) {
        weft_sem_give(&houses[i].trial.gate, 10);
        house_close(&houses[i]);
    }
}

/* ---- whose clients ---- */

static void
a_client_belongs_to_one_other_only(void **state)
{
    (void)state;
    struct weft_client *twice[2] = {t.parts[0], t.parts[0]}, *out;
    struct weft_client *none = NULL;
    struct weft_client **many = calloc(WEFT_CLIENTS_MAX + 1, sizeof *many);
    MUST(many);
    assert_int_equal(weft_client_fan_out(twice, 2, NULL, &out), -EINVAL);
    assert_null(out);
    assert_int_equal(weft_client_fan_out(twice, 0, NULL, &out), -EINVAL);
    assert_int_equal(weft_client_fan_out(&none, 1, NULL, &out), -EINVAL);
    assert_int_equal(
        weft_client_fan_out(many, WEFT_CLIENTS_MAX + 1, NULL, &out), -EINVAL);
    make(NULL); /* so after these errors the clients are free */
    assert_int_equal(weft_client_fan_out(twice, 1, NULL, &out), -EINVAL);
    free(many);
}

static void
counters_are_summed(void **state)
{
    (void)state;
    struct house house;
    struct weft_client *front;
    struct weft_client_stats stats;
    int64_t sum;
    make(NULL);
    house_open(&house, NULL, NULL, NULL);
    MUST(!weft_client_fan_out(&house.client, 1, NULL, &front));
    MUST(!call_add(front, 1, 2, &sum));
    weft_client_get_stats(front, &stats);
    assert_int_equal(stats.connects, 1);
    weft_client_free(front);
    house.client = NULL;
    house_close(&house);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trio, close_trio)
    const struct CMUnitTest tests[] = {
        TEST(all_get_the_call),
        TEST(map_and_merge_divide_a_call),
        TEST(a_call_without_parts_is_not_sent),
        TEST(an_error_of_map_sends_nothing),
        TEST(an_error_of_merge_ends_the_call),
        TEST(a_oneway_call_goes_to_all),
        TEST(one_success_is_enough_by_default),
        TEST(without_any_answer_the_call_is_late),
        TEST(enough_successes_cancel_the_others),
        TEST(enough_may_become_impossible),
        TEST(the_first_failure_may_end_the_call),
        TEST(failures_are_told_with_their_place),
        TEST(an_exception_comes_back),
        TEST(a_call_that_all_refuse_says_so),
        TEST(the_name_and_the_time_are_options),
        TEST(begun_calls_of_a_plain_thread_end),
        TEST(a_begun_call_can_be_cancelled),
        TEST(a_cancel_of_the_caller_ends_the_call),
        TEST(a_free_ends_the_calls_in_flight),
        TEST(a_client_belongs_to_one_other_only),
        TEST(counters_are_summed),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
