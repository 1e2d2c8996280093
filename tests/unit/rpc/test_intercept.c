/* SPDX-License-Identifier: MIT */
/* Functions around the handlers of a server. */
#include "rpc_test.h"

static char trail[64]; /* what has run, a letter for each */
static _Atomic uint32_t n_trail;
static weft_err second_time;

static void
leave(char c)
{
    uint32_t n = wf_load(&n_trail, relaxed);
    MUST(n + 1 < sizeof trail);
    trail[n] = c;
    wf_store(&n_trail, n + 1, release);
}

/* `user` is a string of two letters: before and after. */
static weft_err
surround(struct weft_call *call, void *user)
{
    const char *letters = user;
    leave(letters[0]);
    weft_err err = weft_proceed(call);
    leave(letters[1]);
    return err;
}

static weft_err
refuse(struct weft_call *call, void *user)
{
    (void)user;
    leave('r');
    return weft_call_fail(call, WEFT_EOVERLOAD, "WEFT_EOVERLOAD: no");
}

static weft_err
insist(struct weft_call *call, void *user)
{
    (void)user;
    weft_err err = weft_proceed(call);
    second_time = weft_proceed(call);
    return err;
}

/* The result of add grows by *user. */
static weft_err
raise_sum(struct weft_call *call, void *user)
{
    const struct trial_add_args *args = weft_call_args(call);
    struct trial_add_result *result = weft_call_result(call);
    weft_err err = weft_proceed(call);
    MUST(weft_call_descriptor(call) == &trial_add_method);
    MUST(result->success == args->a + args->b);
    result->success += *(const int *)user;
    return err;
}

static weft_err
answer_instead(struct weft_call *call, void *user)
{
    struct trial_add_result *result = weft_call_result(call);
    (void)user;
    result->which = 0;
    result->success = 77;
    return WEFT_OK;
}

static struct house house;

/* A house whose server has these interceptors; the list ends with NULL. */
static void
open_with(const weft_interceptor_fn *fns, void *const *users)
{
    memset(trail, 0, sizeof trail);
    wf_store(&n_trail, 0, relaxed);
    house.server = trial_server(&house.trial, NULL);
    for (int i = 0; fns[i]; i++)
        MUST(!weft_server_intercept(house.server, fns[i], users[i]));
    MUST(!weft_server_listen(house.server, "127.0.0.1:0"));
    MUST(!weft_server_start(house.server));
    snprintf(house.address, sizeof house.address, "127.0.0.1:%u",
             weft_server_port(house.server));
    MUST(!weft_client_new(house.address, NULL, &house.client));
}

static int
forget(void **state)
{
    (void)state;
    memset(&house, 0, sizeof house);
    return 0;
}

static int
close_house(void **state)
{
    (void)state;
    house_close(&house);
    return 0;
}

