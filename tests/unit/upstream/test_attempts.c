/* SPDX-License-Identifier: MIT */
/* When a call is sent again to another server, and what that costs. */
#include "../rpc/peer.h"
#include "upstream/upstream.h"

#include <weft/idl.h>

#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server of weft that answers, and one of plain sockets that does not. */
static struct house good;
static int listener;
static char bad_address[64];
static struct weft_endpoint good_one, bad_one;

static int
open_both(void **state)
{
    uint16_t port = 0;
    (void)state;
    house_open(&good, NULL, NULL, NULL);
    weft_sem_give(&good.trial.gate, 1000); /* gate answers at once */
    listener = wire_listen(&port, 64);
    snprintf(bad_address, sizeof bad_address, "127.0.0.1:%u", (unsigned)port);
    good_one = (struct weft_endpoint){.address = good.address};
    bad_one = (struct weft_endpoint){.address = bad_address};
    return 0;
}

static int
close_both(void **state)
{
    (void)state;
    house_close(&good);
    close(listener);
    return 0;
}

static uint64_t
executed(void)
{
    return wf_load(&good.trial.executed, seq_cst);
}

/* ---- one call, whose first attempt goes to the bad server ---- */

struct one {
    struct weft_client *client;
    struct caller caller;
    struct weft_call_info info;
    struct weft_arena arena;
    int fd; /* the connection of the first attempt */
};

/* Begin a call of gate that the bad server has received, and let the client
 * have only the endpoint `next` for further attempts. */
static void
one_begin(struct one *one, const struct weft_upstream_options *upstream,
          bool idempotent, const struct weft_endpoint *next)
{
    const struct weft_client_options options = {.upstream = upstream};
    char byte;
    *one = (struct one){.arena = WEFT_ARENA_INIT};
    MUST(!weft_client_new("list:", &options, &one->client));
    MUST(!weft_client_set_endpoints(one->client, &bad_one, 1));
    one->caller.client = one->client;
    one->caller.number = 7;
    one->caller.options.idempotent = idempotent;
    one->caller.options.info = &one->info;
    caller_start(&one->caller);
    one->fd = wire_accept(listener);
    MUST(wire_recv(one->fd, &byte, 1));
    MUST(!weft_client_set_endpoints(one->client, next, 1));
}

/* Wait for the end of the call. */
static weft_err
one_end(struct one *one)
{
    caller_join(&one->caller);
    weft_client_free(one->client);
    return one->caller.err;
}

/* The texts of info lie in the arena of call_gate, which is freed, so this
 * looks at numbers only. */
static void
a_broken_connection_loses_no_idempotent_call(void **state)
{
    (void)state;
    struct one one;
    one_begin(&one, NULL, true, &good_one);
    wire_reset(one.fd);
    assert_int_equal(one_end(&one), WEFT_OK);
    assert_int_equal(one.caller.result, 7);
    assert_int_equal(one.info.attempts.len, 2);
    assert_int_equal(executed(), 1);
}

