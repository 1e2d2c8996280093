/* SPDX-License-Identifier: MIT */
/* Calls that are begun, and awaited later: many in flight of one task. */
#include "peer.h"
#include "../../waiting.h"

#include <poll.h>
#include <pthread.h>

#define N 8

static struct house house, other;
static struct weft_arena arena;

/* Calls of gate, and what belongs to each. */
static struct weft_pending calls[N];
static struct begun {
    struct trial_gate_args args;
    struct trial_gate_result result;
    struct weft_call_options options;
    struct weft_call_info info;
} begun[N];

static int
begin_test(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    memset(calls, 0, sizeof calls);
    memset(begun, 0, sizeof begun);
    for (int i = 0; i < N; i++)
        begun[i].options = (struct weft_call_options){.deadline_ns = WEFT_NEVER,
                                                      .info = &begun[i].info};
    return 0;
}

static int
end_test(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

static void
begin(struct weft_client *client, int i)
{
    begun[i].args.number = 100 + i;
    trial_Trial_gate_begin(client, &arena, &begun[i].args, &begun[i].result,
                           &begun[i].options, &calls[i]);
}

static void
begin_all(struct weft_client *client)
{
    for (int i = 0; i < N; i++)
        begin(client, i);
}

/* Run on a fiber, and wait for its end. */
static void
on_fiber(void (*fn)(void *))
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(fn, NULL, &fiber));
    MUST(!weft_fiber_join(fiber));
}

/* ---- many in flight ---- */

static void
in_reverse(void *unused)
{
    (void)unused;
    begin_all(house.client);
    AWAIT(wf_load(&house.trial.inside, acquire) == N); /* all at once */
    weft_sem_give(&house.trial.gate, N);
    for (int i = N - 1; i >= 0; i--) {
        MUST(weft_await(&calls[i]) == WEFT_OK);
        MUST(begun[i].result.success == 100 + i);
        MUST(begun[i].info.reach == WEFT_CALL_ANSWERED);
        MUST(weft_await(&calls[i]) == WEFT_OK); /* again the same */
    }
}

static void *
on_thread(void *unused)
{
    in_reverse(unused);
    return NULL;
}

static void
many_calls_of_one_task(void **state)
{
    (void)state;
    pthread_t thread;
    house_open(&house, NULL, NULL, NULL);
    on_fiber(in_reverse);
    MUST(!pthread_create(&thread, NULL, on_thread, NULL));
    MUST(!pthread_join(thread, NULL));
    on_fiber(in_reverse);
    house_close(&house);
}

static void
a_oneway_call(void **state)
{
    (void)state;
    struct trial_note_args note = {.number = 7};
    house_open(&house, NULL, NULL, NULL);
    trial_Trial_note_begin(house.client, &arena, &note, NULL, &calls[0]);
    assert_int_equal(weft_await(&calls[0]), WEFT_OK);
    AWAIT(wf_load(&house.trial.noted, acquire) == 1);
    must_work(&house); /* now a connection is ready */
    trial_Trial_note_begin(house.client, &arena, &note, NULL, &calls[0]);
    assert_int_equal(weft_await_any(calls, 1), 0);
    assert_int_equal(weft_await(&calls[0]), WEFT_OK);
    AWAIT(wf_load(&house.trial.noted, acquire) == 2);
    house_close(&house);
}

/* ---- one of several ---- */

/* The peer answers calls in an order of its own. */
static void
answer(struct peer *p, const int32_t *seqids, int i)
{
    send_reply(p, WEFT_REPLY, "gate", seqids[i], 100 + i);
}