static void
the_first_is_the_outermost(void **state)
{
    (void)state;
    int64_t sum;
    open_with((const weft_interceptor_fn[]){surround, surround, NULL},
              (void *[]){"ab", "cd"});
    assert_int_equal(call_add(house.client, 40, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 42);
    assert_string_equal(trail, "acdb");
}

static void
one_that_does_not_proceed_refuses(void **state)
{
    (void)state;
    int64_t sum;
    open_with((const weft_interceptor_fn[]){surround, refuse, surround, NULL},
              (void *[]){"ab", NULL, "cd"});
    assert_int_equal(call_add(house.client, 40, 2, &sum),
                     WEFT_EOVERLOAD - WEFT_PEER);
    assert_string_equal(trail, "arb");
    assert_int_equal(wf_load(&house.trial.executed, seq_cst), 0);
}

/* A call proceeds once, and one that was refused not at all. */
static void
nothing_runs_twice(void **state)
{
    (void)state;
    int64_t sum;
    open_with((const weft_interceptor_fn[]){insist, surround, NULL},
              (void *[]){NULL, "ab"});
    assert_int_equal(call_add(house.client, 40, 2, &sum), WEFT_OK);
    assert_int_equal(second_time, -EALREADY);
    assert_string_equal(trail, "ab");
    assert_int_equal(wf_load(&house.trial.executed, seq_cst), 1);
}

static void
nobody_gets_past_a_refusal(void **state)
{
    (void)state;
    int64_t sum;
    open_with((const weft_interceptor_fn[]){insist, refuse, surround, NULL},
              (void *[]){NULL, NULL, "ab"});
    assert_int_equal(call_add(house.client, 40, 2, &sum),
                     WEFT_EOVERLOAD - WEFT_PEER);
    assert_int_equal(second_time, -EALREADY);
    assert_string_equal(trail, "r");
    assert_int_equal(wf_load(&house.trial.executed, seq_cst), 0);
}

static void
arguments_and_results_are_seen(void **state)
{
    (void)state;
    int64_t sum;
    int more = 100;
    open_with((const weft_interceptor_fn[]){raise_sum, NULL},
              (void *[]){&more});
    assert_int_equal(call_add(house.client, 40, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 142);
}

static void
one_answers_instead(void **state)
{
    (void)state;
    int64_t sum;
    open_with((const weft_interceptor_fn[]){answer_instead, NULL},
              (void *[]){NULL});
    assert_int_equal(call_add(house.client, 40, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 77);
    assert_int_equal(wf_load(&house.trial.executed, seq_cst), 0);
}

/* Exceptions, oneway calls, and calls that another fiber ends. */
static void
every_kind_of_call_passes(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_refuse_args refused = {.code = 5};
    struct trial_refuse_result thrown;
    struct trial_later_args later = {.number = 3, .ms = 1};
    struct trial_later_result came;
    struct trial_note_args noted = {.number = 9};
    open_with((const weft_interceptor_fn[]){surround, NULL}, (void *[]){"ab"});
    assert_int_equal(
        trial_Trial_refuse(house.client, &arena, &refused, &thrown, NULL),
        WEFT_ETHROWN);
    assert_int_equal(thrown.refused.code, 5);
    assert_int_equal(
        trial_Trial_later(house.client, &arena, &later, &came, NULL), WEFT_OK);
    assert_int_equal(came.success, 3);
    assert_int_equal(trial_Trial_note(house.client, &arena, &noted, NULL),
                     WEFT_OK);
    AWAIT(wf_load(&house.trial.noted, seq_cst) == 1);
    AWAIT(wf_load(&n_trail, acquire) == 6);
    assert_string_equal(trail, "ababab");
    weft_arena_fini(&arena);
}

/* Also a call without a connection, and one of weft.health. */
static void
calls_without_a_connection_pass(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    open_with((const weft_interceptor_fn[]){surround, NULL}, (void *[]){"ab"});
    assert_int_equal(weft_server_call(house.server, &trial_add_method, &arena,
                                      &args, &result, NULL),
                     WEFT_OK);
    assert_int_equal(result.success, 3);
    assert_string_equal(trail, "ab");
    weft_arena_fini(&arena);
}

static weft_err
proceeds(struct weft_call *call, const struct trial_add_args *args,
         struct trial_add_result *result)
{
    (void)args;
    result->success = weft_proceed(call);
    return WEFT_OK;
}

/* With and without an interceptor. */
static void
a_handler_cannot_proceed(void **state)
{
    (void)state;
    static const struct trial_Trial_service table = {.add = proceeds};
    int64_t sum;
    house_open_with(&house, &table, NULL);
    assert_int_equal(call_add(house.client, 1, 1, &sum), WEFT_OK);
    assert_int_equal(sum, -EALREADY);
}

static void
what_cannot_be_added(void **state)
{
    (void)state;
    open_with((const weft_interceptor_fn[]){NULL}, NULL);
    assert_int_equal(weft_server_intercept(house.server, NULL, NULL), -EINVAL);
    assert_int_equal(weft_server_intercept(house.server, surround, "ab"),
                     -EBUSY);
    struct weft_server *server = trial_server(&house.trial, NULL);
    for (uint32_t i = 0; i < WEFT_INTERCEPTORS_MAX; i++)
        assert_int_equal(weft_server_intercept(server, surround, "ab"),
                         WEFT_OK);
    assert_int_equal(weft_server_intercept(server, surround, "ab"), WEFT_EFULL);
    weft_server_free(server);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, forget, close_house)
    const struct CMUnitTest tests[] = {
        TEST(the_first_is_the_outermost),
        TEST(one_that_does_not_proceed_refuses),
        TEST(nothing_runs_twice),
        TEST(nobody_gets_past_a_refusal),
        TEST(arguments_and_results_are_seen),
        TEST(one_answers_instead),
        TEST(every_kind_of_call_passes),
        TEST(calls_without_a_connection_pass),
        TEST(a_handler_cannot_proceed),
        TEST(what_cannot_be_added),
    };
    return cmocka_run_group_tests(tests, start_one_worker, stop_workers);
}
