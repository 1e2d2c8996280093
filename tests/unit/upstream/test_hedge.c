/* SPDX-License-Identifier: MIT */
/* A call that has no answer in time is sent to a second server, too (row 114 of
 * docs/threats.md). */
#include "../rpc/peer.h"
#include "upstream/upstream.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

/* Two servers of plain sockets, and a client that is connected to both. */
static struct pair {
    struct peer peers[2];
    char addresses[2][64];
    struct weft_endpoint endpoints[2];
    struct weft_client *client;
} pair;

/* Returns which of two descriptors has something to read first. */
static int
first_of(int a, int b)
{
    struct pollfd fds[] = {{.fd = a, .events = POLLIN},
                           {.fd = b, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        MUST(errno == EINTR);
    return fds[0].revents ? 0 : 1;
}

/* Make a call that is not hedged, over a new connection to a server. There is
 * one worker, so the next server is in turn. */
static void
connect_one(void)
{
    struct caller caller = {.client = pair.client};
    caller_start(&caller);
    int i = first_of(pair.peers[0].listener, pair.peers[1].listener);
    peer_accept(&pair.peers[i], true);
    peer_answer(&pair.peers[i], 7);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_OK);
}

static void
open_pair(const struct weft_upstream_options *upstream)
{
    const struct weft_client_options options = {.upstream = upstream,
                                                .call_timeout_ms = LONG_MS};
    for (int i = 0; i < 2; i++) {
        struct peer *p = &pair.peers[i];
        *p = (struct peer){.fd = -1};
        p->listener = wire_listen(&p->port, 8);
        snprintf(pair.addresses[i], sizeof pair.addresses[i], "127.0.0.1:%u",
                 (unsigned)p->port);
        pair.endpoints[i] =
            (struct weft_endpoint){.address = pair.addresses[i]};
    }
    MUST(!weft_client_new("list:", &options, &pair.client));
    MUST(!weft_client_set_endpoints(pair.client, pair.endpoints, 2));
    connect_one();
}

static void
close_pair(void)
{
    weft_client_free(pair.client);
    for (int i = 0; i < 2; i++) {
        close(pair.peers[i].listener);
        if (pair.peers[i].fd >= 0)
            close(pair.peers[i].fd);
    }
}

static struct weft_client_stats
stats(void)
{
    struct weft_client_stats s;
    weft_client_get_stats(pair.client, &s);
    return s;
}

#define HEDGED(name)                                                  \
    struct weft_upstream_options name = {.balance = WEFT_ROUND_ROBIN, \
                                         .hedge_ms = 1}

/* ---- a call and its copy ---- */

/* The next call of the worker, or of a plain thread, begins at the first server
 * of the list. Returns which this is. */
static int
begin_at_first(bool is_worker)
{
    struct wf_upstream *up = wf_upstream_of(pair.client);
    const struct wf_snapshot *list = wf_load(&up->list, relaxed);
    wf_store(&up->parts[is_worker].turn, 1, relaxed);
    const char *address = wf_client_address(list->items[0].endpoint->client);
    return strcmp(address, pair.addresses[0]) != 0;
}

struct one {
    struct weft_arena arena;
    struct weft_call_info info;
    weft_fiber fiber;
    weft_err err;
    int64_t result;
    struct peer *first, *second; /* the servers of the call and of its copy */
    int32_t first_seq, second_seq;
};

static void
one_call(void *arg)
{
    struct one *one = arg;
    const struct weft_call_options options = {.idempotent = true,
                                              .info = &one->info};
    struct trial_gate_args args = {.number = 7};
    struct trial_gate_result result = {0};
    one->err =
        trial_Trial_gate(pair.client, &one->arena, &args, &result, &options);
    one->result = result.success;
}

/* Begin a call that both servers have received. */
static void
one_begin(struct one *one)
{
    int i = begin_at_first(true);
    *one = (struct one){.arena = WEFT_ARENA_INIT};
    MUST(!weft_fiber_start(one_call, one, &one->fiber));
    one->first = &pair.peers[i];
    one->second = &pair.peers[!i];
    one->first_seq = take_request(one->first);
    one->second_seq = take_request(one->second);
}

/* Wait for the end of the call, and compare its result; 0: the call fails. */
static void
one_join(struct one *one, weft_err err, int64_t result)
{
    MUST(!weft_fiber_join(one->fiber));
    assert_int_equal(one->err, err);
    assert_int_equal(one->result, result);
}

/* No field of `one` may be used after this. */
static void
one_end(struct one *one)
{
    weft_arena_fini(&one->arena);
    close_pair();
}

static void
one_answer(struct peer *p, int32_t seq, int64_t value)
{
    send_reply(p, WEFT_REPLY, "gate", seq, value);
}

static void
check_attempt(const struct one *one, int i, weft_err err,
              enum weft_call_reach reach)
{
    assert_int_equal(one->info.attempts.len, 2);
    assert_int_equal(one->info.attempts.items[i].err, err);
    assert_int_equal(one->info.attempts.items[i].reach, reach);
}

static void
check_hedges(uint64_t hedges, uint64_t won)
{
    assert_int_equal(stats().hedges, hedges);
    assert_int_equal(stats().hedges_won, won);
}

static void
open_hedged(void)
{
    HEDGED(upstream);
    open_pair(&upstream);
    connect_one();
}

/* The late reply of the first server is nothing to report. */
static void
the_copy_may_win(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    one_answer(one.second, one.second_seq, 8);
    one_join(&one, WEFT_OK, 8);
    assert_int_equal(one.info.reach, WEFT_CALL_ANSWERED);
    check_attempt(&one, 0, WEFT_ECANCEL, WEFT_CALL_MAYBE_HANDLED);
    check_attempt(&one, 1, WEFT_OK, WEFT_CALL_ANSWERED);
    check_hedges(1, 1);
    one_answer(one.first, one.first_seq, 7);
    for (int i = 0; i < 2; i++) { /* one of these follows the late reply */
        struct caller next = {.client = pair.client};
        caller_start(&next);
        peer_answer(&pair.peers[first_of(pair.peers[0].fd, pair.peers[1].fd)],
                    9);
        caller_join(&next);
        assert_int_equal(next.result, 9);
    }
    assert_int_equal(stats().strays, 0);
    one_end(&one);
}

static void
the_first_server_may_win(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    one_answer(one.first, one.first_seq, 7);
    one_join(&one, WEFT_OK, 7);
    check_attempt(&one, 0, WEFT_OK, WEFT_CALL_ANSWERED);
    check_attempt(&one, 1, WEFT_ECANCEL, WEFT_CALL_MAYBE_HANDLED);
    check_hedges(1, 0);
    one_end(&one);
}

static void
a_broken_copy_leaves_the_call(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    wire_reset(one.second->fd);
    one.second->fd = -1;
    AWAIT(stats().broken == 1);
    one_answer(one.first, one.first_seq, 7);
    one_join(&one, WEFT_OK, 7);
    check_attempt(&one, 0, WEFT_OK, WEFT_CALL_ANSWERED);
    one_end(&one);
}

static void
a_broken_call_leaves_the_copy(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    wire_reset(one.first->fd);
    one.first->fd = -1;
    AWAIT(stats().broken == 1);
    one_answer(one.second, one.second_seq, 8);
    one_join(&one, WEFT_OK, 8);
    check_attempt(&one, 0, WEFT_EBROKEN, WEFT_CALL_MAYBE_HANDLED);
    check_attempt(&one, 1, WEFT_OK, WEFT_CALL_ANSWERED);
    check_hedges(1, 1);
    one_end(&one);
}

/* One server refuses the call: the answer of the other one counts. */
static void
a_refused_copy_leaves_the_call(void **state)
{
    (void)state;
    struct one one;
    static const char text[] = "WEFT_EOVERLOAD: busy";
    struct bytes b = {0};
    open_hedged();
    one_begin(&one);
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_EXCEPTION, "gate", one.second_seq);
    put8(&b, WEFT_STRING);
    put16(&b, 1);
    put32(&b, sizeof text - 1);
    for (size_t i = 0; i < sizeof text - 1; i++)
        put8(&b, (uint8_t)text[i]);
    put8(&b, WEFT_I32);
    put16(&b, 2);
    put32(&b, 0);
    put8(&b, 0);
    frame_end(&b, from);
    MUST(wire_send(one.second->fd, b.ptr, b.len));
    bytes_free(&b);
    one_answer(one.first, one.first_seq, 7);
    one_join(&one, WEFT_OK, 7);
    check_hedges(1, 0);
    one_end(&one);
}