static void
each_is_found_when_it_ends(void **state)
{
    (void)state;
    static const int order[N] = {5, 0, 7, 1, 6, 2, 4, 3};
    int32_t seqids[N];
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    begin_all(p.client);
    for (int i = 0; i < N; i++)
        seqids[i] = take_request(&p);
    for (int k = 0; k < N; k++) {
        int i = order[k];
        assert_int_equal(weft_await_any_until(calls, N, 0), WEFT_ETIMEOUT);
        answer(&p, seqids, i);
        assert_int_equal(weft_await_any(calls, N), i);
        assert_int_equal(weft_await_any_until(calls, N, 0), i);
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
        assert_int_equal(begun[i].result.success, 100 + i);
    }
    assert_int_equal(weft_await_any(calls, N), -EINVAL);
    assert_int_equal(weft_await_any(calls, 0), -EINVAL);
    assert_int_equal(weft_await_any(calls, UINT32_MAX), -EINVAL);
    peer_close(&p);
}

/* Of calls that have ended each is chosen sometimes: no call is starved by the
 * calls before it. */
static void
the_choice_is_random(void **state)
{
    (void)state;
    int32_t seqids[N];
    uint32_t seen = 0;
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    begin_all(p.client);
    for (int i = 0; i < N; i++)
        seqids[i] = take_request(&p);
    for (int i = 0; i < N; i++)
        answer(&p, seqids, i);
    for (int i = 0; i < N; i++)
        AWAIT(wf_load(&calls[i].call->waiting.done, acquire));
    while (seen != (1u << N) - 1)
        seen |= 1u << weft_await_any(calls, N);
    for (int i = 0; i < N; i++)
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
    peer_close(&p);
}

