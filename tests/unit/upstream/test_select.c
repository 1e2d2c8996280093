/* SPDX-License-Identifier: MIT */
/* Calls to one of several clients: which of them gets a call, and when another
 * one gets it, too. */
#include "trio.h"

#include <unistd.h>

static void
make(const struct weft_client_select_options *options)
{
    MUST(!weft_client_select(t.parts, TRIO, options, &t.front));
}

static uint64_t
executed_by_all(void)
{
    uint64_t n = 0;
    for (int i = 0; i < TRIO; i++)
        n += trio_executed(&t, i);
    return n;
}

/* Part i cannot be reached. */
static void
put_nobody(int i)
{
    weft_client_free(t.parts[i]);
    t.parts[i] = new_client_of_nobody();
}

/* ---- the first attempt ---- */

static void
calls_go_in_turn(void **state)
{
    (void)state;
    int64_t sum;
    make(NULL);
    for (int i = 0; i < 4 * TRIO; i++)
        assert_int_equal(trio_add(&t, i, 1, &sum), WEFT_OK);
    for (int i = 0; i < TRIO; i++)
        assert_int_equal(trio_executed(&t, i), 4);
    assert_int_equal(t.info.attempts.len, 1);
}

static void
the_best_one_gets_all_calls(void **state)
{
    (void)state;
    int64_t sum;
    make(&(struct weft_client_select_options){.first = WEFT_SELECT_BEST});
    for (int i = 0; i < 4; i++)
        assert_int_equal(trio_add(&t, i, 1, &sum), WEFT_OK);
    assert_int_equal(sum, 4);
    assert_int_equal(trio_executed(&t, 0), 4);
    assert_int_equal(executed_by_all(), 4);
}

/* ---- further attempts ---- */

static void
a_call_that_was_not_sent_goes_elsewhere(void **state)
{
    (void)state;
    int64_t sum;
    put_nobody(0);
    put_nobody(1);
    make(&(struct weft_client_select_options){.first = WEFT_SELECT_BEST});
    assert_int_equal(trio_add(&t, 3, 4, &sum), WEFT_OK);
    assert_int_equal(sum, 7);
    assert_int_equal(t.info.attempts.len, 3);
    assert_int_equal(t.info.attempts.items[0].err, WEFT_ECONNECT);
    assert_int_equal(t.info.attempts.items[0].reach, WEFT_CALL_NOT_SENT);
    assert_says(t.info.attempts.items[1].endpoint, "127.0.0.1:");
    assert_says(t.info.attempts.items[1].text, "no connection");
    assert_int_equal(t.info.attempts.items[2].err, WEFT_OK);
}

static void
attempts_are_bounded(void **state)
{
    (void)state;
    int64_t sum;
    put_nobody(0);
    put_nobody(1);
    make(&(struct weft_client_select_options){.first = WEFT_SELECT_BEST,
                                              .max_attempts = 2});
    assert_int_equal(trio_add(&t, 3, 4, &sum), WEFT_ECONNECT);
    assert_int_equal(t.info.attempts.len, 2);
    assert_int_equal(t.info.reach, WEFT_CALL_NOT_SENT);
    assert_int_equal(executed_by_all(), 0);
}

static void
a_refused_call_goes_elsewhere(void **state)
{
    (void)state;
    make(NULL);
    assert_int_equal(trio_fail(&t, WEFT_EOVERLOAD), WEFT_EOVERLOAD - WEFT_PEER);
    assert_int_equal(t.info.attempts.len, TRIO);
    assert_int_equal(executed_by_all(), TRIO);
}