static void
a_cancel_ends_both(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    weft_fiber_cancel(one.fiber);
    one_join(&one, WEFT_ECANCEL, 0);
    check_attempt(&one, 0, WEFT_ECANCEL, WEFT_CALL_MAYBE_HANDLED);
    check_attempt(&one, 1, WEFT_ECANCEL, WEFT_CALL_MAYBE_HANDLED);
    one_end(&one);
}

static void
a_free_ends_both(void **state)
{
    (void)state;
    struct one one;
    open_hedged();
    one_begin(&one);
    weft_client_free(pair.client);
    pair.client = NULL;
    one_join(&one, WEFT_ECLOSED, 0);
    assert_int_equal(one.info.attempts.len, 2);
    one_end(&one);
}

/* Answers a call at its second server. */
static void *
answer_second(void *arg)
{
    int i = *(const int *)arg;
    (void)take_request(&pair.peers[i]);
    peer_answer(&pair.peers[!i], 8);
    return NULL;
}

static weft_err
call_or_begin(bool begun, struct weft_arena *arena)
{
    const struct weft_call_options options = {.idempotent = true};
    struct trial_gate_args args = {.number = 7};
    struct trial_gate_result result;
    struct weft_pending pending;
    weft_err err;
    if (begun) {
        trial_Trial_gate_begin(pair.client, arena, &args, &result, &options,
                               &pending);
        err = weft_await(&pending);
    } else {
        err = trial_Trial_gate(pair.client, arena, &args, &result, &options);
    }
    assert_int_equal(result.success, 8);
    return err;
}