/* The first deadline of all ends the wait. */
static void
a_deadline_ends_its_call_only(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    begin(p.client, 0);
    do { /* a late thread sends nothing */
        begun[1].options.deadline_ns = weft_after_ms(20);
        begin(p.client, 1);
    } while (!calls[1].call->conn && weft_await(&calls[1]) == WEFT_ETIMEOUT);
    begin(p.client, 2);
    assert_int_equal(
        weft_await_any_until(calls, 3, begun[1].options.deadline_ns - 1),
        WEFT_ETIMEOUT);
    assert_int_equal(weft_await_any(calls, 3), 1);
    assert_true(weft_now_ns() >= begun[1].options.deadline_ns);
    assert_int_equal(weft_await(&calls[1]), WEFT_ETIMEOUT);
    assert_int_equal(begun[1].info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_non_null(strstr(begun[1].info.text.ptr, "no reply to gate in time"));
    assert_int_equal(weft_await_any_until(calls, 3, weft_after_ms(1)),
                     WEFT_ETIMEOUT);
    int32_t first = take_request(&p);
    (void)take_request(&p);
    int32_t third = take_request(&p);
    send_reply(&p, WEFT_REPLY, "gate", third, 102);
    send_reply(&p, WEFT_REPLY, "gate", first, 100);
    assert_int_equal(weft_await(&calls[0]), WEFT_OK);
    assert_int_equal(weft_await(&calls[2]), WEFT_OK);
    assert_int_equal(begun[2].result.success, 102);
    peer_close(&p);
}

/* ---- cancel ---- */

static void
one_call_is_cancelled(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_stats stats;
    peer_open(&p, NULL);
    good_call(&p, true);
    begin(p.client, 0);
    begin(p.client, 1);
    int32_t first = take_request(&p), second = take_request(&p);
    assert_int_equal(weft_pending_cancel(&calls[0]), WEFT_ECANCEL);
    assert_int_equal(weft_await(&calls[0]), WEFT_ECANCEL);
    assert_int_equal(weft_pending_cancel(&calls[0]), WEFT_ECANCEL);
    assert_int_equal(begun[0].info.reach, WEFT_CALL_MAYBE_HANDLED);
    assert_int_equal(begun[0].result.which, WEFT_RESULT_NONE);
    send_reply(&p, WEFT_REPLY, "gate", first, 1); /* too late: a stray */
    send_reply(&p, WEFT_REPLY, "gate", second, 101);
    assert_int_equal(weft_await_any(calls, 2), 1);
    assert_int_equal(weft_pending_cancel(&calls[1]), WEFT_OK); /* too late */
    assert_int_equal(begun[1].result.success, 101);
    weft_client_get_stats(p.client, &stats);
    assert_int_equal(stats.strays, 1);
    struct wf_client_conn *conn = conn_of(&p);
    assert_int_equal(wf_load(&conn->n_waiting, relaxed), 0);
    wf_client_conn_unref(conn);
    peer_close(&p);
}

static struct peer peer;
static weft_err any_err, errs[2];

static void
await_cancelled(void *unused)
{
    (void)unused;
    begin(peer.client, 0);
    begin(peer.client, 1);
    any_err = weft_await_any(calls, 2);
    for (int i = 0; i < 2; i++)
        errs[i] = weft_await(&calls[i]);
}

static void
a_cancelled_fiber_ends_each_call(void **state)
{
    (void)state;
    weft_fiber fiber;
    peer_open(&peer, NULL);
    good_call(&peer, true);
    MUST(!weft_fiber_start(await_cancelled, NULL, &fiber));
    (void)take_request(&peer);
    (void)take_request(&peer);
    AWAIT(waits_for(fiber) == WEFT_WAIT_REPLY);
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(any_err, WEFT_ECANCEL);
    assert_int_equal(errs[0], WEFT_ECANCEL);
    assert_int_equal(errs[1], WEFT_ECANCEL);
    peer_close(&peer);
}

/* ---- connecting ---- */

/* A listener whose queue of connections is full: a connect to it waits. */
struct full {
    int listener, fds[8], n;
    char address[32];
    struct weft_client *client;
};

static void
full_open(struct full *f)
{
    uint16_t port = 0;
    struct weft_client_options options = {.connect_timeout_ms = WEFT_NONE};
    f->listener = wire_listen(&port, 0);
    snprintf(f->address, sizeof f->address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_client_new(f->address, &options, &f->client));
    f->n = 0;
    f->fds[f->n++] = wire_dial(port); /* a queue of 0 holds one */
    struct pollfd queued = {.fd = f->listener, .events = POLLIN};
    MUST(poll(&queued, 1, LONG_MS) == 1);
}

static void
full_close(struct full *f)
{
    weft_client_free(f->client);
    while (f->n > 0)
        close(f->fds[--f->n]);
    close(f->listener);
}

/* Calls begin although no connection is ready; a cancel and the deadline end
 * them while they connect. */
static void
begin_does_not_wait_for_a_connection(void **state)
{
    (void)state;
    struct full full;
    char want[96];
    full_open(&full);
    begin(full.client, 0);
    begin(full.client, 1);
    assert_int_equal(weft_await_any_until(calls, 2, 0), WEFT_ETIMEOUT);
    assert_int_equal(weft_pending_cancel(&calls[1]), WEFT_ECANCEL);
    assert_int_equal(weft_pending_cancel(&calls[0]), WEFT_ECANCEL);
    assert_int_equal(begun[0].info.reach, WEFT_CALL_NOT_SENT);
    begun[2].options.deadline_ns = weft_after_ms(20);
    begin(full.client, 2);
    assert_int_equal(weft_await_any(calls, 3), 2);
    assert_int_equal(weft_await(&calls[2]), WEFT_ETIMEOUT);
    assert_int_equal(begun[2].info.reach, WEFT_CALL_NOT_SENT);
    begun[3].options.deadline_ns = 1;
    begin(full.client, 3);
    assert_int_equal(weft_await(&calls[3]), WEFT_ETIMEOUT);
    snprintf(want, sizeof want,
             "%s: the deadline had passed, so the call was not sent",
             full.address);
    assert_string_equal(begun[3].info.text.ptr, want);
    full_close(&full);
}

static struct full crowded;

static void
await_connecting(void *unused)
{
    (void)unused;
    begin(crowded.client, 0);
    errs[0] = weft_await(&calls[0]);
}

static void
a_cancelled_fiber_stops_connecting(void **state)
{
    (void)state;
    weft_fiber fiber;
    full_open(&crowded);
    MUST(!weft_fiber_start(await_connecting, NULL, &fiber));
    AWAIT(waits_for(fiber) == WEFT_WAIT_REPLY);
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(errs[0], WEFT_ECANCEL);
    full_close(&crowded);
}

/* The text of a call says that no connection was made, whether the call itself
 * connects, or waits for another call that does. A late thread may find that
 * the deadline has passed before it connects, and then says so. */
static void
a_late_connect_is_named(void **state)
{
    (void)state;
    struct full full;
    char want[96];
    full_open(&full);
    begin(full.client, 0); /* connects until it is cancelled */
    AWAIT(wf_load(&full.client->is_looked_up, relaxed));
    for (int late = 0; late < 2; late++) {
        struct weft_call_info *info = &begun[1].info;
        snprintf(want, sizeof want,
                 "%s: no connection was made in time, so the call was not sent",
                 full.address);
        do {
            begun[1].options.deadline_ns = weft_after_ms(20);
            begin(full.client, 1);
            assert_int_equal(weft_await(&calls[1]), WEFT_ETIMEOUT);
            assert_int_equal(info->reach, WEFT_CALL_NOT_SENT);
        } while (strstr(info->text.ptr, "the deadline had passed"));
        assert_string_equal(info->text.ptr, want);
        if (late == 0)
            assert_int_equal(weft_pending_cancel(&calls[0]), WEFT_ECANCEL);
    }
    full_close(&full);
}

/* A connect that fails ends the call with the cause. */
static void
nobody_listens(void **state)
{
    (void)state;
    struct weft_client *client;
    uint16_t port = 0;
    char address[32];
    close(wire_listen(&port, 1));
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_client_new(address, NULL, &client));
    begin(client, 0);
    assert_int_equal(weft_await_any(calls, 1), 0);
    assert_int_equal(weft_await(&calls[0]), WEFT_ECONNECT);
    assert_int_equal(begun[0].info.reach, WEFT_CALL_NOT_SENT);
    assert_non_null(strstr(begun[0].info.text.ptr, "Connection refused"));
    weft_client_free(client);
}

