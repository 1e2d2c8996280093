/* SPDX-License-Identifier: MIT */
/*
 * The promises of rpc.h to handlers and their callers. Local calls end in time,
 * with their own results. The calls of a handler inherit its deadline. Limits
 * of calls, connections and memory hold, and what they count is given back. A
 * handler cannot stop its own server, and a cancel does not end a stop.
 */
#include "ledger_answers.h"

#include "fibers.h"
#include "frames.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include "base/base.h"

#include <errno.h>
#include <string.h>

#define CALLERS 8
#define CALLS 12
#define LIMIT_MS 40  /* of a handler, or of idleness, in some parts */
#define MOST_CALLS 3 /* of all connections, at once */
#define MOST_CONNS 2
#define MEMORY 60000 /* of one call */
#define POOL 150000  /* of all calls */
#define PAD 20000    /* bytes that a peer adds to a call */
#define N_NOTES 60

static enum part {
    LOCAL,   /* calls without a connection */
    NESTED,  /* handlers call another server */
    MANY,    /* more calls at once than the server takes */
    QUICK,   /* many calls arrive together, and few run at once */
    CROWD,   /* more connections than the server takes */
    LARGE,   /* much memory for each call */
    IDLE,    /* calls take longer than a connection may be idle */
    BYTES,   /* a peer sends bytes that are no calls, or much more than calls */
    NOTES,   /* oneway calls over HTTP, and the end of their client */
    STOPPED, /* a handler and a cancelled fiber stop the server */
    PARTS,
} part;

static struct weft_server *server;
static struct weft_client *far; /* of the server's host, to the other server */
static int running;
static bool stopping, stopped;

/* ---- handlers ---- */

/* Call the other server, which takes longer than this handler may. */
static weft_err
call_on(struct weft_call *call)
{
    struct ledger_slow_args args = {.number = 1, .ms = 1000};
    struct ledger_slow_result result = {0};
    uint64_t deadline = weft_call_deadline(call);
    weft_err err =
        ledger_Ledger_slow(far, weft_call_arena(call), &args, &result, NULL);
    WEFT_SIM_CHECK(err == WEFT_ETIMEOUT && weft_now_ns() < deadline + SLACK_NS);
    return err;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    result->success = args->number;
    if (part == NESTED && args->ms < 1000)
        return call_on(call);
    if (part == STOPPED) {
        WEFT_SIM_CHECK(weft_server_stop_until(server, weft_after_ms(100)) ==
                       -EDEADLK);
        running++;
    }
    if (part == MANY)
        WEFT_SIM_CHECK(++running <= MOST_CALLS);
    if (below(2))
        weft_fiber_yield();
    weft_err err = args->ms > 0 ? weft_sleep_ms(args->ms) : WEFT_OK;
    running -= part == MANY || part == STOPPED;
    return err;
}

static void
finish_later(void *arg)
{
    (void)weft_sleep_ms((int64_t)below(20));
    weft_call_finish(arg, WEFT_OK);
}

static weft_err
later(struct weft_call *call, const struct ledger_later_args *args,
      struct ledger_later_result *result)
{
    result->success = args->number;
    weft_call_detach(call);
    (void)start(finish_later, call);
    return WEFT_OK;
}

/* Take memory in pieces until there is none. */
static size_t
use_up(struct weft_arena *arena)
{
    size_t sum = 0, n;
    while (sum < 2 * MEMORY) {
        n = 1 + below(below(2) ? 200 : 30000);
        uint8_t *piece = weft_arena_alloc(arena, n);
        if (!piece)
            break;
        memset(piece, 'x', n);
        sum += n;
    }
    return sum;
}

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    struct weft_arena *arena = weft_call_arena(call);
    char *bytes = weft_arena_alloc(arena, (size_t)args->size);
    if (!bytes)
        return WEFT_EBUDGET;
    memset(bytes, 'x', (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    (void)weft_sleep_ms((int64_t)below(4));
    if (part == LARGE && below(2))
        WEFT_SIM_CHECK(use_up(arena) + (size_t)args->size <= MEMORY);
    return WEFT_OK;
}

static int notes;

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    (void)args;
    notes++;
    return WEFT_OK;
}

/* ---- the server ---- */