static void
a_plain_thread_hedges_too(void **state)
{
    (void)state;
    for (int begun = 0; begun < 2; begun++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        pthread_t thread;
        open_hedged();
        int first = begin_at_first(false);
        MUST(!pthread_create(&thread, NULL, answer_second, &first));
        assert_int_equal(call_or_begin(begun, &arena), WEFT_OK);
        MUST(!pthread_join(thread, NULL));
        weft_arena_fini(&arena);
        check_hedges(1, 1);
        close_pair();
    }
}

/* ---- calls that are not hedged ---- */

/* Make a call, and answer it only long after the time of a hedge. Its server is
 * the only one that receives it. */
static void
no_hedge_follows(struct weft_call_options options)
{
    struct caller caller = {.client = pair.client, .options = options};
    caller_start(&caller);
    int i = 0;
    if (pair.peers[0].fd < 0 || pair.peers[1].fd < 0)
        i = pair.peers[0].fd < 0;
    else
        i = first_of(pair.peers[0].fd, pair.peers[1].fd);
    int32_t seq = take_request(&pair.peers[i]);
    uint64_t long_enough = weft_after_ms(10);
    AWAIT(weft_now_ns() > long_enough);
    one_answer(&pair.peers[i], seq, 7);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_OK);
    check_hedges(0, 0);
    close_pair();
}

static void
only_an_idempotent_call_is_hedged(void **state)
{
    (void)state;
    open_hedged();
    no_hedge_follows((struct weft_call_options){0});
}

static void
no_call_is_hedged_without_the_option(void **state)
{
    (void)state;
    struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN};
    const struct weft_call_options idempotent = {.idempotent = true};
    for (int i = 0; i < 2; i++) {
        open_pair(&upstream);
        connect_one();
        no_hedge_follows(idempotent);
        upstream.hedge_ms = WEFT_NONE;
    }
}

static void
one_attempt_is_not_hedged(void **state)
{
    (void)state;
    HEDGED(upstream);
    upstream.max_attempts = 1;
    open_pair(&upstream);
    connect_one();
    no_hedge_follows((struct weft_call_options){.idempotent = true});
}

/* ---- the choice and the budget, without requests ---- */