/* A connection that ended while it was idle is replaced by the fiber. */
static void
an_idle_connection_has_ended(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_stats stats;
    peer_open(&p, NULL);
    good_call(&p, true);
    close(p.fd);
    do
        weft_client_get_stats(p.client, &stats);
    while (stats.ended == 0);
    begin(p.client, 0);
    peer_accept(&p, true);
    peer_answer(&p, 100);
    assert_int_equal(weft_await(&calls[0]), WEFT_OK);
    peer_close(&p);
}

/* ---- one arena for all ---- */

/* Calls with headers, of which the first ones are sent by other fibers, while
 * the task uses the arena for the next call. */
static void
see_all(struct weft_client *client, const struct weft_call_options *options)
{
    static const struct trial_seen_args none;
    struct trial_seen_result seen[N];
    for (int i = 0; i < N; i++)
        trial_Trial_seen_begin(client, &arena, &none, &seen[i], options,
                               &calls[i]);
    for (int k = 0; k < N; k++) {
        int i = weft_await_any(calls, N);
        assert_in_range(i, 0, N - 1);
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
        bool found = false;
        for (uint32_t h = 0; h < seen[i].success.len; h++)
            found |= weft_str_eq(seen[i].success.items[h].value,
                                 options->headers->items[0].value);
        assert_true(found);
    }
}

static void
calls_share_an_arena(void **state)
{
    (void)state;
    static const struct weft_dialect dialects[] = {
        {.framing = WEFT_TTHEADER},
#if WF_HTTP
        {.framing = WEFT_HTTP},
#endif
    };
    struct weft_header own = {WEFT_STR("shard"), WEFT_STR("seventh")};
    struct weft_headers headers = {&own, 1, 0};
    struct weft_call_options options = {.headers = &headers};
    house_open(&house, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        struct weft_client_options o = {.dialect = dialects[i]};
        struct weft_client *client;
        MUST(!weft_client_new(house.address, &o, &client));
        for (int k = 0; k < 20; k++)
            see_all(client, &options);
        weft_client_free(client);
    }
    house_close(&house);
}

