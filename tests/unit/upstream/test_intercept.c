/* SPDX-License-Identifier: MIT */
/* Functions around the calls of a client. */
#include "trio.h"

static char trail[64]; /* what has run, a letter for each */

static int
open_and_forget(void **state)
{
    *trail = 0;
    return open_trio(state);
}

/* The client of server 0, behind the function. The other two are freed. */
static void
put_before(weft_client_interceptor_fn fn, void *user)
{
    MUST(!weft_client_intercept(t.parts[0], fn, user, &t.front));
    weft_client_free(t.parts[1]);
    weft_client_free(t.parts[2]);
}

static weft_err
surround(struct weft_intercepted *call, void *user)
{
    const char *letters = user;
    strncat(trail, letters, 1);
    weft_err err = weft_client_proceed(call);
    strncat(trail, letters + 1, 1);
    return err;
}

static void
the_last_is_the_outermost(void **state)
{
    (void)state;
    struct weft_client *inner;
    int64_t sum;
    MUST(!weft_client_intercept(t.parts[0], surround, "ab", &inner));
    MUST(!weft_client_intercept(inner, surround, "cd", &t.front));
    weft_client_free(t.parts[1]);
    weft_client_free(t.parts[2]);
    assert_int_equal(trio_add(&t, 40, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 42);
    assert_string_equal(trail, "cabd");
}

static weft_err
refuse(struct weft_intercepted *call, void *user)
{
    (void)call;
    (void)user;
    return WEFT_EOVERLOAD;
}

static void
one_that_does_not_send_refuses(void **state)
{
    (void)state;
    int64_t sum;
    put_before(refuse, NULL);
    assert_int_equal(trio_add(&t, 40, 2, &sum), WEFT_EOVERLOAD);
    assert_int_equal(t.info.reach, WEFT_CALL_NOT_SENT);
    assert_int_equal(trio_executed(&t, 0), 0);
}

static weft_err
change(struct weft_intercepted *call, void *user)
{
    const struct trial_add_args *args = call->args;
    struct trial_add_args more = {.a = args->a + 100, .b = args->b};
    struct trial_add_result *result = call->result;
    (void)user;
    MUST(call->method == &trial_add_method);
    call->args = &more;
    weft_err err = weft_client_proceed(call);
    result->success += 1000;
    return err;
}

static void
arguments_and_results_are_changed(void **state)
{
    (void)state;
    int64_t sum;
    put_before(change, NULL);
    assert_int_equal(trio_add(&t, 40, 2, &sum), WEFT_OK);
    assert_int_equal(sum, 1142);
}

/* ---- retries of one's own ---- */

static weft_err
three_times(struct weft_intercepted *call, void *user)
{
    weft_err err = WEFT_OK;
    (void)user;
    for (int i = 0; i < 3; i++)
        err = weft_client_proceed(call);
    return err;
}

static void
a_call_is_sent_again(void **state)
{
    (void)state;
    put_before(three_times, NULL);
    assert_int_equal(trio_fail(&t, WEFT_EHANDLER), WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(trio_executed(&t, 0), 3);
    assert_int_equal(t.info.attempts.len, 3);
    assert_int_equal(t.info.reach, WEFT_CALL_ANSWERED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t.info.attempts.items[i].err,
                         WEFT_EHANDLER - WEFT_PEER);
}

/* The server learns how often the call was sent before. */
static void
the_server_learns_of_retries(void **state)
{
    (void)state;
    struct house house = {0};
    struct weft_client_options options = {.dialect.framing = WEFT_TTHEADER};
    struct trial_seen_args none;
    struct trial_seen_result seen;
    bool found = false;
    weft_client_free(t.parts[0]);
    house_open(&house, NULL, NULL, &options);
    MUST(!weft_client_new(house.address, &options, &t.parts[0]));
    put_before(three_times, NULL);
    assert_int_equal(
        trial_Trial_seen(t.front, &t.arena, &none, &seen, &t.options), WEFT_OK);
    for (uint32_t i = 0; i < seen.success.len; i++)
        if (weft_str_eq(seen.success.items[i].key,
                        WEFT_STR("RPC_PERSIST_RetryReq")))
            found = weft_str_eq(seen.success.items[i].value, WEFT_STR("2"));
    assert_true(found);
    weft_client_free(t.front);
    t.front = NULL;
    house_close(&house);
}

/* A call that may have been executed once is never reported as not sent. */
static weft_err
once_and_refused(struct weft_intercepted *call, void *user)
{
    (void)user;
    weft_err err = weft_client_proceed(call);
    MUST(err == WEFT_ETIMEOUT);
    return weft_client_proceed(call);
}

static void
what_may_have_run_is_not_unsent(void **state)
{
    (void)state;
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result;
    put_before(once_and_refused, NULL);
    t.options.deadline_ns = weft_after_ms(20);
    assert_int_equal(
        trial_Trial_gate(t.front, &t.arena, &args, &result, &t.options),
        WEFT_ETIMEOUT);
    assert_int_equal(t.info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_int_equal(t.info.attempts.len, 2);
}

/* ---- options ---- */

static weft_err
prolong(struct weft_intercepted *call, void *user)
{
    uint64_t *deadline = user;
    *deadline = call->options.deadline_ns;
    call->options.deadline_ns = WEFT_NEVER;
    return weft_client_proceed(call);
}

/* An interceptor sees the deadline, and cannot move it. */
static void
the_deadline_holds(void **state)
{
    (void)state;
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result;
    uint64_t seen, deadline = weft_after_ms(20);
    put_before(prolong, &seen);
    t.options.deadline_ns = deadline;
    assert_int_equal(
        trial_Trial_gate(t.front, &t.arena, &args, &result, &t.options),
        WEFT_ETIMEOUT);
    assert_true(seen == deadline);
}

static weft_err
hurry(struct weft_intercepted *call, void *user)
{
    (void)user;
    call->options.deadline_ns = weft_after_ms(20);
    return weft_client_proceed(call);
}

static void
an_earlier_deadline_counts(void **state)
{
    (void)state;
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result;
    put_before(hurry, NULL);
    t.options.deadline_ns = WEFT_NEVER;
    assert_int_equal(
        trial_Trial_gate(t.front, &t.arena, &args, &result, &t.options),
        WEFT_ETIMEOUT);
}

/* ---- begun calls, and the end ---- */

static void
begun_calls_pass(void **state)
{
    (void)state;
    struct weft_pending calls[2];
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result results[2];
    put_before(surround, "ab");
    for (int i = 0; i < 2; i++)
        trial_Trial_add_begin(t.front, &t.arena, &args, &results[i], NULL,
                              &calls[i]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
        assert_int_equal(results[i].success, 3);
    }
    assert_int_equal(strlen(trail), 4);
}

static void
what_cannot_be_made(void **state)
{
    (void)state;
    struct weft_client *out;
    assert_int_equal(weft_client_intercept(NULL, surround, "ab", &out),
                     -EINVAL);
    assert_null(out);
    assert_int_equal(weft_client_intercept(t.parts[0], NULL, NULL, &out),
                     -EINVAL);
    put_before(surround, "ab");
    assert_int_equal(weft_client_intercept(t.parts[0], surround, "ab", &out),
                     -EINVAL);
    assert_null(out);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_and_forget, close_trio)
    const struct CMUnitTest tests[] = {
        TEST(the_last_is_the_outermost),
        TEST(one_that_does_not_send_refuses),
        TEST(arguments_and_results_are_changed),
        TEST(a_call_is_sent_again),
        TEST(the_server_learns_of_retries),
        TEST(what_may_have_run_is_not_unsent),
        TEST(the_deadline_holds),
        TEST(an_earlier_deadline_counts),
        TEST(begun_calls_pass),
        TEST(what_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, start_one_worker, stop_workers);
}