static struct wf_attempt
attempt_of(struct weft_arena *arena)
{
    return (struct wf_attempt){.arena = arena,
                               .deadline_ns = WEFT_NEVER,
                               .begun_ns = wf_sys_now_ns(),
                               .is_idempotent = true};
}

/* Begin an attempt, and a copy of it if there may be one; then end both as if
 * they were cancelled. Returns whether there was a copy. */
static bool
try_hedge(struct wf_attempt *a)
{
    struct wf_upstream *up = wf_upstream_of(pair.client);
    struct wf_attempt copy;
    struct weft_client *one, *other;
    a->plan = &up->plan;
    MUST(!wf_upstream_begin(up, a, &one));
    bool is_due = a->hedge_ns > 0;
    if (is_due)
        assert_int_equal(a->hedge_ns, a->begun_ns + 1000000);
    bool begun = is_due && wf_upstream_hedge(up, a, &copy, &other);
    if (begun) {
        assert_ptr_not_equal(one, other);
        assert_true(wf_client_is_connected(other));
        assert_int_equal(copy.n_sent, a->n_sent + 1);
        copy.err = WEFT_ECANCEL;
        copy.reach = WEFT_CALL_MAYBE_HANDLED;
        assert_false(wf_upstream_end(up, &copy));
    }
    a->err = WEFT_ECANCEL;
    a->reach = WEFT_CALL_MAYBE_HANDLED;
    assert_false(wf_upstream_end(up, a));
    return begun;
}

static void
a_retry_of_another_hop_is_not_hedged(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_attempt a = attempt_of(&arena), b = a;
    open_hedged();
    assert_true(try_hedge(&a));
    b.is_for_retry = true;
    assert_false(try_hedge(&b));
    weft_arena_fini(&arena);
    close_pair();
}

static void
no_hedge_comes_after_the_deadline(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_attempt a = attempt_of(&arena), b = a;
    open_hedged();
    a.deadline_ns = a.begun_ns + 1000000;
    assert_false(try_hedge(&a));
    b.deadline_ns = b.begun_ns + 1000001;
    assert_true(try_hedge(&b));
    weft_arena_fini(&arena);
    close_pair();
}

/* Only an attempt that begins at the other server finds a connected one for its
 * copy (see try_hedge). */
static void
a_copy_makes_no_connection(void **state)
{
    (void)state;
    HEDGED(upstream);
    bool begun[2] = {false, false};
    open_pair(&upstream);
    while (!begun[0] || !begun[1]) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct wf_attempt a = attempt_of(&arena);
        begun[try_hedge(&a)] = true;
        weft_arena_fini(&arena);
    }
    close_pair();
}

static void
one_server_has_no_second(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_attempt a = attempt_of(&arena);
    open_hedged();
    MUST(!weft_client_set_endpoints(pair.client, pair.endpoints, 1));
    assert_false(try_hedge(&a));
    weft_arena_fini(&arena);
    close_pair();
}

/* Each call earns a tenth of a copy. */
static void
the_budget_pays_for_copies(void **state)
{
    enum { CALLS = 1000 };
    (void)state;
    uint64_t n = 0, begun = weft_now_ns();
    open_hedged();
    for (int i = 0; i < CALLS; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct wf_attempt a = attempt_of(&arena);
        n += try_hedge(&a);
        weft_arena_fini(&arena);
    }
    uint64_t periods = weft_now_ns() / 10000000000u - begun / 10000000000u;
    assert_in_range(n, CALLS / 20, CALLS / 10 + 10 * (periods + 1));
    check_hedges(n, 0);
    close_pair();
}

/* ---- the measured delay ---- */

static void
the_p95_may_be_the_delay(void **state)
{
    (void)state;
    struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                             .hedge_ms = WEFT_HEDGE_P95};
    struct one one;
    open_pair(&upstream);
    connect_one();
    struct wf_upstream *up = wf_upstream_of(pair.client);
    uint64_t now = wf_sys_now_ns();
    for (uint32_t i = 0; i < wf_parts_count(); i++)
        for (int k = 0; k < 100; k++)
            wf_latency_note(&up->latencies[i], 1000000,
                            now + (k < 99 ? 1 : 2) *
                                      (uint64_t)WF_LATENCY_HALF_NS);
    one_begin(&one); /* the copy is sent */
    one_answer(one.second, one.second_seq, 8);
    one_join(&one, WEFT_OK, 8);
    check_hedges(1, 1);
    one_end(&one);
}