static void
stop_cancelled(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_server_stop(server));
    WEFT_SIM_CHECK(running == 0);
    stopped = true;
}

static void
stop(void)
{
    if (part != STOPPED) {
        weft_sim_wait_for_others();
        WEFT_SIM_CHECK(!weft_server_stop(server));
        return;
    }
    while (!stopping)
        (void)weft_sleep_ms(1);
    weft_fiber fiber = start(stop_cancelled, NULL);
    (void)weft_sleep_ms((int64_t)below(5));
    weft_fiber_cancel(fiber);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

static void call_locally(void *arg);

static void
call_all_locally(void)
{
    weft_fiber fibers[CALLERS];
    start_all(call_locally, NULL, fibers, CALLERS);
    call_locally(NULL); /* on a plain thread */
    join_all(fibers, CALLERS);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number,
                                                       .slow = slow,
                                                       .later = later,
                                                       .large = large,
                                                       .note = note};
    const struct weft_server_options limits = {
        .limits.memory = part == LARGE ? MEMORY : 0,
        .max_memory = part == LARGE || part == BYTES ? POOL : 0,
        .idle_timeout_ms = part == IDLE ? LIMIT_MS : 0,
        .read_timeout_ms = part == IDLE || part == BYTES ? LIMIT_MS : 0,
        .max_calls = part == MANY || part == QUICK ? MOST_CALLS : 0,
        .max_connections = part == CROWD ? MOST_CONNS : 0,
        .max_calls_per_connection = part == IDLE ? 2 : 0,
        .call_timeout_ms = part == NESTED && !arg ? LIMIT_MS : 0};
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)below(part == QUICK ? 2 : 3)};
    struct weft_server *own;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(&limits, &own));
    WEFT_SIM_CHECK(!ledger_Ledger_register(own, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(own, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(own));
    if (arg) {
        weft_sim_wait_for_others();
        WEFT_SIM_CHECK(!weft_server_stop(own));
    } else {
        server = own;
        WEFT_SIM_CHECK(!weft_client_new("other:9090", NULL, &far));
        if (part == LOCAL)
            call_all_locally();
        stop();
        weft_client_free(far);
    }
    weft_server_free(own);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- local calls ---- */

static weft_err
ask_locally(struct weft_arena *arena, int64_t number, uint64_t deadline_ns)
{
    const struct weft_call_options options = {.deadline_ns = deadline_ns};
    struct ledger_slow_args slow = {.number = number,
                                    .ms = (int32_t)below(below(4) ? 10 : 300)};
    struct ledger_later_args later = {.number = number};
    struct ledger_slow_result slow_result = {0};
    struct ledger_later_result later_result = {0};
    bool detaches = below(2);
    weft_err err = detaches
                       ? weft_server_call(server, &ledger_later_method, arena,
                                          &later, &later_result, &options)
                       : weft_server_call(server, &ledger_slow_method, arena,
                                          &slow, &slow_result, &options);
    int64_t got = detaches ? later_result.success : slow_result.success;
    WEFT_SIM_CHECK(err || got == number);
    return err;
}

static void
call_locally(void *arg)
{
    struct weft_arena arena; /* of all calls, and reset after each */
    (void)arg;
    weft_arena_init(&arena, 0);
    for (int i = 0; i < CALLS; i++) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        if (ended_well(ask_locally(&arena, i, deadline), deadline))
            WEFT_SIM_CHECK(deadline == WEFT_NEVER ||
                           weft_now_ns() < deadline + SLACK_NS);
        char *more =
            weft_arena_alloc(&arena, 1 + below(below(2) ? 100 : 50000));
        if (more)
            *more = 'x';
        weft_arena_reset(&arena);
        rest();
    }
    weft_arena_fini(&arena);
    /* Handlers of calls that were given up use the server meanwhile. */
    (void)weft_sleep_ms(400);
}

/* ---- the client ---- */

static weft_err
ask_run(struct weft_client *client)
{
    struct ledger_run_args args = {.number = 7};
    struct ledger_run_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(err || result.success == 7);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
ask_slow(struct weft_client *client, int32_t ms)
{
    struct ledger_slow_args args = {.number = 7, .ms = ms};
    struct ledger_slow_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(err || result.success == 7);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
ask_large(struct weft_client *client, int32_t size)
{
    struct ledger_large_args args = {.number = 7, .size = size};
    struct ledger_large_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_large(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(err || result.success.len == (uint32_t)size);
    weft_arena_fini(&arena);
    return err;
}

static void
call_nested(void *arg)
{
    for (int i = 0; i < 3; i++)
        WEFT_SIM_CHECK(ask_slow(arg, 1) != WEFT_OK);
}

static int refused;

static void
call_slow(void *arg)
{
    for (int i = 0; i < CALLS; i++) {
        weft_err err = ask_slow(arg, (int32_t)below(8));
        WEFT_SIM_CHECK(!err || err == WEFT_EOVERLOAD - WEFT_PEER);
        refused += err != WEFT_OK;
        rest();
    }
}

/* Calls of one batch run one after the other. */
static void
call_quick(void *arg)
{
    for (int i = 0; i < CALLS; i++)
        WEFT_SIM_CHECK(!ask_run(arg));
}

static void
call_large(void *arg)
{
    for (int i = 0; i < CALLS; i++) {
        weft_err err = ask_large(arg, 1 + (int32_t)below(MEMORY / 2));
        WEFT_SIM_CHECK(!err || err == WEFT_EOVERLOAD - WEFT_PEER ||
                       err == WEFT_EBUDGET - WEFT_PEER);
    }
}

/* A connection is not idle while a call is in flight, and its peer is not slow
 * while whole messages come. */
static void
call_for_long(void *arg)
{
    for (int i = 0; i < 3; i++)
        WEFT_SIM_CHECK(!ask_slow(arg, 3 * LIMIT_MS + (int32_t)below(LIMIT_MS)));
}

/* ---- bytes ---- */

static struct weft_conn *
send_raw(const uint8_t *bytes, size_t n)
{
    struct weft_conn *conn = NULL;
    WEFT_SIM_CHECK(
        !weft_dial_until("server:9090", NULL, weft_after_ms(2000), &conn));
    WEFT_SIM_CHECK(!weft_conn_write(conn, bytes, n) && !weft_conn_flush(conn));
    return conn;
}

/* The frame has no message. The server ends the connection. */
static void
send_nonsense(void)
{
    uint8_t frame[64] = {0, 0, 0, 60};
    memset(frame + 4, 0xa5, 60);
    struct weft_conn *conn = send_raw(frame, sizeof frame);
    weft_err err = weft_conn_wait_until(conn, 100000, weft_after_ms(1000));
    WEFT_SIM_CHECK(err && err != WEFT_ETIMEOUT);
    weft_conn_close(conn);
}

/* Begin a request, and never complete it. */
static void
send_half(void)
{
    uint8_t frame[FRAME_MAX];
    size_t n = put_frame(frame, "slow", 1, 1);
    struct weft_conn *conn = send_raw(frame, n - 1 - below(n / 2));
    uint64_t begun = weft_now_ns();
    weft_err err = weft_conn_wait_until(conn, 1, weft_after_ms(1000));
    WEFT_SIM_CHECK(err && err != WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(weft_now_ns() - begun < LIMIT_MS * MS + SLACK_NS);
    weft_conn_close(conn);
}

/* Whole requests, and a part of the next one with each. */
static void
send_overlapping(void)
{
    uint8_t frames[2 * FRAME_MAX];
    const uint8_t *bytes;
    size_t n = put_frame(frames, "slow", 1, 0), at = 0;
    memcpy(frames + n, frames, n);
    struct weft_conn *conn = send_raw(frames, 0);
    for (int i = 0; i < 12; i++) {
        size_t more = i == 11 ? n - at : n;
        WEFT_SIM_CHECK(!weft_conn_write(conn, frames + at, more));
        WEFT_SIM_CHECK(!weft_conn_flush(conn));
        at = (at + more) % n;
        if (i == 0) { /* from now on each write ends within a request */
            WEFT_SIM_CHECK(!weft_conn_write(conn, frames, n / 2));
            WEFT_SIM_CHECK(!weft_conn_flush(conn));
            at = n / 2;
        }
        (void)weft_sleep_ms(LIMIT_MS / 4);
    }
    WEFT_SIM_CHECK(!weft_conn_next_until(conn, 1, weft_after_ms(1000), &bytes));
    WEFT_SIM_CHECK(weft_conn_wait_until(conn, 100000, weft_now_ns()) ==
                   WEFT_ETIMEOUT);
    weft_conn_close(conn);
}

/* A request that comes in two parts is whole, and its handler takes longer than
 * the peer may. */
static void
send_in_parts(void)
{
    uint8_t frame[FRAME_MAX];
    const uint8_t *bytes;
    size_t n = put_frame(frame, "slow", 1, 3 * LIMIT_MS), half = n / 2;
    struct weft_conn *conn = send_raw(frame, half);
    (void)weft_sleep_ms(LIMIT_MS / 4);
    WEFT_SIM_CHECK(!weft_conn_write(conn, frame + half, n - half) &&
                   !weft_conn_flush(conn));
    WEFT_SIM_CHECK(!weft_conn_next_until(conn, 4, weft_after_ms(1000), &bytes));
    weft_conn_close(conn);
}

/* While the server does not read, its peer is not slow. */
static void
send_too_fast(void)
{
    uint8_t frames[5 * FRAME_MAX];
    const uint8_t *bytes;
    size_t n = 0, one = 0;
    for (uint32_t i = 0; i < 5; i++)
        n += one = put_frame(frames + n, "slow", i, 2 * LIMIT_MS);
    struct weft_conn *conn = send_raw(frames, n - one / 2);
    (void)weft_sleep_ms(3 * LIMIT_MS);
    WEFT_SIM_CHECK(!weft_conn_write(conn, frames + n - one / 2, one / 2) &&
                   !weft_conn_flush(conn));
    for (int i = 0; i < 5; i++) {
        weft_err err =
            weft_conn_next_until(conn, 4, weft_after_ms(1000), &bytes);
        if (!err)
            err = weft_conn_skip(conn, (size_t)bytes[2] << 8 | bytes[3]);
        WEFT_SIM_CHECK(!err);
    }
    weft_conn_close(conn);
}

/* A call with an unknown field, which makes its message large. */
static void
send_padded(struct weft_conn *conn, uint32_t seq)
{
    static uint8_t frame[FRAME_MAX + PAD];
    const uint8_t *bytes;
    size_t n = put_frame(frame, "slow", seq, 0), stop = n - 1;
    put_be(frame, n - 4 + 7 + PAD, 4);
    put_be(frame + stop, 0x0b0009, 3); /* the field 9, a string */
    put_be(frame + stop + 3, PAD, 4);
    memset(frame + stop + 7, 'p', PAD);
    frame[stop + 7 + PAD] = 0;
    WEFT_SIM_CHECK(!weft_conn_write(conn, frame, n + 7 + PAD));
    WEFT_SIM_CHECK(!weft_conn_flush(conn));
    WEFT_SIM_CHECK(!weft_conn_next_until(conn, 8, weft_after_ms(2000), &bytes));
    WEFT_SIM_CHECK(bytes[7] == 2); /* a reply, and no exception */
    size_t rest_of = ((size_t)bytes[2] << 8 | bytes[3]) - 4;
    WEFT_SIM_CHECK(!weft_conn_skip(conn, rest_of));
    weft_conn_release(conn);
}

static void
send_bytes(void)
{
    send_nonsense();
    send_half();
    struct weft_conn *conn = send_raw(NULL, 0);
    for (uint32_t i = 0; i < 12; i++)
        send_padded(conn, i);
    weft_conn_close(conn);
}

/* ---- oneway calls over HTTP ---- */

static weft_err
send_note(struct weft_client *client)
{
    struct ledger_note_args args = {.number = 1};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_note(client, &arena, &args, NULL);
    weft_arena_fini(&arena);
    return err;
}

static void
call_later(void *arg)
{
    for (int64_t i = 0; i < CALLS; i++) {
        struct ledger_later_args args = {.number = i};
        struct ledger_later_result result = {0};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err = ledger_Ledger_later(arg, &arena, &args, &result, NULL);
        WEFT_SIM_CHECK(!err && result.success == i);
        weft_arena_fini(&arena);
    }
}

/* Responses have the order of their requests, whatever the handlers do. */
static void
call_over_http(void)
{
    const struct weft_client_options options = {.dialect.framing = WEFT_HTTP};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    start_all(call_later, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    weft_client_free(client);
}

/* Each note that was sent is handled, although the client is freed at once. A
 * note that the full queue refuses spoils no other call. */
static void
send_notes(void)
{
    const struct weft_client_options options = {
        .dialect.framing = WEFT_HTTP, .max_queued = below(2) ? 2000 : 0};
    struct weft_client *client;
    int sent = 0;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    WEFT_SIM_CHECK(!ask_run(client));
    for (int i = 0; i < N_NOTES; i++) {
        sent += !send_note(client);
        rest();
    }
    if (below(2)) {
        (void)weft_sleep_ms(below(2) ? 100 : 0);
        weft_err err = ask_run(client);
        WEFT_SIM_CHECK(!err || err == WEFT_EOVERCROWDED);
    }
    uint64_t begun = weft_now_ns();
    weft_client_free(client);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 400 * MS);
    (void)weft_sleep_ms(100);
    if (notes != sent)
        weft_sim_fail("%d of %d notes were handled", notes, sent);
}

static void
call_until_stopped(void *arg)
{
    weft_err err = ask_slow(arg, 30 + (int32_t)below(30));
    WEFT_SIM_CHECK(!err || stopping);
}

/* This peer reads no replies. The stop does not wait for it for ever. */
static struct weft_conn *
ask_and_not_read(void)
{
    uint8_t frames[32 * FRAME_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < 32; i++)
        n += put_frame(frames + n, "large", i, 30000);
    return send_raw(frames, n);
}

static void
call_with(void (*fn)(void *arg), struct weft_client *client)
{
    weft_fiber fibers[CALLERS];
    start_all(fn, client, fibers, CALLERS);
    if (part == STOPPED) {
        struct weft_conn *lazy = below(2) ? ask_and_not_read() : NULL;
        (void)weft_sleep_ms(10);
        stopping = true;
        while (lazy && !stopped)
            (void)weft_sleep_ms(10);
        if (lazy)
            weft_conn_close(lazy);
    }
    join_all(fibers, CALLERS);
}

static int answered;

static void
call_once(void *arg)
{
    weft_err err = ask_slow(arg, 20);
    WEFT_SIM_CHECK(!err || err == WEFT_ETOOMANYCALLS);
    answered += !err;
}

/* A client takes no more calls at once than its limit. */
static void
crowd_client(void)
{
    const struct weft_client_options options = {.max_calls = 2};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    WEFT_SIM_CHECK(!ask_run(client));
    start_all(call_once, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    WEFT_SIM_CHECK(answered == 2);
    weft_client_free(client);
    (void)weft_sleep_ms(20);
}

/* Each client has a connection of its own. */
static void
crowd(void)
{
    struct weft_client *clients[MOST_CONNS + 2];
    crowd_client();
    for (int i = 0; i < MOST_CONNS + 2; i++) {
        WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &clients[i]));
        weft_err err = ask_run(clients[i]);
        if (i < MOST_CONNS)
            WEFT_SIM_CHECK(!err);
        else
            WEFT_SIM_CHECK(err == WEFT_ETOOMANYCONNS - WEFT_PEER);
    }
    for (int i = 0; i < MOST_CONNS + 2; i++)
        weft_client_free(clients[i]);
}

static void
be_client(void *arg)
{
    static void (*const callers[PARTS])(void *) = {
        [NESTED] = call_nested, [MANY] = call_slow,
        [QUICK] = call_quick,   [IDLE] = call_for_long,
        [LARGE] = call_large,   [STOPPED] = call_until_stopped};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_client *client;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    (void)weft_sleep_ms(10); /* by then the servers listen */
    if (callers[part])
        call_with(callers[part], client);
    if (part == CROWD)
        crowd();
    if (part == BYTES)
        send_bytes();
    if (part == NOTES) {
        send_notes();
        call_over_http();
    }
    if (part == IDLE) {
        send_overlapping();
        send_too_fast();
        send_in_parts();
    }
    if (part == LARGE) { /* all memory has been given back */
        (void)weft_sleep_ms(10);
        for (int i = 0; i < 3; i++)
            WEFT_SIM_CHECK(!ask_large(client, MEMORY / 2));
    }
    if (part == MANY) {
        (void)weft_sleep_ms(10);
        WEFT_SIM_CHECK(!ask_slow(client, 1));
    }
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("other", serve, "other");
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "serves",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