/* ---- in a handler ---- */

static weft_err
begin_seen(struct weft_call *call, const struct trial_seen_next_args *args,
           struct trial_seen_next_result *result)
{
    static const struct trial_seen_args none;
    struct trial_seen_result seen[2];
    struct weft_pending pending[2];
    (void)args;
    /* the first call connects; so its request is made on another fiber */
    for (int i = 0; i < 2; i++) {
        trial_Trial_seen_begin(other.client, weft_call_arena(call), &none,
                               &seen[i], NULL, &pending[i]);
        MUST(!weft_await(&pending[i]));
    }
    MUST(seen[0].success.len == seen[1].success.len);
    result->success = seen[0].success;
    return WEFT_OK;
}

static _Atomic weft_err inner; /* of the call that the handler makes */

static weft_err
begin_gate(struct weft_call *call, const struct trial_relay_args *args,
           struct trial_relay_result *result)
{
    (void)args;
    struct trial_gate_args gate = {.number = 5};
    struct trial_gate_result reply;
    struct weft_pending pending;
    struct weft_call_options options = {.deadline_ns = WEFT_NEVER};
    trial_Trial_gate_begin(other.client, weft_call_arena(call), &gate, &reply,
                           &options, &pending);
    wf_store(&inner, weft_await(&pending), release);
    result->success = 0;
    return WEFT_OK;
}

/* The calls that a handler makes inherit the deadline of its own call, and
 * forward the headers of that call whose keys begin with WEFT_PERSIST. */
static void
calls_of_a_handler(void **state)
{
    (void)state;
    static const struct trial_Trial_service table = {.seen_next = begin_seen,
                                                     .relay = begin_gate};
    struct weft_client_options to_other = {
        .dialect = {.framing = WEFT_TTHEADER}};
    struct weft_header own[] = {
        {WEFT_STR(WEFT_PERSIST "user"), WEFT_STR("ada")}};
    struct weft_headers headers = {own, 1, 0};
    struct weft_call_options options = {.headers = &headers};
    struct trial_seen_next_args none = {0};
    struct trial_seen_next_result result;
    struct weft_client *client;
    house_open(&other, NULL, NULL, &to_other);
    house_open_with(&house, &table, NULL);
    MUST(!weft_client_new(house.address, &to_other, &client));
    assert_int_equal(
        trial_Trial_seen_next(client, &arena, &none, &result, &options),
        WEFT_OK);
    bool found = false;
    for (uint32_t i = 0; i < result.success.len; i++)
        found |= weft_str_eq(result.success.items[i].key, own[0].key) &&
                 weft_str_eq(result.success.items[i].value, own[0].value);
    assert_true(found);
    struct trial_relay_args relay = {.number = 1};
    struct trial_relay_result late;
    uint32_t n_relayed = 0;
    options = (struct weft_call_options){0};
    /* The gate stays shut: only the inherited deadline ends the inner call. A
     * late thread sends nothing. */
    while (wf_load(&inner, acquire) != WEFT_ETIMEOUT) {
        options.deadline_ns = weft_after_ms(20);
        n_relayed++;
        (void)trial_Trial_relay(client, &arena, &relay, &late, &options);
    }
    weft_client_free(client);
    weft_sem_give(&other.trial.gate, n_relayed);
    house_close(&house);
    house_close(&other);
}

/* ---- what cannot begin ---- */