/* ---- the result ---- */

/* One server never answers, so the copy of the call, which goes to the other
 * server, wins. A string of its reply lives as long as the arena of the
 * call. */
static void
the_arena_owns_the_result_of_the_copy(void **state)
{
    (void)state;
    HEDGED(upstream);
    struct house house;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct trial_echo_args args;
    struct trial_echo_result result;
    const struct weft_call_options options = {.idempotent = true};
    static char text[100000];
    upstream.slow_start_ms = WEFT_NONE;
    house_open(&house, NULL, NULL, NULL);
    open_pair(&upstream);
    pair.endpoints[1].address = house.address;
    memset(text, 'x', sizeof text);
    trial_echo_args_init(&args);
    args.item.text = (struct weft_str){text, sizeof text};
    for (uint32_t n = 1; stats().hedges_won == 0; n = 2) {
        MUST(
            !weft_client_set_endpoints(pair.client, &pair.endpoints[2 - n], n));
        assert_int_equal(
            trial_Trial_echo(pair.client, &arena, &args, &result, &options),
            WEFT_OK);
    }
    close_pair();
    assert_true(weft_str_eq(result.success.text, args.item.text));
    weft_arena_fini(&arena);
    house_close(&house);
}

/* Over HTTP the reader of a call writes to the arena of the call, and the task
 * uses the answer of the copy meanwhile. TSan looks on. */
static void
replies_of_both_may_come_together(void **state)
{
    enum { CALLS = 100 };
    (void)state;
    HEDGED(upstream);
    const struct weft_client_options options = {.dialect.framing = WEFT_HTTP,
                                                .upstream = &upstream};
    const struct weft_call_options idempotent = {.idempotent = true};
    struct house houses[2];
    struct weft_endpoint list[2];
    for (int i = 0; i < 2; i++) {
        house_open(&houses[i], NULL, NULL, NULL);
        list[i] = (struct weft_endpoint){.address = houses[i].address};
    }
    MUST(!weft_client_new("list:", &options, &pair.client));
    MUST(!weft_client_set_endpoints(pair.client, list, 2));
    for (int i = 0; i < CALLS || stats().hedges == 0; i++) {
        int64_t result;
        assert_int_equal(call_slow(pair.client, i, 2, &idempotent, &result),
                         WEFT_OK);
        assert_int_equal(result, i);
    }
    assert_int_equal(stats().strays, 0);
    weft_client_free(pair.client);
    for (int i = 0; i < 2; i++)
        house_close(&houses[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_copy_may_win),
        cmocka_unit_test(the_first_server_may_win),
        cmocka_unit_test(a_broken_copy_leaves_the_call),
        cmocka_unit_test(a_broken_call_leaves_the_copy),
        cmocka_unit_test(a_refused_copy_leaves_the_call),
        cmocka_unit_test(a_cancel_ends_both),
        cmocka_unit_test(a_free_ends_both),
        cmocka_unit_test(a_plain_thread_hedges_too),
        cmocka_unit_test(only_an_idempotent_call_is_hedged),
        cmocka_unit_test(no_call_is_hedged_without_the_option),
        cmocka_unit_test(one_attempt_is_not_hedged),
        cmocka_unit_test(a_retry_of_another_hop_is_not_hedged),
        cmocka_unit_test(no_hedge_comes_after_the_deadline),
        cmocka_unit_test(a_copy_makes_no_connection),
        cmocka_unit_test(one_server_has_no_second),
        cmocka_unit_test(the_budget_pays_for_copies),
        cmocka_unit_test(the_p95_may_be_the_delay),
        cmocka_unit_test(the_arena_owns_the_result_of_the_copy),
        cmocka_unit_test(replies_of_both_may_come_together),
    };
    return cmocka_run_group_tests(tests, start_one_worker, stop_workers);
}