static void
an_answer_ends_the_call(void **state)
{
    (void)state;
    make(NULL);
    t.options.idempotent = true;
    assert_int_equal(trio_fail(&t, WEFT_EHANDLER), WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(executed_by_all(), 1);
}

static void
a_retry_is_not_sent_again(void **state)
{
    (void)state;
    make(NULL);
    t.options.sent_before = 1;
    assert_int_equal(trio_fail(&t, WEFT_EOVERLOAD), WEFT_EOVERLOAD - WEFT_PEER);
    assert_int_equal(executed_by_all(), 1);
}

/* Each failing call wants two retries; the reserve lends ten in each period of
 * 10 s. */
static void
retries_are_paid(void **state)
{
    (void)state;
    enum { CALLS = 100 };
    uint64_t begun = weft_now_ns();
    make(NULL);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(trio_fail(&t, WEFT_EOVERLOAD),
                         WEFT_EOVERLOAD - WEFT_PEER);
    uint64_t periods = (weft_now_ns() - begun) / 10000000000u + 2;
    assert_true(executed_by_all() >= CALLS + CALLS / 10);
    assert_true(executed_by_all() <= CALLS + CALLS / 10 + 10 * periods);
}

/* ---- a call that a handler may have seen ---- */

/* A server of plain sockets that resets the connection after a request. */
struct rude {
    int listener;
    weft_fiber fiber;
};

static void *
reset_one(void *arg)
{
    struct rude *rude = arg;
    char byte;
    int fd = wire_accept(rude->listener);
    MUST(wire_recv(fd, &byte, 1));
    wire_reset(fd);
    return NULL;
}

static weft_err
call_after_reset(bool idempotent)
{
    struct rude rude;
    uint16_t port = 0;
    char address[64];
    int64_t sum;
    pthread_t thread;
    rude.listener = wire_listen(&port, 8);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    weft_client_free(t.parts[0]);
    MUST(!weft_client_new(address, NULL, &t.parts[0]));
    make(&(struct weft_client_select_options){.first = WEFT_SELECT_BEST});
    MUST(!pthread_create(&thread, NULL, reset_one, &rude));
    t.options.idempotent = idempotent;
    weft_err err = trio_add(&t, 1, 2, &sum);
    MUST(!pthread_join(thread, NULL));
    close(rude.listener);
    return err;
}

static void
an_unknown_call_is_not_repeated(void **state)
{
    (void)state;
    assert_int_equal(call_after_reset(false), WEFT_EBROKEN);
    assert_int_equal(t.info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_int_equal(t.info.attempts.len, 1);
    assert_int_equal(executed_by_all(), 0);
}

static void
an_unknown_idempotent_call_goes_elsewhere(void **state)
{
    (void)state;
    assert_int_equal(call_after_reset(true), WEFT_OK);
    assert_int_equal(t.info.attempts.len, 2);
    assert_int_equal(trio_executed(&t, 1), 1);
}

/* ---- nested ---- */

static weft_err
refuse_add(struct weft_call *call, const struct trial_add_args *args,
           struct trial_add_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_EOVERLOAD;
}

/* The first client asks servers 0 and 1, of which 1 refuses after 0 has
 * executed the call; the second client asks server 2. */
static uint64_t
ask_nested(bool idempotent)
{
    static const struct trial_Trial_service table = {.add = refuse_add};
    static const struct weft_fan_out_options strict = {.fail_limit = 1};
    struct weft_client *both, *fronts[2];
    struct weft_server *server;
    int64_t sum;
    /* one call has only one part, so its success is known before */
    MUST(!weft_server_new(NULL, &server));
    MUST(!trial_Trial_register(server, "Trial", &table, NULL));
    weft_client_free(t.parts[1]);
    MUST(!weft_client_local(server, &t.parts[1]));
    MUST(!weft_client_fan_out(t.parts, 2, &strict, &both));
    fronts[0] = both;
    fronts[1] = t.parts[2];
    const struct weft_client_select_options best = {.first = WEFT_SELECT_BEST};
    MUST(!weft_client_select(fronts, 2, &best, &t.front));
    t.options.idempotent = idempotent;
    weft_err err = trio_add(&t, 1, 2, &sum);
    /* Server 0 may have been cancelled before it executed the call; then the
     * call was only refused. */
    bool is_open = t.info.attempts.items[0].reach != WEFT_CALL_NOT_SENT;
    assert_int_equal(err, idempotent || !is_open ? WEFT_OK
                                                 : WEFT_EOVERLOAD - WEFT_PEER);
    weft_client_free(t.front);
    t.front = NULL;
    weft_server_free(server);
    return trio_executed(&t, 2);
}

static void
a_call_that_one_part_executed_is_not_repeated(void **state)
{
    (void)state;
    (void)ask_nested(false);
}

static void
an_idempotent_call_to_all_is_repeated(void **state)
{
    (void)state;
    assert_int_equal(ask_nested(true), 1);
}

static void
all_of_one_of_several(void **state)
{
    (void)state;
    struct weft_client *selects[2], *pair[2] = {t.parts[1], t.parts[2]};
    struct weft_pending pending;
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    put_nobody(1);
    pair[0] = t.parts[1];
    MUST(!weft_client_select(pair, 2, NULL, &selects[0]));
    MUST(!weft_client_select(&t.parts[0], 1, NULL, &selects[1]));
    MUST(!weft_client_fan_out(selects, 2, NULL, &t.front));
    trial_Trial_add_begin(t.front, &t.arena, &args, &result, &t.options,
                          &pending);
    assert_int_equal(weft_await(&pending), WEFT_OK);
    assert_int_equal(result.success, 3);
    assert_int_equal(trio_executed(&t, 0), 1);
    assert_int_equal(trio_executed(&t, 2), 1);
}

/* A select inside of a fan-out has fibers of its own, and a handler's headers
 * go on through them. */
static void
headers_of_a_handler_are_forwarded(void **state)
{
    (void)state;
    const struct weft_client_options options = {.dialect.framing =
                                                    WEFT_TTHEADER};
    struct house houses[2];
    struct weft_client *next, *selects[1];
    struct weft_header header = {WEFT_STR("RPC_PERSIST_shelf"), WEFT_STR("9")};
    const struct weft_headers headers = {&header, 1, 1};
    struct trial_seen_next_args args = {0};
    struct trial_seen_next_result result;
    bool found = false;
    make(NULL);
    for (int i = 0; i < 2; i++)
        house_open(&houses[i], NULL, NULL, &options);
    MUST(!weft_client_new(houses[1].address, &options, &next));
    MUST(!weft_client_select(&next, 1, NULL, &selects[0]));
    MUST(!weft_client_fan_out(selects, 1, NULL, &houses[0].trial.next));
    t.options.headers = &headers;
    MUST(!trial_Trial_seen_next(houses[0].client, &t.arena, &args, &result,
                                &t.options));
    for (uint32_t i = 0; i < result.success.len; i++)
        found |= weft_str_eq(result.success.items[i].key, header.key);
    assert_true(found);
    weft_client_free(houses[0].trial.next);
    for (int i = 0; i < 2; i++)
        house_close(&houses[i]);
}

/* The server learns how often a call was sent before. */
static void
a_retry_is_marked(void **state)
{
    (void)state;
    const struct weft_client_options options = {.dialect.framing =
                                                    WEFT_TTHEADER};
    struct house house;
    struct trial_seen_args args = {0};
    struct trial_seen_result result;
    bool found = false;
    make(NULL);
    house_open(&house, NULL, NULL, &options);
    t.options.sent_before = 3;
    MUST(!trial_Trial_seen(house.client, &t.arena, &args, &result, &t.options));
    for (uint32_t i = 0; i < result.success.len; i++)
        found |= weft_str_eq(result.success.items[i].key,
                             WEFT_STR("RPC_PERSIST_RetryReq")) &&
                 weft_str_eq(result.success.items[i].value, WEFT_STR("3"));
    assert_true(found);
    house_close(&house);
}

/* ---- options and ends ---- */

static void
options_are_checked(void **state)
{
    (void)state;
    struct weft_client *out;
    const struct weft_client_select_options bad = {
        .first = (enum weft_select_first)7};
    make(NULL);
    assert_int_equal(weft_client_select(&t.front, 1, &bad, &out), -EINVAL);
    assert_int_equal(weft_client_select(&t.front, 0, NULL, &out), -EINVAL);
    assert_null(out);
}

static void
the_name_and_the_time_are_options(void **state)
{
    (void)state;
    int64_t result;
    make(&(struct weft_client_select_options){.name = "either",
                                              .call_timeout_ms = 20});
    assert_int_equal(call_gate(t.front, 9, NULL, &result), WEFT_ETIMEOUT);
    assert_string_equal(wf_client_address(t.front), "either");
}

/* A client of many servers behind another one is closed, and then freed. */
static void
a_free_ends_calls_to_many_servers(void **state)
{
    (void)state;
    struct house house;
    struct weft_client *many, *front;
    char target[200];
    struct caller caller = {0};
    make(NULL);
    house_open(&house, NULL, NULL, NULL);
    snprintf(target, sizeof target, "dns:%s", house.address);
    MUST(!weft_client_new(target, NULL, &many));
    MUST(!weft_client_select(&many, 1, NULL, &front));
    caller.client = front;
    caller_start(&caller);
    AWAIT(wf_load(&house.trial.inside, seq_cst) == 1);
    weft_client_free(front);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_ECLOSED);
    weft_sem_give(&house.trial.gate, 10);
    house_close(&house);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trio, close_trio)
    const struct CMUnitTest tests[] = {
        TEST(calls_go_in_turn),
        TEST(the_best_one_gets_all_calls),
        TEST(a_call_that_was_not_sent_goes_elsewhere),
        TEST(attempts_are_bounded),
        TEST(a_refused_call_goes_elsewhere),
        TEST(an_answer_ends_the_call),
        TEST(a_retry_is_not_sent_again),
        TEST(retries_are_paid),
        TEST(an_unknown_call_is_not_repeated),
        TEST(an_unknown_idempotent_call_goes_elsewhere),
        TEST(a_call_that_one_part_executed_is_not_repeated),
        TEST(an_idempotent_call_to_all_is_repeated),
        TEST(all_of_one_of_several),
        TEST(headers_of_a_handler_are_forwarded),
        TEST(a_retry_is_marked),
        TEST(options_are_checked),
        TEST(the_name_and_the_time_are_options),
        TEST(a_free_ends_calls_to_many_servers),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