static void
an_arena_without_room(void **state)
{
    (void)state;
    struct weft_arena small;
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result = {.which = 0};
    struct weft_call_info info = {.reach = WEFT_CALL_ANSWERED};
    struct weft_call_options options = {.info = &info};
    struct weft_pending pending;
    house_open(&house, NULL, NULL, NULL);
    must_work(&house);
    weft_arena_init(&small, 64);
    trial_Trial_gate_begin(house.client, &small, &args, &result, &options,
                           &pending);
    assert_int_equal(weft_await(&pending), WEFT_EBUDGET);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    assert_int_equal(info.reach, WEFT_CALL_NOT_SENT);
    assert_int_equal(weft_pending_cancel(&pending), WEFT_EBUDGET);
    assert_int_equal(weft_await_any(&pending, 1), -EINVAL);
    weft_arena_fini(&small);
    house_close(&house);
}

static void
a_client_that_is_freed(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    begin(p.client, 0);
    (void)take_request(&p);
    wf_client_close(p.client, WEFT_NEVER); /* as weft_client_free begins */
    assert_int_equal(weft_await_any(calls, 1), 0);
    assert_int_equal(weft_await(&calls[0]), WEFT_ECLOSED);
    begin(p.client, 1);
    assert_int_equal(weft_await(&calls[1]), WEFT_ECLOSED);
    peer_close(&p);
}

static struct weft_sem
    told; /* given when the log says what the free waits for */

static void
keep_line(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, "weft_client_free waits for 2 calls"))
        weft_sem_give(&told, 1);
}

/* Await the calls only when the log has said that the free waits for them. */
static void
await_told(void *unused)
{
    (void)unused;
    begin(peer.client, 0);
    begin(peer.client, 1);
    MUST(!weft_sem_take(&told));
    for (int i = 0; i < 2; i++)
        errs[i] = weft_await(&calls[i]);
}

/* weft_client_free waits for the calls of another task, and says so (row 93 of
 * docs/threats.md). */
static void
calls_of_another_task_are_waited_for(void **state)
{
    (void)state;
    weft_fiber fiber;
    peer_open(&peer, NULL);
    good_call(&peer, true);
    weft_log_set_sink(keep_line, NULL);
    MUST(!weft_fiber_start(await_told, NULL, &fiber));
    (void)take_request(&peer);
    (void)take_request(&peer);
    peer_close(&peer);
    MUST(!weft_fiber_join(fiber));
    weft_log_set_sink(NULL, NULL);
    assert_int_equal(errs[0], WEFT_ECLOSED);
    assert_int_equal(errs[1], WEFT_ECLOSED);
}

/* A task may free a client while calls that it has begun by another client are
 * in flight. The list of its calls loses the first, a middle and the last
 * one. */
static void
calls_of_another_client_go_on(void **state)
{
    (void)state;
    struct peer a, b;
    peer_open(&a, NULL);
    peer_open(&b, NULL);
    good_call(&a, true);
    good_call(&b, true);
    for (int i = 0; i < 5; i++)
        begin(i % 2 ? b.client : a.client, i);
    for (int i = 0; i < 5; i += 2) {
        peer_answer(&a, 100 + i);
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
    }
    peer_close(&a);
    for (int i = 1; i < 5; i += 2) {
        peer_answer(&b, 100 + i);
        assert_int_equal(weft_await(&calls[i]), WEFT_OK);
    }
    peer_close(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_test, end_test)
        TEST(many_calls_of_one_task),
        TEST(a_oneway_call),
        TEST(each_is_found_when_it_ends),
        TEST(the_choice_is_random),
        TEST(a_deadline_ends_its_call_only),
        TEST(one_call_is_cancelled),
        TEST(a_cancelled_fiber_ends_each_call),
        TEST(begin_does_not_wait_for_a_connection),
        TEST(a_late_connect_is_named),
        TEST(a_cancelled_fiber_stops_connecting),
        TEST(nobody_listens),
        TEST(an_idle_connection_has_ended),
        TEST(calls_share_an_arena),
        TEST(calls_of_a_handler),
        TEST(an_arena_without_room),
        TEST(a_client_that_is_freed),
        TEST(calls_of_another_task_are_waited_for),
        TEST(calls_of_another_client_go_on),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