static void
a_broken_connection_ends_any_other_call(void **state)
{
    (void)state;
    struct one one;
    one_begin(&one, NULL, false, &good_one);
    wire_reset(one.fd);
    assert_int_equal(one_end(&one), WEFT_EBROKEN);
    assert_int_equal(one.info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_int_equal(one.info.attempts.len, 1);
    assert_int_equal(executed(), 0);
}

/* A handler may have seen the first attempt, so the call was not "not sent"
 * although its last attempt was. */
static void
an_unknown_attempt_stays_unknown(void **state)
{
    (void)state;
    struct one one;
    uint16_t port = 0;
    char nobody[64];
    close(wire_listen(&port, 1));
    snprintf(nobody, sizeof nobody, "127.0.0.1:%u", (unsigned)port);
    const struct weft_endpoint next = {.address = nobody};
    one_begin(&one, NULL, true, &next);
    wire_reset(one.fd);
    assert_int_equal(one_end(&one), WEFT_ECONNECT);
    assert_int_equal(one.info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_true(one.info.attempts.len >= 2);
}

static void
an_idempotent_call_goes_elsewhere_after_garbage(void **state)
{
    (void)state;
    struct one one;
    static const char garbage[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    one_begin(&one, NULL, true, &good_one);
    MUST(wire_send(one.fd, garbage, strlen(garbage)));
    assert_int_equal(one_end(&one), WEFT_OK);
    assert_int_equal(one.info.attempts.len, 2);
    close(one.fd);

    one_begin(&one, NULL, false, &good_one);
    MUST(wire_send(one.fd, garbage, strlen(garbage)));
    assert_int_equal(wf_err_band(one_end(&one)), WF_BAND_BYTES);
    close(one.fd);
    assert_int_equal(executed(), 1);
}

/* The deadline is that of all attempts together. */
static void
no_attempt_follows_the_deadline(void **state)
{
    (void)state;
    struct one one;
    static const struct weft_upstream_options upstream = {.max_attempts = 8};
    const struct weft_client_options options = {.upstream = &upstream,
                                                .call_timeout_ms = 20};
    one = (struct one){.arena = WEFT_ARENA_INIT};
    MUST(!weft_client_new("list:", &options, &one.client));
    MUST(!weft_client_set_endpoints(one.client, &bad_one, 1));
    one.caller.client = one.client;
    one.caller.options.idempotent = true;
    one.caller.options.info = &one.info;
    caller_start(&one.caller);
    assert_int_equal(one_end(&one), WEFT_ETIMEOUT);
    assert_int_equal(one.info.attempts.len, 1);
}

/* Each attempt is in the list, with its error and how far it came. */
static void
every_attempt_is_listed(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    struct weft_client *client;
    struct weft_pending call;
    struct trial_gate_args args = {.number = 3};
    struct trial_gate_result result;
    char byte;
    MUST(!weft_client_new("list:", NULL, &client));
    MUST(!weft_client_set_endpoints(client, &bad_one, 1));
    trial_Trial_gate_begin(client, &arena, &args, &result, &options, &call);
    int fd = wire_accept(listener);
    MUST(wire_recv(fd, &byte, 1));
    MUST(!weft_client_set_endpoints(client, &good_one, 1));
    wire_reset(fd);
    assert_int_equal(weft_await_any(&call, 1), 0);
    assert_int_equal(weft_await(&call), WEFT_OK);
    assert_int_equal(info.reach, WEFT_CALL_ANSWERED);
    assert_int_equal(info.attempts.len, 2);
    const struct weft_call_attempt *a = info.attempts.items;
    assert_int_equal(a[0].err, WEFT_EBROKEN);
    assert_int_equal(a[0].reach, WEFT_CALL_MAYBE_HANDLED);
    assert_true(weft_str_eq(a[0].endpoint, weft_str_of(bad_address)));
    assert_non_null(strstr(a[0].text.ptr, "the connection broke"));
    assert_int_equal(a[1].err, WEFT_OK);
    assert_int_equal(a[1].reach, WEFT_CALL_ANSWERED);
    assert_true(weft_str_eq(a[1].endpoint, weft_str_of(good.address)));
    weft_arena_fini(&arena);
    weft_client_free(client);
}

/* ---- the time-out of an attempt ---- */

/* A server that answers no request until the client has begun a second attempt,
 * and then answers all. */
struct late {
    struct weft_client *client;
    pthread_t thread;
};

static uint64_t
attempts_of(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    uint64_t n = views.items[0].attempts;
    weft_arena_fini(&arena);
    return n;
}

/* Wait for bytes. False: the other end has closed. */
static bool
has_more(int fd)
{
    uint8_t byte;
    ssize_t n;
    while ((n = recv(fd, &byte, 1, MSG_PEEK)) < 0 && errno == EINTR)
        ;
    return n == 1;
}

static void *
answer_late(void *arg)
{
    struct late *late = arg;
    struct peer p = {.fd = wire_accept(listener)};
    AWAIT(attempts_of(late->client) == 2);
    while (has_more(p.fd))
        peer_answer(&p, 7);
    close(p.fd);
    return NULL;
}

static void
late_open(struct late *late, uint32_t attempt_timeout_ms)
{
    const struct weft_upstream_options upstream = {.max_attempts = 2,
                                                   .retry_pause_ms = WEFT_NONE,
                                                   .attempt_timeout_ms =
                                                       attempt_timeout_ms};
    const struct weft_client_options options = {.upstream = &upstream,
                                                .call_timeout_ms = LONG_MS};
    MUST(!weft_client_new("list:", &options, &late->client));
    MUST(!weft_client_set_endpoints(late->client, &bad_one, 1));
    MUST(!pthread_create(&late->thread, NULL, answer_late, late));
}

/* Returns how many replies no call has waited for. */
static uint64_t
late_close(struct late *late)
{
    struct weft_client_stats stats;
    weft_client_get_stats(late->client, &stats);
    weft_client_free(late->client);
    MUST(!pthread_join(late->thread, NULL));
    return stats.strays;
}

/* The last attempt lasts until the deadline, and the late reply to the first
 * one is nothing to report. */
static void
an_attempt_without_answer_is_given_up(void **state)
{
    (void)state;
    struct late late;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_gate_args args = {.number = 7};
    struct trial_gate_result result;
    late_open(&late, 20);
    assert_int_equal(
        trial_Trial_gate(late.client, &arena, &args, &result, &options),
        WEFT_OK);
    assert_int_equal(result.success, 7);
    assert_int_equal(info.attempts.len, 2);
    assert_int_equal(info.attempts.items[0].err, WEFT_ETIMEOUT);
    assert_true(info.attempts.items[0].took_ns >= 20000000);
    assert_int_equal(info.attempts.items[1].err, WEFT_OK);
    weft_arena_fini(&arena);
    assert_int_equal(late_close(&late), 0);
}

/* A call is over when its last attempt is, not when the first one is given
 * up. */
static void
a_begun_call_goes_on_after_its_first_attempt(void **state)
{
    (void)state;
    struct late late;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_pending call;
    struct trial_gate_args args = {.number = 7};
    struct trial_gate_result result;
    late_open(&late, 1);
    trial_Trial_gate_begin(late.client, &arena, &args, &result, &options,
                           &call);
    assert_int_equal(weft_await_any(&call, 1), 0);
    assert_int_equal(weft_await_any_until(&call, 1, 0), 0);
    assert_int_equal(weft_await(&call), WEFT_OK);
    assert_int_equal(result.success, 7);
    assert_int_equal(info.attempts.len, 2);
    weft_arena_fini(&arena);
    assert_int_equal(late_close(&late), 0);
}

/* The first attempt of a call that is not idempotent lasts until the
 * deadline. */
static void
no_other_call_has_an_attempt_time_out(void **state)
{
    (void)state;
    struct one one;
    static const struct weft_upstream_options upstream = {.attempt_timeout_ms =
                                                              1};
    one_begin(&one, &upstream, false, &good_one);
    uint64_t long_enough = weft_after_ms(10);
    AWAIT(weft_now_ns() > long_enough);
    assert_int_equal(executed(), 0);
    wire_reset(one.fd);
    assert_int_equal(one_end(&one), WEFT_EBROKEN);
    assert_int_equal(one.info.attempts.len, 1);
}

/* ---- the budget ---- */

/* How many retries n calls may pay, which began at begun_ns, and the reserve of
 * each 10 s since. */
static uint64_t
budget(uint32_t n_calls, uint64_t begun_ns)
{
    uint64_t periods = weft_now_ns() / 10000000000u - begun_ns / 10000000000u;
    return n_calls / 10 + 10 * (periods + 1);
}

/* Make calls, half of which the server answers with this error. Returns how
 * many requests it got. */
static uint64_t
calls_half_of_which_fail(weft_err answer, uint32_t n_calls)
{
    static const struct weft_upstream_options upstream = {.retry_pause_ms =
                                                              WEFT_NONE};
    const struct weft_client_options options = {.upstream = &upstream};
    uint64_t before = executed();
    struct weft_client *client;
    MUST(!weft_client_new("list:", &options, &client));
    MUST(!weft_client_set_endpoints(client, &good_one, 1));
    for (uint32_t i = 0; i < n_calls; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct trial_fail_args args = {.err = i % 2 ? answer : WEFT_OK};
        struct trial_fail_result result;
        const struct weft_call_options idempotent = {.idempotent = true};
        weft_err err =
            trial_Trial_fail(client, &arena, &args, &result, &idempotent);
        MUST(i % 2 == (err == answer - WEFT_PEER));
        weft_arena_fini(&arena);
    }
    weft_client_free(client);
    return executed() - before;
}

/* The server executes at most a tenth more, and the reserve of ten retries. */
static void
errors_cost_a_tenth_more_at_most(void **state)
{
    enum { CALLS = 4000 };
    (void)state;
    uint64_t begun = weft_now_ns();
    uint64_t n = calls_half_of_which_fail(WEFT_EOVERLOAD, CALLS);
    assert_in_range(n - CALLS, CALLS / 20, budget(CALLS, begun));
    /* an answer is no reason to ask again */
    assert_int_equal(calls_half_of_which_fail(WEFT_EHANDLER, 100), 100);
}

/* A server that resets each connection after it has got a request. */
static _Atomic uint32_t resets;

static void *
reset_all(void *arg)
{
    (void)arg;
    char byte;
    for (;;) {
        int fd = wire_accept(listener);
        if (!wire_recv(fd, &byte, 1)) { /* the end of the test */
            close(fd);
            return NULL;
        }
        wf_add(&resets, 1, relaxed);
        wire_reset(fd);
    }
}

/* A request that may have been executed costs as much as one that was. */
static void
lost_calls_cost_a_tenth_more_at_most(void **state)
{
    enum { CALLS = 400 };
    (void)state;
    static const struct weft_upstream_options upstream = {.retry_pause_ms =
                                                              WEFT_NONE};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    pthread_t thread;
    uint64_t begun = weft_now_ns();
    wf_store(&resets, 0, relaxed);
    MUST(!pthread_create(&thread, NULL, reset_all, NULL));
    MUST(!weft_client_new("list:", &options, &client));
    MUST(!weft_client_set_endpoints(client, &bad_one, 1));
    for (int i = 0; i < CALLS; i++) {
        int64_t number;
        const struct weft_call_options idempotent = {.idempotent = true};
        assert_int_equal(call_gate(client, i, &idempotent, &number),
                         WEFT_EBROKEN);
    }
    weft_client_free(client);
    uint16_t port = (uint16_t)atoi(strchr(bad_address, ':') + 1);
    close(wire_dial(port));
    MUST(!pthread_join(thread, NULL));
    assert_in_range(wf_load(&resets, relaxed) - CALLS, CALLS / 20,
                    budget(CALLS, begun));
}

/* ---- retries over several hops ---- */

#define MARK "RPC_PERSIST_RetryReq"

/* Make a call of `seen` to the good server. `again`: its first attempt goes to
 * the bad server, and breaks. */
static void
call_seen(struct weft_client *client, struct weft_arena *arena, bool again,
          struct trial_seen_result *result)
{
    struct trial_seen_args args = {0};
    struct weft_pending call;
    const struct weft_call_options options = {.idempotent = true};
    char byte;
    MUST(!weft_client_set_endpoints(client, again ? &bad_one : &good_one, 1));
    trial_Trial_seen_begin(client, arena, &args, result, &options, &call);
    if (again) {
        int fd = wire_accept(listener);
        MUST(wire_recv(fd, &byte, 1));
        MUST(!weft_client_set_endpoints(client, &good_one, 1));
        wire_reset(fd);
    }
    assert_int_equal(weft_await(&call), WEFT_OK);
}

/* The value of the mark that the server has seen; absent: there was none. HTTP
 * changes the key to lower case. */
static struct weft_str
mark_of(const struct trial_seen_result *result)
{
    for (uint32_t i = 0; i < result->success.len; i++) {
        struct weft_str key = result->success.items[i].key;
        if (key.len == strlen(MARK) && !strncasecmp(key.ptr, MARK, key.len))
            return result->success.items[i].value;
    }
    return (struct weft_str){NULL, 0};
}

static void
a_retry_is_marked(void **state)
{
    static const enum weft_framing framings[] = {WEFT_THEADER, WEFT_TTHEADER,
                                                 WEFT_HTTP};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct weft_client_options options = {
            .dialect = {.framing = (uint8_t)framings[i]}};
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct trial_seen_result result;
        struct weft_client *client;
        MUST(!weft_client_new("list:", &options, &client));
        call_seen(client, &arena, false, &result);
        assert_null(mark_of(&result).ptr);
        call_seen(client, &arena, true, &result);
        assert_true(weft_str_eq(mark_of(&result), WEFT_STR("1")));
        weft_arena_fini(&arena);
        weft_client_free(client);
    }
}

/* Asks the next server, which refuses each call. */
static weft_err
ask_next(struct weft_call *call, const struct trial_relay_args *args,
         struct trial_relay_result *result)
{
    struct trial *t = weft_call_user(call);
    struct trial_fail_args fail = {.err = WEFT_EOVERLOAD};
    struct trial_fail_result none;
    (void)args;
    result->success = 1;
    weft_err err =
        trial_Trial_fail(t->next, weft_call_arena(call), &fail, &none, NULL);
    MUST(err == WEFT_EOVERLOAD - WEFT_PEER);
    return WEFT_OK;
}

/* Returns how many requests the last server gets if the middle one handles a
 * call with this header. */
static uint64_t
requests_for(struct weft_client *client, const char *key)
{
    struct weft_header header = {weft_str_of(key), WEFT_STR("1")};
    const struct weft_headers headers = {&header, 1, 1};
    const struct weft_call_options options = {.headers = &headers};
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_relay_args args = {.number = 1};
    struct trial_relay_result result;
    uint64_t before = executed();
    assert_int_equal(
        trial_Trial_relay(client, &arena, &args, &result, &options), WEFT_OK);
    weft_arena_fini(&arena);
    return executed() - before;
}

static void
a_handler_makes_no_retry_for_a_retry(void **state)
{
    static const struct trial_Trial_service table = {.relay = ask_next};
    static const struct weft_upstream_options upstream = {.retry_pause_ms =
                                                              WEFT_NONE};
    const struct weft_client_options to_last = {.upstream = &upstream},
                                     to_middle = {.dialect.framing =
                                                      WEFT_TTHEADER};
    (void)state;
    struct house middle;
    struct weft_client *client;
    house_open_with(&middle, &table, NULL);
    MUST(!weft_client_new("list:", &to_last, &middle.trial.next));
    MUST(!weft_client_set_endpoints(middle.trial.next, &good_one, 1));
    MUST(!weft_client_new(middle.address, &to_middle, &client));
    assert_int_equal(requests_for(client, "other"), 3);
    assert_int_equal(requests_for(client, MARK), 1);
    assert_int_equal(requests_for(client, "RPC_PERSIST_retryreq"), 1);
    weft_client_free(client);
    weft_client_free(middle.trial.next);
    house_close(&middle);
}

/* ---- the annotation ---- */

static void
the_idl_tells_which_methods_are_idempotent(void **state)
{
    static const char text[] =
        "service S { i32 find() (weft.idempotent = \"true\"), i32 pay() }";
    (void)state;
    struct weft_idl *idl;
    assert_true(trial_Extra_twice_method.idempotent);
    assert_false(trial_Extra_add_method.idempotent);
    const struct weft_idl_text file = {WEFT_STR("s.thrift"), weft_str_of(text)};
    MUST(!weft_idl_load_texts(&file, 1, NULL, &idl));
    assert_true(weft_idl_method(idl, "S.find")->idempotent);
    assert_false(weft_idl_method(idl, "S.pay")->idempotent);
    weft_idl_free(idl);
}

/* An idempotent method needs no option of the call. */
static void
an_idempotent_method_is_tried_again(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *client;
    struct weft_pending call;
    struct trial_Extra_twice_args args = {.number = 21};
    struct trial_Extra_twice_result result;
    char byte;
    MUST(!weft_client_new("list:", NULL, &client));
    MUST(!weft_client_set_endpoints(client, &bad_one, 1));
    trial_Extra_twice_begin(client, &arena, &args, &result, NULL, &call);
    int fd = wire_accept(listener);
    MUST(wire_recv(fd, &byte, 1));
    MUST(!weft_client_set_endpoints(client, &good_one, 1));
    wire_reset(fd);
    assert_int_equal(weft_await(&call), WEFT_OK);
    assert_int_equal(result.success, 42);
    weft_arena_fini(&arena);
    weft_client_free(client);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)
    const struct CMUnitTest tests[] = {
        TEST(a_broken_connection_loses_no_idempotent_call),
        TEST(a_broken_connection_ends_any_other_call),
        TEST(an_unknown_attempt_stays_unknown),
        TEST(an_idempotent_call_goes_elsewhere_after_garbage),
        TEST(no_attempt_follows_the_deadline),
        TEST(every_attempt_is_listed),
        TEST(an_attempt_without_answer_is_given_up),
        TEST(a_begun_call_goes_on_after_its_first_attempt),
        TEST(no_other_call_has_an_attempt_time_out),
        TEST(errors_cost_a_tenth_more_at_most),
        TEST(lost_calls_cost_a_tenth_more_at_most),
        TEST(a_retry_is_marked),
        TEST(a_handler_makes_no_retry_for_a_retry),
        TEST(the_idl_tells_which_methods_are_idempotent),
        TEST(an_idempotent_method_is_tried_again),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
